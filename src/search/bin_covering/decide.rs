//! Sharing out items so that every leg has enough, or a proof that it cannot be done.
//!
//! Which search ends soonest depends on what is to spare. Next to nothing: few sets fill a leg, and an
//! exact cover by them is found or ruled out; with more items there are too many sets, but then also
//! many covers, and some legs at a time are shared out. Otherwise bin completion.

use crate::core::{Limits, StopReason};
use crate::search::bin_covering::bin_completion::{self, Outcome};
use crate::search::bin_covering::dual_feasible::{self, Priced};
use crate::search::bin_covering::exact_fillings::{self, Most, Tight};
use crate::search::bin_covering::filled_pools;

/// What is listed of tight legs at first, some hundredths of a second, and at last.
const LISTED_AT_FIRST: Most = Most {
    sums: 1 << 21,
    sets: 1 << 16,
};
const LISTED_AT_LAST: Most = Most {
    sums: 1 << 23,
    sets: 1 << 19,
};
/// Nodes of the searches that come before others: some tenths, and some thousandths of a second.
const TIGHT_NODES_AT_FIRST: u64 = 300_000;
const NODES_AT_FIRST: u64 = 300_000;
/// Bytes that a sum takes while sums are made.
const SUM_BYTES: u64 = 64;

/// What came of it.
pub(crate) enum Decided {
    /// Per leg its items.
    Found(Vec<Vec<usize>>),
    /// There is no way, as prices prove.
    Priced(Priced),
    /// There is no way.
    None {
        /// Nodes of the search.
        nodes: u64,
    },
    /// The search ended before it knew.
    Stopped(StopReason),
}

impl From<Outcome> for Decided {
    fn from(outcome: Outcome) -> Decided {
        match outcome {
            Outcome::Found(legs) => Decided::Found(legs),
            Outcome::None { nodes } => Decided::None { nodes },
            Outcome::Stopped(reason) => Decided::Stopped(reason),
        }
    }
}

/// Shares out items so that every leg has at least `needed`.
pub(crate) fn share(sizes: &[u64], legs: usize, needed: u64, limits: &Limits<'_>) -> Decided {
    let priced = dual_feasible::best(sizes, legs, needed);
    if let Some(priced) = priced.filter(|priced| priced.proves(legs)) {
        return Decided::Priced(priced);
    }
    let items = Items {
        sizes,
        legs,
        needed,
        limits,
    };
    let is_tight = items.is_tight();
    let mut decided = None;
    if is_tight {
        decided = items.tight(LISTED_AT_FIRST, TIGHT_NODES_AT_FIRST);
    }
    decided = decided.or_else(|| items.completed(NODES_AT_FIRST));
    if is_tight {
        decided =
            decided.or_else(|| filled_pools::mend(sizes, legs, needed, limits).map(Decided::Found));
        decided = decided.or_else(|| items.tight(LISTED_AT_LAST, u64::MAX));
    }
    decided.unwrap_or_else(|| bin_completion::search(sizes, legs, needed, limits).into())
}

struct Items<'a> {
    sizes: &'a [u64],
    legs: usize,
    needed: u64,
    limits: &'a Limits<'a>,
}

impl Items<'_> {
    /// Whether there is less to spare than any item holds, so that every item has to be used.
    fn is_tight(&self) -> bool {
        let spare = self.spare();
        self.sizes.iter().all(|&size| size > spare)
    }

    /// What all items hold more than the legs need.
    fn spare(&self) -> u64 {
        let total: u64 = self.sizes.iter().sum();
        total.saturating_sub(self.needed * self.legs as u64)
    }

    fn within(&self, nodes: u64) -> Limits<'_> {
        self.limits.with_nodes(nodes)
    }

    fn tight(&self, most: Most, nodes: u64) -> Option<Decided> {
        let sums = usize::try_from(self.limits.memory_bytes / SUM_BYTES).unwrap_or(usize::MAX);
        let most = Most {
            sums: most.sums.min(sums),
            ..most
        };
        match exact_fillings::share(
            self.sizes,
            self.legs,
            self.needed,
            most,
            &self.within(nodes),
        ) {
            Tight::Found(legs) => Some(Decided::Found(legs)),
            Tight::None { nodes } => Some(Decided::None { nodes }),
            Tight::Unfillable { item } => Some(Decided::Priced(Priced::unfillable(
                self.sizes,
                item,
                self.needed,
                self.spare(),
            ))),
            Tight::TooMany | Tight::Stopped => None,
        }
    }

    fn completed(&self, nodes: u64) -> Option<Decided> {
        final_word(bin_completion::search(
            self.sizes,
            self.legs,
            self.needed,
            &self.within(nodes),
        ))
    }
}

