//! Whether a plan is right: every rule said once more, without a line of any solver.
//!
//! The rules are read off the problem as it was asked, with plain loops, so that a mistake in a
//! solver cannot be repeated here by sharing its helpers.

mod amounts;
mod apart;
mod pieces;
mod places;

use std::collections::BTreeMap;

use crate::core::check::amounts::{counts, lengths};
use crate::core::check::apart::{avoidance, partition, separation};
use crate::core::check::pieces::pieces;
use crate::core::check::places::{companions, places, policy};
use crate::core::{Allocation, Area, Piece, Plan, Problem, Request, Violation};

/// Everything that is wrong with a plan; nothing if it is right.
///
/// Any plan may be asked about, also one with indices and sums that make no sense.
#[must_use]
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (requests, allocations) = (problem.requests(), &plan.allocations);
    if requests.len() != allocations.len() {
        violations.push(Violation::OtherRequests {
            expected: requests.len(),
            found: allocations.len(),
        });
    }
    for (request, allocation) in requests.iter().zip(allocations) {
        match allocation {
            Some(allocation) => check_request(problem, request, allocation, &mut violations),
            None if request.value.is_none() => violations.push(Violation::LeftOut {
                request: request.name.clone(),
            }),
            None => {}
        }
    }
    overlaps(problem, plan, &mut violations);
    violations
}

/// The rules of one request. Those on where legs lie only make sense once the pieces are there.
fn check_request(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    // Every field is named, so that whoever adds one is led here: which rule checks it?
    #[rustfmt::skip]
    let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
        cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _,
        avoid: _, value: _ } = request;
    let before = violations.len();
    counts(request, allocation, violations);
    lengths(request, allocation, violations);
    places(problem, request, allocation, violations);
    if violations.len() > before {
        return;
    }
    companions(problem, request, allocation, violations);
    policy(problem, request, allocation, violations);
    separation(problem, request, allocation, violations);
    partition(problem, request, allocation, violations);
    avoidance(problem, request, allocation, violations);
}

/// No extent is taken twice, over all requests.
fn overlaps(problem: &Problem, plan: &Plan, violations: &mut Vec<Violation>) {
    let mut taken: BTreeMap<usize, Vec<(Area, usize, Piece)>> = BTreeMap::new();
    for (index, allocation) in plan.allocations.iter().enumerate() {
        for (piece, segment) in allocation.iter().flat_map(pieces) {
            let list = taken.entry(segment.source).or_default();
            list.push((segment.area, index, piece));
        }
    }
    let name_of = |index: usize| {
        let request = problem.requests().get(index);
        request.map_or_else(|| format!("number {index}"), |request| request.name.clone())
    };
    for (source, mut list) in taken {
        let Some(source) = problem.sources().get(source) else {
            continue;
        };
        list.sort_unstable();
        // The entry that reaches furthest so far is the one a later entry can run into.
        let mut furthest: Option<(Area, usize, Piece)> = None;
        for (area, index, piece) in list {
            if let Some((held, holder, held_piece)) = furthest
                && let Some(both) = held.intersection(area)
            {
                violations.push(Violation::Overlap {
                    source: source.name.clone(),
                    area: both,
                    first: (name_of(holder), held_piece),
                    second: (name_of(index), piece),
                });
            }
            if furthest.is_none_or(|(held, _, _)| area.end() > held.end()) {
                furthest = Some((area, index, piece));
            }
        }
    }
}
