//! What is counted of a plan for a covering.

use std::collections::BTreeSet;

use crate::core::{Measure, Plan, Problem};
use crate::search::bin_covering::covering::lead;

/// The measure of a plan that gains count.
pub(crate) fn gains_of(problem: &Problem, plan: &Plan) -> u64 {
    if lead(problem.objective()) == Some(Measure::Sources) {
        sources_of(plan)
    } else {
        segments_of(problem, plan)
    }
}

pub(crate) fn sources_of(plan: &Plan) -> u64 {
    let allocations = plan.allocations.iter().flatten();
    let legs = allocations.flat_map(|allocation| allocation.legs.iter().flatten());
    let touched: BTreeSet<usize> = legs.map(|segment| segment.source).collect();
    touched.len() as u64
}

pub(crate) fn segments_of(problem: &Problem, plan: &Plan) -> u64 {
    let allocations = plan.allocations.iter().flatten();
    let legs = allocations.flat_map(|allocation| &allocation.legs);
    legs.map(|leg| problem.joined(leg).len() as u64).sum()
}
