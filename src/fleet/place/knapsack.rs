//! What one host chooses at given prices: the most value that its rows and conflicts allow.

use crate::fleet::place::conflict::Counts;

/// Something to be chosen, several times perhaps.
#[derive(Clone, Debug)]
pub(crate) struct Offer<'h> {
    /// Which it is.
    pub(crate) class: usize,
    /// What each is worth; above 0.
    pub(crate) price: i128,
    /// What each takes of every row; something of the first.
    pub(crate) weights: &'h [u64],
    /// No more than so many.
    pub(crate) most: u64,
}

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// No choice is worth more.
    pub(crate) bound: i128,
    /// What this one is worth.
    pub(crate) value: i128,
    /// How many of each class.
    pub(crate) counts: Vec<(usize, u64)>,
}

/// The best choice that contains none of the conflicts, as far as so many nodes of a search lead; the bound holds anyway.
///
/// Depth first in the order of price by extent, as Horowitz and Sahni do, bounded by Dantzig's fractional choice on the
/// first row.
pub(crate) fn best(
    rows: &[u64],
    mut offers: Vec<Offer<'_>>,
    conflicts: &[Counts],
    nodes: u64,
) -> Choice {
    offers.retain(|offer| offer.price > 0 && offer.most > 0);
    by_density(&mut offers, 0);
    // Those whose last is chosen decide; what is not on offer is in no choice.
    let mut ending: Vec<Vec<Vec<(usize, u64)>>> = vec![Vec::new(); offers.len()];
    for conflict in conflicts {
        let place = |(class, count): (&usize, &u64)| {
            let at = offers.iter().position(|offer| offer.class == *class)?;
            Some((at, *count))
        };
        let mut placed: Option<Vec<(usize, u64)>> = conflict.iter().map(place).collect();
        if let Some(placed) = &mut placed {
            placed.sort_unstable();
        }
        if let Some((last, placed)) = placed.and_then(|placed| Some((placed.last()?.0, placed))) {
            ending[last].push(placed);
        }
    }
    let mut search = Search {
        offers: &offers,
        ending: &ending,
        left: rows.to_vec(),
        counts: vec![0; offers.len()],
        best: vec![0; offers.len()],
        best_value: 0,
        nodes,
    };
    let is_done = search.from(0, 0);
    let counts = offers.iter().zip(&search.best);
    let counts = counts.filter(|(_, count)| **count > 0);
    let counts = counts.map(|(offer, count)| (offer.class, *count)).collect();
    let value = search.best_value;
    let bound = if is_done {
        value
    } else {
        let by_row = (0..rows.len()).map(|row| {
            let mut ordered = offers.clone();
            by_density(&mut ordered, row);
            fractional(&ordered, row, rows[row])
        });
        by_row.min().unwrap_or(value)
    };
    Choice {
        bound,
        value,
        counts,
    }
}

