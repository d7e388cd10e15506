//! Disks that are missing or closed, and free space that no allocation can use.

use crate::lvm::audit::Finding;
use crate::lvm::audit::below::Below;
use crate::lvm::{Layers, State};

/// What is to say about the disks of a group, given what becomes of volumes without those that are missing.
pub(crate) fn findings(below: &Below<'_>, layers: &Layers<'_>, states: &[State]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (disk, volume) in below.group.physical_volumes.iter().enumerate() {
        let free_extents = below.free[disk].total();
        if volume.missing {
            let (degraded, lost) = touched(below, layers, disk, states);
            findings.push(Finding::DiskMissing {
                disk: below.disk(disk),
                held_extents: volume.extents - free_extents,
                degraded,
                lost,
            });
        } else if !volume.allocatable {
            findings.push(Finding::NotAllocatable {
                disk: below.disk(disk),
                free_extents,
            });
        }
    }
    if is_exported(below) {
        findings.push(Finding::Exported {
            free_extents: below.free.iter().map(|areas| areas.total()).sum(),
        });
    }
    findings
}

/// The physical volumes with free extents that no policy can allocate, and how many those are.
pub(crate) fn unreachable(below: &Below<'_>) -> Vec<(usize, u64)> {
    let disks = 0..below.group.physical_volumes.len();
    disks
        .filter(|&disk| !is_open(below, disk))
        .map(|disk| (disk, below.free[disk].total()))
        .filter(|(_, free)| *free > 0)
        .collect()
}

/// Whether LVM2 may allocate from a physical volume.
pub(crate) fn is_open(below: &Below<'_>, disk: usize) -> bool {
    let volume = &below.group.physical_volumes[disk];
    volume.allocatable && !volume.missing && !is_exported(below)
}

fn is_exported(below: &Below<'_>) -> bool {
    below.group.status.contains("EXPORTED")
}

/// The volumes that have extents on a missing disk: those that can still be read, and those that are lost,
/// with all disks that are missing.
fn touched(
    below: &Below<'_>,
    layers: &Layers<'_>,
    disk: usize,
    states: &[State],
) -> (Vec<String>, Vec<String>) {
    let (mut degraded, mut lost) = (Vec::new(), Vec::new());
    for volume in layers.seen() {
        let name = &below.group.logical_volumes[volume].name;
        let state = layers.seen_state(volume, states);
        if below.volume(layers.joined_name(volume)).contains_key(&disk) {
            let is_lost = state == State::Lost;
            (if is_lost { &mut lost } else { &mut degraded }).push(name.clone());
        }
    }
    (degraded, lost)
}
