//! Prices of contiguous pieces that the areas cannot earn: the pattern bound of bin packing.
//!
//! Gilmore and Gomory, "A linear programming approach to the cutting-stock problem", Operations
//! Research 9 (1961), for bins that are given: if an area can hold pieces worth at most V(area) and the
//! sum of all V is below what all pieces are worth, they do not fit. Any prices will do, so they are
//! found in integers by subgradient steps (Held, Wolfe, Crowder, Mathematical Programming 6, 1974).
//! The long pieces alone mostly show it, and of those an area holds few sets.

use crate::core::{Conflict, Limits, Problem, verify};
use crate::search::bin_packing::batch::{Batch, Class};
use crate::search::parallel;

/// Sets of pieces that one area can hold, none part of another.
struct Patterns {
    /// Per area the sets, each a list of class and count.
    sets: Vec<Vec<Vec<(usize, u64)>>>,
}

/// Prices for the longest pieces that refute the batch, if some are found.
pub(crate) fn refute(problem: &Problem, batch: &Batch, limits: &Limits<'_>) -> Option<Conflict> {
    /// Numbers of classes tried in parallel before the limits are asked; fixed, so that the answer does
    /// not depend on the number of threads.
    const PER_ROUND: usize = 16;
    let prefixes: Vec<usize> = (1..=batch.classes.len()).collect();
    for round in prefixes.chunks(PER_ROUND) {
        if limits.is_over() {
            return None;
        }
        let found = parallel::map(round, |&count| {
            let classes = &batch.classes[..count];
            let prices = prices(batch, classes, limits)?;
            state(problem, batch, classes, &prices)
        });
        if let Some(conflict) = found.into_iter().flatten().next() {
            return Some(conflict);
        }
    }
    None
}

/// Prices at which the areas hold less than all pieces are worth.
fn prices(batch: &Batch, classes: &[Class], limits: &Limits<'_>) -> Option<Vec<u64>> {
    /// Steps; the prices of a batch that can be refuted settle within some hundred.
    const STEPS: u64 = 600;
    /// The longest piece is worth about this much, so that a step can be finer than the prices.
    const SCALE: u128 = 1 << 24;
    let patterns = Patterns::of(batch, classes)?;
    let longest = u128::from(classes.first()?.length.max(1));
    let mut prices: Vec<i128> = classes
        .iter()
        .map(|class| i128::try_from(u128::from(class.length) * SCALE / longest).unwrap_or(0))
        .collect();
    let wanted: Vec<i128> = classes.iter().map(|class| class.count as i128).collect();
    let mut patience = 0;
    let mut best = i128::MIN;
    let mut step_parts = 1;
    for step in 0..STEPS {
        if step % 64 == 63 && limits.is_over() {
            return None;
        }
        let (holdable, held) = patterns.best(&prices);
        let worth: i128 = prices
            .iter()
            .zip(&wanted)
            .map(|(price, count)| price * count)
            .sum();
        let gap = worth - holdable;
        if gap > 0 {
            return prices
                .iter()
                .map(|&price| u64::try_from(price).ok())
                .collect();
        }
        if gap > best {
            best = gap;
            patience = 0;
        } else {
            patience += 1;
            if patience == 20 {
                step_parts *= 2;
                patience = 0;
            }
        }
        let slope: Vec<i128> = wanted
            .iter()
            .zip(&held)
            .map(|(want, have)| want - have)
            .collect();
        let norm: i128 = slope.iter().map(|part| part * part).sum();
        if norm == 0 {
            // Every piece has a place in the best sets: there is nothing to refute here.
            return None;
        }
        // Polyak's step towards a gap slightly above zero.
        let aim = worth / 4096 + 1;
        for (price, part) in prices.iter_mut().zip(&slope) {
            *price = (*price + (aim - gap) * part / (norm * step_parts)).max(0);
        }
    }
    None
}

