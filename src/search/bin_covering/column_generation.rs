//! Patterns by column generation: a bound on one measure among the plans that keep to a value of the
//! other, and the patterns that its relaxation uses.
//!
//! Each leg has one pattern; a row is had by as many legs as there is room for; and where one measure
//! is proven, its value is one more row, so that the bound on the other knows of it. The relaxation
//! says what rows are worth, pricing finds the patterns that are cheaper than what it pays for a leg,
//! and so on until there are none (Gilmore and Gomory 1961; Barnhart et al. 1998). Whole prices near
//! those of the relaxation, with the cheapest pattern at these, are the bound, that of the
//! Lagrangian relaxation (Farley 1990 scales the prices instead): whatever they are and wherever the rounds
//! end, no plan goes below it.

use std::collections::BTreeSet;

use crate::core::Limits;
use crate::search::bin_covering::ground_set::Ground;
use crate::search::bin_covering::pattern::{Pattern, Prices};
use crate::search::bin_covering::pricing::Pricing;
use crate::search::bin_covering::simplex::{Amount, Column, ONE, Relaxation};

/// Parts of what a leg costs in which prices are counted, about.
const CELLS: i128 = 6_000;
/// Columns of the relaxation above which it takes too long.
const MOST_COLUMNS: usize = 4_000;
/// What a pattern saves at least, for the prices of the relaxation to be worth another round.
const WORTH: i64 = ONE >> 12;
/// How often a missing pattern is made dearer.
const RAISES: u32 = 4;
/// Rows above which it takes too long.
pub(crate) const MOST_ROWS: usize = 320;

/// What is counted of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Areas,
    Sources,
}

/// What patterns are chosen for: the fewest areas or sources, while the others are no more than so
/// many.
pub(crate) struct Program<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) fewest: Count,
    pub(crate) others: Option<u64>,
}

impl Program<'_> {
    /// The room of all rows, the others at the end.
    pub(crate) fn room(&self) -> Vec<i64> {
        let others = self
            .others
            .map(|others| i64::try_from(others).unwrap_or(i64::MAX));
        self.ground.room.iter().copied().chain(others).collect()
    }

    pub(crate) fn cost(&self, pattern: &Pattern) -> u64 {
        match self.fewest {
            Count::Areas => pattern.areas,
            Count::Sources => pattern.stocks.len() as u64,
        }
    }

    fn others(&self, pattern: &Pattern) -> u64 {
        match self.fewest {
            Count::Areas => pattern.stocks.len() as u64,
            Count::Sources => pattern.areas,
        }
    }

    /// What a pattern takes of the rows.
    pub(crate) fn takes(&self, pattern: &Pattern) -> Vec<(usize, i64)> {
        let mut takes = pattern.takes(self.ground);
        if self.others.is_some() {
            let others = i64::try_from(self.others(pattern)).unwrap_or(i64::MAX);
            takes.push((self.ground.room.len(), others));
        }
        takes
    }

    /// Whether areas count at all.
    pub(crate) fn counts_areas(&self) -> bool {
        self.fewest == Count::Areas || self.others.is_some()
    }
}

/// A bound that whole prices prove: `legs` times the cheapest pattern, less the prices of all rows.
#[derive(Clone, Debug)]
pub(crate) struct Priced {
    /// Parts of what is counted in which all of these are.
    pub(crate) parts: u64,
    pub(crate) prices: Prices,
    /// What one more of the others is worth.
    pub(crate) others: u64,
    /// What no pattern costs less than.
    pub(crate) cover: u64,
    /// May be negative where prices are far off.
    pub(crate) bound_in_parts: i128,
}

impl Priced {
    /// What room for patterns of that bound is left below so much.
    pub(crate) fn slack(&self, most: u64) -> Option<u64> {
        let most = i128::from(most) * i128::from(self.parts);
        u64::try_from(most - self.bound_in_parts).ok()
    }

    /// What no plan goes below.
    pub(crate) fn bound(&self) -> u64 {
        let parts = u128::from(self.parts);
        let bound = self.bound_in_parts.max(0).unsigned_abs().div_ceil(parts);
        u64::try_from(bound).unwrap_or(0)
    }

    fn is_above(&self, other: &Priced) -> bool {
        let left = self.bound_in_parts * i128::from(other.parts);
        left > other.bound_in_parts * i128::from(self.parts)
    }
}

/// A relaxation over the patterns found so far, for what room and legs are left.
pub(crate) struct Master<'a> {
    program: &'a Program<'a>,
    room: Vec<i64>,
    legs: usize,
    /// Per row its place in the relaxation, if it has room.
    place: Vec<Option<usize>>,
    relaxation: Relaxation,
    /// The pattern of each column.
    pub(crate) patterns: Vec<Pattern>,
    known: BTreeSet<Vec<usize>>,
    pub(crate) best: Option<Priced>,
    /// The prices of the best bound.
    centre: Vec<i64>,
    /// How often a missing pattern was made dearer.
    raised: u32,
}

