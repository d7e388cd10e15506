//! Why a text is not what was to be read.

use std::fmt;

use crate::core::Defect;

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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}: {}", self.position, self.message)
        } else {
            write!(f, "{}: `{}`: {}", self.position, self.path, self.message)
        }
    }
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        defects: Vec<Defect>,
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
}

impl fmt::Display for ReadError {
    /// One line for each mistake, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Syntax { position, message } => {
                write!(f, "{position}: not JSON: {message}")
            }
            ReadError::Values { faults, more } => {
                lines(f, faults)?;
                if *more > 0 {
                    write!(f, "\nand {more} more")?;
                }
                Ok(())
            }
            ReadError::Defects { defects } => lines(f, defects),
        }
    }
}

fn lines(f: &mut fmt::Formatter<'_>, items: &[impl fmt::Display]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str("\n")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl std::error::Error for ReadError {}
