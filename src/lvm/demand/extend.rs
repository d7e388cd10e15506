//! What an `lvextend` comes to: by how much a volume grows, in which legs.

use crate::core::Areas;
use crate::lvm::allowed::{allowed_volumes, free_within};
use crate::lvm::demand::addition::{Addition, Room, added_extents, whole_of_arguments};
use crate::lvm::demand::pool::grown_metadata_extents;
use crate::lvm::demand::total;
use crate::lvm::existing::{Existing, existing};
use crate::lvm::parts::{most_copies, origin_extents, with_parts};
use crate::lvm::{
    Amount, Demand, DemandError, LvCommand, LvSegment, SegmentType, Settings, Sign, SizeArgument,
    VolumeGroup,
};

/// What an `lvextend` asks for, and what it extends.
///
/// # Errors
/// [`DemandError`]. Whether there is room for it is not asked here.
pub fn extend_demand(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<(Demand, Existing), DemandError> {
    extend_demand_after(group, command, settings, &group.free(), 0)
}

/// The same where `free` is what is free on each physical volume, of which `taken` extents will have
/// gone to commands before.
pub(crate) fn extend_demand_after(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    free: &[Areas],
    taken: u64,
) -> Result<(Demand, Existing), DemandError> {
    let name = command.name.as_deref().unwrap_or_default();
    let grown = target(group, name)?;
    check_options(command, &grown)?;
    let room = Room {
        free: total(free).saturating_sub(taken),
        allowed: free_within(free, &allowed_volumes(group, command)?),
    };
    let size = command.size.or_else(|| whole_of_arguments(command));
    let size = size.unwrap_or(SizeArgument::more_extents(0));
    let addition = added_extents(group, command, settings, &grown.data_name, size, room)?;
    let Addition {
        inherited,
        approximate,
        ..
    } = addition;
    let stripes = inherited.stripes;
    // A striped volume may change the number of its legs from segment to segment.
    let kind = match grown.kind {
        SegmentType::Linear | SegmentType::Striped if stripes == 1 => SegmentType::Linear,
        SegmentType::Linear | SegmentType::Striped => SegmentType::Striped,
        kind => kind,
    };
    let copies = grown.copies;
    // A difference that LVM2 does not round is one that it does not place either.
    let extents = addition.extents - addition.extents % stripes;
    if extents == 0 {
        return Err(DemandError::SameSize {
            existing: grown.extents,
            asked: grown.extents,
        });
    }
    if let Some(most) = most_copies(group, name)
        && grown.extents.saturating_add(extents) > most
    {
        return Err(DemandError::UnsupportedLayout {
            name: name.to_string(),
            reason: format!(
                "a snapshot larger than what can be copied of its origin, {most} extents, is not planned here: LVM2 \
                 cuts it down to that"
            ),
        });
    }
    let stripe_size_sectors = if stripes > 1 {
        inherited.stripe_sectors
    } else {
        0
    };
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
        chunk_size_sectors: 0,
        wants_spare: false,
    };
    Ok((demand, grown))
}

