//! What an `lvextend` comes to: by how much a volume grows, in which legs.

use crate::lvm::allowed::{allowed_volumes, free_within};
use crate::lvm::existing::{Existing, existing};
use crate::lvm::{
    Amount, Demand, DemandError, LvCommand, PercentOf, SegmentType, Sign, SizeArgument, VolumeGroup,
};

/// What an `lvextend` asks for, and what it extends.
///
/// # Errors
/// [`DemandError`]. Whether there is room for it is not asked here.
pub fn extend_demand(
    group: &VolumeGroup,
    command: &LvCommand,
) -> Result<(Demand, Existing), DemandError> {
    extend_demand_after(group, command, 0)
}

/// The same when `taken` of the free extents will have gone to commands before.
pub(crate) fn extend_demand_after(
    group: &VolumeGroup,
    command: &LvCommand,
    taken: u64,
) -> Result<(Demand, Existing), DemandError> {
    let free = group.free_count().saturating_sub(taken);
    let name = command.name.as_deref().unwrap_or_default();
    let grown = target(group, name)?;
    check_options(command, name, &grown)?;
    let stripes = stripes(command, &grown)?;
    // A striped volume may change the number of its legs from segment to segment.
    let kind = match grown.kind {
        SegmentType::Linear | SegmentType::Striped if stripes == 1 => SegmentType::Linear,
        SegmentType::Linear | SegmentType::Striped => SegmentType::Striped,
        kind => kind,
    };
    let copies = grown.copies;
    let (more, approximate) = more_extents(group, command, &grown, stripes, free)?;
    let stripe_size_sectors = if stripes > 1 {
        let kept = (grown.stripe_size_sectors > 0).then_some(grown.stripe_size_sectors);
        let size = command.stripe_size_sectors.or(kept).unwrap_or(128);
        size.min(group.extent_size_sectors)
    } else {
        0
    };
    let unit = stripes.saturating_mul((stripe_size_sectors / group.extent_size_sectors).max(1));
    let rest = more % unit;
    let mut extents = more;
    if rest > 0 {
        let up = (more - rest)
            .checked_add(unit)
            .ok_or_else(|| too_large(name))?;
        let in_percent = matches!(
            command.size.map(|size| size.amount),
            None | Some(Amount::Percent { .. })
        );
        extents = if !in_percent || free >= up {
            up
        } else {
            more - rest
        };
    }
    if extents == 0 {
        return Err(DemandError::SameSize {
            existing: grown.extents,
        });
    }
    let demand = Demand {
        kind,
        stripes,
        copies,
        extents,
        approximate,
        stripe_size_sectors,
        region_size_sectors: 0,
        leg_metadata_extents: 0,
        log_extents: 0,
        pool_metadata_extents: 0,
        wants_spare: false,
    };
    Ok((demand, grown))
}

/// The volume to extend: a visible one, or the data of a pool by its own name.
fn target(group: &VolumeGroup, name: &str) -> Result<Existing, DemandError> {
    let grown = existing(group, name)?;
    let is_visible = group
        .logical_volume(name)
        .is_some_and(|volume| volume.is_visible());
    let is_pool_data = group.logical_volumes.iter().any(|volume| {
        let mut segments = volume.segments.iter();
        segments.any(|segment| {
            segment.segment_type.starts_with("thin-pool")
                && segment.strings.get("pool").is_some_and(|pool| pool == name)
        })
    });
    if is_visible || is_pool_data {
        Ok(grown)
    } else {
        Err(DemandError::Internal {
            group: group.name.clone(),
            name: name.to_string(),
        })
    }
}

/// Options that would change what there is.
fn check_options(command: &LvCommand, name: &str, grown: &Existing) -> Result<(), DemandError> {
    if let Some(given) = &command.segment_type {
        let is_plain = |kind| matches!(kind, SegmentType::Linear | SegmentType::Striped);
        if given.kind != grown.kind && !(is_plain(given.kind) && is_plain(grown.kind)) {
            return Err(DemandError::OtherType {
                word: given.word.clone(),
            });
        }
    }
    if command
        .mirrors
        .is_some_and(|mirrors| mirrors + 1 != grown.copies)
    {
        return Err(DemandError::OtherMirrors);
    }
    if command.pool_metadata.is_some() {
        return Err(DemandError::UnsupportedOption {
            name: name.to_string(),
            option: "--poolmetadatasize",
        });
    }
    Ok(())
}

