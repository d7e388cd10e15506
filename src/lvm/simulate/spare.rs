//! The spare that LVM2 keeps for the metadata of pools.

use crate::lvm::demand::pool::most_thin_metadata;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::simulate::build::{append_stripes, empty_volume, generated_name};
use crate::lvm::simulate::refusal::check_count;
use crate::lvm::simulate::request::{Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, VolumeGroup};

/// Makes a spare of at least `extents`, or lets the one that is there grow to that size.
pub(crate) fn provide_spare(
    group: &mut VolumeGroup,
    settings: &Allocator,
    extents: u64,
    allowed: &[AllowedVolume],
) -> Result<(), SimulationError> {
    let most = most_thin_metadata(settings).div_ceil(group.extent_size_sectors.max(1));
    let extents = extents.min(most);
    let existing = group.metadata_spare().cloned();
    let has = existing.as_ref().map_or(0, LogicalVolume::extents);
    if has >= extents {
        return Ok(());
    }

    let mut spare = existing.clone().unwrap_or_else(|| {
        let name = generated_name(group, "_pmspare");
        empty_volume(&name, false, AllocationPolicy::Inherit)
    });
    if existing.is_none() {
        check_count(group)?;
    }
    let name = spare.name.clone();
    let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
    if existing.is_none() && settings.lacks(free, extents) {
        return Err(Refusal::new(format!(
            "Volume group \"{}\" has insufficient free space ({free} extents): {extents} required.",
            group.name
        ))
        .into());
    }
    // A new one is named as what it is only once it is there.
    let first_name = match existing {
        None => name.trim_end_matches("_pmspare"),
        Some(_) => &name,
    };
    let placed = place(
        group,
        settings,
        &Wanted {
            grows: existing.as_ref(),
            ..Wanted::linear(extents - has, allowed, first_name)
        },
    )?;
    append_stripes(&mut spare, &placed.placement, 0..1, 0);
    group.logical_volumes.retain(|volume| volume.name != name);
    group.logical_volumes.push(spare);
    Ok(())
}

/// Lets the spare for a pool's metadata grow. Gives what LVM2 says where it cannot; nothing
/// else comes of that.
///
/// # Errors
/// That this is not covered.
pub(crate) fn grow_spare(
    group: &mut VolumeGroup,
    settings: &Allocator,
    extents: u64,
    allowed: &[AllowedVolume],
) -> Result<Vec<String>, SimulationError> {
    let before = group.clone();
    let has = group.metadata_spare().map_or(0, LogicalVolume::extents);
    let extents = if has < extents {
        extents.max(largest_metadata(group))
    } else {
        extents
    };
    match provide_spare(group, settings, extents, allowed) {
        Ok(()) => Ok(Vec::new()),
        Err(SimulationError::Refused(refusal)) => {
            *group = before;
            Ok(refusal.messages)
        }
        Err(SimulationError::Unsupported { what }) => Err(SimulationError::Unsupported { what }),
    }
}

/// The extents of the largest metadata of a pool there is: a spare that grows with one grows to that.
fn largest_metadata(group: &VolumeGroup) -> u64 {
    let segments = group
        .logical_volumes
        .iter()
        .flat_map(|volume| &volume.segments);
    let pools = segments.filter(|segment| segment.segment_type.contains("-pool"));
    let names = pools.filter_map(|pool| pool.strings.get("metadata"));
    let volumes = names.filter_map(|name| group.logical_volume(name));
    volumes.map(LogicalVolume::extents).max().unwrap_or(0)
}