/// What the metadata of a thin pool grows by, and what there is of it; `None` where it stays as it is.
///
/// Either the command says so, or it names no physical volumes and the pool, `more` extents larger,
/// needs more metadata than it has.
///
/// # Errors
/// [`DemandError`].
pub(crate) fn metadata_demand(
    group: &VolumeGroup,
    command: &LvCommand,
    more: u64,
    settings: &Settings,
) -> Result<Option<(Demand, Existing)>, DemandError> {
    let name = command.name.as_deref().unwrap_or_default();
    let pool = group.logical_volume(name);
    let segment = pool.and_then(|pool| pool.segments.last());
    let segment = segment.filter(|segment| segment.segment_type.starts_with("thin-pool"));
    let (Some(pool), Some(segment)) = (pool, segment) else {
        return match command.pool_metadata {
            Some(_) => Err(DemandError::NoThinPool {
                name: name.to_string(),
            }),
            None => Ok(None),
        };
    };
    let metadata = segment.strings.get("metadata");
    let metadata = metadata.ok_or_else(|| DemandError::UnsupportedLayout {
        name: name.to_string(),
        reason: "it names no metadata volume".to_string(),
    })?;
    let grown = existing(group, metadata)?;
    let extents = match command.pool_metadata {
        Some(size) => {
            let count = match size.amount {
                Amount::Extents(extents) => extents,
                Amount::Sectors(sectors) => sectors.div_ceil(group.extent_size_sectors),
                // --poolmetadatasize is never a percentage.
                Amount::Percent { .. } => 0,
            };
            to_add(count, size.sign == Sign::Plus, &grown)?
        }
        None if command.physical_volumes.is_empty() => {
            let chunk = segment.numbers.get("chunk_size").copied();
            let after = pool.extents().saturating_add(more);
            let needed = grown_metadata_extents(group, after, chunk, settings)?;
            needed.saturating_sub(grown.extents)
        }
        None => 0,
    };
    let demand = Demand {
        kind: grown.kind,
        stripes: grown.stripes,
        copies: grown.copies,
        extents: extents.next_multiple_of(grown.stripes),
        approximate: false,
        stripe_size_sectors: grown.stripe_size_sectors,
        region_size_sectors: 0,
        leg_metadata_extents: 0,
        log_extents: 0,
        pool_metadata_extents: 0,
        chunk_size_sectors: 0,
        wants_spare: false,
    };
    Ok((extents > 0).then_some((demand, grown)))
}

/// The volume to extend: a visible one, or the data or metadata of a thin pool by its own name.
fn target(group: &VolumeGroup, name: &str) -> Result<Existing, DemandError> {
    let grown = existing(group, name)?;
    if is_reshaped(group, &grown.data_name) {
        return Err(DemandError::UnsupportedLayout {
            name: name.to_string(),
            reason: "it was reshaped, and LVM2 gives the space for that back before it lets it grow: `plan` \
                     does that by a command of its own, and nothing is planned together with it"
                .to_string(),
        });
    }
    let is_visible = group
        .logical_volume(name)
        .is_some_and(|volume| volume.is_visible());
    let is_of_pool = group.logical_volumes.iter().any(|volume| {
        let mut segments = volume.segments.iter();
        segments.any(|segment| {
            let mut parts = ["pool", "metadata"].iter();
            segment.segment_type.starts_with("thin-pool")
                && parts.any(|key| segment.strings.get(key).is_some_and(|part| part == name))
        })
    });
    if is_visible || is_of_pool || origin_extents(group, name).is_some() {
        Ok(grown)
    } else {
        Err(DemandError::Internal {
            group: group.name.clone(),
            name: name.to_string(),
        })
    }
}

/// Whether a volume is the origin of a snapshot with a store of its own, as thin ones are not.
pub(crate) fn has_snapshot(group: &VolumeGroup, name: &str) -> bool {
    let mut segments = group.logical_volumes.iter().flat_map(|one| &one.segments);
    segments.any(|segment| {
        let origin = segment.strings.get("origin");
        segment.base_type() == "snapshot" && origin.is_some_and(|origin| origin == name)
    })
}

/// Whether a volume, or an image of it, has extents that a reshape works in.
fn is_reshaped(group: &VolumeGroup, name: &str) -> bool {
    let volumes = with_parts(group, name).into_iter();
    let volumes = volumes.filter_map(|name| group.logical_volume(&name));
    let mut segments = volumes.flat_map(|volume| &volume.segments);
    segments.any(LvSegment::is_reshape_space)
}

/// Options that would change what there is.
fn check_options(command: &LvCommand, grown: &Existing) -> Result<(), DemandError> {
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
    Ok(())
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
        Some(0) => Err(DemandError::SameSize {
            existing,
            asked: count,
        }),
        Some(more) => Ok(more),
    }
}
