//! `lvremove`.

use crate::lvm::VolumeGroup;
use crate::lvm::parts::with_parts;
use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::refusal::not_there;

/// Simulates `lvremove`. With the last pool its spare goes, too.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn remove(
    group: &VolumeGroup,
    names: &[String],
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    for name in names {
        if after.logical_volume(name).is_none() {
            return Err(not_there(group, name).into());
        }
        let gone = with_parts(&after, name);
        after
            .logical_volumes
            .retain(|volume| !gone.contains(&volume.name));
    }
    let mut segments = after
        .logical_volumes
        .iter()
        .flat_map(|volume| &volume.segments);
    if !segments.any(|segment| segment.segment_type.ends_with("-pool")) {
        after
            .logical_volumes
            .retain(|volume| !volume.name.ends_with("_pmspare"));
    }
    Ok(after)
}
