//! The linear relaxation of choosing columns, solved exactly in whole numbers.
//!
//! Exactly so many columns are to be chosen, each as often as wanted, at least cost, and together they
//! may take so much of each resource. Its relaxation allows parts of columns. The simplex method keeps
//! the inverse of the basis as whole numbers over one common denominator, its determinant, so that
//! every division is exact (Edmonds 1967; Bareiss 1968). What would leave the range of numbers ends
//! the method; it is never rounded.

/// What may be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) cost: i64,
    /// What it takes of each resource.
    pub(crate) takes: Vec<i64>,
}

/// What a column costs that stands for one that does not exist.
const PENALTY: i128 = 1 << 30;
/// Pivots in a row that gain nothing, after which the first column is taken instead of the best
/// (Bland 1977), so that the method ends.
const MOST_IDLE: u32 = 40;

/// The best relaxed choice. All numbers are multiples of 1 / `scale`.
pub(crate) struct Relaxed {
    pub(crate) scale: i128,
    pub(crate) value: i128,
    /// Columns that are chosen, with how often, ascending.
    pub(crate) amounts: Vec<(usize, i128)>,
    /// What one more of each resource is worth, at most 0, and at the end what one more column costs.
    prices: Vec<i128>,
}

impl Relaxed {
    /// What choosing the column once costs beyond the value, at least; `None` out of range.
    pub(crate) fn excess(&self, column: &Column) -> Option<i128> {
        excess(column, &self.prices, self.scale)
    }

    /// Whether every column is chosen a whole number of times.
    pub(crate) fn is_whole(&self) -> bool {
        self.amounts
            .iter()
            .all(|(_, amount)| amount % self.scale == 0)
    }
}

fn excess(column: &Column, prices: &[i128], scale: i128) -> Option<i128> {
    let (&each, prices) = prices.split_last()?;
    let mut excess = scale
        .checked_mul(i128::from(column.cost))?
        .checked_sub(each)?;
    for (&price, &takes) in prices.iter().zip(&column.takes) {
        if takes != 0 {
            excess = excess.checked_sub(price.checked_mul(i128::from(takes))?)?;
        }
    }
    Some(excess)
}

/// The best relaxed choice of `count` of the columns that are `usable`, within `room` of each resource.
/// Where there is none, its value is above any cost there could be. `None` if numbers grow too large.
pub(crate) fn relax(
    columns: &[Column],
    usable: &[usize],
    room: &[i64],
    count: i64,
) -> Option<Relaxed> {
    let mut basis = Basis::start(room, count);
    let mut idle = 0;
    loop {
        let prices = basis.prices(columns)?;
        let Some(entering) = entering(columns, usable, &prices, basis.scale, idle >= MOST_IDLE)?
        else {
            return basis.relaxed(columns, prices);
        };
        let is_gain = basis.enter(entering, columns)?;
        idle = if is_gain { 0 } else { idle + 1 };
    }
}

/// What can stand in the basis. The order is the one in which ties are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Basic {
    Column(usize),
    /// What is left of a resource.
    Left(usize),
    /// A column that does not exist, for one that is missing.
    Missing,
}

/// The basic columns, their inverse and their amounts, all times `scale`.
struct Basis {
    scale: i128,
    basic: Vec<Basic>,
    inverse: Vec<Vec<i128>>,
    amounts: Vec<i128>,
}

/// What lowers the value when it enters the basis, if anything does; the outer `None` is out of range.
fn entering(
    columns: &[Column],
    usable: &[usize],
    prices: &[i128],
    scale: i128,
    is_first: bool,
) -> Option<Option<Basic>> {
    let mut best: Option<(i128, Basic)> = None;
    for &index in usable {
        let excess = excess(&columns[index], prices, scale)?;
        if excess < best.map_or(0, |(held, _)| held) {
            best = Some((excess, Basic::Column(index)));
            if is_first {
                return Some(best.map(|(_, basic)| basic));
            }
        }
    }
    let (_, resources) = prices.split_last()?;
    for (row, price) in resources.iter().enumerate() {
        if -price < best.map_or(0, |(held, _)| held) {
            best = Some((-price, Basic::Left(row)));
            if is_first {
                break;
            }
        }
    }
    Some(best.map(|(_, basic)| basic))
}

