//! Why a number of intervals is too few: boxes of interval lengths, each refuted by prices.
//!
//! Let t1 >= t2 >= .. be the lengths of K intervals with N legs. They are split into boxes, longest
//! lengths first; lengths that a box says nothing about are free pieces of at most the last length that
//! it bounds. With a price for a piece of each length and one for a free piece, an area earns at most
//!
//! > max over sets S of lengths that fit it, k free pieces: min(area, hi(S) + k hi) - prices
//!
//! and all areas together with N pieces of each length paid back bound N times the extents that K
//! intervals can have (Lagrangian relaxation; Geoffrion, Mathematical Programming Study 2, 1974). A box
//! whose bound is below what is asked is done, else it is split. All in integers, so that rounding
//! cannot refute what is possible.

use rayon::prelude::*;

use crate::core::{Area, Limits};
use crate::search::contiguous::exact::{self, Outcome};
use crate::search::contiguous::{Batch, Bin, Class};
use crate::search::intervals::levels::Levels;
use crate::search::intervals::pool::{Interval, Pool};

/// Lengths of the longest intervals, each within limits, and the prices that its parent ended with.
#[derive(Clone, Debug)]
struct Node {
    /// Per interval, longest first, least and greatest length.
    boxes: Vec<(i64, i64)>,
    /// Per interval the price of a piece; the last is that of a free piece.
    prices: Vec<i64>,
}

/// What became of an attempt to refute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refutation {
    /// No layout has so few intervals.
    Refuted,
    /// This one has.
    Packed(Vec<Interval>),
    /// One may have.
    Open,
}

struct Context {
    legs: i64,
    count: usize,
    extents: i64,
    /// Lengths of all areas, longest first.
    areas: Vec<i64>,
    /// Per source the lengths of its areas, longest first.
    sources: Vec<Vec<i64>>,
    /// `sums[i]`: the first `i` areas together.
    sums: Vec<i64>,
    /// Per interval, longest first, the most that it can have.
    most: Vec<i64>,
    /// What areas are worth to the lengths that are still open.
    levels: Option<Levels>,
}

/// Tries to show that `count` intervals cannot have `extents`, looking at `nodes` boxes at most.
pub(crate) fn refute(
    pool: &Pool,
    count: usize,
    extents: u64,
    nodes: u64,
    limits: &Limits<'_>,
) -> (Refutation, u64) {
    /// Boxes that are bounded in parallel; fixed, so that the count of boxes is the same for any number
    /// of threads.
    const PER_ROUND: usize = 64;
    let Some(context) = Context::of(pool, count, extents, limits) else {
        return (Refutation::Open, 0);
    };
    let mut open = vec![Node {
        boxes: Vec::new(),
        prices: vec![context.average_price()],
    }];
    let mut seen = 0;
    while !open.is_empty() {
        if seen >= nodes || limits.is_over() {
            return (Refutation::Open, seen);
        }
        let round = open.split_off(open.len().saturating_sub(PER_ROUND));
        seen += round.len() as u64;
        let parts: Vec<Parts> = round
            .into_par_iter()
            .map(|node| match context.bounded(node) {
                None => Parts::Children(Vec::new()),
                Some(node) => context.split(node),
            })
            .collect();
        for part in parts {
            match part {
                Parts::Children(children) => open.extend(children),
                Parts::Point(lengths) => match pack(pool, &lengths, limits) {
                    Outcome::Packed(packing) => {
                        return (
                            Refutation::Packed(intervals(pool, &lengths, &packing)),
                            seen,
                        );
                    }
                    Outcome::NoPacking { nodes } => seen += nodes,
                    Outcome::Stopped(_) => return (Refutation::Open, seen),
                },
            }
        }
    }
    (Refutation::Refuted, seen)
}

