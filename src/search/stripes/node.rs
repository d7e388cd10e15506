//! One case of a refutation: what prices and packings say of it, and how it is split.
//!
//! A case is done once prices show that areas, or sources, do not have what is asked within its boxes,
//! or once its least lengths cannot be packed; where its greatest lengths can, there is a layout. All in
//! integers, so that rounding cannot refute what is possible.

use crate::core::Limits;
use crate::search::stripes::bin_completion::{Cover, cover};
use crate::search::stripes::domains::Boxes;
use crate::search::stripes::order::Order;
use crate::search::stripes::pool::{Interval, Pool, total};
use crate::search::stripes::prices_of_pieces::{Goal, descend};
use crate::search::stripes::quantised_bound::Bands;
use crate::search::stripes::question::Question;
use crate::search::stripes::sources::{self, Set};

/// Whether a source is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It may be.
    Open,
    /// It may be, and others are left out instead.
    Kept,
    /// It is not.
    LeftOut,
}

/// Sources and lengths that are still possible, and the prices that the case around this one ended with.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) boxes: Boxes,
    pub(crate) prices: Vec<i64>,
    /// Prices for whole sources, once these were looked at.
    pub(crate) source_prices: Option<Vec<i64>>,
    pub(crate) uses: Vec<Use>,
}

/// What a case comes to.
pub(crate) enum Fate {
    Refuted,
    Split(Vec<Case>),
    Packed(Vec<Interval>),
    /// All lengths are fixed, and it could not be decided.
    Open,
}

/// What areas earn at least, used or not, and what has to be paid back for sources that are left out.
#[derive(Clone, Debug, Default)]
struct Refunds {
    of_areas: Vec<i64>,
    of_sources: Vec<i64>,
    lost: i64,
}

/// Steps on the prices; cases go on where the case around them ended.
const STEPS: usize = 24;

impl Case {
    pub(crate) fn look(mut self, question: &Question, is_root: bool, limits: &Limits<'_>) -> Fate {
        const ROOT_STEPS: usize = 128;
        let Some(left_out) = self.decide(question) else {
            return Fate::Refuted;
        };
        if !self.boxes.tighten(question.extents) {
            return Fate::Refuted;
        }
        if question.order == Order::Lengths {
            if self.serves_too_few(question, left_out) {
                return Fate::Refuted;
            }
            if left_out > 0
                && question.order.is_counted_only(question.count)
                && self.is_wide(question)
            {
                return self.split(question, &Refunds::default());
            }
        }
        let areas = question.areas.iter();
        let areas = areas.filter(|(_, source)| self.uses[*source] != Use::LeftOut);
        let (areas, source_of): (Vec<i64>, Vec<usize>) = areas.copied().unzip();
        let mut bands = Bands::of(&areas, question.pool.legs);
        let steps = if is_root { ROOT_STEPS } else { STEPS };
        let boxes = &self.boxes;
        let found = descend(&self.prices, steps, question.goal, limits, |prices| {
            bands.earn(boxes, prices, &[])
        });
        let Some(prices) = found else {
            return Fate::Refuted;
        };
        self.prices = prices;
        let mut refunds = Refunds::default();
        if left_out > 0 {
            match self.refund(question, left_out, &source_of, &mut bands, limits) {
                Some(found) => refunds = found,
                None => return Fate::Refuted,
            }
        }
        if limits.is_over() {
            return self.split(question, &refunds);
        }
        if !self.shave(question, &mut bands, &refunds, limits) {
            return Fate::Refuted;
        }
        if let Some(fate) = self.look_closer(question, left_out, limits) {
            return fate;
        }
        self.split(question, &refunds)
    }

    /// Settles the sources that have no choice left; returns how many more are left out, or `None` if
    /// there are not as many.
    fn decide(&mut self, question: &Question) -> Option<usize> {
        let count =
            |uses: &[Use], which: Use| uses.iter().filter(|whether| **whether == which).count();
        let open = count(&self.uses, Use::Open);
        let left_out = question.left_out - count(&self.uses, Use::LeftOut);
        if open < left_out {
            return None;
        }
        let settled = match left_out {
            0 => Use::Kept,
            _ if open == left_out => Use::LeftOut,
            _ => return Some(left_out),
        };
        for whether in &mut self.uses {
            if *whether == Use::Open {
                *whether = settled;
            }
        }
        Some(0)
    }

