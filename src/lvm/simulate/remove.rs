//! `lvremove`: a volume goes with all that it is made of, and with all that cannot be without it.

use std::collections::{BTreeSet, HashSet};

use crate::lvm::VolumeGroup;
use crate::lvm::parts::with_parts;
use crate::lvm::simulate::cache::detached;
use crate::lvm::simulate::given::{plain, with_tagged};
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::{Refusal, SimulationError};

/// Simulates `lvremove` of volumes, or of all volumes of the group.
///
/// What can be removed is removed, also where something else cannot.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn remove(
    group: &VolumeGroup,
    names: &[String],
) -> Result<VolumeGroup, SimulationError> {
    let names = &with_tagged(group, names);
    let mut after = group.clone();
    let mut refused = Vec::new();
    if names.contains(&group.name) {
        after.logical_volumes.clear();
    }
    // Names are looked up before anything is removed.
    let mut wanted = Vec::new();
    for name in names.iter().filter(|name| **name != group.name) {
        let name = plain(name);
        let is_found = group
            .logical_volume(&name)
            .is_some_and(|volume| !joins(volume));
        if !is_found {
            let lines = not_there(group, &name).messages;
            if !lines.iter().any(|line| refused.contains(line)) {
                refused.extend(lines);
            }
        } else if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    let mut unremoved = Vec::new();
    for name in wanted {
        if after.logical_volume(&name).is_none() {
            continue;
        }
        match without(&after, &name) {
            Ok(left) => after = left,
            Err(SimulationError::Refused(refusal)) => unremoved.extend(refusal.messages),
            Err(SimulationError::Unsupported { what }) => {
                return Err(SimulationError::unsupported(what));
            }
        }
    }
    unremoved.extend(refused);
    if unremoved.is_empty() {
        return Ok(after);
    }
    Err(Refusal {
        left: Some(Box::new(after)),
        ..Refusal::lines(unremoved)
    }
    .into())
}

fn joins(volume: &crate::lvm::LogicalVolume) -> bool {
    volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "snapshot")
}

/// The group without a volume.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn without(group: &VolumeGroup, name: &str) -> Result<VolumeGroup, SimulationError> {
    let roles = Roles::of(group);
    let used = |how: &str| {
        Err(Refusal::new(format!(
            "Can't remove logical volume {}/{name} used {how}",
            group.name
        ))
        .into())
    };
    match roles.first(name) {
        Some((Role::RaidImage | Role::RaidMetadata, _)) => return used("as RAID device."),
        Some((Role::MirrorImage, _)) => return used("by a mirror."),
        Some((Role::MirrorLog, _)) => return used("as mirror log."),
        Some((Role::ThinPoolData | Role::ThinPoolMetadata | Role::CachePoolPart, _)) => {
            return used("by a pool.");
        }
        Some((Role::CachePool | Role::CacheVolume, cached)) => {
            let after = detached(group, cached)?;
            return without(&after, &after_detaching(name));
        }
        Some((Role::CacheOrigin, user)) => return without(group, user),
        Some((Role::IntegrityPart | Role::WriteCache, _)) => {
            return Err(SimulationError::unsupported("lvremove of a hidden volume"));
        }
        Some((
            Role::Copies | Role::Origin | Role::ThinPool | Role::ThinOrigin | Role::ExternalOrigin,
            _,
        ))
        | None => {}
    }
    let mut gone: HashSet<String> = HashSet::new();
    let mut open = vec![name.to_string()];
    while let Some(name) = open.pop() {
        for part in with_parts(group, &name) {
            if !gone.insert(part.clone()) {
                continue;
            }
            for role in [
                Role::Origin,
                Role::Copies,
                Role::ThinPool,
                Role::ExternalOrigin,
            ] {
                open.extend(roles.users(&part, role).map(str::to_string));
            }
            // With a snapshot go its copies.
            if let Some(volume) = group.logical_volume(&part).filter(|volume| joins(volume)) {
                let segments = volume.segments.iter();
                let stores = segments.flat_map(|segment| {
                    ["cow_store", "merging_store"].map(|key| segment.strings.get(key))
                });
                open.extend(stores.flatten().cloned());
            }
        }
    }
    let mut after = group.clone();
    after
        .logical_volumes
        .retain(|volume| !gone.contains(&volume.name));
    for segment in after
        .logical_volumes
        .iter_mut()
        .flat_map(|volume| &mut volume.segments)
    {
        // A thin volume lives on without the one that it was taken of.
        if segment.base_type() == "thin"
            && segment
                .strings
                .get("origin")
                .is_some_and(|origin| gone.contains(origin))
        {
            segment.strings.remove("origin");
        }
    }
    drop_spare(&mut after);
    Ok(after)
}

/// The name of a cache that is none any more.
fn after_detaching(name: &str) -> String {
    let plain = name
        .strip_suffix("_cpool")
        .or_else(|| name.strip_suffix("_cvol"));
    plain.unwrap_or(name).to_string()
}

/// With the last pool its spare goes, too.
pub(crate) fn drop_spare(group: &mut VolumeGroup) {
    let segments = group
        .logical_volumes
        .iter()
        .flat_map(|volume| &volume.segments);
    let kinds: BTreeSet<&str> = segments.map(|segment| segment.base_type()).collect();
    if !kinds.contains("thin-pool") && !kinds.contains("cache-pool") {
        group
            .logical_volumes
            .retain(|volume| !volume.name.ends_with("_pmspare"));
    }
}
