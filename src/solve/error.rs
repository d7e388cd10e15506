//! What is a mistake of ours, and no answer.

use thiserror::Error;

use crate::core::{Refuted, Violation};
use crate::ip;

/// A mistake of ours: what a room answered does not stand up to the check.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SolveError {
    /// A plan that breaks rules of the problem.
    #[error("{room} made a plan that is wrong: {}", first(.violations))]
    WrongPlan {
        /// The room.
        room: &'static str,
        /// What is wrong with the plan.
        violations: Vec<Violation>,
    },
    /// A reason that does not hold.
    #[error("{room} gave a reason that is wrong: {refuted}")]
    WrongReason {
        /// The room.
        room: &'static str,
        /// What is wrong with it.
        refuted: Refuted,
    },
    /// A plan that costs less than a bound says is possible, or than is claimed for it.
    #[error("{room} claims what cannot be: {claim}")]
    WrongClaim {
        /// The room.
        room: &'static str,
        /// The claim and what contradicts it.
        claim: String,
    },
    /// The integer program failed.
    #[error(transparent)]
    Program(#[from] ip::IpError),
}

fn first(violations: &[Violation]) -> String {
    let more = violations.len().saturating_sub(1);
    match violations.first() {
        None => "nothing".to_string(),
        Some(violation) if more == 0 => violation.to_string(),
        Some(violation) => format!("{violation} (and {more} more)"),
    }
}
