//! `lvreduce` and `lvresize`: taking extents away from the end of volumes.

use crate::lvm::demand::addition::{Shares, physical_extents};
use crate::lvm::lengths;
use crate::lvm::parts::{image_multiple, images, most_copies, origin_extents};
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed, free_extents};
use crate::lvm::simulate::build::{cut_off, volume_mut};
use crate::lvm::simulate::extend::{grown_exactly, undivided};
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::{
    Amount, DemandError, LogicalVolume, LvCommand, LvSegment, Part, PercentOf, SegmentType, Sign,
    SizeArgument, VolumeGroup,
};

/// Simulates `lvreduce`, and `lvresize` where `may_grow`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn resize(
    group: &VolumeGroup,
    command: &LvCommand,
    may_grow: bool,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let Some(volume) = group.logical_volume(name) else {
        return simulate_by(group, command, settings);
    };
    let Some(size) = command.size else {
        return Err(SimulationError::unsupported("lvresize without a size"));
    };
    if size.sign == Sign::Plus {
        if may_grow {
            return simulate_by(group, command, settings);
        }
        return Err(Refusal::lines([
            "Extents may not be positive.".to_string(),
            format!("Invalid argument for --extents: {size}"),
            "Error during parsing of command line.".to_string(),
        ])
        .into());
    }
    let Some(last) = volume.segments.last() else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    let word = last.base_type();
    if word.ends_with("-pool") {
        return resize_pool(group, command, may_grow, settings, last);
    }
    let Some(kind) = SegmentType::from_word(word) else {
        return Err(SimulationError::unsupported(format!("lvresize of {word}")));
    };
    let has = volume.extents();
    let (given, is_percent) = given_extents(group, command, settings, size, has)?;
    let stripes = data_stripes(group, last, kind);
    // RAID amounts are rounded to whole stripes: up by lvresize, down by lvreduce.
    let given = if !is_percent && kind.is_raid() && kind != SegmentType::Raid1 {
        let rounded = if may_grow {
            let next = given.checked_next_multiple_of(stripes);
            next.ok_or_else(|| SimulationError::unsupported("more than 2^64 - 1 extents"))?
        } else {
            given - given % stripes
        };
        if rounded == 0 && size.sign == Sign::Absolute {
            return Err(Refusal::new("New size of 0 not permitted.").into());
        }
        rounded
    } else {
        given
    };
    let is_physical =
        matches!(size.amount, Amount::Percent { of, .. } if of != PercentOf::LogicalVolume);
    let counted = if is_physical {
        physical_extents(group, pool_of(group, name).unwrap_or(name))
    } else {
        has
    };
    let shares = Shares::of(last, kind);
    // What is short of what is there already is taken for the whole.
    let short = match size.sign {
        Sign::Minus => counted.saturating_sub(given),
        Sign::Absolute | Sign::Plus => given,
    };
    let whole = shares.short(short, has).filter(|_| is_physical);
    let is_as_it_is = is_physical && !whole.is_some_and(|(_, is_rounded)| is_rounded);
    let short = match whole {
        Some((whole, true)) if whole > has && kind.parity() > 0 => {
            whole.checked_next_multiple_of(stripes).unwrap_or(whole)
        }
        Some((whole, _)) => whole,
        None if is_physical => given,
        None => short,
    };
    let wanted = match size.sign {
        Sign::Minus if given >= counted => {
            return Err(Refusal::new(format!(
                "Unable to reduce {}/{name} below 1 extent.",
                group.name
            ))
            .into());
        }
        Sign::Minus => short,
        Sign::Absolute | Sign::Plus if is_physical && given > counted => {
            let more = shares.logical(given - physical_extents(group, name).min(given));
            let is_striped = matches!(
                kind,
                SegmentType::Striped | SegmentType::Raid0 | SegmentType::Raid0Meta
            );
            let row = if is_striped { 1 } else { image_multiple(last) };
            has.saturating_add(more - more % row)
        }
        Sign::Absolute | Sign::Plus if is_physical && given == counted => has,
        Sign::Absolute | Sign::Plus => short,
    };
    if wanted == 0 {
        return Err(Refusal::new("New size of 0 not permitted.").into());
    }
    let most = most_copies(group, name).unwrap_or(u64::MAX);
    if wanted > most && has >= most {
        // It is as large as it can be of use, and stays so.
        return Ok(group.clone());
    }
    let wanted = wanted.min(most);
    if wanted > has {
        let is_share_of_pool = is_physical && given <= counted && pool_of(group, name).is_some();
        if may_grow && (size.sign == Sign::Minus || is_share_of_pool) {
            return grow_to(group, command, settings, wanted, stripes);
        }
        if may_grow {
            return simulate_by(group, command, settings);
        }
        let is_rounded = match is_physical {
            true if given < counted => !is_as_it_is,
            true => kind != SegmentType::Raid10,
            false => true,
        };
        let row = if is_rounded { stripes } else { 1 };
        let wanted = wanted.checked_next_multiple_of(row).unwrap_or(wanted);
        return Err(Refusal::new(format!(
            "New size given ({wanted} extents) not less than existing size ({has} extents)"
        ))
        .into());
    }
    let matches = |dot: &str| {
        if settings.version.is_after_2_03_16() {
            Refusal::new("No size change.")
        } else {
            Refusal::new(format!(
                "New size ({has} extents) matches existing size ({has} extents){dot}"
            ))
        }
    };
    if wanted == has {
        return Err(matches(".").into());
    }
    // What LVM2 did not round before is cut by whole stripes, even if that comes to nothing.
    let may_stay = is_as_it_is || kind == SegmentType::Raid10 && is_percent;
    let boundary = boundary_at(group, volume, wanted);
    let wanted = wanted.next_multiple_of(boundary);
    if wanted >= has {
        return if wanted > has && may_grow && !may_stay && kind.parity() > 0 {
            grown_exactly(group, command, settings, wanted - has)
        } else if wanted > has && !may_grow && !may_stay {
            Err(Refusal::new(format!(
                "New size given ({wanted} extents) not less than existing size ({has} extents)"
            ))
            .into())
        } else if may_stay {
            Ok(group.clone())
        } else {
            Err(matches("").into())
        };
    }
    if kind == SegmentType::Mirror {
        check_cut(group, last, wanted)?;
    }
    let mut after = group.clone();
    let kept = has - space::logical_extents(volume);
    if kept < has {
        if wanted > kept {
            let line = format!(
                "Internal error: Removing still active LV {}/{name}_rmeta_0.",
                group.name
            );
            return Err(Refusal::new(line).into());
        }
        if wanted == kept {
            return Ok(after);
        }
        space::free(&mut after, name);
    }
    cut_to(&mut after, name, wanted);
    cut_metadata(&mut after, name, has);
    check_regions(&after, name)?;
    Ok(after)
}

