//! What joins an origin with the volume that holds the copies of a snapshot of it.

use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::build::{empty_volume, segment_over, volume_mut};
use crate::lvm::simulate::roles::{Role, Roles, has_integrity};
use crate::lvm::simulate::rules::LOCKED;
use crate::lvm::{AllocationPolicy, LogicalVolume, VolumeGroup};

/// Joins a volume, which becomes one for copies, with the origin.
pub(crate) fn join(group: &mut VolumeGroup, origin: &str, copies: &str, chunk: u64) {
    let extents = group
        .logical_volume(origin)
        .map_or(0, LogicalVolume::extents);
    if let Some(volume) = volume_mut(group, copies) {
        volume.status.remove("VISIBLE");
    }
    let numbers = group.logical_volumes.iter();
    let numbers = numbers.filter_map(|volume| volume.name.strip_prefix("snapshot"));
    let highest = numbers
        .filter_map(|number| number.parse::<u64>().ok())
        .max();
    let number = highest.map_or(0, |highest| highest + 1);
    let mut joining = empty_volume(
        &format!("snapshot{number}"),
        true,
        AllocationPolicy::Inherit,
    );
    let mut segment = segment_over("snapshot", extents, [], &[("chunk_size", chunk)]);
    segment.strings.insert("origin", origin.to_string());
    segment.strings.insert("cow_store", copies.to_string());
    joining.segments.push(segment);
    group.logical_volumes.push(joining);
}

/// Refuses what there are no snapshots of.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_origin(group: &VolumeGroup, origin: &LogicalVolume) -> Result<(), Refusal> {
    let roles = Roles::of(group);
    let kinds = match roles.type_word(origin) {
        "thinpool" => "thin pool type volumes",
        "cachepool" if !roles.is_hidden(origin) => "cache type volumes",
        _ if roles.is(&origin.name, Role::Copies) => "snapshots",
        _ if roles.is_hidden(origin) => "hidden volumes",
        _ if origin.status.contains(LOCKED) => "locked volumes",
        _ if has_integrity(group, origin) => "raid with integrity",
        _ => return Ok(()),
    };
    Err(Refusal::new(format!(
        "Snapshots of {kinds} are not supported."
    )))
}
