//! `lvextend`.

use crate::core::Area;
use crate::lvm::demand::addition::{Addition, Inherited, Room, added_extents, whole_of_arguments};
use crate::lvm::demand::pool::{grown_metadata_extents, most_thin_metadata};
use crate::lvm::parts::images;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{AllowedVolume, Unusable, allowed, free_extents};
use crate::lvm::simulate::build::{
    append_apart, append_leg, append_stripes, crop_metadata, volume_mut,
};
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::simulate::redundancy::check_redundancy;
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::refusal::refused;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, place};
use crate::lvm::simulate::spare::grow_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{
    Amount, LogicalVolume, LvCommand, LvSegment, Part, SegmentType, Sign, SizeArgument, VolumeGroup,
};

/// Simulates `lvextend`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn extend(
    ledger: &mut Ledger,
    command: &LvCommand,
    settings: &Allocator,
) -> Result<(), SimulationError> {
    let group = ledger.group();
    let Some(name) = &command.name else {
        return Err(SimulationError::unsupported("lvextend without a name"));
    };
    let volume = group.logical_volume(name).ok_or_else(|| {
        if settings.version.is_after_2_03_16() {
            not_there(group, name)
        } else {
            Refusal::new(format!(
                "Logical volume {name} not found in volume group {}.",
                group.name
            ))
        }
    })?;
    let unusable = Unusable::in_another_size(settings);
    let allowed = allowed(ledger, &command.physical_volumes, unusable)?;
    let first = volume.segments.first();
    let is_cached = |segment: &&LvSegment| matches!(segment.base_type(), "cache" | "writecache");
    if let Some(cache) = first.filter(is_cached) {
        let after = extend_cached(group, command, settings, volume, cache, &allowed)?;
        ledger.replace(after);
        return Ok(());
    }
    let pool = first.filter(|segment| segment.base_type().ends_with("-pool"));
    let Some(pool) = pool else {
        let size = command.size.or_else(|| whole_of_arguments(command));
        let size = size.ok_or_else(|| SimulationError::unsupported("lvextend without a size"))?;
        let addition = added(ledger, command, settings, name, size, &allowed)?;
        return grow_by(ledger, command, settings, name, addition, &allowed);
    };
    if pool.base_type() == "cache-pool" {
        if let (Some(size), Some(data)) = (command.size, pool.strings.get("data")) {
            let plain = LvCommand {
                stripes: None,
                ..command.clone()
            };
            added(ledger, &plain, settings, data, size, &allowed)?;
        }
        return Err(match command.stripes {
            None => Refusal::new(
                "Internal error: _alloc_init called for non-virtual segment with no disk space.",
            ),
            Some(1) => Refusal::new(format!(
                "Internal error: Pool {}/{name} already has extents.",
                group.name
            )),
            // LVM2 crashes.
            Some(_) => Refusal::lines([]),
        }
        .into());
    }
    let after = extend_pool(group, command, settings, volume, pool, &allowed)?;
    ledger.replace(after);
    Ok(())
}

/// A cached volume grows by its origin, which holds its data.
fn extend_cached(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    volume: &LogicalVolume,
    cache: &LvSegment,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let Some(origin) = cache.strings.get("origin") else {
        return Err(SimulationError::unsupported("a cache without an origin"));
    };
    let size = command.size.or_else(|| whole_of_arguments(command));
    let size = size.ok_or_else(|| SimulationError::unsupported("lvextend without a size"))?;
    let mut after = grow(group, command, settings, origin, size, allowed)?;
    lengthen(&mut after, &volume.name, origin);
    Ok(after)
}

/// Makes a volume as long as the one below it that holds its data.
fn lengthen(group: &mut VolumeGroup, name: &str, data: &str) {
    let extents = group.logical_volume(data).map_or(0, LogicalVolume::extents);
    let volume = volume_mut(group, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.first_mut()) {
        segment.extent_count = extents;
    }
}