/// The pool that a volume is the data of: its metadata is counted with it.
fn pool_of<'g>(group: &'g VolumeGroup, name: &str) -> Option<&'g str> {
    let holds = |segment: &LvSegment| {
        let mut keys = ["data", "pool"].iter();
        keys.any(|key| segment.strings.get(key).is_some_and(|data| data == name))
    };
    let pool = |volume: &&LogicalVolume| volume.segments.iter().any(holds);
    let pool = group.logical_volumes.iter().find(pool)?;
    Some(&pool.name)
}

/// Makes a volume as large as a share comes to.
fn grow_to(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    wanted: u64,
    stripes: u64,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let volume = group.logical_volume(name);
    let more = wanted - volume.map_or(0, LogicalVolume::extents);
    if let Some(refusal) = volume.and_then(|volume| undivided(volume, more, stripes)) {
        return Err(refusal.into());
    }
    let mut grown = command.clone();
    grown.size = Some(SizeArgument::more_extents(more));
    simulate_by(group, &grown, settings)
}

/// Metadata of RAID images shrinks with them, where it is longer than the smaller images need.
fn cut_metadata(group: &mut VolumeGroup, name: &str, had: u64) {
    let Some(volume) = group.logical_volume(name) else {
        return;
    };
    let Some(segment) = volume.segments.last() else {
        return;
    };
    let Some(region) = segment.numbers.get("region_size").copied() else {
        return;
    };
    let extent = group.extent_size_sectors;
    let multiple = image_multiple(segment);
    let needed = |extents: u64| lengths::raid_metadata(extents / multiple, extent, region);
    let less = needed(had).saturating_sub(needed(volume.extents()));
    let metadata: Vec<String> = segment
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } if volume.contains("_rmeta_") => Some(volume.clone()),
            Part::Logical { .. } | Part::Physical { .. } => None,
        })
        .collect();
    for name in metadata {
        if let Some(volume) = volume_mut(group, &name) {
            let most = volume.extents().saturating_sub(1);
            cut_off(volume, less.min(most));
        }
    }
}

