//! Checksums for the images of RAID volumes: each image gets a volume for them beside it.

use crate::lvm::parts::images;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::own_volumes;
use crate::lvm::simulate::build::{append_leg, empty_volume, segment_over, volume_mut};
use crate::lvm::simulate::cache::{pull_up, push_below_as};
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::refusal::check_count;
use crate::lvm::simulate::request::{Wanted, place};
use crate::lvm::simulate::roles::has_integrity;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, VolumeGroup};

/// Sectors in a mebibyte.
const MEBIBYTE_SECTORS: u64 = 2048;

/// Adds checksums to the volume that a command has just made.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn added_to_new(
    before: &VolumeGroup,
    after: VolumeGroup,
    settings: &Allocator,
    given: &Given,
) -> Result<VolumeGroup, SimulationError> {
    check_blocks(given)?;
    let is_new = |volume: &&LogicalVolume| {
        volume.is_visible() && before.logical_volume(&volume.name).is_none()
    };
    let name = after
        .logical_volumes
        .iter()
        .find(is_new)
        .map(|volume| volume.name.clone());
    let name = name.ok_or_else(|| SimulationError::unsupported("a volume that is not there"))?;
    add(after, &name, settings)
}

/// Refuses blocks that checksums are not kept of.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_blocks(given: &Given) -> Result<(), Refusal> {
    match given.get("raidintegrityblocksize") {
        None | Some("512" | "1024" | "2048" | "4096") => Ok(()),
        Some(_) => {
            let sizes = "512, 1024, 2048, 4096";
            let line = format!("Invalid integrity block size, possible values are {sizes}");
            Err(Refusal::new(line).and(NOT_ADDED))
        }
    }
}

/// What LVM2 says behind why there are no checksums.
const NOT_ADDED: &str = "Failed to add integrity.";

/// Adds checksums to every image of a volume that has none yet.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn add(
    mut group: VolumeGroup,
    name: &str,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let Some(segment) = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.first())
    else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    let kind = segment.base_type();
    if kind.starts_with("raid0") || !kind.starts_with("raid") {
        return Err(Refusal::new("Integrity can only be added to raid1,4,5,6,10.").into());
    }
    let mut names = names_of(segment);
    names.retain(|image| {
        let volume = group.logical_volume(image).into_iter();
        let mut segments = volume.flat_map(|volume| &volume.segments);
        !segments.any(|segment| segment.base_type() == "integrity")
    });
    for image in &names {
        let Some(volume) = group.logical_volume(image) else {
            return Err(SimulationError::unsupported("an image that is not there"));
        };
        let extents = metadata_extents(volume.extents(), group.extent_size_sectors);
        let own = own_volumes(&group, volume);
        let free = group.free_count();
        check_count(&group).map_err(not_added)?;
        if extents == 0 {
            let line = "Internal error: Unable to create new logical volume with no extents.";
            return Err(not_added(Refusal::new(line)).into());
        }
        if settings.lacks(free, extents) {
            let line = format!(
                "Volume group \"{}\" has insufficient free space ({free} extents): {extents} required.",
                group.name
            );
            return Err(not_added(Refusal::new(line)).into());
        }
        let metadata = format!("{image}_imeta");
        let wanted = Wanted {
            in_one_piece: true,
            ..Wanted::linear(extents, &own, &metadata)
        };
        let placed = place(&group, settings, &wanted);
        let placed = match placed {
            Err(SimulationError::Refused(refusal)) => {
                return Err(not_added(refusal).into());
            }
            other => other?,
        };
        let mut volume = empty_volume(&metadata, false, AllocationPolicy::Inherit);
        append_leg(&mut volume, &placed.placement, 0);
        if volume.segments.len() > 1 {
            return Err(scattered(&group, name, volume));
        }
        group.logical_volumes.push(volume);
    }
    for image in names {
        lay_checksums(&mut group, &Summed::new(image));
    }
    Ok(group)
}

/// Adds checksums to the images that a volume has just got, of which it has others with checksums. Where that fails
/// they stay without.
///
/// # Errors
/// LVM2's refusal, which leaves what is `left`, or that this is not covered.
pub(crate) fn added_to_images(
    after: VolumeGroup,
    name: &str,
    settings: &Allocator,
    left: impl FnOnce() -> VolumeGroup,
) -> Result<VolumeGroup, SimulationError> {
    add(after, name, settings).map_err(|error| match error {
        SimulationError::Refused(refusal) if refusal.left.is_none() => Refusal {
            left: Some(Box::new(left())),
            ..refusal
        }
        .into(),
        SimulationError::Refused(_) => {
            SimulationError::unsupported("checksums of new images that do not lie in one piece")
        }
        other @ SimulationError::Unsupported { .. } => other,
    })
}

