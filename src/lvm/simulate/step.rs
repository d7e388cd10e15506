//! The commands of a recording, read as LVM2 would read them.

use crate::lvm::command::options::Purpose;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{CommandError, Program, Step, TypedStep};

/// What LVM2 says behind an error about options.
const PARSING: &str = "Error during parsing of command line.";

/// Reads a command from its words, the program first.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn read_recorded(words: &[String]) -> Result<TypedStep, SimulationError> {
    let typed = read_as_typed(words, Purpose::Replay).map_err(unread)?;
    let given = &typed.given;
    if given.has("select") || given.has("partial") {
        return Err(SimulationError::unsupported("--select and --partial"));
    }
    let is_for_good = matches!(typed.program, Program::LvRemove | Program::LvRename);
    if is_for_good && given.has("test") {
        let program = typed.program;
        return Err(SimulationError::unsupported(format!("{program} --test")));
    }
    if let Step::Volume(command) | Step::Resize { command, .. } = &typed.step {
        let creates = typed.program == Program::LvCreate;
        if creates && given.has("type") && given.has("errorwhenfull") {
            return Err(Refusal::lines([
                "Option --errorwhenfull is unsupported with thin pools.".to_string(),
                "Run `lvcreate --help' for more information.".to_string(),
            ])
            .into());
        }
        check_counts([command.stripes, command.mirrors])?;
    }
    Ok(typed)
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
        CommandError::UnknownOption { command, option } => {
            let line = match option.strip_prefix('-') {
                Some(letter) if !letter.starts_with('-') => {
                    format!("{command}: invalid option -- '{letter}'")
                }
                _ => format!("{command}: unrecognized option '{option}'"),
            };
            Refusal::lines([line, PARSING.to_string()]).into()
        }
        CommandError::Repeated { option } => {
            let line = format!("Option {option} may not be repeated.");
            Refusal::lines([line, PARSING.to_string()]).into()
        }
        other => Refusal::lines(other.to_string().lines().map(str::to_string)).into(),
    }
}