/// LVM2 finds its own metadata corrupted where a mirror becomes smaller than one of its regions.
///
/// # Errors
/// What it says then.
pub(crate) fn check_regions(group: &VolumeGroup, name: &str) -> Result<(), Refusal> {
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let size = volume.extents().saturating_mul(group.extent_size_sectors);
    let is_mirror = |segment: &&LvSegment| segment.segment_type == "mirror";
    let mut mirrors = volume.segments.iter().filter(is_mirror);
    let region = |segment: &LvSegment| segment.numbers.get("region_size").copied();
    if mirrors.any(|segment| region(segment).is_some_and(|region| region > size)) {
        return Err(Refusal::lines([
            format!(
                "LV {}/{name}, segment 1 invalid: region size is bigger then LV itself for mirror \
                 segment.",
                group.name
            ),
            format!("Internal error: LV segments corrupted in {name}."),
        ]));
    }
    Ok(())
}

/// A pool is as large as its data. That of a thin pool may only grow.
fn resize_pool(
    group: &VolumeGroup,
    command: &LvCommand,
    may_grow: bool,
    settings: &Allocator,
    pool: &LvSegment,
) -> Result<VolumeGroup, SimulationError> {
    let is_thin = pool.base_type() == "thin-pool";
    let key = if is_thin { "pool" } else { "data" };
    let Some(data) = pool.strings.get(key) else {
        return Err(SimulationError::unsupported("a pool without its data"));
    };
    let grows = match command.size {
        Some(size) if size.sign == Sign::Absolute => {
            let (given, _) = given_extents(group, command, settings, size, pool.extent_count)?;
            given > pool.extent_count
        }
        Some(_) | None => false,
    };
    if may_grow && grows {
        return simulate_by(group, command, settings);
    }
    let mut below = command.clone();
    below.name = Some(data.clone());
    let reduced = resize(group, &below, may_grow, settings);
    let mut after = match reduced {
        Err(SimulationError::Refused(mut refusal)) if !is_thin => {
            let name = command.name.as_deref().unwrap_or_default();
            for line in &mut refusal.messages {
                *line = line.replace(data.as_str(), name);
            }
            return Err(refusal.into());
        }
        // Its metadata may be what is to grow.
        Err(SimulationError::Refused(refusal))
            if may_grow && command.pool_metadata.is_some() && refusal.is_of_same_size() =>
        {
            return simulate_by(group, command, settings);
        }
        other => other?,
    };
    let extents = after.logical_volume(data).map_or(0, LogicalVolume::extents);
    if is_thin && extents < pool.extent_count {
        return Err(Refusal::new(format!(
            "Thin pool volumes {}/{data} cannot be reduced in size yet.",
            group.name
        ))
        .into());
    }
    if is_thin {
        return simulate_by(group, command, settings);
    }
    let name = command.name.as_deref().unwrap_or_default();
    let volume = volume_mut(&mut after, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.first_mut()) {
        segment.extent_count = extents;
    }
    Ok(after)
}

