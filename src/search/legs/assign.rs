//! Sharing out items so that every leg has enough: longest first, then exchanges between two legs.
//!
//! Longest first puts each item where most is missing. What is then still missing is mended by moving
//! an item, by exchanging two, and, where that ends, by sharing out two legs' items anew ("two-bin
//! repartition", by meeting in the middle). Restarts begin with a different, seeded, order.

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::random::Random;

/// Restarts after the plain first attempt. A fixed list, so that any number of threads picks the same.
const RESTARTS: u64 = 24;
/// Items above which restarts take too long.
const MOST_RESTARTED: usize = 4_096;
/// Exchanges in one attempt.
const MOST_STEPS: usize = 4_000;
/// Items of two legs that are shared out anew; twice as many are halved and met in the middle.
const MOST_MEETING: usize = 26;

/// Per leg its items, so that the sizes of each leg's items add up to at least `needed`; `None` if
/// that was not managed, which proves nothing.
pub(crate) fn assign(
    sizes: &[u64],
    legs: usize,
    needed: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Vec<usize>>> {
    let (shared, rest) = serve_alone(sizes, legs, needed)?;
    let open = legs - shared.len();
    let found = attempt(sizes, &rest, open, needed, None).or_else(|| {
        if rest.len() > MOST_RESTARTED {
            return None;
        }
        let attempts = (0..RESTARTS).into_par_iter();
        attempts.find_map_first(|candidate| {
            let random = Random::of(limits, candidate);
            attempt(sizes, &rest, open, needed, Some(random))
        })
    });
    Some(shared.into_iter().chain(found?).collect())
}

/// As [`assign`], with one attempt only.
pub(crate) fn assign_once(sizes: &[u64], legs: usize, needed: u64) -> Option<Vec<Vec<usize>>> {
    let (shared, rest) = serve_alone(sizes, legs, needed)?;
    let found = attempt(sizes, &rest, legs - shared.len(), needed, None)?;
    Some(shared.into_iter().chain(found).collect())
}

/// Legs that one item serves alone, since no one can do more with it, and the other items by falling
/// size. `None` if all items together are too few.
pub(crate) fn serve_alone(
    sizes: &[u64],
    legs: usize,
    needed: u64,
) -> Option<(Vec<Vec<usize>>, Vec<usize>)> {
    if sizes.iter().sum::<u64>() < needed * legs as u64 {
        return None;
    }
    let mut order: Vec<usize> = (0..sizes.len()).filter(|&item| sizes[item] > 0).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(sizes[item]), item));
    let whole = order.iter().take_while(|&&item| sizes[item] >= needed);
    let rest = order.split_off(whole.count().min(legs));
    Some((order.into_iter().map(|item| vec![item]).collect(), rest))
}

/// The legs while they are mended.
struct Bins<'a> {
    sizes: &'a [u64],
    needed: u64,
    /// Items per leg, the largest first.
    items: Vec<Vec<usize>>,
    loads: Vec<u64>,
}

fn attempt(
    sizes: &[u64],
    order: &[usize],
    legs: usize,
    needed: u64,
    random: Option<Random>,
) -> Option<Vec<Vec<usize>>> {
    let mut order = order.to_vec();
    let is_restart = random.is_some();
    let mut random = random.unwrap_or(Random::new(0));
    if is_restart {
        // Nearly sorted: neighbours change places now and then.
        for at in 1..order.len() {
            if random.below(3) == 0 {
                order.swap(at - 1, at);
            }
        }
    }
    let mut bins = Bins {
        sizes,
        needed,
        items: vec![Vec::new(); legs],
        loads: vec![0; legs],
    };
    for item in order {
        let least = (0..legs).min_by_key(|&leg| (bins.loads[leg], leg))?;
        bins.put(item, least);
    }
    bins.mend(&mut random).then_some(bins.items)
}

