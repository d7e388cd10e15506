//! Branch and bound over the kinds of sources that join tags: each of them may be used, or is not.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::{
    Answer, Conflict, Cost, Limits, Measure, Method, Plan, Problem, Request, StopReason, check,
    cost,
};
use crate::search::bin_covering::assign::assign;
use crate::search::bin_covering::counts::gains_of;
use crate::search::bin_covering::covering::{Covering, lead};
use crate::search::bin_covering::decide::{self, Decided};
use crate::search::bin_covering::improve;
use crate::search::bin_covering::layout::{layout, selected};
use crate::search::bin_covering::selections::{offers, sizes, widened};
use crate::search::bin_covering::tags::{Kinds, Use};
use crate::search::fewest;
use crate::search::tradeoff::Selection;
use crate::search::verdict::{Lower, open};

/// Cases that are kept at once.
const MOST_CASES: usize = 1 << 16;

/// What is decided in a case, and a number of gains that no layout of it goes below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    least: u64,
    /// Decisions so far; of cases with the same bound the one with most is looked at first.
    depth: Reverse<usize>,
    decided: Vec<Use>,
}

/// What looking at a case came to.
enum Looked {
    /// It has no layout.
    Nothing,
    /// Its layouts have at least so many gains; one of them, which may break the partition.
    Bounded(u64, Option<Plan>),
}

/// Plans a request with kinds that join tags.
pub(crate) fn plan(
    problem: &Problem,
    request: &Request,
    kinds: &Kinds,
    start: Option<&Plan>,
    limits: &Limits<'_>,
) -> Answer {
    let mut cases = BinaryHeap::from([Reverse(Case {
        least: 0,
        depth: Reverse(0),
        decided: kinds.undecided(),
    })]);
    let mut best = start.map(|plan| (cost(problem, plan), plan.clone()));
    let mut nodes = 0;
    // What is known of cases that were given up.
    let mut given_up: Option<u64> = None;
    let mut stopped = StopReason::MethodEnds;
    while let Some(Reverse(case)) = cases.pop() {
        let known = best
            .as_ref()
            .map_or(u64::MAX, |(_, plan)| gains_of(problem, plan));
        if case.least >= known {
            break;
        }
        let is_over = limits.is_over();
        let has_nodes = limits.allow_nodes(nodes + 1);
        if is_over || !has_nodes || cases.len() >= MOST_CASES {
            stopped = match (is_over, !has_nodes) {
                (true, _) => limits.ran_out(),
                (false, true) => StopReason::Nodes,
                (false, false) => StopReason::Memory,
            };
            // The case with the least bound comes first, so it bounds all that are left.
            given_up = Some(given_up.map_or(case.least, |least| least.min(case.least)));
            break;
        }
        nodes += 1;
        let covering = Covering::of(problem, request, &kinds.groups_with(&case.decided));
        let (least, found) = match look(problem, request, &covering, known, limits) {
            Looked::Nothing => continue,
            Looked::Bounded(least, found) => (least.max(case.least), found),
        };
        let mut is_settled = false;
        if let Some(plan) = &found
            && check(problem, plan).is_empty()
        {
            is_settled = gains_of(problem, plan) == least;
            let cost = cost(problem, plan);
            if best.as_ref().is_none_or(|(held, _)| cost < *held) {
                best = Some((cost, plan.clone()));
            }
        }
        if is_settled {
            continue;
        }
        let Some(kind) = kinds.next(problem, request, &case.decided, found.as_ref()) else {
            given_up = Some(given_up.map_or(least, |held| held.min(least)));
            continue;
        };
        for decision in [Use::Joined, Use::Without] {
            let mut decided = case.decided.clone();
            decided[kind] = decision;
            cases.push(Reverse(Case {
                least,
                depth: Reverse(case.depth.0 + 1),
                decided,
            }));
        }
    }
    concluded(problem, request, best, (given_up, nodes, stopped), limits)
}

fn concluded(
    problem: &Problem,
    request: &Request,
    best: Option<(Cost, Plan)>,
    (given_up, nodes, stopped): (Option<u64>, u64, StopReason),
    limits: &Limits<'_>,
) -> Answer {
    let lower = |gains: u64| {
        let legs = request.legs() as u64;
        if lead(problem.objective()) == Some(Measure::Sources) {
            Lower {
                segments: legs,
                sources: gains,
                ..Lower::default()
            }
        } else {
            Lower {
                segments: gains,
                sources: legs,
                ..Lower::default()
            }
        }
    };
    match (best, given_up) {
        (Some((_, plan)), given_up) => {
            let known = gains_of(problem, &plan);
            let least = given_up.map_or(known, |least| least.min(known));
            improve::closer(problem, request, plan, Method::Search, lower(least), limits)
        }
        (None, Some(least)) => open(problem, &lower(least), stopped),
        (None, None) => Answer::Impossible {
            why: Conflict::Exhausted { nodes },
        },
    }
}

/// The fewest gains of a case, as far as it matters: not past `known`.
fn look(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    known: u64,
    limits: &Limits<'_>,
) -> Looked {
    let offers = offers(covering);
    let all = covering.needed * covering.legs as u64;
    let Some(least) = fewest::fewest_gains(&offers, covering.needed, all) else {
        return Looked::Nothing;
    };
    if least >= known {
        return Looked::Bounded(least, None);
    }
    let share = |selection: &Selection| {
        assign(
            &sizes(covering, selection),
            covering.legs,
            covering.needed,
            limits,
        )
    };
    let gains = usize::try_from(least).unwrap_or(usize::MAX);
    let mut legs = widened(covering, &offers, gains, limits, share);
    if legs.is_none() {
        let whole: Vec<usize> = covering.items.iter().map(|item| item.gains.len()).collect();
        let sizes = sizes(covering, &whole);
        let (legs_wanted, needed) = (covering.legs, covering.needed);
        match decide::share(&sizes, legs_wanted, needed, limits) {
            Decided::Found(found) => legs = Some(found),
            Decided::Priced(_) | Decided::None { .. } => return Looked::Nothing,
            Decided::Stopped(_) => {}
        }
    }
    let Some(legs) = legs else {
        return Looked::Bounded(least, None);
    };
    let found = layout(
        problem,
        request,
        covering,
        &selected(covering, &legs),
        &legs,
    );
    Looked::Bounded(least, found)
}
