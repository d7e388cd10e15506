//! Intervals one after another, the longest first, by a beam of partial layouts.
//!
//! Which length the next interval gets, and which sources serve it, decides how much is left of use for
//! the others. A counting bound on that and a quick completion rank the partial layouts, and the best
//! ones are kept (Ow and Morton, "Filtered beam search in scheduling", Int. J. Production Research 26,
//! 1988).

use std::cmp::Reverse;

use crate::core::Limits;
use crate::search::parallel;
use crate::search::stripes::pool::{Interval, Pool};

/// Areas looked at for the lengths that are tried for one interval; more lengths say nearly the same.
const MOST_LOOKS: usize = 1 << 14;

/// Lengths that are tried for one interval, however many areas there are.
const LEAST_LENGTHS: usize = 16;

/// Ways to go on from one partial layout that are kept until all are compared.
const MOST_CHILDREN: usize = 32;

/// A partial layout.
#[derive(Clone)]
struct Partial {
    /// Extents left per area.
    left: Vec<u64>,
    intervals: Vec<Interval>,
    /// Extents of the intervals together.
    extents: u64,
    /// What they can grow to at most.
    promise: u64,
    /// What they grow to if each interval is as long as it can be.
    pilot: u64,
}

/// How much the shortest useful piece counts, in percent; each is tried.
const PERCENTS: [u64; 3] = [100, 50, 20];

/// A layout of at most `count` intervals that has `extents`, if a beam of this width comes upon one.
pub(crate) fn search(
    pool: &Pool,
    count: usize,
    extents: u64,
    width: usize,
    limits: &Limits<'_>,
) -> Option<Vec<Interval>> {
    // What is left of the areas, and the areas that serve the intervals.
    let bytes = size_of::<Partial>() + 8 * (pool.lengths.len() + count * (pool.legs + 4));
    let most = limits.memory_bytes / 4 / (bytes * MOST_CHILDREN) as u64;
    let width = width.min(usize::try_from(most).unwrap_or(width)).max(1);
    let mut beam = vec![Partial {
        left: pool.lengths.clone(),
        intervals: Vec::new(),
        extents: 0,
        promise: u64::MAX,
        pilot: 0,
    }];
    for step in 0..count {
        if limits.is_over() || beam.is_empty() {
            return None;
        }
        let rest = count - step;
        let grown: Vec<Vec<Partial>> = parallel::map(&beam, |partial| {
            if limits.is_over() {
                return Vec::new();
            }
            grow(pool, partial, rest, extents, limits)
        });
        let next: Vec<Partial> = grown.into_iter().flatten().collect();
        if let Some(done) = next.iter().find(|partial| partial.extents >= extents) {
            return Some(done.intervals.clone());
        }
        beam = select(next, width);
    }
    None
}

/// The best by promise and the best by pilot, half of each.
fn select(mut partials: Vec<Partial>, width: usize) -> Vec<Partial> {
    let key = |partial: &Partial| (Reverse(partial.promise), Reverse(partial.pilot));
    partials.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.left.cmp(&b.left)));
    partials.dedup_by(|a, b| a.left == b.left);
    if partials.len() <= width {
        return partials;
    }
    let mut others = partials.split_off(width.div_ceil(2));
    others.sort_by_key(|partial| Reverse(partial.pilot));
    others.truncate(width / 2);
    partials.extend(others);
    partials
}

