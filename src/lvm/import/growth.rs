//! What the user of a volume that grows should know about what it has.

use crate::core::Separation;
use crate::lvm::{Existing, VolumeGroup};

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
