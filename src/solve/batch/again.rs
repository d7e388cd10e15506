//! A plan made better: each request gives up its place and looks for its best in what the others leave.

use crate::core::{Bound, Limits, Plan, Problem, cost};
use crate::solve::batch::{Work, alone};
use crate::solve::{SolveError, Strategy, ask_rooms};

/// How often each request is placed again at most.
const MOST_PASSES: usize = 4;

/// The plan after some passes over the requests, or once a pass does not help.
pub(crate) fn improved(
    problem: &Problem,
    mut plan: Plan,
    bound: &Bound,
    strategy: &Strategy,
    work: &mut Work,
    limits: &Limits<'_>,
) -> Result<Plan, SolveError> {
    let count = problem.requests().len();
    let mut best = cost(problem, &plan);
    for _ in 0..MOST_PASSES {
        let before = best.clone();
        for index in 0..count {
            if best.0 == bound.0 || !work.spend(limits) {
                return Ok(plan);
            }
            let own = plan.allocations[index].take();
            let part = alone(problem, index, Some(&plan));
            let found = ask_rooms(&part, strategy, limits)?;
            if let Some(found) = found.plan() {
                plan.allocations[index].clone_from(&found.allocations[0]);
                let now = cost(problem, &plan);
                if now < best {
                    best = now;
                    continue;
                }
            }
            plan.allocations[index] = own;
        }
        if best == before {
            break;
        }
    }
    Ok(plan)
}
