//! Why commands make no problem.

use thiserror::Error;

use crate::core::Defect;
use crate::lvm::DemandError;

/// Commands that make no problem for a volume group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Not a single command.
    #[error("there is no command; expected lvcreate or lvextend with its arguments")]
    NoCommands,
    /// One command is wrong for the group.
    #[error("`{command}`: {error}")]
    Command {
        /// The command, as a line for a shell.
        command: String,
        /// What is wrong.
        error: DemandError,
    },
    /// A command extends what an earlier one asked for, in another way.
    #[error(
        "`{command}`: logical volume `{name}` is asked for by an earlier command with other \
         {what}; expected the same, as both are planned as one"
    )]
    OtherTerms {
        /// The command, as a line for a shell.
        command: String,
        /// The logical volume.
        name: String,
        /// `policy`, `stripes` or `physical volumes`.
        what: &'static str,
    },
    /// What the commands ask for is no problem that could be solved.
    #[error("{}", list(.0))]
    Defects(Vec<Defect>),
}

fn list(defects: &[Defect]) -> String {
    let lines: Vec<String> = defects.iter().map(Defect::to_string).collect();
    lines.join("\n")
}
