//! `lvremove`.

use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::run::not_there;
use crate::lvm::{Part, VolumeGroup};

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

/// A volume and all that it is made of.
pub(crate) fn with_parts(group: &VolumeGroup, name: &str) -> Vec<String> {
    let mut names = vec![name.to_string()];
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        let Some(volume) = group.logical_volume(&name) else {
            continue;
        };
        for segment in &volume.segments {
            let parts = segment.parts.iter().filter_map(|part| match part {
                Part::Logical { volume, .. } => Some(volume),
                Part::Physical { .. } => None,
            });
            let keys = ["mirror_log", "pool", "data", "metadata"];
            let named = keys.iter().filter_map(|key| segment.strings.get(*key));
            for part in parts.chain(named) {
                if !names.contains(part) {
                    names.push(part.clone());
                }
            }
        }
    }
    names
}
