//! From an end that is drawn to moves: what is not drawn makes way, then all of it is put in order.

use crate::core::{HeldLeg, Limits, Move, MoveCost, Rearrangement, StopReason};
use crate::rearrange::exact::bound::least;
use crate::rearrange::exact::drawn::{drawn, fault, full, rest};
use crate::rearrange::exact::ladder::ordered;
use crate::rearrange::exact::tasks::{End, tasks};
use crate::rearrange::fields::Field;
use crate::rearrange::freely::freely;
use crate::rearrange::right::is_right;
use crate::rearrange::way::Ways;
use crate::rearrange::{MoveAnswer, MoveConflict, Open, RearrangeError};
use crate::solve::Strategy;

/// The moves that lead to what is drawn. Of a volume all is drawn, or nothing.
///
/// # Errors
/// As [`crate::rearrange::plan`].
pub(crate) fn plan(
    state: &Rearrangement,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<MoveAnswer, RearrangeError> {
    let drawn = match drawn(state) {
        Ok(drawn) => drawn,
        Err(partly) => {
            let nothing = least(state, &[], limits);
            return Ok(MoveAnswer::Unknown {
                bound: nothing.cost(),
                proof: nothing.proof(),
                open: Open::NoMoves { why: Some(partly) },
            });
        }
    };
    if let Some(what) = fault(state, &drawn) {
        let why = MoveConflict::Drawn { what };
        return Ok(MoveAnswer::Impossible { why });
    }
    let now: End = state
        .volumes
        .iter()
        .map(|v| v.legs.iter().map(HeldLeg::runs).collect())
        .collect();
    let mut end = now.clone();
    for (volume, legs) in drawn.iter().enumerate() {
        if let Some(legs) = legs {
            end[volume].clone_from(legs);
        }
    }
    // What is drawn has to be copied whatever becomes of the rest, and its closed cycles are closed.
    let least = least(state, &tasks(state, &end), limits);
    let left = rest(state, &drawn, true);
    let (beside, fixed) = match freely(&left, Ways::Ends, strategy, limits)? {
        MoveAnswer::Impossible { why } => return Ok(MoveAnswer::Impossible { why }),
        MoveAnswer::Unknown { bound, proof, open } => {
            let (bound, proof) = least.with(bound, proof);
            return Ok(MoveAnswer::Unknown { bound, proof, open });
        }
        MoveAnswer::Best { moves, cost, proof } => (moves, (cost, proof)),
        MoveAnswer::Found {
            moves,
            bound,
            proof,
            ..
        } => (moves, (bound, proof)),
    };
    let (bound, proof) = match beside.is_empty() {
        true => (least.cost(), least.proof()),
        false => least.with(fixed.0, fixed.1),
    };
    // What is free already is better than what becomes so: nothing waits for it.
    let now_free = rest(state, &drawn, false);
    let at_once = match beside.is_empty() {
        true => None,
        false => freely(&now_free, Ways::Ends, strategy, limits)?
            .moves()
            .map(<[Move]>::to_vec),
    };
    let copies = |moves: &Vec<Move>| MoveCost::of(moves).copied;
    let at_once = at_once.filter(|moves| copies(moves) <= copies(&beside));
    let mut field = Field::of(&left);
    at_once
        .unwrap_or(beside)
        .into_iter()
        .for_each(|step| field.make(step));
    for (volume, legs) in field.end().into_iter().enumerate() {
        if drawn[volume].is_none() {
            end[volume] = legs;
        }
    }
    let tasks = tasks(state, &end);
    if let Some(why) = full(state, &tasks) {
        return Ok(MoveAnswer::Impossible { why });
    }
    let moves = ordered(state, &tasks, limits);
    Ok(match moves {
        Some(moves) if is_right(state, &moves)? => {
            MoveAnswer::of(moves, bound, proof, limits.ran_out())
        }
        Some(_) | None => MoveAnswer::Unknown {
            bound,
            proof,
            open: match limits.ran_out() {
                StopReason::MethodEnds => Open::NoOrder,
                stopped => Open::Limit { stopped },
            },
        },
    })
}
