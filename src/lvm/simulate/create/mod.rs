//! `lvcreate`: what is settled before extents are placed, and which kind of volume is built.

pub(crate) mod counts;
mod mirror;
mod new;
mod pool;
mod raid;

use crate::lvm::demand::addition::Room;
use crate::lvm::demand::create_demand_within;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed, free_extents};
use crate::lvm::simulate::build::{append_stripes, empty_volume, generated_name};
use crate::lvm::simulate::create::counts::check_counts;
use crate::lvm::simulate::create::mirror::create_mirror;
use crate::lvm::simulate::create::new::{New, legs, place_legs};
use crate::lvm::simulate::create::pool::{create_pool, leaving_spare};
use crate::lvm::simulate::create::raid::create_raid;
use crate::lvm::simulate::device_number::FIXED_MINOR;
use crate::lvm::simulate::given::shown_size;
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::simulate::refusal::{check_count, check_free_name, check_reserved, refused};
use crate::lvm::simulate::request::Companions;
use crate::lvm::simulate::spare::provide_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, DemandError, LvCommand, MirrorLog, Part, SegmentType};

/// Simulates `lvcreate`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create(
    ledger: &mut Ledger,
    command: &LvCommand,
    settings: &Allocator,
) -> Result<(), SimulationError> {
    let group = ledger.group();
    let kind = command.created_type();
    check_counts(command, kind, &type_word(command, kind))?;
    if let Some(name) = &command.name {
        check_reserved(name, "lvcreate")?;
    }
    let name = command.name.clone();
    let name = name.unwrap_or_else(|| generated_name(group, ""));
    if kind == SegmentType::ThinPool && group.logical_volume(&name).is_some() {
        let line = format!(
            "Logical volume {name} already exists in Volume group {}.",
            group.name
        );
        return Err(Refusal::new(line).into());
    }
    check_free_name(group, &name)?;
    check_count(group)?;
    let is_named = command.name.is_some();
    let allowed = allowed(ledger, &command.physical_volumes, Unusable::Skip)?;
    let room = Room {
        free: ledger.free_total(),
        allowed: free_extents(ledger, &allowed),
    };
    let demand =
        create_demand_within(group, command, settings, room).map_err(|error| match error {
            DemandError::NoOrigin => {
                Refusal::new("Internal error: Couldn't find origin volume.").into()
            }
            error => refused(&error, settings),
        })?;
    let extent = group.extent_size_sectors;
    let policy = command.policy.unwrap_or(AllocationPolicy::Inherit);
    let mut new = New {
        name,
        kind,
        word: type_word(command, kind),
        stripes: demand.stripes.max(1),
        mirrors: demand.copies,
        stripe_sectors: demand.stripe_size_sectors,
        region_sectors: demand.region_size_sectors,
        extents: demand.extents,
        approximate: demand.approximate,
        policy,
        allowed: &allowed,
        log: command.mirror_log.unwrap_or(MirrorLog::Disk),
        nosync: command.nosync,
    };

    match kind {
        SegmentType::ThinPool | SegmentType::CachePool => {
            let mut group = group.clone();
            let (chunk, metadata) = (demand.chunk_size_sectors, demand.pool_metadata_extents);
            let data_sectors = demand.extents.saturating_mul(extent);
            if data_sectors < chunk {
                return Err(chunk_refusal(kind, chunk).into());
            }
            let had_spare = group.metadata_spare().is_some();
            if command.pool_metadata_spare.unwrap_or(true) {
                provide_spare(&mut group, settings, metadata, &allowed)?;
                if !is_named {
                    // The spare has taken the first name.
                    new.name = generated_name(&group, "");
                }
            }
            check_room(&group, settings, &new)?;
            let with_spare = group.clone();
            let new_spare = with_spare.metadata_spare().filter(|_| !had_spare);
            let new_spare = new_spare.map(|spare| spare.name.as_str());
            create_pool(&mut group, settings, &new, metadata, chunk, new_spare).map_err(
                |error| {
                    if had_spare {
                        error
                    } else {
                        leaving_spare(error, &with_spare)
                    }
                },
            )?;
            ledger.replace(group);
        }
        SegmentType::Linear | SegmentType::Striped => {
            check_room(ledger, settings, &new)?;
            let placed = place_legs(ledger, settings, &new, Companions::None)?;
            let mut volume = empty_volume(&new.name, true, policy);
            let stripes = 0..legs(&new);
            append_stripes(&mut volume, &placed.placement, stripes, new.stripe_sectors);
            ledger.add(volume);
        }
        SegmentType::Mirror => {
            check_room(ledger, settings, &new)?;
            create_mirror(ledger, settings, &new)?;
        }
        SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => {
            check_room(ledger, settings, &new)?;
            create_raid(ledger, settings, &new)?;
        }
    }
    let name = new.name;
    note_properties(ledger, command, &name);
    Ok(())
}