impl Bins<'_> {
    fn put(&mut self, item: usize, leg: usize) {
        let size = self.sizes[item];
        let at = self.items[leg].partition_point(|&other| self.sizes[other] >= size);
        self.items[leg].insert(at, item);
        self.loads[leg] += size;
    }

    fn take(&mut self, item: usize, leg: usize) {
        let at = self.items[leg].iter().position(|&other| other == item);
        self.items[leg].remove(at.expect("the leg has the item"));
        self.loads[leg] -= self.sizes[item];
    }

    /// The leg that lacks most, if one lacks anything.
    fn poorest(&self) -> Option<usize> {
        let leg = (0..self.loads.len()).min_by_key(|&leg| (self.loads[leg], leg))?;
        (self.loads[leg] < self.needed).then_some(leg)
    }

    /// Exchanges items until every leg has enough or nothing helps.
    fn mend(&mut self, random: &mut Random) -> bool {
        let mut repartitions = 0;
        for _ in 0..MOST_STEPS {
            let Some(poor) = self.poorest() else {
                return true;
            };
            if self.exchange(poor) {
                continue;
            }
            repartitions += 1;
            if repartitions > 40 + 4 * self.loads.len() || !self.repartition(poor, random) {
                return false;
            }
        }
        false
    }

    /// The move or exchange that gives the poor leg what it lacks, or most of it, without making
    /// another leg poor.
    fn exchange(&mut self, poor: usize) -> bool {
        let lacking = self.needed - self.loads[poor];
        // Gain of the poor leg, then (giver, item given, item taken back).
        let mut best: Option<(u64, usize, usize, Option<usize>)> = None;
        let is_better = |gain: u64, best: u64| {
            // Enough with little to spare is best; else the more the better.
            match (gain >= lacking, best >= lacking) {
                (true, true) => gain < best,
                (true, false) => true,
                (false, true) => false,
                (false, false) => gain > best,
            }
        };
        for giver in 0..self.loads.len() {
            let spare = self.loads[giver].saturating_sub(self.needed);
            if giver == poor || spare == 0 {
                continue;
            }
            let given_back =
                std::iter::once(None).chain(self.items[poor].iter().copied().map(Some));
            for back in given_back {
                let returned = back.map_or(0, |item| self.sizes[item]);
                // Items of the giver that are larger than what comes back by 1 ..= spare.
                let items = &self.items[giver];
                let from = items.partition_point(|&item| self.sizes[item] > returned + spare);
                let to = items.partition_point(|&item| self.sizes[item] > returned);
                // The smallest that is enough, else the largest.
                let enough = from
                    + items[from..to]
                        .partition_point(|&item| self.sizes[item] >= returned + lacking);
                let pick = if enough > from { enough - 1 } else { from };
                if pick >= to {
                    continue;
                }
                let gain = self.sizes[items[pick]] - returned;
                if best.is_none_or(|(held, ..)| is_better(gain, held)) {
                    best = Some((gain, giver, items[pick], back));
                }
            }
        }
        let Some((_, giver, item, back)) = best else {
            return false;
        };
        self.take(item, giver);
        self.put(item, poor);
        if let Some(back) = back {
            self.take(back, poor);
            self.put(back, giver);
        }
        true
    }

    /// Shares out the items of the poor leg and another anew. If both cannot have enough, the other
    /// gets as little above its need as there is, so that the lack moves on to where it may be mended.
    fn repartition(&mut self, poor: usize, random: &mut Random) -> bool {
        let legs = self.loads.len();
        let first = random.position(legs);
        let mut fallback = None;
        for step in 0..legs {
            let other = (first + step) % legs;
            if other == poor {
                continue;
            }
            let items: Vec<usize> = self.items[poor]
                .iter()
                .chain(&self.items[other])
                .copied()
                .collect();
            if items.len() < 3 || items.len() > MOST_MEETING {
                continue;
            }
            let sizes: Vec<u64> = items.iter().map(|&item| self.sizes[item]).collect();
            let total = self.loads[poor] + self.loads[other];
            // The least that one of the two can have and still have enough.
            let Some((sum, chosen)) = least_sum(&sizes, self.needed) else {
                continue;
            };
            if total - sum >= self.needed {
                self.give(&items, chosen, poor, other);
                return true;
            }
            if sum != self.loads[poor].max(self.loads[other]) && fallback.is_none() {
                fallback = Some((items, chosen, other));
            }
        }
        match fallback {
            Some((items, chosen, other)) => {
                self.give(&items, chosen, other, poor);
                true
            }
            None => false,
        }
    }

    /// The chosen items to one leg, the others to the second.
    fn give(&mut self, items: &[usize], chosen: u64, to: usize, others_to: usize) {
        for leg in [to, others_to] {
            self.items[leg].clear();
            self.loads[leg] = 0;
        }
        for (at, &item) in items.iter().enumerate() {
            let leg = if chosen >> at & 1 == 1 { to } else { others_to };
            self.put(item, leg);
        }
    }
}

