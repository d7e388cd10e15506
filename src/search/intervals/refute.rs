//! Why a number of intervals is too few: boxes of interval lengths, each refuted by prices.
//!
//! The lengths of all intervals, longest first, are split into ever smaller boxes. A box is done once
//! prices show that areas, or sources, do not have what is asked within it, or once its least lengths
//! cannot be packed; where its greatest lengths can, there is a layout. All in integers, so that
//! rounding cannot refute what is possible.

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::intervals::bands::Bands;
use crate::search::intervals::boxes::Boxes;
use crate::search::intervals::cover::{Cover, cover};
use crate::search::intervals::exchange::{stretch, total};
use crate::search::intervals::pool::{Interval, Pool};
use crate::search::intervals::prices::{Goal, PARTS, descend};
use crate::search::intervals::sources::{self, Set};

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

/// A refutation that goes on where it stopped.
pub(crate) struct Attempt {
    context: Option<Context>,
    open: Vec<Node>,
    /// Boxes looked at so far.
    pub(crate) seen: u64,
}

/// Lengths that are still possible, and the prices that the box around them ended with.
#[derive(Clone, Debug)]
struct Node {
    boxes: Boxes,
    prices: Vec<i64>,
    /// Prices for whole sources, once these were looked at.
    source_prices: Option<Vec<i64>>,
}

struct Context {
    pool: Pool,
    extents: u64,
    goal: Goal,
    /// Lengths of all areas, longest first.
    areas: Vec<i64>,
    /// Per source the lengths of its areas.
    sources: Vec<Vec<i64>>,
}

/// What a box comes to.
enum Fate {
    Refuted,
    Split([Node; 2]),
    Packed(Vec<Interval>),
    /// A point that could not be decided.
    Open,
}

impl Attempt {
    /// To show that `count` intervals cannot have `extents`.
    pub(crate) fn of(pool: &Pool, count: usize, extents: u64) -> Attempt {
        let mut attempt = Attempt {
            context: Context::of(pool, count, extents),
            open: Vec::new(),
            seen: 0,
        };
        if let Some(context) = &attempt.context {
            let most = (1..=count).map(|rank| i64::try_from(most_of_rank(pool, rank, extents)));
            let most: Result<Vec<i64>, _> = most.collect();
            attempt.open.extend(most.ok().map(|most| Node {
                boxes: Boxes::below(&most),
                prices: vec![context.first_price(count); count],
                source_prices: None,
            }));
            if attempt.open.is_empty() {
                attempt.context = None;
            }
        }
        attempt
    }

    /// Looks at `nodes` more boxes.
    pub(crate) fn go_on(&mut self, nodes: u64, limits: &Limits<'_>) -> Refutation {
        /// Boxes that are looked at in parallel; fixed, so that the count of boxes is the same for any
        /// number of threads.
        const PER_ROUND: usize = 64;
        let Some(context) = &self.context else {
            return Refutation::Open;
        };
        let end = self.seen.saturating_add(nodes);
        while !self.open.is_empty() {
            if self.seen >= end || limits.is_over() {
                return Refutation::Open;
            }
            let round = self
                .open
                .split_off(self.open.len().saturating_sub(PER_ROUND));
            let is_root = self.seen == 0;
            self.seen += round.len() as u64;
            let fates: Vec<Fate> = round
                .into_par_iter()
                .map(|node| context.look(node, is_root, limits))
                .collect();
            for fate in fates {
                match fate {
                    Fate::Refuted => {}
                    Fate::Split(nodes) => self.open.extend(nodes),
                    Fate::Packed(intervals) => return Refutation::Packed(intervals),
                    Fate::Open => {
                        self.context = None;
                        return Refutation::Open;
                    }
                }
            }
        }
        Refutation::Refuted
    }
}

impl Context {
    /// `None` if the tables would be too large, or the numbers for 64 bits.
    fn of(pool: &Pool, count: usize, extents: u64) -> Option<Context> {
        /// No volume manager has sources of more extents; it leaves room for sums and prices.
        const MOST_EXTENTS: u64 = 1 << 40;
        /// Steps through the tables of a bound that take some ten milliseconds.
        const MOST_STEPS: usize = 1 << 24;
        let largest = pool
            .lengths
            .iter()
            .sum::<u64>()
            .max(extents.checked_mul(pool.legs as u64)?);
        let mut sources = Vec::with_capacity(pool.sources.len());
        for areas in &pool.sources {
            let lengths = &pool.lengths[areas.clone()];
            let lengths = lengths.iter().filter(|length| **length > 0);
            let lengths: Result<Vec<i64>, _> =
                lengths.map(|&length| i64::try_from(length)).collect();
            sources.push(lengths.ok()?);
        }
        let mut areas: Vec<i64> = sources.iter().flatten().copied().collect();
        areas.sort_unstable_by(|a, b| b.cmp(a));
        let pieces = count.checked_mul(pool.legs)?;
        let steps = pieces.checked_mul(areas.len())?;
        if largest > MOST_EXTENTS || steps > MOST_STEPS {
            return None;
        }
        let legs = i64::try_from(pool.legs).ok()?;
        Some(Context {
            pool: pool.clone(),
            extents,
            goal: Goal {
                legs,
                wanted: legs * i64::try_from(extents).ok()? * PARTS,
                highest: areas.first().copied().unwrap_or(0) * PARTS,
            },
            areas,
            sources,
        })
    }

