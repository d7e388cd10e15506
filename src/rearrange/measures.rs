//! What a layout is like, to be told before and behind moves.

use crate::core::{HeldLeg, Move, Rearrangement};
use crate::rearrange::Level;
use crate::rearrange::moved::moved;

/// What a layout is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// Runs of all legs.
    pub segments: u64,
    /// The highest share that is held of a source.
    pub highest_fill: Level,
    /// Free areas.
    pub fragments: u64,
    /// Extents of the largest of them.
    pub largest_area: u64,
}

/// What it is like once some moves are made.
#[must_use]
pub fn measures(state: &Rearrangement, moves: &[Move]) -> Measures {
    let after = moved(state, moves);
    let legs = after.volumes.iter().flat_map(|volume| &volume.legs);
    let mut held = vec![0u64; after.sources.len()];
    let mut segments = 0;
    for runs in legs.map(HeldLeg::runs) {
        segments += runs.len() as u64;
        for run in runs {
            held[run.place.source] += run.place.area.count();
        }
    }
    let mut measures = Measures {
        segments,
        highest_fill: Level { held: 0, of: 1 },
        fragments: 0,
        largest_area: 0,
    };
    for (source, held) in after.sources.iter().zip(held) {
        measures.fragments += source.free.len() as u64;
        measures.largest_area = source.free.longest().max(measures.largest_area);
        let fill = Level {
            held,
            of: (held + source.free.total()).max(1),
        };
        if fill > measures.highest_fill {
            measures.highest_fill = fill;
        }
    }
    measures
}
