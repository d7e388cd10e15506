//! What areas earn at given prices of pieces, each area by itself, lengths within boxes.
//!
//! An area that serves one interval gives no more than the interval's length, however long the area is.
//! By exchange, the areas that serve one interval each may be taken to do so in order: the longest serve
//! the longest interval. So, in falling order, each interval has a band of areas, no longer than the
//! last one that serves it, and as many of the band as there are legs serve it at most. The others, and
//! all that lie behind the last band, serve several intervals or none, as it pays best. Which bands earn
//! most is found by dynamic programming over the areas, as in one-dimensional quantisation (Bruce,
//! "Optimum quantization", thesis, MIT 1965).

use crate::search::stripes::domains::Boxes;
use crate::search::stripes::prices_of_pieces::{Earned, PARTS};

/// Areas in falling order, and tables that are used again and again.
pub(crate) struct Bands<'a> {
    areas: &'a [i64],
    legs: usize,
    /// Per area what it earns with several pieces, or with none.
    several: Vec<i64>,
    /// Sums of these: `several_before[i]` of the first `i` areas.
    several_before: Vec<i64>,
    /// Per area the first and the end of its best set in `members`.
    sets: Vec<(usize, usize)>,
    members: Vec<usize>,
    /// Per interval and first area of its band the first area that serves it and the last.
    choices: Vec<Option<(usize, usize)>>,
}

impl Bands<'_> {
    /// Areas that fall, the intervals of as many pieces as there are legs.
    pub(crate) fn of(areas: &[i64], legs: usize) -> Bands<'_> {
        debug_assert!(areas.is_sorted_by(|a, b| a >= b), "areas fall");
        Bands {
            areas,
            legs,
            several: Vec::new(),
            several_before: Vec::new(),
            sets: Vec::new(),
            members: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// At least what the areas earn in any layout whose lengths are in the boxes, if each is worth at
    /// least its refund, whether it is used or not. Refunds fall as the areas do; without any they are 0.
    pub(crate) fn earn(&mut self, boxes: &Boxes, prices: &[i64], refunds: &[i64]) -> Earned {
        debug_assert!(refunds.is_sorted_by(|a, b| a >= b), "refunds fall");
        self.serve_several(boxes, prices, refunds);
        let (areas, count) = (self.areas.len(), prices.len());
        let sum = &self.several_before;
        // What the areas from each on earn behind the last band.
        let mut behind: Vec<i64> = sum.iter().map(|before| sum[areas] - before).collect();
        self.choices.clear();
        self.choices.resize(count * (areas + 1), None);
        let mut singles = Vec::with_capacity(areas);
        let mut splits = Vec::with_capacity(areas);
        let mut best_from: Vec<(i64, usize)> = Vec::with_capacity(areas);
        for rank in (0..count).rev() {
            let choices = &mut self.choices[rank * (areas + 1)..][..=areas];
            let end = self.areas.partition_point(|&area| area >= boxes.low[rank]);
            let (high, price) = (boxes.high[rank], prices[rank]);
            // What one piece earns if the band ends with an area; it falls from area to area.
            singles.clear();
            let shortest = self.areas[..end].iter().map(|&area| area.min(high));
            singles.extend(shortest.map(|length| length * PARTS - price));
            // Which area is then the first that serves the interval, if the band begins early enough:
            // no more serve it than legs, and none that earns as much with several pieces.
            splits.clear();
            let mut earns_more = 0;
            for (last, &single) in singles.iter().enumerate() {
                while earns_more <= last && self.several[earns_more] > single {
                    earns_more += 1;
                }
                splits.push(earns_more.max((last + 1).saturating_sub(self.legs)));
            }
            // The best band that ends at each area or further back, and begins early enough.
            best_from.clear();
            best_from.resize(end + 1, (i64::MIN, 0));
            for last in (0..end).rev() {
                let serving = (last + 1 - splits[last]) as i64;
                let earned = sum[splits[last]] + serving * singles[last] + behind[last + 1];
                best_from[last] = best_from[last + 1].max((earned, last));
            }
            // Without a band of its own an interval is served by areas that serve others too.
            let mut earned = behind.clone();
            let mut early = end;
            for first in (0..end).rev() {
                while early > first && splits[early - 1] >= first {
                    early -= 1;
                }
                let (best, last) = best_from[early];
                if early < end && best - sum[first] > earned[first] {
                    earned[first] = best - sum[first];
                    choices[first] = Some((splits[last], last));
                }
                for last in first..early {
                    let best = (last + 1 - first) as i64 * singles[last] + behind[last + 1];
                    if best > earned[first] {
                        earned[first] = best;
                        choices[first] = Some((first, last));
                    }
                }
            }
            behind = earned;
        }
        Earned {
            parts: behind[0],
            used: self.used(count),
        }
    }

    /// The pieces of each interval in the bands chosen.
    fn used(&self, count: usize) -> Vec<i64> {
        let areas = self.areas.len();
        let mut used = vec![0; count];
        let several = |areas: std::ops::Range<usize>, used: &mut Vec<i64>| {
            for area in areas {
                let (begin, end) = self.sets[area];
                for &rank in &self.members[begin..end] {
                    used[rank] += 1;
                }
            }
        };
        let mut first = 0;
        for rank in 0..count {
            let Some((serving, last)) = self.choices[rank * (areas + 1) + first] else {
                continue;
            };
            several(first..serving, &mut used);
            used[rank] += (last + 1 - serving) as i64;
            first = last + 1;
        }
        several(first..areas, &mut used);
        used
    }

    /// What each area earns in the bands chosen last, at these prices.
    pub(crate) fn earnings(&self, boxes: &Boxes, prices: &[i64]) -> Vec<i64> {
        let mut earnings = self.several.clone();
        let mut first = 0;
        for (rank, price) in prices.iter().enumerate() {
            let choice = self.choices[rank * (self.areas.len() + 1) + first];
            let Some((serving, last)) = choice else {
                continue;
            };
            earnings[serving..=last].fill(self.areas[last].min(boxes.high[rank]) * PARTS - price);
            first = last + 1;
        }
        earnings
    }

    /// The best set of two or more intervals, or of none for its refund, for each area.
    fn serve_several(&mut self, boxes: &Boxes, prices: &[i64], refunds: &[i64]) {
        let areas = self.areas.len();
        self.several.clear();
        self.several.resize(areas, 0);
        self.sets.clear();
        self.sets.resize(areas, (0, 0));
        self.members.clear();
        let mut search = SetSearch {
            boxes,
            prices,
            cheapest: prices.iter().copied().min().unwrap_or(0),
            area: 0,
            steps: 0,
            set: Vec::new(),
            best: 0,
            best_set: Vec::new(),
        };
        // What serves a shorter area serves a longer one too.
        for index in (0..areas).rev() {
            search.area = self.areas[index];
            search.again();
            let refund = refunds.get(index).copied().unwrap_or(0);
            self.several[index] = search.best.max(refund);
            let begin = self.members.len();
            if search.best >= refund {
                self.members.extend(&search.best_set);
            }
            self.sets[index] = (begin, self.members.len());
        }
        self.several_before.clear();
        self.several_before.push(0);
        for index in 0..areas {
            self.several_before
                .push(self.several_before[index] + self.several[index]);
        }
    }
}

