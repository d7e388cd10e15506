//! The cheapest legs at given prices: a knapsack table over costs (Gilmore and Gomory 1961).
//!
//! A leg pays for each area, for each source, and once for each row that it has. For every cost the
//! table has the most extents that the groups from one on can give, so that the cheapest leg, and the
//! cheapest that begins with any group, are read off exactly; and all legs within a budget are listed
//! without a step into a dead end. Where sources have several tags, each union of tags that a leg may
//! pay for has its own table.

use std::collections::BTreeSet;

use crate::core::Limits;
use crate::search::bin_covering::ground_set::Ground;
use crate::search::bin_covering::pattern::{Pattern, Prices, fewest};
use crate::search::bin_covering::pricing_table::Table;

/// Unions of tags that are looked at.
const MOST_UNIONS: usize = 256;
/// Sets looked at, per set that is kept at most.
const STEPS_PER_SET: usize = 16;

/// Rows that are paid for whatever else a leg uses, and what each group costs then; `None` is a group
/// that it does not use.
struct Union {
    paid: u64,
    charges: Vec<Option<u64>>,
}

/// Legs at given prices, from what there is room for.
pub(crate) struct Pricing<'a> {
    ground: &'a Ground,
    prices: &'a Prices,
    unions: Vec<Union>,
}

impl<'a> Pricing<'a> {
    /// `None` if there are too many unions of tags.
    pub(crate) fn new(ground: &'a Ground, prices: &'a Prices, room: &[i64]) -> Option<Pricing<'a>> {
        let has_room = |group: &usize| {
            let group = &ground.groups[*group];
            let copies = i64::try_from(group.copies_before).unwrap_or(i64::MAX);
            group.rows.iter().all(|&row| room[row] > copies)
        };
        let rows_of = |group: usize| ground.groups[group].rows.iter().copied();
        let is_joining = |group: &usize| ground.groups[*group].rows.len() > 1 && has_room(group);
        let mut paid: BTreeSet<BTreeSet<usize>> = BTreeSet::from([BTreeSet::new()]);
        for group in (0..ground.groups.len()).filter(is_joining) {
            let joined = paid.iter().map(|set| {
                let mut set = set.clone();
                set.extend(rows_of(group));
                set
            });
            let joined: Vec<BTreeSet<usize>> = joined.collect();
            paid.extend(joined);
            if paid.len() > MOST_UNIONS {
                return None;
            }
        }
        let union = |paid: BTreeSet<usize>| {
            let charge = |group: usize| {
                if !has_room(&group) {
                    return None;
                }
                match ground.groups[group].rows.as_slice() {
                    [row] if !paid.contains(row) => Some(prices.rows[*row]),
                    rows => rows.iter().all(|row| paid.contains(row)).then_some(0),
                }
            };
            Union {
                charges: (0..ground.groups.len()).map(charge).collect(),
                paid: paid.iter().map(|&row| prices.rows[row]).sum(),
            }
        };
        Some(Pricing {
            ground,
            prices,
            unions: paid.into_iter().map(union).collect(),
        })
    }

    /// What no leg costs less than, as far as that is below `end`, and cheap legs: the cheapest that
    /// begins with each group.
    pub(crate) fn cheapest(&self, end: u64) -> Option<(u64, Vec<Pattern>)> {
        let (mut least, mut found) = (end, Vec::new());
        for union in &self.unions {
            let Some(table) = self.table(union, end) else {
                continue;
            };
            let table = table?;
            if let Some(cost) = table.least() {
                least = least.min(cost + union.paid);
            }
            for group in 0..self.ground.groups.len() {
                if union.charges[group].is_none() {
                    continue;
                }
                let stocks = table.cheapest_from(self.ground, group);
                // Extents are rounded up in the table.
                let pattern = stocks.and_then(|stocks| Pattern::of(self.ground, &stocks));
                found.extend(pattern);
            }
        }
        found.sort_unstable();
        found.dedup();
        Some((least, found))
    }

    /// Every leg of a cost below `end` that would be worse by an area without any of its sources, or,
    /// if areas do not count, not enough. `None` if there are more than `most`, or time ran out.
    pub(crate) fn list(
        &self,
        end: u64,
        counts_areas: bool,
        most: usize,
        limits: &Limits<'_>,
    ) -> Option<Vec<Pattern>> {
        let mut found = Vec::new();
        for union in &self.unions {
            let Some(table) = self.table(union, end) else {
                continue;
            };
            let mut listing = Listing {
                ground: self.ground,
                prices: self.prices,
                charges: &union.charges,
                end: end - union.paid,
                counts_areas,
                table: table?,
                limits,
                most,
                steps: 0,
                stocks: Vec::new(),
                found,
            };
            listing.groups(0, 0, &[]).then_some(())?;
            found = listing.found;
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// The table of a union; the inner `None` is too large, the outer one too dear.
    fn table(&self, union: &Union, end: u64) -> Option<Option<Table>> {
        let end = end.checked_sub(union.paid).filter(|end| *end > 0)?;
        Some(Table::fill(self.ground, self.prices, &union.charges, end))
    }
}

struct Listing<'a> {
    ground: &'a Ground,
    prices: &'a Prices,
    charges: &'a [Option<u64>],
    end: u64,
    counts_areas: bool,
    table: Table,
    limits: &'a Limits<'a>,
    most: usize,
    steps: usize,
    stocks: Vec<usize>,
    found: Vec<Pattern>,
}

