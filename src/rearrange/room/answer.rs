//! What may be said about room.

use crate::core::{Answer, Goal, Limits, MoveCost, Problem, StopReason};
use crate::rearrange::answer::{MoveAnswer, MoveBasis, MoveProof, Open};

/// What is true of room for requests.
#[derive(Clone, Debug)]
pub struct Room {
    /// Of the moves, for the goals and the room.
    pub answer: MoveAnswer,
    /// What they are to reach, room included, for [`check_moves`](crate::core::check_moves).
    pub goals: Vec<Goal>,
    /// Where there are moves: what is asked of the sources once they are made, and where it goes.
    pub placed: Option<(Problem, Answer)>,
}

/// What a limit leaves open.
pub(crate) fn open(limits: &Limits<'_>) -> Open {
    match limits.ran_out() {
        StopReason::MethodEnds => Open::NoMoves { why: None },
        stopped => Open::Limit { stopped },
    }
}

/// The proof of a bound that is searched, where it says anything.
pub(crate) fn proof(bound: MoveCost, basis: MoveBasis) -> MoveProof {
    let copied = if bound.copied > 0 {
        basis
    } else {
        MoveBasis::Counting
    };
    MoveProof {
        copied,
        moves: MoveBasis::Counting,
    }
}