    /// About what the shortest useful piece has, for a start.
    fn first_price(&self, count: usize) -> i64 {
        let pieces = count * self.pool.legs;
        self.areas.get(pieces).copied().unwrap_or(0) * PARTS / 2
    }

    fn look(&self, mut node: Node, is_root: bool, limits: &Limits<'_>) -> Fate {
        /// Steps on the prices; boxes go on where the box around them ended.
        const STEPS: usize = 24;
        const ROOT_STEPS: usize = 128;
        /// Sources are looked at whole once the lengths are open by no more than this part of all: before,
        /// that they do not serve an interval twice says little.
        const NARROW: i64 = 10;
        /// Packings are tried once they are open by no more than this part.
        const CLOSE: i64 = 200;
        let extents = self.goal.wanted / PARTS / self.goal.legs;
        if !node.boxes.tighten(extents) {
            return Fate::Refuted;
        }
        let mut bands = Bands::of(&self.areas, self.pool.legs);
        let steps = if is_root { ROOT_STEPS } else { STEPS };
        let boxes = &node.boxes;
        let found = descend(&node.prices, steps, self.goal, limits, |prices| {
            bands.earn(boxes, prices)
        });
        let Some(prices) = found else {
            return Fate::Refuted;
        };
        node.prices = prices;
        if limits.is_over() {
            return self.split(node);
        }
        if !self.shave(&mut node, &mut bands, limits) {
            return Fate::Refuted;
        }
        let width = node.boxes.width();
        let fits_in_set = node.prices.len() <= Set::BITS as usize;
        if fits_in_set && width <= extents / NARROW {
            let start = node.source_prices.as_ref().unwrap_or(&node.prices);
            let mut too_many = false;
            let found = descend(start, STEPS, self.goal, limits, |prices| {
                let earned = sources::earn(&self.sources, &node.boxes, prices);
                too_many |= earned.is_none();
                earned.unwrap_or_default()
            });
            match found {
                _ if too_many => {}
                None => return Fate::Refuted,
                Some(prices) => node.source_prices = Some(prices),
            }
        }
        if fits_in_set
            && width <= extents / CLOSE
            && let Some(fate) = self.pack(&node.boxes)
        {
            return fate;
        }
        self.split(node)
    }

    /// Cuts off what prices show to be impossible of the lengths; `false` if nothing is left.
    fn shave(&self, node: &mut Node, bands: &mut Bands<'_>, limits: &Limits<'_>) -> bool {
        /// The part of a box that is tried to be cut off.
        const PART: i64 = 4;
        let extents = self.goal.wanted / PARTS / self.goal.legs;
        let paid_back: i64 = node.prices.iter().map(|price| price * self.goal.legs).sum();
        for rank in 0..node.prices.len() {
            for is_lower in [true, false] {
                let (low, high) = (node.boxes.low[rank], node.boxes.high[rank]);
                let part = (high - low) / PART;
                if part == 0 || limits.is_over() {
                    continue;
                }
                let middle = if is_lower { low + part } else { high - part };
                let (lower, upper) = node.boxes.split(rank, middle);
                let (mut tried, rest) = if is_lower {
                    (lower, upper)
                } else {
                    (upper, lower)
                };
                let is_refuted = !tried.tighten(extents)
                    || bands.earn(&tried, &node.prices).parts + paid_back < self.goal.wanted;
                if is_refuted {
                    node.boxes = rest;
                    if !node.boxes.tighten(extents) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// What packings of the least and the greatest lengths say of a box, if that is something.
    fn pack(&self, boxes: &Boxes) -> Option<Fate> {
        /// Partial covers looked at where a box can still be split, and where it cannot.
        const MOST: u64 = 1 << 7;
        const MOST_AT_POINT: u64 = 1 << 20;
        let lengths =
            |of: &[i64]| -> Vec<u64> { of.iter().map(|length| length.unsigned_abs()).collect() };
        let is_point = boxes.width() == 0;
        let most = if is_point { MOST_AT_POINT } else { MOST };
        match cover(&self.pool, &lengths(&boxes.low), most) {
            Cover::Never => return Some(Fate::Refuted),
            Cover::Open if is_point => return Some(Fate::Open),
            Cover::Open => return None,
            Cover::Found(mut intervals) => {
                stretch(&self.pool, &mut intervals);
                if total(&intervals) >= self.extents {
                    return Some(Fate::Packed(intervals));
                }
            }
        }
        match cover(&self.pool, &lengths(&boxes.high), most) {
            Cover::Found(intervals) => Some(Fate::Packed(intervals)),
            Cover::Never | Cover::Open => None,
        }
    }

    /// Two halves of the box.
    fn split(&self, node: Node) -> Fate {
        let Some(rank) = node.boxes.widest() else {
            // A point; where there are too many intervals for a set it stays open.
            return Fate::Open;
        };
        let (low, high) = (node.boxes.low[rank], node.boxes.high[rank]);
        let (lower, upper) = node.boxes.split(rank, low + (high - low) / 2);
        let lower = Node {
            boxes: lower,
            ..node.clone()
        };
        let upper = Node {
            boxes: upper,
            ..node
        };
        Fate::Split([lower, upper])
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
