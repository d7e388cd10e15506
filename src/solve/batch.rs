//! The bound of several requests: what each costs alone.
//!
//! What a request costs in company it could cost alone, so the sum of what each costs alone bounds
//! what they cost together, measure by measure, and what is impossible alone is impossible together.

use crate::core::{Answer, Bound, Limits, Problem, StopReason};
use crate::solve::{SolveError, Strategy};

/// Requests up to which each of them is worth an integer program and an exact search without end.
const FEW_REQUESTS: usize = 8;
/// Nodes of the exact search for one of many requests, over the number of sources.
const NODES_OF_MANY: u64 = 1 << 16;
/// Requests asked for alone, over the number of sources.
const MOST_ASKED: usize = 1 << 17;

/// An answer without a plan: a bound, or why one of the requests cannot be had at all; `ask` is asked about
/// each alone.
pub(crate) fn bound(
    problem: &Problem,
    strategy: &Strategy,
    ask: fn(&Problem, &Strategy, &Limits<'_>) -> Result<Answer, SolveError>,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let is_few = problem.requests().len() <= FEW_REQUESTS;
    let each = Strategy {
        greedy: None,
        program: strategy.program.filter(|_| is_few),
        ..strategy.clone()
    };
    let sources = problem.sources().len().max(1);
    let nodes = if is_few {
        u64::MAX
    } else {
        (NODES_OF_MANY / sources as u64).max(64)
    };
    // A third of the time at most: plans have to be looked for, too.
    let kept = (limits.remaining)()
        .map(|left| left - left / 3)
        .unwrap_or_default();
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let limits = Limits {
        remaining: &remaining,
        ..limits.with_nodes(nodes)
    };
    let mut sum = vec![0; problem.objective().len()];
    // Who is not asked costs nothing, which is a bound as well.
    for index in 0..problem.requests().len().min(MOST_ASKED / sources) {
        if limits.is_over() {
            break;
        }
        let own = match ask(&alone(problem, index), &each, &limits)? {
            Answer::Impossible { why } => {
                return Ok(Answer::Impossible {
                    why: why.with_requests(&[index]),
                });
            }
            Answer::Best { cost, .. } => cost.0,
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => bound.0,
        };
        sum = added(&sum, &own);
    }
    Ok(Answer::Unknown {
        bound: Bound(summed(problem, sum)),
        stopped: StopReason::MethodEnds,
    })
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

/// The problem with one request only.
fn alone(problem: &Problem, index: usize) -> Problem {
    let requests = vec![problem.requests()[index].clone()];
    let alone = problem.with_requests(requests, problem.objective().to_vec());
    alone.expect("one request of a problem")
}
