//! Sharing out items with next to nothing to spare: legs filled to the extent, one after another.
//!
//! With zero slack every leg is a set with one exact sum: number partitioning into many parts. Moving
//! items between legs hardly ever ends there, but exact sets are many as long as many items are left.
//! So each leg gets the largest item left and a set that completes it, found by meeting in the middle
//! among some twenty others (Horowitz and Sahni 1974). Sets of few, large items are preferred: what
//! remains for the last legs are many small ones, which have most sums. The last three legs are
//! shared out by trying every set; where that fails, some of the legs are opened and filled anew.

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::bin_covering::assign::serve_alone;
use crate::search::bin_covering::sums::{self, least_sum};
use crate::search::random::Random;

/// Attempts, each with its own random numbers. A fixed list, so that any number of threads picks the same.
const ATTEMPTS: u64 = 4;
/// Sets that one attempt looks for: some hundredths of a second.
const MOST_FILLS: usize = 60;
/// Items that a leg still takes about, where the search for its set begins.
const MOST_AT_ONCE: u128 = 6;
/// Items among which a set of up to three of either half is looked for: twice 18,000 sums.
const WIDE_WINDOW: usize = 96;
/// Items among which any set is looked for: twice 4,096 sums.
const WINDOW: usize = 24;
/// Sets of one window to choose from.
const MOST_SETS: usize = 96;
/// Items of the last legs whose sets are all tried: twice 65,536 sums.
const MOST_LAST: usize = 32;
/// First sets of the last three legs that are tried.
const MOST_LAST_SETS: usize = 400;

/// Per leg its items, so that the sizes of each leg's items add up to at least `needed`; `None` if
/// that was not managed, which proves nothing.
pub(crate) fn fill(
    sizes: &[u64],
    legs: usize,
    needed: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Vec<usize>>> {
    let (alone, rest) = serve_alone(sizes, legs, needed)?;
    let open = legs - alone.len();
    let total: u64 = rest.iter().map(|&item| sizes[item]).sum();
    let slack = total.checked_sub(needed * open as u64)?;
    let attempts = (0..ATTEMPTS).into_par_iter();
    let found = attempts.find_map_first(|candidate| {
        let mut filling = Filling {
            sizes,
            needed,
            limits,
            random: Random::of(limits, candidate),
            left: rest.clone(),
            slack,
            filled: Vec::with_capacity(open),
        };
        filling.run(open).then_some(filling.filled)
    });
    Some(alone.into_iter().chain(found?).collect())
}

/// Legs while they are filled.
struct Filling<'a> {
    sizes: &'a [u64],
    needed: u64,
    limits: &'a Limits<'a>,
    random: Random,
    /// Items that no leg has yet, the largest first.
    left: Vec<usize>,
    /// What the legs that are left may have above their need, all together.
    slack: u64,
    filled: Vec<Vec<usize>>,
}

