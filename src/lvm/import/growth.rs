//! What a volume that grows already has, and what its user should know about that.

use crate::core::{Segment, Separation};
use crate::lvm::{Existing, VolumeGroup};

/// Per leg what it has: its metadata first, then its extents in order.
pub(crate) fn previous(grown: &Existing) -> Vec<Vec<Segment>> {
    let legs = grown.metadata.iter().zip(&grown.legs);
    let segment = |&(source, area): &(usize, _)| Segment { source, area };
    legs.map(|(metadata, leg)| metadata.iter().chain(leg).map(segment).collect())
        .collect()
}

/// Sentences about physical volumes that hold more than one leg of what exists.
pub(crate) fn shared_volumes(
    group: &VolumeGroup,
    name: &str,
    grown: &Existing,
    separation: Separation,
) -> Vec<String> {
    if separation != Separation::Leg {
        return Vec::new();
    }
    let mut notes = Vec::new();
    for (index, volume) in group.physical_volumes.iter().enumerate() {
        let holds = |leg: &usize| {
            let mut stretches = grown.metadata[*leg].iter().chain(&grown.legs[*leg]);
            stretches.any(|(source, _)| *source == index)
        };
        let legs: Vec<String> = (0..grown.legs.len())
            .filter(holds)
            .map(|leg| leg.to_string())
            .collect();
        if legs.len() > 1 {
            notes.push(format!(
                "images {} of `{name}` already share {}; none of them gets more of it",
                legs.join(", "),
                volume.device
            ));
        }
    }
    notes
}
