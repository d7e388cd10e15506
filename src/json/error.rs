//! Why a text is not what was to be read.

use std::fmt;

use crate::core::{Defects, printable};

/// Where in a text something is; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A key or value that does not belong where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the value starts.
    pub position: Position,
    /// The keys that lead to it, like `sources[0].free[2]`; empty for the document itself.
    pub path: String,
    /// What was found there, and what was expected.
    pub message: String,
}

impl fmt::Display for Fault {
    /// One line, whatever was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.position)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", printable(&self.path))?;
        }
        f.write_str(&printable(&self.message))
    }
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The text is not JSON.
    Syntax {
        /// Where it stops to be JSON.
        position: Position,
        /// What is wrong there.
        message: String,
    },
    /// The text is JSON, but keys or values do not belong where they are.
    Values {
        /// The first ones, at least one.
        faults: Vec<Fault>,
        /// How many more there are.
        more: usize,
    },
    /// Every key and value is in order, but together they make no problem.
    Defects {
        /// All of them.
        defects: Defects,
    },
}

impl ReadError {
    /// Where the first mistake is, if it has one place.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            ReadError::Syntax { position, .. } => Some(*position),
            ReadError::Values { faults, .. } => faults.first().map(|fault| fault.position),
            ReadError::Defects { .. } => None,
        }
    }

    /// One line for each mistake.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            ReadError::Syntax { position, message } => {
                vec![format!("{position}: not JSON: {}", printable(message))]
            }
            ReadError::Values { faults, more } => {
                let mut lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
                if *more > 0 {
                    lines.push(format!("and {more} more"));
                }
                lines
            }
            ReadError::Defects { defects } => defects.iter().map(ToString::to_string).collect(),
        }
    }
}

impl fmt::Display for ReadError {
    /// The lines, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl std::error::Error for ReadError {}
