//! What may be said about moves.

use thiserror::Error;

use crate::core::{Move, MoveCost, MoveViolation, StopReason};
use crate::rearrange::MoveConflict;
use crate::solve::SolveError;

/// What is true of goals, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveAnswer {
    /// No moves that reach the goals cost less.
    Best {
        /// In an order in which they can be made.
        moves: Vec<Move>,
        /// What they cost; also the bound.
        cost: MoveCost,
        /// What bounds it.
        proof: MoveProof,
    },
    /// Moves that may copy more than needed, or be more.
    Found {
        /// In an order in which they can be made.
        moves: Vec<Move>,
        /// What they cost.
        cost: MoveCost,
        /// What no moves go below.
        bound: MoveCost,
        /// What the bound rests on.
        proof: MoveProof,
        /// Why the search ended.
        stopped: StopReason,
    },
    /// No moves reach the goals.
    Impossible {
        /// Why not, as can be counted.
        why: MoveConflict,
    },
    /// Neither moves nor a proof that there are none.
    Unknown {
        /// What no moves, if there are some, go below.
        bound: MoveCost,
        /// What the bound rests on.
        proof: MoveProof,
        /// What keeps it open.
        open: Open,
    },
}

/// What bounds of moves rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveProof {
    /// That of the extents.
    pub copied: MoveBasis,
    /// That of the number.
    pub moves: MoveBasis,
}

/// What a bound rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveBasis {
    /// What has to leave where it is, and that each run of it takes a move.
    Counting,
    /// What each leg in one piece keeps at the most, by prices that can be added up.
    Prices,
    /// A search that is complete as far as the bound goes.
    Search,
}

/// Why it is not known whether goals can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// What has to move has no place that is free now, and no moves that make way for it were found.
    NoMoves {
        /// Why there are no direct ones, where that is known.
        why: Option<String>,
    },
    /// The end is known, and no order of the moves that lead there was found.
    NoOrder,
    /// A limit ran out.
    Limit {
        /// Which.
        stopped: StopReason,
    },
}

impl MoveAnswer {
    /// The answer that moves are, given what no moves go below.
    pub(crate) fn of(
        moves: Vec<Move>,
        bound: MoveCost,
        proof: MoveProof,
        stopped: StopReason,
    ) -> MoveAnswer {
        let cost = MoveCost::of(&moves);
        if cost == bound {
            return MoveAnswer::Best { moves, cost, proof };
        }
        MoveAnswer::Found {
            moves,
            cost,
            bound,
            proof,
            stopped,
        }
    }

    /// The answer where what is asked for, such as the lowest fill, may not be the least that can be reached: then it is
    /// not the best, and what it costs says nothing of what others cost.
    #[must_use]
    pub fn of_open_goal(self, stopped: StopReason) -> MoveAnswer {
        match self {
            MoveAnswer::Best { moves, cost, .. } | MoveAnswer::Found { moves, cost, .. } => {
                MoveAnswer::Found {
                    moves,
                    cost,
                    bound: MoveCost::default(),
                    proof: MoveProof {
                        copied: MoveBasis::Counting,
                        moves: MoveBasis::Counting,
                    },
                    stopped,
                }
            }
            MoveAnswer::Impossible { .. } | MoveAnswer::Unknown { .. } => self,
        }
    }

    /// The moves, if the answer has some.
    #[must_use]
    pub fn moves(&self) -> Option<&[Move]> {
        match self {
            MoveAnswer::Best { moves, .. } | MoveAnswer::Found { moves, .. } => Some(moves),
            MoveAnswer::Impossible { .. } | MoveAnswer::Unknown { .. } => None,
        }
    }
}

/// A contradiction inside the program.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RearrangeError {
    /// Moves were found that are wrong.
    #[error("moves were found that break rules: {}", joined(.violations))]
    Wrong {
        /// How.
        violations: Vec<MoveViolation>,
    },
    /// What was asked of the solver is no problem.
    #[error("what has to move makes no problem: {what}")]
    NoProblem {
        /// Why not.
        what: String,
    },
    /// The solver contradicts itself.
    #[error(transparent)]
    Solve(#[from] SolveError),
}

fn joined(violations: &[MoveViolation]) -> String {
    let words: Vec<String> = violations.iter().map(ToString::to_string).collect();
    words.join("; ")
}
