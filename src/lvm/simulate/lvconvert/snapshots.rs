//! Snapshots merged into their origins, cut off from them, and joined with them.

use crate::lvm::VolumeGroup;
use crate::lvm::parts::joined;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::joining;
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::rules::{Property, Rules, is_hidden_refusal, no_match, permit};
use crate::lvm::simulate::syntax::not_taken;
use crate::lvm::simulate::{Refusal, SimulationError};

/// `--merge` and its kin.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn merge(
    group: &VolumeGroup,
    given: &Given,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let rules = if given.has("mergesnapshot") {
        Rules {
            accepts: &["snapshot"],
            visible: false,
            refuses: &[],
        }
    } else if given.has("mergethin") {
        Rules {
            accepts: &["thin"],
            visible: false,
            refuses: &[],
        }
    } else if given.has("mergemirrors") {
        Rules {
            accepts: &["linear", "raid"],
            visible: false,
            refuses: &[Property::ExternalOrigin, Property::Integrity],
        }
    } else {
        Rules {
            accepts: &["linear", "raid", "snapshot", "thin", "striped"],
            visible: false,
            refuses: &[Property::ExternalOrigin],
        }
    };
    permit(group, &roles, volume, rules)?;
    match roles.type_word(volume) {
        "snapshot" => merge_copies(group, name, activity),
        "thin" => merge_thin(group, name, activity),
        _ => merge_image(group, given, name, &roles),
    }
}

/// The copies go at once where nobody uses their origin.
fn merge_copies(
    group: &VolumeGroup,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let Some((origin, joining)) = joined(group, name) else {
        return Err(SimulationError::unsupported(
            "a snapshot that is already merging",
        ));
    };
    let (origin, joining) = (origin.to_string(), joining.to_string());
    let is_merging = |volume: &crate::lvm::LogicalVolume| {
        volume.segments.iter().any(|segment| {
            segment.strings.contains_key("merging_store")
                && segment.strings.get("origin") == Some(&origin)
        })
    };
    if group.logical_volumes.iter().any(is_merging) {
        return Err(Refusal::new(format!(
            "Cannot merge snapshot {0}/{name} into the origin {0}/{origin} with merging snapshot.",
            group.name
        ))
        .into());
    }
    let mut after = group.clone();
    if activity.is_active(&origin) {
        after
            .logical_volumes
            .retain(|volume| volume.name != name && volume.name != joining);
        return Ok(after);
    }
    if let Some(volume) = volume_mut(&mut after, &joining) {
        volume.status.remove("VISIBLE");
        for segment in &mut volume.segments {
            if let Some(copies) = segment.strings.remove("cow_store") {
                segment.strings.insert("merging_store", copies);
            }
        }
    }
    Ok(after)
}

/// A thin snapshot takes the place and the name of its origin.
fn merge_thin(
    group: &VolumeGroup,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let segment = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.first());
    let Some(origin) = segment
        .and_then(|segment| segment.strings.get("origin"))
        .cloned()
    else {
        return Err(Refusal::new(format!(
            "{}/{name} is not a mergeable logical volume.",
            group.name
        ))
        .into());
    };
    if activity.is_active(name) && activity.is_active(&origin) {
        // Both are in use: it waits for the next activation.
        return Err(SimulationError::unsupported(
            "merging a thin snapshot in use",
        ));
    }
    let mut after = group.clone();
    let Some(mut segments) = group
        .logical_volume(name)
        .map(|volume| volume.segments.clone())
    else {
        return Ok(after);
    };
    let inherited = group
        .logical_volume(&origin)
        .and_then(|volume| volume.segments.first());
    let inherited = inherited
        .and_then(|segment| segment.strings.get("origin"))
        .cloned();
    for segment in &mut segments {
        segment.strings.remove("origin");
        if let Some(inherited) = &inherited {
            segment.strings.insert("origin", inherited.clone());
        }
    }
    after.logical_volumes.retain(|volume| volume.name != name);
    for segment in after
        .logical_volumes
        .iter_mut()
        .flat_map(|volume| &mut volume.segments)
    {
        if segment.base_type() != "thin" {
            continue;
        }
        match segment.strings.get("origin") {
            Some(old) if *old == name => {
                segment.strings.insert("origin", origin.clone());
            }
            // What its other snapshots were taken of is gone.
            Some(old) if *old == origin => {
                segment.strings.remove("origin");
            }
            Some(_) | None => {}
        }
    }
    if let Some(volume) = volume_mut(&mut after, &origin) {
        volume.segments = segments;
    }
    Ok(after)
}

