//! Which physical volumes a command may use: its arguments, looked up in the volume group.

use std::collections::HashMap;

use crate::core::{Area, Areas};
use crate::lvm::{DemandError, LvCommand, PeRange, PhysicalVolume, PvArgument, VolumeGroup};

/// A physical volume that a command may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedVolume {
    /// Index into [`VolumeGroup::physical_volumes`].
    pub volume: usize,
    /// The ranges in the order given, touching ones unmerged; `None`: all of it.
    pub ranges: Option<Vec<Area>>,
}

/// The physical volumes of a command, in the order in which LVM2 goes through them.
///
/// Without arguments these are all, in the order of the volume group. Otherwise the order of first
/// mention; a tag stands for its volumes in the order of the group. Arguments that LVM2 may not
/// allocate from are passed over. Full ones stay, though LVM2 passes over them, too: that they offer
/// nothing is then why something does not fit.
///
/// # Errors
/// [`DemandError`] for a volume that the group does not have, for ranges that overlap or go past the
/// end, and if nothing is left.
pub fn allowed_volumes(
    group: &VolumeGroup,
    command: &LvCommand,
) -> Result<Vec<AllowedVolume>, DemandError> {
    let volumes = &group.physical_volumes;
    if command.physical_volumes.is_empty() {
        let all = (0..volumes.len()).map(|volume| AllowedVolume {
            volume,
            ranges: None,
        });
        return Ok(all.collect());
    }
    let is_usable = |volume: usize| {
        let physical = &volumes[volume];
        physical.allocatable && !physical.missing
    };
    let mut allowed: Vec<AllowedVolume> = Vec::new();
    let mut places = HashMap::new();
    for argument in &command.physical_volumes {
        match argument {
            PvArgument::Tag(tag) => {
                for volume in (0..volumes.len()).filter(|&at| volumes[at].tags.contains(tag)) {
                    if is_usable(volume) {
                        admit(group, &mut allowed, &mut places, volume, &[])?;
                    }
                }
            }
            PvArgument::Device { name, ranges } => {
                let volume = find_volume(group, name).ok_or_else(|| DemandError::NoSuchVolume {
                    name: name.clone(),
                    group: group.name.clone(),
                })?;
                if is_usable(volume) {
                    admit(group, &mut allowed, &mut places, volume, ranges)?;
                }
            }
        }
    }
    if allowed.is_empty() {
        let arguments = command.physical_volumes.iter();
        return Err(DemandError::NoVolumes {
            arguments: arguments.map(|one| unusable(group, one)).collect(),
        });
    }
    Ok(allowed)
}

/// Why an argument stands for no physical volume that LVM2 may allocate from.
fn unusable(group: &VolumeGroup, argument: &PvArgument) -> String {
    match argument {
        PvArgument::Device { name, .. } => {
            let volume = find_volume(group, name).map(|index| &group.physical_volumes[index]);
            match volume {
                Some(volume) if volume.missing => format!("{name} is missing"),
                Some(_) | None => format!("{name} is not allocatable"),
            }
        }
        PvArgument::Tag(tag) => {
            let has_tag = |volume: &&PhysicalVolume| volume.tags.contains(tag);
            if group.physical_volumes.iter().any(|volume| has_tag(&volume)) {
                format!("no physical volume with the tag @{tag} is allocatable")
            } else if group.tags.contains(tag) {
                format!("no physical volume has the tag @{tag}; the volume group has it")
            } else {
                format!("no physical volume has the tag @{tag}")
            }
        }
    }
}

/// The physical volume that goes by a name: its device, else the only device that ends in
/// `/NAME`, else its key in the metadata, else its UUID.
#[must_use]
pub fn find_volume(group: &VolumeGroup, name: &str) -> Option<usize> {
    let volumes = &group.physical_volumes;
    let only = |is_it: &dyn Fn(&PhysicalVolume) -> bool| {
        let mut found = (0..volumes.len()).filter(|&volume| is_it(&volumes[volume]));
        found.next().filter(|_| found.next().is_none())
    };
    let ends_so = |volume: &PhysicalVolume| {
        let rest = volume.device.strip_suffix(name);
        rest.is_some_and(|rest| rest.ends_with('/'))
    };
    only(&|volume| volume.device == name)
        .or_else(|| only(&ends_so))
        .or_else(|| only(&|volume| volume.key == name))
        .or_else(|| only(&|volume| volume.id == name))
}

/// Adds ranges of a volume, or all of it, behind those that it has; `places` says where each volume
/// stands among the allowed.
fn admit(
    group: &VolumeGroup,
    allowed: &mut Vec<AllowedVolume>,
    places: &mut HashMap<usize, usize>,
    volume: usize,
    ranges: &[PeRange],
) -> Result<(), DemandError> {
    let physical = &group.physical_volumes[volume];
    let whole = PeRange {
        first: 0,
        last: None,
    };
    let mut areas = Vec::new();
    let given = if ranges.is_empty() {
        &[whole][..]
    } else {
        ranges
    };
    for range in given {
        let end = match range.last {
            Some(last) => last.saturating_add(1),
            None => physical.extents,
        };
        let area = Area::between(range.first, end).filter(|_| end <= physical.extents);
        areas.push(area.ok_or_else(|| DemandError::RangePastEnd {
            volume: physical.device.clone(),
            first: range.first,
            last: end.saturating_sub(1),
            extents: physical.extents,
        })?);
    }
    let at = places.get(&volume).copied();
    let mut held = match at {
        Some(at) => match &allowed[at].ranges {
            Some(ranges) => ranges.clone(),
            None => Area::new(0, physical.extents).into_iter().collect(),
        },
        None => Vec::new(),
    };
    for area in areas {
        let clash = held.iter().find(|other| other.intersection(area).is_some());
        if let Some(&other) = clash {
            return Err(DemandError::RangesOverlap {
                volume: physical.device.clone(),
                new: area,
                old: other,
            });
        }
        held.push(area);
    }
    let ranges = if ranges.is_empty() { None } else { Some(held) };
    match at {
        Some(at) => allowed[at].ranges = ranges,
        None => {
            places.insert(volume, allowed.len());
            allowed.push(AllowedVolume { volume, ranges });
        }
    }
    Ok(())
}

/// Free extents inside what is allowed, given what is free on each physical volume.
#[must_use]
pub(crate) fn free_within(free: &[Areas], allowed: &[AllowedVolume]) -> u64 {
    let inside = allowed.iter().map(|entry| match &entry.ranges {
        None => free[entry.volume].total(),
        Some(ranges) => {
            let ranges: Areas = ranges.iter().copied().collect();
            free[entry.volume].intersection(&ranges).total()
        }
    });
    inside.sum()
}
