//! Bounds, candidate layouts and exact search.

mod bounds;
mod cling;
mod companions;
mod contiguous;
mod fewest;
mod flow;
mod intervals;
mod joint;
mod kin;
mod legs;
mod mixed;
mod random;
mod slices;
mod tradeoff;
mod verdict;

pub use mixed::any_plan;

use crate::core::{Answer, Limits, Plan, Problem, StopReason};

/// Plans by search.
#[must_use]
pub fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Answer {
    if let Some(why) = bounds::conflict(problem, limits) {
        return Answer::Impossible { why };
    }
    let answer = slices::plan(problem, limits)
        .or_else(|| intervals::plan(problem, limits))
        .or_else(|| cling::plan(problem))
        .or_else(|| kin::plan(problem, limits))
        .or_else(|| contiguous::plan(problem, limits))
        .or_else(|| joint::plan(problem, limits))
        .or_else(|| legs::plan(problem, start, limits))
        .unwrap_or_else(|| verdict::unknown(StopReason::MethodEnds));
    bounds::raised(problem, answer)
}
