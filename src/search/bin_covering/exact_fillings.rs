//! Next to nothing to spare: legs that are filled to the extent, exactly.
//!
//! If all items together hold hardly more than the legs need, a leg can only be a set whose sum is
//! within that. Such sets are few enough to be listed, and every item has to be in one of those that are
//! chosen: an exact cover, which is searched to the end.

use crate::core::Limits;
use crate::search::bin_covering::set_packing::{self, Candidate, Choice, Outcome};
use crate::search::sums;

/// How much may be listed.
#[derive(Clone, Copy)]
pub(crate) struct Most {
    /// Sums of half the items.
    pub(crate) sums: usize,
    /// Sets that fill a leg.
    pub(crate) sets: usize,
}

/// What came of it.
pub(crate) enum Tight {
    /// Per leg its items.
    Found(Vec<Vec<usize>>),
    /// There is no way.
    None {
        /// Nodes of the search.
        nodes: u64,
    },
    /// Without an item there is too little, and with it no leg is filled.
    Unfillable {
        /// The item.
        item: usize,
    },
    /// There are too many sets.
    TooMany,
    /// The search ended before it knew.
    Stopped,
}

/// Shares out items so that every leg has at least `needed`, or proves that it cannot be done.
pub(crate) fn share(
    sizes: &[u64],
    legs: usize,
    needed: u64,
    most: Most,
    limits: &Limits<'_>,
) -> Tight {
    let total: u64 = sizes.iter().sum();
    let Some(slack) = total.checked_sub(needed * legs as u64) else {
        return Tight::None { nodes: 1 };
    };
    let Some(sets) = sums::between(
        sizes,
        (needed, needed + slack),
        most.sums,
        most.sets,
        limits,
    ) else {
        return Tight::TooMany;
    };
    let filling = sets.iter().fold(0, |all, (_, set)| all | set);
    let is_unfillable = |&item: &usize| filling >> item & 1 == 0 && sizes[item] > slack;
    if let Some(item) = (0..sizes.len()).find(is_unfillable) {
        return Tight::Unfillable { item };
    }
    let items = |set: u128| (0..sizes.len()).filter(move |&item| set >> item & 1 == 1);
    let candidate = |&(sum, set): &(u64, u128)| Candidate {
        takes: items(set).map(|item| (item, 1)).collect(),
        above: sum - needed,
    };
    let candidates: Vec<Candidate> = sets.iter().map(candidate).collect();
    let choice = Choice {
        candidates: &candidates,
        room: &vec![1; sizes.len()],
        // What is not in a set of a way could be added to one of them: every item is in one.
        prices: &vec![slack + 1; sizes.len()],
        common: None,
        legs,
        slack,
    };
    match set_packing::choose(&choice, limits) {
        Outcome::Found(chosen) => Tight::Found(
            chosen
                .iter()
                .map(|&at| items(sets[at].1).collect())
                .collect(),
        ),
        Outcome::None { nodes } => Tight::None { nodes },
        Outcome::Stopped => Tight::Stopped,
    }
}