/// The stripes of the new extents.
fn stripes(command: &LvCommand, grown: &Existing) -> Result<u64, DemandError> {
    match (command.stripes, grown.kind) {
        (Some(stripes), SegmentType::Linear | SegmentType::Striped) => Ok(stripes),
        (None, SegmentType::Linear | SegmentType::Striped) if !grown.is_uniform => {
            Err(DemandError::StripesUnknown)
        }
        (Some(stripes), _) if stripes != grown.stripes => Err(DemandError::OtherStripes {
            kind: grown.word.clone(),
        }),
        (Some(_) | None, _) => Ok(grown.stripes),
    }
}

/// By how many logical extents, before the last rounding to stripes, and whether fewer will do.
fn more_extents(
    group: &VolumeGroup,
    command: &LvCommand,
    grown: &Existing,
    stripes: u64,
    free: u64,
) -> Result<(u64, bool), DemandError> {
    let name = &grown.data_name;
    // With physical volumes and no size LVM2 takes all of them.
    let size = command.size.unwrap_or(SizeArgument {
        sign: Sign::Plus,
        amount: Amount::Percent {
            percent: 100,
            of: PercentOf::PhysicalVolumes,
        },
    });
    let is_added = size.sign == Sign::Plus;
    let (count, approximate) = match size.amount {
        Amount::Extents(extents) => (rounded_for_raid(extents, grown), false),
        Amount::Sectors(sectors) => {
            let extents = sectors.div_ceil(group.extent_size_sectors);
            (rounded_for_raid(extents, grown), false)
        }
        Amount::Percent { percent, of } => {
            let share = |count: u64| {
                let share = (u128::from(percent) * u128::from(count)).div_ceil(100);
                u64::try_from(share).map_err(|_| too_large(name))
            };
            let physical = match of {
                PercentOf::LogicalVolume | PercentOf::Origin => {
                    return to_add(share(grown.extents)?, is_added, grown)
                        .map(|more| (more, false));
                }
                PercentOf::Free => share(free)?,
                PercentOf::VolumeGroup if is_added => share(group.extent_count())?,
                PercentOf::VolumeGroup => {
                    let most = grown.extents.saturating_add(free);
                    share(group.extent_count())?.min(most)
                }
                PercentOf::PhysicalVolumes if command.physical_volumes.is_empty() => {
                    share(group.extent_count())?
                }
                PercentOf::PhysicalVolumes => {
                    share(free_within(group, &allowed_volumes(group, command)?))?
                }
            };
            let approximate = !is_added || of == PercentOf::Free;
            (logical(physical, grown, stripes), approximate)
        }
    };
    to_add(count, is_added, grown).map(|more| (more, approximate))
}

/// Extents to add, from extents to add or the whole size.
fn to_add(count: u64, is_added: bool, grown: &Existing) -> Result<u64, DemandError> {
    if is_added {
        return Ok(count);
    }
    let existing = grown.extents;
    match count.checked_sub(existing) {
        None => Err(DemandError::NotLarger {
            found: count,
            existing,
        }),
        Some(0) => Err(DemandError::SameSize { existing }),
        Some(more) => Ok(more),
    }
}

/// Counts given for RAID volumes are rounded up to whole stripes at once, the whole size as well as
/// what is added.
fn rounded_for_raid(extents: u64, grown: &Existing) -> u64 {
    if grown.kind.is_raid() && grown.kind != SegmentType::Raid1 {
        extents
            .checked_next_multiple_of(grown.stripes)
            .unwrap_or(extents)
    } else {
        extents
    }
}

/// Logical extents that so many physical ones make; a percentage counts physical ones.
///
/// LVM2 converts for images only, and takes raid0 as it takes plain stripes.
fn logical(physical: u64, grown: &Existing, stripes: u64) -> u64 {
    match grown.kind {
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::ThinPool
        | SegmentType::CachePool => physical,
        SegmentType::Mirror | SegmentType::Raid1 => physical / grown.copies,
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 | SegmentType::Raid10 => {
            let share = physical / grown.copies;
            share - share % stripes
        }
    }
}

fn too_large(name: &str) -> DemandError {
    DemandError::TooLarge {
        name: name.to_string(),
    }
}