impl Listing<'_> {
    /// Extends the set by groups from `from` on; `price` is without its areas, longest first. `false` if
    /// there are too many sets.
    fn groups(&mut self, from: usize, price: u64, areas: &[u64]) -> bool {
        for group in from..self.ground.groups.len() {
            if !self.can_end(self.table.ahead(group), price, areas) {
                break;
            }
            let this = &self.ground.groups[group];
            let is_in_order =
                this.copies_before == 0 || self.stocks.last() == Some(&(this.stocks.start - 1));
            if let Some(charge) = self.charges[group]
                && is_in_order
                && !self.stocks(group, this.stocks.start, price + charge, areas)
            {
                return false;
            }
        }
        true
    }

    /// Extends the set by stocks of a group from `from` on, and then by further groups.
    fn stocks(&mut self, group: usize, from: usize, price: u64, areas: &[u64]) -> bool {
        let mut longer = Vec::with_capacity(areas.len() + 8);
        for stock in from..self.ground.groups[group].stocks.end {
            if !self.can_end(self.table.inside(stock), price, areas) {
                break;
            }
            self.steps += 1;
            if self.steps > self.most.saturating_mul(STEPS_PER_SET)
                || self.steps.is_multiple_of(1024) && self.limits.is_over()
            {
                return false;
            }
            let price = price + self.prices.source;
            merge(areas, &self.ground.stocks[stock].gains, &mut longer);
            self.stocks.push(stock);
            let is_listed = self.look(price, &longer)
                && self.stocks(group, stock + 1, price, &longer)
                && self.groups(group + 1, price, &longer);
            self.stocks.pop();
            if !is_listed {
                return false;
            }
        }
        true
    }

    /// Keeps the set if it is enough and cheap enough. `false` if there are too many.
    fn look(&mut self, price: u64, areas: &[u64]) -> bool {
        let Some(count) = fewest(areas, self.ground.needed()) else {
            return true;
        };
        if price + count * self.prices.area >= self.end || !self.is_minimal(count) {
            return true;
        }
        self.found.push(Pattern {
            stocks: self.stocks.clone(),
            areas: count,
        });
        self.found.len() <= self.most
    }

    /// Whether a set with these areas can become enough, within the budget, by what a row of the table
    /// stands for.
    fn can_end(&self, row: usize, price: u64, areas: &[u64]) -> bool {
        let (mut held, mut cost) = (0u64, price);
        let mut areas = areas.iter();
        loop {
            if cost >= self.end {
                return false;
            }
            let most = self.table.most(row, self.end - 1 - cost);
            if held.saturating_add(most) >= self.ground.needed() {
                return true;
            }
            let Some(area) = areas.next() else {
                return false;
            };
            held += area;
            cost += self.prices.area;
        }
    }

    fn is_minimal(&self, count: u64) -> bool {
        let is_needed = |left_out: &usize| {
            let others = self.stocks.iter().filter(|stock| *stock != left_out);
            let gains = others.flat_map(|&stock| &self.ground.stocks[stock].gains);
            let mut gains: Vec<u64> = gains.copied().collect();
            gains.sort_unstable_by(|left, right| right.cmp(left));
            let fewer = fewest(&gains, self.ground.needed());
            fewer.is_none_or(|fewer| self.counts_areas && fewer > count)
        };
        self.stocks.iter().all(is_needed)
    }
}

