//! `lvrename`.

use crate::lvm::parts::with_parts;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::build;
use crate::lvm::simulate::given::plain;
use crate::lvm::simulate::refusal::{check_free_name, check_reserved};
use crate::lvm::simulate::roles::{Role, Roles, is_tracking};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{VolumeGroup, names};

/// Simulates `lvrename`, given its arguments: `VG OLD NEW`, or `VG/OLD NEW`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn rename(
    group: &VolumeGroup,
    arguments: &[String],
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let (old, new) = old_and_new(arguments)?;
    let usage = |line: String| Refusal::lines([line, help()]);
    if let Some(given) = other_group(&new, &group.name) {
        return Err(usage(format!(
            "Logical volume names must have the same volume group (\"{}\" or \"{given}\")",
            group.name
        ))
        .into());
    }
    let (old, new) = (plain(&old), plain(&new));
    if new.is_empty() {
        return Err(usage("New logical volume name may not be blank".to_string()).into());
    }
    check_reserved(&new, "lvrename")?;
    if names::Named::NewLogicalVolume.check(&new).is_err() {
        return Err(usage(format!("New logical volume name \"{new}\" is invalid")).into());
    }
    if old == new {
        return Err(usage("Old and new logical volume names must differ".to_string()).into());
    }
    let Some(volume) = group.logical_volume(&old) else {
        return Err(Refusal::new(format!(
            "Existing logical volume \"{old}\" not found in volume group \"{}\"",
            group.name
        ))
        .into());
    };
    let roles = Roles::of(group);
    if roles.is(&old, Role::RaidImage) {
        return Err(Refusal::new("Cannot rename a RAID image directly").into());
    }
    if roles.is(&old, Role::RaidMetadata) {
        return Err(Refusal::new("Cannot rename a RAID metadata area directly").into());
    }
    if is_tracking(group, volume) {
        let line = format!("Cannot rename {old} while it is tracking a split image");
        return Err(Refusal::new(line).into());
    }
    let is_pool = roles.is(&old, Role::CachePool);
    let internal = || Refusal::new(format!("Cannot rename internal LV \"{old}\"."));
    if roles.is_hidden(volume) && !is_pool {
        return Err(internal().into());
    }
    check_free_name(group, &new).map_err(|mut refusal| {
        for line in &mut refusal.messages {
            *line = line.replacen("historical", "Historical", 1);
        }
        refusal
    })?;
    let joins = |segment: &crate::lvm::LvSegment| segment.base_type() == "snapshot";
    if volume.segments.iter().any(joins) {
        return Err(internal().into());
    }
    if is_pool {
        return Err(SimulationError::unsupported("lvrename of a pool in use"));
    }
    let mut after = group.clone();
    for name in with_parts(group, &old) {
        let renamed = match name.strip_prefix(&old) {
            Some(ending) if name == old || ending.starts_with('_') => format!("{new}{ending}"),
            // A cache keeps the name that it had before it was one.
            Some(_) | None => continue,
        };
        build::rename(&mut after, &name, &renamed);
        activity.rename(&name, &renamed);
    }
    Ok(after)
}

fn help() -> String {
    "Run `lvrename --help' for more information.".to_string()
}

/// The group that a name says, where that is another one.
fn other_group<'a>(name: &'a str, group: &str) -> Option<&'a str> {
    let (given, _) = name.strip_prefix("/dev/").unwrap_or(name).split_once('/')?;
    (given != group).then_some(given)
}

fn old_and_new(arguments: &[String]) -> Result<(String, String), SimulationError> {
    match arguments {
        [old, new] if old.contains('/') => Ok((old.clone(), new.clone())),
        [_, old, new] => Ok((old.clone(), new.clone())),
        [old, ..] => Err(Refusal::lines([
            format!("Path required for Logical Volume \"{old}\"."),
            "Please provide a valid volume group name".to_string(),
            help(),
        ])
        .into()),
        [] => Err(SimulationError::unsupported("lvrename without names")),
    }
}
