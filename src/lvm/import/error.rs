//! Why commands make no problem.

use thiserror::Error;

use crate::core::Defects;
use crate::lvm::{DemandError, NameError};

/// Commands that make no problem for a volume group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Not a single command.
    #[error("there is no command; expected lvcreate or lvextend with its arguments")]
    NoCommands,
    /// Something in the group is called what LVM2 would not call it.
    #[error("the volume group: {0}")]
    Name(NameError),
    /// One command is wrong for the group.
    #[error("`{command}`: {error}")]
    Command {
        /// Where the command stands among those given, counted from 0.
        position: usize,
        /// The command, as a line for a shell.
        command: String,
        /// What is wrong.
        error: DemandError,
    },
    /// What the commands ask for is no problem that could be solved.
    #[error("{0}")]
    Defects(Defects),
}
