//! As few intervals as possible: proof and layout in turn, until they meet.

use crate::core::Limits;
use crate::search::stripes::beam;
use crate::search::stripes::branch_and_bound::{Attempt, Refutation};
use crate::search::stripes::budget::Budget;
use crate::search::stripes::degrees;
use crate::search::stripes::order::Order;
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::ruin::Ruins;
use crate::search::stripes::thresholds::Thresholds;

/// The best layout found on the sources of `part`, and how few intervals are proven to be too few on
/// any `most_sources` sources of the whole pool: the first number that may be enough.
///
/// In each round proof and layout get more to work with: first the bound is raised as far as it goes,
/// then layouts of fewer intervals than the best are looked for.
pub(crate) fn fewest_intervals(
    pool: &Pool,
    part: &Pool,
    extents: u64,
    most_sources: usize,
    limits: &Limits<'_>,
) -> (Option<Vec<Interval>>, usize) {
    /// Intervals times areas past which a beam is slow, and ruins are better.
    const MOST_IN_BEAM: usize = 1 << 14;
    let thresholds = Thresholds::of(pool, extents, limits);
    let counted = degrees::least_intervals(pool, extents, &thresholds, limits);
    let mut count = counted.max(thresholds.least_intervals());
    let mut ruins = Ruins::of(part, extents, limits);
    let mut attempt = Attempt::of(pool, count, extents, most_sources, Order::Sources);
    let mut budget = Budget::of(pool, count);
    while ruins.best().is_none_or(|best| best.len() > count) {
        ruins.go_on(count, budget.rounds(), limits);
        let most = ruins.best().map_or(0, Vec::len);
        if most > count && most * part.lengths.len() <= MOST_IN_BEAM {
            let found = beam::search(part, most - 1, extents, budget.width(), limits);
            found.into_iter().for_each(|found| ruins.learn(found));
        }
        while ruins.best().is_none_or(|best| best.len() > count) {
            match attempt.go_on(budget.boxes(), limits) {
                Refutation::Refuted => {
                    count += 1;
                    attempt = Attempt::of(pool, count, extents, most_sources, Order::Sources);
                }
                Refutation::Packed(intervals) => return (Some(intervals), count),
                Refutation::Open => break,
            }
        }
        if !budget.grow(limits) {
            break;
        }
    }
    (ruins.into_best(), count)
}
