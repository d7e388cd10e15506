//! A scenario from TOML or JSON text.

use std::ops::Range;

use crate::json;
use crate::json::locate::{Path, found_and_expected, position_at, read_raw, value_at};
use crate::json::{Fault, Position, ReadError};
use crate::scenario::ScenarioError;
use crate::scenario::locate::span_of;
use crate::scenario::raw::RawScenario;

/// A scenario as it was read; names and sizes mean something only beside a pool.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(crate) raw: RawScenario,
    text: String,
    notation: Notation,
}

/// How a scenario is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Toml,
    Json,
}

/// Reads a scenario: JSON if the text starts with `{`, else TOML.
///
/// # Errors
/// [`ScenarioError`] with the place of what is wrong.
///
/// # Example
/// ```
/// let scenario = extentplan::scenario::read("fail = ['/dev/sdb']")?;
/// assert!(!scenario.grows());
/// let error = extentplan::scenario::read("fails = ['/dev/sdb']").unwrap_err();
/// assert!(error.to_string().starts_with("line 1, column 1: `fails`: unknown field `fails`"));
/// # Ok::<(), extentplan::scenario::ScenarioError>(())
/// ```
pub fn read(text: &str) -> Result<Scenario, ScenarioError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (notation, raw) = if text.trim_start().starts_with('{') {
        (Notation::Json, read_json(text)?)
    } else {
        (Notation::Toml, read_toml(text)?)
    };
    Ok(Scenario {
        raw,
        text: text.to_string(),
        notation,
    })
}

/// The JSON Schema of scenario files, as text; it holds for the same keys in TOML.
#[must_use]
pub fn schema() -> String {
    json::schema_text::<RawScenario>("extentplan/scenario/1")
}

impl Scenario {
    /// Whether it says how anything grows month by month.
    #[must_use]
    pub fn grows(&self) -> bool {
        !self.raw.growth.is_empty()
    }

    /// The error that something at the end of a path is wrong.
    pub(crate) fn fault(&self, path: &Path, message: impl ToString) -> ScenarioError {
        let span = match self.notation {
            Notation::Toml => span_of(&self.text, path),
            Notation::Json => value_at(&self.text, path).map(|value| {
                let start = value.as_ptr().addr() - self.text.as_ptr().addr();
                start..start + value.len()
            }),
        };
        Fault {
            position: position_at(&self.text, span.map_or(0, |span| span.start)),
            path: path.to_string(),
            message: message.to_string(),
        }
        .into()
    }
}

fn read_json(text: &str) -> Result<RawScenario, ScenarioError> {
    read_raw(text).map_err(|error| match error {
        ReadError::Values { faults, .. } => ScenarioError { faults },
        ReadError::Syntax { position, message } => {
            fault(position, "", format!("not JSON: {message}"))
        }
        // A raw value is not put together yet.
        ReadError::Defects { defects } => {
            let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
            fault(Position { line: 1, column: 1 }, "", words.join("; "))
        }
    })
}

fn read_toml(text: &str) -> Result<RawScenario, ScenarioError> {
    let at = |span: Option<Range<usize>>| position_at(text, span.map_or(0, |span| span.start));
    let deserializer = toml::Deserializer::parse(text).map_err(|error| {
        let message = format!("not TOML: {}", error.message().replace('\n', "; "));
        fault(at(error.span()), "", message)
    })?;
    serde_path_to_error::deserialize(deserializer).map_err(|noted| {
        let path = Path::of(noted.path()).to_string();
        let error = noted.into_inner();
        let found = error.span().and_then(|span| text.get(span));
        let message = found_and_expected(error.message(), found.unwrap_or_default());
        fault(at(error.span()), &path, message)
    })
}

fn fault(position: Position, path: &str, message: String) -> ScenarioError {
    Fault {
        position,
        path: path.to_string(),
        message,
    }
    .into()
}
