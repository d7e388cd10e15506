//! `lvchange`, which leaves every extent where it is.

use crate::lvm::simulate::build::{stored, volume_mut};
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LvCommand, VolumeGroup};

/// Simulates `lvchange`, which leaves every extent where it is.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn change(
    group: &VolumeGroup,
    command: &LvCommand,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    let mut after = group.clone();
    let volume = volume_mut(&mut after, name).ok_or_else(|| not_there(group, name))?;
    if let Some(policy) = command.policy {
        let policy = stored(policy);
        if volume.policy == policy {
            return Err(Refusal::new(format!(
                "Allocation policy of logical volume {}/{name} is already {}.",
                group.name,
                policy.name()
            ))
            .into());
        }
        volume.policy = policy;
    }
    Ok(after)
}
