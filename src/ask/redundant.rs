//! RAID volumes and mirrors of a volume group, as what has to be repaired after a failure.

use std::collections::BTreeSet;

use crate::ask::fault::{Result, fault};
use crate::capacity::{Failure, Group, Redundant};
use crate::core::{Policy, Segment};
use crate::lvm::{self, AllocationPolicy, Existing, SegmentType, VolumeGroup};

/// What is said where redundancy is asked about and cannot be judged.
pub(crate) const WITHOUT_HIDDEN: &str = "the report leaves out volumes that others stand on, so that what a \
    failure costs cannot be judged; take it with `--all`, as `lvm fullreport --all --reportformat json`, or \
    take the metadata (vgcfgbackup)";

/// Refuses tags that no physical volume has: nothing would be judged by them.
///
/// # Errors
/// If there is one.
pub(crate) fn known_tags(group: &VolumeGroup, tags: &[String], option: &str) -> Result<()> {
    let there: BTreeSet<&String> = group
        .physical_volumes
        .iter()
        .flat_map(|one| &one.tags)
        .collect();
    let bare = |tag: &String| tag.strip_prefix('@').unwrap_or(tag).to_string();
    match tags.iter().map(bare).find(|tag| !there.contains(tag)) {
        None => Ok(()),
        Some(tag) => {
            let names: Vec<String> = there.iter().map(|tag| format!("@{tag}")).collect();
            let names = if names.is_empty() {
                "none has any".to_string()
            } else {
                format!("there are {}", names.join(", "))
            };
            Err(fault!(
                "{option}: no physical volume of `{}` has the tag @{tag}; {names}",
                group.name
            ))
        }
    }
}

/// Every volume whose data outlives the loss of a leg.
pub(crate) fn redundant(group: &VolumeGroup) -> Vec<Redundant> {
    let existing = lvm::existing_in(group);
    let found = group.logical_volumes.iter().filter_map(|volume| {
        let existing = existing(volume).ok()?;
        // A pool is named by what holds its data.
        (existing.data_name == volume.name).then_some(())?;
        one(group, &volume.name, volume.policy, &existing)
    });
    found.collect()
}

fn one(
    group: &VolumeGroup,
    name: &str,
    policy: AllocationPolicy,
    existing: &Existing,
) -> Option<Redundant> {
    let groups = groups(existing)?;
    let segment = |&(source, area): &(usize, _)| Segment { source, area };
    let legs = existing.metadata.iter().zip(&existing.legs);
    let total =
        |leg: &Vec<(usize, crate::core::Area)>| leg.iter().map(|(_, area)| area.count()).sum();
    let policy = match policy {
        AllocationPolicy::Inherit => group.policy,
        given => given,
    };
    let volumes = group.physical_volumes.iter().enumerate();
    let closed = volumes.filter(|(_, volume)| !volume.allocatable || volume.missing);
    Some(Redundant {
        closed: closed.map(|(index, _)| index).collect(),
        name: name.to_string(),
        leg_extents: existing.legs.first().map(total)?,
        metadata_extents: existing.metadata.first().map_or(0, total),
        legs: legs
            .map(|(metadata, leg)| metadata.iter().chain(leg).map(segment).collect())
            .collect(),
        groups,
        policy: match policy {
            AllocationPolicy::Contiguous => Policy::Contiguous,
            // A new image has no earlier segment to cling to, and is never placed beside another one.
            AllocationPolicy::Anywhere
            | AllocationPolicy::Cling
            | AllocationPolicy::ClingByTags
            | AllocationPolicy::Normal
            | AllocationPolicy::Inherit => Policy::Normal,
        },
    })
}

/// Images that stand in for each other, `None` where the loss of any one loses data.
fn groups(existing: &Existing) -> Option<Vec<Group>> {
    let count = existing.legs.len();
    let all = |tolerates: usize| {
        vec![Group {
            legs: (0..count).collect(),
            tolerates,
        }]
    };
    match existing.kind {
        SegmentType::Raid1 => Some(all(count.saturating_sub(1))),
        SegmentType::Raid4 | SegmentType::Raid5 => Some(all(1)),
        SegmentType::Raid6 => Some(all(2)),
        SegmentType::Raid10 | SegmentType::Mirror => {
            // Copies of one stripe: neighbours in raid10, one of each image in a striped mirror.
            let copies = usize::try_from(existing.copies).ok()?.max(1);
            let stripes = count / copies;
            let member = |stripe: usize, copy: usize| {
                if existing.kind == SegmentType::Mirror {
                    copy * stripes + stripe
                } else {
                    stripe * copies + copy
                }
            };
            let group = |stripe| Group {
                legs: (0..copies).map(|copy| member(stripe, copy)).collect(),
                tolerates: copies - 1,
            };
            Some((0..stripes).map(group).collect())
        }
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::ThinPool
        | SegmentType::CachePool => None,
    }
}

/// Each physical volume, or the physical volumes of each of some tags; what is missing already is gone in
/// every case.
pub(crate) fn failures(group: &VolumeGroup, tags: &[String]) -> Vec<Failure> {
    let volumes = || group.physical_volumes.iter().enumerate();
    let missing: BTreeSet<usize> = volumes()
        .filter(|(_, volume)| volume.missing)
        .map(|(index, _)| index)
        .collect();
    let with_missing = |sources: BTreeSet<usize>| sources.union(&missing).copied().collect();
    if tags.is_empty() {
        let one = |(index, volume): (usize, &lvm::PhysicalVolume)| Failure {
            name: volume.device.clone(),
            sources: with_missing([index].into()),
        };
        return volumes().map(one).collect();
    }
    let by_tag = tags.iter().map(|tag| {
        let tag = tag.strip_prefix('@').unwrap_or(tag);
        let members = volumes().filter(|(_, volume)| volume.tags.contains(tag));
        Failure {
            name: format!("@{tag}"),
            sources: with_missing(members.map(|(index, _)| index).collect()),
        }
    });
    by_tag.collect()
}
