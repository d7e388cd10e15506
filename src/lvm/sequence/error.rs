//! Why commands cannot be gone through one after another.

use thiserror::Error;

use crate::lvm::DemandError;
use crate::lvm::simulate::{Refusal, SimulationError};

/// Why commands cannot be gone through.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// What is asked of the group is wrong for it.
    #[error(transparent)]
    Demand(#[from] DemandError),
    /// LVM2 refuses.
    #[error("{}", .0.messages.join(" "))]
    Step(#[from] Refusal),
    /// A disk of which nothing says how large it is.
    #[error(
        "nothing says how large {device} is; say it in a scenario (--scenario): [[{key}]] with disk = \
         \"{device}\" and size = \"..\""
    )]
    UnknownSize {
        /// The disk.
        device: String,
        /// The key of scenarios that says it.
        key: &'static str,
    },
    /// Something that is not planned.
    #[error("not planned here: {0}")]
    NotPlanned(String),
}

impl From<SimulationError> for SequenceError {
    fn from(error: SimulationError) -> SequenceError {
        match error {
            SimulationError::Refused(refusal) => SequenceError::Step(refusal),
            SimulationError::Unsupported { what } => SequenceError::NotPlanned(what),
        }
    }
}
