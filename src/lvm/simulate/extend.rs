//! `lvextend`.

use crate::lvm::simulate::allowed::{AllowedVolume, Unusable, allowed, free_extents};
use crate::lvm::simulate::build::{append_leg, append_stripes, volume_mut};
use crate::lvm::simulate::lengths;
use crate::lvm::simulate::redundancy::check_redundancy;
use crate::lvm::simulate::remove::with_parts;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, image_multiple, images, place};
use crate::lvm::simulate::run::not_there;
use crate::lvm::simulate::spare::provide_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{
    Amount, LogicalVolume, LvCommand, LvSegment, Part, PercentOf, SegmentType, Settings, Sign,
    SizeArgument, VolumeGroup,
};

/// How a volume is laid out, as far as what it grows by has to be laid out alike.
#[derive(Clone, Copy, Debug)]
struct Inherited {
    kind: SegmentType,
    stripes: u64,
    /// Copies; 0 where there is no redundancy, as LVM2 passes it.
    mirrors: u64,
    stripe_sectors: u64,
    /// Logical extents per extent of an image.
    multiple: u64,
    images: u64,
}

/// Simulates `lvextend`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn extend(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
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
    let unusable = if settings.version.is_after_2_03_16() {
        Unusable::Keep
    } else {
        Unusable::Skip
    };
    let allowed = allowed(group, &command.physical_volumes, unusable)?;
    let pool = volume
        .segments
        .first()
        .filter(|segment| segment.segment_type.ends_with("-pool"));
    let Some(pool) = pool else {
        let size = command.size.or_else(|| whole_of_arguments(command));
        let size = size.ok_or_else(|| SimulationError::unsupported("lvextend without a size"))?;
        return grow(group, command, settings, name, size, &allowed);
    };
    if pool.segment_type == "cache-pool" {
        return Err(Refusal::new(
            "Internal error: _alloc_init called for non-virtual segment with no disk space.",
        )
        .into());
    }
    extend_pool(group, command, settings, volume, pool, &allowed)
}

/// Physical volumes without a size mean all that is free on them.
fn whole_of_arguments(command: &LvCommand) -> Option<SizeArgument> {
    (!command.physical_volumes.is_empty()).then_some(SizeArgument {
        sign: Sign::Plus,
        amount: Amount::Percent {
            percent: 100,
            of: PercentOf::PhysicalVolumes,
        },
    })
}

/// A pool grows by its data. Where no physical volumes are given its metadata, and the spare for it,
/// grow first to what the new size needs.
fn extend_pool(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
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
    if let Some(size) = command.pool_metadata {
        group = grow(&group, command, settings, &metadata, size, allowed)?;
        let needed = group
            .logical_volume(&metadata)
            .map_or(0, LogicalVolume::extents);
        if command.physical_volumes.is_empty() {
            // A spare that cannot grow is only worth a warning.
            let before = group.clone();
            if provide_spare(&mut group, settings, needed, allowed).is_err() {
                group = before;
            }
        }
    }
    let of_arguments = || whole_of_arguments(command).filter(|_| command.pool_metadata.is_none());
    let size = match command.size.or_else(of_arguments) {
        Some(size) => size,
        None => return Ok(group),
    };
    let is_thin = pool.segment_type == "thin-pool";
    // What a percentage comes to is settled before the metadata takes its part of what is free.
    let mut settled = None;
    if is_thin && command.physical_volumes.is_empty() && command.pool_metadata.is_none() {
        let wanted = added_extents(&group, command, settings, &data, size, allowed)?;
        settled = Some(wanted);
        let after = volume.extents() + wanted.extents;
        let chunk = pool.numbers.get("chunk_size").copied();
        let (_, needed) = lengths::thin_pool(after, group.extent_size_sectors, chunk);
        let has = group
            .logical_volume(&metadata)
            .map_or(0, LogicalVolume::extents);
        if needed > has {
            let size = SizeArgument {
                sign: Sign::Plus,
                amount: Amount::Extents(needed - has),
            };
            group = grow(&group, command, settings, &metadata, size, allowed)?;
            provide_spare(&mut group, settings, needed, allowed)?;
        }
    }
    let before = group.clone();
    let grown = match settled {
        Some(addition) => grow_by(&group, command, settings, &data, addition, allowed),
        None => grow(&group, command, settings, &data, size, allowed),
    };
    let mut after = match grown {
        Err(SimulationError::Refused(mut refusal)) => {
            refusal.left = Some(Box::new(before));
            return Err(refusal.into());
        }
        other => other?,
    };
    let extents = after
        .logical_volume(&data)
        .map_or(0, LogicalVolume::extents);
    if let Some(pool) = volume_mut(&mut after, &volume.name)
        && let Some(segment) = pool.segments.first_mut()
    {
        segment.extent_count = extents;
    }
    Ok(after)
}

/// What is to be added, worked out.
#[derive(Clone, Copy, Debug)]
struct Addition {
    extents: u64,
    approximate: bool,
    inherited: Inherited,
}

