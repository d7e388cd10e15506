//! `lvremove`.

use crate::lvm::VolumeGroup;
use crate::lvm::goes_with::without_volume;
use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::refusal::{not_there, partly};

/// Simulates `lvremove`: each volume by itself, with all that lies on it and all that it alone lies on.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn remove(
    group: &VolumeGroup,
    names: &[String],
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    let mut messages = Vec::new();
    for name in names {
        match after.index_of(name) {
            Some(index) => without_volume(&mut after, index),
            None => messages.extend(not_there(group, name).messages),
        }
    }
    partly(group, after, messages)
}
