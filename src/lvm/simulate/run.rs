//! Runs a command that was read.

use crate::lvm::names::Named;
use crate::lvm::parts::with_parts;
use crate::lvm::simulate::build::stored;
use crate::lvm::simulate::refusal::partly;
use crate::lvm::simulate::{Refusal, SimulationError, images, reduce, remove, simulate};
use crate::lvm::{
    AllocationPolicy, PhysicalVolume, PvArgument, Settings, Step, VolumeGroup, find_volume,
};

/// The volume group after a command. `is_active` says whether logical volumes are active.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn simulate_step(
    group: &VolumeGroup,
    step: &Step,
    settings: &Settings,
    is_active: bool,
) -> Result<VolumeGroup, SimulationError> {
    match step {
        Step::Volume(command) => simulate(group, command, settings),
        Step::Resize { command, may_grow } => reduce::resize(group, command, *may_grow, settings),
        Step::Remove { names } => remove::remove(group, names),
        Step::Convert(conversion) => images::convert(group, conversion, settings, is_active),
        Step::Rename { old, new } => rename(group, old, new),
        Step::ChangeGroup { policy } => {
            let mut after = group.clone();
            if *policy == Some(AllocationPolicy::Inherit) {
                let message = "Volume Group allocation policy cannot inherit from anything";
                return Err(Refusal::new(message).into());
            }
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
        Step::ExtendGroup { .. } => Err(SimulationError::unsupported(
            "vgextend, which does not say how large a disk is",
        )),
        Step::ResizeVolumes { .. } => Err(SimulationError::unsupported(
            "pvresize, which does not say how large a disk is",
        )),
        Step::ReduceGroup { volumes } => reduce_group(group, volumes),
        Step::Look => Ok(group.clone()),
    }
}

/// `vgreduce`: each disk by itself, also where another one stays.
fn reduce_group(
    group: &VolumeGroup,
    volumes: &[PvArgument],
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    let mut messages = Vec::new();
    for index in chosen(group, volumes)? {
        let name = &group.physical_volumes[index].device;
        let mut reduced = after.clone();
        if reduced.remove_disk(name).is_err() {
            messages.push(format!("Physical volume \"{name}\" still in use"));
        } else if reduced.physical_volumes.is_empty() {
            messages.push(format!(
                "Can't remove final physical volume \"{name}\" from volume group \"{}\"",
                group.name
            ));
        } else {
            after = reduced;
        }
    }
    partly(group, after, messages)
}

/// The physical volumes of the arguments; all where there are none.
fn chosen(group: &VolumeGroup, volumes: &[PvArgument]) -> Result<Vec<usize>, SimulationError> {
    if volumes.is_empty() {
        return Ok((0..group.physical_volumes.len()).collect());
    }
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

/// Renames a volume and the hidden ones that are named after it.
fn rename(group: &VolumeGroup, old: &str, new: &str) -> Result<VolumeGroup, SimulationError> {
    if group.logical_volume(old).is_none() {
        return Err(Refusal::new(format!(
            "Existing logical volume \"{old}\" not found in volume group \"{}\"",
            group.name
        ))
        .into());
    }
    if old == new {
        return Err(Refusal::lines([
            "Old and new logical volume names must differ".to_string(),
            "Run `lvrename --help' for more information.".to_string(),
        ])
        .into());
    }
    if let Err(error) = Named::NewLogicalVolume.check(new) {
        return Err(Refusal::new(error.to_string()).into());
    }
    if group.logical_volume(new).is_some() {
        return Err(Refusal::new(format!(
            "Logical Volume \"{new}\" already exists in volume group \"{}\"",
            group.name
        ))
        .into());
    }
    let below = with_parts(group, old);
    let mut after = group.clone();
    for name in below {
        let renamed = name.replacen(old, new, 1);
        crate::lvm::simulate::build::rename(&mut after, &name, &renamed);
    }
    Ok(after)
}
