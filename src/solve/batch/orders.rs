//! One request after another, each at its best in what the others leave; whoever does not fit moves to the
//! front and it is tried again ("squeaky wheel", Joslin and Clements 1999).

use std::cmp::Reverse;

use crate::core::{Bound, Cost, Limits, Plan, Policy, Problem, Request, cost};
use crate::solve::batch::{Work, alone};
use crate::solve::{SolveError, Strategy, ask_rooms};

/// Most orders in which the requests are placed, and requests placed in all of them.
const MOST_ORDERS: usize = 24;
const MOST_PLACED: usize = 400;

/// The best plan of several orders; stops at one that costs what the bound says.
pub(crate) fn place(
    problem: &Problem,
    bound: &Bound,
    strategy: &Strategy,
    work: &mut Work,
    limits: &Limits<'_>,
) -> Result<Option<(Plan, Cost)>, SolveError> {
    let mut best: Option<(Plan, Cost)> = None;
    let mut queue = orders(problem);
    let mut tried: Vec<Vec<usize>> = Vec::new();
    while let Some(order) = queue.pop() {
        let is_enough = (tried.len() + 1) * problem.requests().len() > MOST_PLACED;
        if tried.len() >= MOST_ORDERS || is_enough || limits.is_over() {
            break;
        }
        if tried.contains(&order) {
            continue;
        }
        match in_order(problem, &order, strategy, work, limits)? {
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
    work: &mut Work,
    limits: &Limits<'_>,
) -> Result<Result<Plan, usize>, SolveError> {
    let mut plan = Plan {
        allocations: vec![None; problem.requests().len()],
    };
    for &index in order {
        if !work.spend(limits) {
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