/// Two falling lists as one.
fn merge(left: &[u64], right: &[u64], merged: &mut Vec<u64>) {
    merged.clear();
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if first >= second {
            left.next()
        } else {
            right.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::bin_covering::covering::{Covering, Gain, Item};
    use crate::search::bin_covering::ground_set::{Group, Stock};
    use crate::search::random::Random;

    /// Groups of sources behind tags, one of which joins two.
    fn ground(random: &mut Random) -> Ground {
        let tags: [&[usize]; 4] = [&[0], &[1], &[2], &[0, 1]];
        let (mut groups, mut stocks) = (Vec::new(), Vec::new());
        for rows in tags {
            let first = stocks.len();
            for _ in 0..1 + random.below(2) {
                let mut gains: Vec<u64> = (0..1 + random.below(3))
                    .map(|_| 1 + random.below(9))
                    .collect();
                gains.sort_unstable_by(|left, right| right.cmp(left));
                let items = vec![stocks.len()];
                stocks.push(Stock { gains, items });
            }
            groups.push(Group {
                rows: rows.to_vec(),
                stocks: first..stocks.len(),
                copies_before: 0,
            });
        }
        let gain = |&extents: &u64| Gain {
            extents,
            areas: Vec::new(),
        };
        let item = |stock: &Stock| Item {
            gains: stock.gains.iter().map(gain).collect(),
        };
        let covering = Covering {
            legs: 2,
            needed: 5 + random.below(12),
            items: stocks.iter().map(item).collect(),
        };
        Ground {
            room: vec![1; 3],
            groups,
            stocks,
            covering,
        }
    }

    #[test]
    fn the_cheapest_leg_and_all_legs_within_a_budget_are_those_of_all_sets() {
        let (mut listed, mut none) = (0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let ground = ground(&mut random);
            let prices = Prices {
                area: random.below(5),
                source: random.below(4),
                rows: (0..3).map(|_| random.below(12)).collect(),
            };
            let end = 1 + random.below(50);
            let sets = (1usize..1 << ground.stocks.len()).map(|set| {
                let members = (0..ground.stocks.len()).filter(|&stock| set >> stock & 1 == 1);
                members.collect::<Vec<usize>>()
            });
            let all: Vec<Pattern> = sets.filter_map(|set| Pattern::of(&ground, &set)).collect();
            let costs = all.iter().map(|pattern| pattern.cost(&ground, &prices));
            let wanted = costs.min().map_or(end, |least| least.min(end));
            let pricing = Pricing::new(&ground, &prices, &ground.room).expect("few tags");
            let (least, found) = pricing.cheapest(end).expect("a small table");
            assert_eq!(least, wanted, "seed {seed}");
            let is_least = |pattern: &Pattern| pattern.cost(&ground, &prices) == least;
            assert!(least == end || found.iter().any(is_least), "seed {seed}");
            let patterns = pricing.list(end, true, 1_000, &Limits::none());
            let patterns = patterns.expect("few sets");
            let without = |pattern: &Pattern, left_out: usize| {
                let others = pattern.stocks.iter().filter(|stock| **stock != left_out);
                let others: Vec<usize> = others.copied().collect();
                Pattern::of(&ground, &others)
            };
            for pattern in &all {
                let is_minimal = pattern.stocks.iter().all(|&stock| {
                    without(pattern, stock).is_none_or(|fewer| fewer.areas > pattern.areas)
                });
                let is_wanted = is_minimal && pattern.cost(&ground, &prices) < end;
                assert_eq!(
                    patterns.contains(pattern),
                    is_wanted,
                    "seed {seed}: {pattern:?}"
                );
                listed += i32::from(is_wanted);
            }
            none += i32::from(patterns.is_empty());
        }
        assert!(listed > 400 && none > 40, "{listed} {none}");
    }
}
