//! Images of RAID1 volumes, each with its metadata: made beside what there is, or for the first time.

use crate::lvm::lengths;
use crate::lvm::simulate::allowed::own_volumes;
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{append, append_leg, empty_volume, segment_over, volume_mut};
use crate::lvm::simulate::images::context::{Context, last_segment, new_images, wanted};
use crate::lvm::simulate::images::remove::remove_images;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, Part, SegmentType, VolumeGroup};

/// A linear volume becomes the first image of a RAID1 volume; `more` images are added.
pub(crate) fn linear_to_raid(
    group: &mut VolumeGroup,
    context: &Context,
    more: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    let parallel = parallel_areas(group, name, true)?;
    add_metadata(group, context, name, &format!("{name}_rmeta_0"))?;
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Raid1,
            mirrors: more,
            companions: Companions::RaidMetadata(more),
            parallel,
            ..wanted(context, &context.allowed)
        },
    )?;
    let mut names = vec![format!("{name}_rmeta_0"), format!("{name}_rimage_0")];
    push_images(group, name, (1, 1), more, &placed, &mut names);
    let Some(volume) = volume_mut(group, name) else {
        return Ok(());
    };
    let segments = std::mem::take(&mut volume.segments);
    volume.segments.push(segment_over(
        "raid1",
        context.extents,
        names,
        &[
            ("device_count", more + 1),
            ("region_size", context.region_sectors),
        ],
    ));
    let mut first = empty_volume(
        &format!("{name}_rimage_0"),
        false,
        AllocationPolicy::Inherit,
    );
    first.segments = segments;
    group.logical_volumes.push(first);
    Ok(())
}

/// More or fewer images of a RAID1 volume.
pub(crate) fn change_raid_images(
    group: &mut VolumeGroup,
    context: &Context,
    count: u64,
    wanted_count: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    if wanted_count > count {
        let more = wanted_count - count;
        let parallel = parallel_areas(group, name, true)?;
        let wanted = new_images(context, more, context.extents, parallel);
        let placed = place(group, context.settings, &wanted)?;
        let mut names = Vec::new();
        let first = (
            next_number(group, &format!("{name}_rmeta_")),
            next_number(group, &format!("{name}_rimage_")),
        );
        push_images(group, name, first, more, &placed, &mut names);
        if let Some(segment) = last_segment(group, name) {
            let parts = names
                .into_iter()
                .map(|volume| Part::Logical { volume, start: 0 });
            segment.parts.extend(parts);
            segment.numbers.insert("device_count", wanted_count);
        }
    } else if wanted_count < count {
        let fewer = usize::try_from(count - wanted_count).unwrap_or(usize::MAX);
        remove_images(group, context, fewer, true)?;
    }
    let is_as_wanted = context.conversion.mirrors.is_some() && wanted_count == count;
    if wanted_count > 1
        && !is_as_wanted
        && context.conversion.region_sectors.is_some()
        && let Some(segment) = last_segment(group, name)
    {
        segment
            .numbers
            .insert("region_size", context.region_sectors);
    }
    Ok(())
}

/// The number past all that there are in names of that form: those of checksums, too, which stay as images are
/// numbered anew.
fn next_number(group: &VolumeGroup, prefix: &str) -> u64 {
    let number = |volume: &LogicalVolume| {
        let rest = volume.name.strip_prefix(prefix)?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse::<u64>().ok()
    };
    let highest = group.logical_volumes.iter().filter_map(number).max();
    highest.map_or(0, |highest| highest.saturating_add(1))
}

/// Builds images with their metadata, numbered from the `first` of both.
fn push_images(
    group: &mut VolumeGroup,
    name: &str,
    (first_metadata, first_image): (u64, u64),
    count: u64,
    placed: &Placed,
    names: &mut Vec<String>,
) {
    for (leg, number) in (0..count).enumerate() {
        let mut metadata = empty_volume(
            &format!("{name}_rmeta_{}", first_metadata + number),
            false,
            AllocationPolicy::Inherit,
        );
        append(&mut metadata, &placed.placement.metadata[leg..=leg], 0);
        let mut image = empty_volume(
            &format!("{name}_rimage_{}", first_image + number),
            false,
            AllocationPolicy::Inherit,
        );
        append_leg(&mut image, &placed.placement, leg);
        names.extend([metadata.name.clone(), image.name.clone()]);
        group.logical_volumes.extend([metadata, image]);
    }
}

/// Metadata for an image that has none, on the image's own physical volumes.
pub(crate) fn add_metadata(
    group: &mut VolumeGroup,
    context: &Context,
    image: &str,
    metadata: &str,
) -> Result<(), SimulationError> {
    let length = lengths::raid_metadata(
        context.extents,
        group.extent_size_sectors,
        context.region_sectors,
    );
    let Some(image) = group.logical_volume(image) else {
        return Err(SimulationError::unsupported("an image that is not there"));
    };
    let allowed = own_volumes(group, image);
    let placed = place(
        group,
        context.settings,
        &Wanted {
            extents: length,
            ..wanted(context, &allowed)
        },
    )?;
    let mut volume = empty_volume(metadata, false, AllocationPolicy::Inherit);
    append_leg(&mut volume, &placed.placement, 0);
    group.logical_volumes.push(volume);
    Ok(())
}

/// LVM2 finds its own metadata corrupted where images have metadata of different lengths.
pub(crate) fn check_metadata(group: &VolumeGroup, name: &str) -> Result<(), Refusal> {
    let volume = group.logical_volume(name);
    let segment = volume.and_then(|volume| volume.segments.last());
    let parts = segment.into_iter().flat_map(|segment| &segment.parts);
    let lengths: Vec<u64> = parts
        .filter_map(|part| match part {
            Part::Logical { volume, .. } if volume.contains("_rmeta_") => {
                group.logical_volume(volume).map(LogicalVolume::extents)
            }
            Part::Logical { .. } | Part::Physical { .. } => None,
        })
        .collect();
    let first = lengths.first().copied().unwrap_or(0);
    let other = lengths.iter().filter(|length| **length != first);
    let mut lines: Vec<String> = other
        .map(|length| {
            format!(
                "LV {}/{name} invalid: MetaLV size variations (is {length}) for raid1 segment",
                group.name
            )
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    lines.push(format!("Internal error: LV segments corrupted in {name}."));
    Err(Refusal::lines(lines))
}
