//! Groups that LVM2 does not change.

use crate::lvm::command::segment_type::is_segment_type;
use crate::lvm::volume_group::SHARED;
use crate::lvm::{Settings, VolumeGroup};

/// Why LVM2 changes nothing in a group, whatever is asked. That it is not resizeable keeps only physical
/// volumes from coming and going.
pub(crate) fn locked(group: &VolumeGroup) -> Option<String> {
    let name = &group.name;
    let is = |word: &str| group.status.contains(word);
    if is("EXPORTED") {
        Some(format!("Volume group {name} is exported"))
    } else if is("CLUSTERED") {
        Some(format!("Cannot access clustered VG {name}."))
    } else if !is("WRITE") {
        Some(format!("Volume group {name} is read-only."))
    } else {
        unknown_segments(group)
    }
}

/// What LVM2 says of a change to a group in which some segment is of no type that it knows.
fn unknown_segments(group: &VolumeGroup) -> Option<String> {
    // Where a report says no type, that is no type that LVM2 does not know.
    let is_known = |word: &str| is_segment_type(word) || word == "unknown";
    let mut segments = group.logical_volumes.iter().flat_map(|one| &one.segments);
    let unknown = segments.find(|one| !is_known(one.base_type()))?;
    Some(format!(
        "Cannot change VG {} with unknown segments in it! (A segment type `{}` is not known.)",
        group.name, unknown.segment_type
    ))
}

/// Why nothing is planned in a group: what LVM2 says of it, whatever is asked.
pub(crate) fn closed(group: &VolumeGroup, settings: &Settings) -> Option<String> {
    let is_shared = group.status.contains(SHARED) && !settings.uses_lvmlockd;
    let shared = is_shared.then(|| {
        format!(
            "Cannot access VG {} with a lock type that requires lvmlockd. (Where lvmlockd runs it is planned with \
             --config global/use_lvmlockd=1.)",
            group.name
        )
    });
    locked(group)
        .or(shared)
        .or_else(|| foreign(group, settings))
}

/// What LVM2 says of most changes to a group of which a physical volume is missing; see [`runs_while_missing`](crate::lvm::TypedStep::runs_while_missing).
#[must_use]
pub fn missing(group: &VolumeGroup) -> Option<String> {
    let disk = group.physical_volumes.iter().find(|disk| disk.missing)?;
    Some(format!(
        "Cannot change VG {} while PVs are missing. ({} is missing: bring it back, or see vgreduce \
         --removemissing)",
        group.name, disk.device
    ))
}

/// What LVM2 says of a group that belongs to another system than its own.
pub(crate) fn foreign(group: &VolumeGroup, settings: &Settings) -> Option<String> {
    let name = &group.name;
    let (owner, own) = (&group.system_id, &settings.system_ids);
    if owner.is_empty() || own.contains(owner) {
        return None;
    }
    Some(match own.first() {
        Some(own) => {
            format!("Cannot access VG {name} with system ID {owner} with local system ID {own}.")
        }
        None => format!(
            "Cannot access VG {name} with system ID {owner} with unknown local system ID. (As on that system it is \
             planned with --config local/system_id={owner}.)"
        ),
    })
}
