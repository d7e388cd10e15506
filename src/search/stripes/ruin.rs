//! Layouts ruined and filled again, until they have fewer intervals.
//!
//! Some intervals of a layout are taken back, and what they had is filled again with at most as many. Of
//! layouts with as many intervals the one whose lengths are further apart is kept: its shortest are the
//! first to go (Schrimpf et al., "Record breaking optimization results using the ruin and recreate
//! principle", Journal of Computational Physics 159, 2000).

use crate::core::Limits;
use crate::search::random::Random;
use crate::search::stripes::longest_feasible::{Residue, Taste};
use crate::search::stripes::pool::{Interval, Pool};

/// A search that goes on where it stopped.
pub(crate) struct Ruins<'a> {
    pool: &'a Pool,
    extents: u64,
    random: Random,
    current: Option<Vec<Interval>>,
    value: u64,
    rounds: u64,
}

impl<'a> Ruins<'a> {
    /// Starts with the plain layout; there is one unless the sources have too little.
    pub(crate) fn of(pool: &'a Pool, extents: u64, limits: &Limits<'_>) -> Ruins<'a> {
        let mut random = Random::of(limits, 0);
        let mut residue = Residue::of(pool, extents);
        let current = residue.fill(usize::MAX, Taste::PLAIN, &mut random, limits);
        Ruins {
            pool,
            extents,
            random,
            value: current.as_deref().map_or(u64::MAX, value),
            current,
            rounds: 0,
        }
    }

    /// The best layout so far.
    pub(crate) fn best(&self) -> Option<&Vec<Interval>> {
        self.current.as_ref()
    }

    /// Goes on from a layout of somebody else, if that is better.
    pub(crate) fn learn(&mut self, found: Vec<Interval>) {
        self.accept(Pool::cut(found, self.extents));
    }

    pub(crate) fn into_best(self) -> Option<Vec<Interval>> {
        self.current
    }

    /// Rounds until there are `goal` intervals, or `rounds` of them.
    pub(crate) fn go_on(&mut self, goal: usize, rounds: u64, limits: &Limits<'_>) {
        /// Layouts made from nothing, before any is ruined, and then one in so many rounds.
        const STARTS: u64 = 32;
        const AGAIN: u64 = 128;
        for _ in 0..rounds {
            let Some(current) = &self.current else { return };
            if current.len() <= goal || limits.is_over() {
                return;
            }
            self.rounds += 1;
            if self.rounds < STARTS || self.rounds.is_multiple_of(AGAIN) {
                self.start_again(limits);
            } else {
                self.ruin(limits);
            }
        }
    }

    fn start_again(&mut self, limits: &Limits<'_>) {
        let Some(current) = &self.current else { return };
        let mut residue = Residue::of(self.pool, self.extents);
        let taste = taste(&mut self.random);
        let slack = residue.slack().unwrap_or(0);
        let dropped = slack / 8 * self.random.below(8);
        let mut order: Vec<usize> = (0..self.pool.lengths.len()).collect();
        order.sort_by_key(|&area| (self.pool.lengths[area], area));
        let mut sum = 0;
        for area in order {
            sum += self.pool.lengths[area];
            if sum > dropped {
                break;
            }
            residue.drop(area);
        }
        let most = current.len() - self.random.position(2);
        if let Some(found) = residue.fill(most, taste, &mut self.random, limits) {
            self.accept(found);
        }
    }

    fn ruin(&mut self, limits: &Limits<'_>) {
        let Some(current) = &self.current else { return };
        let removed = self.removed(current.len());
        let current = self.current.as_ref().expect("seen above");
        let mut residue = Residue::of(self.pool, self.extents);
        let mut kept = Vec::with_capacity(current.len());
        for (index, interval) in current.iter().enumerate() {
            if !removed.contains(&index) {
                residue.take(interval);
                kept.push(interval.clone());
            }
        }
        let taste = taste(&mut self.random);
        let most = removed.len() - self.random.position(2);
        if let Some(found) = residue.fill(most, taste, &mut self.random, limits) {
            kept.extend(found);
            self.accept(kept);
        }
    }

    /// The intervals to take back.
    fn removed(&mut self, count: usize) -> Vec<usize> {
        /// More are hardly ever filled with fewer.
        const MOST: usize = 9;
        let many = (2 + self.random.position(MOST - 1)).min(count);
        let first = match self.random.below(4) {
            0 => 0,
            1 => self.random.position(count + 1 - many),
            _ => {
                let mut all: Vec<usize> = (0..count).collect();
                for index in 0..many {
                    let other = index + self.random.position(count - index);
                    all.swap(index, other);
                }
                all.truncate(many);
                return all;
            }
        };
        (first..first + many).collect()
    }

    fn accept(&mut self, mut found: Vec<Interval>) {
        let value = value(&found);
        let fewer = self.current.as_ref().map_or(usize::MAX, Vec::len);
        if found.len() < fewer || (found.len() == fewer && value <= self.value) {
            found.sort_unstable();
            self.current = Some(found);
            self.value = value;
        }
    }
}

fn taste(random: &mut Random) -> Taste {
    Taste {
        shortest: [0, 0, 4, 8, 12, 16][random.position(6)],
        loses: (random.below(2) > 0).then(|| 2 + random.below(16)),
        other: [0, 2, 8][random.position(3)],
        noise: [0, 4, 16][random.position(3)],
    }
}

/// Less where lengths are further apart: the sum of their logarithms, in steps of which there are `1 << BITS`
/// between two powers of two, straight between them.
fn value(intervals: &[Interval]) -> u64 {
    const BITS: u32 = 16;
    let logarithm = |interval: &Interval| {
        let whole = interval.length.ilog2();
        let steps = (u128::from(interval.length) << BITS >> whole) - (1 << BITS);
        (u64::from(whole) << BITS) + u64::try_from(steps).unwrap_or(0)
    };
    intervals.iter().map(logarithm).sum()
}
