//! Commands about one logical volume, and those that remove and rename volumes.

use crate::lvm::command::options::CommandLine;
use crate::lvm::command::options::meaning::Meaning;
use crate::lvm::command::paths::{bare, group_and_name, set_group};
use crate::lvm::command::pv::read_volumes;
use crate::lvm::command::step::Step;
use crate::lvm::command::take::take;
use crate::lvm::names::check_tag;
use crate::lvm::{CommandError, LvCommand, OtherOption, Program, Sign, Verb};

/// A command about one logical volume.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn volume_command(given: &CommandLine, verb: Verb) -> Result<Step, CommandError> {
    let mut command = LvCommand::new(verb);
    let mut pool_name = None;
    for used in &given.options {
        if let Some(planned) = used.planned() {
            take(&mut command, given.program, planned, used, &mut pool_name)?;
            continue;
        }
        if matches!(used.row.long, "addtag" | "deltag") {
            check_tag(&used.value)?;
        }
        if used.row.meaning == Meaning::Kept {
            command.other.push(OtherOption {
                name: used.row.long,
                words: used.words.clone(),
            });
        }
    }
    match verb {
        Verb::Create => create_arguments(&mut command, pool_name, &given.arguments)?,
        Verb::Extend | Verb::Convert | Verb::Change => {
            let Some((first, volumes)) = given.arguments.split_first() else {
                return Err(given.missing("the logical volume"));
            };
            let (group, name) = group_and_name(first)?;
            set_group(&mut command.volume_group, group)?;
            command.name = Some(name);
            command.physical_volumes = read_volumes(volumes)?;
        }
    }
    Ok(Step::Volume(command))
}

/// `lvresize` and `lvreduce`: what is surely more is an extension.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn resize(given: &CommandLine) -> Result<Step, CommandError> {
    let step = volume_command(given, Verb::Extend)?;
    let may_grow = given.program == Program::LvResize;
    if let (Some(argument), false) = (given.arguments.get(1), may_grow) {
        let message = format!("Command does not accept argument: {argument}.");
        return Err(CommandError::Lvm2 { message });
    }
    Ok(match step {
        Step::Volume(command)
            if !may_grow || command.size.is_some_and(|size| size.sign != Sign::Plus) =>
        {
            Step::Resize { command, may_grow }
        }
        other => other,
    })
}

/// The arguments of `lvcreate`: the volume group (with the name of a pool, if it is one), then
/// physical volumes.
fn create_arguments(
    command: &mut LvCommand,
    pool_name: Option<String>,
    arguments: &[String],
) -> Result<(), CommandError> {
    let mut names: Vec<(Option<String>, String)> = Vec::new();
    for name in command.name.take().into_iter().chain(pool_name) {
        names.push(group_and_name(&name)?);
    }
    let mut volumes = arguments;
    if let Some((first, rest)) = arguments.split_first()
        && !first.starts_with('@')
        && !first.contains(':')
    {
        volumes = rest;
        let is_pool = command.created_type().is_pool();
        match first.strip_prefix("/dev/").unwrap_or(first).split_once('/') {
            Some((_, name)) if is_pool && !name.contains('/') => {
                names.push(group_and_name(first)?);
            }
            Some(_) if !first.starts_with("/dev/") => {
                return Err(CommandError::BadArgument {
                    found: first.clone(),
                    expected: "the name of a volume group; a new logical volume is named by -n"
                        .to_string(),
                });
            }
            Some(_) | None => {
                let is_mapped = first.starts_with("/dev/mapper/") && !bare(first).contains('/');
                let is_spelled = is_mapped || first.contains("//");
                command.volume_group = Some(if is_spelled {
                    bare(first)
                } else {
                    first.clone()
                });
            }
        }
    }
    for (group, name) in names {
        set_group(&mut command.volume_group, group)?;
        if let Some(other) = command.name.replace(name.clone())
            && other != name
        {
            let kind = command.created_type();
            if kind.is_pool() {
                let (name, other) = (other, name);
                return Err(CommandError::AmbiguousName { kind, name, other });
            }
            return Err(CommandError::BadArgument {
                found: name,
                expected: format!("one name for the new logical volume; `{other}` is another"),
            });
        }
    }
    command.physical_volumes = read_volumes(volumes)?;
    Ok(())
}

/// The volumes of `lvremove`, each with its group.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn remove(
    given: &CommandLine,
    group: &mut Option<String>,
) -> Result<Step, CommandError> {
    let mut names = Vec::new();
    for argument in &given.arguments {
        let (named, name) = match group_and_name(argument) {
            Ok((Some(named), name)) => (named, name),
            _ => {
                return Err(CommandError::NotPlanned {
                    command: given.program,
                    what: format!("`{argument}`"),
                    reason: "of what is removed, each logical volume is named, as GROUP/NAME",
                });
            }
        };
        set_group(group, Some(named))?;
        names.push(name);
    }
    if names.is_empty() {
        return Err(given.missing("the logical volume"));
    }
    Ok(Step::Remove { names })
}

/// The names of `lvrename`: `VG/OLD VG/NEW`, or the group in front of both.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn rename(
    given: &CommandLine,
    group: &mut Option<String>,
) -> Result<Step, CommandError> {
    let (old, new) = match given.arguments.as_slice() {
        [old, new] if old.contains('/') => (old, new),
        [named, old, new] => {
            set_group(group, Some(bare(named)))?;
            (old, new)
        }
        [old, ..] => {
            return Err(CommandError::Lvm2 {
                message: format!(
                    "Path required for Logical Volume \"{old}\".\nPlease provide a valid volume group \
                     name\nRun `lvrename --help' for more information."
                ),
            });
        }
        [] => return Err(given.missing("the names")),
    };
    let (first, old) = group_and_name(old)?;
    let (second, new) = group_and_name(new)?;
    set_group(group, first)?;
    set_group(group, second)?;
    Ok(Step::Rename { old, new })
}