/// A pool grows by its data. Where no physical volumes are given its metadata, and the spare for it,
/// grow first to what the new size needs.
fn extend_pool(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    volume: &LogicalVolume,
    pool: &LvSegment,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let part = |key: &str| pool.strings.get(key).cloned();
    let (Some(data), Some(metadata)) = (part("pool").or_else(|| part("data")), part("metadata"))
    else {
        return Err(SimulationError::unsupported(
            "a pool without data or metadata",
        ));
    };
    let mut group = group.clone();
    // Policy and stripes of the command are those of the data where that grows.
    let beside_data = LvCommand {
        policy: None,
        stripes: None,
        stripe_size_sectors: None,
        ..command.clone()
    };
    let mut grows = true;
    // What the spare could not get, if it could not: that is said, and nothing else comes of it.
    let mut unspared = Vec::new();
    if let Some(size) = command.pool_metadata {
        // What the data is to get is looked at before: nothing, and the metadata grows alone.
        let looked_at = |size| added(&group, command, settings, &data, size, allowed);
        grows = match command.size.map(looked_at) {
            Some(Err(SimulationError::Refused(refusal))) if refusal.is_of_same_size() => false,
            Some(Err(error)) => return Err(error),
            Some(Ok(_)) => true,
            None => false,
        };
        let own = match command.size {
            Some(_) => &beside_data,
            None => command,
        };
        let most = most_thin_metadata(settings).div_ceil(group.extent_size_sectors.max(1));
        let has = group.logical_volume(&metadata);
        let room = most.saturating_sub(has.map_or(0, LogicalVolume::extents));
        group = match added(&group, own, settings, &metadata, size, allowed) {
            // It is enough that it is as large as that, or as a pool can use.
            Err(SimulationError::Refused(refusal)) if refusal.is_of_same_size() => group,
            Ok(_) if room == 0 => group,
            Ok(addition) => {
                let extents = addition.extents.min(room);
                let addition = Addition {
                    extents,
                    ..addition
                };
                grown_by(group, own, settings, &metadata, addition, allowed)?
            }
            Err(error) => return Err(error),
        };
        let needed = group
            .logical_volume(&metadata)
            .map_or(0, LogicalVolume::extents);
        if command.physical_volumes.is_empty() {
            unspared = grow_spare(&mut group, settings, needed, allowed)?;
        }
        crop_metadata(&mut group, &volume.name);
    }
    let of_arguments = || whole_of_arguments(command);
    let Some(size) = command.size.or_else(of_arguments).filter(|_| grows) else {
        return Ok(group);
    };
    let is_thin = pool.base_type() == "thin-pool";
    // What a percentage comes to is settled before the metadata takes its part of what is free.
    let mut settled = None;
    if is_thin && command.physical_volumes.is_empty() && command.pool_metadata.is_none() {
        let wanted = added(&group, command, settings, &data, size, allowed)?;
        settled = Some(wanted);
        let after = volume.extents().saturating_add(wanted.extents);
        let chunk = pool.numbers.get("chunk_size").copied();
        let needed = grown_metadata_extents(&group, after, chunk, settings)
            .map_err(|error| refused(&error, settings))?;
        let has = group
            .logical_volume(&metadata)
            .map_or(0, LogicalVolume::extents);
        if needed > has {
            let size = SizeArgument {
                sign: Sign::Plus,
                amount: Amount::Extents(needed - has),
            };
            // With as little as comes of it where the data may have less, too.
            let more = Addition {
                approximate: wanted.approximate,
                ..added(&group, &beside_data, settings, &metadata, size, allowed)?
            };
            group = grown_by(group, &beside_data, settings, &metadata, more, allowed)?;
            let got = group.logical_volume(&metadata);
            if got.is_some_and(|metadata| metadata.extents() > has) {
                unspared = grow_spare(&mut group, settings, needed, allowed)?;
            }
        }
    }
    let before = group.clone();
    let grown = match settled {
        Some(addition) => grown_by(group, command, settings, &data, addition, allowed),
        None => grow(&before, command, settings, &data, size, allowed),
    };
    let mut after = match grown {
        Err(SimulationError::Refused(mut refusal)) => {
            // The metadata stays as large as it has become.
            refusal.left = Some(Box::new(before));
            refusal.messages.splice(0..0, unspared);
            return Err(refusal.into());
        }
        other => other?,
    };
    lengthen(&mut after, &volume.name, &data);
    crop_metadata(&mut after, &volume.name);
    Ok(after)
}

/// What a size comes to.
fn added(
    pool: &impl FreeExtents,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
    size: SizeArgument,
    allowed: &[AllowedVolume],
) -> Result<Addition, SimulationError> {
    let room = Room {
        free: pool.free_total(),
        allowed: free_extents(pool, allowed),
    };
    let longest = pool.group().extent_size_sectors;
    let stripe = command.stripe_size_sectors.map(|size| size.min(longest));
    if stripe.is_some_and(|size| !size.is_power_of_two()) {
        return Err(Refusal::new("Stripe size must be power of 2.").into());
    }
    added_extents(pool.group(), command, settings, name, size, room)
        .map_err(|error| refused(&error, settings))
}

/// The group with one volume grown.
fn grow(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
    size: SizeArgument,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let addition = added(group, command, settings, name, size, allowed)?;
    grown_by(group.clone(), command, settings, name, addition, allowed)
}

/// The group with one volume grown by what was worked out before.
fn grown_by(
    group: VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
    addition: Addition,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let mut ledger = Ledger::new(group);
    grow_by(&mut ledger, command, settings, name, addition, allowed)?;
    Ok(ledger.into_group())
}

/// A volume grown by as many extents, whole rows of stripes or not.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn grown_exactly(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    extents: u64,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let unusable = Unusable::in_another_size(settings);
    let allowed = allowed(group, &command.physical_volumes, unusable)?;
    let size = SizeArgument::more_extents(extents);
    let addition = Addition {
        extents,
        ..added(group, command, settings, name, size, &allowed)?
    };
    grown_by(group.clone(), command, settings, name, addition, &allowed)
}

