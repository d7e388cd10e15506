//! `lvchange`: nothing is placed; what is active, and how volumes behave.

mod properties;

use crate::lvm::simulate::activity::{ACTIVATION_SKIP, Activity};
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::device_number::FIXED_MINOR;
use crate::lvm::simulate::given::{Given, plain, with_tagged};
use crate::lvm::simulate::lvchange::properties::{
    change_properties, check_properties, is_property,
};
use crate::lvm::simulate::refusal::{leaving, not_there};
use crate::lvm::simulate::roles::{Role, Roles, has_integrity, image_on};
use crate::lvm::simulate::rules::{Property, Rules, is_hidden_refusal, not_permitted, permit};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LogicalVolume, LvSegment, VolumeGroup};

/// Simulates `lvchange` of volumes, or of all volumes of the group.
///
/// What can be changed is changed, also where something else cannot.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn lvchange(
    group: &VolumeGroup,
    given: &Given,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    if given.options.iter().all(|(name, _)| COMMON.contains(name)) {
        return Err(Refusal::new(
            "No command with matching syntax recognised.  Run 'lvchange --help' for more information.",
        )
        .into());
    }
    let mut after = group.clone();
    let mut lines = Vec::new();
    for name in names(group, given) {
        // What joins a snapshot to its origin is known to nobody.
        if after.logical_volume(&name).is_none_or(joins) {
            lines.extend(not_there(group, &name).messages);
            continue;
        }
        match change(&after, given, &name, activity) {
            Ok(changed) => after = changed,
            Err(SimulationError::Refused(refusal)) => {
                lines.extend(refusal.messages);
                after = refusal.left.map_or(after, |left| *left);
            }
            Err(SimulationError::Unsupported { what }) => {
                return Err(SimulationError::unsupported(what));
            }
        }
    }
    if lines.is_empty() {
        return Ok(after);
    }
    Err(Refusal {
        left: Some(Box::new(after)),
        ..Refusal::lines(lines)
    }
    .into())
}

/// Options that say nothing of what is to be done.
const COMMON: [&str; 10] = [
    "yes",
    "force",
    "test",
    "verbose",
    "quiet",
    "autobackup",
    "nolocking",
    "noudevsync",
    "ignoreactivationskip",
    "ignoremonitoring",
];

fn names(group: &VolumeGroup, given: &Given) -> Vec<String> {
    let arguments = with_tagged(group, &given.arguments);
    if !arguments.contains(&group.name) {
        return arguments.iter().map(|name| plain(name)).collect();
    }
    let roles = Roles::of(group);
    let volumes = group.logical_volumes.iter();
    let seen = volumes.filter(|volume| !roles.is_hidden(volume) && !joins(volume));
    seen.map(|volume| volume.name.clone()).collect()
}

fn joins(volume: &LogicalVolume) -> bool {
    volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "snapshot")
}

/// Changes one volume.
fn change(
    group: &VolumeGroup,
    given: &Given,
    name: &str,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let roles = Roles::of(group);
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    check_fit(group, given, volume, &roles)?;
    if SYNCHRONISING.iter().any(|option| given.has(option)) {
        return synchronise(group, given, volume, activity);
    }
    if given.get("persistent") == Some("y") {
        return persist(group, volume, &roles, activity);
    }
    let mut after = group.clone();
    if given.options.iter().any(|(option, _)| is_property(option)) {
        after = change_properties(group, given, volume, &roles, activity)?;
    }
    if let Some(how) = given.get("activate") {
        activate(group, given, volume, how, &roles, activity)?;
    }
    if given.has("monitor") || given.has("poll") {
        watch(group, given, volume, &roles, activity)
            .map_err(|error| leaving(error, || after.clone()))?;
    }
    Ok(after)
}

/// Options about what mirrors and RAID volumes have in common.
const SYNCHRONISING: [&str; 3] = ["resync", "syncaction", "rebuild"];

/// Refuses options that do not fit the type of a volume.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_fit(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    let hidden = || Err(is_hidden_refusal(group, &volume.name));
    if SYNCHRONISING.iter().any(|option| given.has(option)) {
        return check_synchronised(group, given, volume, roles);
    }
    if given.get("persistent") == Some("y") {
        let path = format!("{}/{}", group.name, volume.name);
        let word = roles.type_word(volume);
        if matches!(word, "thinpool" | "cachepool") {
            let line = format!("Command on LV {path} with invalid LV type {word}.");
            not_permitted(&path, vec![line])?;
        }
        return if roles.is_hidden(volume) {
            hidden()
        } else {
            Ok(())
        };
    }
    if given.options.iter().any(|(option, _)| is_property(option)) {
        return check_properties(group, given, volume, roles);
    }
    if given.has("refresh") && roles.is_hidden(volume) {
        return hidden();
    }
    Ok(())
}

