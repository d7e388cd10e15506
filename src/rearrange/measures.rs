//! What a layout is like, to be told before and behind moves.

use crate::core::{Area, Areas, Goal, HeldLeg, Move, Rearrangement};
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

/// What it is like once some moves are made and these goals reached: what leaves counts no more.
#[must_use]
pub fn measures(state: &Rearrangement, moves: &[Move], reached: &[Goal]) -> Measures {
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
    for (index, (source, held)) in after.sources.iter().zip(held).enumerate() {
        let free = left(&source.free, index, reached);
        measures.fragments += free.len() as u64;
        measures.largest_area = free.longest().max(measures.largest_area);
        let fill = Level {
            held,
            of: (held + free.total()).max(1),
        };
        if fill > measures.highest_fill {
            measures.highest_fill = fill;
        }
    }
    measures
}

/// What is left of the free areas of a source once it has left, or is shorter.
fn left(free: &Areas, index: usize, reached: &[Goal]) -> Areas {
    let mut left = free.clone();
    for goal in reached {
        if *goal == (Goal::Drain { source: index }) {
            left = Areas::none();
        }
        if let Goal::Shrink { source, extents } = goal
            && *source == index
        {
            let stays: Areas = Area::new(0, *extents).into_iter().collect();
            left = left.intersection(&stays);
        }
    }
    left
}
