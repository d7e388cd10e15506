//! Runs a command that was read.

use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::build::stored;
use crate::lvm::simulate::layer::create_layer;
use crate::lvm::simulate::lvchange::lvchange;
use crate::lvm::simulate::lvconvert::lvconvert;
use crate::lvm::simulate::rename::rename;
use crate::lvm::simulate::resizing::{Direction, resize};
use crate::lvm::simulate::step::Step;
use crate::lvm::simulate::{Refusal, SimulationError, remove, simulate};
use crate::lvm::{
    LogicalVolume, LvCommand, PhysicalVolume, PvArgument, Settings, Verb, VolumeGroup, find_volume,
};

/// The volume group after a command. What is active by then is noted, whatever comes of it.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn simulate_step(
    group: &VolumeGroup,
    step: &Step,
    settings: &Settings,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let mut trial = activity.clone();
    let after = run(group, step, settings, &mut trial);
    if is_trial(step) {
        // It says what it would do.
        return after.map(|_| group.clone());
    }
    *activity = trial;
    let after = after?;
    activity.forget_all_but(&after);
    Ok(after)
}

/// Whether a command is to change nothing.
fn is_trial(step: &Step) -> bool {
    match step {
        Step::Place(command) | Step::Resize { command, .. } => {
            command.other.iter().any(|option| option.name == "test")
        }
        Step::Layer(given) | Step::Change(given) => given.has("test"),
        Step::Convert(conversion) => conversion.given.has("test"),
        Step::Remove { .. }
        | Step::Rename { .. }
        | Step::ChangeGroup { .. }
        | Step::ChangeVolumes { .. }
        | Step::Look => false,
    }
}

fn run(
    group: &VolumeGroup,
    step: &Step,
    settings: &Settings,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    match step {
        Step::Place(command) => place(group, command, settings, activity),
        Step::Layer(given) => create_layer(group, given, settings, activity),
        Step::Resize { command, may_grow } => {
            let direction = if *may_grow {
                Direction::Either
            } else {
                Direction::Smaller
            };
            resize(group, command, direction, settings, activity)
        }
        Step::Remove { names } => remove::remove(group, names),
        Step::Convert(conversion) => lvconvert(group, conversion, settings, activity),
        Step::Change(given) => lvchange(group, given, activity),
        Step::Rename { names } => rename(group, names, activity),
        Step::ChangeGroup { policy, activate } => {
            if let Some(activate) = activate {
                for volume in &group.logical_volumes {
                    activity.set(&volume.name, *activate);
                }
            }
            let mut after = group.clone();
            if let Some(policy) = policy {
                let policy = stored(*policy);
                if after.policy == policy {
                    return Err(Refusal::new(format!(
                        "Volume group allocation policy is already {}",
                        policy.name()
                    ))
                    .into());
                }
                after.policy = policy;
            }
            Ok(after)
        }
        Step::ChangeVolumes {
            volumes,
            allocatable,
            add_tags,
            remove_tags,
        } => {
            let mut after = group.clone();
            for index in chosen(group, volumes)? {
                let volume = &mut after.physical_volumes[index];
                volume.allocatable = allocatable.unwrap_or(volume.allocatable);
                volume.tags.retain(|tag| !remove_tags.contains(tag));
                volume.tags.extend(add_tags.iter().cloned());
            }
            Ok(after)
        }
        Step::Look => Ok(group.clone()),
    }
}

/// `lvcreate` and `lvextend`.
fn place(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    if command.verb == Verb::Extend {
        return resize(group, command, Direction::Larger, settings, activity);
    }
    let after = simulate(group, command, settings)?;
    let mut options = command
        .other
        .iter()
        .filter(|option| option.name == "activate");
    if let Some(word) = options.next().and_then(|option| option.words.last()) {
        let is_new = |volume: &&LogicalVolume| group.logical_volume(&volume.name).is_none();
        for volume in after.logical_volumes.iter().filter(is_new) {
            activity.set(&volume.name, !word.ends_with('n'));
        }
    }
    Ok(after)
}

fn chosen(group: &VolumeGroup, volumes: &[PvArgument]) -> Result<Vec<usize>, SimulationError> {
    let mut chosen = Vec::new();
    for argument in volumes {
        match argument {
            PvArgument::Device { name, .. } => {
                let index = find_volume(group, name);
                let message = || format!("Failed to find physical volume \"{name}\".");
                chosen.push(index.ok_or_else(|| Refusal::new(message()))?);
            }
            PvArgument::Tag(tag) => {
                let all = group.physical_volumes.iter().enumerate();
                let has_it = |(_, volume): &(usize, &PhysicalVolume)| volume.tags.contains(tag);
                chosen.extend(all.filter(has_it).map(|(index, _)| index));
            }
        }
    }
    Ok(chosen)
}
