//! How few intervals can use up areas enough: pieces counted as degrees.
//!
//! Intervals on areas are a graph: each interval has as many pieces as there are legs. An area that serves one
//! interval gives no more than the interval's length, so that all such areas of one interval give what the
//! shortest of them has; every other area that is used costs two pieces or more. With a price on each piece
//! and on each interval that has areas of its own, what areas are worth at most is found by going through them
//! once: by exchange, the areas of one interval's own are neighbours in the order of lengths. That is the
//! Lagrangian of the number of intervals (Geoffrion, Mathematical Programming Study 2, 1974), and any prices
//! give a bound. That of all prices of one ratio is best where the areas that are worth their price have as
//! much as is needed (Dinkelbach, Management Science 13, 1967).

use std::cmp::Reverse;

use crate::core::Limits;
use crate::search::stripes::pool::Pool;
use crate::search::stripes::thresholds::Thresholds;

/// Parts of an extent in which prices are counted.
pub(crate) const PARTS: i64 = 1 << 10;

/// The price of an interval with areas of its own is counted in these parts of the price of a piece.
const RATIO: i64 = 8;

/// No layout has fewer intervals; 0 where numbers are too large.
pub(crate) fn least_intervals(
    pool: &Pool,
    extents: u64,
    thresholds: &Thresholds,
    limits: &Limits<'_>,
) -> usize {
    let best = best_prices(pool, extents, thresholds, limits);
    usize::try_from(best.least).unwrap_or(0)
}

/// A bound and what gives it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Priced {
    pub(crate) least: i64,
    /// The largest sources that are left out, each with a leg.
    pub(crate) removed: usize,
    /// Prices of a piece, and of an interval with areas of its own, in parts of an extent.
    pub(crate) piece: i64,
    pub(crate) own: i64,
}

/// The best bound, with the prices that give it.
pub(crate) fn best_prices(
    pool: &Pool,
    extents: u64,
    thresholds: &Thresholds,
    limits: &Limits<'_>,
) -> Priced {
    /// More are not counted: it leaves room for prices.
    const MOST_EXTENTS: u64 = 1 << 40;
    let all: u64 = pool.lengths.iter().sum();
    if all.max(extents.saturating_mul(pool.legs as u64)) > MOST_EXTENTS {
        return Priced::default();
    }
    let mut order: Vec<usize> = (0..pool.sources.len()).collect();
    let total = |source: usize| {
        pool.lengths[pool.sources[source].clone()]
            .iter()
            .sum::<u64>()
    };
    order.sort_by_key(|&source| (Reverse(total(source)), source));
    // A source serves an interval once: without it, the same intervals serve one leg less.
    let large = order.iter().take_while(|&&source| total(source) >= extents);
    let most_removed = large.count().min(pool.legs - 1);
    let mut best = Priced::default();
    let mut ratio = None;
    for removed in 0..=most_removed {
        if limits.is_over() {
            break;
        }
        let sources = order[removed..].iter();
        let areas = sources.flat_map(|&source| &pool.lengths[pool.sources[source].clone()]);
        let mut areas: Vec<u64> = areas.copied().filter(|&length| length > 0).collect();
        areas.sort_unstable();
        let degrees = Degrees::of(&areas, pool.legs - removed, extents, thresholds);
        let ((least, piece), found) = match ratio {
            None => degrees.best_ratio(limits),
            Some(ratio) => (degrees.best_price(ratio, limits), ratio),
        };
        ratio = Some(found);
        if least > best.least {
            best = Priced {
                least,
                removed,
                piece,
                own: piece * found / RATIO,
            };
        }
    }
    best
}

/// The areas with what they can give.
struct Degrees {
    legs: usize,
    /// Parts of extents that all legs have together.
    needed: i64,
    /// Per area, in ascending order, what it gives one interval.
    singles: Vec<i64>,
    /// Per area what it has, and how many intervals it takes to use that up: two at least.
    several: Vec<(i64, usize)>,
    /// The most that so many intervals can have, from an area, and the most of the last of them.
    most: Vec<(i64, i64)>,
}