/// The most valuable by what they take of a row first.
fn by_density(offers: &mut [Offer<'_>], row: usize) {
    offers.sort_by(|left, right| {
        let of_left = left.price * i128::from(right.weights[row]);
        let of_right = right.price * i128::from(left.weights[row]);
        of_right.cmp(&of_left).then(left.class.cmp(&right.class))
    });
}

/// What could be chosen if the last one could be cut, of one row alone; rounded up.
fn fractional(offers: &[Offer<'_>], row: usize, mut room: u64) -> i128 {
    let mut value = 0;
    for offer in offers {
        let weight = offer.weights[row];
        let whole = room.checked_div(weight).unwrap_or(offer.most);
        if whole >= offer.most {
            value += offer.price * i128::from(offer.most);
            room -= weight * offer.most;
        } else {
            let part = offer.price * i128::from(room);
            let weight = i128::from(weight);
            return value + (part + weight - 1) / weight;
        }
    }
    value
}

struct Search<'o, 'h> {
    offers: &'o [Offer<'h>],
    /// By offer the conflicts that it is the last of: offers with how many of each are too many.
    ending: &'o [Vec<Vec<(usize, u64)>>],
    left: Vec<u64>,
    counts: Vec<u64>,
    best: Vec<u64>,
    best_value: i128,
    nodes: u64,
}

impl Search<'_, '_> {
    /// Chooses of the offers from `index` on; false where the nodes ran out.
    fn from(&mut self, index: usize, value: i128) -> bool {
        if value > self.best_value {
            self.best_value = value;
            self.best.clone_from(&self.counts);
        }
        let Some(offer) = self.offers.get(index) else {
            return true;
        };
        let room = |(left, weight): (&u64, &u64)| left.checked_div(*weight).unwrap_or(offer.most);
        let fitting = self.left.iter().zip(offer.weights).map(room).min();
        let most = fitting.unwrap_or(0).min(offer.most);
        for count in (0..=most).rev() {
            let taken = value + offer.price * i128::from(count);
            let room = self.left[0] - offer.weights[0] * count;
            let behind = fractional(&self.offers[index + 1..], 0, room);
            // Fewer of what is worth most by extent leaves less still.
            if taken + behind <= self.best_value {
                return true;
            }
            if self.nodes == 0 {
                return false;
            }
            self.nodes -= 1;
            self.put(index, count);
            let is_over = |conflict: &Vec<(usize, u64)>| {
                let mut needed = conflict.iter();
                needed.all(|(offer, count)| self.counts[*offer] >= *count)
            };
            let is_refused = self.ending[index].iter().any(is_over);
            let is_done = is_refused || self.from(index + 1, taken);
            self.take(index, count);
            if !is_done {
                return false;
            }
        }
        true
    }

    fn put(&mut self, index: usize, count: u64) {
        self.counts[index] = count;
        for (left, weight) in self.left.iter_mut().zip(self.offers[index].weights) {
            *left -= weight * count;
        }
    }

    fn take(&mut self, index: usize, count: u64) {
        self.counts[index] = 0;
        for (left, weight) in self.left.iter_mut().zip(self.offers[index].weights) {
            *left += weight * count;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::place::conflict::is_within;

    /// By trying everything.
    fn slow(
        rows: &[u64],
        offers: &[Offer<'_>],
        conflicts: &[Counts],
        chosen: &Counts,
    ) -> Option<i128> {
        let Some((first, rest)) = offers.split_first() else {
            let is_refused = conflicts.iter().any(|one| is_within(one, chosen));
            return (!is_refused).then_some(0);
        };
        let mut best = None;
        for count in 0..=first.most {
            let left = rows.iter().zip(first.weights);
            let left: Option<Vec<u64>> = left
                .map(|(room, weight)| room.checked_sub(weight * count))
                .collect();
            let Some(left) = left else { break };
            let mut chosen = chosen.clone();
            chosen.insert(first.class, count);
            let behind = slow(&left, rest, conflicts, &chosen);
            best = best.max(behind.map(|behind| first.price * i128::from(count) + behind));
        }
        best
    }

    proptest! {
        #[test]
        fn the_choice_is_the_best_and_its_bound_holds_however_few_nodes(
            rows in proptest::collection::vec(0..60_u64, 3),
            drawn in proptest::collection::vec((-3..40_i128, 1..20_u64, 0..20_u64, 0..20_u64, 0..4_u64), 0..6),
            conflicts in proptest::collection::vec(proptest::collection::btree_map(0..6_usize, 1..3_u64, 1..3), 0..4),
            nodes in prop_oneof![Just(1_000_000_u64), 0..20_u64],
        ) {
            let weights: Vec<[u64; 3]> = drawn.iter().map(|&(_, a, b, c, _)| [a, b, c]).collect();
            let offers = drawn.iter().zip(&weights).enumerate();
            let offers: Vec<Offer<'_>> = offers
                .map(|(class, (&(price, _, _, _, most), weights))| Offer { class, price, weights, most })
                .collect();
            let worth: Vec<Offer<'_>> = offers.iter().filter(|one| one.price > 0).cloned().collect();
            let expected = slow(&rows, &worth, &conflicts, &Counts::new()).expect("nothing is a choice");
            let found = best(&rows, offers.clone(), &conflicts, nodes);
            let chosen: Counts = found.counts.iter().copied().collect();
            prop_assert!(!conflicts.iter().any(|one| is_within(one, &chosen)));
            prop_assert!(found.value <= expected && expected <= found.bound);
            if nodes == 1_000_000 {
                prop_assert_eq!((found.value, found.bound), (expected, expected));
            }
            let of_counts = |row: usize| found.counts.iter().map(|&(class, count)| weights[class][row] * count).sum::<u64>();
            prop_assert!((0..3).all(|row| of_counts(row) <= rows[row]));
            let value: i128 = found.counts.iter().map(|&(class, count)| offers[class].price * i128::from(count)).sum();
            prop_assert_eq!(value, found.value);
        }
    }
}