/// An image that was split off, and followed since, comes back.
fn merge_image(
    group: &VolumeGroup,
    given: &Given,
    name: &str,
    roles: &Roles,
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    if given.has("mergemirrors") && roles.is_hidden(volume) {
        return Err(is_hidden_refusal(group, name).into());
    }
    if !roles.is(name, Role::RaidImage) || !volume.is_visible() {
        return Err(Refusal::new(format!(
            "{}/{name} cannot be merged because --trackchanges was not used.",
            group.name
        ))
        .into());
    }
    let mut after = group.clone();
    if let Some(image) = volume_mut(&mut after, name) {
        image.status.remove("VISIBLE");
        image.status.insert("WRITE".to_string());
    }
    Ok(after)
}

/// `--splitsnapshot`.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn split(group: &VolumeGroup, name: &str) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    permit(
        group,
        &roles,
        volume,
        Rules {
            accepts: &["snapshot"],
            visible: false,
            refuses: &[],
        },
    )?;
    let Some((_, joining)) = joined(group, name) else {
        let path = format!("{}/{name}", group.name);
        return Err(Refusal::lines([
            format!("Command on LV {path} is invalid on LV with properties: lv_is_merging_cow ."),
            format!("Command not permitted on LV {path}."),
        ])
        .into());
    };
    let joining = joining.to_string();
    let mut after = group.clone();
    after
        .logical_volumes
        .retain(|volume| volume.name != joining);
    if let Some(volume) = volume_mut(&mut after, name) {
        volume.status.insert("VISIBLE".to_string());
    }
    Ok(after)
}

/// `-s ORIGIN COPIES`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn join(group: &VolumeGroup, given: &Given) -> Result<VolumeGroup, SimulationError> {
    let [origin, copies, ..] = given.arguments.as_slice() else {
        let images = ["stripes", "mirrors"]
            .iter()
            .any(|option| given.has(option));
        return Err(match images {
            true => Refusal::new(not_taken("snapshot", "")),
            false => no_match(true),
        }
        .into());
    };
    let (origin, copies) = (plain(origin), plain(copies));
    let Some(volume) = group.logical_volume(&copies) else {
        return Err(not_there(group, &copies).into());
    };
    if origin == copies {
        return Err(Refusal::new(format!(
            "Unable to use {}/{copies} as both snapshot and origin.",
            group.name
        ))
        .into());
    }
    let roles = Roles::of(group);
    let rules = Rules {
        accepts: &["linear", "striped"],
        visible: true,
        refuses: &[],
    };
    let is_raid0 = volume
        .segments
        .iter()
        .any(|segment| segment.base_type().starts_with("raid0"));
    if !is_raid0 {
        permit(group, &roles, volume, rules)?;
    }
    let Some(origin_volume) = group.logical_volume(&origin) else {
        return Err(Refusal::new(format!(
            "Couldn't find origin volume {origin} in Volume group {}.",
            group.name
        ))
        .into());
    };
    joining::check_origin(group, origin_volume)?;
    if roles.is(&copies, Role::Origin)
        || roles.is(&copies, Role::ExternalOrigin)
        || given.has("chunksize")
    {
        return Err(SimulationError::unsupported(
            "an origin, or other chunks, for the copies of a snapshot",
        ));
    }
    let mut after = group.clone();
    joining::join(&mut after, &origin, &copies, 8);
    Ok(after)
}
