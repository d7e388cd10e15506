//! A bound on the fewest areas, better than sums: the dual of "each item serves one leg".
//!
//! Each item gets a price for being used at all. For given prices the cheapest leg, in areas plus
//! prices, is found exactly by a table; as many times as there are legs, minus all prices, it bounds
//! the areas from below (Held and Karp 1971). Prices start from those that give the sum bound and move
//! as the volume algorithm moves them (Barahona and Anbil 2000); costs are whole parts of an area, so
//! that the bound is exact for the prices it states.

use crate::core::Limits;
use crate::search::bin_covering::table::Table;

/// Cells of a table that is quick to fill and fine enough.
const CELLS: u64 = 12_000;
/// Most parts of an area.
const MOST_PARTS: u64 = 240;
/// Parts of such a part in which prices move.
const FINE: i64 = 256;
/// Parts of an item in which it is said how much of it the legs use.
const USE: i64 = 1 << 12;
/// Steps.
const STEPS: u64 = 1_200;
/// Cells of one table.
const MOST_CELLS: usize = 1 << 24;
/// Cells of all tables together: with many items fewer steps are made.
const MOST_WORK: u64 = 1 << 32;

/// Prices, and the bound that they give.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    /// Parts of an area in which prices are counted.
    pub(crate) parts: u64,
    /// Per item the price of using it.
    pub(crate) prices: Vec<u64>,
    /// What the cheapest leg costs: its areas and its items.
    pub(crate) leg: u64,
    /// The number of legs.
    legs: u64,
}

impl Dual {
    /// Prices where areas do not count: `leg` is what the cheapest set costs that is enough.
    pub(crate) fn of_items(prices: Vec<u64>, leg: u64, legs: usize) -> Dual {
        Dual {
            parts: 0,
            prices,
            leg,
            legs: legs as u64,
        }
    }

    /// Parts of an area that every layout takes at least.
    pub(crate) fn bound_in_parts(&self) -> u64 {
        (self.leg * self.legs).saturating_sub(self.prices.iter().sum())
    }

    /// Areas that every layout takes at least.
    pub(crate) fn bound(&self) -> u64 {
        self.bound_in_parts().div_ceil(self.parts)
    }
}

/// The best prices found; stops once their bound is `enough`, which some layout is known to take.
/// `None` if all items together hold too little, or there are too many of them.
pub(crate) fn fewest(
    gives: &[Vec<u64>],
    legs: usize,
    needed: u64,
    enough: u64,
    limits: &Limits<'_>,
) -> Option<Dual> {
    let legs = legs as u64;
    let marginal = marginal(gives, needed * legs)?;
    let parts = u128::from(CELLS) * u128::from(marginal) / u128::from(needed.max(1));
    let parts = u64::try_from(parts)
        .unwrap_or(MOST_PARTS)
        .clamp(4, MOST_PARTS);
    // At the margin an extent costs one area per `marginal`.
    let worth = |extents: u64| {
        let worth = u128::from(extents) * u128::from(parts) * 256 / u128::from(marginal);
        i64::try_from(worth).unwrap_or(i64::MAX / 4)
    };
    let area = i64::try_from(parts).unwrap_or(i64::MAX) * FINE;
    let saved = |gives: &Vec<u64>| {
        let saved = gives
            .iter()
            .zip(0i64..)
            .map(|(&extents, count)| worth(extents) - count * area);
        saved.max().unwrap_or(0).max(0)
    };
    let mut centre: Vec<i64> = gives.iter().map(saved).collect();
    let priced = |fine: &[i64]| {
        let prices: Vec<u64> = fine
            .iter()
            .map(|&fine| u64::try_from(fine / FINE).unwrap_or(0))
            .collect();
        // A leg that costs more than this already proves `enough`.
        let most = (enough * parts + prices.iter().sum::<u64>()).div_ceil(legs);
        let cells = usize::try_from(most).ok()?;
        if cells.checked_mul(gives.len() + 1)? > MOST_CELLS {
            return None;
        }
        let table = Table::fill(gives, &prices, parts, needed, cells);
        let (leg, used) = table.cheapest().unwrap_or((most, Vec::new()));
        let dual = Dual {
            parts,
            prices,
            leg,
            legs,
        };
        Some((dual, used))
    };
    let options: u64 = gives.iter().map(|gives| gives.len() as u64).sum();
    let (mut best, used) = priced(&centre)?;
    let mut average = usage(gives.len(), &used, legs);
    let cells = best.leg.max(1);
    let steps = STEPS.min(MOST_WORK / (cells * options).max(1));
    // Step length in thousandths of the one that would close the gap.
    let (mut length, mut failures) = (1_000i64, 0);
    for _ in 0..steps {
        if best.bound() >= enough || limits.is_over() || length < 5 {
            break;
        }
        let moved = step(&centre, &average, gap(&best, enough), length);
        let Some((dual, used)) = priced(&moved) else {
            break;
        };
        for (average, now) in average.iter_mut().zip(usage(gives.len(), &used, legs)) {
            *average += (now - *average) / 12;
        }
        if dual.bound_in_parts() > best.bound_in_parts() {
            best = dual;
            centre = moved;
            failures = 0;
            length = (length * 11 / 10).min(2_000);
        } else {
            failures += 1;
            if failures == 12 {
                failures = 0;
                length = length * 2 / 3;
            }
        }
    }
    Some(best)
}

/// What is missing to `enough`, in fine parts.
fn gap(dual: &Dual, enough: u64) -> i64 {
    let gap = (enough * dual.parts).saturating_sub(dual.bound_in_parts());
    i64::try_from(gap).unwrap_or(i64::MAX / FINE / USE) * FINE
}

/// How much of each item is used if every leg is the cheapest one.
fn usage(items: usize, used: &[usize], legs: u64) -> Vec<i64> {
    let mut usage = vec![0; items];
    for &item in used {
        usage[item] = i64::try_from(legs).unwrap_or(i64::MAX / USE) * USE;
    }
    usage
}

/// Prices after a step: dearer what is used more than once, cheaper what is used less.
fn step(centre: &[i64], average: &[i64], gap: i64, length: i64) -> Vec<i64> {
    let excess = |(&price, &usage): (&i64, &i64)| {
        let excess = usage - USE;
        if price == 0 { excess.max(0) } else { excess }
    };
    let excesses: Vec<i64> = centre.iter().zip(average).map(excess).collect();
    let norm: i128 = excesses
        .iter()
        .map(|&excess| i128::from(excess).pow(2))
        .sum();
    let moved = centre.iter().zip(excesses).map(|(&price, excess)| {
        let change = i128::from(gap) * i128::from(length) * i128::from(excess) * i128::from(USE)
            / 1_000
            / norm.max(1);
        let limit = i128::from(i64::MAX / 4);
        let moved = (i128::from(price) + change).clamp(0, limit);
        i64::try_from(moved).expect("clamped to the range")
    });
    moved.collect()
}

/// The gain of the last area that is needed when areas are taken by falling gains.
fn marginal(gives: &[Vec<u64>], needed: u64) -> Option<u64> {
    let steps = gives.iter().flat_map(|gives| gives.windows(2));
    let mut gains: Vec<u64> = steps.map(|pair| pair[1] - pair[0]).collect();
    gains.sort_unstable_by_key(|&gain| std::cmp::Reverse(gain));
    let mut missing = needed;
    for gain in gains {
        missing = missing.saturating_sub(gain);
        if missing == 0 {
            return Some(gain);
        }
    }
    None
}