/// Lets one volume grow.
fn grow(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    name: &str,
    size: SizeArgument,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let addition = added_extents(group, command, settings, name, size, allowed)?;
    grow_by(group, command, settings, name, addition, allowed)
}

/// Lets one volume grow by what was worked out before.
fn grow_by(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    name: &str,
    addition: Addition,
    allowed: &[AllowedVolume],
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(SimulationError::unsupported("a pool without its parts"));
    };
    let inherited = addition.inherited;
    let policy = command.policy.unwrap_or(volume.policy);
    let placed = place(
        group,
        settings,
        &Wanted {
            kind: inherited.kind,
            stripes: inherited.stripes,
            mirrors: inherited.mirrors,
            companions: Companions::None,
            region_sectors: 0,
            extents: addition.extents,
            grows: Some(volume),
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
        return Ok(group.clone());
    }
    let mut after = group.clone();
    append_to(&mut after, name, &placed, inherited);
    if inherited.kind.is_raid() {
        check_redundancy(&after, settings, name, policy, allowed)?;
    }
    Ok(after)
}

/// Appends what was placed to a volume, or to the images below it.
fn append_to(group: &mut VolumeGroup, name: &str, placed: &Placed, inherited: Inherited) {
    let Some(volume) = volume_mut(group, name) else {
        return;
    };
    let legs = inherited.stripes * inherited.mirrors.max(1);
    let legs = usize::try_from(legs).unwrap_or(usize::MAX);
    let Some(last) = volume.segments.last_mut() else {
        return;
    };
    let below: Vec<String> = images(last)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    if below.is_empty() {
        append_stripes(volume, &placed.placement, 0..legs, inherited.stripe_sectors);
        return;
    }
    last.extent_count += placed.extents();
    let stripes = usize::try_from(inherited.stripes).unwrap_or(usize::MAX);
    for (index, image) in below.iter().enumerate() {
        let Some(image) = volume_mut(group, image) else {
            continue;
        };
        if inherited.kind == SegmentType::Mirror {
            let legs = index * stripes..(index + 1) * stripes;
            append_stripes(image, &placed.placement, legs, inherited.stripe_sectors);
        } else {
            append_leg(image, &placed.placement, index);
        }
    }
}

/// How many extents a size comes to for a volume that has some.
fn added_extents(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    name: &str,
    size: SizeArgument,
    allowed: &[AllowedVolume],
) -> Result<Addition, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(SimulationError::unsupported("a pool without its parts"));
    };
    let inherited = inherited(group, command, settings, volume)?;
    let has = volume.extents();
    let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
    let total: u64 = group
        .physical_volumes
        .iter()
        .map(|volume| volume.extents)
        .sum();
    let stripes = inherited.stripes;
    let kind = inherited.kind;
    let rounds = kind.is_raid() && kind != SegmentType::Raid1;
    let not_larger = |extents: u64| -> SimulationError {
        let rounded = match kind {
            // LVM2 does not round here what is stored in pairs.
            SegmentType::Raid10 => extents,
            _ => extents.next_multiple_of(stripes),
        };
        let newer = settings.version.is_after_2_03_16();
        Refusal::new(if rounded == has && newer {
            "No size change.".to_string()
        } else if rounded == has {
            let dot = if extents == has { "." } else { "" };
            format!("New size ({has} extents) matches existing size ({has} extents){dot}")
        } else {
            format!(
                "New size given ({rounded} extents) not larger than existing size ({has} extents)"
            )
        })
        .into()
    };
    let counted = |extents: u64| {
        let extents = if rounds {
            extents.next_multiple_of(stripes)
        } else {
            extents
        };
        match size.sign {
            Sign::Plus => Ok(extents),
            Sign::Absolute if extents > has => Ok(extents - has),
            Sign::Absolute | Sign::Minus => Err(not_larger(extents)),
        }
    };
    let (mut extents, is_percent, approximate) = match size.amount {
        Amount::Extents(extents) => (counted(extents)?, false, false),
        Amount::Sectors(sectors) => {
            let extents = sectors.div_ceil(group.extent_size_sectors);
            (counted(extents)?, false, false)
        }
        Amount::Percent { percent, of } => {
            let share = |whole: u64| whole.saturating_mul(percent).div_ceil(100);
            let is_absolute = size.sign == Sign::Absolute;
            let approximate = match of {
                PercentOf::Free => true,
                PercentOf::VolumeGroup | PercentOf::PhysicalVolumes => is_absolute,
                PercentOf::LogicalVolume | PercentOf::Origin => false,
            };
            let physical = match of {
                PercentOf::VolumeGroup if is_absolute => share(total).min(has + free),
                PercentOf::VolumeGroup => share(total),
                PercentOf::Free => share(free),
                PercentOf::PhysicalVolumes if command.physical_volumes.is_empty() => share(total),
                PercentOf::PhysicalVolumes => share(free_extents(group, allowed)),
                PercentOf::LogicalVolume => share(has),
                PercentOf::Origin => {
                    return Err(SimulationError::unsupported("lvextend by %ORIGIN"));
                }
            };
            let untruncated = |physical: u64| {
                let data = inherited.images - kind.parity().min(inherited.images);
                physical * inherited.multiple / data.max(1)
            };
            let logical = |physical: u64| match (of, kind) {
                (PercentOf::LogicalVolume, _)
                | (
                    _,
                    SegmentType::Linear
                    | SegmentType::Striped
                    | SegmentType::Raid0
                    | SegmentType::Raid0Meta,
                ) => physical,
                _ => {
                    let logical = untruncated(physical);
                    logical - logical % inherited.multiple
                }
            };
            let existing = match of {
                PercentOf::LogicalVolume => has,
                PercentOf::VolumeGroup
                | PercentOf::Free
                | PercentOf::PhysicalVolumes
                | PercentOf::Origin => physical_extents(group, name),
            };
            let added = if !is_absolute {
                logical(physical)
            } else if physical > existing {
                logical(physical - existing)
            } else {
                // Short of what is there already the share is taken for logical extents.
                let whole = untruncated(physical);
                if whole <= has {
                    return Err(not_larger(whole));
                }
                // LVM2 does not round this difference to whole stripes.
                return Ok(Addition {
                    extents: whole - has,
                    approximate,
                    inherited,
                });
            };
            (added, true, approximate)
        }
    };
    if extents == 0 {
        let message = if settings.version.is_after_2_03_16() {
            "No size change.".to_string()
        } else {
            format!("New size ({has} extents) matches existing size ({has} extents).")
        };
        return Err(Refusal::new(message).into());
    }
    if stripes > 1 {
        let boundary = stripes * (inherited.stripe_sectors / group.extent_size_sectors).max(1);
        let over = extents % boundary;
        if over > 0 {
            let up = extents - over + boundary;
            extents = if !is_percent || up <= free {
                up
            } else {
                extents - over
            };
        }
    }
    Ok(Addition {
        extents,
        approximate,
        inherited,
    })
}

