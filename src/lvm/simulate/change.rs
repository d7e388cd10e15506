//! `lvchange`, which leaves every extent where it is.

use crate::lvm::simulate::build::{stored, volume_mut};
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LvCommand, VolumeGroup};

/// Simulates `lvchange`, which leaves every extent where it is.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn change(
    group: &VolumeGroup,
    command: &LvCommand,
) -> Result<VolumeGroup, SimulationError> {
    let name = command.name.as_deref().unwrap_or_default();
    change_policy(group, name, command.policy)
}

pub(crate) fn change_policy(
    group: &VolumeGroup,
    name: &str,
    policy: Option<AllocationPolicy>,
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    let volume = volume_mut(&mut after, name).ok_or_else(|| not_there(group, name))?;
    if let Some(policy) = policy {
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
