//! What is wrong with what was asked, for people, and where it stands for programs.

use std::fmt::{self, Display};

use crate::core::{Defects, printable};
use crate::json;
use crate::lvm::{self, ScriptError, TextError};
use crate::scenario::ScenarioError;

/// What is wrong with what was asked: with a text, with a request, or with how they go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    words: Words,
    /// The line of the text that is wrong, from 1, where one is.
    pub line: Option<usize>,
    /// The column in that line, in characters from 1.
    pub column: Option<usize>,
    /// The request that is wrong, by its place among those that were asked together, from 0.
    pub request: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    /// A line for each fault.
    Lines(Vec<String>),
    /// Laid out already, with the line of the source.
    LaidOut(String),
}

/// A fault in the words of a format string.
macro_rules! fault {
    ($($words:tt)*) => {
        $crate::ask::fault::Fault::of(format!($($words)*))
    };
}
pub(crate) use fault;

/// What the functions of this room come back with.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// One fault, in one line whatever it quotes.
    #[must_use]
    pub fn of(words: impl Display) -> Fault {
        Fault::lines(vec![words.to_string()])
    }

    /// Several faults, a line for each.
    pub(crate) fn lines(lines: Vec<String>) -> Fault {
        Fault {
            words: Words::Lines(lines),
            line: None,
            column: None,
            request: None,
        }
    }

    /// What is wrong with a JSON text, a line for each fault with the name of the text in front.
    #[must_use]
    pub fn json(name: &str, error: &json::ReadError) -> Fault {
        let lines = error.lines().into_iter();
        let fault = Fault::lines(lines.map(|line| format!("{name}: {line}")).collect());
        fault.at(error.position())
    }

    /// What is wrong with a JSON text of one line, by columns.
    pub(crate) fn in_line(error: &json::ReadError) -> Fault {
        let lines = error.lines().into_iter();
        let lines = lines.map(|line| match line.strip_prefix("line 1, ") {
            Some(rest) => rest.to_string(),
            None => line,
        });
        Fault {
            line: None,
            ..Fault::lines(lines.collect()).at(error.position())
        }
    }

    /// What is wrong with a scenario, a line for each fault with the name of its file in front.
    #[must_use]
    pub fn scenario(name: &str, error: &ScenarioError) -> Fault {
        let lines = error.faults.iter().map(|fault| format!("{name}: {fault}"));
        Fault::lines(lines.collect())
    }

    /// What is wrong with metadata, laid out with its line.
    pub(crate) fn text(laid_out: String, error: &TextError) -> Fault {
        Fault {
            words: Words::LaidOut(laid_out),
            line: Some(error.line()),
            column: Some(error.column()),
            request: None,
        }
    }

    /// What is wrong with a report.
    pub(crate) fn report(name: &str, error: &lvm::ReportError) -> Fault {
        let fault = fault!("{name}: {error}");
        match error {
            lvm::ReportError::NotJson { line, column, .. } => Fault {
                line: Some(*line),
                column: Some(*column),
                ..fault
            },
            lvm::ReportError::NotInColumns { line, .. } => Fault {
                line: Some(*line),
                ..fault
            },
            lvm::ReportError::NotAReport { .. }
            | lvm::ReportError::NoVolumeGroup
            | lvm::ReportError::Missing { .. }
            | lvm::ReportError::NotANumber { .. }
            | lvm::ReportError::InexactSize { .. } => fault,
            lvm::ReportError::Contradiction { place, .. } => Fault {
                line: place.map(|(line, _)| line),
                column: place.map(|(_, column)| column),
                ..fault
            },
        }
    }

    /// What is wrong with a script.
    pub(crate) fn script(name: &str, error: &ScriptError) -> Fault {
        let fault = fault!("{name}: {error}");
        match error {
            ScriptError::Line { line, .. } => Fault {
                line: Some(*line),
                ..fault
            },
            ScriptError::Empty => fault,
        }
    }

    /// The same at a place.
    pub(crate) fn at(self, place: Option<json::Position>) -> Fault {
        Fault {
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            ..self
        }
    }

    /// The same of a request.
    #[must_use]
    pub fn of_request(self, index: usize) -> Fault {
        Fault {
            request: Some(index),
            ..self
        }
    }

    /// In one line, without the line of the source where one is laid out.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let text = self.to_string();
        let lines = text.lines().filter(|line| {
            // Numbers of lines, bars and arrows.
            let is_number = |letter: char| letter.is_ascii_digit() || letter == ' ';
            let line = line.trim_start_matches(is_number);
            let is_drawn = line.starts_with(['|', '╭', '│', '╰'])
                || line.starts_with("-->")
                || line.starts_with(":::");
            !is_drawn && !line.is_empty()
        });
        let words = lines.map(|line| line.trim().trim_start_matches("error: "));
        words.collect::<Vec<_>>().join("; ")
    }

    /// As it is shown to people: with `error: ` in front, and the line of the source where one is wrong.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.words {
            Words::LaidOut(text) => text.trim_end().to_string(),
            Words::Lines(_) => format!("error: {self}"),
        }
    }
}

impl Display for Fault {
    /// A line for each fault, or what is laid out already.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.words {
            Words::LaidOut(text) => f.write_str(text.trim_end()),
            Words::Lines(lines) => {
                for (index, line) in lines.iter().enumerate() {
                    let end = if index == 0 { "" } else { "\n" };
                    write!(f, "{end}{}", printable(line))?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Fault {}

impl From<Defects> for Fault {
    fn from(defects: Defects) -> Fault {
        Fault::lines(defects.iter().map(ToString::to_string).collect())
    }
}

macro_rules! from_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Fault {
                Fault::of(error)
            }
        })*
    };
}
from_errors!(
    crate::solve::SolveError,
    crate::rearrange::RearrangeError,
    crate::lvm::MoveError,
    serde_json::Error
);
