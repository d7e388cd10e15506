//! As few intervals as possible: proof and layout in turn, until they meet.

use crate::core::Limits;
use crate::search::stripes::branch_and_bound::{Attempt, Refutation};
use crate::search::stripes::budget::Budget;
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::{beam, exchange};

/// The best layout found on the sources of `part`, and how few intervals are proven to be too few on
/// any `most_sources` sources of the whole pool: the first number that may be enough.
///
/// In each round proof and layout get more to work with: first the bound is raised as far as it goes,
/// then layouts of one interval less than the best are looked for.
pub(crate) fn fewest_intervals(
    pool: &Pool,
    part: &Pool,
    extents: u64,
    most_sources: usize,
    limits: &Limits<'_>,
) -> (Option<Vec<Interval>>, usize) {
    let Some(mut count) = promised(pool, extents, limits) else {
        return (None, 0);
    };
    let mut best = longest_first(part, extents, limits);
    let mut attempt = Attempt::of(pool, count, extents, most_sources);
    let mut budget = Budget::of(pool, count);
    loop {
        while best.as_ref().is_none_or(|best| best.len() > count) {
            match attempt.go_on(budget.boxes(), limits) {
                Refutation::Refuted => {
                    count += 1;
                    attempt = Attempt::of(pool, count, extents, most_sources);
                }
                Refutation::Packed(intervals) => best = Some(intervals),
                Refutation::Open => break,
            }
        }
        // One fewer at a time; more intervals than areas and legs together are never needed.
        let mut most = best
            .as_ref()
            .map_or(pool.lengths.len() + pool.legs + 1, Vec::len);
        while most > count && !limits.is_over() {
            let fewer = most - 1;
            let found = beam::search(part, fewer, extents, budget.width(), limits)
                .or_else(|| exchange::search(part, fewer, extents, budget.exchanges(), limits));
            let Some(intervals) = found else {
                break;
            };
            most = intervals.len();
            best = Some(intervals);
        }
        let is_met = best.as_ref().is_some_and(|best| best.len() == count);
        if is_met || !budget.grow(limits) {
            return (best, count);
        }
    }
}

/// The least number of intervals whose longest pieces have enough; `None` if time runs out, or none has.
fn promised(pool: &Pool, extents: u64, limits: &Limits<'_>) -> Option<usize> {
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
    Some(count)
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
