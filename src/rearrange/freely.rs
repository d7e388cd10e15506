//! Goals that leave open where exactly anything ends: what has to move, whether counting rules it out, and where it goes.

use crate::core::{Goal, Limits, Move, MoveCost, Rearrangement, StopReason, bound_of_leaving};
use crate::rearrange::direct::Direct;
use crate::rearrange::forced::Forced;
use crate::rearrange::right::is_right;
use crate::rearrange::way::{self, Way, Ways};
use crate::rearrange::{MoveAnswer, MoveBasis, MoveProof, Open, RearrangeError, counting, direct};
use crate::solve::Strategy;

/// The moves that reach the goals with the least copying.
///
/// What may not stay where it is has to be copied at least once; where all of it has a place that is free from the
/// start, that is also enough. These *direct* moves are a problem of placement, and are left to `solve`. Where there are
/// none, others make way: how little that takes is a program of its own, and an order of the moves is looked for.
///
/// # Errors
/// [`RearrangeError`] if a room contradicts a check.
pub(crate) fn freely(
    state: &Rearrangement,
    ways: Ways,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<MoveAnswer, RearrangeError> {
    let forced = Forced::of(state);
    if let Some(why) = counting::conflict(state, &forced) {
        return Ok(MoveAnswer::Impossible { why });
    }
    let least = MoveCost {
        copied: bound_of_leaving(state),
        moves: forced.least_moves,
    };
    let counted = MoveProof {
        copied: MoveBasis::Counting,
        moves: MoveBasis::Counting,
    };
    let why = match direct::plan(state, &forced, strategy, limits)? {
        Direct::Moves { moves, bound } if is_right(state, &moves)? => {
            let proof = MoveProof {
                moves: match bound > least.moves {
                    true => MoveBasis::Search,
                    false => MoveBasis::Counting,
                },
                ..counted
            };
            let bound = MoveCost {
                moves: least.moves.max(bound),
                ..least
            };
            return Ok(MoveAnswer::of(moves, bound, proof, limits.ran_out()));
        }
        Direct::Moves { .. } => None,
        Direct::None { why } => why,
    };
    let (moves, copied) = match way::plan(state, ways, limits) {
        Way::None { why } => return Ok(MoveAnswer::Impossible { why }),
        Way::Moves { moves, bound } => (is_right(state, &moves)?.then_some(moves), bound),
        Way::Open { bound } => (None, bound),
    };
    let moves = match moves {
        None if !state.heals() => harder(state, ways, strategy, limits)?,
        moves => moves,
    };
    let bound = MoveCost {
        copied: copied.max(least.copied),
        ..least
    };
    let proof = MoveProof {
        copied: match bound.copied > least.copied {
            true => MoveBasis::Search,
            false => MoveBasis::Counting,
        },
        ..counted
    };
    Ok(match moves {
        Some(moves) => MoveAnswer::of(moves, bound, proof, limits.ran_out()),
        None => MoveAnswer::Unknown {
            bound,
            proof,
            open: match limits.ran_out() {
                StopReason::MethodEnds => Open::NoMoves { why },
                stopped => Open::Limit { stopped },
            },
        },
    })
}

/// Moves that put all legs apart beside: they reach the goals, too, and legs that keep apart are not in each other's way.
fn harder(
    state: &Rearrangement,
    ways: Ways,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Option<Vec<Move>>, RearrangeError> {
    let mut apart = state.clone();
    apart.goals.push(Goal::Heal);
    let answer = freely(&apart, ways, strategy, limits)?;
    Ok(match answer.moves() {
        Some(moves) if is_right(state, moves)? => Some(moves.to_vec()),
        Some(_) | None => None,
    })
}
