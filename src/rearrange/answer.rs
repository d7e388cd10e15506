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
        /// What bounds their number; the extents are always counted.
        proof: MoveProof,
    },
    /// Moves that copy as little as can be, but may be more than needed.
    Found {
        /// In an order in which they can be made.
        moves: Vec<Move>,
        /// What they cost.
        cost: MoveCost,
        /// What no moves go below.
        bound: MoveCost,
        /// What bounds their number.
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
        /// What keeps it open.
        open: Open,
    },
}

/// What bounds the number of moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveProof {
    /// Each run that has to leave takes one move at least.
    Counting,
    /// What the search for places proves about its pieces.
    Search,
}

/// Why it is not known whether goals can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// What has to move has no place that is free now; whether others can make way is not tried.
    NoDirectMoves {
        /// Why there is none, where that is known.
        why: Option<String>,
    },
    /// A limit ran out.
    Limit {
        /// Which.
        stopped: StopReason,
    },
}

impl MoveAnswer {
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
