//! Striped requests, where a cut in one leg cuts all: as few intervals as possible.
//!
//! An interval of length t takes t extents from one area on each of as many sources as there are legs.
//! An area can serve several intervals, a source serves an interval once. Layouts come from a beam,
//! proofs from boxes of lengths; both work on smaller and smaller numbers of intervals in turn until
//! they meet.

pub(crate) mod bands;
pub(crate) mod beam;
pub(crate) mod boxes;
pub(crate) mod cover;
pub(crate) mod exchange;
pub(crate) mod pool;
pub(crate) mod prices;
pub(crate) mod refute;
pub(crate) mod sources;

use crate::core::{
    Allocation, Answer, Area, Areas, Cuts, Limits, Measure, Method, Plan, Policy, Problem, Proof,
    Request, Segment, Separation, Size, StopReason, check, cost,
};
use crate::search::companions;
use crate::search::fewest::{self, Lengths};

use crate::search::intervals::pool::{Interval, Pool};
use crate::search::intervals::refute::{Attempt, Refutation};
use crate::search::slices::flow::{Shares, share};
use crate::search::slices::layout::{front, wrap_around};
use crate::search::verdict::{self, Lower};

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
        Shares::Stopped => return Some(verdict::unknown(StopReason::Time)),
    }
    let offers = problem.offered(request);
    let (legs, extents) = (request.legs(), request.leg_extents());
    let pool = Pool::of(&offers, legs, extents);
    let lengths: Vec<Lengths> = offers.iter().map(|(_, areas)| Lengths::of(areas)).collect();
    let needed = extents * legs as u64;
    let (least, _) = fewest::select(&lengths, extents, needed, problem.objective(), limits)?;
    let mut lower = Lower {
        sources: least.sources,
        ..Lower::default()
    };
    // Where nothing but a plan is asked for, the layout that there always is will do.
    let mut best = match problem.objective() {
        [Measure::Shortfall] => None,
        _ => search(&pool, extents, &mut lower, limits),
    };
    if let Some(intervals) = &mut best
        && lower.segments == intervals.len() as u64
    {
        fewer_sources(&pool, extents, intervals, &mut lower, limits);
    }
    if request.grows.is_some() {
        // All legs may go on where they ended, which saves one interval.
        lower = Lower {
            segments: lower.segments.saturating_sub(1),
            sources: lower.sources,
            ..Lower::default()
        };
    }
    let is_proven = best.is_some();
    let plans = [
        best.map(|intervals| pool.legs(&offers, &intervals, extents)),
        wrapped(&offers, legs, extents),
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
    let method = if is_proven {
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
    request.policy == Policy::Normal
        && request.separation() == Separation::Segment
        && request.cuts == Cuts::Together
        && request.legs() > 1
        && request.value.is_none()
        && matches!(request.size, Size::Exactly(_))
        && request.front_extents() == 0
        && request.avoid.is_empty()
        && request.partition_by_tags.is_empty()
}

/// The fewest intervals found, and into `lower` what is proven of their number.
///
/// In each round proof and layout get more to work with: first the bound is raised as far as it goes,
/// then layouts of fewer intervals are looked for, from the bound up.
fn search(
    pool: &Pool,
    extents: u64,
    lower: &mut Lower,
    limits: &Limits<'_>,
) -> Option<Vec<Interval>> {
    /// Boxes looked at in the first round, partial layouts kept; both grow fourfold a round.
    const FIRST: (u64, usize) = (1 << 9, 16);
    const GROWTH: u64 = 4;
    /// Rounds of exchanges in the first round.
    const EXCHANGES: u64 = 8;
    /// Rounds; the last looks at some hundred thousand boxes.
    const ROUNDS: u32 = 5;
    let cap = pool.longest_interval(&pool.lengths);
    let promises = |count: usize| pool.promise(&pool.lengths, count, cap) >= extents;
    let (mut short, mut count) = (0, 1);
    while !promises(count) {
        if limits.is_over() || count > pool.lengths.len() + pool.legs {
            return None;
        }
        (short, count) = (count, 2 * count);
    }
    while short + 1 < count {
        let middle = usize::midpoint(short, count);
        if promises(middle) {
            count = middle;
        } else {
            short = middle;
        }
    }
    let mut best = longest_first(pool, extents, limits);
    let mut attempt = Attempt::of(pool, count, extents);
    for round in 0..ROUNDS {
        let nodes = (FIRST.0 * GROWTH.pow(round)).min(limits.nodes);
        let width = FIRST.1 * usize::try_from(GROWTH.pow(round)).unwrap_or(usize::MAX);
        while best.as_ref().is_none_or(|best| best.len() > count) {
            match attempt.go_on(nodes, limits) {
                Refutation::Refuted => {
                    count += 1;
                    attempt = Attempt::of(pool, count, extents);
                }
                Refutation::Packed(intervals) => best = Some(intervals),
                Refutation::Open => break,
            }
        }
        lower.segments = count as u64;
        // One fewer at a time; more intervals than areas and legs together are never needed.
        let mut most = best
            .as_ref()
            .map_or(pool.lengths.len() + pool.legs + 1, Vec::len);
        while most > count && !limits.is_over() {
            let exchanges = EXCHANGES * GROWTH.pow(round);
            let found = beam::search(pool, most - 1, extents, width, limits)
                .or_else(|| exchange::search(pool, most - 1, extents, exchanges, limits));
            let Some(intervals) = found else {
                break;
            };
            most = intervals.len();
            best = Some(intervals);
        }
        if limits.is_over() || best.as_ref().is_some_and(|best| best.len() == count) {
            break;
        }
    }
    lower.segments = count as u64;
    best
}

/// Intervals as long as they can be, one after another, if that comes to enough.
fn longest_first(pool: &Pool, extents: u64, limits: &Limits<'_>) -> Option<Vec<Interval>> {
    let mut left = pool.lengths.clone();
    let mut intervals = Vec::new();
    let mut missing = extents;
    while missing > 0 {
        if limits.is_over() {
            return None;
        }
        let next = beam::longest_first(pool, &mut left, 1, missing).pop()?;
        missing -= next.length;
        intervals.push(next);
    }
    Some(intervals)
}

/// Replaces a layout of fewest intervals by one on fewer sources, as far as there is one; where all
/// sets of fewer sources are refuted, that is proven.
fn fewer_sources(
    pool: &Pool,
    extents: u64,
    intervals: &mut Vec<Interval>,
    lower: &mut Lower,
    limits: &Limits<'_>,
) {
    /// Sets of sources that are looked at for one number of sources.
    const MOST_SETS: usize = 1 << 8;
    /// Boxes for each of them, and partial layouts.
    const NODES: u64 = 1 << 11;
    const WIDTH: usize = 64;
    let count = intervals.len();
    let fewest = usize::try_from(lower.sources)
        .unwrap_or(usize::MAX)
        .max(pool.legs);
    lower.sources_with_least_segments = fewest as u64;
    'sizes: for size in fewest..pool.sources_of(intervals) {
        let Some(sets) = pool.sets(size, MOST_SETS) else {
            return;
        };
        let mut all_refuted = true;
        for set in sets {
            if limits.is_over() {
                return;
            }
            let part = pool.without_others(&set);
            if part.promise(&part.lengths, count, part.longest_interval(&part.lengths)) < extents {
                continue;
            }
            let found = match Attempt::of(&part, count, extents).go_on(NODES, limits) {
                Refutation::Refuted => continue,
                Refutation::Packed(found) => Some(found),
                Refutation::Open => beam::search(&part, count, extents, WIDTH, limits),
            };
            match found {
                Some(found) => {
                    *intervals = found;
                    break 'sizes;
                }
                None => all_refuted = false,
            }
        }
        if !all_refuted {
            // What is open here leaves nothing to prove further up.
            return;
        }
        lower.sources_with_least_segments = size as u64 + 1;
    }
}

/// The wrap-around layout: many intervals, but there is one whenever there is any.
fn wrapped(offers: &[(usize, Areas)], legs: usize, extents: u64) -> Option<Vec<Vec<Segment>>> {
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
