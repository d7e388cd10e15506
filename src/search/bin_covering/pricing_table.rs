//! The most extents that groups give one leg for a cost: a knapsack table.
//!
//! Extents are kept in 31 bits, rounded so that the table never says too little.

use crate::search::bin_covering::ground_set::Ground;
use crate::search::bin_covering::pattern::Prices;

/// Cells of a table.
const MOST_CELLS: usize = 1 << 24;

/// Rows of the most extents for each cost.
pub(crate) struct Table {
    cells: usize,
    rows: Vec<i32>,
    /// Per group the row of what it and the groups behind it give, and at the end that of nothing.
    ahead: Vec<usize>,
    /// Per stock the row of what it, those behind it in its group, which is paid for, and the groups
    /// behind that give.
    inside: Vec<usize>,
    /// Per stock what its first 1, 2, .. areas cost and give.
    options: Vec<Vec<Choice>>,
    charges: Vec<Option<usize>>,
    needed: i32,
    shift: u32,
}

#[derive(Clone, Copy)]
struct Choice {
    cost: usize,
    extents: i32,
}

impl Table {
    /// The table for costs below `end`; `None` if it is too large. A group with no charge is not used.
    pub(crate) fn fill(
        ground: &Ground,
        prices: &Prices,
        charges: &[Option<u64>],
        end: u64,
    ) -> Option<Table> {
        let cells = usize::try_from(end).ok()?;
        let count = ground.groups.len() + ground.stocks.len() + 1;
        if cells.checked_mul(count)? > MOST_CELLS {
            return None;
        }
        let needed = ground.needed();
        let shift = (64 - needed.leading_zeros()).saturating_sub(30);
        let of_stock = |gains: &Vec<u64>| {
            let mut sum = 0;
            let choice = |(count, &gain): (u64, &u64)| {
                sum = needed.min(sum + gain);
                let rounded = sum.div_ceil(1 << shift);
                let cost = prices.source + count * prices.area;
                Choice {
                    cost: usize::try_from(cost).unwrap_or(usize::MAX),
                    extents: i32::try_from(rounded).expect("at most 30 bits, and one when rounded"),
                }
            };
            let mut choices: Vec<Choice> = (1..).zip(gains).map(choice).collect();
            // Where areas cost nothing, all of them are taken.
            choices.reverse();
            choices.dedup_by_key(|choice| choice.cost);
            choices.reverse();
            choices
        };
        let options = ground.stocks.iter().map(|stock| of_stock(&stock.gains));
        let charge = |charge: &Option<u64>| charge.and_then(|charge| usize::try_from(charge).ok());
        let mut table = Table {
            cells,
            rows: vec![0; cells],
            ahead: vec![0; ground.groups.len() + 1],
            inside: vec![0; ground.stocks.len()],
            options: options.collect(),
            charges: charges.iter().map(charge).collect(),
            needed: i32::try_from(needed >> shift).expect("at most 30 bits"),
            shift,
        };
        table.rows.reserve_exact(cells * count);
        for (group, this) in ground.groups.iter().enumerate().rev() {
            let behind = table.ahead[group + 1];
            table.ahead[group] = behind;
            let Some(charge) = table.charges[group] else {
                continue;
            };
            let mut last = behind;
            for stock in this.stocks.clone().rev() {
                last = table.push_stock(last, stock);
                table.inside[stock] = last;
            }
            table.ahead[group] = table.push_charged(last, behind, charge);
        }
        Some(table)
    }

    fn push_stock(&mut self, behind: usize, stock: usize) -> usize {
        let start = self.rows.len();
        self.rows
            .extend_from_within(behind * self.cells..(behind + 1) * self.cells);
        let (held, row) = self.rows.split_at_mut(start);
        let behind = &held[behind * self.cells..][..self.cells];
        for option in &self.options[stock] {
            if option.cost >= self.cells {
                break;
            }
            let given = option.extents;
            for (cell, &before) in row[option.cost..].iter_mut().zip(behind) {
                // Below 2^30 and at most that: the sum fits. A check of each would take the loop, where
                // the time goes, twice as long, as it could not take many cells at once.
                *cell = (*cell).max(before.wrapping_add(given));
            }
        }
        for cell in row {
            *cell = (*cell).min(self.needed);
        }
        start / self.cells
    }

    fn push_charged(&mut self, inside: usize, behind: usize, charge: usize) -> usize {
        if charge == 0 {
            return inside;
        }
        let start = self.rows.len();
        self.rows
            .extend_from_within(behind * self.cells..(behind + 1) * self.cells);
        let (held, row) = self.rows.split_at_mut(start);
        let inside = &held[inside * self.cells..][..self.cells];
        for (cell, &given) in row.iter_mut().skip(charge).zip(inside) {
            *cell = (*cell).max(given);
        }
        start / self.cells
    }

    /// The row of what a group and those behind it give.
    pub(crate) fn ahead(&self, group: usize) -> usize {
        self.ahead[group]
    }

    /// The row of what a stock, those behind it in its group, and further groups give.
    pub(crate) fn inside(&self, stock: usize) -> usize {
        self.inside[stock]
    }

    fn row(&self, row: usize) -> &[i32] {
        &self.rows[row * self.cells..][..self.cells]
    }

    /// The most that a row gives for a cost; never too little.
    pub(crate) fn most(&self, row: usize, cost: u64) -> u64 {
        let cost = usize::try_from(cost).unwrap_or(usize::MAX);
        let cell = self.row(row)[cost.min(self.cells - 1)];
        // Of what is enough nobody knows how much it is.
        if cell >= self.needed {
            u64::MAX
        } else {
            u64::from(cell.unsigned_abs()) << self.shift
        }
    }

    /// The least cost of a leg; `None` if it is past the table.
    pub(crate) fn least(&self) -> Option<u64> {
        self.least_in(self.ahead[0]).map(|cost| cost as u64)
    }

    fn least_in(&self, row: usize) -> Option<usize> {
        let cost = self
            .row(row)
            .partition_point(|&extents| extents < self.needed);
        (cost < self.cells).then_some(cost)
    }

    /// The stocks of the cheapest leg that pays for this group first; `None` if it is past the table.
    pub(crate) fn cheapest_from(&self, ground: &Ground, group: usize) -> Option<Vec<usize>> {
        let first = ground.groups[group].stocks.start;
        let mut cost = self.least_in(self.inside[first])?;
        if cost + self.charges[group]? >= self.cells {
            return None;
        }
        let (mut wanted, mut used) = (self.needed, Vec::new());
        for (at, this) in ground.groups.iter().enumerate().skip(group) {
            let behind = self.ahead[at + 1];
            let Some(charge) = self.charges[at] else {
                continue;
            };
            if at > group {
                if self.row(behind)[cost] >= wanted {
                    continue;
                }
                cost -= charge;
            }
            for stock in this.stocks.clone() {
                let next = if stock + 1 < this.stocks.end {
                    self.inside[stock + 1]
                } else {
                    behind
                };
                let next = self.row(next);
                if next[cost] >= wanted {
                    continue;
                }
                let is_it = |option: &&Choice| {
                    option.cost <= cost && next[cost - option.cost] + option.extents >= wanted
                };
                if let Some(option) = self.options[stock].iter().find(is_it) {
                    used.push(stock);
                    cost -= option.cost;
                    wanted -= option.extents;
                }
            }
        }
        Some(used)
    }
}
