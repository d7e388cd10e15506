//! Which volumes users know by name, and who lies on what.

use std::collections::BTreeSet;

use crate::lvm::audit::below::Below;
use crate::lvm::{LogicalVolume, VolumeGroup};

/// Per logical volume the visible volumes that lie on it, itself where it is visible or nobody does.
///
/// Of a pool's parts the pool is named, not every volume in it.
#[must_use]
pub fn owners(group: &VolumeGroup) -> Vec<Vec<String>> {
    let below = Below::new(group);
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); group.logical_volumes.len()];
    for upper in 0..group.logical_volumes.len() {
        for lower in below.directly(upper) {
            users[lower].push(upper);
        }
    }
    let is_seen = seen_by_users(group);
    let owners_of = |start: usize| {
        let mut owners = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(volume) = open.pop() {
            if !seen.insert(volume) {
                continue;
            }
            if is_seen[volume] || users[volume].is_empty() {
                owners.insert(group.logical_volumes[volume].name.clone());
            } else {
                open.extend(&users[volume]);
            }
        }
        owners.into_iter().collect()
    };
    (0..group.logical_volumes.len()).map(owners_of).collect()
}

/// Per logical volume whether its users know it by its name. Of a snapshot that is the volume of its copies,
/// though the metadata marks the volume that joins these with their origin as the visible one.
pub(crate) fn seen_by_users(group: &VolumeGroup) -> Vec<bool> {
    let joins = |volume: &LogicalVolume| {
        let mut segments = volume.segments.iter();
        segments.any(|segment| segment.base_type() == "snapshot")
    };
    let segments = group.logical_volumes.iter().flat_map(|one| &one.segments);
    let copies: BTreeSet<&String> = segments
        .filter_map(|segment| segment.strings.get("cow_store"))
        .collect();
    let is_seen = |volume: &LogicalVolume| {
        copies.contains(&volume.name) || volume.is_visible() && !joins(volume)
    };
    group.logical_volumes.iter().map(is_seen).collect()
}

/// What LVM2 says of one volume more than a group may have: those that users see count, and `more` that come first.
pub(crate) fn too_many(group: &VolumeGroup, more: u64) -> Option<String> {
    let most = group.max_volumes;
    if most == 0 {
        return None;
    }
    let seen = seen_by_users(group).into_iter();
    let count = seen.filter(|is_seen| *is_seen).count() as u64;
    let name = &group.name;
    (count.saturating_add(more) >= most).then(|| {
        format!("Maximum number of logical volumes ({most}) reached in volume group {name}")
    })
}
