//! How good a plan is: measures, smaller is better, compared one after another.

use std::collections::BTreeSet;

use crate::core::{Allocation, Areas, Cuts, Measure, Plan, Problem, Request, Segment};

/// What a plan costs: one value per measure of the objective, in its order.
///
/// Costs of plans for the same problem compare lexicographically.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(pub Vec<u64>);

/// The cost of a plan that [`crate::core::check`] finds right.
///
/// # Panics
/// May panic on a plan that breaks the rules; check first.
#[must_use]
pub fn cost(problem: &Problem, plan: &Plan) -> Cost {
    let value = |measure: &Measure| match measure {
        Measure::Unserved => unserved(problem, plan),
        Measure::Shortfall => placed(problem, plan)
            .map(|(request, allocation)| shortfall(request, allocation))
            .sum(),
        Measure::Elsewhere => placed(problem, plan)
            .map(|(request, allocation)| elsewhere(request, allocation))
            .sum(),
        Measure::Segments => placed(problem, plan)
            .map(|(request, allocation)| segments(problem, request, allocation))
            .sum(),
        Measure::Sources => placed(problem, plan)
            .map(|(_, allocation)| sources(allocation))
            .sum(),
        Measure::Balance => balance(problem, plan),
        Measure::Fragments => {
            let left = free_after(problem, plan);
            left.iter().map(|areas| areas.len() as u64).sum()
        }
        Measure::LargestArea => largest_area(problem, plan),
    };
    Cost(problem.objective().iter().map(value).collect())
}

/// The requests that are placed, with their allocations.
fn placed<'a>(
    problem: &'a Problem,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'a Request, &'a Allocation)> {
    let pairs = problem.requests().iter().zip(&plan.allocations);
    pairs.filter_map(|(request, allocation)| Some((request, allocation.as_ref()?)))
}

fn unserved(problem: &Problem, plan: &Plan) -> u64 {
    let pairs = problem.requests().iter().zip(&plan.allocations);
    pairs
        .filter(|(_, allocation)| allocation.is_none())
        .map(|(request, _)| request.value.unwrap_or(0))
        .sum()
}

fn shortfall(request: &Request, allocation: &Allocation) -> u64 {
    request.size.wanted() - allocation.leg_extents() * request.shape.stripes
}

fn elsewhere(request: &Request, allocation: &Allocation) -> u64 {
    if request.cling_sources.is_empty() {
        return 0;
    }
    let segments = allocation.legs.iter().flatten();
    let elsewhere = segments.filter(|segment| !request.cling_sources.contains(&segment.source));
    elsewhere.map(|segment| segment.area.count()).sum()
}

fn segments(problem: &Problem, request: &Request, allocation: &Allocation) -> u64 {
    let previous = |leg: usize| request.grows.as_ref().and_then(|legs| legs[leg].last());
    let legs: Vec<Vec<Segment>> = allocation
        .legs
        .iter()
        .map(|leg| problem.joined(leg))
        .collect();
    let continues = |leg: usize| {
        let first = legs[leg].first();
        previous(leg)
            .zip(first)
            .is_some_and(|(last, first)| last.continues_with(first))
    };
    match request.cuts {
        Cuts::Apart => {
            let counts = legs.iter().enumerate().map(|(leg, runs)| {
                // A leg that goes on where it ended adds no segment by its first run.
                runs.len() as u64 - u64::from(continues(leg))
            });
            counts.sum()
        }
        Cuts::Together => {
            // An interval starts at every offset at which some leg is not continued.
            let mut starts = BTreeSet::new();
            for runs in &legs {
                let mut offset = 0;
                for run in runs {
                    starts.insert(offset);
                    offset += run.area.count();
                }
            }
            let all_continue = !legs.is_empty() && (0..legs.len()).all(continues);
            starts.len() as u64 - u64::from(all_continue)
        }
    }
}

fn sources(allocation: &Allocation) -> u64 {
    let touched: BTreeSet<usize> = allocation
        .legs
        .iter()
        .flatten()
        .map(|segment| segment.source)
        .collect();
    touched.len() as u64
}

/// What is free on each source once the plan is built.
fn free_after(problem: &Problem, plan: &Plan) -> Vec<Areas> {
    let mut taken = vec![Vec::new(); problem.sources().len()];
    for segment in plan.segments() {
        taken[segment.source].push(segment.area);
    }
    let pairs = problem.sources().iter().zip(taken);
    pairs
        .map(|(source, taken)| source.free.difference(&taken.into_iter().collect()))
        .collect()
}

fn balance(problem: &Problem, plan: &Plan) -> u64 {
    let left = free_after(problem, plan);
    let fills = problem.sources().iter().zip(left).map(|(source, free)| {
        let used = u128::from(source.extents - free.total());
        let fill = (used * 1_000_000).checked_div(u128::from(source.extents));
        u64::try_from(fill.unwrap_or(0)).expect("at most a million")
    });
    fills.max().unwrap_or(0)
}

fn largest_area(problem: &Problem, plan: &Plan) -> u64 {
    let longest = |areas: &Areas| areas.longest();
    let before = problem.sources().iter().map(|source| longest(&source.free));
    let left = free_after(problem, plan);
    before.max().unwrap_or(0) - left.iter().map(longest).max().unwrap_or(0)
}