/// Extents of physical volumes under a volume, metadata and logs included.
fn physical_extents(group: &VolumeGroup, name: &str) -> u64 {
    let names = with_parts(group, name);
    let volumes = names.iter().filter_map(|name| group.logical_volume(name));
    let segments = volumes.flat_map(|volume| &volume.segments);
    let pieces = segments.flat_map(LvSegment::physical);
    pieces.map(|(_, area)| area.count()).sum()
}

/// How the volume is laid out.
fn inherited(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    volume: &LogicalVolume,
) -> Result<Inherited, SimulationError> {
    let Some(last) = volume.segments.last() else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    let word = last.segment_type.split('+').next().unwrap_or_default();
    let kind = SegmentType::from_word(word)
        .ok_or_else(|| SimulationError::unsupported(format!("lvextend of segment type {word}")))?;
    let count = images(last).len() as u64;
    let stripe_size = |segment: &LvSegment| segment.numbers.get("stripe_size").copied();
    let default = settings.stripe_size_sectors;
    let default = default.min(group.extent_size_sectors);
    let mut inherited = Inherited {
        kind,
        stripes: 1,
        mirrors: 0,
        stripe_sectors: stripe_size(last).unwrap_or(default),
        multiple: image_multiple(last),
        images: count,
    };
    match kind {
        SegmentType::Linear | SegmentType::Striped => {
            inherited.stripes = match command.stripes {
                Some(stripes) => stripes,
                None => {
                    let first = &volume.segments[0];
                    let alike = |segment: &LvSegment| {
                        segment.parts.len() == first.parts.len()
                            && stripe_size(segment) == stripe_size(first)
                    };
                    if !volume.segments.iter().all(alike) {
                        return Err(Refusal::new(
                            "Please specify number of stripes (-i) and stripesize (-I)",
                        )
                        .into());
                    }
                    count
                }
            };
            if let Some(size) = command.stripe_size_sectors {
                inherited.stripe_sectors = size.min(group.extent_size_sectors);
            }
            return Ok(inherited);
        }
        SegmentType::Mirror => {
            inherited.mirrors = count;
            let image = images(last).into_iter().find_map(|part| match part {
                Part::Logical { volume, .. } => group.logical_volume(volume),
                Part::Physical { .. } => None,
            });
            if let Some(segment) = image.and_then(|image| image.segments.last()) {
                inherited.stripes = segment.parts.len() as u64;
                inherited.stripe_sectors = stripe_size(segment).unwrap_or(default);
            }
        }
        SegmentType::Raid1 => inherited.mirrors = count,
        SegmentType::Raid10 => {
            inherited.mirrors = 2;
            inherited.stripes = count / 2;
        }
        SegmentType::Raid0 | SegmentType::Raid0Meta => inherited.stripes = count,
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 => {
            inherited.stripes = count.saturating_sub(kind.parity());
        }
        SegmentType::ThinPool | SegmentType::CachePool => {
            return Err(SimulationError::unsupported("lvextend of a pool in a pool"));
        }
    }
    if command
        .stripes
        .is_some_and(|stripes| stripes != inherited.stripes)
    {
        return Err(Refusal::new(format!(
            "Unable to extend \"{word}\" segment type with different number of stripes."
        ))
        .into());
    }
    Ok(inherited)
}
