//! What new images and logs keep away from: the physical volumes under a logical volume.

use std::collections::BTreeSet;

use crate::greedy::Parallel;
use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::SimulationError;
use crate::lvm::{LogicalVolume, LvSegment, Part, SegmentType, VolumeGroup};

/// The physical volumes under a logical volume, stretch by stretch, or all in one entry.
///
/// A stretch ends where any segment below ends. Below RAID types that stripe, ends are counted in
/// extents of an image while the walk counts extents of the volume, so that later physical volumes of
/// images with several segments are missed; LVM2 does the same.
pub(crate) fn parallel_areas(
    group: &VolumeGroup,
    name: &str,
    in_one: bool,
) -> Result<Vec<Parallel>, SimulationError> {
    let unknown = || SimulationError::unsupported(format!("logical volume {name} is not there"));
    let volume = group.logical_volume(name).ok_or_else(unknown)?;
    let small = |number: u64| {
        u32::try_from(number)
            .map_err(|_| SimulationError::unsupported("more than 2^32 - 1 extents"))
    };
    let total = volume.extents();
    let per_image = volume.segments.first().map_or(1, raid_multiple);
    let mut entries = Vec::new();
    let mut current = 0;
    while current * per_image < total {
        let mut sources = BTreeSet::new();
        let end = gather(group, volume, current, u64::MAX, &mut sources);
        if end <= current || end == u64::MAX {
            break;
        }
        entries.push(Parallel {
            start: small(current)?,
            count: small(end - current)?,
            sources,
        });
        current = end;
    }
    if in_one && !entries.is_empty() {
        let sources = entries.into_iter().flat_map(|entry| entry.sources);
        entries = vec![Parallel {
            start: 0,
            count: small(total)?,
            sources: sources.collect(),
        }];
    }
    Ok(entries)
}

/// Collects the volumes under `at`, and returns the nearest end of a segment found on the way.
fn gather(
    group: &VolumeGroup,
    volume: &LogicalVolume,
    at: u64,
    end: u64,
    sources: &mut BTreeSet<usize>,
) -> u64 {
    let holds = |segment: &&LvSegment| {
        segment.start_extent <= at && at < segment.start_extent + segment.extent_count
    };
    let Some(segment) = volume.segments.iter().find(holds) else {
        return end;
    };
    let mut end = end.min(segment.start_extent + segment.extent_count);
    sources.extend(segment.physical().map(|(source, _)| source));
    for part in images(segment) {
        if let Part::Logical { volume, .. } = part
            && let Some(below) = group.logical_volume(volume)
        {
            end = gather(group, below, at, end, sources);
        }
    }
    if segment.base_type() == "integrity" {
        let parts = ["origin", "meta_dev"].into_iter();
        let names = parts.filter_map(|key| segment.strings.get(key));
        for below in names.filter_map(|name| group.logical_volume(name)) {
            end = gather(group, below, at, end, sources);
        }
    }
    if let Some(log) = segment.strings.get("mirror_log")
        && let Some(log) = group.logical_volume(log)
    {
        let pieces = log.segments.iter().flat_map(LvSegment::physical);
        sources.extend(pieces.map(|(source, _)| source));
    }
    end
}

/// Data stripes of parity RAID; 1 for everything else.
fn raid_multiple(segment: &LvSegment) -> u64 {
    let kind = segment.base_type();
    match SegmentType::from_word(kind) {
        Some(kind) if kind.parity() > 0 => image_multiple(segment),
        Some(_) | None => 1,
    }
}
