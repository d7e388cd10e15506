//! What LVM2 refuses about a command whatever the volume group: options that do not go with the
//! type, counts out of range, names that are reserved.

use crate::lvm::limits::{MOST_STRIPES, most_copies, most_stripes};
use crate::lvm::names::Named;
use crate::lvm::{Amount, CommandError, LvCommand, PercentOf, SegmentType, Verb};

/// Checks a command for itself.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn check(command: &LvCommand) -> Result<(), CommandError> {
    match command.verb {
        Verb::Create => check_create(command),
        Verb::Extend => check_extend(command),
        Verb::Convert => check_convert(command),
        Verb::Change => Ok(()),
    }
}

fn check_create(command: &LvCommand) -> Result<(), CommandError> {
    let kind = command.created_type();
    if command.size.is_none() {
        let (command, what) = (command.verb.program(), "the size (-l or -L)");
        return Err(CommandError::Missing { command, what });
    }
    for of in [PercentOf::LogicalVolume, PercentOf::Origin] {
        if let Some(size) = command.size
            && matches!(size.amount, Amount::Percent { of: found, .. } if found == of)
        {
            return Err(CommandError::BadValue {
                option: "-l/--extents".to_string(),
                found: size.to_string(),
                expected: "a percentage of FREE, VG or PVS".to_string(),
            });
        }
    }
    if let Some(name) = &command.name {
        Named::NewLogicalVolume.check(name)?;
    }
    counts(command, kind)?;
    options_of_type(command, kind)
}

/// Stripes and mirrors within what the type allows.
fn counts(command: &LvCommand, kind: SegmentType) -> Result<(), CommandError> {
    let stripes = (kind.fewest_stripes(), most_stripes(kind));
    let most_mirrors = most_copies(kind) - 1;
    let mirrors = (most_mirrors.min(1), most_mirrors);
    for (what, (least, most), found) in [
        ("stripes (-i)", stripes, command.stripes),
        ("mirrors (-m)", mirrors, command.mirrors),
    ] {
        if let Some(found) = found.filter(|count| !(least..=most).contains(count)) {
            return Err(CommandError::CountOutOfRange {
                kind,
                what,
                least,
                most,
                found,
            });
        }
    }
    Ok(())
}

/// Options that mean something to some types only.
fn options_of_type(command: &LvCommand, kind: SegmentType) -> Result<(), CommandError> {
    let is_mirror = kind == SegmentType::Mirror;
    let is_redundant = is_mirror || kind.is_raid();
    // RAID6 is the one that LVM2 does not make unsynchronised.
    let may_start_unsynchronised = is_redundant && kind != SegmentType::Raid6;
    let may_stripe = !matches!(kind, SegmentType::Linear | SegmentType::CachePool);
    for (option, is_given, fits) in [
        ("--mirrorlog", command.mirror_log.is_some(), is_mirror),
        ("--nosync", command.nosync, may_start_unsynchronised),
        (
            "-R/--regionsize",
            command.region_size_sectors.is_some(),
            is_redundant,
        ),
        (
            "-I/--stripesize",
            command.stripe_size_sectors.is_some(),
            may_stripe,
        ),
        (
            "-c/--chunksize",
            command.chunk_size_sectors.is_some(),
            kind.is_pool(),
        ),
        (
            "--poolmetadatasize",
            command.pool_metadata.is_some(),
            kind.is_pool(),
        ),
        (
            "--poolmetadataspare",
            command.pool_metadata_spare.is_some(),
            kind.is_pool(),
        ),
    ] {
        if is_given && !fits {
            return Err(CommandError::NotForType { option, kind });
        }
    }
    Ok(())
}

fn check_extend(command: &LvCommand) -> Result<(), CommandError> {
    if let Some(found) = command.stripes.filter(|&stripes| stripes > MOST_STRIPES) {
        return Err(CommandError::CountOutOfRange {
            kind: SegmentType::Striped,
            what: "stripes (-i)",
            least: 1,
            most: MOST_STRIPES,
            found,
        });
    }
    let pool_metadata_only = command.pool_metadata.is_some();
    if command.size.is_none() && command.physical_volumes.is_empty() && !pool_metadata_only {
        let (command, what) = (command.verb.program(), "the size (-l or -L)");
        return Err(CommandError::Missing { command, what });
    }
    Ok(())
}

/// Only pools are converted to.
fn check_convert(command: &LvCommand) -> Result<(), CommandError> {
    let missing = |what| {
        let command = command.verb.program();
        Err(CommandError::Missing { command, what })
    };
    let Some(given) = &command.segment_type else {
        return missing("the segment type (--type)");
    };
    if !given.kind.is_pool() {
        return Err(CommandError::UnsupportedConversion {
            found: given.word.clone(),
        });
    }
    if command.pool_metadata_volume.is_none() {
        return missing("the volume for the metadata (--poolmetadata)");
    }
    Ok(())
}
