//! Volumes of zeros or of errors, which lie nowhere.

use crate::lvm::VolumeGroup;
use crate::lvm::demand::addition::Room;
use crate::lvm::demand::create_demand_within;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::segment_over;
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::layer::base::{base, new_name, new_volume, refuse_extra};
use crate::lvm::simulate::refusal::refused;
use crate::lvm::simulate::{Refusal, SimulationError};

/// Simulates `lvcreate --type zero` and `error`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    kind: &str,
) -> Result<VolumeGroup, SimulationError> {
    refuse_extra(given, &["stripes", "mirrors", "chunksize"], 1)?;
    if !given.has("size") && !given.has("extents") {
        return Err(Refusal::lines([
            "No command with matching syntax recognised.  Run 'lvcreate --help' for more information.".to_string(),
            "Nearest similar command has syntax:".to_string(),
        ])
        .into());
    }
    let name = new_name(group, given)?;
    let command = base(group, given, &["type"], &[])?;
    let free = group.free_count();
    let demand = create_demand_within(
        group,
        &command,
        settings,
        Room {
            free,
            allowed: free,
        },
    );
    let demand = demand.map_err(|error| refused(&error, settings))?;
    let mut volume = new_volume(&name, given);
    volume
        .segments
        .push(segment_over(kind, demand.extents, [], &[]));
    let mut after = group.clone();
    after.logical_volumes.push(volume);
    Ok(after)
}
