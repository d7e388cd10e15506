//! What areas are worth to intervals whose lengths are not yet known, but which are few.
//!
//! An area that serves one interval gives no more than the interval's length; there are only so many
//! different lengths, and each is served by as many areas as there are legs, no more. Which lengths
//! suit a list of areas best is one-dimensional quantisation, solved by dynamic programming over the
//! areas in falling order (Bruce, "Optimum quantization", thesis, MIT 1965). An area that serves two or
//! more intervals is taken to be used up whole.

use crate::core::Limits;

/// Worth of the areas from an index on, for each number of lengths and some prices of a piece.
pub(crate) struct Levels {
    /// Distance between two prices.
    step: i64,
    /// `worth[price][lengths][index]`.
    worth: Vec<Vec<Vec<i64>>>,
}

impl Levels {
    /// The tables for up to `most` lengths over `areas`, which fall, with prices around `price`;
    /// `None` if they would be too large.
    pub(crate) fn of(
        areas: &[i64],
        legs: usize,
        most: usize,
        price: i64,
        limits: &Limits<'_>,
    ) -> Option<Levels> {
        /// Prices that tables are made for; in between they are interpolated.
        const PRICES: i64 = 24;
        /// Steps that take about a second.
        const MOST_STEPS: usize = 1 << 28;
        let worth_having = areas.partition_point(|&area| area > 0);
        let steps = worth_having
            .saturating_mul(worth_having)
            .saturating_mul(most)
            / 2;
        if steps.saturating_mul(usize::try_from(PRICES).ok()?) > MOST_STEPS {
            return None;
        }
        let step = (2 * price / PRICES).max(1);
        let mut worth = Vec::new();
        for index in 0..=PRICES {
            if limits.is_over() {
                return None;
            }
            worth.push(table(areas, legs, most, index * step));
        }
        Some(Levels { step, worth })
    }

    /// At most what the areas from `index` on are worth to `lengths` different lengths at `price` a
    /// piece, and the pieces that this takes, about.
    ///
    /// Worth is convex in the price, so between two prices the straight line is above it; it falls, so
    /// past the last price the last worth is above it.
    pub(crate) fn worth(&self, index: usize, lengths: usize, price: i64) -> (i64, i64) {
        let at = usize::try_from(price / self.step).unwrap_or(usize::MAX);
        let Some(next) = at.checked_add(1).and_then(|next| self.worth.get(next)) else {
            let last = &self.worth[self.worth.len() - 1];
            return (last[lengths][index], 0);
        };
        let (left, right) = (self.worth[at][lengths][index], next[lengths][index]);
        let into = price - (price / self.step) * self.step;
        // Rounded up: the fall is rounded down.
        let fall = i128::from(left - right) * i128::from(into) / i128::from(self.step);
        let fall = i64::try_from(fall).unwrap_or(0);
        (left - fall, (left - right) / self.step)
    }
}

/// `table[lengths][index]` for one price.
///
/// By exchange, the areas that serve one interval each may be taken to do so in order: the longest serve
/// the longest interval. So each length has a band of areas that ends with the last that serves it; of
/// the band at most `legs` serve it, best the shortest, and the others two intervals or none.
fn table(areas: &[i64], legs: usize, most: usize, price: i64) -> Vec<Vec<i64>> {
    // Areas that are not longer than the price are worth nothing.
    let end = areas.partition_point(|&area| area > price);
    // Up to each area, what two pieces make of them.
    let mut used_up = vec![0];
    for &area in &areas[..end] {
        used_up.push(used_up[used_up.len() - 1] + (area - 2 * price).max(0));
    }
    // Per length (that of an area) the areas that are better used up by two pieces.
    let doubled: Vec<usize> = areas[..end]
        .iter()
        .map(|&length| areas.partition_point(|&area| area > length + price))
        .collect();
    // Without a single length there is nothing to use an area up either.
    let mut table = vec![vec![0; areas.len() + 1]];
    for lengths in 1..=most {
        let before = &table[lengths - 1];
        let mut row = vec![0; areas.len() + 1];
        for first in (0..end).rev() {
            let value = |last: usize| {
                let serving = doubled[last].max((last + 1).saturating_sub(legs));
                let split = serving.clamp(first, last + 1);
                let single = (last + 1 - split) as i64 * (areas[last] - price);
                used_up[split] - used_up[first] + single + before[last + 1]
            };
            let best = (first..end).map(value).max();
            // Or the length is served only by areas that serve two intervals or more.
            let all_used_up = used_up[end] - used_up[first];
            row[first] = best.unwrap_or(0).max(all_used_up).max(before[first]);
        }
        table.push(row);
    }
    table
}
