//! Images taken away from a RAID1 volume or a mirror.

use crate::lvm::parts::{images, metadata_of, with_parts};
use crate::lvm::simulate::build::{rename, volume_mut};
use crate::lvm::simulate::images::context::{Context, last_segment};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LvSegment, Part, VolumeGroup};

/// Takes images away: the last ones, or the last of those that lie on the physical volumes given.
/// Returns their names.
pub(crate) fn remove_images(
    group: &mut VolumeGroup,
    context: &Context,
    fewer: usize,
    is_raid: bool,
) -> Result<Vec<String>, SimulationError> {
    let name = context.name;
    let Some(volume) = group.logical_volume(name) else {
        return Ok(Vec::new());
    };
    let Some(segment) = volume.segments.last() else {
        return Ok(Vec::new());
    };
    let mut kept: Vec<String> = images(segment)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    let lies_there = |image: &String| {
        let below = with_parts(group, image);
        let below = below.iter().filter_map(|name| group.logical_volume(name));
        let pieces = below.flat_map(|volume| &volume.segments);
        let mut pieces = pieces.flat_map(LvSegment::physical);
        pieces.any(|(source, _)| context.allowed.iter().any(|entry| entry.volume == source))
    };
    let is_free_choice = context.conversion.volumes.is_empty();
    let mut gone = Vec::new();
    for index in (0..kept.len()).rev() {
        if gone.len() < fewer && (is_free_choice || lies_there(&kept[index])) {
            gone.push(kept.remove(index));
        }
    }
    if !is_raid {
        // A mirror gives away others where there are none on the volumes given.
        while gone.len() < fewer && !kept.is_empty() {
            gone.extend(kept.pop());
        }
    }
    let given = context.conversion.volumes.len();
    if gone.len() < fewer {
        return Err(Refusal::lines([
            match given < fewer && given == 1 {
                true => format!("Unable to remove {fewer} images:  Only 1 device given."),
                false => "Unable to extract enough images to satisfy request.".to_string(),
            },
            format!("Failed to extract images from {}/{name}.", group.name),
        ])
        .into());
    }
    let log = segment.strings.get("mirror_log").cloned();
    let policy = context.policy;
    let segment = segment.clone();
    let metadata_of = |image: &str| metadata_of(&segment, image);
    let below: Vec<String> = gone
        .iter()
        .flat_map(|image| with_parts(group, image))
        .collect();
    group.logical_volumes.retain(|volume| {
        let is_metadata = |image: &String| is_raid && volume.name == metadata_of(image);
        !below.contains(&volume.name) && !gone.iter().any(is_metadata)
    });
    if let [only] = kept.as_slice() {
        // What is left is no longer a mirror: the last image's extents are the volume's own.
        let metadata = metadata_of(only);
        let image = group.logical_volume(only).cloned();
        group.logical_volumes.retain(|volume| {
            volume.name != *only
                && (!is_raid || volume.name != metadata)
                && Some(&volume.name) != log.as_ref()
        });
        if let (Some(volume), Some(image)) = (volume_mut(group, name), image) {
            volume.segments = image.segments;
            volume.status.remove("NOTSYNCED");
            volume.policy = policy;
        }
        return Ok(gone);
    }
    let mut names = Vec::new();
    for (index, image) in kept.iter().enumerate() {
        if !is_raid {
            names.push(image.clone());
            continue;
        }
        // RAID images are numbered anew, without gaps.
        let (new_metadata, new_image) = (
            format!("{name}_rmeta_{index}"),
            format!("{name}_rimage_{index}"),
        );
        rename(group, &metadata_of(image), &new_metadata);
        rename(group, image, &new_image);
        names.extend([new_metadata, new_image]);
    }
    let key = if is_raid {
        "device_count"
    } else {
        "mirror_count"
    };
    if let Some(segment) = last_segment(group, name) {
        segment.parts = names
            .into_iter()
            .map(|volume| Part::Logical { volume, start: 0 })
            .collect();
        segment.numbers.insert(key.to_string(), kept.len() as u64);
    }
    Ok(gone)
}
