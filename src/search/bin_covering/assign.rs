//! Sharing out items so that every leg has enough: longest first, then exchanges between two legs.
//!
//! Longest first puts each item where most is missing. What is then still missing is mended by moving
//! an item, by exchanging two, and, where that ends, by sharing out two legs' items anew ("two-bin
//! repartition", by meeting in the middle). Restarts begin with a different, seeded, order.

use crate::core::Limits;
use crate::search::parallel;
use crate::search::random::Random;
use crate::search::sums::least_sum;

/// Restarts after the plain first attempt. A fixed list, so that any number of threads picks the same.
const RESTARTS: u64 = 24;
/// Items above which restarts take too long.
const MOST_RESTARTED: usize = 4_096;
/// Exchanges in one attempt, and looks at items for them.
const MOST_STEPS: usize = 4_000;
const MOST_LOOKS: usize = 1 << 25;
/// Items of two legs that are shared out anew: twice 4,096 sums. Of more, so many are drawn.
const MOST_MEETING: usize = 24;
/// How often, in one attempt, two legs' items are shared out anew: some, and so many for each leg.
const REPARTITIONS: usize = 40;
const REPARTITIONS_EACH: usize = 8;
/// Draws from the items of the same two legs.
const DRAWS: usize = 3;

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
    let attempt = |random| Bins::mended(sizes, &rest, open, needed, random, limits).enough();
    let found = attempt(None).or_else(|| {
        if rest.len() > MOST_RESTARTED {
            return None;
        }
        parallel::first(0..RESTARTS, |candidate| {
            attempt(Some(Random::of(limits, candidate)))
        })
    });
    Some(shared.into_iter().chain(found?).collect())
}

/// The items of `order` on the legs, so that most of them have enough.
pub(crate) fn nearly(
    sizes: &[u64],
    order: &[usize],
    legs: usize,
    needed: u64,
    random: Random,
    limits: &Limits<'_>,
) -> Vec<Vec<usize>> {
    Bins::mended(sizes, order, legs, needed, Some(random), limits).items
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

impl<'a> Bins<'a> {
    /// Items by falling size, each put where most is missing, and what is then missing mended. With
    /// random numbers, neighbours in the order change places now and then.
    fn mended(
        sizes: &'a [u64],
        order: &[usize],
        legs: usize,
        needed: u64,
        random: Option<Random>,
        limits: &Limits<'_>,
    ) -> Bins<'a> {
        let mut order = order.to_vec();
        let is_restart = random.is_some();
        let mut random = random.unwrap_or(Random::new(0));
        if is_restart {
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
            let least = (0..legs).min_by_key(|&leg| (bins.loads[leg], leg));
            if let Some(least) = least {
                bins.put(item, least);
            }
        }
        bins.mend(&mut random, limits);
        bins
    }

    /// The legs, if each has enough.
    fn enough(self) -> Option<Vec<Vec<usize>>> {
        self.poorest().is_none().then_some(self.items)
    }

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

    /// Exchanges items until every leg has enough, nothing helps or a limit runs out.
    fn mend(&mut self, random: &mut Random, limits: &Limits<'_>) {
        let mut repartitions = REPARTITIONS + REPARTITIONS_EACH * self.loads.len();
        let mut looks = 0;
        for _ in 0..MOST_STEPS {
            let Some(poor) = self.poorest() else {
                return;
            };
            // Each item of the poor leg is compared with every other leg's.
            looks += self.loads.len() * (self.items[poor].len() + 1);
            if looks > MOST_LOOKS {
                return;
            }
            let is_over = limits.is_over();
            if is_over || !self.exchange(poor) && !self.repartition(poor, random, &mut repartitions)
            {
                return;
            }
        }
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

    /// Shares out the items of the poor leg and another anew: the other gets what it needs and as
    /// little above that as there is. So what all legs have to spare, or lack, ends up in one leg.
    fn repartition(&mut self, poor: usize, random: &mut Random, left: &mut usize) -> bool {
        let off = |leg: usize| self.loads[leg].abs_diff(self.needed);
        let mut others: Vec<usize> = (0..self.loads.len())
            .filter(|&leg| leg != poor && off(leg) > 0)
            .collect();
        others.sort_by_key(|&leg| (std::cmp::Reverse(off(leg)), leg));
        for other in others {
            for _ in 0..DRAWS {
                if *left == 0 {
                    return false;
                }
                *left -= 1;
                let items = self.drawn(poor, other, random);
                let sizes: Vec<u64> = items.iter().map(|&(item, _)| self.sizes[item]).collect();
                let drawn = items.iter().filter(|(_, leg)| *leg == other);
                let drawn: u64 = drawn.map(|&(item, _)| self.sizes[item]).sum();
                let lacking = (self.needed + drawn).saturating_sub(self.loads[other]);
                if let Some((sum, chosen)) = least_sum(&sizes, lacking)
                    && sum != drawn
                {
                    self.give(&items, chosen, other, poor);
                    return true;
                }
                if items.len() < MOST_MEETING {
                    break;
                }
            }
        }
        false
    }

    /// The items of two legs, each with its leg, or as many as can be met in the middle, drawn alike
    /// from both.
    fn drawn(&self, first: usize, second: usize, random: &mut Random) -> Vec<(usize, usize)> {
        let of_leg = |leg: usize| self.items[leg].iter().map(move |&item| (item, leg));
        let mut items: Vec<(usize, usize)> = of_leg(first).chain(of_leg(second)).collect();
        while items.len() > MOST_MEETING {
            items.swap_remove(random.position(items.len()));
        }
        items
    }

    /// The chosen items to one leg, the others to the second.
    fn give(&mut self, items: &[(usize, usize)], chosen: u64, to: usize, others_to: usize) {
        for (at, &(item, leg)) in items.iter().enumerate() {
            let next = if chosen >> at & 1 == 1 { to } else { others_to };
            if next != leg {
                self.take(item, leg);
                self.put(item, next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
