//! From goals to moves.

use crate::core::{Goal, Limits, Rearrangement};
use crate::rearrange::freely::freely;
use crate::rearrange::way::Ways;
use crate::rearrange::{MoveAnswer, RearrangeError, exact};
use crate::solve::Strategy;

/// The moves that reach the goals with the least copying.
///
/// Where the end is drawn, what lies elsewhere is copied, and what matters is the order. Where it is not, so much is left
/// open that mostly each run goes to a place that is free from the start.
///
/// # Errors
/// [`RearrangeError`] if a room contradicts a check.
pub fn plan(
    state: &Rearrangement,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<MoveAnswer, RearrangeError> {
    let is_drawn = |goal: &Goal| matches!(goal, Goal::Lie { .. });
    match state.goals.iter().any(is_drawn) {
        true => exact::plan(state, strategy, limits),
        false => freely(state, Ways::AndStates, strategy, limits),
    }
}
