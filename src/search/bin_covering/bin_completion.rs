//! Exact search for sharing out items: bin completion.
//!
//! One leg after another gets the largest item that is left and a set of others that completes it.
//! Sets from which the smallest could be left out need not be tried, nor sets that waste more than all
//! legs together may waste; what failed once is remembered by items and legs left (Korf 2002; Fukunaga
//! and Korf 2007). With little waste allowed the last item of a set is found by binary search, so
//! that few sets are left.

use std::collections::HashSet;

use crate::core::{Limits, StopReason};

/// Items that fit the words of a set.
const MOST_ITEMS: usize = 128;
/// Bytes that one remembered failure takes in the table, about.
const FAILURE_BYTES: u64 = 64;
/// Completions of one leg that are held at once.
const MOST_COMPLETIONS: usize = 1 << 20;

/// What a search came to.
pub(crate) enum Outcome {
    /// Per leg its items.
    Found(Vec<Vec<usize>>),
    /// There is no way.
    None {
        /// Items, and completions, tried on a leg.
        nodes: u64,
    },
    /// It ended before it knew.
    Stopped(StopReason),
}

/// Shares out items so that every leg has at least `needed`, or proves that it cannot be done.
pub(crate) fn search(sizes: &[u64], legs: usize, needed: u64, limits: &Limits<'_>) -> Outcome {
    let mut order: Vec<usize> = (0..sizes.len()).filter(|&item| sizes[item] > 0).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(sizes[item]), item));
    if order.len() > MOST_ITEMS {
        return Outcome::Stopped(StopReason::MethodEnds);
    }
    let sorted: Vec<u64> = order.iter().map(|&item| sizes[item].min(needed)).collect();
    let total: u64 = sorted.iter().sum();
    let Some(waste) = total.checked_sub(needed * legs as u64) else {
        return Outcome::None { nodes: 1 };
    };
    let mut search = Search {
        sizes: &sorted,
        needed,
        limits,
        failures: HashSet::new(),
        most_failures: limits.memory_bytes / 4 / FAILURE_BYTES,
        nodes: 0,
        stopped: None,
        sets: Vec::with_capacity(legs),
    };
    let all = if sorted.len() == MOST_ITEMS {
        u128::MAX
    } else {
        (1 << sorted.len()) - 1
    };
    if search.complete(all, legs, waste) {
        let items = |set: &u128| {
            let members = (0..sorted.len()).filter(|&at| set >> at & 1 == 1);
            members.map(|at| order[at]).collect()
        };
        return Outcome::Found(search.sets.iter().map(items).collect());
    }
    match search.stopped {
        Some(reason) => Outcome::Stopped(reason),
        None => Outcome::None {
            nodes: search.nodes,
        },
    }
}

struct Search<'a> {
    /// In falling order.
    sizes: &'a [u64],
    needed: u64,
    limits: &'a Limits<'a>,
    failures: HashSet<(u128, usize)>,
    most_failures: u64,
    nodes: u64,
    stopped: Option<StopReason>,
    /// The legs so far.
    sets: Vec<u128>,
}

