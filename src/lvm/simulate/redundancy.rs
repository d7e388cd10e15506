//! The look at a finished RAID volume: no physical volume may hold two of its images.

use std::collections::HashMap;

use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, VolumeGroup};

/// Refuses a RAID volume with two images, or two pieces of metadata, on one physical volume.
///
/// Only the volumes that the command may use are looked at, and a volume that holds an image and
/// another image's metadata goes unnoticed. `anywhere` has to be the policy of the command or of the
/// volume; inherited from the group it does not count.
pub(crate) fn check_redundancy(
    group: &VolumeGroup,
    settings: &Allocator,
    name: &str,
    policy: AllocationPolicy,
    allowed: &[AllowedVolume],
) -> Result<(), Refusal> {
    let is_asked = settings.version.refuses_shared_legs() && policy != AllocationPolicy::Anywhere;
    if !is_asked || settings.stands_in() {
        return Ok(());
    }
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let parts = volume.segments.iter().flat_map(|segment| &segment.parts);
    let sub_volumes = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    let (metadata, images): (Vec<&LogicalVolume>, Vec<&LogicalVolume>) =
        sub_volumes.partition(|volume| volume.name.contains("_rmeta_"));
    let (images, metadata) = (users(&images, allowed), users(&metadata, allowed));
    for entry in allowed {
        for kind in [&images, &metadata] {
            if let Some([_, second, ..]) = kind.get(&entry.volume).map(Vec::as_slice) {
                return Err(Refusal::lines([
                    format!(
                        "LV {}/{} using PV {} is not redundant.",
                        group.name, second.name, group.physical_volumes[entry.volume].device
                    ),
                    format!(
                        "Insufficient suitable allocatable extents for logical volume {}/{name}",
                        group.name
                    ),
                ]));
            }
        }
    }
    Ok(())
}

/// Of the allowed physical volumes, which of these logical volumes have extents there, in order.
fn users<'a>(
    volumes: &[&'a LogicalVolume],
    allowed: &[AllowedVolume],
) -> HashMap<usize, Vec<&'a LogicalVolume>> {
    let mut users: HashMap<usize, Vec<&LogicalVolume>> = allowed
        .iter()
        .map(|entry| (entry.volume, Vec::new()))
        .collect();
    for &volume in volumes {
        for (source, _) in volume.segments.iter().flat_map(LvSegment::physical) {
            let Some(list) = users.get_mut(&source) else {
                continue;
            };
            if list.last().is_none_or(|last| !std::ptr::eq(*last, volume)) {
                list.push(volume);
            }
        }
    }
    users
}