impl Context {
    /// `None` if the numbers are too large to be multiplied in 64 bits.
    fn of(pool: &Pool, count: usize, extents: u64, limits: &Limits<'_>) -> Option<Context> {
        /// No volume manager has sources of more extents; it leaves room for sums and prices.
        const MOST_EXTENTS: u64 = 1 << 40;
        let largest = pool
            .lengths
            .iter()
            .sum::<u64>()
            .max(extents.checked_mul(pool.legs as u64)?);
        if largest > MOST_EXTENTS {
            return None;
        }
        let mut sources = Vec::with_capacity(pool.sources.len());
        for areas in &pool.sources {
            let lengths = pool.lengths[areas.clone()]
                .iter()
                .filter(|length| **length > 0);
            let lengths = lengths.map(|&length| i64::try_from(length.min(extents)).ok());
            let mut lengths: Vec<i64> = lengths.collect::<Option<_>>()?;
            lengths.sort_unstable_by(|a, b| b.cmp(a));
            sources.push(lengths);
        }
        let mut areas: Vec<i64> = sources.iter().flatten().copied().collect();
        areas.sort_unstable_by(|a, b| b.cmp(a));
        let mut sums = vec![0];
        for &area in &areas {
            sums.push(sums[sums.len() - 1] + area);
        }
        let most = (1..=count).map(|rank| i64::try_from(most_of_rank(pool, rank, extents)).ok());
        let price = areas.get(pool.legs * count).copied().unwrap_or(0);
        Some(Context {
            levels: Levels::of(&areas, pool.legs, count, price, limits),
            legs: i64::try_from(pool.legs).ok()?,
            count,
            extents: i64::try_from(extents).ok()?,
            areas,
            sources,
            sums,
            most: most.collect::<Option<_>>()?,
        })
    }

