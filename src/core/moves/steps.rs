//! Steps, and what they cost.

use crate::core::Segment;

/// One step: a run of extents of a leg is copied to extents that are free, and is free afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Index of the volume.
    pub volume: usize,
    /// Index of the leg.
    pub leg: usize,
    /// Where the run lies.
    pub from: Segment,
    /// Where it goes.
    pub to: Segment,
}

/// What moves cost; less is better, the extents first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MoveCost {
    /// Extents that are copied; one that moves twice counts twice.
    pub copied: u64,
    /// How many moves there are.
    pub moves: u64,
}

impl MoveCost {
    /// What some moves cost.
    #[must_use]
    pub fn of(moves: &[Move]) -> MoveCost {
        let copied = moves.iter().map(|step| step.from.area.count());
        MoveCost {
            copied: copied.fold(0, u64::saturating_add),
            moves: moves.len() as u64,
        }
    }
}
