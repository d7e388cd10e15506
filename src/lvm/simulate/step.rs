//! The commands of a recording, read as LVM2 would read them.

use crate::lvm::command::options::Purpose;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{CommandError, Step};

/// Reads a command from its words, the program first.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn read_recorded(words: &[String]) -> Result<Step, SimulationError> {
    let step = read_as_typed(words, Purpose::Replay).map_err(unread)?.step;
    match &step {
        Step::Volume(command) | Step::Resize { command, .. } => {
            check_counts([command.stripes, command.mirrors])?;
        }
        Step::Convert(asked) => {
            check_counts([asked.stripes, asked.mirrors.map(|(_, count)| count)])?;
        }
        Step::Remove { .. }
        | Step::Rename { .. }
        | Step::ChangeGroup { .. }
        | Step::ExtendGroup { .. }
        | Step::ReduceGroup { .. }
        | Step::ChangeVolumes { .. }
        | Step::ResizeVolumes { .. }
        | Step::Look => {}
    }
    Ok(step)
}

/// Of counts of more than 31 bits LVM2 makes numbers of its own.
fn check_counts(counts: [Option<u64>; 2]) -> Result<(), SimulationError> {
    let mut counts = counts.into_iter().flatten();
    match counts.find(|&count| i32::try_from(count).is_err()) {
        Some(count) => Err(SimulationError::unsupported(format!("the number {count}"))),
        None => Ok(()),
    }
}

fn unread(error: CommandError) -> SimulationError {
    match error {
        CommandError::UnknownCommand { .. }
        | CommandError::Unprintable { .. }
        | CommandError::NotPlanned { .. }
        | CommandError::CommandNotPlanned { .. }
        | CommandError::UnsupportedType { .. } => SimulationError::unsupported(error.to_string()),
        other => Refusal::lines(other.to_string().lines().map(str::to_string)).into(),
    }
}