impl Filling<'_> {
    /// Fills all legs; `false` if none of the tries ended well.
    fn run(&mut self, legs: usize) -> bool {
        for _ in 0..MOST_FILLS {
            if self.limits.is_over() {
                return false;
            }
            let open = legs - self.filled.len();
            let is_last = open <= 3 && (open < 3 || self.left.len() <= MOST_LAST);
            if is_last {
                if let Some(last) = self.last(open) {
                    self.filled.extend(last);
                    return true;
                }
            } else if let Some(set) = self.next_set(open as u64) {
                self.close(set);
                continue;
            }
            self.open_some();
            if self.filled.is_empty() && open == legs && is_last {
                // All sets were tried, or too many to try them all.
                return false;
            }
        }
        false
    }

    fn sum(&self, items: &[usize]) -> u64 {
        items.iter().map(|&item| self.sizes[item]).sum()
    }

    fn close(&mut self, set: Vec<usize>) {
        self.left.retain(|item| !set.contains(item));
        self.slack -= self.sum(&set) - self.needed;
        self.filled.push(set);
    }

    /// Opens some of the legs that were filled last, and now and then many of them.
    fn open_some(&mut self) {
        let filled = self.filled.len() as u64;
        let most = if self.random.below(4) == 0 {
            filled
        } else {
            3.min(filled)
        };
        let count = 1 + self.random.below(most);
        for _ in 0..count {
            let Some(set) = self.filled.pop() else {
                break;
            };
            self.slack += self.sum(&set) - self.needed;
            self.left.extend(set);
        }
        let sizes = self.sizes;
        self.left
            .sort_unstable_by_key(|&item| (std::cmp::Reverse(sizes[item]), item));
    }

    /// A set for the next of `open` legs: with the largest item, and of few items.
    fn next_set(&mut self, open: u64) -> Option<Vec<usize>> {
        let spare = self.slack / open;
        let (mut begun, others, lacking) = self.begin()?;
        let fitting = others
            .iter()
            .filter(|&&item| self.sizes[item] <= lacking + spare);
        let mut window: Vec<usize> = fitting.copied().collect();
        self.thin_out(&mut window, WIDE_WINDOW);
        // Every other one, so that large and small ones meet.
        let mut halves: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
        let turn = self.random.position(2);
        for (at, &item) in window.iter().enumerate() {
            halves[(at + turn) % 2].push(item);
        }
        let sizes = [self.sizes_of(&halves[0]), self.sizes_of(&halves[1])];
        for counts in [[1, 1], [2, 1], [2, 2], [3, 2], [3, 3]] {
            let halves_sums = [
                sums_of_few(&sizes[0], counts[0]),
                sums_of_few(&sizes[1], counts[1]),
            ];
            let sets = sets_between(&halves_sums, lacking, lacking + spare, MOST_SETS);
            if sets.is_empty() {
                continue;
            }
            let pick = self.random.position(sets.len());
            begun.extend(members(&halves[0], sets[pick][0]));
            begun.extend(members(&halves[1], sets[pick][1]));
            return Some(begun);
        }
        self.thin_out(&mut window, WINDOW);
        let (left, right) = window.split_at(window.len() / 2);
        let halves_sums = [
            sums::all(&self.sizes_of(left)),
            sums::all(&self.sizes_of(right)),
        ];
        let sets = sets_between(&halves_sums, lacking, lacking + spare, MOST_SETS);
        let fewest = |set: &&[u64; 2]| set[0].count_ones() + set[1].count_ones();
        let set = sets.iter().min_by_key(fewest)?;
        begun.extend(members(left, set[0]));
        begun.extend(members(right, set[1]));
        Some(begun)
    }

    /// The largest item, and of a leg that takes many all but the last of them; the items that are
    /// left then, and what the leg still lacks.
    fn begin(&mut self) -> Option<(Vec<usize>, Vec<usize>, u64)> {
        let (&first, others) = self.left.split_first()?;
        let (mut begun, mut others) = (vec![first], others.to_vec());
        let mut lacking = self.needed.checked_sub(self.sizes[first])?;
        let held = u128::from(self.sum(&others));
        let count = others.len() as u128;
        while u128::from(lacking) * count > MOST_AT_ONCE * held && !others.is_empty() {
            let near = 4 + others.len() / 8;
            let near = near.min(others.len()) as u64;
            let at = usize::try_from(self.random.below(near)).ok()?;
            let size = self.sizes[others[at]];
            if size > lacking {
                break;
            }
            lacking -= size;
            begun.push(others.remove(at));
        }
        Some((begun, others, lacking))
    }

    /// Leaves out items at random until no more than `count` are left.
    fn thin_out(&mut self, items: &mut Vec<usize>, count: usize) {
        while items.len() > count {
            let at = self.random.below(items.len() as u64);
            items.remove(usize::try_from(at).unwrap_or(0));
        }
    }

    fn sizes_of(&self, items: &[usize]) -> Vec<u64> {
        items.iter().map(|&item| self.sizes[item]).collect()
    }

    /// The last one, two or three legs, which take all that is left.
    fn last(&self, open: usize) -> Option<Vec<Vec<usize>>> {
        match open {
            0 => Some(Vec::new()),
            1 => (self.sum(&self.left) >= self.needed).then(|| vec![self.left.clone()]),
            2 => self.two(&self.left),
            _ => self.three(),
        }
    }

    fn three(&self) -> Option<Vec<Vec<usize>>> {
        let (&first, others) = self.left.split_first()?;
        let lacking = self.needed.checked_sub(self.sizes[first])?;
        let (left, right) = others.split_at(others.len() / 2);
        let halves = [
            sums::all(&self.sizes_of(left)),
            sums::all(&self.sizes_of(right)),
        ];
        for set in sets_between(&halves, lacking, lacking + self.slack, MOST_LAST_SETS) {
            let mut leg = vec![first];
            leg.extend(members(left, set[0]).chain(members(right, set[1])));
            let others = members(left, !set[0]).chain(members(right, !set[1]));
            let rest: Vec<usize> = others.collect();
            if let Some(mut legs) = self.two(&rest) {
                legs.push(leg);
                return Some(legs);
            }
            if self.limits.is_over() {
                break;
            }
        }
        None
    }

    /// All the items shared out to two legs. Where they are many, the largest are dealt out first.
    fn two(&self, items: &[usize]) -> Option<Vec<Vec<usize>>> {
        let (dealt, rest) = items.split_at(items.len().saturating_sub(MOST_LAST));
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for &item in dealt {
            if self.sum(&first) <= self.sum(&second) {
                first.push(item);
            } else {
                second.push(item);
            }
        }
        let lacking = self.needed.saturating_sub(self.sum(&first));
        let (_, set) = least_sum(&self.sizes_of(rest), lacking)?;
        first.extend(members(rest, set));
        second.extend(members(rest, !set));
        (self.sum(&second) >= self.needed).then(|| vec![first, second])
    }
}

