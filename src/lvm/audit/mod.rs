//! What is unsafe or poor in a volume group as it is.

pub(crate) mod below;
mod finding;
mod redundancy;
mod shape;
mod space;
mod weak_links;

pub use finding::{Blocked, Blocker, Finding, Piece, Role, Severity};

use crate::lvm::audit::below::Below;
use crate::lvm::{Layers, VolumeGroup};

/// What was found in a volume group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// The volume group.
    pub group: String,
    /// Logical volumes that users know: those that `lvs` lists without `-a`.
    pub volumes: usize,
    /// Free extents in all.
    pub free_extents: u64,
    /// Those of them that no allocation policy can reach.
    pub unreachable_extents: u64,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// Whether something was found that may cost data.
    #[must_use]
    pub fn is_unsafe(&self) -> bool {
        let mut severities = self.findings.iter().map(Finding::severity);
        severities.any(|severity| severity == Severity::Unsafe)
    }

    /// Whether something could not be judged, so that nothing is said about what it may cost.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| matches!(finding, Finding::NotJudged { .. }))
    }
}

fn not_judged(layers: &Layers<'_>) -> impl Iterator<Item = Finding> {
    let volumes = layers.not_judged().into_iter();
    let volumes = volumes.map(|index| &layers.group.logical_volumes[index]);
    volumes.map(|volume| {
        let segment = volume.segments.first();
        Finding::NotJudged {
            volume: volume.name.clone(),
            segment_type: segment.map_or_else(String::new, |one| one.base_type().to_string()),
        }
    })
}

/// Looks through a volume group. Disks that share one of `tags` are taken to fail together.
///
/// A raid or mirror volume is judged by its legs: a leg is lost when a disk is that holds any extent of its
/// image or of its metadata, because the kernel drops a leg as a whole. Every other volume is judged by all
/// that it stands on: copies of its data are of no use where something beside them is held once.
///
/// # Example
/// ```
/// let text = std::fs::read_to_string("models/lvm2/raid1-shared-disk.vg")?;
/// let group = extentplan::lvm::read(&text)?;
/// assert!(extentplan::lvm::audit(&group, &[]).is_unsafe());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn audit(group: &VolumeGroup, tags: &[String]) -> Audit {
    let below = Below::new(group);
    let layers = Layers::new(group);
    let states = layers.without(|disk| group.physical_volumes[disk].missing);
    let arrays = redundancy::arrays(&below);
    let mut findings = redundancy::findings(&below, &arrays, tags);
    findings.extend(weak_links::findings(&below, &layers, &states, tags));
    findings.extend(not_judged(&layers));
    findings.extend(space::findings(&below, &layers, &states));
    findings.extend(shape::findings(&below, &arrays));
    // Stable: within a severity in the order of the metadata.
    findings.sort_by_key(Finding::severity);
    Audit {
        group: group.name.clone(),
        volumes: layers.seen().count(),
        free_extents: below.free.iter().map(|areas| areas.total()).sum(),
        unreachable_extents: space::unreachable(&below)
            .iter()
            .map(|(_, count)| count)
            .sum(),
        findings,
    }
}