/// What a search came to, if it came to an end.
fn final_word(outcome: Outcome) -> Option<Decided> {
    match outcome {
        Outcome::Found(_) | Outcome::None { .. } => Some(outcome.into()),
        Outcome::Stopped(
            StopReason::Time
            | StopReason::Interrupted
            | StopReason::Nodes
            | StopReason::Memory
            | StopReason::MethodEnds,
        ) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::search::random::Random;

    /// Whether items can be shared out: every item tried on every leg.
    pub(crate) fn can(sizes: &[u64], loads: &mut [u64], needed: u64) -> bool {
        let Some((&size, rest)) = sizes.split_first() else {
            return loads.iter().all(|load| *load >= needed);
        };
        (0..loads.len()).any(|leg| {
            loads[leg] += size;
            let found = can(rest, loads, needed);
            loads[leg] -= size;
            found
        })
    }

    /// Some sizes, legs and what each needs: sizes near each other or not, and from everything to four
    /// fifths asked for.
    pub(crate) fn some(seed: u64) -> (Vec<u64>, usize, u64) {
        let mut random = Random::new(seed);
        let items = 3 + random.below(6);
        let (least, spread) =
            [(1, 12), (20, 8), (200, 300)][usize::try_from(seed % 3).expect("small")];
        let sizes: Vec<u64> = (0..items).map(|_| least + random.below(spread)).collect();
        let legs = 2 + usize::try_from(random.below(2)).expect("small");
        let most = sizes.iter().sum::<u64>() / legs as u64;
        let needed = (most - most * random.below(5) / 20).max(1);
        let sizes = sizes.iter().map(|&size| size.min(needed)).collect();
        (sizes, legs, needed)
    }

    /// The legs are as many as asked for, have enough, and share no item.
    pub(crate) fn must_be_right(found: &[Vec<usize>], sizes: &[u64], legs: usize, needed: u64) {
        assert_eq!(found.len(), legs);
        let mut used: Vec<usize> = found.concat();
        used.sort_unstable();
        assert!(used.windows(2).all(|pair| pair[0] < pair[1]));
        for leg in found {
            assert!(leg.iter().map(|&item| sizes[item]).sum::<u64>() >= needed);
        }
    }

    #[test]
    fn every_search_agrees_with_trying_everything() {
        // Per search, how often it said yes and no.
        let mut said = [[0; 2]; 3];
        for seed in 0..150 {
            let (sizes, legs, needed) = some(seed);
            let wanted = can(&sizes, &mut vec![0; legs], needed);
            let limits = Limits::none();
            let items = Items {
                sizes: &sizes,
                legs,
                needed,
                limits: &limits,
            };
            let outcomes = [
                Some(share(&sizes, legs, needed, &limits)),
                items
                    .is_tight()
                    .then(|| items.tight(LISTED_AT_LAST, u64::MAX))
                    .flatten(),
                items.completed(u64::MAX),
            ];
            for (said, outcome) in said.iter_mut().zip(outcomes) {
                match outcome {
                    Some(Decided::Found(found)) => {
                        assert!(wanted, "{sizes:?} {legs} {needed}");
                        must_be_right(&found, &sizes, legs, needed);
                        said[0] += 1;
                    }
                    Some(Decided::Priced(_) | Decided::None { .. }) => {
                        assert!(!wanted, "{sizes:?} {legs} {needed}");
                        said[1] += 1;
                    }
                    Some(Decided::Stopped(_)) | None => {}
                }
            }
        }
        for (yes, no) in said.map(|[yes, no]| (yes, no)) {
            assert!(yes > 20 && no > 20, "{said:?}");
        }
    }

    #[test]
    fn what_prices_refute_cannot_be_done() {
        let mut refuted = 0;
        for seed in 0..150 {
            let (sizes, legs, needed) = some(seed);
            if dual_feasible::best(&sizes, legs, needed).is_some_and(|priced| priced.proves(legs)) {
                assert!(
                    !can(&sizes, &mut vec![0; legs], needed),
                    "{sizes:?} {legs} {needed}"
                );
                refuted += 1;
            }
        }
        assert!(refuted > 20, "{refuted}");
    }
}
