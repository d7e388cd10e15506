//! The images of a level put together anew.

use std::collections::BTreeSet;

use crate::greedy::Range;
use crate::lvm::lengths;
use crate::lvm::parts::images;
use crate::lvm::simulate::allowed::{self, AllowedVolume, free_extents, own_volumes};
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{
    append, append_leg, empty_volume, rename, segment_over, volume_mut,
};
use crate::lvm::simulate::images::context::{Context, new_images, wanted};
use crate::lvm::simulate::images::levels::level::{Level, Parity};
use crate::lvm::simulate::images::reshape::all_rebuilt;
use crate::lvm::simulate::refusal::leaving;
use crate::lvm::simulate::request::{Placed, Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, VolumeGroup};

/// Gives the volume the level `to`.
pub(crate) fn rebuild(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    from: &Level,
    to: &str,
) -> Result<(), SimulationError> {
    let name = context.name;
    let before = group.clone();
    // Images that stay, parity behind the data.
    let (mut kept, gone) = kept_images(group, context, segment, from, to)?;
    for image in &gone {
        let metadata = metadata_of(image);
        group
            .logical_volumes
            .retain(|volume| volume.name != *image && volume.name != metadata);
    }
    let has_metadata = !matches!(to, "striped" | "raid0");
    let had_metadata = !matches!(from.word.as_str(), "striped" | "raid0");
    if has_metadata && !had_metadata {
        add_metadata(group, context, &kept)?;
    }
    if !has_metadata && had_metadata {
        for image in &kept {
            let metadata = metadata_of(image);
            group
                .logical_volumes
                .retain(|volume| volume.name != metadata);
        }
    }
    let wanted_count = wanted_images(from, to);
    let more = wanted_count.saturating_sub(kept.len() as u64);
    let length = kept
        .first()
        .and_then(|image| group.logical_volume(image))
        .map_or(0, LogicalVolume::extents);
    let first_new = kept.len();
    if more > 0 {
        let parallel = parallel_areas(&before, name, true)?;
        let wanted = new_images(context, more, length, parallel);
        let placed = place(&*group, context.settings, &wanted);
        let placed = placed.map_err(|error| {
            let loses_metadata = (from.word.as_str(), to) == ("raid0_meta", "raid4");
            if loses_metadata {
                leaving(error, || without_metadata(&before, context, segment))
            } else {
                error
            }
        })?;
        for leg in 0..usize::try_from(more).unwrap_or(0) {
            let image = format!("{name}_rimage_new{leg}");
            let mut metadata = empty_volume(&metadata_of(&image), false, AllocationPolicy::Inherit);
            append(&mut metadata, &placed.placement.metadata[leg..=leg], 0);
            metadata.status.insert("REBUILD".to_string());
            let mut volume = empty_volume(&image, false, AllocationPolicy::Inherit);
            append_leg(&mut volume, &placed.placement, leg);
            group.logical_volumes.extend([metadata, volume]);
            kept.push(image);
        }
    }
    // Numbers follow the order of the images, except that copies are numbered as they come.
    if to == "raid4" && kept.len() > 1 && from.parity != Parity::Mirror {
        kept.rotate_right(1);
    }
    number(group, name, &kept, has_metadata);
    let mut order: Vec<usize> = (0..kept.len()).collect();
    if to == "raid10" {
        let half = first_new;
        order = (0..half).flat_map(|index| [index, half + index]).collect();
    }
    if to == "striped" {
        return into_stripes(group, context, segment, kept.len());
    }
    let names = order.iter().flat_map(|index| {
        let metadata = has_metadata.then(|| format!("{name}_rmeta_{index}"));
        metadata
            .into_iter()
            .chain([format!("{name}_rimage_{index}")])
    });
    let count = kept.len() as u64;
    let stripe_size = segment
        .numbers
        .get("stripe_size")
        .copied()
        .filter(|size| *size > 0);
    let asked = context.conversion.given.get("stripesize");
    let asked = asked.and_then(|text| read_sectors(text, 2).ok());
    let stripe_size =
        stripe_size.unwrap_or_else(|| asked.unwrap_or(128.min(group.extent_size_sectors)));
    let region = segment.numbers.get("region_size").copied();
    let region = context
        .conversion
        .region_sectors
        .or(region)
        .unwrap_or(context.region_sectors);
    let mut numbers: Vec<(&str, u64)> = vec![("stripe_size", stripe_size)];
    if to.starts_with("raid0") {
        numbers.push(("stripe_count", count));
    } else {
        numbers.extend([("device_count", count), ("region_size", region)]);
    }
    if to == "raid10" {
        numbers.push(("data_copies", 2));
    }
    let segment = segment_over(to, context.extents, names, &numbers);
    if let Some(volume) = volume_mut(group, name) {
        volume.segments = vec![segment];
    }
    if to == "raid10" {
        all_rebuilt(group, name);
    }
    Ok(())
}

