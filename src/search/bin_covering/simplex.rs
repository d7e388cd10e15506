//! The linear relaxation of choosing columns, in fixed-point numbers.
//!
//! Exactly so many columns are to be chosen, each as often as wanted, at least cost, and together they
//! may take so much of each resource. Its relaxation allows parts of columns. The simplex method keeps
//! the inverse of the basis, and makes it anew from time to time. Columns can be added to a solved
//! relaxation, which goes on from where it was. Each room is larger by a hair, another one each, so that
//! amounts do not run out together (Charnes 1952). Nothing here is exact and nothing is a proof: prices
//! are rounded by whoever takes them, and what bound they give is found without this.

use crate::search::random::mixed;

/// What may be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) cost: i64,
    /// The resources that it takes, and how much of each.
    pub(crate) takes: Vec<(usize, i64)>,
}

/// Bits behind the point.
const POINT: u32 = 32;
pub(crate) const ONE: i64 = 1 << POINT;
/// What is no more than this is as good as nothing: of a price, and of a pivot.
const NO_GAIN: i64 = ONE >> 16;
const NO_PIVOT: i64 = ONE >> 14;
/// How far from a whole number an amount is whole.
const NEAR: i64 = ONE >> 7;
/// Pivots after which the inverse is made anew.
const MOST_PIVOTS: u32 = 150;
/// Pivots for one solution, per row, after which the first gain is taken instead of the greatest (Bland
/// 1977), and after which what there is has to do.
const GREEDY_PIVOTS: usize = 6;
const PIVOTS: usize = 12;

/// What can stand in the basis. The order is the one in which ties are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Basic {
    Column(usize),
    /// What is left of a resource.
    Left(usize),
    /// A column that does not exist, for one that is missing.
    Missing,
}

/// A relaxation: its columns so far, the basis with its inverse, the amounts and the prices.
pub(crate) struct Relaxation {
    columns: Vec<Column>,
    /// What a column costs that stands for one that does not exist.
    missing: i64,
    rooms: Vec<i64>,
    basic: Vec<Basic>,
    inverse: Vec<Vec<i64>>,
    amounts: Vec<i64>,
    prices: Vec<i64>,
    pivots: u32,
}

impl Relaxation {
    /// Nothing is chosen: all is left of every resource, and each of the `count` columns is missing,
    /// at the cost of `missing` each.
    pub(crate) fn new(room: &[i64], count: i64, missing: i64) -> Relaxation {
        let hair = |row: u64| i64::try_from(1 + mixed(row + 1) % 1024).unwrap_or(1) << 8;
        let rooms = room.iter().chain([&count]).zip(0..);
        let rooms = rooms.map(|(&room, row)| room.saturating_mul(ONE).saturating_add(hair(row)));
        let mut relaxation = Relaxation {
            columns: Vec::new(),
            missing,
            rooms: rooms.collect(),
            basic: Vec::new(),
            inverse: Vec::new(),
            amounts: Vec::new(),
            prices: Vec::new(),
            pivots: 0,
        };
        relaxation.clear();
        relaxation
    }

    /// The basis without any column.
    fn clear(&mut self) {
        let rows = self.rooms.len();
        self.basic = (0..rows - 1).map(Basic::Left).collect();
        self.basic.push(Basic::Missing);
        let unit = |row: usize| {
            (0..rows)
                .map(|at| if at == row { ONE } else { 0 })
                .collect()
        };
        self.inverse = (0..rows).map(unit).collect();
        self.amounts.clone_from(&self.rooms);
        self.pivots = 0;
    }

    /// Adds a column, which the next solving may choose.
    pub(crate) fn add(&mut self, column: Column) {
        self.columns.push(column);
    }

    /// Makes what stands for missing columns dearer.
    pub(crate) fn raise_missing(&mut self, times: i64) {
        self.missing = self.missing.saturating_mul(times).min(1 << 20);
    }

    /// What one more of each resource is worth, at most 0, and at the end what one more column costs.
    pub(crate) fn prices(&self) -> &[i64] {
        &self.prices
    }

