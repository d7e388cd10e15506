//! Images that a reshape adds, or that go when it is done.

use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{append, append_leg, empty_volume, volume_mut};
use crate::lvm::simulate::images::context::{Context, new_images};
use crate::lvm::simulate::images::levels::level::{Level, Parity};
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::request::place;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, VolumeGroup};

/// What the segment type of an image says that goes once the data has moved.
const REMOVED: &str = "+REMOVE_AFTER_RESHAPE";

/// Adds images for more stripes, each with its metadata, as long as those that there are.
pub(crate) fn add_stripes(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    from: &Level,
    stripes: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    let copies = if from.parity == Parity::Copies { 2 } else { 1 };
    let more = (stripes - from.stripes).saturating_mul(copies);
    let first = images(segment).into_iter().find_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    let length = first.map_or(0, LogicalVolume::extents);
    let mut parallel = parallel_areas(&counted_by(group, name), name, true)?;
    // They keep away from all of it, which is counted otherwise.
    parallel.iter_mut().for_each(|area| area.count = u32::MAX);
    let wanted = new_images(context, more, length, parallel);
    let placed = place(&*group, context.settings, &wanted)?;
    let mut parts = Vec::new();
    for leg in 0..usize::try_from(more).unwrap_or(0) {
        let index = from.images + leg as u64;
        let mut metadata = new_image(format!("{name}_rmeta_{index}"));
        append(&mut metadata, &placed.placement.metadata[leg..=leg], 0);
        let mut image = new_image(format!("{name}_rimage_{index}"));
        append_leg(&mut image, &placed.placement, leg);
        for volume in [metadata, image] {
            parts.push(Part::Logical {
                volume: volume.name.clone(),
                start: 0,
            });
            group.logical_volumes.push(volume);
        }
    }
    let volume = volume_mut(group, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.last_mut()) {
        segment.parts.extend(parts);
        segment.numbers.insert("device_count", from.images + more);
        segment.extent_count = length.saturating_mul(stripes);
        segment.segment_type = format!("{}+RESHAPE_DATA_OFFSET", segment.base_type());
    }
    Ok(())
}

/// The group as LVM2 counts where it looks for what new images keep away from: by the extents of an image, reshape
/// space left out.
fn counted_by(group: &VolumeGroup, name: &str) -> VolumeGroup {
    let mut counted = group.clone();
    let freed = group.logical_volume(name).map_or(0, space::logical_extents);
    let volume = volume_mut(&mut counted, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.last_mut()) {
        let kept = segment.extent_count.saturating_sub(freed);
        segment.extent_count = kept / image_multiple(segment);
    }
    counted
}

fn new_image(name: String) -> LogicalVolume {
    let mut volume = empty_volume(&name, false, AllocationPolicy::Inherit);
    volume.status.insert("REBUILD".to_string());
    volume
}

/// Marks all images but the first ones, and their metadata.
pub(crate) fn mark_for_removal(group: &mut VolumeGroup, name: &str, kept: u64) {
    let volume = group.logical_volume(name);
    let segment = volume.and_then(|volume| volume.segments.last());
    let parts = segment.map_or(&[][..], |segment| &segment.parts);
    let kept = usize::try_from(kept.saturating_mul(2)).unwrap_or(usize::MAX);
    let names: Vec<String> = parts
        .iter()
        .skip(kept)
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    for name in names {
        let volume = volume_mut(group, &name);
        for segment in volume.into_iter().flat_map(|volume| &mut volume.segments) {
            if !segment.segment_type.ends_with(REMOVED) {
                segment.segment_type.push_str(REMOVED);
            }
        }
    }
}

/// Whether an image goes once the data has moved.
pub(crate) fn is_marked(group: &VolumeGroup, image: &str) -> bool {
    let volume = group.logical_volume(image);
    let mut segments = volume.into_iter().flat_map(|volume| &volume.segments);
    segments.any(|segment| segment.segment_type.ends_with(REMOVED))
}
