//! Sharing out items with next to nothing to spare: the items of some legs at a time, exactly.
//!
//! Exchanges between two legs leave a little too much here and there that one leg lacks. So this leg
//! and some others are shared out anew, as tightly as all legs together have to be: only one of them may
//! still lack something, which a stand-in item gives it meanwhile. What it lacks then is what the legs
//! that were not looked at have too much. With enough items in such a pool there are ways, and few
//! enough items make it quick to find one.

use crate::core::Limits;
use crate::search::bin_covering::assign::{self, serve_alone};
use crate::search::bin_covering::exact_fillings::{self, Most, Tight};
use crate::search::parallel;
use crate::search::random::Random;

/// Attempts, each with its own random numbers. A fixed list, so that any number of threads picks the same.
const ATTEMPTS: u64 = 12;
/// Pools of one attempt.
const MOST_POOLS: usize = 60;
/// Items of the first pool, the least and the most.
const ITEMS: usize = 36;
const LEAST_ITEMS: usize = 10;
const MOST_ITEMS: usize = 56;
/// What is listed for one pool: some thousandths of a second.
const LISTED: Most = Most {
    sums: 1 << 18,
    sets: 1 << 14,
};
/// Nodes of the search for one pool.
const NODES: u64 = 3_000;

/// Per leg its items, so that the sizes of each leg's items add up to at least `needed`; `None` if
/// that was not managed, which proves nothing.
pub(crate) fn mend(
    sizes: &[u64],
    legs: usize,
    needed: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Vec<usize>>> {
    let (alone, rest) = serve_alone(sizes, legs, needed)?;
    let open = legs - alone.len();
    let total: u64 = rest.iter().map(|&item| sizes[item]).sum();
    let slack = total.checked_sub(needed * open as u64)?;
    let found = parallel::first(0..ATTEMPTS, |candidate| {
        let begun = Random::of(limits, candidate);
        let mut pools = Pools {
            sizes,
            needed,
            slack,
            limits,
            random: Random::of(limits, ATTEMPTS + candidate),
            legs: assign::nearly(sizes, &rest, open, needed, begun, limits),
            items: ITEMS,
        };
        pools.run().then_some(pools.legs)
    });
    Some(alone.into_iter().chain(found?).collect())
}

/// Legs while they are mended.
struct Pools<'a> {
    sizes: &'a [u64],
    needed: u64,
    /// What all legs together have above their need.
    slack: u64,
    limits: &'a Limits<'a>,
    random: Random,
    legs: Vec<Vec<usize>>,
    /// Items of the next pool, at most.
    items: usize,
}

impl Pools<'_> {
    /// Shares out pools until every leg has enough; `false` if none of the tries ended well.
    fn run(&mut self) -> bool {
        for _ in 0..MOST_POOLS {
            let poor = (0..self.legs.len()).min_by_key(|&leg| (self.load(leg), leg));
            let Some(poor) = poor.filter(|&poor| self.load(poor) < self.needed) else {
                return true;
            };
            if self.limits.is_over() {
                return false;
            }
            let pool = self.pool(poor);
            let part = self.random.below(3);
            let outcome = self.share(&pool, part);
            match outcome {
                Tight::Found(found) => self.give(&pool, found),
                // Fewer items have fewer sets, and more items more ways.
                Tight::TooMany | Tight::Stopped if self.items > LEAST_ITEMS => self.items -= 3,
                Tight::TooMany | Tight::Stopped => return false,
                Tight::None { .. } | Tight::Unfillable { .. } => {
                    self.items = MOST_ITEMS.min(self.items + 2);
                }
            }
        }
        false
    }

    fn load(&self, leg: usize) -> u64 {
        self.legs[leg].iter().map(|&item| self.sizes[item]).sum()
    }

    /// The legs of a pool: the poor one, and others in random order, those first that have too much or
    /// too little.
    fn pool(&mut self, poor: usize) -> Vec<usize> {
        let mut others: Vec<(bool, u64, usize)> = Vec::new();
        let mixed = self.random.below(3) == 0;
        for leg in (0..self.legs.len()).filter(|&leg| leg != poor) {
            let is_full = self.load(leg) == self.needed;
            let is_full = is_full && !mixed;
            others.push((is_full, self.random.below(1 << 16), leg));
        }
        others.sort_unstable();
        let mut pool = vec![poor];
        let mut items = self.legs[poor].len();
        for (_, _, leg) in others {
            items += self.legs[leg].len();
            if items > self.items && pool.len() > 1 {
                break;
            }
            pool.push(leg);
        }
        pool
    }

    /// Shares out the items of these legs; the last item is the stand-in, if there is one.
    fn share(&self, pool: &[usize], part: u64) -> Tight {
        let items = pool.iter().flat_map(|&leg| &self.legs[leg]);
        let mut sizes: Vec<u64> = items.map(|&item| self.sizes[item]).collect();
        let held: u64 = sizes.iter().sum();
        let others = (pool.len() - 1) as u64;
        let all_others = (self.legs.len() - 1) as u64;
        let off = pool[1..]
            .iter()
            .map(|&leg| self.load(leg).abs_diff(self.needed));
        let spare = (self.slack * others / all_others.max(1)).max(off.sum::<u64>() * part / 2);
        let wanted = self.needed * pool.len() as u64 + spare;
        if wanted > held {
            sizes.push(wanted - held);
        }
        let limits = self.limits.with_nodes(NODES);
        exact_fillings::share(&sizes, pool.len(), self.needed, LISTED, &limits)
    }

    fn give(&mut self, pool: &[usize], found: Vec<Vec<usize>>) {
        let items: Vec<usize> = pool
            .iter()
            .flat_map(|&leg| self.legs[leg].clone())
            .collect();
        for (&leg, places) in pool.iter().zip(found) {
            // The stand-in is past the items.
            let own = places.into_iter().filter_map(|place| items.get(place));
            self.legs[leg] = own.copied().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::bin_covering::decide::tests::must_be_right;

    /// `legs` legs of `each` items that use up every extent, shuffled.
    fn planted(seed: u64, legs: usize, each: u64, needed: u64) -> Vec<u64> {
        let mut random = Random::new(seed);
        let mut sizes: Vec<u64> = Vec::new();
        for _ in 0..legs {
            let mut left = needed;
            for others in (1..each).rev() {
                let mean = left / (others + 1);
                let size = mean / 2 + random.below(mean);
                sizes.push(size);
                left -= size;
            }
            sizes.push(left);
        }
        for at in (1..sizes.len()).rev() {
            sizes.swap(at, random.position(at + 1));
        }
        sizes
    }

    #[test]
    fn legs_that_use_up_every_extent_are_found() {
        for (seed, legs, each) in [(1, 6, 8), (2, 4, 12), (3, 10, 7), (4, 3, 40)] {
            let sizes = planted(seed, legs, each, 50_000);
            let found = mend(&sizes, legs, 50_000, &Limits::none());
            let found = found.unwrap_or_else(|| panic!("seed {seed} has a plan"));
            must_be_right(&found, &sizes, legs, 50_000);
        }
    }

    #[test]
    fn what_cannot_be_shared_out_is_left_alone() {
        assert!(mend(&[100; 7], 3, 233, &Limits::none()).is_none());
        assert!(mend(&[50, 50, 49, 51, 52, 48], 3, 101, &Limits::none()).is_none());
        assert!(mend(&[], 2, 1, &Limits::none()).is_none());
    }
}
