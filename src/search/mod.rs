//! Bounds, candidate layouts and exact search.

mod companions;
mod contiguous;
mod contiguous_bounds;
mod contiguous_exact;
mod contiguous_fit;
mod contiguous_prices;
mod fewest;
mod flow;
mod intervals;
mod intervals_beam;
mod intervals_bound;
mod intervals_exchange;
mod intervals_levels;
mod intervals_pool;
mod legs;
mod legs_assign;
mod legs_cover;
mod legs_lagrange;
mod legs_prices;
mod legs_select;
mod slices;
mod slices_flow;
mod slices_layout;
mod slices_single;
mod verdict;

use crate::core::{Answer, Limits, Plan, Problem, StopReason};

/// Plans by search.
#[must_use]
pub fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Answer {
    slices::plan(problem, limits)
        .or_else(|| intervals::plan(problem, limits))
        .or_else(|| contiguous::plan(problem, limits))
        .or_else(|| legs::plan(problem, start, limits))
        .unwrap_or_else(|| verdict::unknown(StopReason::MethodEnds))
}