/// Sets of intervals that one area serves.
struct SetSearch<'a> {
    boxes: &'a Boxes,
    prices: &'a [i64],
    cheapest: i64,
    area: i64,
    steps: u64,
    set: Vec<usize>,
    /// What the best set earns; at least what it earned from a shorter area.
    best: i64,
    best_set: Vec<usize>,
}

impl SetSearch<'_> {
    /// Beyond this many sets an area is taken to be used up whole.
    const MOST_STEPS: u64 = 1 << 12;

    fn again(&mut self) {
        let set = &self.best_set;
        if !set.is_empty() {
            // The same set may earn more from this area.
            let high: i64 = set.iter().map(|&rank| self.boxes.high[rank]).sum();
            let price: i64 = set.iter().map(|&rank| self.prices[rank]).sum();
            self.best = self.best.max(self.area.min(high) * PARTS - price);
        }
        self.steps = 0;
        self.extend(0, 0, 0, 0);
        if self.steps > Self::MOST_STEPS {
            let used_up = self.area * PARTS - 2 * self.cheapest;
            self.best = self.best.max(used_up);
        }
    }

    /// Adds intervals from `rank` on to the set, whose least lengths sum up to `low`, greatest to
    /// `high`, and prices to `price`.
    fn extend(&mut self, rank: usize, low: i64, high: i64, price: i64) {
        self.steps += 1;
        if self.steps > Self::MOST_STEPS {
            return;
        }
        let size = self.set.len();
        if size >= 2 {
            let earned = self.area.min(high) * PARTS - price;
            if earned > self.best {
                self.best = earned;
                self.best_set.clone_from(&self.set);
            }
        }
        // Each further piece costs the cheapest price or more, and an area gives no more than it has.
        let missing = if size == 0 { 2 } else { 1 };
        if self.area * PARTS - price - self.cheapest * missing <= self.best {
            return;
        }
        let most_price = self.area * PARTS - self.cheapest * (missing - 1);
        for next in rank..self.prices.len() {
            let low = low + self.boxes.low[next];
            let price = price + self.prices[next];
            if low <= self.area && most_price - price > self.best {
                self.set.push(next);
                self.extend(next + 1, low, high + self.boxes.high[next], price);
                self.set.pop();
            }
        }
    }
}