    /// Prices and refunds where sources are left out, or `None` if they refute.
    ///
    /// With a refund for each area that is left out, as much as it earns, leaving out whole sources
    /// costs what their areas are refunded; so the layout loses at least the smallest such sums.
    fn refund(
        &mut self,
        question: &Question,
        left_out: usize,
        source_of: &[usize],
        bands: &mut Bands<'_>,
        limits: &Limits<'_>,
    ) -> Option<Refunds> {
        /// Refunds follow the prices this often.
        const ROUNDS: usize = 2;
        let mut refunds = Refunds::default();
        for _ in 0..ROUNDS {
            bands.earn(&self.boxes, &self.prices, &refunds.of_areas);
            refunds = self.refunds(
                &bands.earnings(&self.boxes, &self.prices),
                source_of,
                left_out,
            );
            let goal = Goal {
                wanted: question.goal.wanted + refunds.lost,
                ..question.goal
            };
            let boxes = &self.boxes;
            self.prices = descend(&self.prices, STEPS / 2, goal, limits, |prices| {
                bands.earn(boxes, prices, &refunds.of_areas)
            })?;
        }
        Some(refunds)
    }

    /// As much as areas earn, but no more than any longer one.
    fn refunds(&self, earnings: &[i64], source_of: &[usize], left_out: usize) -> Refunds {
        let mut of_areas = Vec::with_capacity(earnings.len());
        let mut of_sources = vec![0; self.uses.len()];
        let mut least = i64::MAX;
        for (&earned, &source) in earnings.iter().zip(source_of) {
            least = least.min(earned.max(0));
            of_areas.push(least);
            of_sources[source] += least;
        }
        let open = self.uses.iter().zip(&of_sources);
        let open = open.filter(|(whether, _)| **whether == Use::Open);
        let mut open: Vec<i64> = open.map(|(_, &refund)| refund).collect();
        open.sort_unstable();
        Refunds {
            of_areas,
            of_sources,
            lost: open[..left_out].iter().sum(),
        }
    }