impl<'a> Master<'a> {
    /// With those of the patterns that fit, and with what one costs that is missing.
    pub(crate) fn new(
        program: &'a Program<'a>,
        room: Vec<i64>,
        legs: usize,
        missing: u64,
        patterns: impl IntoIterator<Item = Pattern>,
    ) -> Master<'a> {
        let mut rows = 0..;
        let place = room
            .iter()
            .map(|&room| if room > 0 { rows.next() } else { None });
        let place: Vec<Option<usize>> = place.collect();
        let rooms: Vec<i64> = room.iter().copied().filter(|room| *room > 0).collect();
        let missing = i64::try_from(missing).unwrap_or(1 << 20);
        let count = i64::try_from(legs).unwrap_or(i64::MAX);
        let mut master = Master {
            program,
            relaxation: Relaxation::new(&rooms, count, missing),
            room,
            legs,
            place,
            patterns: Vec::new(),
            known: BTreeSet::new(),
            best: None,
            centre: Vec::new(),
            raised: 0,
        };
        for pattern in patterns {
            if let Some(column) = master.column(&pattern) {
                master.add(pattern, column);
            }
        }
        master
    }

    /// The column of a pattern, if the rows of the ground have room for it. One that takes too many of the
    /// others may be chosen in parts: without it their price would not be seen.
    fn column(&self, pattern: &Pattern) -> Option<Column> {
        let mut takes = Vec::new();
        for (row, times) in self.program.takes(pattern) {
            if row < self.program.ground.room.len() && times > self.room[row] {
                return None;
            }
            takes.push((self.place[row]?, times));
        }
        let cost = i64::try_from(self.program.cost(pattern)).ok()?;
        Some(Column { cost, takes })
    }

    fn add(&mut self, pattern: Pattern, column: Column) -> bool {
        let is_new = self.known.insert(pattern.stocks.clone());
        if is_new {
            self.relaxation.add(column);
            self.patterns.push(pattern);
        }
        is_new
    }

    /// Adds patterns until none is worth it, for at most so many rounds, or until the bound is
    /// `enough`. `None` if there is no relaxed choice.
    pub(crate) fn generate(
        &mut self,
        rounds: usize,
        enough: u64,
        limits: &Limits<'_>,
    ) -> Option<()> {
        for round in 0.. {
            self.relaxation.solve(|| !limits.is_over())?;
            if round == rounds || limits.is_over() || self.patterns.len() > MOST_COLUMNS {
                break;
            }
            let prices = self.relaxation.prices().to_vec();
            let mut is_better = false;
            // Between the prices of the best bound and the present ones the bound is better (Wentges 1997);
            // where no pattern there is cheap at the present ones, these are asked themselves.
            for prices in [self.smoothed(&prices), Some(prices)].into_iter().flatten() {
                let (priced, found) = self.price(&prices)?;
                if self.best.as_ref().is_none_or(|best| priced.is_above(best)) {
                    self.best = Some(priced);
                    self.centre = prices;
                }
                for pattern in found {
                    if let Some(column) = self.column(&pattern)
                        && self.relaxation.excess(&column) < -WORTH
                    {
                        is_better |= self.add(pattern, column);
                    }
                }
                if is_better {
                    break;
                }
            }
            if self
                .best
                .as_ref()
                .is_some_and(|best| best.bound() >= enough)
            {
                break;
            }
            if !is_better {
                if !self.relaxation.is_short() || self.raised == RAISES {
                    break;
                }
                self.raised += 1;
                self.relaxation.raise_missing(8);
            }
        }
        (!self.relaxation.is_short()).then_some(())
    }

    fn smoothed(&self, prices: &[i64]) -> Option<Vec<i64>> {
        let pairs = self.centre.iter().zip(prices);
        let smoothed = pairs.map(|(&centre, &price)| price / 2 + centre / 2);
        (!self.centre.is_empty() && self.centre != prices).then(|| smoothed.collect())
    }

    /// The bound at these prices, rounded, and cheap patterns at them.
    fn price(&self, prices: &[i64]) -> Option<(Priced, Vec<Pattern>)> {
        let (&leg, prices) = prices.split_last()?;
        let leg = i128::from(leg.max(ONE >> 4));
        let parts = (CELLS * i128::from(ONE) / leg).clamp(2, CELLS);
        let of_row = |place: &Option<usize>| {
            let price = place.map_or(0, |place| prices[place]);
            // To the nearest.
            let price = -i128::from(price.min(0)) * parts + i128::from(ONE) / 2;
            u64::try_from(price / i128::from(ONE)).ok()
        };
        let rows: Option<Vec<u64>> = self.place.iter().map(of_row).collect();
        let mut rows = rows?;
        let others = match self.program.others {
            Some(_) => rows.pop()?,
            None => 0,
        };
        let end = leg * parts / i128::from(ONE) + 2;
        let parts = u64::try_from(parts).ok()?;
        let prices = match self.program.fewest {
            Count::Areas => Prices {
                area: parts,
                source: others,
                rows,
            },
            Count::Sources => Prices {
                area: others,
                source: parts,
                rows,
            },
        };
        let pricing = Pricing::new(self.program.ground, &prices, &self.room)?;
        let (cover, found) = pricing.cheapest(u64::try_from(end).ok()?)?;
        let rows = prices.rows.iter().chain(std::iter::once(&others));
        let worth = self.room.iter().zip(rows);
        let worth = worth.map(|(&room, &price)| i128::from(room) * i128::from(price));
        let legs = i128::try_from(self.legs).ok()?;
        let bound_in_parts = i128::from(cover) * legs - worth.sum::<i128>();
        let priced = Priced {
            parts,
            prices,
            others,
            cover,
            bound_in_parts,
        };
        Some((priced, found))
    }

    /// Whether there is room for the pattern of a column.
    pub(crate) fn fits(&self, column: usize) -> bool {
        let takes = self.program.takes(&self.patterns[column]);
        takes.iter().all(|&(row, times)| times <= self.room[row])
    }

    /// The columns that the relaxation chooses, those of which it chooses most first.
    pub(crate) fn chosen(&self) -> Vec<(usize, Amount)> {
        let mut chosen: Vec<(usize, Amount)> = self.relaxation.amounts().collect();
        chosen.sort_unstable_by_key(|&(column, amount)| (std::cmp::Reverse(amount), column));
        chosen
    }
}