/// The extents of a size, and whether it was a percentage.
pub(crate) fn given_extents(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    size: SizeArgument,
    has: u64,
) -> Result<(u64, bool), SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
    let total: u64 = group
        .physical_volumes
        .iter()
        .map(|volume| volume.extents)
        .sum();
    match size.amount {
        Amount::Extents(extents) => Ok((extents, false)),
        // What is taken away is rounded down, what stays is rounded up.
        Amount::Sectors(sectors) if size.sign == Sign::Minus => {
            Ok((sectors / group.extent_size_sectors, false))
        }
        Amount::Sectors(sectors) => Ok((sectors.div_ceil(group.extent_size_sectors), false)),
        Amount::Percent { percent, of } => {
            let whole = match of {
                PercentOf::LogicalVolume => has,
                PercentOf::PhysicalVolumes if !command.physical_volumes.is_empty() => {
                    let unusable = Unusable::in_another_size(settings);
                    free_extents(group, &allowed(group, &command.physical_volumes, unusable)?)
                }
                PercentOf::VolumeGroup | PercentOf::PhysicalVolumes => total,
                PercentOf::Free => free,
                PercentOf::Origin => origin_extents(group, name)
                    .ok_or_else(|| Refusal::new(DemandError::NoOrigin.to_string()))?,
            };
            let product = whole.saturating_mul(percent);
            let share = if size.sign == Sign::Minus {
                product / 100
            } else {
                product.div_ceil(100)
            };
            let most = match of {
                PercentOf::VolumeGroup if size.sign == Sign::Absolute => has.saturating_add(free),
                _ => u64::MAX,
            };
            Ok((share.min(most), true))
        }
    }
}

/// Stripes of the data of a segment, below mirrors those that their images begin with.
fn data_stripes(group: &VolumeGroup, segment: &LvSegment, kind: SegmentType) -> u64 {
    if kind != SegmentType::Mirror {
        return image_multiple(segment);
    }
    let image = images(segment).into_iter().find_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    let first = image.and_then(|image| image.segments.first());
    first.map_or(1, |segment| segment.parts.len() as u64)
}

/// What the new size has to be a multiple of: a row of stripes of the segment that it ends in.
fn boundary_at(group: &VolumeGroup, volume: &LogicalVolume, size: u64) -> u64 {
    let holds = |segment: &&LvSegment| segment.start_extent + segment.extent_count > size;
    let Some(segment) = volume.segments.iter().find(holds) else {
        return 1;
    };
    let word = segment.base_type();
    let Some(kind) = SegmentType::from_word(word) else {
        return 1;
    };
    let stripe_sectors = segment.numbers.get("stripe_size").copied().unwrap_or(0);
    let stripes = data_stripes(group, segment, kind);
    if kind == SegmentType::Raid10 {
        // What is stored in pairs is cut through rows of stripes that are longer than extents.
        return stripes.max(1);
    }
    lengths::row(stripes, stripe_sectors, group.extent_size_sectors)
}

/// The images of a mirror may have segments of other stripes than their last has.
///
/// # Errors
/// LVM2 does not cut through a row of stripes.
fn check_cut(group: &VolumeGroup, mirror: &LvSegment, size: u64) -> Result<(), Refusal> {
    let parts = images(mirror).into_iter();
    let images = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    for segment in images.flat_map(|image| &image.segments) {
        let end = segment.start_extent + segment.extent_count;
        let stripes = segment.parts.len().max(1) as u64;
        let less = end.saturating_sub(size);
        if segment.start_extent < size && !less.is_multiple_of(stripes) {
            return Err(Refusal::new(format!(
                "Segment extent reduction {less} not divisible by #stripes {stripes}"
            )));
        }
    }
    Ok(())
}

/// Cuts a volume, and the images below it, to a size.
fn cut_to(group: &mut VolumeGroup, name: &str, size: u64) {
    let Some(volume) = volume_mut(group, name) else {
        return;
    };
    let has = volume.extents();
    let mut below = Vec::new();
    for segment in &volume.segments {
        let multiple = image_multiple(segment);
        below.extend(images(segment).into_iter().filter_map(|part| match part {
            Part::Logical { volume, .. } => Some((volume.clone(), multiple)),
            Part::Physical { .. } => None,
        }));
    }
    cut_off(volume, has - size);
    for (image, multiple) in below {
        if let Some(image) = volume_mut(group, &image) {
            cut_off(image, (has - size) / multiple);
        }
    }
}
