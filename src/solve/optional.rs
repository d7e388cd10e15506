//! Optional requests: which of them are placed?
//!
//! Choices are tried in the order of the value that they leave out. The first that is not ruled out bounds
//! that value for every plan, and all that leave out as much together bound the rest of the objective. What
//! does not fit does not fit with more requests either.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::core::{Answer, Bound, Limits, Measure, Problem};
use crate::search::{self, Effort};
use crate::solve::SolveError;
use crate::solve::series::Ask;
use crate::solve::state::State;

/// Most choices that are looked at before the best so far is given. Each that is not ruled out by another
/// is a problem of its own.
const MOST_CHOICES: usize = 4096;

/// The answer for a problem whose objective starts with [`Measure::Unserved`]; `searches` says whether the
/// search may be asked of the whole.
pub(crate) fn solve(
    problem: &Problem,
    searches: bool,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let mut state = State::default();
    let mut never: Vec<BTreeSet<usize>> = Vec::new();
    let mut least = Least::default();
    let mut at_least = 0;
    if searches {
        // A quarter of the time for a plan by local search, which knows of values.
        let others = (limits.remaining)()
            .map(|left| left - left / 4)
            .unwrap_or_default();
        let remaining = || (limits.remaining)().map(|left| left.saturating_sub(others));
        let first_quarter = Limits {
            remaining: &remaining,
            ..*limits
        };
        let answer = search::improve(
            problem,
            None,
            &Bound::default(),
            Effort::Whole,
            &first_quarter,
        );
        state.take_plan(problem, answer, None);
        let answer = search::bound(problem, state.plan(), state.bound(), limits);
        let bound = answer.lower_bound();
        at_least = bound.0.first().copied().unwrap_or(0);
        state.raise(bound);
    }
    // Half of the time is kept for a plan by simpler means, as long as there is none.
    let kept = (limits.remaining)().unwrap_or_default() / 2;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let first_half = Limits {
        remaining: &remaining,
        ..*limits
    };
    for (looked_at, choice) in choices(problem).enumerate() {
        // Every choice that leaves out less, or as little as the best, was looked at.
        if state.cost().is_some_and(|cost| cost.0[0] < choice.unserved) {
            break;
        }
        let limits = if state.plan().is_none() {
            &first_half
        } else {
            limits
        };
        if looked_at >= MOST_CHOICES || limits.is_over() {
            least.is_at_least(choice.unserved, Bound::default());
            break;
        }
        let is_too_little = choice.unserved < at_least;
        if is_too_little || never.iter().any(|set| set.is_subset(&choice.placed)) {
            continue;
        }
        let answer = ask(&part(problem, &choice.placed), limits)?;
        if let Answer::Impossible { why } = answer {
            let is_required = |&index: &usize| problem.requests()[index].value.is_none();
            if choice.placed.iter().all(is_required) {
                return Ok(Answer::Impossible {
                    why: why.with_requests(&choice.kept()),
                });
            }
            never.push(choice.placed);
            continue;
        }
        least.is_at_least(choice.unserved, answer.lower_bound());
        state.take_plan(problem, answer, Some(&choice.kept()));
    }
    if state.plan().is_none() {
        one_by_one(problem, &mut state, ask, limits)?;
    }
    state.raise(least.bound(problem));
    Ok(state.answer())
}

/// The least value that may be left out, and a bound for the rest of the objective at that value.
#[derive(Default)]
struct Least(Option<(u64, Bound)>);

impl Least {
    /// Takes in a choice that is not ruled out, after all that leave out less. `rest` bounds the
    /// measures behind the value.
    fn is_at_least(&mut self, unserved: u64, rest: Bound) {
        match &mut self.0 {
            None => self.0 = Some((unserved, rest)),
            // An entry of a bound holds where those before it are met, so the lower list bounds both.
            Some((least, known)) if *least == unserved && rest < *known => *known = rest,
            Some(_) => {}
        }
    }

    fn bound(self, problem: &Problem) -> Bound {
        let Some((unserved, rest)) = self.0 else {
            return Bound::default();
        };
        let behind = problem.objective().len() - 1;
        let values = std::iter::once(unserved).chain(rest.0.into_iter().take(behind));
        Bound(values.collect())
    }
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
    state: &mut State,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    let requests = problem.requests();
    let required = (0..requests.len()).filter(|&index| requests[index].value.is_none());
    let mut placed: BTreeSet<usize> = required.collect();
    let mut optional: Vec<usize> = (0..requests.len())
        .filter(|index| !placed.contains(index))
        .collect();
    optional.sort_by_key(|&index| Reverse(requests[index].value));
    for added in std::iter::once(None).chain(optional.into_iter().map(Some)) {
        let mut trial = placed.clone();
        trial.extend(added);
        let answer = ask(&part(problem, &trial), limits)?;
        if answer.plan().is_some() {
            let kept: Vec<usize> = trial.iter().copied().collect();
            state.take_plan(problem, answer, Some(&kept));
            placed = trial;
        }
        if limits.is_over() {
            break;
        }
    }
    Ok(())
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
    problem
        .with_requests(requests.collect(), objective)
        .expect("a part of a problem is one")
}
