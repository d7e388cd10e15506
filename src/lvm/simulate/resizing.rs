//! Other sizes for what has layers: thin volumes, parts of pools, caches, copies of snapshots, origins.

use crate::lvm::demand::addition::{physical_extents, to_boundary};
use crate::lvm::parts::{image_multiple, images};
use crate::lvm::parts::{joined, most_copies};
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::cache::data_of;
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::integrity;
use crate::lvm::simulate::reduce::{self, given_extents};
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles, has_integrity, is_tracking};
use crate::lvm::simulate::spare::grow_spare;
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::{
    Amount, LogicalVolume, LvCommand, LvSegment, PercentOf, SegmentType, Sign, SizeArgument,
    VolumeGroup,
};

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
    if let Some(refusal) = internal(&roles, volume, &path) {
        return Err(refusal.into());
    }
    if is_tracking(group, volume) {
        return Err(Refusal::new(format!(
            "Cannot resize logical volume {path} while it is tracking a split image."
        ))
        .into());
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
    let falls = |size: SizeArgument| size.sign != Sign::Plus;
    if command.pool_metadata.is_some() && command.size.is_some_and(falls) {
        return Err(SimulationError::unsupported(
            "metadata that grows while data may not",
        ));
    }
    let is_virtual = matches!(word, "thin" | "zero" | "error");
    if !is_virtual {
        let unusable = if settings.version.is_after_2_03_16() {
            Unusable::Keep
        } else {
            Unusable::Skip
        };
        allowed(group, &command.physical_volumes, unusable)?;
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
        if !activity.is_active(name) {
            return Err(SimulationError::unsupported(
                "growth of images with checksums while inactive",
            ));
        }
        return integrity::grown(group, name, settings, |bare| {
            plainly(bare, command, direction, settings)
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
        virtually(group, command, direction, volume)?
    } else if word == "cache" && direction != Direction::Larger {
        through_origin(group, command, direction, settings, volume)?
    } else {
        let grown = plainly(group, command, direction, settings);
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

/// What LVM2 says of volumes that only others know.
fn internal(roles: &Roles, volume: &LogicalVolume, path: &str) -> Option<Refusal> {
    if !roles.is_hidden(volume) {
        return None;
    }
    match roles.first(&volume.name) {
        Some((Role::RaidImage, _)) => Some(Refusal::new("Cannot resize a RAID image directly")),
        Some((Role::RaidMetadata, _)) => {
            Some(Refusal::new("Cannot resize a RAID metadata area directly"))
        }
        Some((Role::ThinPoolData | Role::ThinPoolMetadata | Role::CacheOrigin, _)) => None,
        _ => Some(Refusal::new(format!(
            "Can't resize internal logical volume {path}."
        ))),
    }
}

/// Parity over a single stripe cannot get another size.
fn too_few_stripes(volume: &LogicalVolume, path: &str) -> Option<Refusal> {
    let segment = volume.segments.last()?;
    let kind = SegmentType::from_word(segment.base_type())?;
    let is_one = kind.parity() > 0 && image_multiple(segment) < 2;
    let word = segment.base_type();
    let line = format!("Cannot resize {word} LV {path}. Convert to more stripes first.");
    is_one.then(|| Refusal::new(line))
}

/// Metadata of its own is what pools have.
fn check_metadata_size(command: &LvCommand, word: &str) -> Result<(), Refusal> {
    if command.pool_metadata.is_none() || matches!(word, "thinpool" | "cachepool") {
        return Ok(());
    }
    let line = "--poolmetadatasize can be used only with thin pools.";
    Err(Refusal::new(line))
}

/// Refuses what does not fit the type of a volume that gets another size.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_fit(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    let path = format!("{}/{}", group.name, volume.name);
    if !roles.is(&volume.name, Role::ThinPoolMetadata) {
        check_metadata_size(command, roles.type_word(volume))?;
    }
    internal(roles, volume, &path).map_or(Ok(()), Err)?;
    check_type(group, command, volume, roles)?;
    check_mirrors(group, command, volume)?;
    too_few_stripes(volume, &path).map_or(Ok(()), Err)
}

/// A whole size that is no larger, where stripes are given: it is looked at as it was typed.
fn no_larger(group: &VolumeGroup, command: &LvCommand, volume: &LogicalVolume) -> Option<Refusal> {
    let size = command.size.filter(|size| size.sign == Sign::Absolute)?;
    let stripes = command.stripes?;
    let extents = match size.amount {
        Amount::Extents(extents) => extents,
        Amount::Sectors(sectors) => sectors.div_ceil(group.extent_size_sectors),
        Amount::Percent { .. } => return None,
    };
    let last = volume.segments.last()?;
    let rounds = match SegmentType::from_word(last.base_type())? {
        SegmentType::Raid1 => false,
        kind => kind.is_raid(),
    };
    let row = if rounds { image_multiple(last) } else { 1 };
    let extents = extents.checked_next_multiple_of(row)?;
    let has = volume.extents();
    if extents == has && stripes == 1 {
        return Some(Refusal::new(format!(
            "New size ({has} extents) matches existing size ({has} extents)."
        )));
    }
    (extents < has).then(|| {
        Refusal::new(format!(
            "New size given ({extents} extents) not larger than existing size ({has} extents)"
        ))
    })
}

fn is_of_direction(refusal: &Refusal) -> bool {
    let first = refusal.messages.first();
    first
        .is_some_and(|line| line.starts_with("New size given") || line.starts_with("Cannot resize"))
}

fn is_of_size(refusal: &Refusal) -> bool {
    let first = refusal.messages.first();
    let of_size = ["New size", "Cannot resize", "Unable to reduce"];
    first.is_some_and(|line| of_size.iter().any(|word| line.starts_with(word)))
}

/// A type that the volume does not have. Stripes are one to LVM2 here, with RAID or without.
fn check_type(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    // Of a thin pool it is its data that grows, and of what is cached what it stands on.
    let first = volume.segments.first();
    let origin = first
        .filter(|segment| segment.base_type() == "cache")
        .and_then(|segment| segment.strings.get("origin"));
    let data = origin.map_or_else(|| data_of(group, &volume.name), String::clone);
    let volume = group.logical_volume(&data).unwrap_or(volume);
    let Some(given) = &command.segment_type else {
        return Ok(());
    };
    let is_striped = |kind| {
        use SegmentType::{Linear, Raid0, Raid0Meta, Striped};
        matches!(kind, Linear | Striped | Raid0 | Raid0Meta)
    };
    let is_plain = matches!(roles.type_word(volume), "linear" | "striped" | "snapshot");
    let has = volume.segments.last().map_or("", LvSegment::base_type);
    let has = SegmentType::from_word(has);
    let fits = match has {
        Some(SegmentType::ThinPool) => true,
        Some(has) => has == given.kind || is_striped(has) && is_striped(given.kind),
        None => is_plain || !is_striped(given.kind),
    };
    if fits {
        return Ok(());
    }
    let word = match given.kind {
        SegmentType::Linear | SegmentType::Striped => "striped",
        _ => &given.word,
    };
    Err(Refusal::new(format!("VolumeType does not match ({word}).")))
}

/// What LVM2 says where stripes are to grow by those of another type: `check_type` lets them pass.
fn other_stripes(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
) -> Option<Vec<String>> {
    let data = data_of(group, &volume.name);
    let is_data = data != volume.name;
    let last = group.logical_volume(&data)?.segments.last()?;
    let has = SegmentType::from_word(last.base_type())?;
    let given = command.segment_type.as_ref()?.kind;
    let is_plain = |kind| matches!(kind, SegmentType::Linear | SegmentType::Striped);
    if has == given || is_plain(has) && is_plain(given) || has.is_pool() {
        return None;
    }
    Some(match (is_plain(given), is_data) {
        (true, _) => vec![
            format!("LV {data} must have exactly one segment."),
            format!("Internal error: LV segments corrupted in {data}."),
        ],
        (false, false) => Vec::new(),
        (false, true) => vec!["Log segments can only be added to an empty LV".to_string()],
    })
}

/// Images that the volume does not have.
fn check_mirrors(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
) -> Result<(), Refusal> {
    let data = group.logical_volume(&data_of(group, &volume.name));
    let volume = data.unwrap_or(volume);
    let last = volume.segments.last();
    let has = match last.map_or("", LvSegment::base_type) {
        "raid10" | "raid10_near" => 2,
        _ if has_copies(volume) => last.map_or(0, |segment| images(segment).len() as u64),
        _ => 1,
    };
    if command
        .mirrors
        .is_some_and(|mirrors| mirrors > 0 && mirrors + 1 != has)
    {
        return Err(Refusal::new("Cannot vary number of mirrors in LV yet."));
    }
    Ok(())
}

fn has_copies(volume: &LogicalVolume) -> bool {
    let is_copied = |segment: &LvSegment| {
        matches!(
            segment.base_type(),
            "raid1" | "raid10" | "raid10_near" | "mirror"
        )
    };
    volume.segments.iter().any(is_copied)
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
    volume: &LogicalVolume,
) -> Result<VolumeGroup, SimulationError> {
    let Some(size) = command.size else {
        return Err(SimulationError::unsupported("another size without a size"));
    };
    let has = volume.extents();
    let (given, _) = given_extents(group, &volume.name, size, has)?;
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
    if has >= most {
        // They are as large as they can be of use, and stay so.
        return Ok(group.clone());
    }
    let mut limited = command.clone();
    limited.size = Some(SizeArgument {
        sign: Sign::Plus,
        amount: Amount::Extents(most - has),
    });
    simulate_by(group, &limited, settings)
}
