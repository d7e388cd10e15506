//! Disks that are missing or closed, and free space that no allocation can use.

use crate::core::Area;
use crate::lvm::LvSegment;
use crate::lvm::audit::Finding;
use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::Array;

/// What is to say about the disks of a group.
pub(crate) fn findings(below: &Below<'_>) -> Vec<Finding> {
    let is_lost = lost_volumes(below);
    let mut findings = Vec::new();
    for (disk, volume) in below.group.physical_volumes.iter().enumerate() {
        let free_extents = below.free[disk].total();
        if volume.missing {
            let (degraded, lost) = touched(below, disk, &is_lost);
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

/// The visible volumes that have extents on a missing disk: those that can still be read, and those
/// that are lost, with all disks that are missing.
fn touched(below: &Below<'_>, disk: usize, is_lost: &[bool]) -> (Vec<String>, Vec<String>) {
    let (mut degraded, mut lost) = (Vec::new(), Vec::new());
    for (volume, is_lost) in below.group.logical_volumes.iter().zip(is_lost) {
        if volume.is_visible() && below.volume(&volume.name).contains_key(&disk) {
            (if *is_lost { &mut lost } else { &mut degraded }).push(volume.name.clone());
        }
    }
    (degraded, lost)
}

/// Per logical volume whether it cannot be read without the missing disks.
fn lost_volumes(below: &Below<'_>) -> Vec<bool> {
    let volumes = &below.group.logical_volumes;
    let mut is_lost: Vec<Option<bool>> = vec![None; volumes.len()];
    let mut is_visited = vec![false; volumes.len()];
    for start in 0..volumes.len() {
        // Those below come first. Reports may name volumes in a circle, so each is visited once.
        let mut path = Vec::new();
        if !std::mem::replace(&mut is_visited[start], true) {
            path.push((start, below.directly(start)));
        }
        while let Some((volume, open)) = path.last_mut() {
            if let Some(next) = open.pop() {
                if !std::mem::replace(&mut is_visited[next], true) {
                    path.push((next, below.directly(next)));
                }
            } else {
                let volume = *volume;
                is_lost[volume] = Some(is_volume_lost(below, volume, &is_lost));
                path.pop();
            }
        }
    }
    is_lost
        .into_iter()
        .map(|lost| lost.unwrap_or(false))
        .collect()
}

/// Whether a volume is lost, given which of those below it are.
fn is_volume_lost(below: &Below<'_>, volume: usize, is_lost: &[Option<bool>]) -> bool {
    let logical = &below.group.logical_volumes[volume];
    if let Some(array) = Array::of(below, logical) {
        return !array.survives_without(|name| {
            let index = below.index(name);
            index.is_some_and(|index| is_lost[index] == Some(true))
        });
    }
    let is_missing = |(disk, _): (usize, Area)| below.group.physical_volumes[disk].missing;
    let mut held = logical.segments.iter().flat_map(LvSegment::physical);
    let mut lower = below.directly(volume).into_iter();
    held.any(is_missing) || lower.any(|index| is_lost[index] == Some(true))
}