    /// The shortest area among as many of the longest as there are pieces.
    fn average_price(&self) -> i64 {
        let pieces = usize::try_from(self.legs)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.count);
        self.areas.get(pieces).copied().unwrap_or(0)
    }

    /// `None` if prices are found that refute the box, else the box with the best prices found.
    ///
    /// Where few lengths are left open, or the problem is small, the areas of a source are looked at
    /// together too: it serves each interval once.
    fn bounded(&self, mut node: Node) -> Option<Node> {
        /// Areas that a small problem has.
        const SMALL: usize = 48;
        /// Lengths that may be open where sources are looked at whole.
        const FEW: usize = 3;
        self.tighten(&mut node.boxes)?;
        let node = self.descend(node, |prices, boxes| self.earn(boxes, prices))?;
        let open = self.count - node.boxes.len();
        if open > FEW || (open > 0 && self.areas.len() > SMALL) {
            return Some(node);
        }
        self.descend(node, |prices, boxes| self.earn_by_source(boxes, prices))
    }

    /// Steps down on the prices until the bound refutes or hardly moves.
    fn descend(
        &self,
        mut node: Node,
        earn: impl Fn(&[i64], &[(i64, i64)]) -> (i128, Vec<i64>, i64),
    ) -> Option<Node> {
        /// Steps on the prices; children go on where their parent ended.
        const STEPS: usize = 32;
        /// Steps after which the bound has to have come down by a quarter.
        const PATIENCE: usize = 4;
        let wanted = i128::from(self.legs) * i128::from(self.extents);
        let free_wanted = self.legs * (self.count - node.boxes.len()) as i64;
        let mut prices = node.prices.clone();
        let mut best = i128::MAX;
        let mut hoped = i128::MAX;
        for step in 0..STEPS {
            let (earned, used, free) = earn(&prices, &node.boxes);
            let (levels, free_price) = prices.split_at(node.boxes.len());
            let paid_back: i128 = levels
                .iter()
                .map(|&price| i128::from(price * self.legs))
                .sum();
            let bound = earned + paid_back + i128::from(free_price[0]) * i128::from(free_wanted);
            if bound < wanted {
                return None;
            }
            if bound < best {
                best = bound;
                node.prices.clone_from(&prices);
            }
            // Going on is only worth it while the bound comes down fast.
            if step % PATIENCE == PATIENCE - 1 {
                if best - wanted > hoped {
                    break;
                }
                hoped = (best - wanted) * 3 / 4;
            }
            let slopes: Vec<i64> = used
                .iter()
                .map(|used| used - self.legs)
                .chain([free - free_wanted])
                .collect();
            let norm: i128 = slopes.iter().map(|slope| i128::from(slope * slope)).sum();
            if norm == 0 {
                break;
            }
            // Polyak's step: the bound has to get below what is wanted.
            let over = bound - wanted + 1;
            for (price, &slope) in prices.iter_mut().zip(&slopes) {
                let step = over * i128::from(slope) / norm;
                *price = price
                    .saturating_add(i64::try_from(step).unwrap_or(0))
                    .max(0);
            }
        }
        Some(node)
    }

    /// What the areas earn at these prices, the pieces of each interval and the free pieces they use.
    fn earn(&self, boxes: &[(i64, i64)], prices: &[i64]) -> (i128, Vec<i64>, i64) {
        let levels = boxes.len();
        let (prices, free_price) = (&prices[..levels], prices[levels]);
        let cap = boxes.last().map_or(self.most[0], |last| last.1);
        let shortest = boxes.last().map_or(cap + 1, |last| last.0.min(cap + 1));
        let split = self.areas.partition_point(|&area| area >= shortest);
        let mut used = vec![0; levels];
        let mut choice = self.choice(boxes, prices, free_price, cap);
        let mut earned = 0i128;
        let mut free = 0;
        for &area in &self.areas[..split] {
            choice.best(area);
            earned += i128::from(choice.value);
            free += choice.best_free;
            for &level in &choice.best_set {
                used[level] += 1;
            }
        }
        if choice.has_free {
            let (worth, pieces) = self.rest(split, self.count - levels, free_price);
            earned += i128::from(worth);
            free += pieces;
        }
        (earned, used, free)
    }

    /// As `earn`, but every area is looked at, and a source serves no interval twice.
    fn earn_by_source(&self, boxes: &[(i64, i64)], prices: &[i64]) -> (i128, Vec<i64>, i64) {
        let (prices, free_price) = (&prices[..boxes.len()], prices[boxes.len()]);
        let cap = boxes.last().map_or(self.most[0], |last| last.1);
        let mut choice = self.choice(boxes, prices, free_price, cap);
        let open = (self.count - boxes.len()) as i64;
        let mut used = vec![0; boxes.len()];
        let (mut earned, mut free) = (0i128, 0);
        for areas in &self.sources {
            let whole = WholeSource::of(&mut choice, areas, open);
            earned += i128::from(whole.value);
            free += whole.free;
            for level in whole.levels {
                used[level] += 1;
            }
        }
        (earned, used, free)
    }

    fn choice<'a>(
        &self,
        boxes: &'a [(i64, i64)],
        prices: &'a [i64],
        free_price: i64,
        cap: i64,
    ) -> Choice<'a> {
        Choice {
            boxes,
            prices,
            free_price,
            cap,
            // Where nothing is left to be free, there is no free piece.
            has_free: boxes.len() < self.count,
            cheapest: prices
                .iter()
                .copied()
                .chain([free_price])
                .min()
                .unwrap_or(0),
            value: 0,
            set: Vec::new(),
            best_set: Vec::new(),
            best_free: 0,
        }
    }

    /// What the areas from an index on, each shorter than every bounded length, are worth to so many
    /// free lengths, and the pieces that takes.
    fn rest(&self, index: usize, lengths: usize, price: i64) -> (i64, i64) {
        if let Some(levels) = &self.levels {
            return levels.worth(index, lengths, price);
        }
        // One free piece each, if it pays.
        let paying = self.areas.partition_point(|&area| area > price).max(index);
        let count = (paying - index) as i64;
        (self.sums[paying] - self.sums[index] - count * price, count)
    }

    /// Draws the conclusions of order and sum; `None` if nothing is left.
    fn tighten(&self, boxes: &mut [(i64, i64)]) -> Option<()> {
        let mut before = 0;
        let mut cap = i64::MAX;
        for (rank, (low, high)) in boxes.iter_mut().enumerate() {
            *high = (*high).min(cap).min(self.most[rank]);
            let rest = (self.count - rank) as i64;
            *low = (*low)
                .max((self.extents - before + rest - 1).div_euclid(rest))
                .max(1);
            if low > high {
                return None;
            }
            cap = *high;
            before += *high;
        }
        for rank in (1..boxes.len()).rev() {
            boxes[rank - 1].0 = boxes[rank - 1].0.max(boxes[rank].0);
        }
        boxes.iter().all(|(low, high)| low <= high).then_some(())
    }

    /// The two halves of the widest box, that of the next interval included.
    fn split(&self, mut node: Node) -> Parts {
        if node.boxes.len() < self.count {
            let rank = node.boxes.len();
            let high = node
                .boxes
                .last()
                .map_or(self.most[0], |last| last.1)
                .min(self.most[rank]);
            let before: i64 = node.boxes.iter().map(|(_, high)| high).sum();
            let rest = (self.count - rank) as i64;
            let low = (self.extents - before + rest - 1).div_euclid(rest).max(1);
            if low > high {
                return Parts::Children(Vec::new());
            }
            let widest = node
                .boxes
                .iter()
                .map(|(low, high)| high - low)
                .max()
                .unwrap_or(0);
            if high - low >= widest {
                let free = node.prices[rank];
                node.prices.push(free);
                node.boxes.push((low, high));
            }
        }
        let width = |rank: &usize| node.boxes[*rank].1 - node.boxes[*rank].0;
        let widest = (0..node.boxes.len()).max_by_key(|rank| (width(rank), usize::MAX - rank));
        let Some(widest) = widest.filter(|rank| width(rank) > 0) else {
            if node.boxes.len() < self.count {
                return Parts::Children(vec![node]);
            }
            return Parts::Point(
                node.boxes
                    .iter()
                    .map(|(low, _)| low.unsigned_abs())
                    .collect(),
            );
        };
        let (low, high) = node.boxes[widest];
        let middle = low + (high - low) / 2;
        let mut lower = node.clone();
        lower.boxes[widest].1 = middle;
        node.boxes[widest].0 = middle + 1;
        Parts::Children(vec![node, lower])
    }
}

