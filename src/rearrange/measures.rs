//! What a layout is like, to be told before and behind moves.

use crate::core::{Areas, Move, Rearrangement};
use crate::rearrange::Level;
use crate::rearrange::fields::Field;

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
    let mut field = Field::of(state);
    moves.iter().for_each(|step| field.make(*step));
    let end = field.end();
    let mut held = vec![0u64; state.sources.len()];
    for piece in end.iter().flatten().flatten() {
        held[piece.place.source] += piece.place.area.count();
    }
    let mut measures = Measures {
        segments: end.iter().flatten().map(|leg| leg.len() as u64).sum(),
        highest_fill: Level { held: 0, of: 1 },
        fragments: 0,
        largest_area: 0,
    };
    let left = left(state, moves);
    for (source, held) in held.into_iter().enumerate() {
        let free = match state.closed.contains(&source) {
            true => &state.sources[source].free.union(&left[source]),
            false => field.free(source),
        };
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

/// What moves leave of sources that nothing comes to.
fn left(state: &Rearrangement, moves: &[Move]) -> Vec<Areas> {
    let mut left = vec![Vec::new(); state.sources.len()];
    for step in moves {
        if state.closed.contains(&step.from.source) {
            left[step.from.source].push(step.from.area);
        }
    }
    left.into_iter().map(Areas::from_iter).collect()
}
