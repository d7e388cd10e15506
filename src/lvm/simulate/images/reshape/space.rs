//! Reshape space: the extents of every image that a reshape works in.

use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::simulate::build::{append_leg, cut_off, volume_mut};
use crate::lvm::simulate::request::{Companions, Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LogicalVolume, LvSegment, Part, SegmentType, VolumeGroup};

/// The key that holds its length, in the segment of the volume and in the first of each image.
const LENGTH: &str = "reshape_count";

/// Sectors of it in each image, 1 MiB, in whole extents, of which it has at least one.
const SECTORS: u64 = 2048;

/// Extents of it in each image.
pub(crate) fn length(volume: &LogicalVolume) -> u64 {
    let last = volume.segments.last();
    let length = last.and_then(|segment| segment.numbers.get(LENGTH));
    length.copied().unwrap_or(0)
}

/// What it adds to the extents of the volume.
pub(crate) fn logical_extents(volume: &LogicalVolume) -> u64 {
    let multiple = volume.segments.last().map_or(1, multiple);
    length(volume).saturating_mul(multiple)
}

/// Extents of a volume as `lvs` counts them: without what reshaping keeps free.
pub(crate) fn shown_extents(volume: &LogicalVolume) -> u64 {
    volume.extents().saturating_sub(logical_extents(volume))
}

/// Extents of the volume that one of each image adds. Of what is stored in pairs LVM2 counts both copies.
fn multiple(segment: &LvSegment) -> u64 {
    if segment.base_type().starts_with("raid10") {
        images(segment).len() as u64
    } else {
        image_multiple(segment)
    }
}

/// Where data would begin in images with such space, in sectors, if LVM2 does not take that: it wants a power of two.
pub(crate) fn unusable_offset(group: &VolumeGroup, name: &str) -> Option<u64> {
    let sectors = length(group.logical_volume(name)?).saturating_mul(group.extent_size_sectors);
    (sectors > 0 && !sectors.is_power_of_two()).then_some(sectors)
}

/// The names of the images of a volume.
pub(crate) fn image_names(volume: &LogicalVolume) -> Vec<String> {
    let parts = volume.segments.iter().flat_map(images);
    let names = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => Some(volume.clone()),
        Part::Physical { .. } => None,
    });
    names.collect()
}

/// Places it at the end of each image.
///
/// # Errors
/// The refusal of the allocator.
pub(crate) fn provide(
    group: &mut VolumeGroup,
    name: &str,
    settings: &Allocator,
    allowed: &[AllowedVolume],
) -> Result<(), SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let Some(segment) = volume.segments.last() else {
        return Ok(());
    };
    let kind = SegmentType::from_word(segment.base_type());
    let kind = kind.ok_or_else(|| SimulationError::unsupported("a reshape of this type"))?;
    let length = (SECTORS / group.extent_size_sectors.max(1)).max(1);
    let stripes = image_multiple(segment);
    let is_paired = kind == SegmentType::Raid10;
    let added = length.saturating_mul(multiple(segment));
    let wanted = Wanted {
        kind,
        stripes,
        mirrors: if is_paired { 2 } else { 0 },
        companions: Companions::None,
        region_sectors: 0,
        extents: length.saturating_mul(stripes),
        grows: Some(volume),
        apart: false,
        in_one_piece: false,
        policy: volume.policy,
        approximate: false,
        allowed,
        parallel: Vec::new(),
        name,
    };
    let placed = place(&*group, settings, &wanted).map_err(|error| match error {
        SimulationError::Refused(refusal) => {
            let path = format!("{}/{name}", group.name);
            let line = format!("Failed to allocate out-of-place reshape space for {path}.");
            refusal.and(line).into()
        }
        SimulationError::Unsupported { what } => SimulationError::unsupported(what),
    })?;
    for (leg, image) in image_names(volume).into_iter().enumerate() {
        if let Some(image) = volume_mut(group, &image) {
            append_leg(image, &placed.placement, leg);
        }
    }
    if let Some(segment) = last_mut(group, name) {
        segment.extent_count = segment.extent_count.saturating_add(added);
        if is_paired {
            segment.numbers.insert("data_copies", 1);
        }
    }
    mark(group, name, length);
    Ok(())
}

