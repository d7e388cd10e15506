//! A better bound and a better plan, where the first of each do not meet.

use crate::core::{
    Answer, Cost, Limits, Measure, Method, Plan, Problem, Proof, Request, check, cost,
};
use crate::search::bin_covering::covering::{Covering, lead};
use crate::search::bin_covering::fewest_areas::Gap;
use crate::search::bin_covering::layout::{layout, selected};
use crate::search::bin_covering::profiles;
use crate::search::bin_covering::second_measure;
use crate::search::bin_covering::select::{MANY, SOME, Selections, Tried};
use crate::search::bin_covering::{gains_of, sources_of};
use crate::search::verdict::{self, Lower};

/// Most gains for which every selection is tried.
const MOST_EXACT: usize = 400;
/// Rounds that are made before every selection is tried.
const FIRST_ROUNDS: u64 = 4;

/// A better answer than the plan and the bound, if there is one within the limits.
pub(crate) fn closer(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    plan: Plan,
    mut lower: Lower,
    limits: &Limits<'_>,
) -> Answer {
    let counts_sources = lead(problem.objective()) == Some(Measure::Sources);
    let mut best = Best {
        cost: cost(problem, &plan),
        plan,
        method: Method::Candidates,
    };
    let known = (gains_of(problem, &best.plan), sources_of(&best.plan));
    if let profiles::Outcome::Bounded(few) =
        profiles::fewest(covering, Some(known), !counts_sources, limits)
    {
        if let Some((_, legs)) = &few.best {
            best.offer(problem, request, covering, legs);
        }
        raise(problem, request, &mut lower, &few);
        let plan = best.plan.clone();
        let answer = verdict::judge(problem, plan, &lower, best.method, Proof::Exhausted);
        if matches!(answer, Answer::Best { .. }) {
            return answer;
        }
    }
    best.take(second_measure::closer(
        problem,
        request,
        covering,
        (&best.cost, &best.plan),
        &mut lower,
        limits,
    ));
    if verdict::bound(problem, &lower).0 == best.cost.0 {
        return verdict::judge(problem, best.plan, &lower, best.method, Proof::BoundMet);
    }
    let least = if counts_sources {
        lower.sources
    } else {
        lower.segments
    };
    let known = (gains_of(problem, &best.plan), covering.legs_of(&best.plan));
    let mut gap = Gap::new(covering, known, least, limits);
    gap.close(FIRST_ROUNDS);
    let mut proven_sources = 0;
    let most = usize::try_from(gap.best().0).unwrap_or(usize::MAX);
    if most <= MOST_EXACT
        && let Some(selections) = Selections::new(covering, most, limits)
    {
        let items = covering.items.len();
        // Fewer gains first, then as many gains on fewer items.
        while gap.least() < gap.best().0
            && let Ok(gains) = usize::try_from(gap.least())
        {
            match selections.try_all(gains, items, SOME, limits) {
                Tried::None => gap.raise(gap.least() + 1),
                Tried::Open => break,
                Tried::Found(legs) => gap.take((gap.least(), legs)),
            }
        }
        gap.close(u64::MAX);
        best.offer(problem, request, covering, &gap.best().1);
        if gap.least() == gap.best().0 {
            let fewer = fewer_items(problem, request, covering, &selections, &mut best, limits);
            if request.partition_by_tags.is_empty() && !counts_sources {
                proven_sources = fewer;
            }
        }
    } else {
        gap.close(u64::MAX);
        best.offer(problem, request, covering, &gap.best().1);
    }
    let fewest = gap.least();
    let proof = if gap.is_exhausted() {
        Proof::Exhausted
    } else {
        Proof::BoundMet
    };
    if counts_sources {
        if fewest > lower.sources {
            lower.segments_with_least_sources = lower.segments;
        }
        lower.sources = fewest;
    } else {
        // What held for the fewest segments by sums does not hold for more of them.
        if fewest > lower.segments {
            lower.sources_with_least_segments = lower.sources;
        }
        lower.sources_with_least_segments = lower.sources_with_least_segments.max(proven_sources);
        lower.segments = fewest;
    }
    best.take(second_measure::closer(
        problem,
        request,
        covering,
        (&best.cost, &best.plan),
        &mut lower,
        limits,
    ));
    verdict::judge(problem, best.plan, &lower, best.method, proof)
}

/// Fewer items for as many gains as `best` has; how many items there are at the least.
fn fewer_items(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    selections: &Selections<'_>,
    best: &mut Best,
    limits: &Limits<'_>,
) -> u64 {
    let legs = covering.legs_of(&best.plan);
    let gains = selected(covering, &legs).iter().sum();
    let Some(least) = selections.fewest_items(gains) else {
        return 0;
    };
    for used in least..legs.iter().map(Vec::len).sum() {
        match selections.try_all(gains, used, MANY, limits) {
            Tried::None => {}
            Tried::Found(legs) => {
                best.offer(problem, request, covering, &legs);
                return used as u64;
            }
            Tried::Open => return used as u64,
        }
    }
    sources_of(&best.plan)
}

/// The best plan so far.
struct Best {
    cost: Cost,
    plan: Plan,
    method: Method,
}

impl Best {
    /// Takes a plan that is known to be right and to cost less.
    fn take(&mut self, better: Option<(Cost, Plan, Method)>) {
        if let Some((cost, plan, method)) = better {
            *self = Best { cost, plan, method };
        }
    }

    /// Takes the plan in which the legs have these items, if it is right and costs less.
    fn offer(
        &mut self,
        problem: &Problem,
        request: &Request,
        covering: &Covering,
        legs: &[Vec<usize>],
    ) {
        let selection = selected(covering, legs);
        let Some(plan) = layout(problem, request, covering, &selection, legs) else {
            return;
        };
        let cost = cost(problem, &plan);
        if cost < self.cost && check(problem, &plan).is_empty() {
            *self = Best {
                cost,
                plan,
                method: Method::Search,
            };
        }
    }
}

/// Raises bounds to what counting profiles has proven.
pub(crate) fn raise(
    problem: &Problem,
    request: &Request,
    lower: &mut Lower,
    few: &profiles::Fewest,
) {
    // What held for the fewest by sums does not hold for more of them.
    if lead(problem.objective()) == Some(Measure::Sources) {
        if few.areas > lower.sources {
            lower.segments_with_least_sources = lower.segments;
        }
        lower.sources = lower.sources.max(few.areas);
        return;
    }
    if few.areas > lower.segments {
        lower.sources_with_least_segments = lower.sources;
    }
    lower.segments = lower.segments.max(few.areas);
    if request.partition_by_tags.is_empty() && few.areas == lower.segments {
        lower.sources_with_least_segments = lower
            .sources_with_least_segments
            .max(few.items_with_least_areas);
    }
}
