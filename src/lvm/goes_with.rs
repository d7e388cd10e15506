//! What goes with a logical volume that is removed.

use std::collections::BTreeSet;

use crate::lvm::audit::below::Below;
use crate::lvm::owners::seen_by_users;
use crate::lvm::{LogicalVolume, VolumeGroup};

/// Takes a volume away, with all that lies on it and all that it alone lies on; with the last pool its spare.
pub(crate) fn without_volume(group: &mut VolumeGroup, volume: usize) {
    let gone = goes_with(group, volume);
    let is_pool = |volume: &LogicalVolume| {
        let mut segments = volume.segments.iter();
        segments.any(|segment| segment.base_type().ends_with("-pool"))
    };
    let mut volumes = gone.iter().map(|&index| &group.logical_volumes[index]);
    let had_pool = volumes.any(is_pool);
    let mut position = 0..;
    group
        .logical_volumes
        .retain(|_| position.next().is_some_and(|index| !gone.contains(&index)));
    if had_pool && !group.logical_volumes.iter().any(is_pool) {
        group
            .logical_volumes
            .retain(|volume| !volume.name.ends_with("_pmspare"));
    }
}

/// The volumes that go with one: what lies on it, and what only they lie on.
fn goes_with(group: &VolumeGroup, volume: usize) -> BTreeSet<usize> {
    let below = Below::new(group);
    let count = group.logical_volumes.len();
    let lies_on: Vec<Vec<usize>> = (0..count).map(|upper| below.directly(upper)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (upper, lower) in lies_on.iter().enumerate() {
        lower.iter().for_each(|&lower| users[lower].push(upper));
    }
    let is_seen = seen_by_users(group);
    let mut gone = BTreeSet::new();
    let mut open = vec![volume];
    while let Some(volume) = open.pop() {
        if !gone.insert(volume) {
            continue;
        }
        open.extend(&users[volume]);
        for &lower in &lies_on[volume] {
            if !is_seen[lower] && users[lower].iter().all(|user| gone.contains(user)) {
                open.push(lower);
            }
        }
        // So do the log of a mirror, and, with its origin, what was copied for a snapshot.
        for segment in &group.logical_volumes[volume].segments {
            let named = |key| below.index(segment.strings.get(key)?);
            open.extend(named("mirror_log"));
            if let (Some(origin), Some(copies)) = (named("origin"), named("cow_store"))
                && gone.contains(&origin)
            {
                open.push(copies);
            }
        }
    }
    gone
}
