//! Striped requests, where a cut in one leg cuts all: as few intervals as possible.
//!
//! An interval of length t takes t extents from one area on each of as many sources as there are legs.
//! An area can serve several intervals, a source serves an interval once. A first layout takes the longest
//! interval behind which the rest has a layout, again and again; it is ruined and filled again, and a beam
//! looks for one interval less where intervals are few. Proofs count pieces as degrees, and then refute boxes
//! of lengths; layouts and proofs get more and more to work with in turn until they meet. Whether there is a
//! layout at all, and how few sources it needs, is known without either.

pub(crate) mod beam;
pub(crate) mod bin_completion;
pub(crate) mod branch_and_bound;
pub(crate) mod budget;
pub(crate) mod degrees;
pub(crate) mod domains;
pub(crate) mod fewer;
pub(crate) mod fewest;
pub(crate) mod longest_feasible;
pub(crate) mod node;
pub(crate) mod order;
pub(crate) mod pool;
pub(crate) mod prices_of_pieces;
pub(crate) mod quantised_bound;
pub(crate) mod question;
pub(crate) mod ruin;
pub(crate) mod sources;
pub(crate) mod thresholds;

use std::cmp::Reverse;

use crate::core::{
    Allocation, Answer, Area, Areas, Cuts, Limits, Measure, Method, Plan, Policy, Problem, Proof,
    Request, Segment, Separation, Size, StopReason, check, cost,
};
use crate::search::companions;
use crate::search::stripes::fewer::fewer_sources;
use crate::search::stripes::fewest::fewest_intervals;
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::thresholds::Thresholds;
use crate::search::verdict::{self, Lower};
use crate::search::wrap_around::flow::{Shares, share};
use crate::search::wrap_around::layout::{front, wrap_around};

/// Prices of pieces that say how few intervals a request has at the least, as far as degrees say it.
pub(crate) fn prices(
    problem: &Problem,
    request: &Request,
    limits: &Limits<'_>,
) -> Option<degrees::Priced> {
    let offers = problem.offered(request);
    let (legs, extents) = (request.legs(), request.leg_extents());
    if request.separation() == Separation::None {
        return None;
    }
    let pool = Pool::of(&offers, legs, extents);
    let thresholds = Thresholds::of(&pool, extents, limits);
    Some(degrees::best_prices(&pool, extents, &thresholds, limits))
}

/// Plans one striped request whose legs keep apart at every offset, or `None` if the problem is
/// something else.
pub(crate) fn plan(problem: &Problem, limits: &Limits<'_>) -> Option<Answer> {
    let [request] = problem.requests() else {
        return None;
    };
    if !takes(request) {
        return None;
    }
    match share(problem, limits) {
        Shares::Granted(_) => {}
        Shares::Refused(why) => return Some(Answer::Impossible { why }),
        Shares::Unstated => return Some(verdict::unknown(StopReason::MethodEnds)),
        Shares::Stopped => return Some(verdict::unknown(limits.ran_out())),
    }
    let offers = problem.offered(request);
    let (legs, extents) = (request.legs(), request.leg_extents());
    // The fewest sources: those with most to give. Any that have enough together will do.
    let chosen = fewest_sources(&offers, extents, extents * legs as u64)?;
    let mut lower = Lower {
        sources: chosen.len() as u64,
        ..Lower::default()
    };
    let pool = Pool::of(&offers, legs, extents);
    let intervals = search(
        problem.objective(),
        &pool,
        &chosen,
        extents,
        &mut lower,
        limits,
    );
    if request.grows.is_some() {
        // All legs may go on where they ended, which saves one interval.
        lower = Lower {
            segments: lower.segments.saturating_sub(1),
            sources: lower.sources,
            ..Lower::default()
        };
    }
    let is_searched = intervals.is_some();
    let fewest: Vec<&(usize, Areas)> = chosen.iter().map(|&index| &offers[index]).collect();
    let all: Vec<&(usize, Areas)> = offers.iter().collect();
    let plans = [
        intervals.map(|intervals| pool.legs(&offers, &intervals, extents)),
        wrapped(&fewest, legs, extents),
        // Companions may fit beside these legs only.
        wrapped(&all, legs, extents),
    ];
    let plans = plans.into_iter().flatten().map(|legs| Plan {
        allocations: vec![Some(Allocation {
            legs,
            ..Allocation::default()
        })],
    });
    let plan = plans
        .filter_map(|plan| companions::place(problem, plan))
        .filter(|plan| check(problem, plan).is_empty())
        .min_by_key(|plan| cost(problem, plan));
    let method = if is_searched {
        Method::Search
    } else {
        Method::Construction
    };
    Some(match plan {
        Some(plan) => verdict::judge(problem, plan, &lower, method, Proof::BoundMet),
        None => verdict::unknown(StopReason::MethodEnds),
    })
}