/// An image with checksums, and what these lie on: as images are numbered anew it keeps its names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Summed {
    image: String,
    origin: String,
    metadata: String,
}

impl Summed {
    /// What is named after an image that is given checksums.
    fn new(image: String) -> Self {
        let part = |ending| format!("{image}_{ending}");
        Summed {
            origin: part("iorig"),
            metadata: part("imeta"),
            image,
        }
    }

    /// The images of a volume that have checksums.
    fn all(group: &VolumeGroup, volume: &LogicalVolume) -> Vec<Self> {
        let images = volume.segments.iter().flat_map(names_of);
        let summed = images.filter_map(|image| {
            let segments = &group.logical_volume(&image)?.segments;
            let is_summed = |segment: &&LvSegment| segment.base_type() == "integrity";
            let strings = &segments.iter().find(is_summed)?.strings;
            Some(Summed {
                origin: strings.get("origin")?.clone(),
                metadata: strings.get("meta_dev")?.clone(),
                image,
            })
        });
        summed.collect()
    }
}

/// Gives a volume whose images have checksums another size: it grows as `resize` lets it grow without them, and then
/// these for what came. What lies below the checksums keeps its extents where the volume becomes smaller.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn resized(
    group: &VolumeGroup,
    name: &str,
    settings: &Allocator,
    resize: impl Fn(&VolumeGroup) -> Result<VolumeGroup, SimulationError>,
) -> Result<VolumeGroup, SimulationError> {
    let segments = |group: &VolumeGroup| {
        let volume = group.logical_volume(name);
        volume.map_or(Vec::new(), |volume| volume.segments.clone())
    };
    let extents = |group: &VolumeGroup| {
        let volume = group.logical_volume(name);
        volume.map_or(0, LogicalVolume::extents)
    };
    let volume = group.logical_volume(name);
    let summed = volume.map_or(Vec::new(), |volume| Summed::all(group, volume));
    let mut bare = group.clone();
    for one in &summed {
        pull_up(&mut bare, &one.image, &one.origin);
        counts_with(&mut bare, &one.image, Some(&one.metadata));
    }
    let is_mirrored = |segment: &LvSegment| segment.base_type() == "raid1";
    let is_mirrored = segments(group).iter().any(is_mirrored);
    let not_cut = || Refusal::new("Invalid stripe size 0   .");
    let mut after = resize(&bare).map_err(|error| match error {
        SimulationError::Refused(first) if is_mirrored && is_smaller(&first) => not_cut().into(),
        other => other,
    })?;
    if segments(&after) == segments(&bare) {
        return Ok(group.clone());
    }
    if extents(&after) < extents(group) {
        return if is_mirrored {
            Err(not_cut().into())
        } else {
            resize(group)
        };
    }
    for one in &summed {
        counts_with(&mut after, &one.image, None);
        more_checksums(&mut after, one, settings)?;
    }
    for one in &summed {
        lay_checksums(&mut after, one);
    }
    Ok(after)
}

/// Shares of physical volumes are compared with what a volume has of them, its checksums included.
fn counts_with(group: &mut VolumeGroup, image: &str, checksums: Option<&str>) {
    let image = volume_mut(group, image).and_then(|image| image.segments.first_mut());
    let Some(segment) = image else {
        return;
    };
    match checksums {
        Some(checksums) => segment.strings.insert("metadata", checksums.to_string()),
        None => segment.strings.remove("metadata"),
    };
}

/// As much more for the checksums of an image as its extents need by now.
fn more_checksums(
    group: &mut VolumeGroup,
    summed: &Summed,
    settings: &Allocator,
) -> Result<(), SimulationError> {
    let metadata = summed.metadata.as_str();
    let (Some(volume), Some(sums)) = (
        group.logical_volume(&summed.image),
        group.logical_volume(metadata),
    ) else {
        return Err(SimulationError::unsupported("an image that is not there"));
    };
    let needed = metadata_extents(volume.extents(), group.extent_size_sectors);
    let more = needed.saturating_sub(sums.extents());
    if more == 0 {
        return Ok(());
    }
    let own = own_volumes(group, sums);
    let wanted = Wanted {
        grows: Some(sums),
        ..Wanted::linear(more, &own, metadata)
    };
    let placed = place(group, settings, &wanted).map_err(|error| match error {
        SimulationError::Refused(refusal) => {
            let line = format!("Failed to extend integrity metadata LV {metadata}");
            SimulationError::from(refusal.and(line))
        }
        other @ SimulationError::Unsupported { .. } => other,
    })?;
    if let Some(sums) = volume_mut(group, metadata) {
        append_leg(sums, &placed.placement, 0);
    }
    Ok(())
}