fn check_synchronised(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    let path = format!("{}/{}", group.name, volume.name);
    let rules = if given.has("resync") {
        Rules {
            accepts: &["raid", "mirror"],
            visible: false,
            refuses: &[Property::Integrity],
        }
    } else {
        Rules {
            accepts: &["raid"],
            visible: false,
            refuses: &[],
        }
    };
    let is_raid0 = |segment: &LvSegment| segment.base_type().starts_with("raid0");
    if volume.segments.iter().any(is_raid0) {
        let line = format!("Command on LV {path} with invalid LV type striped.");
        not_permitted(&path, vec![line])?;
    }
    permit(group, roles, volume, rules)
}

/// Activation and deactivation.
fn activate(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    how: &str,
    roles: &Roles,
    activity: &mut Activity,
) -> Result<(), SimulationError> {
    let name = &volume.name;
    if roles.is_hidden(volume) {
        let first = roles.first(name);
        return match (how, first) {
            ("n" | "ln", _) => Err(SimulationError::unsupported("deactivation of a hidden volume")),
            (_, None) => Err(is_hidden_refusal(group, name).into()),
            (_, Some((Role::CachePoolPart | Role::CachePool, _))) => Ok(()),
            (_, Some((_, user))) if activity.is_active(user) => Err(Refusal::new(format!(
                "Activation of logical volume {0}/{name} is prohibited while logical volume {0}/{user} is active.",
                group.name
            ))
            .into()),
            (_, Some(_)) => Err(SimulationError::unsupported("activation of a hidden volume")),
        };
    }
    let is_on = !matches!(how, "n" | "ln" | "en");
    let skips = volume.status.contains(ACTIVATION_SKIP) && !given.has("ignoreactivationskip");
    if is_on && skips {
        return Ok(());
    }
    activity.set(name, is_on);
    // An origin goes off and on with its snapshots.
    for joining in roles.users(name, Role::Origin) {
        let segments = group
            .logical_volume(joining)
            .into_iter()
            .flat_map(|one| &one.segments);
        for copies in segments.filter_map(|segment| segment.strings.get("cow_store")) {
            activity.set(copies, is_on);
        }
    }
    Ok(())
}

/// `--monitor` and `--poll`, which other programs do.
fn watch(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
    activity: &Activity,
) -> Result<(), SimulationError> {
    let name = &volume.name;
    let is_pool = roles.type_word(volume) == "cachepool";
    if !roles.is_hidden(volume) && (is_pool || !activity.is_active(name)) {
        return Err(Refusal::new(format!(
            "Logical volume {}/{name} is not active.",
            group.name
        ))
        .into());
    }
    let needs_nobody = ["linear", "striped", "cache", "writecache"];
    let raid0 = volume
        .segments
        .iter()
        .all(|segment| segment.base_type().starts_with("raid0"));
    let is_origin = roles.is(name, Role::Origin);
    if !given.has("monitor")
        || raid0
        || (needs_nobody.contains(&roles.type_word(volume)) && !is_origin)
    {
        return Ok(());
    }
    Err(SimulationError::unsupported(
        "lvchange --monitor, which needs dmeventd",
    ))
}

/// `--resync`, `--syncaction` and `--rebuild`.
fn synchronise(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let path = format!("{}/{}", group.name, volume.name);
    let is_resync = given.has("resync");
    let is_active = activity.is_active(&volume.name);
    if given.has("syncaction") && !is_active {
        return Err(Refusal::new("Unable to send message to an inactive logical volume.").into());
    }
    if given.get("syncaction") == Some("repair") && has_integrity(group, volume) {
        let message = "Use syncaction check to detect and correct integrity checksum mismatches.";
        return Err(Refusal::new(message).into());
    }
    let mut after = group.clone();
    if given.has("rebuild") {
        if has_integrity(group, volume) {
            return Err(Refusal::new("Can't rebuild raid with integrity.").into());
        }
        if !is_active {
            return Err(
                Refusal::new(format!("{path} must be active to perform this operation.")).into(),
            );
        }
        let holds = |wanted: &str| image_on(group, volume, wanted).is_some();
        if !given.all("rebuild").any(holds) {
            return Err(Refusal::new(format!(
                "Logical volume {path} does not contain devices specified to rebuild."
            ))
            .into());
        }
    }
    if is_resync && let Some(volume) = volume_mut(&mut after, &volume.name) {
        volume.status.remove("NOTSYNCED");
    }
    Ok(after)
}

/// `-My`: a device number that stays.
fn persist(
    group: &VolumeGroup,
    volume: &LogicalVolume,
    roles: &Roles,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let word = roles.type_word(volume);
    if activity.is_active(&volume.name) && (word == "snapshot" || has_integrity(group, volume)) {
        return Err(SimulationError::unsupported(
            "another device number while active",
        ));
    }
    let mut after = group.clone();
    if let Some(volume) = volume_mut(&mut after, &volume.name) {
        volume.status.insert(FIXED_MINOR.to_string());
    }
    Ok(after)
}
