//! How much work each round of proofs and layouts gets.

use crate::core::Limits;
use crate::search::effort;
use crate::search::stripes::order::Order;
use crate::search::stripes::pool::Pool;

/// The work of one round; the next has four times as much.
pub(crate) struct Budget {
    round: u32,
    /// Work on one box, roughly, in steps through tables.
    per_box: u64,
    /// Work on one ruin.
    per_round: u64,
    /// Boxes granted so far.
    granted: u64,
    /// Steps spent so far on beams.
    on_beams: u64,
    /// Steps of a beam that keeps one partial layout.
    per_beam: u64,
}

/// Steps for the first round, some ten milliseconds.
const FIRST_STEPS: u64 = 1 << 25;

impl Budget {
    const GROWTH: u64 = 4;

    pub(crate) fn of(pool: &Pool, count: usize) -> Budget {
        /// Bounds of one box.
        const BOUNDS: u64 = 40;
        /// Steps that a bound takes however few areas there are.
        const LEAST_STEPS: u64 = 1 << 11;
        /// Steps for the sets of intervals that a source serves.
        const PER_SOURCE: usize = 1 << 9;
        /// Looks at a source for one interval, and intervals of one ruin.
        const LOOKS: usize = 16 * 8;
        /// Looks at an area for the next interval in a beam, and areas that are looked at for it at the least.
        const LOOKS_IN_BEAM: u64 = 1 << 9;
        const AREAS_IN_BEAM: usize = 1 << 9;
        let areas = pool.lengths.iter().filter(|length| **length > 0).count();
        let per_bound = (areas * count) as u64 * (pool.legs + count) as u64;
        // Where lengths are split first, whole sources are counted, and priced unless counting is enough.
        let of_box = BOUNDS * per_bound.max(LEAST_STEPS);
        let of_sources = (PER_SOURCE * pool.sources.len()) as u64;
        let per_box = match Order::worth_it(count, pool.sources.len())[0] {
            order if order.is_counted_only(count) => of_sources,
            Order::Lengths => of_box + 2 * BOUNDS * of_sources,
            Order::Sources => of_box,
        };
        Budget {
            round: 0,
            per_box,
            per_round: (LOOKS * (pool.sources.len() + areas)).max(1) as u64,
            granted: 0,
            on_beams: 0,
            per_beam: LOOKS_IN_BEAM * (count * areas.max(AREAS_IN_BEAM)) as u64,
        }
    }

    fn scaled(&self, first: u64) -> u64 {
        first.saturating_mul(Self::GROWTH.saturating_pow(self.round))
    }

    /// Boxes to look at.
    pub(crate) fn boxes(&self) -> u64 {
        /// Boxes that are enough.
        const MOST_FIRST: u64 = 1 << 7;
        self.scaled((FIRST_STEPS / self.per_box).clamp(1, MOST_FIRST))
    }

    /// Partial layouts to keep in a beam.
    pub(crate) fn width(&self) -> usize {
        usize::try_from(self.scaled(4)).unwrap_or(usize::MAX)
    }

    /// Beams that this round pays for.
    pub(crate) fn beams(&self) -> usize {
        let each = self.per_beam.saturating_mul(self.width() as u64).max(1);
        usize::try_from(self.scaled(4 * FIRST_STEPS) / each)
            .map_or(usize::MAX, |beams| beams.max(1))
    }

    /// Whether another beam may be tried; it is paid for.
    pub(crate) fn spend_beam(&mut self, limits: &Limits<'_>) -> bool {
        let each = self.per_beam.saturating_mul(self.width() as u64);
        self.on_beams = self.on_beams.saturating_add(each);
        !limits.is_over()
            && ((limits.remaining)().is_some() || self.on_beams <= effort::looks(limits))
    }

    /// Rounds of ruin.
    pub(crate) fn rounds(&self) -> u64 {
        self.scaled((FIRST_STEPS / self.per_round).clamp(8, 1 << 10))
    }

    /// Goes on to the next round; `false` if there is none: time or nodes ran out, or, where there is no
    /// limit of time, it would be too much.
    pub(crate) fn grow(&mut self, limits: &Limits<'_>) -> bool {
        self.granted = self.granted.saturating_add(self.boxes());
        self.round += 1;
        self.affords_round(limits) && limits.allow_nodes(self.granted.saturating_add(1))
    }

    /// Whether there is time for the boxes of this round.
    pub(crate) fn affords_round(&self, limits: &Limits<'_>) -> bool {
        /// Steps through tables that take as long as a look at an area.
        const STEPS: u64 = 8;
        let boxes = self.granted.saturating_add(self.boxes());
        match (limits.remaining)() {
            Some(left) => !left.is_zero(),
            None => boxes.saturating_mul(self.per_box) / STEPS <= effort::looks(limits),
        }
    }
}
