//! Optional requests: which of them are placed?
//!
//! Choices are tried in the order of the value that they leave out. The first that fits is the best
//! in that measure, and among those that leave out as much the rest of the objective decides. What
//! does not fit does not fit with more requests either.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::core::{Answer, Bound, Cost, Limits, Measure, Problem, Proof, StopReason, cost};
use crate::solve::{SolveError, Strategy, ask, widened};

/// Most choices that are tried before the best so far is given. Each is a problem of its own.
const MOST_CHOICES: usize = 4096;

/// The answer for a problem whose objective starts with [`Measure::Unserved`].
pub(crate) fn solve(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let mut found: Option<Answer> = None;
    let mut bound = Bound(vec![0]);
    let mut is_proven = true;
    let mut stopped = StopReason::MethodEnds;
    let mut never: Vec<BTreeSet<usize>> = Vec::new();
    for (tried, choice) in choices(problem).enumerate() {
        let best = found.as_ref().and_then(Answer::cost);
        if best.is_some_and(|cost| cost.0[0] < choice.unserved) {
            break;
        }
        if never.iter().any(|set| set.is_subset(&choice.placed)) {
            continue;
        }
        if tried >= MOST_CHOICES || limits.is_over() {
            is_proven = false;
            if found.is_none() {
                found = one_by_one(problem, strategy, limits)?;
                bound = Bound(vec![choice.unserved]);
            }
            break;
        }
        let answer = ask(&part(problem, &choice.placed), strategy, limits)?;
        match answer {
            Answer::Impossible { why } => {
                if choice
                    .placed
                    .iter()
                    .all(|&index| problem.requests()[index].value.is_none())
                {
                    // Without any optional request the required ones do not fit.
                    return Ok(Answer::Impossible {
                        why: why.with_requests(&choice.kept()),
                    });
                }
                never.push(choice.placed);
            }
            Answer::Unknown { stopped: why, .. } => {
                if is_proven && found.is_none() {
                    bound = Bound(vec![choice.unserved]);
                }
                is_proven = false;
                stopped = why;
            }
            Answer::Best { ref plan, .. } | Answer::Found { ref plan, .. } => {
                let plan = widened(problem, plan.clone(), &choice.kept());
                let cost = cost(problem, &plan);
                let is_first = found.is_none();
                if is_proven && is_first {
                    bound = Bound(vec![choice.unserved]);
                }
                if let Answer::Found { stopped: why, .. } = &answer {
                    is_proven = false;
                    stopped = *why;
                }
                let known = found.as_ref().and_then(Answer::cost);
                if known.is_none_or(|known: &Cost| cost < *known) {
                    found = Some(rewritten(answer, plan, cost));
                }
            }
        }
    }
    Ok(match found {
        Some(
            Answer::Best {
                plan, cost, method, ..
            }
            | Answer::Found {
                plan, cost, method, ..
            },
        ) => {
            if is_proven {
                Answer::Best {
                    plan,
                    cost,
                    method,
                    proof: Proof::Exhausted,
                }
            } else {
                Answer::Found {
                    plan,
                    cost,
                    bound,
                    method,
                    stopped,
                }
            }
        }
        Some(Answer::Impossible { .. } | Answer::Unknown { .. }) | None => {
            Answer::Unknown { bound, stopped }
        }
    })
}

/// A set of requests to place.
struct Choice {
    /// Indices of the requests that are placed, required ones included.
    placed: BTreeSet<usize>,
    /// Sum of the values of the others.
    unserved: u64,
}

impl Choice {
    fn kept(&self) -> Vec<usize> {
        self.placed.iter().copied().collect()
    }
}

/// Every choice, by the value that it leaves out; of equals the one that leaves out fewer and later
/// requests first.
fn choices(problem: &Problem) -> impl Iterator<Item = Choice> + '_ {
    let mut optional: Vec<(u64, usize)> = problem
        .requests()
        .iter()
        .enumerate()
        .filter_map(|(index, request)| Some((request.value?, index)))
        .collect();
    optional.sort_by_key(|&(value, index)| (value, Reverse(index)));
    // Subsets to leave out, as ascending positions in `optional`. Each has two successors: with its
    // last position moved on, and with one more behind it. Neither is worth less, and every subset
    // is reached once.
    let mut heap: BinaryHeap<Reverse<(u64, Vec<usize>)>> = BinaryHeap::new();
    heap.push(Reverse((0, Vec::new())));
    std::iter::from_fn(move || {
        let Reverse((unserved, left_out)) = heap.pop()?;
        let next = left_out.last().map_or(0, |last| last + 1);
        if let Some(&(value, _)) = optional.get(next) {
            let mut longer = left_out.clone();
            longer.push(next);
            heap.push(Reverse((unserved + value, longer)));
            if let Some(&last) = left_out.last() {
                let mut moved = left_out.clone();
                moved.pop();
                moved.push(next);
                heap.push(Reverse((unserved - optional[last].0 + value, moved)));
            }
        }
        let out: BTreeSet<usize> = left_out.iter().map(|&at| optional[at].1).collect();
        let all = 0..problem.requests().len();
        Some(Choice {
            placed: all.filter(|index| !out.contains(index)).collect(),
            unserved,
        })
    })
}

/// A plan without a proof: required requests, then the optional ones by falling value, each kept if
/// everything still fits.
fn one_by_one(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Option<Answer>, SolveError> {
    let requests = problem.requests();
    let required = (0..requests.len()).filter(|&index| requests[index].value.is_none());
    let mut placed: BTreeSet<usize> = required.collect();
    let mut optional: Vec<usize> = (0..requests.len())
        .filter(|index| !placed.contains(index))
        .collect();
    optional.sort_by_key(|&index| Reverse(requests[index].value));
    let mut best = None;
    for added in std::iter::once(None).chain(optional.into_iter().map(Some)) {
        let mut trial = placed.clone();
        trial.extend(added);
        let answer = ask(&part(problem, &trial), strategy, limits)?;
        if let Some(plan) = answer.plan() {
            let kept: Vec<usize> = trial.iter().copied().collect();
            let plan = widened(problem, plan.clone(), &kept);
            let cost = cost(problem, &plan);
            best = Some(rewritten(answer, plan, cost));
            placed = trial;
        }
        if limits.is_over() {
            break;
        }
    }
    Ok(best)
}

/// The problem with only these requests, all of them required.
fn part(problem: &Problem, placed: &BTreeSet<usize>) -> Problem {
    let requests = placed.iter().map(|&index| {
        let mut request = problem.requests()[index].clone();
        request.value = None;
        request
    });
    let rest = problem.objective().iter().copied();
    let rest: Vec<Measure> = rest.filter(|&m| m != Measure::Unserved).collect();
    let objective = if rest.is_empty() {
        vec![Measure::Unserved]
    } else {
        rest
    };
    Problem::new(problem.sources().to_vec(), requests.collect(), objective)
        .expect("a part of a problem is one")
}

/// The answer of a part with the plan and cost of the whole.
fn rewritten(answer: Answer, plan: crate::core::Plan, cost: Cost) -> Answer {
    match answer {
        Answer::Best { method, proof, .. } => Answer::Best {
            plan,
            cost,
            method,
            proof,
        },
        Answer::Found {
            bound,
            method,
            stopped,
            ..
        } => Answer::Found {
            plan,
            cost,
            bound,
            method,
            stopped,
        },
        Answer::Impossible { .. } | Answer::Unknown { .. } => answer,
    }
}
