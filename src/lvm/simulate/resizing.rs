//! Other sizes for what has layers: thin volumes, parts of pools, caches, copies of snapshots, origins.

use crate::lvm::demand::addition::{physical_extents, to_boundary};
use crate::lvm::parts::{joined, most_copies};
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::build::{crop_metadata, volume_mut};
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::integrity;
use crate::lvm::simulate::other_size::{
    check_metadata_size, check_mirrors, check_type, has_copies, internal, is_of_direction,
    is_of_size, no_larger, other_stripes, too_few_stripes,
};
use crate::lvm::simulate::reduce::{self, given_extents};
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles, has_integrity};
use crate::lvm::simulate::spare::grow_spare;
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::{Amount, LogicalVolume, LvCommand, PercentOf, Sign, SizeArgument, VolumeGroup};

/// Which way a command may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Larger,
    Smaller,
    Either,
}

/// Simulates `lvextend`, `lvreduce` and `lvresize`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn resize(
    group: &VolumeGroup,
    command: &LvCommand,
    direction: Direction,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let Some(volume) = group.logical_volume(name) else {
        return plainly(group, command, direction, settings);
    };
    let roles = Roles::of(group);
    let path = format!("{}/{name}", group.name);
    let word = roles.type_word(volume);
    if !roles.is(name, Role::ThinPoolMetadata) {
        check_metadata_size(command, word)?;
    }
    if let Some(refusal) = internal(group, &roles, volume, &path) {
        return Err(refusal.into());
    }
    if let Some(size) = command.pool_metadata
        && roles.is(name, Role::ThinPoolMetadata)
    {
        if command.size.is_some() {
            let line = "--poolmetadatasize for thin-pool metadata cannot be used with size.";
            return Err(Refusal::new(line).into());
        }
        let mut own = command.clone();
        (own.size, own.pool_metadata) = (Some(size), None);
        return resize(group, &own, direction, settings, activity);
    }
    let is_virtual = matches!(word, "thin" | "zero" | "error");
    if !is_virtual {
        let unusable = Unusable::in_another_size(settings);
        allowed(group, &command.physical_volumes, unusable)?;
    } else if let Err(refusal) = allowed(group, &command.physical_volumes, Unusable::Skip)
        && refusal
            .messages
            .iter()
            .any(|line| line.starts_with("PE range error") || line.starts_with("No specified PVs"))
    {
        // Where it has no extents of its own, ranges are looked at all the same, and that some are left.
        return Err(refusal.into());
    }
    if word == "cachepool" && command.pool_metadata.is_some() {
        let line = "--poolmetadatasize can be used only with thin pools.";
        return Err(Refusal::new(line).into());
    }
    check_type(group, command, volume, &roles)?;
    if let Some(lines) = other_stripes(group, command, volume) {
        let mut plain = command.clone();
        (plain.segment_type, plain.stripes) = (None, None);
        let after = resize(group, &plain, direction, settings, activity)?;
        let after = after.logical_volume(name).map_or(0, LogicalVolume::extents);
        if after > volume.extents() {
            return Err(Refusal::lines(lines).into());
        }
        return resize(group, &plain, direction, settings, activity);
    }
    if direction == Direction::Larger
        && let Some(refusal) = no_larger(group, command, volume)
    {
        return Err(refusal.into());
    }
    if let Err(refusal) = check_mirrors(group, command, volume) {
        // That it is no more is looked at before.
        let mut plain = command.clone();
        (plain.segment_type, plain.mirrors) = (None, None);
        return Err(match plainly(group, &plain, direction, settings) {
            Err(SimulationError::Refused(first)) if is_of_direction(&first) => first.into(),
            _ => refusal.into(),
        });
    }
    if let Err(refusal) = space::check_resize(group, volume, activity.is_active(name)) {
        return Err(match plainly(group, command, direction, settings) {
            Err(SimulationError::Refused(first)) if is_of_size(&first) => first.into(),
            _ => refusal.into(),
        });
    }
    if let Some(refusal) = too_few_stripes(volume, &path) {
        return Err(refusal.into());
    }
    if direction != Direction::Smaller && has_integrity(group, volume) {
        return integrity::resized(group, name, settings, |group| {
            plainly(group, command, direction, settings)
        });
    }
    let shrinks = |after: &VolumeGroup| {
        let after = after.logical_volume(name).map_or(0, LogicalVolume::extents);
        after < volume.extents()
    };
    if direction == Direction::Smaller && has_integrity(group, volume) {
        return Err(Refusal::new("Cannot reduce LV with integrity.").into());
    }
    let is_more = command
        .size
        .is_some_and(|size| match (size.sign, size.amount) {
            (Sign::Plus, _) => true,
            (Sign::Absolute, Amount::Extents(extents)) => extents > volume.extents(),
            (Sign::Absolute | Sign::Minus, _) => false,
        });
    if is_more && most_copies(group, name).is_some_and(|most| volume.extents() >= most) {
        // It is as large as it can be of use, and stays so.
        return Ok(group.clone());
    }
    let is_origin_in_use =
        roles.is(name, Role::Origin) && word != "cache" && activity.is_active(name);
    let in_use = || {
        let message =
            "Snapshot origin volumes can be resized only while inactive: try lvchange -an.";
        Refusal::new(message)
    };
    let mut after = if is_virtual {
        virtually(group, command, direction, settings, volume)?
    } else if matches!(word, "cache" | "writecache") && direction != Direction::Larger {
        through_origin(group, command, direction, settings, volume)?
    } else {
        let grown = plainly(group, command, direction, settings).or_else(|error| {
            // It may be that what they can be of use for has room.
            let is_more = command.size.is_some_and(|size| size.sign == Sign::Plus);
            let limited = all_copies(group, command, settings, name).filter(|_| is_more);
            limited.and_then(Result::ok).ok_or(error)
        });
        grown.map_err(|error| match error {
            // That it is in use comes first.
            SimulationError::Refused(refusal)
                if is_origin_in_use && !is_of_size(&refusal) && refusal.left.is_none() =>
            {
                in_use().into()
            }
            other => other,
        })?
    };
    if direction != Direction::Smaller
        && (volume.status.contains("NOTSYNCED") || command.nosync)
        && has_copies(volume)
        && !activity.is_active(name)
        && after != *group
        && !shrinks(&after)
    {
        return Err(Refusal::lines([
            format!("Unable to read sync percent while LV {path} is not locally active."),
            format!("Do full resync of extended portion of {path}?  [y/n]: [n]"),
        ])
        .into());
    }
    let grows = after.logical_volume(name).map_or(0, LogicalVolume::extents) > volume.extents();
    if command.nosync
        && grows
        && has_copies(volume)
        && let Some(volume) = volume_mut(&mut after, name)
    {
        volume.status.insert("NOTSYNCED".to_string());
    }
    if roles.is(name, Role::ExternalOrigin) {
        let message = format!("Cannot resize external origin logical volume {path}.");
        return Err(Refusal::new(message).into());
    }
    if roles.is(name, Role::Origin) {
        // A cached one is no snapshot origin to LVM2 as it looks at this.
        if word != "cache" && shrinks(&after) {
            return Err(
                Refusal::new("Snapshot origin volumes cannot be reduced in size yet.").into(),
            );
        }
        if is_origin_in_use {
            return Err(in_use().into());
        }
    }
    if joined(group, name).is_some() {
        after = limit_copies(group, after, command, settings, name)?;
    }
    let extents = after.logical_volume(name).map_or(0, LogicalVolume::extents);
    if let Some(pool) = roles.user(name, Role::ThinPoolData) {
        if shrinks(&after) {
            return Err(Refusal::new(format!(
                "Thin pool volumes {path} cannot be reduced in size yet."
            ))
            .into());
        }
        lengthen(&mut after, pool, extents);
    }
    if roles.is(name, Role::ThinPoolMetadata) && shrinks(&after) {
        let line = "Thin pool metadata volumes cannot be reduced.";
        return Err(Refusal::new(line).into());
    }
    if roles.is(name, Role::ThinPoolMetadata) && grows && command.physical_volumes.is_empty() {
        let all = allowed(&after, &[], Unusable::Skip)?;
        grow_spare(&mut after, settings, extents, &all)?;
    }
    if let Some(pool) = roles.user(name, Role::ThinPoolMetadata) {
        crop_metadata(&mut after, pool);
    }
    if let Some(cached) = roles.user(name, Role::CacheOrigin) {
        lengthen(&mut after, cached, extents);
    }
    Ok(after)
}

