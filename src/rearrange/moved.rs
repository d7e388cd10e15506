//! What is held and free behind moves.

use crate::core::{Area, Areas, Move, Rearrangement};
use crate::rearrange::fields::Field;

/// The state that moves, which are allowed, lead to.
#[must_use]
pub fn moved(state: &Rearrangement, moves: &[Move]) -> Rearrangement {
    let mut field = Field::of(state);
    moves.iter().for_each(|step| field.make(*step));
    let mut after = state.clone();
    for (volume, legs) in after.volumes.iter_mut().zip(field.end()) {
        for (leg, pieces) in volume.legs.iter_mut().zip(legs) {
            leg.pieces = pieces;
        }
    }
    let (before, held) = (held(state), held(&after));
    for (source, (before, held)) in after.sources.iter_mut().zip(before.into_iter().zip(held)) {
        source.free = source.free.union(&before).difference(&held);
    }
    after
}

/// Per source what is held of it.
fn held(state: &Rearrangement) -> Vec<Areas> {
    let mut held: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    for piece in legs.flat_map(|leg| &leg.pieces) {
        held[piece.place.source].push(piece.place.area);
    }
    held.into_iter().map(Areas::from_iter).collect()
}