fn takes(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _, cuts,
        partition_by_tags, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid, value } = request;
    *policy == Policy::Normal
        && request.separation() == Separation::Segment
        && *cuts == Cuts::Together
        && request.legs() > 1
        && value.is_none()
        && matches!(size, Size::Exactly(_))
        && request.front_extents() == 0
        && avoid.is_empty()
        && partition_by_tags.is_empty()
}

/// The sources with most to give, until they have what is needed; `None` if they never do.
fn fewest_sources(offers: &[(usize, Areas)], extents: u64, needed: u64) -> Option<Vec<usize>> {
    let gives = |index: usize| offers[index].1.total().min(extents);
    let mut order: Vec<usize> = (0..offers.len()).collect();
    order.sort_by_key(|&index| (Reverse(gives(index)), index));
    let mut missing = needed;
    let is_needed = |index: &usize| {
        let is_missing = missing > 0;
        missing = missing.saturating_sub(gives(*index));
        is_missing
    };
    let mut chosen: Vec<usize> = order.into_iter().take_while(is_needed).collect();
    chosen.sort_unstable();
    (missing == 0).then_some(chosen)
}

/// A layout of few intervals on few sources, in the order of the objective, and into `lower` what is
/// proven of their numbers; nothing is looked for that the objective does not count.
fn search(
    objective: &[Measure],
    pool: &Pool,
    chosen: &[usize],
    extents: u64,
    lower: &mut Lower,
    limits: &Limits<'_>,
) -> Option<Vec<Interval>> {
    let position = |measure: Measure| objective.iter().position(|&counted| counted == measure);
    let segments = position(Measure::Segments)?;
    if position(Measure::Sources).is_some_and(|sources| sources < segments) {
        let part = pool.without_others(chosen);
        let (found, count) = fewest_intervals(pool, &part, extents, chosen.len(), limits);
        lower.segments_with_least_sources = count as u64;
        return found;
    }
    let counts_sources = position(Measure::Sources).is_some();
    // A part of the time is kept for the sources.
    let kept = (limits.remaining)()
        .filter(|_| counts_sources && chosen.len() < pool.sources.len())
        .map(|left| left / 4);
    let remaining =
        || (limits.remaining)().map(|left| left.saturating_sub(kept.unwrap_or_default()));
    let for_intervals = Limits {
        remaining: &remaining,
        ..*limits
    };
    let most_sources = pool.sources.len();
    let (mut found, count) = fewest_intervals(pool, pool, extents, most_sources, &for_intervals);
    lower.segments = count as u64;
    if counts_sources && let Some(intervals) = &mut found {
        let is_proven = intervals.len() == count;
        let least = fewer_sources(pool, extents, intervals, chosen.len(), limits);
        if is_proven {
            lower.sources_with_least_segments = least as u64;
        }
    }
    found
}

/// The wrap-around layout: many intervals, but there is one whenever there is any.
fn wrapped(offers: &[&(usize, Areas)], legs: usize, extents: u64) -> Option<Vec<Vec<Segment>>> {
    let mut missing = extents * legs as u64;
    let mut stretches = Vec::new();
    for (source, areas) in offers {
        let areas: Vec<Area> = areas.iter().collect();
        let stretch = front(*source, &areas, extents.min(missing));
        missing -= stretch
            .iter()
            .map(|segment| segment.area.count())
            .sum::<u64>();
        stretches.extend(stretch);
    }
    (missing == 0).then(|| wrap_around(&stretches, extents))
}
