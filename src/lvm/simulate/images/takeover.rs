//! A mirror that becomes a RAID1 volume, and the other way round: the images stay.

use crate::lvm::parts::images;
use crate::lvm::simulate::build::{rename, segment_over};
use crate::lvm::simulate::images::context::{Context, last_segment};
use crate::lvm::simulate::images::mirror::add_log;
use crate::lvm::simulate::images::raid::add_metadata;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{Part, VolumeGroup};

/// A mirror becomes RAID1: its images stay, each gets metadata behind it, the log goes.
pub(crate) fn mirror_to_raid(
    group: &mut VolumeGroup,
    context: &Context,
) -> Result<(), SimulationError> {
    let name = context.name;
    let Some(segment) = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.last())
        .cloned()
    else {
        return Ok(());
    };
    let mut names = Vec::new();
    for (index, part) in images(&segment).into_iter().enumerate() {
        let Part::Logical { volume, .. } = part else {
            continue;
        };
        let metadata = format!("{name}_rmeta_{index}");
        let vg = group.name.clone();
        let image = group.logical_volume(volume);
        let first = image.and_then(|image| image.segments.first());
        if first.is_some_and(|segment| segment.parts.len() > 1) {
            return Err(Refusal::lines([
                format!(
                    "Internal error: Unable to allocate RAID metadata area for non-linear LV \
                     {vg}/{volume}."
                ),
                format!("Failed to allocate metadata LV for {vg}/{volume} in {vg}/{name}."),
            ])
            .into());
        }
        add_metadata(group, context, volume, &metadata).map_err(|error| match error {
            SimulationError::Refused(refusal) => refusal
                .and(format!(
                    "Failed to allocate metadata LV for {vg}/{volume} in {vg}/{name}."
                ))
                .into(),
            SimulationError::Unsupported { what } => SimulationError::unsupported(what),
        })?;
        names.extend([metadata, volume.clone()]);
    }
    let count = names.len() as u64 / 2;
    if let Some(log) = segment.strings.get("mirror_log") {
        group.logical_volumes.retain(|volume| volume.name != *log);
    }
    if let Some(last) = last_segment(group, name) {
        *last = segment_over(
            "raid1",
            context.extents,
            names.clone(),
            &[
                ("device_count", count),
                ("region_size", context.region_sectors),
            ],
        );
    }
    for (index, image) in names.iter().skip(1).step_by(2).enumerate() {
        rename(group, image, &format!("{name}_rimage_{index}"));
    }
    Ok(())
}

/// RAID1 becomes a mirror: the metadata goes, a log comes, on disk also where `--corelog` is given.
pub(crate) fn raid_to_mirror(
    group: &mut VolumeGroup,
    context: &Context,
) -> Result<(), SimulationError> {
    let name = context.name;
    let Some(segment) = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.last())
        .cloned()
    else {
        return Ok(());
    };
    let names: Vec<String> = images(&segment)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    let count = names.len() as u64;
    // The log is placed while the metadata is still there, by the policy of the group, which becomes its own.
    let mut with_log = group.clone();
    let policy = group.policy;
    add_log(&mut with_log, context, &format!("{name}_mlog"), policy)?;
    let log = with_log.logical_volumes.pop();
    group.logical_volumes.retain(|volume| {
        !names.contains(&volume.name.replace("_rmeta_", "_rimage_")) || names.contains(&volume.name)
    });
    if let Some(last) = last_segment(group, name) {
        *last = segment_over(
            "mirror",
            context.extents,
            names.clone(),
            &[
                ("mirror_count", count),
                ("region_size", context.region_sectors),
            ],
        );
    }
    for (index, image) in names.iter().enumerate() {
        rename(group, image, &format!("{name}_mimage_{index}"));
    }
    if let Some(log) = log {
        if let Some(segment) = last_segment(group, name) {
            segment.strings.insert("mirror_log", log.name.clone());
        }
        group.logical_volumes.push(log);
    }
    Ok(())
}