impl Search<'_> {
    /// Whether the items left can serve the legs left, wasting no more than `waste`.
    fn complete(&mut self, left: u128, legs: usize, waste: u64) -> bool {
        if legs == 0 {
            return true;
        }
        if self.failures.contains(&(left, legs)) {
            return false;
        }
        let first = left.trailing_zeros() as usize;
        let mut sets = Vec::new();
        if !self.completions(left, first, waste, &mut sets) {
            return false;
        }
        sets.sort_unstable();
        for (wasted, set) in sets {
            self.nodes += 1;
            if self.must_stop() {
                return false;
            }
            self.sets.push(set);
            if self.complete(left & !set, legs - 1, waste - wasted) {
                return true;
            }
            self.sets.pop();
            if self.stopped.is_some() {
                return false;
            }
        }
        if (self.failures.len() as u64) < self.most_failures {
            self.failures.insert((left, legs));
        }
        false
    }

    fn must_stop(&mut self) -> bool {
        if !self.limits.allow_nodes(self.nodes.saturating_add(1)) {
            self.stopped = Some(StopReason::Nodes);
        } else if self.limits.is_over() {
            self.stopped = Some(self.limits.ran_out());
        }
        self.stopped.is_some()
    }

    /// The sets that complete the item `first`, each with what it wastes. `false` if there are too
    /// many, or time ran out.
    fn completions(
        &mut self,
        left: u128,
        first: usize,
        waste: u64,
        sets: &mut Vec<(u64, u128)>,
    ) -> bool {
        let items: Vec<usize> = (first..self.sizes.len())
            .filter(|&at| left >> at & 1 == 1)
            .collect();
        let sizes: Vec<u64> = items.iter().map(|&at| self.sizes[at]).collect();
        // What all items from a place on hold together.
        let mut behind = vec![0; sizes.len() + 1];
        for at in (0..sizes.len()).rev() {
            behind[at] = behind[at + 1] + sizes[at];
        }
        if sizes[0] >= self.needed {
            sets.push((sizes[0] - self.needed, 1 << items[0]));
            return true;
        }
        let level = Level {
            items: &items,
            sizes: &sizes,
            behind: &behind,
            needed: self.needed,
            waste,
        };
        let finished = level.extend(1, sizes[0], 1 << items[0], sets, &mut |count| {
            self.nodes += 1;
            let is_asked = self.nodes.is_multiple_of(4096);
            count <= MOST_COMPLETIONS
                && self.nodes < self.limits.nodes
                && !(is_asked && self.limits.is_over())
        });
        if !finished && !self.must_stop() {
            self.stopped = Some(StopReason::Memory);
        }
        finished
    }
}

/// The items that one leg can be completed with.
struct Level<'a> {
    items: &'a [usize],
    sizes: &'a [u64],
    behind: &'a [u64],
    needed: u64,
    waste: u64,
}

impl Level<'_> {
    /// Extends a set that is not enough yet by items from `from` on. `go_on` is asked at every step
    /// and told how many sets there are.
    fn extend(
        &self,
        from: usize,
        sum: u64,
        set: u128,
        sets: &mut Vec<(u64, u128)>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> bool {
        if !go_on(sets.len()) {
            return false;
        }
        let lacking = self.needed - sum;
        // Items that complete the set by themselves: neither too large nor too small.
        let tail = &self.sizes[from..];
        let start = from + tail.partition_point(|&size| size > lacking + self.waste);
        let end = from + tail.partition_point(|&size| size >= lacking);
        let mut last = None;
        for at in start..end {
            // Of equal items the first stands for all.
            if last != Some(self.sizes[at]) {
                sets.push((self.sizes[at] - lacking, set | 1 << self.items[at]));
            }
            last = Some(self.sizes[at]);
        }
        // Smaller ones need company.
        let mut last = None;
        for at in end..self.sizes.len() {
            if self.behind[at] < lacking {
                break;
            }
            if last == Some(self.sizes[at]) {
                continue;
            }
            last = Some(self.sizes[at]);
            let longer = set | 1 << self.items[at];
            if !self.extend(at + 1, sum + self.sizes[at], longer, sets, go_on) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::bin_covering::decide::tests::can;
    use crate::search::random::Random;

    #[test]
    fn the_search_agrees_with_trying_everything() {
        let (mut yes, mut no) = (0, 0);
        for seed in 0..600 {
            let mut random = Random::new(seed);
            let items = 2 + random.below(6);
            let sizes: Vec<u64> = (0..items).map(|_| 1 + random.below(12)).collect();
            let legs = 1 + usize::try_from(random.below(3)).expect("small");
            let needed = 1 + sizes.iter().sum::<u64>() / legs as u64 * (8 + random.below(3)) / 10;
            let wanted = can(&sizes, &mut vec![0; legs], needed);
            match search(&sizes, legs, needed, &Limits::none()) {
                Outcome::Found(sets) => {
                    assert!(wanted, "{sizes:?} {legs} {needed}");
                    for set in sets {
                        let sum: u64 = set.iter().map(|&item| sizes[item]).sum();
                        assert!(sum >= needed);
                    }
                    yes += 1;
                }
                Outcome::None { .. } => {
                    assert!(!wanted, "{sizes:?} {legs} {needed}");
                    no += 1;
                }
                Outcome::Stopped(reason) => panic!("{reason}"),
            }
        }
        assert!(yes > 100 && no > 100, "{yes} {no}");
    }
}