/// A pool that would not have a single chunk.
pub(crate) fn chunk_refusal(kind: SegmentType, chunk_sectors: u64) -> Refusal {
    Refusal::new(format!(
        "Size of {} data volume cannot be smaller than chunk size {}.",
        kind.name(),
        shown_size(chunk_sectors)
    ))
}

/// What the options say of a new volume, beside where it lies.
fn note_properties(ledger: &mut Ledger, command: &LvCommand, name: &str) {
    let value = |wanted: &str| {
        let mut options = command.other.iter();
        let option = options.find(|option| option.name == wanted)?;
        let word = option.words.last()?;
        // Joined to a letter, behind `=`, or a word of its own.
        Some(match word.strip_prefix('-') {
            Some(_) => word
                .rsplit('=')
                .next()
                .map_or(word.as_str(), |value| value)
                .to_string(),
            None => word.clone(),
        })
    };
    let ends =
        |wanted: &str, letter: &str| value(wanted).is_some_and(|value| value.ends_with(letter));
    let is_read_only = value("permission").is_some_and(|value| value == "r" || value == "-pr");
    let tags: Vec<String> = command
        .other
        .iter()
        .filter(|option| option.name == "addtag")
        .filter_map(|option| option.words.last())
        .map(|word| {
            word.rsplit('=')
                .next()
                .unwrap_or(word)
                .trim_start_matches('@')
                .to_string()
        })
        .collect();
    let skips = ends("setactivationskip", "y");
    let persists = value("minor").is_some();
    let (no_zero, discards) = (ends("zero", "n"), value("discards"));
    let fails_full = ends("errorwhenfull", "y");
    let format = value("cachemetadataformat").and_then(|format| format.parse().ok());
    let is_plain = !is_read_only && tags.is_empty() && !skips && !no_zero && !persists;
    if is_plain && discards.is_none() && !fails_full && format.is_none() {
        return;
    }
    let volume = ledger.group().logical_volume(name).into_iter();
    let parts = volume
        .flat_map(|volume| &volume.segments)
        .flat_map(|segment| &segment.parts);
    let metadata: Vec<String> = parts
        .filter_map(|part| match part {
            Part::Logical { volume, .. } if volume.contains("_rmeta_") => Some(volume.clone()),
            Part::Logical { .. } | Part::Physical { .. } => None,
        })
        .collect();
    for name in metadata {
        ledger.grow(&name, |volume| volume.tags.extend(tags.iter().cloned()));
    }
    ledger.grow(name, |volume| {
        if is_read_only {
            volume.status.remove("WRITE");
        }
        if skips {
            volume.status.insert("ACTIVATION_SKIP".to_string());
        }
        if persists {
            volume.status.insert(FIXED_MINOR.to_string());
        }
        volume.tags.extend(tags);
        if fails_full {
            volume.status.insert("ERROR_WHEN_FULL".to_string());
        }
        let pools = volume.segments.iter_mut();
        for pool in pools.filter(|segment| segment.base_type() == "cache-pool") {
            if let Some(format) = format {
                pool.numbers.insert("metadata_format", format);
            }
            if format == Some(2) {
                pool.segment_type = "cache-pool+METADATA_FORMAT".to_string();
            }
        }
        for segment in volume
            .segments
            .iter_mut()
            .filter(|segment| segment.base_type() == "thin-pool")
        {
            if no_zero {
                segment.numbers.remove("zero_new_blocks");
            }
            if let Some(discards) = &discards {
                segment.strings.insert("discards", discards.clone());
            }
        }
    });
}

/// The type that the metadata names.
pub(crate) fn type_word(command: &LvCommand, kind: SegmentType) -> String {
    let given = command.segment_type.as_ref();
    given.map_or_else(|| kind.name().to_string(), |given| given.word.clone())
}

/// What LVM2 looks at before it asks its allocator.
fn check_room(
    pool: &impl FreeExtents,
    settings: &Allocator,
    new: &New,
) -> Result<(), SimulationError> {
    let volumes = new.allowed.len();
    if new.policy != AllocationPolicy::Anywhere && new.stripes > volumes as u64 {
        return Err(Refusal::new(format!(
            "Number of stripes ({}) must not exceed number of physical volumes ({volumes})",
            new.stripes
        ))
        .into());
    }
    let free = pool.free_total();
    if !new.approximate && settings.lacks(free, new.extents) {
        return Err(Refusal::new(format!(
            "Volume group \"{}\" has insufficient free space ({free} extents): {} required.",
            pool.group().name,
            new.extents
        ))
        .into());
    }
    Ok(())
}