/// What LVM2 has done to a `raid0_meta` before it finds no room for the parity of a `raid4`: the metadata of the
/// images are volumes of their own.
fn without_metadata(before: &VolumeGroup, context: &Context, segment: &LvSegment) -> VolumeGroup {
    let mut left = before.clone();
    let mut names = Vec::new();
    for part in images(segment) {
        if let Part::Logical { volume, .. } = part {
            let metadata = metadata_of(volume);
            let extracted = format!("{metadata}_extracted");
            rename(&mut left, &metadata, &extracted);
            if let Some(metadata) = volume_mut(&mut left, &extracted) {
                metadata.status.insert("VISIBLE".to_string());
            }
            names.push(volume.clone());
        }
    }
    let numbers = ["stripe_count", "stripe_size"];
    let numbers = numbers.map(|key| (key, segment.numbers.get(key).copied().unwrap_or(0)));
    if let Some(volume) = volume_mut(&mut left, context.name) {
        volume.segments = vec![segment_over("raid0", context.extents, names, &numbers)];
    }
    left
}

/// How many images there will be.
pub(crate) fn wanted_images(from: &Level, to: &str) -> u64 {
    match to {
        _ if from.parity == Parity::Mirror => from.images,
        "raid10" => from.stripes * 2,
        "raid4" => from.stripes + 1,
        _ if to.starts_with("raid5") => from.stripes + 1,
        _ if to.starts_with("raid6") => from.stripes + 2,
        _ => from.stripes,
    }
}

/// The images that stay, those with parity behind those with data, and those that go.
fn kept_images(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    from: &Level,
    to: &str,
) -> Result<(Vec<String>, Vec<String>), SimulationError> {
    if from.word == "striped" {
        return Ok((out_of_stripes(group, context)?, Vec::new()));
    }
    let parts = images(segment).into_iter();
    let mut all: Vec<String> = parts
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    match from.parity {
        Parity::First => all.rotate_left(1),
        Parity::Copies => {
            let mut copies = Vec::new();
            let mut data = Vec::new();
            for (index, image) in all.into_iter().enumerate() {
                if index % 2 == 0 {
                    data.push(image)
                } else {
                    copies.push(image)
                }
            }
            return Ok((data, copies));
        }
        Parity::None
        | Parity::Last
        | Parity::Rotating
        | Parity::LastTwo
        | Parity::RotatingAndLast
        | Parity::RotatingTwice
        | Parity::Mirror => {}
    }
    let stay = usize::try_from(wanted_images(from, to))
        .unwrap_or(usize::MAX)
        .min(all.len());
    let gone = all.split_off(stay);
    Ok((all, gone))
}

fn metadata_of(image: &str) -> String {
    image.replace("_rimage_", "_rmeta_")
}

/// Each stripe becomes an image.
fn out_of_stripes(
    group: &mut VolumeGroup,
    context: &Context,
) -> Result<Vec<String>, SimulationError> {
    let name = context.name;
    let Some(volume) = group.logical_volume(name).cloned() else {
        return Ok(Vec::new());
    };
    let stripes = volume
        .segments
        .first()
        .map_or(0, |segment| segment.parts.len());
    if volume
        .segments
        .iter()
        .any(|segment| segment.parts.len() != stripes)
    {
        let path = format!("{}/{name}", group.name);
        let line = format!("Cannot convert striped LV {path} with varying stripe count to raid0.");
        return Err(Refusal::new(line).into());
    }
    let mut names = Vec::new();
    for stripe in 0..stripes {
        let mut image = empty_volume(
            &format!("{name}_rimage_{stripe}"),
            false,
            AllocationPolicy::Inherit,
        );
        for segment in &volume.segments {
            if let Some((source, area)) = segment.physical().nth(stripe)
                && let Some(range) = allowed::range(area)
            {
                append(&mut image, &[(source, range)], 0);
            }
        }
        names.push(image.name.clone());
        group.logical_volumes.push(image);
    }
    if let Some(volume) = volume_mut(group, name) {
        let extents = volume.extents();
        volume.segments = vec![segment_over(
            "raid0",
            extents,
            names.clone(),
            &[("stripe_count", stripes as u64)],
        )];
    }
    Ok(names)
}

