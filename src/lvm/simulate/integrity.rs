//! Checksums for the images of RAID volumes: each image gets a volume for them beside it.

use crate::lvm::parts::images;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::own_volumes;
use crate::lvm::simulate::build::{append_leg, empty_volume, segment_over};
use crate::lvm::simulate::cache::{pull_up, push_below};
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::refusal::check_count;
use crate::lvm::simulate::request::{Companions, Wanted, place};
use crate::lvm::simulate::roles::has_integrity;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, SegmentType, VolumeGroup};

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
    if !matches!(
        given.get("raidintegritymode"),
        None | Some("journal" | "bitmap")
    ) {
        return Err(SimulationError::unsupported("this --raidintegritymode"));
    }
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

/// Adds checksums to every image of a volume.
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
    let names = names_of(segment);
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
        let placed = place(
            &group,
            settings,
            &Wanted {
                kind: SegmentType::Striped,
                stripes: 1,
                mirrors: 1,
                companions: Companions::None,
                region_sectors: 0,
                extents,
                grows: None,
                apart: false,
                in_one_piece: true,
                policy: AllocationPolicy::Inherit,
                approximate: false,
                allowed: &own,
                parallel: Vec::new(),
                name: &metadata,
            },
        );
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
        let extents = group
            .logical_volume(&image)
            .map_or(0, LogicalVolume::extents);
        let mut segment = segment_over("integrity", extents, [], &[]);
        segment.strings.insert("origin", format!("{image}_iorig"));
        segment.strings.insert("meta_dev", format!("{image}_imeta"));
        push_below(&mut group, &image, "_iorig", segment);
    }
    Ok(group)
}

fn not_added(refusal: Refusal) -> Refusal {
    let refusal = refusal.and("Failed to create integrity metadata LV");
    refusal.and("Failed to add integrity.")
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
    let lines = [
        "Integrity metadata uses more than one segment.",
        "Failed to add integrity.",
    ];
    Refusal {
        left: Some(Box::new(left)),
        ..Refusal::lines(lines.map(str::to_string))
    }
    .into()
}

/// Takes the checksums off every image of a volume.
///
/// # Errors
/// LVM2's refusal.
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
    for image in segment.into_iter().flat_map(names_of) {
        after
            .logical_volumes
            .retain(|volume| volume.name != format!("{image}_imeta"));
        pull_up(&mut after, &image, &format!("{image}_iorig"));
    }
    Ok(after)
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