fn plainly(
    group: &VolumeGroup,
    command: &LvCommand,
    direction: Direction,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    match direction {
        Direction::Larger => simulate_by(group, command, settings),
        Direction::Smaller => reduce::resize(group, command, false, settings),
        Direction::Either => reduce::resize(group, command, true, settings),
    }
}

fn lengthen(group: &mut VolumeGroup, name: &str, extents: u64) {
    let volume = volume_mut(group, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.first_mut()) {
        segment.extent_count = extents;
    }
}

/// A thin volume has no extents of its own.
fn virtually(
    group: &VolumeGroup,
    command: &LvCommand,
    direction: Direction,
    settings: &Allocator,
    volume: &LogicalVolume,
) -> Result<VolumeGroup, SimulationError> {
    let Some(size) = command.size else {
        return Err(SimulationError::unsupported("another size without a size"));
    };
    let has = volume.extents();
    let (given, _) = given_extents(group, command, settings, size, has)?;
    let name = &volume.name;
    // Shares of physical volumes are compared with what the pool has of them.
    let is_physical = matches!(size.amount, Amount::Percent { of, .. }
        if matches!(of, PercentOf::VolumeGroup | PercentOf::Free | PercentOf::PhysicalVolumes));
    let pool = volume.segments.first();
    let pool = pool.and_then(|segment| segment.strings.get("thin_pool"));
    let counted = match pool {
        Some(pool) if is_physical => physical_extents(group, pool),
        _ => has,
    };
    let wanted = match size.sign {
        Sign::Plus => has.saturating_add(given),
        Sign::Absolute if is_physical && given > counted => has.saturating_add(given - counted),
        Sign::Minus if given >= counted => {
            return Err(Refusal::new(format!(
                "Unable to reduce {}/{name} below 1 extent.",
                group.name
            ))
            .into());
        }
        Sign::Minus => counted - given,
        Sign::Absolute => given,
    };
    let refused = |text: String| Err(Refusal::new(text).into());
    if wanted == has {
        return refused(format!(
            "New size ({has} extents) matches existing size ({has} extents)."
        ));
    }
    if direction == Direction::Larger && wanted < has {
        return refused(format!(
            "New size given ({wanted} extents) not larger than existing size ({has} extents)"
        ));
    }
    if direction == Direction::Smaller && wanted > has {
        return refused(format!(
            "New size given ({wanted} extents) not less than existing size ({has} extents)"
        ));
    }
    // What has no stripes grows by whole rows of those that are asked for.
    let most = if is_physical {
        group_free(group)
    } else {
        u64::MAX
    };
    let rows = |more| to_boundary(more, command.stripes.unwrap_or(1), most);
    let wanted = match wanted.checked_sub(has).and_then(rows) {
        Some(more) => has.saturating_add(more),
        None => wanted,
    };
    let mut after = group.clone();
    lengthen(&mut after, name, wanted);
    Ok(after)
}

