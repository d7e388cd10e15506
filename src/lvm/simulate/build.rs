//! Logical volumes as LVM2 builds them from what the allocator placed.

use std::collections::BTreeSet;

use crate::greedy::{Placement, Range};
use crate::lvm::demand::pool::THIN_CROPPED_SECTORS;
use crate::lvm::{AllocationPolicy, ByKey, LogicalVolume, LvSegment, Part, VolumeGroup};

/// A volume without extents.
///
/// Metadata has no word for `cling_by_tags`: `cling` stands for both.
pub(crate) fn empty_volume(
    name: &str,
    is_visible: bool,
    policy: AllocationPolicy,
) -> LogicalVolume {
    let mut status = BTreeSet::from(["READ".to_string(), "WRITE".to_string()]);
    if is_visible {
        status.insert("VISIBLE".to_string());
    }
    LogicalVolume {
        name: name.to_string(),
        id: String::new(),
        status,
        policy: stored(policy),
        tags: BTreeSet::new(),
        segments: Vec::new(),
    }
}

/// The policy as metadata stores it.
pub(crate) fn stored(policy: AllocationPolicy) -> AllocationPolicy {
    match policy {
        AllocationPolicy::ClingByTags => AllocationPolicy::Cling,
        AllocationPolicy::Contiguous
        | AllocationPolicy::Cling
        | AllocationPolicy::Normal
        | AllocationPolicy::Anywhere
        | AllocationPolicy::Inherit => policy,
    }
}

/// Appends a stretch over physical volumes, one piece per stripe, all equally long. What continues
/// the last segment becomes part of it.
pub(crate) fn append(volume: &mut LogicalVolume, pieces: &[(usize, Range)], stripe_sectors: u64) {
    let Some((_, first)) = pieces.first() else {
        return;
    };
    let stripes = pieces.len() as u64;
    let extent_count = u64::from(first.count) * stripes;
    let stripe_size = if stripes > 1 { stripe_sectors } else { 0 };
    let end = |last: &LvSegment| last.start_extent + last.extent_count;
    // An image that goes after a reshape says so in all its segments.
    let last_type = volume
        .segments
        .last()
        .filter(|last| last.base_type() == "striped");
    let segment_type = last_type.map_or("striped".to_string(), |last| last.segment_type.clone());
    let start_extent = volume.segments.last().map_or(0, end);
    if let Some(last) = volume.segments.last_mut()
        && continues(last, pieces, stripe_size)
    {
        last.extent_count += extent_count;
        return;
    }
    let mut numbers = ByKey::from([("stripe_count", stripes)]);
    if stripe_size > 0 {
        numbers.insert("stripe_size".to_string(), stripe_size);
    }
    volume.segments.push(LvSegment {
        start_extent,
        extent_count,
        segment_type,
        parts: pieces
            .iter()
            .map(|(source, range)| Part::Physical {
                volume: *source,
                start: u64::from(range.start),
            })
            .collect(),
        numbers,
        strings: ByKey::new(),
    });
}

/// Whether pieces lie directly behind those of a segment, stripe by stripe.
fn continues(last: &LvSegment, pieces: &[(usize, Range)], stripe_size: u64) -> bool {
    let length = last.part_extents();
    last.base_type() == "striped"
        && last.parts.len() == pieces.len()
        && last.numbers.get("stripe_size").copied().unwrap_or(0) == stripe_size
        && last
            .parts
            .iter()
            .zip(pieces)
            .all(|(part, (source, range))| {
                let behind = u64::from(range.start);
                matches!(part, Part::Physical { volume, start }
                if volume == source && start + length == behind)
            })
}

/// Appends one leg of a placement, chunk by chunk.
pub(crate) fn append_leg(volume: &mut LogicalVolume, placement: &Placement, leg: usize) {
    for chunk in &placement.chunks {
        append(volume, &chunk.pieces[leg..=leg], 0);
    }
}