/// Puts the checksums that are there on an image.
fn lay_checksums(group: &mut VolumeGroup, summed: &Summed) {
    let volume = group.logical_volume(&summed.image);
    let extents = volume.map_or(0, LogicalVolume::extents);
    let mut segment = segment_over("integrity", extents, [], &[]);
    segment.strings.insert("origin", summed.origin.clone());
    segment.strings.insert("meta_dev", summed.metadata.clone());
    push_below_as(group, &summed.image, &summed.origin, segment);
}

fn not_added(refusal: Refusal) -> Refusal {
    let refusal = refusal.and("Failed to create integrity metadata LV");
    refusal.and(NOT_ADDED)
}

/// A new volume goes again where the checksums of an image do not lie in one piece; these stay behind.
fn scattered(group: &VolumeGroup, name: &str, mut metadata: LogicalVolume) -> SimulationError {
    let parts = crate::lvm::parts::with_parts(group, name);
    let mut left = group.clone();
    left.logical_volumes.retain(|volume| {
        let is_checksum = volume.name.ends_with("_imeta");
        !is_checksum && !parts.contains(&volume.name)
    });
    metadata.status.insert("VISIBLE".to_string());
    left.logical_volumes.push(metadata);
    let lines = ["Integrity metadata uses more than one segment.", NOT_ADDED];
    Refusal {
        left: Some(Box::new(left)),
        ..Refusal::lines(lines.map(str::to_string))
    }
    .into()
}

/// Takes the checksums off every image of a volume.
///
/// # Errors
/// LVM2's refusal: also that an image was made smaller than what lies below its checksums.
pub(crate) fn remove(group: &VolumeGroup, name: &str) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(SimulationError::unsupported("a volume that is not there"));
    };
    let path = format!("{}/{name}", group.name);
    let segment = volume.segments.first();
    if segment.is_some_and(|segment| segment.base_type().starts_with("raid0")) {
        return Err(Refusal::new(format!(
            "LV {path} segment is unsupported raid for integrity."
        ))
        .into());
    }
    if !has_integrity(group, volume) {
        return Err(Refusal::new(format!(
            "LV {path} segment has no integrity metadata device."
        ))
        .into());
    }
    let mut after = group.clone();
    for one in Summed::all(group, volume) {
        let extents = |name: &str| group.logical_volume(name).map_or(0, LogicalVolume::extents);
        let (above, below) = (extents(&one.image), extents(&one.origin));
        if above != below {
            let path = format!("{}/{}", group.name, one.image);
            let line = format!("Inconsistent extent count ({above} != {below}) of layer {path}.");
            return Err(Refusal::new(line).into());
        }
        let is_other = |volume: &LogicalVolume| volume.name != one.metadata;
        after.logical_volumes.retain(is_other);
        pull_up(&mut after, &one.image, &one.origin);
    }
    Ok(after)
}

/// That a size is no larger than what is there.
fn is_smaller(refusal: &Refusal) -> bool {
    let first = refusal.messages.first();
    first.is_some_and(|line| line.contains("not larger than existing size"))
}

fn names_of(segment: &LvSegment) -> Vec<String> {
    let parts = images(segment).into_iter();
    let names = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => Some(volume.clone()),
        Part::Physical { .. } => None,
    });
    names.collect()
}

/// Extents for the checksums of an image: found by trying images from 1 MiB to 60 GiB.
///
/// A journal of 4, 8, 32 or 64 MiB, and 4 MiB for each 500 MiB begun, as far as they come to whole extents: where they
/// do not come to one, LVM2 has no volume for them.
fn metadata_extents(image_extents: u64, extent_sectors: u64) -> u64 {
    let size = image_extents.saturating_mul(extent_sectors) / MEBIBYTE_SECTORS;
    let exact = image_extents.saturating_mul(extent_sectors);
    let journal = match exact {
        _ if exact <= 512 * MEBIBYTE_SECTORS => 4,
        _ if exact <= 1024 * MEBIBYTE_SECTORS => 8,
        _ if exact <= 4096 * MEBIBYTE_SECTORS => 32,
        _ => 64,
    };
    let sums = 4 + 4 * (size / 500);
    (journal + sums) * MEBIBYTE_SECTORS / extent_sectors
}