/// What a box that prices do not refute comes to.
enum Parts {
    /// Smaller boxes.
    Children(Vec<Node>),
    /// All lengths are fixed.
    Point(Vec<u64>),
}

/// Packs intervals of these lengths exactly: each as many pieces as there are legs, one of a source.
fn pack(pool: &Pool, lengths: &[u64], limits: &Limits<'_>) -> Outcome {
    let mut bins = Vec::new();
    for (source, areas) in pool.sources.iter().enumerate() {
        // An area that is used up stays as an index, with a length that nothing fits.
        let area = |area: usize| Area::new(0, pool.lengths[area]);
        bins.extend(
            areas
                .clone()
                .filter_map(area)
                .map(|area| Bin { source, area }),
        );
    }
    let class = |&length: &u64| Class {
        request: 0,
        length,
        count: pool.legs,
        apart: true,
        welcome: vec![true; pool.sources.len()],
        tags: Vec::new(),
        tag_count: 0,
    };
    let batch = Batch {
        sources: pool.sources.len(),
        bins,
        classes: lengths.iter().map(class).collect(),
    };
    exact::complete(&batch, limits)
}

/// The intervals that a packing describes.
fn intervals(pool: &Pool, lengths: &[u64], packing: &[Vec<usize>]) -> Vec<Interval> {
    // Bins leave out the areas of no length.
    let areas: Vec<usize> = (0..pool.lengths.len())
        .filter(|&area| pool.lengths[area] > 0)
        .collect();
    let pairs = lengths.iter().zip(packing);
    pairs
        .map(|(&length, bins)| Interval {
            length,
            areas: bins.iter().map(|&bin| areas[bin]).collect(),
        })
        .collect()
}

/// The best set of pieces for one area.
struct Choice<'a> {
    boxes: &'a [(i64, i64)],
    prices: &'a [i64],
    free_price: i64,
    cap: i64,
    has_free: bool,
    cheapest: i64,
    value: i64,
    set: Vec<usize>,
    best_set: Vec<usize>,
    best_free: i64,
}

impl Choice<'_> {
    fn best(&mut self, area: i64) {
        self.value = 0;
        self.best_set.clear();
        self.best_free = 0;
        self.set.clear();
        self.extend(area, 0, area, 0, 0);
    }

    /// Adds lengths from `level` on to the set. `space` is the area without the least lengths of the
    /// set, `high` its greatest lengths together, `price` what it costs.
    fn extend(&mut self, area: i64, level: usize, space: i64, high: i64, price: i64) {
        let rest = (area - high).max(0);
        let mut value = area.min(high) - price;
        let mut free = 0;
        if self.has_free && rest > 0 {
            let whole = if self.cap > self.free_price {
                rest / self.cap
            } else {
                0
            };
            value += whole * (self.cap - self.free_price);
            free = whole;
            let left = rest - whole * self.cap;
            if left > self.free_price && left <= self.cap {
                value += left - self.free_price;
                free += 1;
            }
        }
        if value > self.value {
            self.value = value;
            self.best_free = free;
            self.best_set.clone_from(&self.set);
        }
        // One more piece costs at least the cheapest price, and the area gives no more than it has.
        if area - price - self.cheapest <= self.value {
            return;
        }
        for next in level..self.boxes.len() {
            let (low, most) = self.boxes[next];
            if low <= space {
                self.set.push(next);
                self.extend(
                    area,
                    next + 1,
                    space - low,
                    high + most,
                    price + self.prices[next],
                );
                self.set.pop();
            }
        }
    }
}

