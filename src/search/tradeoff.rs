//! Few areas on few sources: how few of the one do, with so many of the other.
//!
//! With `k` areas a source gives at most `P(k)`, which is concave in `k`. Let an area cost `price`
//! extents. A source in use is then worth at most `v = max over k >= 1 of P(k) - k * price`, and so
//! `areas` areas on `sources` sources give at most `areas * price` plus the `sources` largest positive
//! `v`: the Lagrangian of the number of areas (Geoffrion 1974). Every price makes this a bound; it is
//! convex in the price, so that the best one is found by bisection. What is too little for one price
//! refutes the pair of numbers, and the number that the best price asks for is tried next, until no
//! price refutes it (Dinkelbach 1967).

use std::cmp::Reverse;

use crate::core::Limits;

/// Parts of an extent in which prices and worths are counted.
const PARTS: i128 = 16;

/// How many of its longest areas each source gives.
pub(crate) type Selection = Vec<usize>;

/// What sources give, and how much is needed of it.
pub(crate) struct Tradeoff<'a> {
    /// Per source `P(0), P(1), ..`, without steps that add nothing.
    gives: &'a [Vec<u64>],
    /// Per source the steps, which fall.
    gains: Vec<Vec<u64>>,
    needed: u64,
    limits: &'a Limits<'a>,
}

/// What the sources are worth at one price.
struct Priced {
    price: i128,
    /// The sources that are worth something, the best first.
    sources: Vec<Worth>,
}

/// What a source is worth, and how many areas of it are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    worth: Reverse<i128>,
    source: usize,
    areas: usize,
}