    /// Cuts off what prices show to be impossible of the lengths; `false` if nothing is left.
    fn shave(
        &mut self,
        question: &Question,
        bands: &mut Bands<'_>,
        refunds: &Refunds,
        limits: &Limits<'_>,
    ) -> bool {
        /// The part of a box that is tried to be cut off.
        const PART: i64 = 4;
        let legs = question.goal.legs;
        let paid_back: i64 = self.prices.iter().map(|price| price * legs).sum();
        let wanted = question.goal.wanted + refunds.lost - paid_back;
        for rank in 0..self.prices.len() {
            for is_lower in [true, false] {
                let (low, high) = (self.boxes.low[rank], self.boxes.high[rank]);
                let part = (high - low) / PART;
                if part == 0 || limits.is_over() {
                    continue;
                }
                let middle = if is_lower { low + part } else { high - part };
                let (lower, upper) = self.boxes.split(rank, middle);
                let (mut tried, rest) = if is_lower {
                    (lower, upper)
                } else {
                    (upper, lower)
                };
                if !tried.tighten(question.extents)
                    || bands.earn(&tried, &self.prices, &refunds.of_areas).parts < wanted
                {
                    self.boxes = rest;
                    if !self.boxes.tighten(question.extents) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// What whole sources, and packings, say of a case of which `left_out` more sources are to be left out.
    fn look_closer(
        &mut self,
        question: &Question,
        left_out: usize,
        limits: &Limits<'_>,
    ) -> Option<Fate> {
        /// Sources are looked at whole once the lengths are open by no more than this part of all: before,
        /// that they do not serve an interval twice says little, unless there are few intervals.
        const NARROW: i64 = 10;
        let is_narrow = self.boxes.width() <= question.extents / NARROW;
        let is_due = question.order == Order::Lengths || (left_out == 0 && is_narrow);
        if question.count > Set::BITS as usize || !is_due {
            return None;
        }
        let mut used: Vec<usize> = (0..self.uses.len())
            .filter(|&source| self.uses[source] != Use::LeftOut)
            .collect();
        let most = used.len() - left_out;
        let lengths: Vec<&[i64]> = used
            .iter()
            .map(|&source| &question.lengths[source][..])
            .collect();
        let start = self.source_prices.as_ref().unwrap_or(&self.prices);
        let mut too_many = false;
        let mut chosen = Vec::new();
        let found = descend(start, STEPS, question.goal, limits, |prices| {
            let earned = sources::earn(&lengths, most, &self.boxes, prices);
            too_many |= earned.is_none();
            let (earned, order) = earned.unwrap_or_default();
            chosen = order;
            earned
        });
        match found {
            _ if too_many => {}
            None => return Some(Fate::Refuted),
            Some(prices) => self.source_prices = Some(prices),
        }
        if self.is_wide(question) {
            return None;
        }
        if left_out > 0 && !too_many {
            used = chosen.into_iter().map(|index| used[index]).collect();
        }
        let used: Vec<usize> = used
            .iter()
            .map(|&source| question.sources[source])
            .collect();
        let part = question.pool.without_others(&used);
        match pack(&part, &self.boxes, question.extents) {
            // Other sources may do.
            Some(Fate::Refuted | Fate::Open) if left_out > 0 => None,
            fate => fate,
        }
    }

    /// Whether sources cannot serve as many pieces as the least lengths need, each interval once.
    fn serves_too_few(&self, question: &Question, left_out: usize) -> bool {
        let used = (0..self.uses.len()).filter(|&source| self.uses[source] != Use::LeftOut);
        let served =
            used.map(|source| sources::serves_at_most(&question.lengths[source], &self.boxes.low));
        let mut served: Vec<usize> = served.collect();
        served.sort_unstable();
        let pieces: usize = served.iter().skip(left_out).sum();
        pieces < question.count * question.pool.legs
    }

    /// Whether lengths are open by more than packings can be told of.
    fn is_wide(&self, question: &Question) -> bool {
        /// The part of all that they may be open by.
        const CLOSE: i64 = 200;
        self.boxes.width() > question.extents / CLOSE
    }

    /// Two cases that this one comes to: halves of the widest box, or, once lengths hardly differ, with the
    /// source left out that loses least, and without.
    fn split(self, question: &Question, refunds: &Refunds) -> Fate {
        let splits_lengths = question.order == Order::Lengths && self.is_wide(question);
        let open = (0..self.uses.len()).filter(|&source| self.uses[source] == Use::Open);
        let loses = |source: &usize| (refunds.of_sources.get(*source).copied(), *source);
        if !splits_lengths && let Some(source) = open.min_by_key(loses) {
            let (mut with, mut without) = (self.clone(), self);
            with.uses[source] = Use::Kept;
            without.uses[source] = Use::LeftOut;
            return Fate::Split(vec![with, without]);
        }
        let Some(rank) = self.boxes.widest() else {
            return Fate::Open;
        };
        let (low, high) = (self.boxes.low[rank], self.boxes.high[rank]);
        let (lower, upper) = self.boxes.split(rank, low + (high - low) / 2);
        let lower = Case {
            boxes: lower,
            ..self.clone()
        };
        let upper = Case {
            boxes: upper,
            ..self
        };
        Fate::Split(vec![lower, upper])
    }
}

/// What packings of the least and the greatest lengths say of a box, if that is something.
fn pack(pool: &Pool, boxes: &Boxes, extents: i64) -> Option<Fate> {
    /// Partial covers looked at where a box can still be split, and where it cannot.
    const MOST: u64 = 1 << 7;
    const MOST_AT_POINT: u64 = 1 << 20;
    let lengths =
        |of: &[i64]| -> Vec<u64> { of.iter().map(|length| length.unsigned_abs()).collect() };
    let is_point = boxes.width() == 0;
    let most = if is_point { MOST_AT_POINT } else { MOST };
    match cover(pool, &lengths(&boxes.low), most) {
        Cover::Never => return Some(Fate::Refuted),
        Cover::Open if is_point => return Some(Fate::Open),
        Cover::Open => return None,
        Cover::Found(mut intervals) => {
            pool.stretch(&mut intervals);
            if total(&intervals) >= extents.unsigned_abs() {
                return Some(Fate::Packed(intervals));
            }
        }
    }
    match cover(pool, &lengths(&boxes.high), most) {
        Cover::Found(intervals) => Some(Fate::Packed(intervals)),
        Cover::Never | Cover::Open => None,
    }
}