impl Degrees {
    fn of(areas: &[u64], legs: usize, extents: u64, thresholds: &Thresholds) -> Degrees {
        let parts = |extents: u64| i64::try_from(extents).unwrap_or(0).saturating_mul(PARTS);
        let mut most = vec![(0, i64::MAX)];
        let mut sum = 0;
        for &length in thresholds.lengths().unwrap_or_default() {
            sum += length;
            most.push((parts(sum), parts(length)));
        }
        let longest = most.get(1).map_or(i64::MAX, |first| first.1);
        let several = areas.iter().map(|&area| {
            let enough = most.partition_point(|&(sum, _)| sum < parts(area));
            (parts(area), enough.max(2))
        });
        Degrees {
            legs,
            needed: parts(extents) * legs as i64,
            singles: areas.iter().map(|&area| parts(area).min(longest)).collect(),
            several: several.collect(),
            most,
        }
    }

    /// The best bound of all ratios, and the ratio; as long as a larger one is better, it is tried.
    fn best_ratio(&self, limits: &Limits<'_>) -> ((i64, i64), i64) {
        let mut best = (self.best_price(RATIO, limits), RATIO);
        let steps: [i64; 7] = [
            2 * RATIO,
            RATIO,
            RATIO / 2,
            RATIO / 4,
            RATIO / 8,
            4 * RATIO,
            16 * RATIO,
        ];
        for step in steps {
            for ratio in [best.1 - step, best.1 + step] {
                if ratio >= 0 {
                    let tried = self.best_price(ratio, limits);
                    if tried.0 > best.0.0 {
                        best = (tried, ratio);
                    }
                }
            }
        }
        best
    }

    /// The best bound of all prices of a ratio, and the price.
    fn best_price(&self, ratio: i64, limits: &Limits<'_>) -> (i64, i64) {
        let mut best = (0, 0);
        let (mut low, mut high) = (0, self.singles.last().copied().unwrap_or(0) + 1);
        while low + 1 < high && !limits.is_over() {
            let middle = low + (high - low) / 2;
            let worth = self.worth(middle, ratio);
            let least = self.bound(middle, ratio, worth.0);
            if least > best.0 {
                best = (least, middle);
            }
            if worth.1 >= self.needed {
                low = middle;
            } else {
                high = middle;
            }
        }
        best
    }

    fn bound(&self, price: i64, ratio: i64, worth: i64) -> i64 {
        let of_interval = self.legs as i128 * i128::from(price) + i128::from(price * ratio / RATIO);
        let missing = i128::from(self.needed - worth).max(0);
        let least = (missing + of_interval - 1) / of_interval.max(1);
        i64::try_from(least).unwrap_or(i64::MAX)
    }