impl<'a> Tradeoff<'a> {
    pub(crate) fn new(gives: &'a [Vec<u64>], needed: u64, limits: &'a Limits<'a>) -> Tradeoff<'a> {
        let steps = |gives: &Vec<u64>| gives.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Tradeoff {
            gives,
            gains: gives.iter().map(steps).collect(),
            needed,
            limits,
        }
    }

    /// A number of sources that no selection of at most `areas` areas goes below, or `None` if there
    /// is no such selection at all. Where a limit runs out it is the one that was come to.
    pub(crate) fn least_sources(&self, areas: usize) -> Option<usize> {
        let mut sources = 0;
        loop {
            let best = self.best_price(areas, sources);
            if best.most(areas, sources) >= self.needed_parts() || self.limits.is_over() {
                return Some(sources);
            }
            sources = best.least_sources(areas, self.needed_parts())?;
        }
    }

    /// A number of areas that no selection on at most `sources` sources goes below, or `None` if there
    /// is no such selection at all. Where a limit runs out it is the one that was come to.
    pub(crate) fn least_areas(&self, sources: usize) -> Option<usize> {
        let mut areas = 0;
        loop {
            let best = self.best_price(areas, sources);
            if best.most(areas, sources) >= self.needed_parts() || self.limits.is_over() {
                return Some(areas);
            }
            areas = best.least_areas(sources, self.needed_parts())?;
        }
    }

    /// A selection of at most `areas` areas on `sources` sources that gives as much as the best price finds,
    /// if that is enough.
    pub(crate) fn select(&self, areas: usize, sources: usize) -> Option<Selection> {
        let best = self.best_price(areas, sources);
        // On either side of a price at which sources change places one of both sets may be better.
        let beside = self.at((best.price - 1).max(0));
        let selections = [best, beside].map(|priced| self.filled(&priced, areas, sources));
        let (given, selection) = selections.into_iter().flatten().max_by_key(|one| one.0)?;
        (given >= self.needed).then_some(selection)
    }

    /// The first sources of a price, an area of each, and then the areas of theirs that add most.
    fn filled(&self, priced: &Priced, areas: usize, sources: usize) -> Option<(u64, Selection)> {
        let chosen = priced.sources.get(..sources)?;
        let more = areas.checked_sub(sources)?;
        let mut selection = vec![0; self.gives.len()];
        let mut further = Vec::new();
        let mut given = 0;
        for &Worth { source, .. } in chosen {
            let (first, others) = self.gains[source].split_first()?;
            selection[source] = 1;
            given += first;
            further.extend(others.iter().map(|&gain| (Reverse(gain), source)));
        }
        further.sort_unstable();
        for (Reverse(gain), source) in further.into_iter().take(more) {
            selection[source] += 1;
            given += gain;
        }
        Some((given, selection))
    }

    fn needed_parts(&self) -> i128 {
        PARTS * i128::from(self.needed)
    }

    /// The price at which the bound on what the pair can give is lowest.
    fn best_price(&self, areas: usize, sources: usize) -> Priced {
        let longest = self.gains.iter().filter_map(|gains| gains.first()).max();
        // The more an area costs, the fewer are worth it.
        let (mut low, mut high) = (0, PARTS * i128::from(longest.copied().unwrap_or(0)));
        while low < high && !self.limits.is_over() {
            let middle = low + (high - low) / 2;
            if self.areas_at(middle, sources) > areas {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let (best, below) = (self.at(low), self.at((low - 1).max(0)));
        if below.most(areas, sources) < best.most(areas, sources) {
            below
        } else {
            best
        }
    }

    /// How many areas the best sources have that are worth a price.
    fn areas_at(&self, price: i128, sources: usize) -> usize {
        let mut worths = self.worths(price);
        if sources < worths.len() {
            worths.select_nth_unstable(sources);
            worths.truncate(sources);
        }
        worths.iter().map(|one| one.areas).sum()
    }

    fn at(&self, price: i128) -> Priced {
        let mut sources = self.worths(price);
        sources.sort_unstable();
        Priced { price, sources }
    }

    /// The sources that are worth something, in their order.
    fn worths(&self, price: i128) -> Vec<Worth> {
        let pairs = self.gives.iter().zip(&self.gains).enumerate();
        let worths = pairs.filter_map(|(source, (gives, gains))| {
            let is_worth_it = |gain: &u64| PARTS * i128::from(*gain) > price;
            let areas = gains.partition_point(is_worth_it);
            let worth = PARTS * i128::from(gives[areas]) - price * areas as i128;
            (worth > 0).then_some(Worth {
                worth: Reverse(worth),
                source,
                areas,
            })
        });
        worths.collect()
    }
}

impl Priced {
    /// The most that so many areas on so many sources can give, in parts of an extent.
    fn most(&self, areas: usize, sources: usize) -> i128 {
        let first = self.sources.iter().take(sources);
        let worth: i128 = first.map(|one| one.worth.0).sum();
        self.price * areas as i128 + worth
    }

    /// The fewest sources for which [`Priced::most`] is enough.
    fn least_sources(&self, areas: usize, needed: i128) -> Option<usize> {
        let mut missing = needed - self.price * areas as i128;
        for (count, one) in self.sources.iter().enumerate() {
            if missing <= 0 {
                return Some(count);
            }
            missing -= one.worth.0;
        }
        (missing <= 0).then_some(self.sources.len())
    }

    /// The fewest areas for which [`Priced::most`] is enough.
    fn least_areas(&self, sources: usize, needed: i128) -> Option<usize> {
        let missing = needed - self.most(0, sources);
        if missing <= 0 {
            return Some(0);
        }
        let areas = (self.price > 0).then(|| (missing + self.price - 1) / self.price)?;
        usize::try_from(areas).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    /// For each pair of numbers the most that any selection gives: all of them, one by one.
    fn most_of_all(gives: &[Vec<u64>], areas: usize, sources: usize) -> u64 {
        let Some((first, rest)) = gives.split_first() else {
            return 0;
        };
        let counts = 0..first.len().min(areas + 1);
        let counts = counts.filter(|&count| count == 0 || sources > 0);
        let given = counts.map(|count| {
            let left = sources - usize::from(count > 0);
            first[count] + most_of_all(rest, areas - count, left)
        });
        given.max().unwrap_or(0)
    }

    #[test]
    fn no_selection_goes_below_the_bounds_and_most_meet_them() {
        let limits = Limits::none();
        let (mut met, mut all) = (0, 0);
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let gives: Vec<Vec<u64>> = (0..6)
                .map(|_| {
                    let mut gains: Vec<u64> = (0..4).map(|_| 1 + random.below(20)).collect();
                    gains.sort_unstable_by_key(|&gain| Reverse(gain));
                    let mut sum = 0;
                    let sums = gains.into_iter().map(|gain| {
                        sum += gain;
                        sum
                    });
                    std::iter::once(0).chain(sums).collect()
                })
                .collect();
            let total: u64 = gives.iter().map(|gives| gives[4]).sum();
            let needed = 1 + random.below(total + 5);
            let tradeoff = Tradeoff::new(&gives, needed, &limits);
            for number in 0..=6 {
                let enough = |areas: &usize| most_of_all(&gives, *areas, number) >= needed;
                let fewest = (0..=24).find(enough);
                let bound = tradeoff.least_areas(number);
                assert!(fewest.is_none_or(|fewest| bound.is_some_and(|bound| bound <= fewest)));
                let areas = 3 * number;
                let enough = |sources: &usize| most_of_all(&gives, areas, *sources) >= needed;
                let fewest = (0..=6).find(enough);
                let bound = tradeoff.least_sources(areas);
                assert!(fewest.is_none_or(|fewest| bound.is_some_and(|bound| bound <= fewest)));
                if let Some(fewest) = fewest {
                    all += 1;
                    met += usize::from(bound == Some(fewest));
                    if let Some(selection) = tradeoff.select(areas, fewest) {
                        let given: u64 = gives.iter().zip(&selection).map(|(g, &k)| g[k]).sum();
                        assert!(given >= needed);
                        assert_eq!(selection.iter().filter(|k| **k > 0).count(), fewest);
                        assert!(selection.iter().sum::<usize>() <= areas);
                    }
                }
            }
        }
        assert!(met * 10 > all * 9, "{met} of {all}");
    }
}
