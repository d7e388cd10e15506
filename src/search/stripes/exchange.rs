//! Intervals exchanged a few at a time, until they are long enough together.
//!
//! Some intervals of a layout that falls short are taken back, and a narrow beam puts as many others in
//! their place that are longer together (Shaw, "Using constraint programming and local search methods to
//! solve vehicle routing problems", CP 1998: large neighbourhood search).

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::random::Random;
use crate::search::stripes::beam::{Taste, complete, longest_first};
use crate::search::stripes::pool::{Interval, Pool};

/// A layout of `count` intervals that has `extents`, if `rounds` of exchanges come upon one.
pub(crate) fn search(
    pool: &Pool,
    count: usize,
    extents: u64,
    rounds: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Interval>> {
    /// Exchanges tried in parallel; fixed, so that the layout does not depend on the threads.
    const PER_ROUND: u64 = 16;
    let mut left = pool.lengths.clone();
    let mut layout = longest_first(pool, &mut left, count, u64::MAX);
    for round in 0..rounds {
        let total = total(&layout);
        if total >= extents {
            return Some(layout);
        }
        if limits.is_over() {
            return None;
        }
        let candidates: Vec<u64> = (round * PER_ROUND..(round + 1) * PER_ROUND).collect();
        let found: Vec<Option<Vec<Interval>>> = candidates
            .into_par_iter()
            .map(|candidate| exchange(pool, &layout, count, extents, candidate, limits))
            .collect();
        let best = found.into_iter().flatten().enumerate();
        // The first of the longest; one that is as long as before moves on from it.
        let best = best.max_by_key(|(index, layout)| (self::total(layout), usize::MAX - index));
        if let Some((_, better)) = best {
            layout = better;
        }
    }
    (total(&layout) >= extents).then_some(layout)
}

/// Extents of the intervals together.
pub(crate) fn total(layout: &[Interval]) -> u64 {
    layout.iter().map(|interval| interval.length).sum()
}

/// The layout with some intervals exchanged, if that makes it no shorter.
fn exchange(
    pool: &Pool,
    layout: &[Interval],
    count: usize,
    extents: u64,
    candidate: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Interval>> {
    /// Width of the beam.
    const WIDTH: usize = 12;
    let mut random = Random::of(limits, candidate);
    let taken_back = (2 + random.position(4)).min(layout.len());
    let mut kept = layout.to_vec();
    for _ in 0..taken_back {
        kept.remove(random.position(kept.len()));
    }
    let mut left = pool.lengths.clone();
    for interval in &kept {
        for &area in &interval.areas {
            left[area] -= interval.length;
        }
    }
    let before = total(layout);
    let fixed = total(&kept);
    let rest = count - kept.len();
    let taste = Taste {
        percents: [100, 20 * random.below(6), 10],
        noise: Some(random.below(u64::MAX)),
    };
    // All that is missing, some of it, as much as before, or now and then a little less: the beam prunes
    // by what it is to reach.
    let missing = extents - before;
    let less = if random.below(4) == 0 { missing / 4 } else { 0 };
    let goals = [
        extents,
        before + missing.div_ceil(4),
        before + 1,
        before - less.min(before),
    ];
    for goal in goals {
        let goal = goal.max(fixed + 1) - fixed;
        let found = complete(pool, &left, (rest, goal), WIDTH, taste, limits);
        if let Some(found) = found {
            let mut now = kept;
            now.extend(found);
            stretch(pool, &mut now);
            return Some(now);
        }
    }
    None
}

/// Makes each interval as much longer as the areas that serve it allow.
pub(crate) fn stretch(pool: &Pool, layout: &mut [Interval]) {
    let mut left = pool.lengths.clone();
    for interval in layout.iter() {
        for &area in &interval.areas {
            left[area] -= interval.length;
        }
    }
    for interval in layout {
        let more = interval
            .areas
            .iter()
            .map(|&area| left[area])
            .min()
            .unwrap_or(0);
        interval.length += more;
        for &area in &interval.areas {
            left[area] -= more;
        }
    }
}
