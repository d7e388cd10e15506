//! From the path of a value to its place in the text. Only errors pay for it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use crate::json::{Fault, Position, ReadError};

/// Most faults that one error lists: finding the place of each reads the text once more.
const MOST_FAULTS: usize = 20;

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The steps from the document to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    /// The value under a key of the document.
    pub(crate) fn key(key: &str) -> Path {
        Path::default().then_key(key)
    }

    pub(crate) fn then_key(&self, key: &str) -> Path {
        self.then(Step::Key(key.to_string()))
    }

    pub(crate) fn then_index(&self, index: usize) -> Path {
        self.then(Step::Index(index))
    }

    /// The steps that were noted while a value was read.
    pub(crate) fn of(noted: &serde_path_to_error::Path) -> Path {
        let steps = noted.iter().filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            // Variants are not nested in these formats, and the unknown has no name to show.
            Segment::Enum { .. } | Segment::Unknown => None,
        });
        Path(steps.collect())
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    fn then(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What is wrong with the values of a text, collected while they are turned into a problem or plan.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Path, String)>);

impl Faults {
    pub(crate) fn push(&mut self, path: Path, message: String) {
        self.0.push((path, message));
    }

    /// The error that says all of it, if there is something to say.
    pub(crate) fn into_error(self, text: &str) -> Option<ReadError> {
        let more = self.0.len().saturating_sub(MOST_FAULTS);
        let listed = self.0.into_iter().take(MOST_FAULTS);
        let faults: Vec<Fault> = listed
            .map(|(path, message)| {
                let found = value_at(text, &path).unwrap_or(text);
                Fault {
                    position: position_of(text, found),
                    path: path.to_string(),
                    message,
                }
            })
            .collect();
        (!faults.is_empty()).then_some(ReadError::Values { faults, more })
    }
}

/// Reads a raw value.
///
/// # Errors
/// [`ReadError::Syntax`], or [`ReadError::Values`] with one fault.
pub(crate) fn read_raw<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, ReadError> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    // Something is wrong: read once more, first whether it is JSON at all, then with notes on the way.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(ReadError::Syntax {
            position: Position {
                line: error.line().max(1),
                column: error.column().max(1),
            },
            message: message_of(&error),
        });
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|noted| {
        let path = Path::of(noted.path());
        explain(text, &path, &noted.into_inner())
    })
}

/// The message of the JSON reader without the place, which it knows less well.
fn message_of(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    full.strip_suffix(&place).unwrap_or(&full).to_string()
}

/// The error of the JSON reader with the text that was found and the place where it stands.
fn explain(text: &str, path: &Path, error: &serde_json::Error) -> ReadError {
    let found = value_at(text, path).unwrap_or(text);
    let message = found_and_expected(&message_of(error), found);
    ReadError::Values {
        faults: vec![Fault {
            position: position_of(text, found),
            path: path.to_string(),
            message,
        }],
        more: 0,
    }
}

/// The message of a reader with the value as it is written, not as a number type had to round it.
pub(crate) fn found_and_expected(message: &str, found: &str) -> String {
    match message.split_once(", expected ") {
        Some((what, expected)) if what.starts_with("invalid ") => {
            format!("found {}; expected {expected}", shortened(found))
        }
        None if message == "trailing characters" => {
            format!("found {}, which has too many items", shortened(found))
        }
        Some(_) | None => message.to_string(),
    }
}

/// A value for a message: its first line, and not all of a long one.
fn shortened(value: &str) -> String {
    const MOST: usize = 40;
    let line = value.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == value.len() {
        return value.to_string();
    }
    let front: String = line.chars().take(MOST).collect();
    format!("{front}...")
}

/// The text of the value at the end of a path, if the text is JSON and has it.
pub(crate) fn value_at<'t>(text: &'t str, path: &Path) -> Option<&'t str> {
    let mut value: &'t RawValue = serde_json::from_str(text).ok()?;
    for step in &path.0 {
        value = match step {
            Step::Key(key) => {
                let object: BTreeMap<String, &'t RawValue> =
                    serde_json::from_str(value.get()).ok()?;
                *object.get(key)?
            }
            Step::Index(index) => {
                let array: Vec<&'t RawValue> = serde_json::from_str(value.get()).ok()?;
                *array.get(*index)?
            }
        };
    }
    Some(value.get())
}

/// Where a string with this value starts in a JSON text, a key or not.
#[must_use]
pub fn position_of_string(text: &str, wanted: &str) -> Option<Position> {
    let mut from = 0;
    while let Some(quote) = text[from..].find('"') {
        let start = from + quote;
        // As far as the next quote that no backslash stands in front of.
        let mut end = start + 1;
        while let Some(letter) = text[end..].chars().next().filter(|&letter| letter != '"') {
            let is_escape = letter == '\\';
            end += letter.len_utf8();
            if is_escape {
                end += text[end..].chars().next().map_or(0, char::len_utf8);
            }
        }
        end = (end + 1).min(text.len());
        let value: Option<String> = serde_json::from_str(&text[start..end]).ok();
        if value.as_deref() == Some(wanted) {
            return Some(position_at(text, start));
        }
        from = end;
    }
    None
}

/// Where `part`, which is a part of `text`, starts.
fn position_of(text: &str, part: &str) -> Position {
    position_at(
        text,
        part.as_ptr().addr().saturating_sub(text.as_ptr().addr()),
    )
}

/// The place of the byte at an offset.
pub(crate) fn position_at(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
