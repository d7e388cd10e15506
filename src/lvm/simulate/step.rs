//! The commands of a recording, read as LVM2 would read them.

use crate::lvm::command::options::Purpose;
use crate::lvm::command::read::{PARSING, read_as_typed};
use crate::lvm::simulate::syntax::check_syntax;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{CommandError, Program, Settings, Step, TypedStep, name_type};

/// Reads a command from its words, the program first.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn read_recorded(
    words: &[String],
    settings: &Settings,
) -> Result<TypedStep, SimulationError> {
    let mut typed = read_as_typed(words, Purpose::Replay).map_err(|error| unread(words, error))?;
    let given = &typed.given;
    if given.has("select") || given.has("partial") {
        return Err(SimulationError::unsupported("--select and --partial"));
    }
    let of_file_systems = ["fs", "fsmode"]
        .into_iter()
        .find(|option| given.has(option));
    if let Some(option) = of_file_systems.filter(|_| !settings.version.knows_file_systems()) {
        let line = format!("{}: unrecognized option '--{option}'", typed.program);
        return Err(Refusal::lines([line, PARSING.to_string()]).into());
    }
    let is_for_good = matches!(typed.program, Program::LvRemove | Program::LvRename);
    if is_for_good && given.has("test") {
        let program = typed.program;
        return Err(SimulationError::unsupported(format!("{program} --test")));
    }
    if let Step::Volume(command) | Step::Resize { command, .. } = &mut typed.step {
        name_type(command, settings);
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

/// What LVM2 says of words that cannot be read.
pub(crate) fn unread(words: &[String], error: CommandError) -> SimulationError {
    let program = words.first().map_or("", String::as_str);
    let usage = |line: &str| {
        let help = format!("Run `{program} --help' for more information.");
        Refusal::lines([line.to_string(), help]).into()
    };
    match error {
        CommandError::BadArgument { expected, found }
            if expected.starts_with("the name of a volume group;") =>
        {
            // What is wrong with the options is said first.
            let group = found.split('/').next().unwrap_or_default();
            let plain = |word: &String| if *word == found { group.to_string() } else { word.clone() };
            let words: Vec<String> = words.iter().map(plain).collect();
            let checked = match read_as_typed(&words, Purpose::Replay) {
                Ok(typed) => check_syntax(&typed),
                Err(error @ CommandError::NotForType { .. }) => Err(unread(&words, error)),
                Err(_) => Ok(()),
            };
            match checked {
                Err(refusal @ SimulationError::Refused(_)) => refusal,
                Ok(()) | Err(SimulationError::Unsupported { .. }) => {
                    usage("Volume group name expected (no slash)")
                }
            }
        }
        CommandError::BadValue { option, found, .. }
            if option == "-m/--mirrors" && found.starts_with('+') =>
        {
            usage("Mirrors argument may not be signed.")
        }
        CommandError::BadValue { option, found, .. }
            if option == "-m/--mirrors" && found.starts_with('-') =>
        {
            let negative = "Number may not be negative.".to_string();
            let invalid = format!("Invalid argument for --mirrors: {found}");
            let lines = [negative, invalid, PARSING.to_string()];
            let from = usize::from(program != "lvcreate");
            Refusal::lines(lines.into_iter().skip(from)).into()
        }
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
                // Dashes within are nothing to it.
                _ => format!(
                    "{command}: unrecognized option '--{}'",
                    option.replace('-', "")
                ),
            };
            Refusal::lines([line, PARSING.to_string()]).into()
        }
        CommandError::Missing {
            command: command @ Program::VgReduce,
            ..
        } => Refusal::new(format!(
            "No command with matching syntax recognised.  Run '{command} --help' for more information."
        ))
        .into(),
        error @ (CommandError::Zero { .. } | CommandError::AmbiguousName { .. }) => usage(&error.to_string()),
        CommandError::Repeated { option } => {
            let line = format!("Option {option} may not be repeated.");
            Refusal::lines([line, PARSING.to_string()]).into()
        }
        CommandError::Lvm2 { message } => {
            Refusal::lines(message.lines().map(str::to_string)).into()
        }
        other => Refusal::new(other.to_string()).into(),
    }
}
