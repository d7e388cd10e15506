//! Several requests of different kinds: each alone for the bound, one after another for a plan.
//!
//! What a request costs in company it could cost alone, so the sum of what each costs alone bounds
//! what they cost together, measure by measure, and what is impossible alone is impossible together.

mod again;
mod orders;

use crate::core::{
    Allocation, Answer, Areas, Bound, Limits, Method, Plan, Problem, StopReason, cost,
};
use crate::solve::{SolveError, Strategy, ask_rooms};

/// Requests up to which each of them is worth an integer program and an exact search without end.
const FEW_REQUESTS: usize = 8;
/// Nodes of the exact search for one of many requests, over the number of sources.
const NODES_OF_MANY: u64 = 1 << 16;
/// Requests asked for alone, over the number of sources, where no time limit says when to end.
const MOST_ASKED: usize = 1 << 18;

/// How often a request may still be asked for alone.
pub(crate) struct Work {
    left: usize,
}

impl Work {
    /// Whether once more is not too often.
    pub(crate) fn spend(&mut self, limits: &Limits<'_>) -> bool {
        let has_some = self.left > 0 && !limits.is_over();
        self.left = self.left.saturating_sub(1);
        has_some
    }
}

/// The best of some plans, with the bound of the requests alone; `known` is a plan.
pub(crate) fn plan(
    problem: &Problem,
    known: Option<&Plan>,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let is_few = problem.requests().len() <= FEW_REQUESTS;
    let each = Strategy {
        program: strategy.program.filter(|_| is_few),
        ..strategy.clone()
    };
    let sources = problem.sources().len().max(1);
    let nodes = if is_few {
        u64::MAX
    } else {
        (NODES_OF_MANY / sources as u64).max(64)
    };
    let limits = limits.with_nodes(nodes);
    let mut work = Work {
        left: match (limits.remaining)() {
            Some(_) => usize::MAX,
            None => MOST_ASKED / sources,
        },
    };
    let bound = match bound(problem, &each, &mut work, &limits)? {
        Ok(bound) => bound,
        Err(why) => return Ok(why),
    };
    let mut best = known.map(|plan| (plan.clone(), cost(problem, plan)));
    if let Some(found) = orders::place(problem, &bound, &each, &mut work, &limits)?
        && best.as_ref().is_none_or(|(_, known)| found.1 < *known)
    {
        best = Some(found);
    }
    let stopped = StopReason::MethodEnds;
    Ok(match best {
        None => Answer::Unknown { bound, stopped },
        Some((plan, _)) => {
            let plan = again::improved(problem, plan, &bound, &each, &mut work, &limits)?;
            Answer::Found {
                cost: cost(problem, &plan),
                plan,
                bound,
                method: Method::Candidates,
                stopped,
            }
        }
    })
}

/// What all requests cost at least, or the answer that one of them cannot be had at all.
fn bound(
    problem: &Problem,
    strategy: &Strategy,
    work: &mut Work,
    limits: &Limits<'_>,
) -> Result<Result<Bound, Answer>, SolveError> {
    // Half of the time and of the work, at most, is for the bound.
    let mut half = Work {
        left: work.left / 2,
    };
    work.left -= half.left;
    let kept = (limits.remaining)()
        .map(|left| left / 2)
        .unwrap_or_default();
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let limits = Limits {
        remaining: &remaining,
        ..*limits
    };
    let mut sum = vec![0; problem.objective().len()];
    for index in 0..problem.requests().len() {
        // Who is not asked costs nothing, which is a bound as well.
        if !half.spend(&limits) {
            break;
        }
        let own = match ask_rooms(&alone(problem, index, None), strategy, &limits)? {
            Answer::Impossible { why } => {
                return Ok(Err(Answer::Impossible {
                    why: why.with_requests(&[index]),
                }));
            }
            Answer::Best { cost, .. } => cost.0,
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => bound.0,
        };
        sum = added(&sum, &own);
    }
    work.left += half.left;
    Ok(Ok(Bound(summed(problem, sum))))
}

/// Sums of two lists of bounds. A measure that nothing is known of is at least 0.
fn added(sum: &[u64], own: &[u64]) -> Vec<u64> {
    let own = own.iter().chain(std::iter::repeat(&0));
    sum.iter().zip(own).map(|(sum, own)| sum + own).collect()
}

/// The leading measures for which what several requests cost is the sum of what each costs.
fn summed(problem: &Problem, sum: Vec<u64>) -> Vec<u64> {
    let objective = problem.objective().iter();
    let count = objective.take_while(|measure| measure.adds_up()).count();
    sum.into_iter().take(count).collect()
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