    /// What areas are worth at most, and what those that are worth it have.
    fn worth(&self, price: i64, ratio: i64) -> (i64, i64) {
        let own = price * ratio / RATIO;
        let worth_it = self.most.partition_point(|&(_, last)| last > price) - 1;
        let count = self.singles.len();
        let mut behind: Vec<(i64, i64)> = vec![(0, 0); count + 1];
        for first in (0..count).rev() {
            let mut best = behind[first + 1];
            let (area, pieces) = self.several[first];
            // The last piece may have less than its price, though as many intervals have more.
            let pieces = pieces.min(worth_it.max(2));
            for pieces in [pieces, (pieces - 1).max(2)] {
                let given = self.most.get(pieces).map_or(area, |most| area.min(most.0));
                let gained = given - pieces as i64 * price;
                if behind[first + 1].0 + gained > best.0 {
                    best = (behind[first + 1].0 + gained, behind[first + 1].1 + given);
                }
            }
            let single = self.singles[first];
            if single > price {
                for (pieces, behind) in (1..=self.legs as i64).zip(&behind[first + 1..]) {
                    let worth = pieces * (single - price) - own + behind.0;
                    if worth > best.0 {
                        best = (worth, pieces * single + behind.1);
                    }
                }
            }
            behind[first] = best;
        }
        behind[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;
    use crate::search::stripes::pool::total;
    use crate::search::stripes::ruin::Ruins;

    fn pool(random: &mut Random) -> Pool {
        let (mut lengths, mut sources) = (Vec::new(), Vec::new());
        for _ in 0..2 + random.position(3) {
            let begin = lengths.len();
            lengths.extend((0..1 + random.position(2)).map(|_| 1 + random.below(7)));
            sources.push(begin..lengths.len());
        }
        Pool {
            legs: 2 + random.position(sources.len() - 1),
            lengths,
            sources,
        }
    }

    /// Whether `count` intervals, none longer than `longest`, have `missing` extents: all of them are tried.
    fn is_possible(
        pool: &Pool,
        left: &mut [u64],
        count: usize,
        longest: u64,
        missing: u64,
    ) -> bool {
        let lengths = (1..=longest.min(missing)).rev();
        missing == 0
            || count > 0
                && lengths.into_iter().any(|length| {
                    let rest = (count - 1, length, missing - length);
                    serve(pool, left, (0, pool.legs, length), rest)
                })
    }

    /// The same with an interval of `length` that lacks so many legs, from a source on.
    fn serve(
        pool: &Pool,
        left: &mut [u64],
        (source, legs, length): (usize, usize, u64),
        rest: (usize, u64, u64),
    ) -> bool {
        if legs == 0 {
            return is_possible(pool, left, rest.0, rest.1, rest.2);
        }
        if pool.sources.len() - source < legs {
            return false;
        }
        for area in pool.sources[source].clone() {
            if left[area] >= length {
                left[area] -= length;
                let found = serve(pool, left, (source + 1, legs - 1, length), rest);
                left[area] += length;
                if found {
                    return true;
                }
            }
        }
        serve(pool, left, (source + 1, legs, length), rest)
    }

    #[test]
    fn a_last_piece_of_an_area_that_is_not_worth_its_price_is_left() {
        let pool = Pool {
            legs: 3,
            lengths: vec![2, 3, 5, 4, 3, 2, 2, 1],
            sources: vec![0..1, 1..3, 3..5, 5..6, 6..8],
        };
        // Three intervals of 2.
        let thresholds = Thresholds::of(&pool, 6, &Limits::none());
        assert_eq!(least_intervals(&pool, 6, &thresholds, &Limits::none()), 3);
    }

    #[test]
    fn no_layout_has_fewer_intervals_and_ruins_find_layouts_of_hardly_more() {
        let (mut tight, mut best, mut all) = (0, 0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let mut pool = pool(&mut random);
            let room: u64 = pool.lengths.iter().sum();
            let most = (1..=room / pool.legs as u64).rev().find(|&extents| {
                let totals = pool
                    .sources
                    .iter()
                    .map(|areas| pool.lengths[areas.clone()].iter());
                let given = totals.map(|areas| areas.sum::<u64>().min(extents));
                given.sum::<u64>() >= extents * pool.legs as u64
            });
            let Some(most) = most else { continue };
            let extents = most - random.below(2).min(most - 1);
            pool.lengths
                .iter_mut()
                .for_each(|length| *length = extents.min(*length));
            let mut left = pool.lengths.clone();
            let fewest =
                (1..).find(|&count| is_possible(&pool, &mut left, count, extents, extents));
            let fewest = fewest.expect("sources have enough");
            let limits = Limits::none();
            let thresholds = Thresholds::of(&pool, extents, &limits);
            let counted = least_intervals(&pool, extents, &thresholds, &limits);
            let bound = counted.max(thresholds.least_intervals());
            assert!(
                bound <= fewest,
                "seed {seed}: {bound} of {fewest}, {extents} of {pool:?}"
            );
            let mut ruins = Ruins::of(&pool, extents, &limits);
            ruins.go_on(fewest, 500, &limits);
            let found = ruins.into_best().expect("sources have enough");
            assert_eq!(total(&found), extents);
            assert!(found.len() >= fewest);
            all += 1;
            tight += usize::from(bound == fewest);
            best += usize::from(found.len() == fewest);
        }
        assert!(3 * tight > 2 * all, "bounds: {tight} of {all}");
        assert!(10 * best > 9 * all, "layouts: {best} of {all}");
    }
}