/// Every way to go on that is looked at.
fn grow(
    pool: &Pool,
    partial: &Partial,
    rest: usize,
    extents: u64,
    limits: &Limits<'_>,
) -> Vec<Partial> {
    let missing = extents - partial.extents;
    let longest = partial
        .intervals
        .last()
        .map_or(u64::MAX, |last| last.length);
    let highest = pool
        .longest_interval(&partial.left)
        .min(longest)
        .min(missing);
    let lowest = missing.div_ceil(rest as u64);
    if highest < lowest {
        return Vec::new();
    }
    // Lengths that use up some area, alone or several times.
    let mut lengths: Vec<u64> = partial
        .left
        .iter()
        .flat_map(|&left| [left, left / 2, left / 3])
        .chain([highest])
        .filter(|length| (lowest..=highest).contains(length))
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    // The shortest piece that still counts for what is missing is what an area is worth keeping for;
    // to think less of short pieces leaves other areas to other intervals.
    let worth = pool.shortest_counted(&partial.left, rest, longest);
    let mut grown = Vec::new();
    let most_lengths = (MOST_LOOKS / partial.left.len().max(1)).max(LEAST_LENGTHS);
    let apart = lengths.len().div_ceil(most_lengths).max(1);
    // Evenly spread from the longest down, where there are too many.
    for &length in lengths.iter().rev().step_by(apart) {
        if limits.is_over() {
            break;
        }
        let mut tried: Vec<Vec<usize>> = Vec::new();
        for percent in PERCENTS {
            let worth = worth / 100 * percent;
            let Some(areas) = give(pool, &partial.left, length, worth, longest) else {
                break;
            };
            if tried.contains(&areas) {
                continue;
            }
            tried.push(areas.clone());
            let mut left = partial.left.clone();
            for &area in &areas {
                left[area] -= length;
            }
            let sum = partial.extents + length;
            let promise = sum.saturating_add(pool.promise(&left, rest - 1, length));
            if promise < extents {
                continue;
            }
            let mut intervals = partial.intervals.clone();
            intervals.push(Interval { length, areas });
            let pilot = sum + pilot(pool, left.clone(), rest - 1, length);
            grown.push(Partial {
                left,
                intervals,
                extents: sum,
                promise,
                pilot,
            });
        }
    }
    select(grown, MOST_CHILDREN)
}

/// What further intervals have if each is as long as it can be.
fn pilot(pool: &Pool, mut left: Vec<u64>, rest: usize, cap: u64) -> u64 {
    let intervals = longest_first(pool, &mut left, rest, cap);
    intervals.iter().map(|interval| interval.length).sum()
}

/// Up to `count` intervals, each as long as it can be, taken from what is left.
fn longest_first(pool: &Pool, left: &mut [u64], count: usize, cap: u64) -> Vec<Interval> {
    let mut intervals = Vec::with_capacity(count);
    for _ in 0..count {
        let length = pool.longest_interval(left).min(cap);
        if length == 0 {
            break;
        }
        let mut serving = Vec::with_capacity(pool.legs);
        for areas in &pool.sources {
            // The shortest area that is long enough; a source serves an interval once.
            let fitting = areas.clone().filter(|&area| left[area] >= length);
            if let Some(area) = fitting.min_by_key(|&area| left[area]) {
                serving.push(area);
                if serving.len() == pool.legs {
                    break;
                }
            }
        }
        for &area in &serving {
            left[area] -= length;
        }
        intervals.push(Interval {
            length,
            areas: serving,
        });
    }
    intervals
}

/// Areas on as many sources as there are legs that serve `length` at the least regret.
///
/// An area is worth its extents less `worth` for each piece it has to be cut into, a piece being no
/// longer than `cap`. Serving an interval loses some of that: what is regretted.
fn give(pool: &Pool, left: &[u64], length: u64, worth: u64, cap: u64) -> Option<Vec<usize>> {
    let value = |extents: u64| -> u64 {
        let cap = cap.max(1).min(extents.max(1));
        let whole = (extents / cap) * cap.saturating_sub(worth);
        whole + (extents % cap).saturating_sub(worth)
    };
    let mut offers: Vec<(i128, u64, usize)> = Vec::new();
    for areas in &pool.sources {
        let fitting = areas.clone().filter(|&area| left[area] >= length);
        let regret = |area: usize| {
            let lost = i128::from(value(left[area])) - i128::from(value(left[area] - length));
            (lost, left[area], area)
        };
        offers.extend(fitting.map(regret).min());
    }
    if offers.len() < pool.legs {
        return None;
    }
    offers.sort_unstable();
    offers.truncate(pool.legs);
    let mut areas: Vec<usize> = offers.into_iter().map(|(_, _, area)| area).collect();
    areas.sort_unstable();
    Some(areas)
}
