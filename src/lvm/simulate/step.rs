//! Every command that a recording may hold, read and simulated.

use crate::lvm::command_read::read_as_typed;
use crate::lvm::simulate::{Refusal, SimulationError, simulate};
use crate::lvm::{CommandError, LvCommand, Settings, VolumeGroup};

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `lvcreate` or `lvextend`.
    Place(LvCommand),
}

/// Reads a command from its words, the program first.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn read_step(words: &[String]) -> Result<Step, SimulationError> {
    match words.first().map(String::as_str) {
        Some("lvcreate" | "lvextend") => read_as_typed(words).map(Step::Place).map_err(unread),
        other => Err(SimulationError::unsupported(format!(
            "command {}",
            other.unwrap_or_default()
        ))),
    }
}

fn unread(error: CommandError) -> SimulationError {
    match error {
        CommandError::UnknownCommand { .. }
        | CommandError::UnsupportedOption { .. }
        | CommandError::UnsupportedType { .. } => SimulationError::unsupported(error.to_string()),
        other => Refusal::new(other.to_string()).into(),
    }
}

/// The volume group after a command. `_active` says whether volumes are active.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn simulate_step(
    group: &VolumeGroup,
    step: &Step,
    settings: &Settings,
    _active: bool,
) -> Result<VolumeGroup, SimulationError> {
    match step {
        Step::Place(command) => simulate(group, command, settings),
    }
}
