//! Several requests of different kinds: each alone for the bound, one after another for a plan.
//!
//! What a request costs in company it could cost alone, so the sum of what each costs alone bounds
//! what they cost together, measure by measure, and what is impossible alone is impossible together.
//! A plan comes from placing one request after another at its best in what is left; whoever does not
//! fit moves to the front and it is tried again ("squeaky wheel", Joslin and Clements 1999).

use std::cmp::Reverse;

use crate::core::{
    Allocation, Answer, Areas, Bound, Cost, Limits, Method, Plan, Policy, Problem, Request,
    StopReason, cost,
};
use crate::solve::{SolveError, Strategy, ask_rooms};

/// Most orders in which the requests are placed.
const MOST_ORDERS: usize = 24;

/// The best of some plans, with the bound of the requests alone.
pub(crate) fn plan(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let mut bound: Option<Vec<u64>> = Some(vec![0; problem.objective().len()]);
    for index in 0..problem.requests().len() {
        let answer = ask_rooms(&alone(problem, index, None), strategy, limits)?;
        let own = match answer {
            Answer::Impossible { why } => {
                return Ok(Answer::Impossible {
                    why: why.with_requests(&[index]),
                });
            }
            Answer::Best { cost, .. } => cost.0,
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => bound.0,
        };
        bound = bound.map(|sum| added(&sum, &own));
        if limits.is_over() {
            bound = None;
            break;
        }
    }
    let bound = Bound(bound.map_or_else(Vec::new, |sum| summed(problem, sum)));
    let found = place(problem, &bound, strategy, limits)?;
    let stopped = StopReason::MethodEnds;
    Ok(match found {
        None => Answer::Unknown { bound, stopped },
        Some((plan, cost)) => Answer::Found {
            plan,
            cost,
            bound,
            method: Method::Candidates,
            stopped,
        },
    })
}

/// Sums of two lists of bounds, as far as both go.
fn added(sum: &[u64], own: &[u64]) -> Vec<u64> {
    sum.iter().zip(own).map(|(sum, own)| sum + own).collect()
}

/// The leading measures for which what several requests cost is the sum of what each costs.
fn summed(problem: &Problem, sum: Vec<u64>) -> Vec<u64> {
    let objective = problem.objective().iter();
    let count = objective.take_while(|measure| measure.adds_up()).count();
    sum.into_iter().take(count).collect()
}

/// The best plan of several orders; stops at one that costs what the bound says.
fn place(
    problem: &Problem,
    bound: &Bound,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Option<(Plan, Cost)>, SolveError> {
    let mut best: Option<(Plan, Cost)> = None;
    let mut queue = orders(problem);
    let mut tried: Vec<Vec<usize>> = Vec::new();
    while let Some(order) = queue.pop() {
        if tried.len() >= MOST_ORDERS || limits.is_over() {
            break;
        }
        if tried.contains(&order) {
            continue;
        }
        match in_order(problem, &order, strategy, limits)? {
            Ok(plan) => {
                let cost = cost(problem, &plan);
                let is_best = cost.0 == bound.0;
                if best.as_ref().is_none_or(|(_, known)| cost < *known) {
                    best = Some((plan, cost));
                }
                if is_best {
                    break;
                }
            }
            Err(stuck) if best.is_none() => {
                let mut next = order.clone();
                next.retain(|&index| index != stuck);
                next.insert(0, stuck);
                queue.push(next);
            }
            Err(_) => {}
        }
        tried.push(order);
    }
    Ok(best)
}

/// Orders to start from, the most promising last.
fn orders(problem: &Problem) -> Vec<Vec<usize>> {
    let requests = problem.requests();
    let given: Vec<usize> = (0..requests.len()).collect();
    let sorted = |key: &dyn Fn(&Request) -> (Policy, Reverse<u64>)| {
        let mut order = given.clone();
        order.sort_by_key(|&index| key(&requests[index]));
        order
    };
    let strictest_first = sorted(&|request| (request.policy, Reverse(request.leg_extents())));
    let longest_first = sorted(&|request| (Policy::Normal, Reverse(request.leg_extents())));
    let mut shortest_first = longest_first.clone();
    shortest_first.reverse();
    vec![
        shortest_first,
        given.clone(),
        longest_first,
        strictest_first,
    ]
}

/// The requests at their best one after another, or the first that does not fit.
fn in_order(
    problem: &Problem,
    order: &[usize],
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Result<Plan, usize>, SolveError> {
    let mut plan = Plan {
        allocations: vec![None; problem.requests().len()],
    };
    for &index in order {
        if limits.is_over() {
            return Ok(Err(index));
        }
        let part = alone(problem, index, Some(&plan));
        let answer = ask_rooms(&part, strategy, limits)?;
        match answer.plan() {
            Some(own) => plan.allocations[index].clone_from(&own.allocations[0]),
            None => return Ok(Err(index)),
        }
    }
    Ok(Ok(plan))
}

/// The problem with one request only, on what `taken` leaves.
fn alone(problem: &Problem, index: usize, taken: Option<&Plan>) -> Problem {
    let mut sources = problem.sources().to_vec();
    let mut gone = vec![Vec::new(); sources.len()];
    let allocations = taken
        .iter()
        .flat_map(|plan| plan.allocations.iter().flatten());
    for segment in allocations.flat_map(Allocation::segments) {
        gone[segment.source].push(segment.area);
    }
    for (source, gone) in sources.iter_mut().zip(gone) {
        if !gone.is_empty() {
            source.free = source.free.difference(&gone.into_iter().collect::<Areas>());
        }
    }
    let requests = vec![problem.requests()[index].clone()];
    Problem::new(sources, requests, problem.objective().to_vec())
        .expect("one request of a problem, on fewer free extents")
}