    /// The columns that are chosen, with how often.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = (usize, Amount)> + '_ {
        let pairs = self.basic.iter().zip(&self.amounts);
        pairs.filter_map(|(basic, &amount)| match basic {
            Basic::Column(index) if amount > NEAR => Some((*index, Amount(amount))),
            Basic::Column(_) | Basic::Left(_) | Basic::Missing => None,
        })
    }

    /// Whether columns are missing, or parts of them.
    pub(crate) fn is_short(&self) -> bool {
        let mut pairs = self.basic.iter().zip(&self.amounts);
        pairs.any(|(basic, &amount)| *basic == Basic::Missing && amount > NEAR)
    }

    /// The best relaxed choice, or nearly; `None` if numbers grow too large, or it is told to stop.
    pub(crate) fn solve(&mut self, go_on: impl Fn() -> bool) -> Option<()> {
        self.price()?;
        for pivot in 0..PIVOTS * self.rooms.len() {
            if self.pivots >= MOST_PIVOTS {
                self.invert()?;
            }
            let is_greedy = pivot < GREEDY_PIVOTS * self.rooms.len();
            let Some((excess, entering)) = self.entering(is_greedy) else {
                return Some(());
            };
            if !go_on() {
                return None;
            }
            let direction = self.direction(entering)?;
            let leaving = self.leaving(&direction)?;
            self.exchange(leaving, entering, &direction)?;
            for (price, &entry) in self.prices.iter_mut().zip(&self.inverse[leaving]) {
                *price = price.checked_add(product(excess, entry)?)?;
            }
        }
        Some(())
    }

    /// What choosing the column once costs beyond the value, at least.
    pub(crate) fn excess(&self, column: &Column) -> i64 {
        let (each, prices) = self.prices.split_last().unwrap_or((&0, &[]));
        let takes = column.takes.iter();
        let worth = takes.map(|&(row, takes)| prices[row].saturating_mul(takes));
        let cost = column.cost.saturating_mul(ONE).saturating_sub(*each);
        worth.fold(cost, i64::saturating_sub)
    }

    /// What lowers the value most when it enters the basis, or the first that does, if anything does.
    fn entering(&self, is_greedy: bool) -> Option<(i64, Basic)> {
        let columns = self.columns.iter().enumerate();
        let columns = columns.map(|(index, column)| (self.excess(column), Basic::Column(index)));
        let resources = self
            .prices
            .split_last()
            .map_or(&[][..], |(_, prices)| prices);
        let resources = resources.iter().enumerate();
        let resources = resources.map(|(row, price)| (-price, Basic::Left(row)));
        let mut gains = columns
            .chain(resources)
            .filter(|(excess, _)| *excess < -NO_GAIN);
        if is_greedy { gains.min() } else { gains.next() }
    }

    /// The prices of the basis.
    fn price(&mut self) -> Option<()> {
        let mut prices = vec![0i64; self.basic.len()];
        for (basic, row) in self.basic.iter().zip(&self.inverse) {
            let cost = match *basic {
                Basic::Column(index) => self.columns[index].cost,
                Basic::Left(_) => 0,
                Basic::Missing => self.missing,
            };
            if cost != 0 {
                for (price, &entry) in prices.iter_mut().zip(row) {
                    *price = price.checked_add(entry.checked_mul(cost)?)?;
                }
            }
        }
        self.prices = prices;
        Some(())
    }

    /// By how much each basic amount falls per unit of the entering column.
    fn direction(&self, entering: Basic) -> Option<Vec<i64>> {
        let of_row = |row: &Vec<i64>| match entering {
            Basic::Left(resource) => Some(row[resource]),
            Basic::Missing => row.last().copied(),
            Basic::Column(index) => {
                let mut sum = *row.last()?;
                for &(resource, takes) in &self.columns[index].takes {
                    sum = sum.checked_add(row[resource].checked_mul(takes)?)?;
                }
                Some(sum)
            }
        };
        self.inverse.iter().map(of_row).collect()
    }

    /// The row whose amount runs out first.
    fn leaving(&self, direction: &[i64]) -> Option<usize> {
        let mut leaving: Option<usize> = None;
        for (row, &step) in direction.iter().enumerate() {
            if step <= NO_PIVOT {
                continue;
            }
            let is_sooner = leaving.is_none_or(|held| {
                let this = i128::from(self.amounts[row].max(0)) * i128::from(direction[held]);
                let other = i128::from(self.amounts[held].max(0)) * i128::from(step);
                (this, self.basic[row]) < (other, self.basic[held])
            });
            if is_sooner {
                leaving = Some(row);
            }
        }
        leaving
    }

    /// Exchanges the entering column for the basic one of a row.
    fn exchange(&mut self, leaving: usize, entering: Basic, direction: &[i64]) -> Option<()> {
        let pivot = direction[leaving];
        let mut pivot_row = std::mem::take(&mut self.inverse[leaving]);
        for entry in &mut pivot_row {
            *entry = quotient(*entry, pivot)?;
        }
        let amount = quotient(self.amounts[leaving], pivot)?;
        for (row, &step) in direction.iter().enumerate() {
            if row == leaving || step == 0 {
                continue;
            }
            for (entry, &above) in self.inverse[row].iter_mut().zip(&pivot_row) {
                if above != 0 {
                    *entry = entry.checked_sub(product(step, above)?)?;
                }
            }
            self.amounts[row] = self.amounts[row].checked_sub(product(step, amount)?)?;
        }
        self.amounts[leaving] = amount;
        self.inverse[leaving] = pivot_row;
        self.basic[leaving] = entering;
        self.pivots += 1;
        Some(())
    }

    /// Makes the inverse of the basis anew.
    fn invert(&mut self) -> Option<()> {
        let basic = self.basic.clone();
        self.clear();
        let is_kept = |at: Basic| basic.contains(&at);
        for &entering in &basic {
            if !matches!(entering, Basic::Column(_)) {
                continue;
            }
            let direction = self.direction(entering)?;
            let free = (0..basic.len()).filter(|&row| {
                let held = self.basic[row];
                !matches!(held, Basic::Column(_)) && !is_kept(held)
            });
            let row = free.max_by_key(|&row| (direction[row].abs(), row))?;
            if direction[row].abs() <= NO_GAIN {
                return None;
            }
            self.exchange(row, entering, &direction)?;
        }
        self.pivots = 0;
        self.price()
    }
}