/// Lets one volume grow by what was worked out before.
fn grow_by(
    ledger: &mut Ledger,
    command: &LvCommand,
    settings: &Allocator,
    name: &str,
    addition: Addition,
    allowed: &[AllowedVolume],
) -> Result<(), SimulationError> {
    let before = ledger.group().clone();
    let addition = free_reshape_space(ledger, name, addition);
    let Some(volume) = ledger.group().logical_volume(name) else {
        return Err(SimulationError::unsupported("a pool without its parts"));
    };
    let inherited = addition.inherited;
    if inherited.kind.parity() > 0 && inherited.stripes < 2 {
        let word = volume
            .segments
            .last()
            .map_or("", |segment| &segment.segment_type);
        return Err(Refusal::new(format!(
            "Cannot resize {word} LV {}/{name}. Convert to more stripes first.",
            ledger.group().name
        ))
        .into());
    }
    if inherited.kind.is_raid()
        && let Some(refusal) = undivided(volume, addition.extents, inherited.stripes)
    {
        return Err(refusal.into());
    }
    let policy = command.policy.unwrap_or(volume.policy);
    let placed = place(
        ledger,
        settings,
        &Wanted {
            kind: inherited.kind,
            stripes: inherited.stripes,
            mirrors: inherited.mirrors,
            companions: Companions::None,
            region_sectors: 0,
            extents: addition.extents,
            grows: Some(volume),
            apart: false,
            in_one_piece: false,
            policy,
            approximate: addition.approximate,
            allowed,
            parallel: Vec::new(),
            name,
        },
    )?;
    if placed.extents() == 0 {
        if settings.version.is_after_2_03_16() {
            return Err(Refusal::new("Command failed with status code 5.").into());
        }
        ledger.replace(before);
        return Ok(());
    }
    let is_sized = command.stripe_size_sectors.is_some();
    append_to(ledger, name, &placed, inherited, is_sized);
    if inherited.kind.is_raid() {
        check_redundancy(ledger.group(), settings, name, policy, allowed)?;
    }
    Ok(())
}

/// That a volume does not grow by what is no row of its stripes: where these are stored in pairs LVM2 crashes.
pub(crate) fn undivided(volume: &LogicalVolume, more: u64, stripes: u64) -> Option<Refusal> {
    if more.is_multiple_of(stripes) {
        return None;
    }
    let is_paired = |segment: &LvSegment| segment.base_type().starts_with("raid10");
    Some(match volume.segments.iter().any(is_paired) {
        true => Refusal::lines([]),
        false => Refusal::new(format!(
            "Number of extents requested ({more}) needs to be divisible by {stripes}."
        )),
    })
}

/// What a reshape worked in is given back first, and comes again as data.
fn free_reshape_space(ledger: &mut Ledger, name: &str, addition: Addition) -> Addition {
    let volume = ledger.group().logical_volume(name);
    let freed = volume.map_or(0, space::logical_extents);
    if freed == 0 {
        return addition;
    }
    let mut after = ledger.group().clone();
    space::free(&mut after, name);
    ledger.replace(after);
    Addition {
        extents: addition.extents.saturating_add(freed),
        ..addition
    }
}

/// Appends what was placed to a volume, or to the images below it. What has a stripe size of its own is no part of
/// the segment before it, also where it has one stripe.
fn append_to(
    ledger: &mut Ledger,
    name: &str,
    placed: &Placed,
    inherited: Inherited,
    is_sized: bool,
) {
    let append_stripes = match is_sized && inherited.stripes == 1 {
        true => append_apart,
        false => append_stripes,
    };
    let Some(volume) = ledger.group().logical_volume(name) else {
        return;
    };
    let legs = inherited.stripes * inherited.mirrors.max(1);
    let legs = usize::try_from(legs).unwrap_or(usize::MAX);
    let Some(last) = volume.segments.last() else {
        return;
    };
    let below: Vec<String> = images(last)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    let placement = &placed.placement;
    let pieces = placement.chunks.iter().flat_map(|chunk| &chunk.pieces);
    ledger.hold(pieces.filter_map(|(source, range)| {
        let area = Area::new(u64::from(range.start), u64::from(range.count))?;
        Some((*source, area))
    }));
    if below.is_empty() {
        ledger.grow(name, |volume| {
            append_stripes(volume, placement, 0..legs, inherited.stripe_sectors);
        });
        return;
    }
    ledger.grow(name, |volume| {
        if let Some(last) = volume.segments.last_mut() {
            last.extent_count += placed.extents();
        }
    });
    let stripes = usize::try_from(inherited.stripes).unwrap_or(usize::MAX);
    for (index, image) in below.iter().enumerate() {
        ledger.grow(image, |image| {
            if inherited.kind == SegmentType::Mirror {
                let legs = index * stripes..(index + 1) * stripes;
                append_stripes(image, placement, legs, inherited.stripe_sectors);
            } else {
                append_leg(image, placement, index);
            }
        });
    }
}