fn group_free(group: &VolumeGroup) -> u64 {
    group.free().iter().map(|areas| areas.total()).sum()
}

/// A cached volume is as large as its origin.
fn through_origin(
    group: &VolumeGroup,
    command: &LvCommand,
    direction: Direction,
    settings: &Allocator,
    volume: &LogicalVolume,
) -> Result<VolumeGroup, SimulationError> {
    let origin = volume
        .segments
        .first()
        .and_then(|segment| segment.strings.get("origin"));
    let Some(origin) = origin else {
        return Err(not_there(group, &volume.name).into());
    };
    let mut below = command.clone();
    below.name = Some(origin.clone());
    let mut after = plainly(group, &below, direction, settings)?;
    let extents = after
        .logical_volume(origin)
        .map_or(0, LogicalVolume::extents);
    lengthen(&mut after, &volume.name, extents);
    Ok(after)
}

/// Copies never take more than those of the whole origin.
fn limit_copies(
    group: &VolumeGroup,
    after: VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
) -> Result<VolumeGroup, SimulationError> {
    let Some(most) = most_copies(group, name) else {
        return Ok(after);
    };
    let has = group.logical_volume(name).map_or(0, LogicalVolume::extents);
    let got = after.logical_volume(name).map_or(0, LogicalVolume::extents);
    if got <= most || got <= has {
        return Ok(after);
    }
    // They may be as large as they can be of use, and stay so.
    all_copies(group, command, settings, name).unwrap_or_else(|| Ok(group.clone()))
}

/// Copies made as large as those of the whole origin; `None` where they are, or are no copies.
fn all_copies(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
) -> Option<Result<VolumeGroup, SimulationError>> {
    joined(group, name)?;
    let has = group.logical_volume(name)?.extents();
    let more = most_copies(group, name)?.checked_sub(has)?;
    let limited = LvCommand {
        size: Some(SizeArgument::more_extents(more)),
        ..command.clone()
    };
    (more > 0).then(|| simulate_by(group, &limited, settings))
}
