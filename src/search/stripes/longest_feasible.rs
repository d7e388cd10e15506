//! Intervals one after another, each as long as what is left after it allows.
//!
//! What is left can serve the rest if and only if its sources have it together, each counted for no more
//! than a leg (McNaughton, "Scheduling with deadlines and loss functions", Management Science 6, 1959). An
//! interval loses some of that sum where a source that is not served has more than a leg needs behind it, and
//! where one that is served has less; as long as the sum stays, the rest has a layout.

use crate::core::Limits;
use crate::search::random::Random;
use crate::search::stripes::pool::{Interval, Pool};

/// What is left of the areas, and how much of each leg is missing.
#[derive(Clone, Debug)]
pub(crate) struct Residue<'a> {
    pool: &'a Pool,
    left: Vec<u64>,
    /// Per source what is left of its areas together, and of the longest.
    totals: Vec<u64>,
    longest: Vec<u64>,
    pub(crate) missing: u64,
}

/// How an interval is chosen, where that is a matter of taste.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    /// Chance, in parts of 16, that an interval takes shortest areas that fit, not longest ones.
    pub(crate) shortest: u64,
    /// What an interval may lose of all that can be lost, in quarters of its share; `None` for all.
    pub(crate) loses: Option<u64>,
    /// Chance, in parts of 16, that an interval is not as long as it can be, but as long as an area, or half or a
    /// third of one, is.
    pub(crate) other: u64,
    /// Parts of 16 by which areas are thought longer than they are, at most.
    pub(crate) noise: u64,
}

impl Taste {
    /// Longest areas, and all may be lost at once.
    pub(crate) const PLAIN: Taste = Taste {
        shortest: 0,
        loses: None,
        other: 0,
        noise: 0,
    };
}

/// A source that can serve an interval.
struct Offer {
    source: usize,
    area: usize,
    /// What its service loses.
    loss: u64,
    /// Less is better: whether it keeps something of the area, and the taste.
    rank: (bool, u64),
}

