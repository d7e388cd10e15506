//! The plain command below one that asks for a layer, and what every new volume gets.

use crate::lvm::command::options::Purpose;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::simulate::activity::ACTIVATION_SKIP;
use crate::lvm::simulate::build::{empty_volume, generated_name};
use crate::lvm::simulate::device_number;
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::refusal::{check_count, check_free_name, check_reserved};
use crate::lvm::simulate::step::unread;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, CommandError, LogicalVolume, LvCommand, Step, VolumeGroup};

/// The command without some of its options, and with others; its arguments are the group and the
/// physical volumes.
///
/// # Errors
/// That the rest cannot be read.
pub(crate) fn base(
    group: &VolumeGroup,
    given: &Given,
    without: &[&str],
    with: &[(&'static str, &str)],
) -> Result<LvCommand, SimulationError> {
    let mut words = vec!["lvcreate".to_string()];
    let kept = given
        .options
        .iter()
        .filter(|(name, _)| !without.contains(name));
    let added = with.iter().map(|(name, value)| (*name, *value));
    for (name, value) in kept
        .map(|(name, value)| (*name, value.as_str()))
        .chain(added)
    {
        words.push(format!("--{name}"));
        if !value.is_empty() {
            words.push(value.to_string());
        }
    }
    words.push(group.name.clone());
    words.extend(given.arguments.iter().skip(1).cloned());
    match read_as_typed(&words, Purpose::Replay).map(|typed| typed.step) {
        Ok(Step::Volume(command)) => Ok(command),
        Ok(_) => Err(SimulationError::unsupported("a layer on a layer")),
        Err(error @ CommandError::Zero { .. }) => Err(unread(&words, error)),
        Err(error) => Err(SimulationError::unsupported(error.to_string())),
    }
}

/// The name that a new volume is given, or gets.
///
/// # Errors
/// LVM2's refusal of a name.
pub(crate) fn new_name(group: &VolumeGroup, given: &Given) -> Result<String, Refusal> {
    let Some(name) = given.get("name").map(plain) else {
        check_count(group)?;
        return Ok(generated_name(group, ""));
    };
    check_reserved(&name, "lvcreate")?;
    check_free_name(group, &name)?;
    check_count(group)?;
    Ok(name)
}

/// A new visible volume with what the options say of it.
pub(crate) fn new_volume(name: &str, given: &Given) -> LogicalVolume {
    let mut volume = empty_volume(name, true, AllocationPolicy::Inherit);
    if given.get("permission") == Some("r") {
        volume.status.remove("WRITE");
    }
    let tags = given
        .all("addtag")
        .map(|tag| tag.trim_start_matches('@').to_string());
    volume.tags.extend(tags);
    device_number::note(&mut volume, given);
    if given.get("setactivationskip") == Some("y") {
        volume.status.insert(ACTIVATION_SKIP.to_string());
    }
    volume
}

/// Refuses options and arguments that a command does not take.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn refuse_extra(
    given: &Given,
    options: &[&str],
    arguments: usize,
) -> Result<(), Refusal> {
    let found = given
        .options
        .iter()
        .filter(|(name, _)| options.contains(name));
    let mut lines: Vec<String> = found
        .map(|(name, value)| {
            let value = if value.is_empty() {
                String::new()
            } else {
                format!(" {value}")
            };
            format!("Command does not accept option: --{name}{value}.")
        })
        .collect();
    let extra = given.arguments.iter().skip(arguments);
    if lines.is_empty() {
        lines.extend(extra.take(1).map(|argument| {
            let device = if argument.contains('/') || argument.starts_with('@') {
                argument.clone()
            } else {
                format!("/dev/{argument}")
            };
            format!("Command does not accept argument: {device}.")
        }));
    }
    if lines.is_empty() {
        Ok(())
    } else {
        Err(Refusal::lines(lines))
    }
}
