//! A bound on the fewest areas, better than sums: the Lagrangian of "each item serves one leg".
//!
//! Each item gets a price for being used at all. For given prices the cheapest leg, in areas plus
//! prices, is found exactly by a table; as many times as there are legs, minus all prices, it bounds
//! the areas from below (Held and Karp 1971). Prices start from those that give the sum bound and move
//! by subgradient steps; everything is counted in whole parts of an area, and rounded up at the end.

use crate::core::Limits;
use crate::search::legs::Covering;

/// Parts of an area in which costs are counted.
const PARTS: u64 = 48;
/// Parts of such a part in which prices move.
const FINE: u64 = 256;
/// Steps.
const STEPS: u64 = 400;
/// Cells of all tables together: about a second.
const MOST_WORK: u64 = 1 << 29;

/// A number of areas that no layout can go below; stops once it is `enough`.
pub(crate) fn fewest(covering: &Covering, enough: u64, limits: &Limits<'_>) -> u64 {
    let gives: Vec<Vec<u64>> = covering.gives();
    let legs = covering.legs as u64;
    let Some(marginal) = marginal(&gives, covering.needed * legs) else {
        return 0;
    };
    // At the margin an extent costs one area per `marginal`.
    let worth = |extents: u64| {
        let parts = u128::from(extents) * u128::from(PARTS * FINE) / u128::from(marginal);
        u64::try_from(parts).unwrap_or(u64::MAX)
    };
    let leg_cost = worth(covering.needed) / FINE;
    let cells = usize::try_from(2 * leg_cost + 4 * PARTS).unwrap_or(usize::MAX);
    let options: usize = gives.iter().map(|gives| gives.len() - 1).sum();
    let steps = MOST_WORK / (cells as u64 * options as u64).max(1);
    let mut prices: Vec<u64> = gives
        .iter()
        .map(|gives| {
            let saved = gives.iter().enumerate().map(|(count, &extents)| {
                worth(extents).saturating_sub(count as u64 * PARTS * FINE)
            });
            saved.max().unwrap_or(0)
        })
        .collect();
    let mut best = 0;
    for step in 0..STEPS.min(steps) {
        if limits.is_over() {
            break;
        }
        let whole: Vec<u64> = prices.iter().map(|price| price / FINE).collect();
        let (leg, used) = cheapest(&gives, &whole, covering.needed, cells);
        let bound = (leg * legs).saturating_sub(whole.iter().sum());
        best = best.max(bound.div_ceil(PARTS));
        if best >= enough || used.is_empty() {
            break;
        }
        // Polyak's step towards the areas that are known to be enough, made shorter with time.
        let gap = (enough * PARTS).saturating_sub(bound) * FINE;
        let members = used.len() as u64;
        let norm = members * (legs - 1) * (legs - 1) + (gives.len() as u64 - members);
        let length = gap * 60 / (60 + step) / norm.max(1);
        for (item, price) in prices.iter_mut().enumerate() {
            if used.contains(&item) {
                *price += length * (legs - 1);
            } else {
                *price = price.saturating_sub(length);
            }
        }
    }
    best
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

/// The cheapest way to serve one leg: its cost in parts, and the items it uses. If it costs as much
/// as there are cells, that number without items, which is a bound all the same.
fn cheapest(gives: &[Vec<u64>], prices: &[u64], needed: u64, cells: usize) -> (u64, Vec<usize>) {
    // held[c]: the most extents for a cost of c or less.
    let mut held = vec![0u64; cells];
    let mut takes: Vec<Vec<u16>> = Vec::with_capacity(gives.len());
    for (gives, &price) in gives.iter().zip(prices) {
        let mut takes_here = vec![0u16; cells];
        let step = usize::try_from(price).unwrap_or(cells);
        let part = usize::try_from(PARTS).unwrap_or(usize::MAX);
        for budget in (0..cells).rev() {
            for (count, &extents) in (0u16..).zip(gives).skip(1) {
                let cost = step + usize::from(count) * part;
                if cost > budget {
                    break;
                }
                let with = held[budget - cost] + extents;
                if with > held[budget] {
                    held[budget] = with;
                    takes_here[budget] = count;
                }
            }
        }
        takes.push(takes_here);
    }
    let Some(mut budget) = held.iter().position(|&extents| extents >= needed) else {
        return (cells as u64, Vec::new());
    };
    let cost = budget as u64;
    let mut used = Vec::new();
    for item in (0..gives.len()).rev() {
        let count = takes[item][budget];
        if count > 0 {
            used.push(item);
            let price = usize::try_from(prices[item]).unwrap_or(0);
            let parts = usize::try_from(PARTS).unwrap_or(0) * usize::from(count);
            budget -= price + parts;
        }
    }
    (cost, used)
}
