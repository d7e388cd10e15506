//! What a leg may be made of, and what it pays for that.

use std::collections::BTreeSet;

use crate::search::bin_covering::ground_set::Ground;

/// What a leg pays, in whole parts of what is counted.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    pub(crate) area: u64,
    pub(crate) source: u64,
    pub(crate) rows: Vec<u64>,
}

/// Stocks that are enough for a leg.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    /// Ascending.
    pub(crate) stocks: Vec<usize>,
    /// The fewest areas of theirs that are enough.
    pub(crate) areas: u64,
}

impl Pattern {
    /// The pattern of these stocks, if they are enough.
    pub(crate) fn of(ground: &Ground, stocks: &[usize]) -> Option<Pattern> {
        let stocks = ground.in_order(stocks);
        let gains = stocks.iter().flat_map(|&stock| &ground.stocks[stock].gains);
        let mut gains: Vec<u64> = gains.copied().collect();
        gains.sort_unstable_by(|left, right| right.cmp(left));
        let areas = fewest(&gains, ground.needed())?;
        Some(Pattern { stocks, areas })
    }

    /// The rows that it has, and how often, ascending.
    pub(crate) fn takes(&self, ground: &Ground) -> Vec<(usize, i64)> {
        let mut takes: Vec<(usize, i64)> = Vec::new();
        for group in self.groups(ground) {
            for &row in &ground.groups[group].rows {
                match takes.iter_mut().find(|(held, _)| *held == row) {
                    // A tag is had once however many of its sources are used.
                    Some(held) if ground.room[row] > 1 => held.1 += 1,
                    Some(_) => {}
                    None => takes.push((row, 1)),
                }
            }
        }
        takes.sort_unstable();
        takes
    }

    fn groups(&self, ground: &Ground) -> BTreeSet<usize> {
        let groups = self.stocks.iter().map(|&stock| ground.group_of(stock));
        groups.collect()
    }

    /// What it costs.
    pub(crate) fn cost(&self, ground: &Ground, prices: &Prices) -> u64 {
        let takes = self.takes(ground).into_iter();
        let rows = takes.map(|(row, times)| prices.rows[row] * times.unsigned_abs());
        rows.sum::<u64>() + prices.area * self.areas + prices.source * self.stocks.len() as u64
    }
}

/// How many areas, longest first, are enough.
pub(crate) fn fewest(areas: &[u64], needed: u64) -> Option<u64> {
    let mut held = 0;
    for (area, count) in areas.iter().zip(1..) {
        held += area;
        if held >= needed {
            return Some(count);
        }
    }
    None
}
