//! Why a scenario cannot be read, or does not go with a pool.

use std::fmt;

use crate::json::Fault;

/// What is wrong with a scenario: each fault has its place in the file, the key that leads to it, what was
/// found there and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// At least one.
    pub faults: Vec<Fault>,
}

impl From<Fault> for ScenarioError {
    fn from(fault: Fault) -> ScenarioError {
        ScenarioError {
            faults: vec![fault],
        }
    }
}

impl fmt::Display for ScenarioError {
    /// One line for each fault, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}