impl Patterns {
    /// All sets that are not part of another, or `None` if there are too many.
    fn of(batch: &Batch, classes: &[Class]) -> Option<Patterns> {
        /// Sets over all areas; each step looks at all of them.
        const MOST_SETS: usize = 20_000;
        /// Steps to find them: most sets may be part of another.
        const MOST_STEPS: usize = 1 << 20;
        let shortest = classes.last()?.length;
        let mut sets = Vec::new();
        let (mut count, mut steps) = (0, MOST_STEPS);
        for bin in batch.bins.iter().filter(|bin| bin.area.count() >= shortest) {
            let mut of_bin = Sets {
                classes,
                room: MOST_SETS - count,
                set: Vec::new(),
                found: Vec::new(),
            };
            of_bin.collect(0, bin.area.count(), u64::MAX, &mut steps)?;
            count += of_bin.found.len();
            sets.push(of_bin.found);
        }
        Some(Patterns { sets })
    }

    /// What the areas hold at most, and how many pieces of each class they then hold.
    fn best(&self, prices: &[i128]) -> (i128, Vec<i128>) {
        let mut held = vec![0; prices.len()];
        let mut worth = 0;
        for sets in &self.sets {
            let value = |set: &Vec<(usize, u64)>| -> i128 {
                set.iter()
                    .map(|&(class, count)| prices[class] * i128::from(count))
                    .sum()
            };
            if let Some((most, set)) = sets.iter().map(|set| (value(set), set)).max() {
                worth += most;
                for &(class, count) in set {
                    held[class] += i128::from(count);
                }
            }
        }
        (worth, held)
    }
}

/// Sets of pieces that one area holds.
struct Sets<'a> {
    classes: &'a [Class],
    /// Sets that may be found.
    room: usize,
    /// The set that is put together: class, and how many pieces of it.
    set: Vec<(usize, u64)>,
    found: Vec<Vec<(usize, u64)>>,
}

impl Sets<'_> {
    /// Finds the sets over the classes from `class` on; `passed` is the shortest piece that could have been added.
    /// `None` if they are too many, or `steps` are used up.
    fn collect(&mut self, class: usize, space: u64, passed: u64, steps: &mut usize) -> Option<()> {
        *steps = steps.checked_sub(1)?;
        let mut from = class..self.classes.len();
        let Some(next) = from.find(|&class| self.classes[class].length <= space) else {
            if passed > space && !self.set.is_empty() {
                if self.found.len() == self.room {
                    return None;
                }
                self.found.push(self.set.clone());
            }
            return Some(());
        };
        let class = &self.classes[next];
        let length = class.length;
        let most = if class.apart { 1 } else { class.count as u64 };
        for count in (0..=(space / length).min(most)).rev() {
            let passed = if count < most {
                passed.min(length)
            } else {
                passed
            };
            if count > 0 {
                self.set.push((next, count));
            }
            self.collect(next + 1, space - length * count, passed, steps)?;
            if count > 0 {
                self.set.pop();
            }
        }
        Some(())
    }
}

