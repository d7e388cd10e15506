//! What is contiguous, and in pieces while moves are made.

use std::collections::BTreeMap;

use crate::core::{HeldPiece, Move, Policy, Rearrangement};
use crate::rearrange::fields::Field;

/// The contiguous volumes that lie in more pieces on the way than before, with the first and the last move, from 0 on,
/// behind which they do.
#[must_use]
pub fn torn(state: &Rearrangement, moves: &[Move]) -> BTreeMap<usize, (usize, usize)> {
    let mut torn = BTreeMap::new();
    let mut field = Field::of(state);
    for (number, step) in moves.iter().enumerate() {
        field.make(*step);
        let volume = &state.volumes[step.volume];
        if volume.policy != Policy::Contiguous {
            continue;
        }
        let mut pieces: Vec<HeldPiece> = field.all_of(step.volume, step.leg).copied().collect();
        pieces.sort_unstable_by_key(|piece| piece.offset);
        if HeldPiece::joined(&pieces).len() > volume.legs[step.leg].runs().len() {
            let between = torn.entry(step.volume).or_insert((number, number));
            between.1 = number;
        }
    }
    torn
}
