//! From goals to moves: what has to move, whether counting rules it out, and where it goes.

use crate::core::{Limits, MoveCost, Rearrangement, StopReason, check_moves};
use crate::rearrange::direct::Direct;
use crate::rearrange::forced::Forced;
use crate::rearrange::{MoveAnswer, MoveProof, Open, RearrangeError, counting, direct};
use crate::solve::Strategy;

/// The moves that reach the goals with the least copying.
///
/// What may not stay where it is has to be copied at least once; where all of it has a place that is free from the
/// start, that is also enough. These *direct* moves are a problem of placement, and are left to `solve`; the order of
/// the moves does not matter, except that a leg's parts go in the order of the legs. That there are none is no proof
/// that there are no moves at all: only what is counted is called impossible.
///
/// # Errors
/// [`RearrangeError`] if a room contradicts a check.
pub fn plan(
    state: &Rearrangement,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<MoveAnswer, RearrangeError> {
    let forced = Forced::of(state);
    if let Some(why) = counting::conflict(state, &forced) {
        return Ok(MoveAnswer::Impossible { why });
    }
    let least = MoveCost {
        copied: forced.extents(),
        moves: forced.pieces().count() as u64,
    };
    let direct = direct::plan(state, &forced, strategy, limits)?;
    let (moves, searched) = match direct {
        Direct::Moves { moves, bound } => (moves, bound),
        Direct::None { why } => {
            let open = match limits.ran_out() {
                StopReason::MethodEnds => Open::NoDirectMoves { why },
                stopped => Open::Limit { stopped },
            };
            return Ok(MoveAnswer::Unknown { bound: least, open });
        }
    };
    let violations = check_moves(state, &moves);
    if !violations.is_empty() {
        return Err(RearrangeError::Wrong { violations });
    }
    let cost = MoveCost::of(&moves);
    let bound = MoveCost {
        moves: least.moves.max(searched),
        ..least
    };
    let proof = if searched > least.moves {
        MoveProof::Search
    } else {
        MoveProof::Counting
    };
    Ok(if cost == bound {
        MoveAnswer::Best { moves, cost, proof }
    } else {
        MoveAnswer::Found {
            moves,
            cost,
            bound,
            proof,
            stopped: limits.ran_out(),
        }
    })
}
