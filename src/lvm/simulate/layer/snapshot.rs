//! Snapshots that keep copies of what is overwritten: a volume for the copies, joined to its origin.

use crate::lvm::parts::most_extents;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::given::{Given, plain, shown_size};
use crate::lvm::simulate::layer::base::{base, new_name};
use crate::lvm::simulate::{Refusal, SimulationError, joining, simulate_by};
use crate::lvm::size::read_sectors;
use crate::lvm::{Amount, LogicalVolume, PercentOf, SizeArgument, VolumeGroup};

/// Sectors in a kibibyte, the unit of chunk sizes.
const KIBIBYTE_SECTORS: u64 = 2;
/// Sectors of a chunk where none is given, 4 KiB.
const CHUNK_SECTORS: u64 = 8;
/// Simulates `lvcreate -s` with a size.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create_snapshot(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    if given.has("snapshot")
        && (given.has("mirrors") || given.has("type") || given.has("thin"))
        && given.get("type") != Some("snapshot")
    {
        return Err(Refusal::new("Command does not accept option: --snapshot.").into());
    }
    if given.has("wipesignatures") {
        return Err(Refusal::lines([
            "Option --wipesignatures is unsupported with snapshots.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ])
        .into());
    }
    if given.has("zero") {
        return Err(Refusal::lines([
            "Option --zero is unsupported with snapshots.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ])
        .into());
    }
    let chunk = chunk_sectors(given)?;
    let origin = given.arguments.first().map_or("", String::as_str);
    if !origin.contains('/') {
        return Err(Refusal::lines([
            "The origin name should include the volume group.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ])
        .into());
    }
    let origin = plain(origin);
    let name = match given.get("name") {
        Some(_) => Some(new_name(group, given)?),
        None => None,
    };
    let share = given.get("extents").unwrap_or_default().to_uppercase();
    if share.contains("%L") && group.logical_volume(&origin).is_some() {
        let line = "Please express size as %FREE, %ORIGIN, %PVS or %VG.";
        return Err(Refusal::new(line).into());
    }
    check_origin(group, &origin)?;
    let origin_extents = group
        .logical_volume(&origin)
        .map_or(0, |volume| volume.extents());
    let most = most_extents(origin_extents, group.extent_size_sectors, chunk);
    let mut command = base(
        group,
        given,
        &["snapshot", "type", "chunksize", "name"],
        &[],
    )?;
    command.name.clone_from(&name);
    let size = command
        .size
        .ok_or_else(|| SimulationError::unsupported("a snapshot without a size"))?;
    let extent = group.extent_size_sectors;
    if let Amount::Percent {
        percent,
        of: PercentOf::Origin,
    } = size.amount
    {
        // So much of the origin may be copied, beside tables for all of it.
        let part = origin_extents.saturating_mul(percent).div_ceil(100);
        let tables = most.saturating_sub(origin_extents);
        let amount = Amount::Extents(part.saturating_add(tables));
        command.size = Some(SizeArgument { amount, ..size });
    }
    let least = (3 * chunk).div_ceil(extent);
    let asked = match command.size.map(|size| size.amount) {
        Some(Amount::Extents(extents)) => extents,
        Some(Amount::Sectors(sectors)) => sectors.div_ceil(extent),
        Some(Amount::Percent { .. }) | None => least,
    };
    if asked < least {
        return Err(Refusal::new(format!(
            "Snapshot volume cannot be smaller than 3 chunks ({least} extents, {}).",
            shown_size(least * extent)
        ))
        .into());
    }
    let limit = |extents| SizeArgument {
        amount: Amount::Extents(extents),
        ..size
    };
    match command.size.map(|size| size.amount) {
        Some(Amount::Extents(extents)) if extents > most => command.size = Some(limit(most)),
        Some(Amount::Sectors(sectors)) if sectors.div_ceil(extent) > most => {
            command.size = Some(limit(most))
        }
        _ => {}
    }
    let is_new = |volume: &&LogicalVolume| group.logical_volume(&volume.name).is_none();
    let of_origin = matches!(
        size.amount,
        Amount::Percent {
            of: PercentOf::Origin,
            ..
        }
    );
    let mark = settings.mark();
    let mut after = match simulate_by(group, &command, settings) {
        // A share may come out smaller.
        Err(SimulationError::Refused(_)) if of_origin => {
            return Err(SimulationError::unsupported(
                "a share of the origin that there is no room for",
            ));
        }
        other => other?,
    };
    let made = after.logical_volumes.iter().find(is_new);
    if made.is_some_and(|made| made.extents() > most) {
        command.size = Some(limit(most));
        settings.back_to(mark);
        after = simulate_by(group, &command, settings)?;
    }
    let made = after.logical_volumes.iter().find(is_new);
    let Some(copies) = made.map(|volume| volume.name.clone()) else {
        return Err(SimulationError::unsupported("a snapshot that is not there"));
    };
    joining::join(&mut after, &origin, &copies, chunk);
    Ok(after)
}

/// Sectors of a chunk.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn chunk_sectors(given: &Given) -> Result<u64, Refusal> {
    let Some(text) = given.get("chunksize") else {
        return Ok(CHUNK_SECTORS);
    };
    let chunk = read_sectors(text, KIBIBYTE_SECTORS).unwrap_or(0);
    if !chunk.is_power_of_two() || !(8..=1024).contains(&chunk) {
        return Err(Refusal::lines([
            "Chunk size must be a power of 2 in the range 4K to 512K.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    Ok(chunk)
}

/// What there are no snapshots of.
///
/// # Errors
/// LVM2's refusal.
fn check_origin(group: &VolumeGroup, origin: &str) -> Result<(), SimulationError> {
    let Some(volume) = group.logical_volume(origin) else {
        return Err(Refusal::new(format!(
            "Snapshot origin LV {origin} not found in Volume group {}.",
            group.name
        ))
        .into());
    };
    joining::check_origin(group, volume).map_err(Into::into)
}
