//! Where each leg of a plan goes, as a list.

use crate::core::{Allocation, Cuts, Plan, Problem, Request, Segment, joined};
use crate::show::quantity::extents;
use crate::show::wrap::wrapped;

/// One paragraph per request: its size and legs, then each leg with its segments in order.
///
/// Extents are given first to last, both included.
#[must_use]
pub fn layout(problem: &Problem, plan: &Plan, extent_bytes: Option<u64>) -> String {
    let mut text = String::new();
    for (request, allocation) in problem.requests().iter().zip(&plan.allocations) {
        match allocation {
            Some(allocation) => one(problem, request, allocation, extent_bytes, &mut text),
            None => text.push_str(&format!("{}: left out\n", request.name)),
        }
    }
    text
}

fn one(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    extent_bytes: Option<u64>,
    text: &mut String,
) {
    let leg_extents = allocation.leg_extents();
    let size = extents(leg_extents * request.shape.stripes, extent_bytes);
    let legs = allocation.legs.len();
    let noun = if legs == 1 { "leg" } else { "legs" };
    text.push_str(&format!("{}: {size}, {legs} {noun}", request.name));
    if legs > 1 {
        text.push_str(&format!(" of {}", extents(leg_extents, extent_bytes)));
    }
    if request.cuts == Cuts::Together && legs > 1 {
        text.push_str(", cut together");
    }
    text.push('\n');
    let name = |segment: &Segment| {
        let source = &problem.sources()[segment.source].name;
        format!("{source}:{}", segment.area)
    };
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let mut words: Vec<String> = Vec::new();
        if let Some(metadata) = allocation.metadata.get(leg) {
            words.push(format!("[{}]", name(metadata)));
        }
        words.extend(joined(segments).iter().map(name));
        let head = format!("  leg {leg:<3} ");
        text.push_str(&wrapped(&head, " ", words.into_iter()));
    }
    for (log, segment) in allocation.logs.iter().enumerate() {
        text.push_str(&format!("  log {log:<3} {}\n", name(segment)));
    }
}