impl Basis {
    /// Nothing is chosen: all is left of every resource, and every column is missing.
    fn start(room: &[i64], count: i64) -> Basis {
        let rows = room.len() + 1;
        let mut basic: Vec<Basic> = (0..room.len()).map(Basic::Left).collect();
        basic.push(Basic::Missing);
        let unit = |row: usize| (0..rows).map(|at| i128::from(at == row)).collect();
        let amounts = room.iter().chain([&count]);
        Basis {
            scale: 1,
            basic,
            inverse: (0..rows).map(unit).collect(),
            amounts: amounts.map(|&amount| i128::from(amount)).collect(),
        }
    }

    fn prices(&self, columns: &[Column]) -> Option<Vec<i128>> {
        let mut prices = vec![0i128; self.basic.len()];
        for (basic, row) in self.basic.iter().zip(&self.inverse) {
            let cost = cost(*basic, columns);
            if cost != 0 {
                for (price, &entry) in prices.iter_mut().zip(row) {
                    *price = price.checked_add(entry.checked_mul(cost)?)?;
                }
            }
        }
        Some(prices)
    }

    /// Exchanges the entering column for the basic one that is used up first. Whether that changed
    /// the amounts.
    fn enter(&mut self, entering: Basic, columns: &[Column]) -> Option<bool> {
        let direction = self.direction(entering, columns)?;
        let mut leaving: Option<usize> = None;
        for (row, &step) in direction.iter().enumerate() {
            if step <= 0 {
                continue;
            }
            let is_sooner = match leaving {
                None => true,
                Some(held) => {
                    let this = self.amounts[row].checked_mul(direction[held])?;
                    let other = self.amounts[held].checked_mul(step)?;
                    this < other || this == other && self.basic[row] < self.basic[held]
                }
            };
            if is_sooner {
                leaving = Some(row);
            }
        }
        // Costs are not negative, so some amount always runs out.
        let leaving = leaving?;
        let is_gain = self.amounts[leaving] > 0;
        let pivot = direction[leaving];
        let pivot_row = self.inverse[leaving].clone();
        let pivot_amount = self.amounts[leaving];
        for (row, &step) in direction.iter().enumerate() {
            if row == leaving {
                continue;
            }
            for (entry, &above) in self.inverse[row].iter_mut().zip(&pivot_row) {
                *entry = exchanged(*entry, pivot, step, above, self.scale)?;
            }
            let amount = &mut self.amounts[row];
            *amount = exchanged(*amount, pivot, step, pivot_amount, self.scale)?;
        }
        self.scale = pivot;
        self.basic[leaving] = entering;
        Some(is_gain)
    }

    /// By how much each basic amount falls per unit of the entering column.
    fn direction(&self, entering: Basic, columns: &[Column]) -> Option<Vec<i128>> {
        let of_row = |row: &Vec<i128>| match entering {
            Basic::Left(resource) => Some(row[resource]),
            Basic::Missing => row.last().copied(),
            Basic::Column(index) => {
                let mut sum = *row.last()?;
                for (&entry, &takes) in row.iter().zip(&columns[index].takes) {
                    sum = sum.checked_add(entry.checked_mul(i128::from(takes))?)?;
                }
                Some(sum)
            }
        };
        self.inverse.iter().map(of_row).collect()
    }

    fn relaxed(self, columns: &[Column], prices: Vec<i128>) -> Option<Relaxed> {
        let mut value: i128 = 0;
        let mut amounts = Vec::new();
        for (&basic, &amount) in self.basic.iter().zip(&self.amounts) {
            value = value.checked_add(amount.checked_mul(cost(basic, columns))?)?;
            if let Basic::Column(index) = basic
                && amount > 0
            {
                amounts.push((index, amount));
            }
        }
        amounts.sort_unstable();
        Some(Relaxed {
            scale: self.scale,
            value,
            amounts,
            prices,
        })
    }
}

fn cost(basic: Basic, columns: &[Column]) -> i128 {
    match basic {
        Basic::Column(index) => i128::from(columns[index].cost),
        Basic::Left(_) => 0,
        Basic::Missing => PENALTY,
    }
}

/// An entry of another row after the exchange; the division has no remainder.
fn exchanged(entry: i128, pivot: i128, step: i128, above: i128, scale: i128) -> Option<i128> {
    let grown = pivot.checked_mul(entry)?;
    Some(grown.checked_sub(step.checked_mul(above)?)? / scale)
}