/// The subset with the least sum that is at least `needed`: its sum, and its members as bits.
///
/// Horowitz and Sahni 1974: all sums of either half, sorted, met from both ends.
pub(crate) fn least_sum(sizes: &[u64], needed: u64) -> Option<(u64, u64)> {
    let (left, right) = sizes.split_at(sizes.len() / 2);
    let (left_sums, right_sums) = (sums(left), sums(right));
    let mut best: Option<(u64, u64)> = None;
    let mut at = right_sums.len();
    for &(sum, bits) in &left_sums {
        // The right sums that suffice become more as the left sum grows.
        while at > 0 && sum + right_sums[at - 1].0 >= needed {
            at -= 1;
        }
        if let Some(&(more, more_bits)) = right_sums.get(at) {
            let total = sum + more;
            if best.is_none_or(|(held, _)| total < held) {
                best = Some((total, bits | more_bits << left.len()));
            }
        }
    }
    best
}

/// All sums of subsets, ascending, each with its members as bits.
pub(crate) fn sums(sizes: &[u64]) -> Vec<(u64, u64)> {
    let mut sums = vec![(0u64, 0u64)];
    for (at, &size) in sizes.iter().enumerate() {
        let with: Vec<(u64, u64)> = sums
            .iter()
            .map(|&(sum, bits)| (sum + size, bits | 1 << at))
            .collect();
        // Both are sorted: merge.
        let mut merged = Vec::with_capacity(2 * sums.len());
        let (mut without, mut with) = (sums.into_iter().peekable(), with.into_iter().peekable());
        while let (Some(first), Some(second)) = (without.peek(), with.peek()) {
            let next = if first <= second {
                without.next()
            } else {
                with.next()
            };
            merged.extend(next);
        }
        merged.extend(without);
        merged.extend(with);
        sums = merged;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_sufficient_sum_is_found() {
        let sizes = [7, 11, 13, 29, 31];
        for needed in 1..=91 {
            let all = (0u64..32).map(|bits| {
                let members = sizes
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| bits >> at & 1 == 1);
                members.map(|(_, size)| size).sum::<u64>()
            });
            let wanted = all.filter(|sum| *sum >= needed).min();
            assert_eq!(least_sum(&sizes, needed).map(|(sum, _)| sum), wanted);
        }
        assert_eq!(least_sum(&sizes, 92), None);
    }

    #[test]
    fn whoever_is_placed_has_enough_and_no_item_serves_twice() {
        for seed in 0..50 {
            let mut random = Random::new(seed);
            let sizes: Vec<u64> = (0..30).map(|_| 50 + random.below(100)).collect();
            let total: u64 = sizes.iter().sum();
            let needed = total / 6 - 10;
            let Some(legs) = assign(&sizes, 6, needed, &Limits::none()) else {
                panic!("seed {seed}: thirty items leave room enough");
            };
            let mut seen = vec![false; sizes.len()];
            for leg in &legs {
                assert!(leg.iter().map(|&item| sizes[item]).sum::<u64>() >= needed);
                for &item in leg {
                    assert!(!std::mem::replace(&mut seen[item], true));
                }
            }
        }
    }
}