/// The items whose bits are set.
fn members(items: &[usize], set: u64) -> impl Iterator<Item = usize> {
    let chosen = items.iter().enumerate();
    chosen
        .filter(move |(at, _)| set >> at & 1 == 1)
        .map(|(_, &item)| item)
}

/// Sets whose sum is at least `least` and at most `most`, as bits of either half: up to `count`.
fn sets_between(
    halves: &[Vec<(u64, u64)>; 2],
    least: u64,
    most: u64,
    count: usize,
) -> Vec<[u64; 2]> {
    let [left, right] = halves;
    let mut sets = Vec::new();
    let mut from = right.len();
    for &(sum, bits) in left {
        if sum > most {
            break;
        }
        while from > 0 && sum + right[from - 1].0 >= least {
            from -= 1;
        }
        for &(more, more_bits) in &right[from..] {
            if sum + more > most {
                break;
            }
            sets.push([bits, more_bits]);
            if sets.len() == count {
                return sets;
            }
        }
    }
    sets
}

/// The sums of all sets of at most `count` items, ascending, each with its members as bits.
fn sums_of_few(sizes: &[u64], count: usize) -> Vec<(u64, u64)> {
    let mut sums = vec![(0, 0)];
    let mut longest = 0;
    for _ in 0..count {
        let end = sums.len();
        for at in longest..end {
            let (sum, bits): (u64, u64) = sums[at];
            // Members in rising order, so that each set comes once.
            let next = 64 - bits.leading_zeros() as usize;
            let longer = (next..sizes.len()).map(|item| (sum + sizes[item], bits | 1 << item));
            sums.extend(longer.collect::<Vec<_>>());
        }
        longest = end;
    }
    sums.sort_unstable();
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let with = usize::try_from(random.below(at as u64 + 1)).expect("small");
            sizes.swap(at, with);
        }
        sizes
    }

    #[test]
    fn legs_that_use_up_every_extent_are_found() {
        for (seed, legs, each) in [(1, 6, 8), (2, 4, 12), (3, 10, 7), (4, 3, 40)] {
            let sizes = planted(seed, legs, each, 500_000);
            let found = fill(&sizes, legs, 500_000, &Limits::none());
            let found = found.unwrap_or_else(|| panic!("seed {seed} has a plan"));
            let mut used: Vec<usize> = found.concat();
            used.sort_unstable();
            assert_eq!(used, (0..sizes.len()).collect::<Vec<_>>());
            for leg in found {
                assert_eq!(leg.iter().map(|&item| sizes[item]).sum::<u64>(), 500_000);
            }
        }
    }

    #[test]
    fn what_cannot_be_filled_is_left_alone() {
        assert!(fill(&[100; 7], 3, 233, &Limits::none()).is_none());
        assert!(fill(&[50, 50, 49, 51, 52, 48], 3, 101, &Limits::none()).is_none());
        assert!(fill(&[], 2, 1, &Limits::none()).is_none());
    }

    #[test]
    fn sums_of_few_items_are_those_of_all_small_sets() {
        let sizes = [9, 7, 7, 4, 2, 1];
        for count in 0..=4 {
            let mut all: Vec<(u64, u64)> = sums::all(&sizes);
            all.retain(|(_, bits)| bits.count_ones() as usize <= count);
            assert_eq!(sums_of_few(&sizes, count), all);
        }
    }
}