impl<'a> Residue<'a> {
    /// All of the pool, for legs of `missing` extents.
    pub(crate) fn of(pool: &'a Pool, missing: u64) -> Residue<'a> {
        let of_source = |fold: fn(&[u64]) -> u64| {
            let sources = pool.sources.iter();
            sources.map(move |areas| fold(&pool.lengths[areas.clone()]))
        };
        Residue {
            pool,
            left: pool.lengths.clone(),
            totals: of_source(|lengths| lengths.iter().sum()).collect(),
            longest: of_source(|lengths| lengths.iter().copied().max().unwrap_or(0)).collect(),
            missing,
        }
    }

    /// What can be lost, or `None` if there is no layout.
    pub(crate) fn slack(&self) -> Option<u64> {
        let has: u64 = self
            .totals
            .iter()
            .map(|&total| total.min(self.missing))
            .sum();
        has.checked_sub(self.missing * self.pool.legs as u64)
    }

    /// Gives up an area.
    pub(crate) fn drop(&mut self, area: usize) {
        let source = self.pool.source_of(area);
        self.totals[source] -= self.left[area];
        self.left[area] = 0;
        self.measure(source);
    }

    pub(crate) fn take(&mut self, interval: &Interval) {
        self.missing -= interval.length;
        for &area in &interval.areas {
            let source = self.pool.source_of(area);
            self.left[area] -= interval.length;
            self.totals[source] -= interval.length;
            self.measure(source);
        }
    }

    fn measure(&mut self, source: usize) {
        let areas = &self.left[self.pool.sources[source].clone()];
        self.longest[source] = areas.iter().copied().max().unwrap_or(0);
    }

    /// Intervals for all that is missing, or `None` where they are more than `most`, or time runs out.
    pub(crate) fn fill(
        &mut self,
        most: usize,
        taste: Taste,
        random: &mut Random,
        limits: &Limits<'_>,
    ) -> Option<Vec<Interval>> {
        let mut intervals = Vec::new();
        while self.missing > 0 {
            if limits.is_over() {
                return None;
            }
            let rest = (most - intervals.len()) as u64;
            let interval = self.next(rest, taste, random)?;
            self.take(&interval);
            intervals.push(interval);
        }
        Some(intervals)
    }

    /// The longest interval behind which the rest has a layout, or one that is thought as good; `None` where
    /// `rest` intervals are not enough, as those that follow are no longer.
    fn next(&self, rest: u64, taste: Taste, random: &mut Random) -> Option<Interval> {
        let slack = self.slack()?;
        let mut losses = Vec::with_capacity(self.longest.len());
        let length = match taste.loses {
            None => self.longest_length(&|_| 0, &mut losses)?,
            Some(quarters) => {
                let kept = |length: u64| {
                    let share = u128::from(slack) * u128::from(quarters) * u128::from(length);
                    let share = share / (4 * u128::from(self.missing));
                    slack.saturating_sub(u64::try_from(share).unwrap_or(u64::MAX))
                };
                self.longest_length(&kept, &mut losses)
                    .or_else(|| self.longest_length(&|_| 0, &mut losses))?
            }
        };
        if length.saturating_mul(rest) < self.missing {
            return None;
        }
        let length = if random.below(16) < taste.other {
            self.other_length(length, rest, random)
        } else {
            length
        };
        Some(Interval {
            length,
            areas: self.choose(length, taste, random)?,
        })
    }

    /// The length of an area, or half or a third of one, with which `rest` intervals may still be enough.
    fn other_length(&self, longest: u64, rest: u64, random: &mut Random) -> u64 {
        let least = self.missing.div_ceil(rest);
        let lengths = self
            .left
            .iter()
            .flat_map(|&left| [left, left / 2, left / 3]);
        let fitting = lengths.filter(|length| (least..=longest).contains(length));
        let mut chosen = longest;
        for (seen, length) in (1..).zip(fitting) {
            if random.below(seen) == 0 {
                chosen = length;
            }
        }
        chosen
    }

    /// The longest interval that leaves as much to lose as is to be kept behind it.
    fn longest_length(&self, kept: &dyn Fn(u64) -> u64, losses: &mut Vec<u64>) -> Option<u64> {
        let legs = self.pool.legs;
        let mut fits = |length: u64| {
            let rest = self.missing - length;
            losses.clear();
            let mut has = 0;
            for (&total, &longest) in self.totals.iter().zip(&self.longest) {
                has += total.min(rest);
                if longest >= length {
                    losses.push(loss(total, length, rest));
                }
            }
            if losses.len() < legs {
                return false;
            }
            if losses.len() > legs {
                losses.select_nth_unstable(legs - 1);
            }
            let lost: u64 = losses[..legs].iter().sum();
            has >= lost + legs as u64 * rest + kept(length)
        };
        let mut longest = self.longest.clone();
        if longest.len() < legs {
            return None;
        }
        let (_, &mut most, _) = longest.select_nth_unstable_by(legs - 1, |a, b| b.cmp(a));
        let most = most.min(self.missing);
        if most > 0 && fits(most) {
            return Some(most);
        }
        let (mut low, mut high) = (0, most);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if fits(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        (low > 0).then_some(low)
    }

    /// Areas for an interval that is feasible: first those that it uses up, then by taste; as long as that
    /// loses too much, the source that loses most is exchanged for one that loses least.
    fn choose(&self, length: u64, taste: Taste, random: &mut Random) -> Option<Vec<usize>> {
        let (legs, rest) = (self.pool.legs, self.missing - length);
        let takes_shortest = random.below(16) < taste.shortest;
        let mut has = 0;
        let mut offers = Vec::new();
        for (source, areas) in self.pool.sources.iter().enumerate() {
            has += self.totals[source].min(rest);
            if self.longest[source] < length {
                continue;
            }
            let fitting = areas.clone().filter(|&area| self.left[area] >= length);
            let area = match fitting.clone().find(|&area| self.left[area] == length) {
                Some(area) => area,
                None if takes_shortest => fitting.min_by_key(|&area| (self.left[area], area))?,
                None => fitting.max_by_key(|&area| (self.left[area], usize::MAX - area))?,
            };
            let left = self.left[area];
            let seen = left.saturating_add(left / 16 * random.below(taste.noise + 1));
            offers.push(Offer {
                source,
                area,
                loss: loss(self.totals[source], length, rest),
                rank: (
                    left > length,
                    if takes_shortest {
                        seen
                    } else {
                        u64::MAX - seen
                    },
                ),
            });
        }
        if offers.len() < legs {
            return None;
        }
        offers.sort_unstable_by_key(|offer| (offer.rank, offer.source));
        let mut others = offers.split_off(legs);
        let allowed = has.checked_sub(legs as u64 * rest)?;
        let mut lost: u64 = offers.iter().map(|offer| offer.loss).sum();
        // The first to be exchanged stand last: losses first, then those worst by taste.
        offers.sort_by_key(|offer| offer.loss);
        others.reverse();
        others.sort_by_key(|offer| std::cmp::Reverse(offer.loss));
        let mut exchanged = Vec::new();
        while lost > allowed {
            let (out, into) = (offers.pop()?, others.pop()?);
            if into.loss >= out.loss {
                return None;
            }
            lost = lost - out.loss + into.loss;
            exchanged.push(into);
        }
        offers.append(&mut exchanged);
        let mut areas: Vec<usize> = offers.into_iter().map(|offer| offer.area).collect();
        areas.sort_unstable();
        Some(areas)
    }
}

/// What the sum of all sources, none counted for more than a leg, loses where one with `total` serves.
fn loss(total: u64, length: u64, rest: u64) -> u64 {
    total.min(rest) - (total - length).min(rest)
}