/// The most that the interval of a rank can have: that many intervals of the length, each once per
/// source, have to find pieces.
fn most_of_rank(pool: &Pool, rank: usize, extents: u64) -> u64 {
    let fits = |length: u64| {
        let per_source = pool.sources.iter().map(|areas| {
            let pieces: u64 = pool.lengths[areas.clone()]
                .iter()
                .map(|area| area / length)
                .sum();
            pieces.min(rank as u64)
        });
        per_source.sum::<u64>() >= (pool.legs * rank) as u64
    };
    let (mut low, mut high) = (0, extents / rank as u64);
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// What one source earns, all its areas together.
struct WholeSource {
    value: i64,
    levels: Vec<usize>,
    free: i64,
}

impl WholeSource {
    /// The best sets for the areas, no length twice and at most `open` free pieces in all.
    ///
    /// The best set of each area by itself bounds the search, and mostly ends it.
    fn of(choice: &mut Choice<'_>, areas: &[i64], open: i64) -> WholeSource {
        let mut alone = WholeSource {
            value: 0,
            levels: Vec::new(),
            free: 0,
        };
        let mut values = Vec::with_capacity(areas.len());
        for &area in areas {
            choice.best(area);
            values.push(choice.value);
            alone.value += choice.value;
            alone.free += choice.best_free;
            alone.levels.extend(&choice.best_set);
        }
        let mut sorted = alone.levels.clone();
        sorted.sort_unstable();
        if alone.free <= open && sorted.windows(2).all(|pair| pair[0] < pair[1]) {
            return alone;
        }
        let mut search = SourceSearch {
            choice,
            areas,
            // What the areas from each on could earn by themselves.
            hopes: values
                .iter()
                .rev()
                .scan(0, |sum, value| {
                    *sum += value;
                    Some(*sum)
                })
                .collect(),
            levels: Vec::new(),
            best: WholeSource {
                value: 0,
                levels: Vec::new(),
                free: 0,
            },
            steps: 0,
        };
        search.hopes.reverse();
        search.hopes.push(0);
        search.area(0, 0, open, open);
        if search.steps > SourceSearch::MOST_STEPS {
            return alone;
        }
        search.best
    }
}

/// The sets of all areas of a source in turn.
struct SourceSearch<'a, 'b> {
    choice: &'a Choice<'b>,
    areas: &'a [i64],
    hopes: Vec<i64>,
    levels: Vec<usize>,
    best: WholeSource,
    steps: u64,
}

impl SourceSearch<'_, '_> {
    /// A source that takes more is not worth it; what its areas earn alone is a bound too.
    const MOST_STEPS: u64 = 1 << 12;

    /// Areas from `index` on, with `value` earned so far and `left` of `open` free pieces left.
    fn area(&mut self, index: usize, value: i64, left: i64, open: i64) {
        self.steps += 1;
        if self.steps > Self::MOST_STEPS {
            return;
        }
        if value > self.best.value {
            self.best = WholeSource {
                value,
                levels: self.levels.clone(),
                free: open - left,
            };
        }
        if index == self.areas.len() || value + self.hopes[index] <= self.best.value {
            return;
        }
        let area = self.areas[index];
        self.extend(index, 0, (area, area, 0), value, left, open);
    }

    /// Adds lengths from `level` on to the set of the area; `state` is the space left beside the
    /// least lengths, the extents left beside the greatest, and the price so far.
    fn extend(
        &mut self,
        index: usize,
        level: usize,
        state: (i64, i64, i64),
        value: i64,
        left: i64,
        open: i64,
    ) {
        let (space, beside, price) = state;
        let area = self.areas[index];
        let choice = self.choice;
        for next in level..choice.boxes.len() {
            let (low, high) = choice.boxes[next];
            if low <= space && !self.levels.contains(&next) {
                self.levels.push(next);
                let price = price + choice.prices[next];
                self.extend(
                    index,
                    next + 1,
                    (space - low, beside - high, price),
                    value,
                    left,
                    open,
                );
                self.levels.pop();
            }
        }
        // The area as it is, with ever more free pieces in what is left of it.
        let mut rest = beside.max(0);
        let mut earned = area - rest - price;
        let mut free = 0;
        loop {
            self.area(index + 1, value + earned, left - free, open);
            let piece = rest.min(choice.cap);
            if piece <= choice.free_price || free == left {
                break;
            }
            earned += piece - choice.free_price;
            rest -= piece;
            free += 1;
        }
    }
}
