//! The most extents that items give one leg for a cost: a knapsack table.
//!
//! Using an item costs its price, and each of its areas as many parts as an area has. Extents are
//! kept in 31 bits, rounded so that the table never says too little.

/// Row `item` has for each cost the most extents that the items from `item` on give for it.
pub(crate) struct Table {
    cells: usize,
    rows: Vec<i32>,
    options: Vec<Vec<Choice>>,
    needed: i32,
    shift: u32,
}

/// So many areas of an item: cost and extents.
#[derive(Clone, Copy)]
struct Choice {
    cost: usize,
    extents: i32,
}

impl Table {
    /// The table for costs below `cells`. `gives` has per item what its first 0, 1, .. areas give.
    pub(crate) fn fill(
        gives: &[Vec<u64>],
        prices: &[u64],
        parts: u64,
        needed: u64,
        cells: usize,
    ) -> Table {
        let shift = (64 - needed.leading_zeros()).saturating_sub(30);
        let up = |extents: u64| {
            let rounded = extents.min(needed).div_ceil(1 << shift);
            i32::try_from(rounded).expect("at most 30 bits, and one more when rounded up")
        };
        let option = |price: u64| {
            move |(count, &extents): (usize, &u64)| Choice {
                cost: usize::try_from(price + count as u64 * parts).unwrap_or(usize::MAX),
                extents: up(extents),
            }
        };
        let options: Vec<Vec<Choice>> = gives
            .iter()
            .zip(prices)
            .map(|(gives, &price)| {
                gives
                    .iter()
                    .enumerate()
                    .skip(1)
                    .map(option(price))
                    .collect()
            })
            .collect();
        let mut table = Table {
            cells,
            rows: vec![0; (gives.len() + 1) * cells],
            options,
            needed: i32::try_from(needed >> shift).expect("at most 30 bits"),
            shift,
        };
        for item in (0..gives.len()).rev() {
            table.fill_row(item);
        }
        table
    }

    fn fill_row(&mut self, item: usize) {
        let (row, behind) = self.rows[item * self.cells..].split_at_mut(self.cells);
        let behind = &behind[..self.cells];
        row.copy_from_slice(behind);
        for option in &self.options[item] {
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
    }

    /// The most that the items from `item` on give for a cost of at most `cost`; never too little.
    pub(crate) fn most(&self, item: usize, cost: usize) -> u64 {
        let cell = self.rows[item * self.cells + cost.min(self.cells - 1)];
        let extents = u64::from(cell.unsigned_abs());
        // Of what is enough nobody knows how much it is.
        if cell >= self.needed {
            u64::MAX
        } else {
            extents << self.shift
        }
    }

    /// The least cost of what is enough for a leg, and the items; `None` if it is past the table.
    pub(crate) fn cheapest(&self) -> Option<(u64, Vec<usize>)> {
        let first = self.rows.get(..self.cells)?;
        let mut cost = first.partition_point(|&extents| extents < self.needed);
        if cost == self.cells {
            return None;
        }
        let least = cost as u64;
        let mut used = Vec::new();
        let mut wanted = self.needed;
        for (item, options) in self.options.iter().enumerate() {
            let behind = &self.rows[(item + 1) * self.cells..][..self.cells];
            if behind[cost] >= wanted {
                continue;
            }
            let is_it = |option: &&Choice| {
                option.cost <= cost && behind[cost - option.cost] + option.extents >= wanted
            };
            if let Some(option) = options.iter().find(is_it) {
                used.push(item);
                cost -= option.cost;
                wanted = behind[cost].min(wanted - option.extents);
            }
        }
        Some((least, used))
    }
}