/// Says how long it is, where LVM2 says it.
fn mark(group: &mut VolumeGroup, name: &str, length: u64) {
    if let Some(segment) = last_mut(group, name) {
        segment.numbers.insert(LENGTH, length);
    }
    let names = group.logical_volume(name).map(image_names);
    for image in names.unwrap_or_default() {
        if let Some(image) = volume_mut(group, &image) {
            for (index, segment) in image.segments.iter_mut().enumerate() {
                segment.numbers.remove(LENGTH);
                if index == 0 {
                    segment.numbers.insert(LENGTH, length);
                }
            }
        }
    }
}

/// Puts the last extents of each image in front of the others: stripes that are added move data that way.
pub(crate) fn to_front(group: &mut VolumeGroup, name: &str) {
    let Some(volume) = group.logical_volume(name) else {
        return;
    };
    let length = length(volume);
    for image in image_names(volume) {
        let Some(image) = volume_mut(group, &image) else {
            continue;
        };
        let kept = image.extents().saturating_sub(length);
        let mut behind = image.clone();
        cut_off(image, length);
        for segment in &mut behind.segments {
            let end = segment.start_extent + segment.extent_count;
            let gone = kept.saturating_sub(segment.start_extent);
            if end <= kept {
                segment.extent_count = 0;
            } else if gone > 0 {
                segment.extent_count -= gone;
                for part in &mut segment.parts {
                    if let Part::Physical { start, .. } = part {
                        *start += gone;
                    }
                }
            }
        }
        behind.segments.retain(|segment| segment.extent_count > 0);
        let mut start = 0;
        let all = behind.segments.into_iter();
        let all: Vec<LvSegment> = all.chain(std::mem::take(&mut image.segments)).collect();
        for mut segment in all {
            segment.numbers.remove(LENGTH);
            segment.start_extent = start;
            start += segment.extent_count;
            match image.segments.last_mut() {
                Some(last) if last.is_continued_by(&segment) => {
                    last.extent_count += segment.extent_count;
                }
                Some(_) | None => image.segments.push(segment),
            }
        }
    }
    mark(group, name, length);
}

/// Gives it back: the volume, and each image, ends as many extents earlier.
pub(crate) fn free(group: &mut VolumeGroup, name: &str) {
    let Some(volume) = group.logical_volume(name) else {
        return;
    };
    let (length, logical) = (length(volume), logical_extents(volume));
    for image in image_names(volume) {
        if let Some(image) = volume_mut(group, &image) {
            cut_off(image, length);
            unmark(image);
        }
    }
    if let Some(segment) = last_mut(group, name) {
        segment.extent_count = segment.extent_count.saturating_sub(logical);
    }
    if let Some(volume) = volume_mut(group, name) {
        unmark(volume);
    }
}

/// Says nothing of it any longer.
fn unmark(volume: &mut LogicalVolume) {
    for segment in &mut volume.segments {
        segment.numbers.remove(LENGTH);
        let word = segment.segment_type.split("+RESHAPE").next();
        segment.segment_type = word.unwrap_or_default().to_string();
        if segment.base_type().starts_with("raid10") {
            segment.numbers.insert("data_copies", 2);
        }
    }
}

/// What LVM2 says before it gives another size to a volume with reshape space, which it takes for one that
/// is being reshaped.
///
/// # Errors
/// It is inactive.
pub(crate) fn check_resize(
    group: &VolumeGroup,
    volume: &LogicalVolume,
    is_active: bool,
) -> Result<(), Refusal> {
    let is_reshaped = volume.segments.iter().any(LvSegment::is_reshape_space);
    if !is_reshaped || is_active {
        return Ok(());
    }
    let path = format!("{}/{}", group.name, volume.name);
    Err(Refusal::lines([
        format!("Unable to determine sync status of {path}."),
        format!("Can't resize reshaping LV {path}."),
    ]))
}

fn last_mut<'g>(group: &'g mut VolumeGroup, name: &str) -> Option<&'g mut LvSegment> {
    volume_mut(group, name).and_then(|volume| volume.segments.last_mut())
}