/// The images become stripes of the volume itself.
fn into_stripes(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    count: usize,
) -> Result<(), SimulationError> {
    let name = context.name;
    let stripe_size = segment.numbers.get("stripe_size").copied().unwrap_or(128);
    let mut pieces: Vec<Vec<(usize, Range)>> = Vec::new();
    for index in 0..count {
        let image = group.logical_volume(&format!("{name}_rimage_{index}"));
        let areas = image
            .into_iter()
            .flat_map(|image| &image.segments)
            .flat_map(LvSegment::physical);
        pieces.push(
            areas
                .filter_map(|(source, area)| Some((source, allowed::range(area)?)))
                .collect(),
        );
    }
    let mut volume = empty_volume(name, true, context.policy);
    while pieces.iter().all(|image| !image.is_empty()) {
        let length = pieces
            .iter()
            .map(|image| image[0].1.count)
            .min()
            .unwrap_or(0);
        let row: Vec<(usize, Range)> = pieces
            .iter()
            .map(|image| {
                (
                    image[0].0,
                    Range {
                        start: image[0].1.start,
                        count: length,
                    },
                )
            })
            .collect();
        append(&mut volume, &row, stripe_size);
        for image in &mut pieces {
            let range = &mut image[0].1;
            range.start += length;
            range.count -= length;
            if range.count == 0 {
                image.remove(0);
            }
        }
    }
    group
        .logical_volumes
        .retain(|one| !one.name.starts_with(&format!("{name}_rimage_")));
    if let Some(old) = volume_mut(group, name) {
        old.segments = volume.segments;
        old.status.remove("NOTSYNCED");
    }
    Ok(())
}

/// Images and their metadata get the numbers of their places.
fn number(group: &mut VolumeGroup, name: &str, kept: &[String], has_metadata: bool) {
    for (index, image) in kept.iter().enumerate() {
        rename(group, image, &format!("{name}_rimage_at{index}"));
        if has_metadata {
            rename(
                group,
                &metadata_of(image),
                &format!("{name}_rmeta_at{index}"),
            );
        }
    }
    for index in 0..kept.len() {
        rename(
            group,
            &format!("{name}_rimage_at{index}"),
            &format!("{name}_rimage_{index}"),
        );
        rename(
            group,
            &format!("{name}_rmeta_at{index}"),
            &format!("{name}_rmeta_{index}"),
        );
    }
}

/// Metadata for images that have none: on their own volumes, or on those given, each once.
fn add_metadata(
    group: &mut VolumeGroup,
    context: &Context,
    kept: &[String],
) -> Result<(), SimulationError> {
    let path = format!("{}/{}", group.name, context.name);
    let is_free_choice = context.conversion.volumes.is_empty();
    let images = kept.iter().filter_map(|name| group.logical_volume(name));
    let held: BTreeSet<usize> = images.flat_map(sources_of).collect();
    let mut used: Vec<usize> = Vec::new();
    for (index, name) in kept.iter().enumerate() {
        let Some(image) = group.logical_volume(name) else {
            return Err(SimulationError::unsupported("an image that is not there"));
        };
        let length = lengths::raid_metadata(
            image.extents(),
            group.extent_size_sectors,
            context.region_sectors,
        );
        let unused = |entries: &[AllowedVolume]| {
            let free = entries.iter().filter(|entry| !used.contains(&entry.volume));
            free.cloned().collect::<Vec<AllowedVolume>>()
        };
        let first = if is_free_choice {
            unused(&own_volumes(group, image))
        } else {
            unused(&context.allowed)
        };
        let second = unused(&context.allowed);
        let try_on = |allowed: &[AllowedVolume], apart: bool| {
            let wish = Wanted {
                extents: length,
                apart,
                ..wanted(context, allowed)
            };
            place(&*group, context.settings, &wish)
        };
        if context.settings.stands_in() && is_free_choice && free_extents(&*group, &first) < length
        {
            // Elsewhere it is only as safe as its image where no other image lies.
            let elsewhere = second
                .into_iter()
                .filter(|entry| !held.contains(&entry.volume));
            let placed = try_on(&elsewhere.collect::<Vec<AllowedVolume>>(), true)?;
            push_metadata(group, name, &placed, &mut used);
            continue;
        }
        let placed = match try_on(&first, !is_free_choice) {
            Err(SimulationError::Refused(refusal)) => match try_on(&second, true) {
                Err(SimulationError::Refused(again)) => {
                    let mut lines = refusal.messages;
                    lines.extend(again.messages);
                    lines.push(format!(
                        "Failed to allocate metadata LV for {path}_rimage_{index}."
                    ));
                    lines.push(format!("Failed to allocate metadata LVs for {path}."));
                    lines.push(format!("Failed to allocate metadata LVs for {path}."));
                    return Err(Refusal::lines(lines).into());
                }
                other => other?,
            },
            other => other?,
        };
        push_metadata(group, name, &placed, &mut used);
    }
    Ok(())
}

/// Builds the metadata of an image, and notes on which volumes it lies.
fn push_metadata(group: &mut VolumeGroup, image: &str, placed: &Placed, used: &mut Vec<usize>) {
    let mut metadata = empty_volume(&metadata_of(image), false, AllocationPolicy::Inherit);
    append_leg(&mut metadata, &placed.placement, 0);
    used.extend(sources_of(&metadata));
    group.logical_volumes.push(metadata);
}

/// The physical volumes that a volume itself lies on.
fn sources_of(volume: &LogicalVolume) -> impl Iterator<Item = usize> {
    let pieces = volume.segments.iter().flat_map(LvSegment::physical);
    pieces.map(|(source, _)| source)
}