/// The conflict with its sums, if it holds for the problem as it was asked.
fn state(problem: &Problem, batch: &Batch, classes: &[Class], prices: &[u64]) -> Option<Conflict> {
    let patterns = Patterns::of(batch, classes)?;
    let signed: Vec<i128> = prices.iter().map(|&price| i128::from(price)).collect();
    let (holdable, _) = patterns.best(&signed);
    let worth: u64 = classes
        .iter()
        .zip(prices)
        .map(|(class, price)| class.count as u64 * price)
        .sum();
    let mut listed: Vec<(usize, u64)> = classes
        .iter()
        .zip(prices)
        .map(|(class, &price)| (class.request, price))
        .collect();
    listed.sort_unstable();
    let conflict = Conflict::PiecePrices {
        prices: listed,
        worth,
        holdable: u64::try_from(holdable).ok()?,
    };
    verify(problem, &conflict).is_ok().then_some(conflict)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::{Area, Policy, Request, Separation, Source};
    use crate::search::bin_packing::batch::Bin;
    use crate::search::random::Random;

    /// Pieces of one length, of which a source takes at most one if they are `apart`.
    fn class(request: usize, length: u64, count: usize, apart: bool) -> Class {
        Class {
            request,
            length,
            count,
            apart,
            welcome: Vec::new(),
            tags: Vec::new(),
            tag_count: 0,
        }
    }

    fn batch(spaces: &[u64], classes: Vec<Class>) -> Batch {
        let bins = spaces.iter().enumerate().map(|(source, &space)| Bin {
            source,
            area: Area::new(0, space).expect("not empty"),
        });
        Batch {
            sources: spaces.len(),
            bins: bins.collect(),
            classes,
        }
    }

    /// Up to three classes, the longest first.
    fn random_classes(random: &mut Random) -> Vec<Class> {
        let mut lengths: Vec<u64> = (0..1 + random.below(3))
            .map(|_| 2 + random.below(7))
            .collect();
        lengths.sort_unstable();
        lengths.reverse();
        let lengths = lengths.into_iter().enumerate();
        let mut one = |(request, length)| {
            let count = 1 + random.position(3);
            class(request, length, count, random.below(3) == 0)
        };
        lengths.map(&mut one).collect()
    }

    /// All numbers of pieces that an area holds.
    fn holdable(classes: &[Class], space: u64) -> Vec<Vec<u64>> {
        let Some((first, rest)) = classes.split_first() else {
            return vec![Vec::new()];
        };
        let most = if first.apart { 1 } else { first.count as u64 };
        let fits = (0..=most).filter(|count| count * first.length <= space);
        let sets = fits.flat_map(|count| {
            let behind = holdable(rest, space - count * first.length);
            behind
                .into_iter()
                .map(move |set| [vec![count], set].concat())
        });
        sets.collect()
    }

    /// The sets of one area as counts by class.
    fn counts(sets: &[Vec<(usize, u64)>], classes: usize) -> Vec<Vec<u64>> {
        let by_class = |set: &Vec<(usize, u64)>| {
            let mut counts = vec![0; classes];
            for &(class, count) in set {
                counts[class] += count;
            }
            counts
        };
        sets.iter().map(by_class).collect()
    }

    #[test]
    fn the_sets_of_an_area_are_those_to_which_no_piece_can_be_added() {
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let classes = random_classes(&mut random);
            let space = 8 + random.below(20);
            let all = holdable(&classes, space);
            let is_part = |set: &Vec<u64>| {
                let mut others = all.iter().filter(|other| *other != set);
                others.any(|other| set.iter().zip(other).all(|(one, more)| one <= more))
            };
            let mut expected: Vec<Vec<u64>> =
                all.iter().filter(|set| !is_part(set)).cloned().collect();
            expected.sort_unstable();
            let patterns = Patterns::of(&batch(&[space], classes.clone()), &classes);
            let sets = patterns.expect("there are few").sets;
            let mut found = counts(&sets[0], classes.len());
            found.sort_unstable();
            assert_eq!(found, expected, "seed {seed}");
            assert!(sets[0].iter().flatten().all(|(_, count)| *count > 0));
        }
    }

    #[test]
    fn areas_hold_at_most_what_the_dearest_set_of_each_is_worth() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let classes = random_classes(&mut random);
            let spaces: Vec<u64> = (0..3).map(|_| 8 + random.below(20)).collect();
            let prices: Vec<i128> = classes
                .iter()
                .map(|_| i128::from(random.below(50)))
                .collect();
            let worth = |set: &Vec<u64>| -> i128 {
                let pairs = set.iter().zip(&prices);
                pairs.map(|(&count, price)| i128::from(count) * price).sum()
            };
            let most = |&space: &u64| {
                holdable(&classes, space)
                    .iter()
                    .map(worth)
                    .max()
                    .unwrap_or(0)
            };
            let patterns = Patterns::of(&batch(&spaces, classes.clone()), &classes);
            let (value, held) = patterns.expect("there are few").best(&prices);
            assert_eq!(value, spaces.iter().map(most).sum(), "seed {seed}");
            let pairs = held.iter().zip(&prices);
            let of_held: i128 = pairs.map(|(count, price)| count * price).sum();
            assert_eq!(of_held, value, "seed {seed}");
        }
    }

    #[test]
    fn an_area_that_no_piece_fits_has_no_sets_and_too_many_sets_are_none() {
        let classes = vec![class(0, 5, 3, false), class(1, 4, 2, false)];
        let patterns = Patterns::of(&batch(&[3, 4, 12], classes.clone()), &classes);
        let sets = patterns.expect("there are few").sets;
        assert_eq!(sets.len(), 2, "that of three extents is left out");
        let many: Vec<Class> = (0..40)
            .map(|one| class(one, 100 - one as u64, 1, false))
            .collect();
        assert!(Patterns::of(&batch(&[800], many.clone()), &many).is_none());
        // Any three of 45 fit an area: 14,190 sets are not too many, twice as many are.
        let many: Vec<Class> = (0..45)
            .map(|one| class(one, 1000 - one as u64, 1, false))
            .collect();
        assert!(Patterns::of(&batch(&[3000], many.clone()), &many).is_some());
        assert!(Patterns::of(&batch(&[3000, 3000], many.clone()), &many).is_none());
    }

    /// Whether all pieces have a place, by trying all.
    fn fits(
        pieces: &[(u64, usize, bool)],
        left: &mut Vec<u64>,
        held: &mut Vec<Vec<usize>>,
    ) -> bool {
        let Some(&(length, class, apart)) = pieces.first() else {
            return true;
        };
        (0..left.len()).any(|bin| {
            if left[bin] < length || apart && held[bin].contains(&class) {
                return false;
            }
            left[bin] -= length;
            held[bin].push(class);
            let fits = fits(&pieces[1..], left, held);
            held[bin].pop();
            left[bin] += length;
            fits
        })
    }

    #[test]
    fn few_pieces_are_priced_above_their_areas_where_they_do_not_fit_and_only_there() {
        let (mut refuted, mut impossible) = (0, 0);
        for seed in 0..600 {
            let mut random = Random::new(seed);
            let classes = random_classes(&mut random);
            let spaces: Vec<u64> = (0..3).map(|_| 5 + random.below(12)).collect();
            let pieces = classes.iter().flat_map(|class| {
                std::iter::repeat_n((class.length, class.request, class.apart), class.count)
            });
            let pieces: Vec<(u64, usize, bool)> = pieces.collect();
            let fits = fits(&pieces, &mut spaces.clone(), &mut vec![Vec::new(); 3]);
            let batch = batch(&spaces, classes.clone());
            let found = prices(&batch, &classes, &Limits::none());
            if let Some(prices) = &found {
                let signed: Vec<i128> = prices.iter().map(|&price| i128::from(price)).collect();
                let patterns = Patterns::of(&batch, &classes).expect("there are few");
                let pairs = classes.iter().zip(&signed);
                let worth: i128 = pairs
                    .map(|(class, price)| class.count as i128 * price)
                    .sum();
                assert!(worth > patterns.best(&signed).0, "seed {seed}");
            }
            assert!(!fits || found.is_none(), "seed {seed}");
            impossible += usize::from(!fits);
            refuted += usize::from(found.is_some());
        }
        assert!(
            impossible > 100 && refuted == impossible,
            "{refuted} of {impossible}"
        );
    }
    #[test]
    fn a_refusal_says_sums_that_hold_for_the_problem() {
        let source = |source: usize| Source {
            name: format!("disk{source}"),
            extents: 10,
            free: Area::new(0, 10).into_iter().collect(),
            tags: BTreeSet::new(),
            ..Source::default()
        };
        let request = |request: usize| Request {
            policy: Policy::Contiguous,
            ..Request::linear(&format!("data{request}"), 6)
        };
        let refusal = |requests: usize| {
            let asked: Vec<Request> = (0..requests).map(request).collect();
            let apart = asked[0].separation() != Separation::None;
            let classes = (0..requests).map(|one| class(one, 6, 1, apart)).collect();
            let sources = (0..3).map(source).collect();
            let problem = Problem::new(sources, asked, Vec::new()).expect("no defects");
            refute(&problem, &batch(&[10; 3], classes), &Limits::none())
        };
        assert_eq!(refusal(3), None, "one on each disk");
        let Some(Conflict::PiecePrices {
            prices,
            worth,
            holdable,
        }) = refusal(4)
        else {
            panic!("four pieces of six do not fit three areas of ten")
        };
        let sum: u64 = prices.iter().map(|(_, price)| price).sum();
        assert!(
            worth == sum && worth > holdable,
            "{prices:?} {worth} {holdable}"
        );
    }
}
