//! `--cachedevice`: a volume on physical volumes of its own, made to hold a cache.

use crate::lvm::command::segment_type::TypeArgument;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::size::read_sectors;
use crate::lvm::{
    Amount, LvCommand, PvArgument, SegmentType, Sign, SizeArgument, Verb, VolumeGroup, find_volume,
};

/// Sectors in a mebibyte, the unit of `--cachesize`.
const MEBIBYTE_SECTORS: u64 = 2048;

/// Makes the volume that is to hold a cache of `name`, and says what it is called.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn make(
    group: &VolumeGroup,
    given: &Given,
    name: &str,
    settings: &Allocator,
) -> Result<(VolumeGroup, String), SimulationError> {
    let mut volumes = Vec::new();
    let mut whole = 0;
    for device in given.all("cachedevice") {
        let missing = || Refusal::new(format!("Device {device} not found."));
        let index = find_volume(group, device).ok_or_else(missing)?;
        let volume = &group.physical_volumes[index];
        if !given.has("cachesize") && group.free()[index].total() < volume.extents {
            let line = format!("PV {} is in use, --cachesize is required.", volume.device);
            return Err(Refusal::new(line).into());
        }
        whole += volume.extents;
        volumes.push(PvArgument::Device {
            name: device.to_string(),
            ranges: Vec::new(),
        });
    }
    let extents = match given.get("cachesize") {
        None => whole,
        Some(text) => {
            let sectors = read_sectors(text, MEBIBYTE_SECTORS);
            let sectors = sectors.map_err(SimulationError::unsupported)?;
            sectors / group.extent_size_sectors
        }
    };
    if extents == 0 {
        return Err(SimulationError::unsupported(
            "a cache of less than an extent",
        ));
    }
    let plain = format!("{name}_cache");
    let numbered = (0..).map(|number| format!("{plain}{number}"));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    let free = names.find(|name| group.logical_volume(name).is_none());
    let made = free.unwrap_or(plain);
    let mut command = LvCommand::new(Verb::Create);
    command.name = Some(made.clone());
    command.segment_type = Some(TypeArgument::plain(SegmentType::Linear));
    command.size = Some(SizeArgument {
        sign: Sign::Absolute,
        amount: Amount::Extents(extents),
    });
    command.physical_volumes = volumes;
    let after = simulate_by(group, &command, settings).map_err(|error| match error {
        SimulationError::Refused(refusal) => refusal.and("Failed to create cachevol LV").into(),
        other @ SimulationError::Unsupported { .. } => other,
    })?;
    Ok((after, made))
}