/// How often a column is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount(i64);

impl Amount {
    /// How often it is chosen whole.
    pub(crate) fn times(self) -> i64 {
        (self.0 + NEAR) >> POINT
    }

    /// Whether a part of a time is left.
    pub(crate) fn is_broken(self) -> bool {
        self.0 - (self.times() << POINT) > NEAR
    }
}

fn product(left: i64, right: i64) -> Option<i64> {
    i64::try_from((i128::from(left) * i128::from(right)) >> POINT).ok()
}

fn quotient(left: i64, right: i64) -> Option<i64> {
    if left == 0 {
        return Some(0);
    }
    i64::try_from((i128::from(left) << POINT).checked_div(i128::from(right))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    fn small(random: &mut Random, end: u64) -> i64 {
        i64::try_from(random.below(end)).expect("small")
    }

    /// The least cost of all whole choices, tried one by one.
    fn least(columns: &[Column], room: &[i64], count: i64) -> Option<i64> {
        let Some((column, rest)) = columns.split_first() else {
            return (count == 0).then_some(0);
        };
        let of_times = |times: i64| {
            let mut left = room.to_vec();
            for &(row, takes) in &column.takes {
                left[row] -= takes * times;
            }
            if left.iter().any(|left| *left < 0) {
                return None;
            }
            Some(least(rest, &left, count - times)? + column.cost * times)
        };
        (0..=count).filter_map(of_times).min()
    }

    #[test]
    fn prices_and_amounts_agree_and_no_whole_choice_costs_less() {
        let (mut whole, mut broken) = (0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let columns: Vec<Column> = (0..3 + random.below(4))
                .map(|_| Column {
                    cost: 1 + small(&mut random, 9),
                    takes: (0..3).map(|row| (row, small(&mut random, 4))).collect(),
                })
                .collect();
            let room: Vec<i64> = (0..3).map(|_| 3 + small(&mut random, 6)).collect();
            let count = 1 + small(&mut random, 5);
            let mut relaxation = Relaxation::new(&room, count, 1 << 10);
            // One by one: a relaxation goes on from where it was.
            for column in &columns {
                relaxation.add(column.clone());
                relaxation.solve(|| true).expect("small numbers");
            }
            relaxation.invert().expect("small numbers");
            if relaxation.is_short() {
                assert_eq!(least(&columns, &room, count), None, "seed {seed}");
                continue;
            }
            let amounts: Vec<(usize, Amount)> = relaxation.amounts().collect();
            let costs = amounts
                .iter()
                .map(|(at, amount)| columns[*at].cost * amount.0);
            let value: i64 = costs.sum();
            let prices = relaxation.prices();
            let rights = room.iter().chain([&count]).zip(prices);
            let dual: i64 = rights.map(|(&right, price)| right * price).sum();
            assert!((value - dual).abs() < ONE / 2, "seed {seed}");
            assert!(prices[..3].iter().all(|price| *price <= NO_GAIN));
            let excess = |column| relaxation.excess(column);
            assert!(columns.iter().all(|column| excess(column) >= -NO_GAIN));
            if let Some(wanted) = least(&columns, &room, count) {
                assert!(dual < wanted * ONE + ONE / 100, "seed {seed}");
                whole += i32::from(dual > wanted * ONE - ONE / 100);
                broken += i32::from(dual < wanted * ONE - ONE / 100);
            }
        }
        assert!(whole > 100 && broken > 10, "{whole} {broken}");
    }
}
