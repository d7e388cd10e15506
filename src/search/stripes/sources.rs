//! What whole sources earn at given prices of pieces, lengths within boxes: a source serves each
//! interval once.

use std::cmp::Reverse;

use crate::search::stripes::domains::Boxes;
use crate::search::stripes::prices_of_pieces::{Earned, PARTS};

/// Sets of intervals are kept as bits.
pub(crate) type Set = u64;

/// The intervals in a set.
pub(crate) fn members(set: Set) -> impl Iterator<Item = usize> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let next = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(next)
    })
}

/// Sets that one area is tried with; an area that more fit makes a bound too slow.
const MOST_SETS: usize = 1 << 12;

/// At least what `most` of the sources earn in any layout whose lengths are in the boxes, and which ones earn
/// most; `None` if some area fits too many sets.
pub(crate) fn earn(
    sources: &[&[i64]],
    most: usize,
    boxes: &Boxes,
    prices: &[i64],
) -> Option<(Earned, Vec<usize>)> {
    let of_sources = sources.iter().map(|areas| best(areas, boxes, prices));
    let of_sources: Vec<(i64, Set)> = of_sources.collect::<Option<_>>()?;
    let mut order: Vec<usize> = (0..sources.len()).collect();
    if most < order.len() {
        order.sort_by_key(|&source| (Reverse(of_sources[source].0), source));
        order.truncate(most);
    }
    let mut earned = Earned {
        parts: 0,
        used: vec![0; prices.len()],
    };
    for &source in &order {
        let (parts, set) = of_sources[source];
        earned.parts += parts;
        for rank in members(set) {
            earned.used[rank] += 1;
        }
    }
    Some((earned, order))
}

/// At most how many intervals of at least these lengths, which fall, the areas of one source serve: the shortest
/// ones, as many as fit.
pub(crate) fn serves_at_most(areas: &[i64], lengths: &[i64]) -> usize {
    fn fits(left: &mut [i64], lengths: &[i64]) -> bool {
        let Some((&length, rest)) = lengths.split_first() else {
            return true;
        };
        for area in 0..left.len() {
            let is_seen = left[..area].contains(&left[area]);
            if left[area] >= length && !is_seen {
                left[area] -= length;
                let found = fits(left, rest);
                left[area] += length;
                if found {
                    return true;
                }
            }
        }
        false
    }
    // No more areas than intervals are needed, and longer ones are better.
    let mut longest = areas.to_vec();
    longest.sort_unstable_by_key(|&area| Reverse(area));
    longest.truncate(lengths.len());
    let shortest = (0..lengths.len()).find(|&first| fits(&mut longest, &lengths[first..]));
    lengths.len() - shortest.unwrap_or(lengths.len())
}

/// The most that the areas of one source earn together, and the intervals that they serve.
fn best(areas: &[i64], boxes: &Boxes, prices: &[i64]) -> Option<(i64, Set)> {
    let mut choices = Vec::with_capacity(areas.len());
    for &area in areas {
        let mut sets = Vec::new();
        paying(area, boxes, prices, &mut sets)?;
        sets.sort_unstable_by(|a, b| b.cmp(a));
        if !sets.is_empty() {
            choices.push(sets);
        }
    }
    // What the areas from each on could earn, each by itself.
    let mut hopes = vec![0; choices.len() + 1];
    for (index, sets) in choices.iter().enumerate().rev() {
        hopes[index] = hopes[index + 1] + sets[0].0;
    }
    let mut search = DisjointSets {
        choices: &choices,
        hopes: &hopes,
        best: (0, 0),
        steps: 0,
    };
    search.from(0, 0, 0);
    if search.steps > DisjointSets::MOST_STEPS {
        return Some((hopes[0], search.best.1));
    }
    Some(search.best)
}

/// The sets of intervals that fit the area and earn more than they cost.
fn paying(area: i64, boxes: &Boxes, prices: &[i64], sets: &mut Vec<(i64, Set)>) -> Option<()> {
    struct Sums {
        low: i64,
        high: i64,
        price: i64,
    }
    fn extend(
        (area, boxes, prices): (i64, &Boxes, &[i64]),
        rank: usize,
        set: Set,
        sums: &Sums,
        sets: &mut Vec<(i64, Set)>,
    ) -> Option<()> {
        if set != 0 {
            let earned = area.min(sums.high) * PARTS - sums.price;
            if earned > 0 {
                sets.push((earned, set));
            }
        }
        for next in rank..prices.len() {
            let with = Sums {
                low: sums.low + boxes.low[next],
                high: sums.high + boxes.high[next],
                price: sums.price + prices[next],
            };
            // A set that costs more than the area has earns nothing, however it goes on.
            if with.low <= area && with.price < area * PARTS {
                if sets.len() >= MOST_SETS {
                    return None;
                }
                extend(
                    (area, boxes, prices),
                    next + 1,
                    set | 1 << next,
                    &with,
                    sets,
                )?;
            }
        }
        Some(())
    }
    let none = Sums {
        low: 0,
        high: 0,
        price: 0,
    };
    extend((area, boxes, prices), 0, 0, &none, sets)
}

/// One set for each area, no interval twice.
struct DisjointSets<'a> {
    /// Per area what each set earns, the most first.
    choices: &'a [Vec<(i64, Set)>],
    hopes: &'a [i64],
    best: (i64, Set),
    steps: u64,
}

impl DisjointSets<'_> {
    /// A source that takes more is not worth it; what its areas earn alone is a bound too.
    const MOST_STEPS: u64 = 1 << 12;

    /// Areas from `index` on, with `earned` so far from the intervals of `set`.
    fn from(&mut self, index: usize, earned: i64, set: Set) {
        self.steps += 1;
        if self.steps > Self::MOST_STEPS {
            return;
        }
        if earned > self.best.0 {
            self.best = (earned, set);
        }
        if index == self.choices.len() || earned + self.hopes[index] <= self.best.0 {
            return;
        }
        for &(more, with) in &self.choices[index] {
            if earned + more + self.hopes[index + 1] <= self.best.0 {
                break;
            }
            if with & set == 0 {
                self.from(index + 1, earned + more, set | with);
            }
        }
        self.from(index + 1, earned, set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_serves_as_many_of_the_shortest_intervals_as_fit_its_areas() {
        assert_eq!(serves_at_most(&[10, 6], &[6, 5, 5]), 3);
        assert_eq!(serves_at_most(&[9, 6], &[6, 5, 5]), 2);
        assert_eq!(serves_at_most(&[4, 4, 4], &[6, 5, 5]), 0);
        assert_eq!(serves_at_most(&[5, 4, 4], &[6, 5, 5]), 1);
    }
}