/// Appends several legs of a placement as stripes.
pub(crate) fn append_stripes(
    volume: &mut LogicalVolume,
    placement: &Placement,
    legs: std::ops::Range<usize>,
    stripe_sectors: u64,
) {
    for chunk in &placement.chunks {
        append(volume, &chunk.pieces[legs.clone()], stripe_sectors);
    }
}

/// The same as segments of their own.
pub(crate) fn append_apart(
    volume: &mut LogicalVolume,
    placement: &Placement,
    legs: std::ops::Range<usize>,
    stripe_sectors: u64,
) {
    let mut apart = empty_volume(&volume.name, false, AllocationPolicy::Inherit);
    append_stripes(&mut apart, placement, legs, stripe_sectors);
    let behind = volume.extents();
    for mut segment in apart.segments {
        segment.start_extent += behind;
        volume.segments.push(segment);
    }
}

/// A segment over other volumes.
pub(crate) fn segment_over(
    segment_type: &str,
    extent_count: u64,
    names: impl IntoIterator<Item = String>,
    numbers: &[(&str, u64)],
) -> LvSegment {
    LvSegment {
        start_extent: 0,
        extent_count,
        segment_type: segment_type.to_string(),
        parts: names
            .into_iter()
            .map(|volume| Part::Logical { volume, start: 0 })
            .collect(),
        numbers: numbers
            .iter()
            .map(|(key, value)| ((*key).to_string(), *value))
            .collect(),
        strings: ByKey::new(),
    }
}

/// The logical volume of a name, to be changed.
pub(crate) fn volume_mut<'a>(
    group: &'a mut VolumeGroup,
    name: &str,
) -> Option<&'a mut LogicalVolume> {
    group
        .logical_volumes
        .iter_mut()
        .find(|volume| volume.name == name)
}

/// Gives a volume another name, here and wherever it is mentioned.
pub(crate) fn rename(group: &mut VolumeGroup, old: &str, new: &str) {
    for volume in &mut group.logical_volumes {
        if volume.name == old {
            volume.name = new.to_string();
        }
        for segment in &mut volume.segments {
            for part in &mut segment.parts {
                if let Part::Logical { volume, .. } = part
                    && volume == old
                {
                    *volume = new.to_string();
                }
            }
            for name in segment.strings.values_mut() {
                if name == old {
                    *name = new.to_string();
                }
            }
        }
    }
}

/// Says of a thin pool that the kernel is to use no more of its metadata than it can, where there is more.
pub(crate) fn crop_metadata(group: &mut VolumeGroup, pool: &str) {
    const CROPPED: &str = "+CROP_METADATA";
    let segment = group
        .logical_volume(pool)
        .and_then(|pool| pool.segments.first());
    let metadata = segment
        .filter(|segment| segment.base_type() == "thin-pool")
        .and_then(|segment| group.logical_volume(segment.strings.get("metadata")?));
    let extents = metadata.map_or(0, LogicalVolume::extents);
    let sectors = extents.saturating_mul(group.extent_size_sectors);
    let pool = volume_mut(group, pool).and_then(|pool| pool.segments.first_mut());
    if let Some(segment) = pool
        && sectors > THIN_CROPPED_SECTORS
        && !segment.segment_type.contains(CROPPED)
    {
        segment.segment_type.push_str(CROPPED);
    }
}

/// The first name `lvolN` with the given ending that is past all names of that form there are.
pub(crate) fn generated_name(group: &VolumeGroup, ending: &str) -> String {
    let number = |name: &str| {
        let rest = name.strip_prefix("lvol")?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse::<u64>().ok()
    };
    let names = group.logical_volumes.iter();
    let highest = names.filter_map(|volume| number(&volume.name)).max();
    let next = highest.map_or(0, |highest| highest + 1);
    format!("lvol{next}{ending}")
}

/// Takes `extents` off the end of a volume that lies on physical volumes.
pub(crate) fn cut_off(volume: &mut LogicalVolume, extents: u64) {
    let mut left = extents;
    while left > 0 {
        let Some(last) = volume.segments.last_mut() else {
            return;
        };
        if last.extent_count > left {
            last.extent_count -= left;
            return;
        }
        left -= last.extent_count;
        volume.segments.pop();
    }
}
