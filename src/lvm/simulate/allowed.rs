//! The physical volumes that a command may use, in order.

use std::collections::HashMap;

use crate::core::Area;
use crate::greedy::{Offer, Range};
use crate::lvm::disjoint::Disjoint;
use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::ledger::FreeExtents;
use crate::lvm::{LogicalVolume, LvSegment, PhysicalVolume, PvArgument, Settings, VolumeGroup};

/// One physical volume with the ranges on it that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedVolume {
    /// Index in the volume group.
    pub(crate) volume: usize,
    /// Its ranges in the order given.
    pub(crate) ranges: Vec<Area>,
}

/// What to do about arguments that cannot be allocated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// They are left out, with a warning.
    Skip,
    /// They stay in the list, and the allocator passes over them.
    Keep,
}

impl Unusable {
    /// What commands do that give a volume another size.
    pub(crate) fn in_another_size(settings: &Settings) -> Self {
        if settings.version.is_after_2_03_16() {
            Unusable::Keep
        } else {
            Unusable::Skip
        }
    }
}

/// The allowed volumes of the arguments: all of the group where there are none.
///
/// # Errors
/// LVM2's messages about volumes that are not there, and about ranges past the end or twice.
pub(crate) fn allowed(
    pool: &impl FreeExtents,
    arguments: &[PvArgument],
    unusable: Unusable,
) -> Result<Vec<AllowedVolume>, Refusal> {
    let group = pool.group();
    if arguments.is_empty() {
        return Ok(all(group));
    }
    let free = pool.free_areas();
    let mut at_of = HashMap::new();
    let mut list: Vec<AllowedVolume> = Vec::new();
    let mut taken: Vec<Disjoint> = Vec::new();
    let mut add = |index: usize, ranges: &[(u64, Option<u64>)]| {
        let volume = &group.physical_volumes[index];
        let is_usable = volume.allocatable && !volume.missing && !free[index].is_empty();
        if unusable == Unusable::Skip && !is_usable {
            return Ok(());
        }
        let at = *at_of.entry(index).or_insert_with(|| {
            list.push(AllowedVolume {
                volume: index,
                ranges: Vec::new(),
            });
            taken.push(Disjoint::default());
            list.len() - 1
        });
        let whole = [(0, None)];
        let ranges = if ranges.is_empty() { &whole } else { ranges };
        for (first, last) in ranges {
            let range = range_of(volume, *first, *last)?;
            let given = &mut list[at].ranges;
            if !taken[at].add(range) {
                return Err(overlap(volume, given, range));
            }
            given.push(range);
        }
        Ok(())
    };
    for argument in arguments {
        match argument {
            PvArgument::Tag(tag) => {
                for (index, volume) in group.physical_volumes.iter().enumerate() {
                    if volume.tags.contains(tag) {
                        add(index, &[])?;
                    }
                }
            }
            PvArgument::Device { name, ranges } => {
                let index = pool.device(name).ok_or_else(|| {
                    Refusal::new(format!(
                        "Physical Volume \"{name}\" not found in Volume Group \"{}\".",
                        group.name
                    ))
                })?;
                let ranges: Vec<(u64, Option<u64>)> = ranges
                    .iter()
                    .map(|range| (range.first, range.last))
                    .collect();
                add(index, &ranges)?;
            }
        }
    }
    if list.is_empty() {
        return Err(Refusal::new("No specified PVs have space available."));
    }
    Ok(list)
}

/// Every volume of the group, whole.
pub(crate) fn all(group: &VolumeGroup) -> Vec<AllowedVolume> {
    let volumes = group.physical_volumes.iter().enumerate();
    let whole = |(volume, physical): (usize, &PhysicalVolume)| AllowedVolume {
        volume,
        ranges: Area::new(0, physical.extents).into_iter().collect(),
    };
    volumes.map(whole).collect()
}

fn range_of(volume: &PhysicalVolume, first: u64, last: Option<u64>) -> Result<Area, Refusal> {
    let end = volume.extents;
    let last = last.unwrap_or(end.saturating_sub(1));
    let range = Area::between(first, last.saturating_add(1)).filter(|range| range.end() <= end);
    range.ok_or_else(|| {
        Refusal::new(format!(
            "PE range error: start extent {first} to end extent {last}."
        ))
    })
}

/// LVM2's message about a range that meets one that was given before.
fn overlap(volume: &PhysicalVolume, given: &[Area], range: Area) -> Refusal {
    let mut given = given.iter();
    let other = given.find(|other| other.intersection(range).is_some());
    let other = other.copied().unwrap_or(range);
    Refusal::new(format!(
        "Overlapping PE ranges specified ({}-{}, {}-{}) on {}.",
        range.start(),
        range.end() - 1,
        other.start(),
        other.end() - 1,
        volume.device
    ))
}

/// Free extents inside the ranges.
pub(crate) fn free_extents(pool: &impl FreeExtents, allowed: &[AllowedVolume]) -> u64 {
    let free = pool.free_areas();
    let of = |entry: &AllowedVolume| {
        let ranges = entry.ranges.iter().copied().collect();
        free[entry.volume].intersection(&ranges).total()
    };
    allowed.iter().map(of).sum()
}

/// The physical volumes of a volume in order of appearance, whole.
pub(crate) fn own_volumes(group: &VolumeGroup, volume: &LogicalVolume) -> Vec<AllowedVolume> {
    let mut own: Vec<AllowedVolume> = Vec::new();
    let pieces = volume.segments.iter().flat_map(LvSegment::physical);
    let all = all(group);
    for (source, _) in pieces {
        if own.iter().all(|entry| entry.volume != source) {
            own.push(all[source].clone());
        }
    }
    own
}

/// What the allocator is offered: volumes that can be allocated from, each with its free areas cut to
/// the ranges.
///
/// `None` past 32 bits, which LVM2 does not count either.
pub(crate) fn offers(pool: &impl FreeExtents, allowed: &[AllowedVolume]) -> Option<Vec<Offer>> {
    let (group, free) = (pool.group(), pool.free_areas());
    let usable = allowed.iter().filter(|entry| {
        let volume = &group.physical_volumes[entry.volume];
        volume.allocatable && !volume.missing
    });
    usable
        .map(|entry| {
            let free = &free[entry.volume];
            let areas = entry.ranges.iter().flat_map(|range| {
                let range = *range;
                free.meeting(range)
                    .filter_map(move |area| area.intersection(range))
            });
            Some(Offer {
                source: entry.volume,
                areas: areas.map(range).collect::<Option<_>>()?,
            })
        })
        .collect()
}

/// An area as the allocator counts it.
pub(crate) fn range(area: Area) -> Option<Range> {
    u32::try_from(area.end()).ok()?;
    Some(Range {
        start: u32::try_from(area.start()).ok()?,
        count: u32::try_from(area.count()).ok()?,
    })
}
