//! What the options of a command about a logical volume say, one after another.

use crate::lvm::command::options::meaning::Planned;
use crate::lvm::command::options::{CommandLine, Used};
use crate::lvm::command::paths::{group_and_name, set_group};
use crate::lvm::size::{NOT_ZERO, read_count, read_sectors};
use crate::lvm::{
    AllocationPolicy, CommandError, LvCommand, MirrorLog, Program, SegmentType, Sign, SizeArgument,
    TypeArgument, Verb,
};

/// Sectors in a kibibyte, the unit of stripe and chunk sizes.
const KIBIBYTE_SECTORS: u64 = 2;
/// Sectors in a mebibyte, the unit of region sizes.
const MEBIBYTE_SECTORS: u64 = 2048;

/// `y` or `n`.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn yes_or_no(used: &Used) -> Result<bool, CommandError> {
    match used.value.as_str() {
        "y" => Ok(true),
        "n" => Ok(false),
        _ => Err(used.bad("y or n")),
    }
}

/// The policy that `--alloc` or `-C` names.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn policy(used: &Used) -> Result<AllocationPolicy, CommandError> {
    if used.planned() == Some(Planned::Contiguous) {
        return Ok(if yes_or_no(used)? {
            AllocationPolicy::Contiguous
        } else {
            AllocationPolicy::Inherit
        });
    }
    let names = "contiguous, cling, cling_by_tags, normal, anywhere or inherit";
    AllocationPolicy::from_name(&used.value).ok_or_else(|| used.bad(names))
}

/// The policy that a command asks for, if it does.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn asked_policy(given: &CommandLine) -> Result<Option<AllocationPolicy>, CommandError> {
    given.option(Planned::Alloc).map(policy).transpose()
}

/// Where a mirror's log goes.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn mirror_log(used: &Used) -> Result<MirrorLog, CommandError> {
    match (used.planned(), used.value.as_str()) {
        (Some(Planned::CoreLog), _) | (_, "core") => Ok(MirrorLog::Core),
        (_, "disk") => Ok(MirrorLog::Disk),
        // LVM2 2.03 refuses to make mirrored logs.
        _ => Err(used.bad("core or disk")),
    }
}

/// A count.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn count(used: &Used) -> Result<u64, CommandError> {
    read_count(&used.value).map_err(|expected| used.bad(&expected))
}

/// The size of a region.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn region_sectors(used: &Used) -> Result<u64, CommandError> {
    let size = sectors(used, MEBIBYTE_SECTORS)?;
    if size < 8 || !size.is_power_of_two() {
        return Err(used.bad("a power of two of at least 4 KiB"));
    }
    Ok(size)
}

/// A size of more than nothing.
///
/// # Errors
/// [`CommandError::BadValue`].
pub(crate) fn sectors(used: &Used, unit: u64) -> Result<u64, CommandError> {
    match read_sectors(&used.value, unit) {
        Ok(0) => Err(used.bad(NOT_ZERO)),
        Ok(sectors) => Ok(sectors),
        Err(expected) => Err(used.bad(&expected)),
    }
}

/// Takes one option into the command.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn take(
    command: &mut LvCommand,
    program: Program,
    planned: Planned,
    used: &Used,
    pool_name: &mut Option<String>,
) -> Result<(), CommandError> {
    let value = used.value.as_str();
    let contradiction = |first, second| Err(CommandError::Contradiction { first, second });
    match planned {
        Planned::Extents | Planned::Size => {
            let size = size(program, planned, used)?;
            if command.size.replace(size).is_some() {
                return contradiction("-l/--extents", "-L/--size");
            }
        }
        Planned::Stripes => {
            let stripes = count(used)?;
            if stripes == 0 {
                return Err(used.bad("at least 1"));
            }
            command.stripes = Some(stripes);
        }
        Planned::Mirrors => {
            // Of what is new there are none that more could be added to.
            let is_new = command.verb == Verb::Create;
            let plain = used.value.strip_prefix('+').filter(|_| is_new);
            command.mirrors = Some(match plain {
                Some(plain) => read_count(plain).map_err(|expected| used.bad(&expected))?,
                None => count(used)?,
            });
        }
        Planned::StripeSize => {
            let size = sectors(used, KIBIBYTE_SECTORS)?;
            // Half a page, 8 sectors, is the least that LVM2 stripes by.
            if size < 8 || !size.is_power_of_two() {
                return Err(used.bad("a power of two of at least 4 KiB"));
            }
            command.stripe_size_sectors = Some(size);
        }
        Planned::RegionSize => command.region_size_sectors = Some(region_sectors(used)?),
        Planned::ChunkSize => command.chunk_size_sectors = Some(sectors(used, KIBIBYTE_SECTORS)?),
        Planned::Alloc | Planned::Contiguous => {
            let policy = policy(used)?;
            let before = command.policy.replace(policy);
            if before.is_some_and(|other| other != policy) {
                return contradiction("--alloc", "-C/--contiguous");
            }
        }
        Planned::MirrorLog | Planned::CoreLog => {
            let log = mirror_log(used)?;
            let before = command.mirror_log.replace(log);
            let is_other = before.is_some_and(|other| other != log);
            if is_other && command.verb == Verb::Create {
                let message = "Please use only one of --corelog or --mirrorlog.\nRun `lvcreate --help' for more information.";
                return Err(CommandError::Lvm2 {
                    message: message.to_string(),
                });
            }
            if is_other {
                return contradiction("--mirrorlog", "--corelog");
            }
        }
        Planned::Name => command.name = Some(value.to_string()),
        Planned::Type => {
            let found = value.to_string();
            let kind = TypeArgument::from_word(value);
            let kind = kind.ok_or(CommandError::UnsupportedType { found })?;
            let before = command.segment_type.replace(kind.clone());
            if before.is_some_and(|other| other != kind) {
                return contradiction("--type", "-T/--thin");
            }
        }
        Planned::Thin | Planned::ThinPool => {
            if planned == Planned::ThinPool {
                *pool_name = Some(value.to_string());
            }
            let pool = TypeArgument::plain(SegmentType::ThinPool);
            if *command.segment_type.get_or_insert_with(|| pool.clone()) != pool {
                return contradiction("--type", "-T/--thin");
            }
        }
        Planned::CachePool => *pool_name = Some(value.to_string()),
        Planned::NoSync => command.nosync = true,
        Planned::PoolMetadataSize => {
            let size = SizeArgument::read_size(value).map_err(|expected| used.bad(&expected))?;
            if size.sign == Sign::Minus {
                return Err(used.bad("a size without a sign"));
            }
            // Of what is new there is none that it could be added to.
            let is_new = command.verb == Verb::Create;
            let sign = if is_new { Sign::Absolute } else { size.sign };
            command.pool_metadata = Some(SizeArgument { sign, ..size });
        }
        Planned::PoolMetadata => {
            let (group, name) = group_and_name(value)?;
            set_group(&mut command.volume_group, group)?;
            command.pool_metadata_volume = Some(name);
        }
        Planned::PoolMetadataSpare => command.pool_metadata_spare = Some(yes_or_no(used)?),
        // Options about groups and physical volumes.
        Planned::AddTag | Planned::DelTag | Planned::Allocatable | Planned::AllVolumes => {}
    }
    Ok(())
}

/// The size that `-l` or `-L` says.
fn size(program: Program, planned: Planned, used: &Used) -> Result<SizeArgument, CommandError> {
    let value = used.value.as_str();
    let read = match planned {
        Planned::Extents => SizeArgument::read_extents(value),
        _ => SizeArgument::read_size(value),
    };
    let mut size = match read {
        Err(expected) if expected == NOT_ZERO => {
            let option = used.row.long;
            return Err(CommandError::Zero { option });
        }
        read => read.map_err(|expected| used.bad(&(expected + other_option(planned, value))))?,
    };
    let may_shrink = matches!(program, Program::LvResize | Program::LvReduce);
    if size.sign == Sign::Minus && !may_shrink {
        return Err(used.bad("a size that is not negative"));
    }
    if program == Program::LvCreate {
        // There is nothing to add to.
        size.sign = Sign::Absolute;
    }
    Ok(size)
}

/// Where a size would have been one to the other option, which that is.
fn other_option(planned: Planned, value: &str) -> &'static str {
    if planned == Planned::Size && SizeArgument::read_extents(value).is_ok() {
        "; a percentage goes with -l/--extents"
    } else if planned == Planned::Extents && SizeArgument::read_size(value).is_ok() {
        "; a size with its unit goes with -L/--size"
    } else {
        ""
    }
}
