//! How much work each round of proofs and layouts gets.

use crate::core::Limits;
use crate::search::stripes::branch_and_bound::Order;
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
    /// Steps spent so far.
    spent: u64,
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
        let areas = pool.lengths.iter().filter(|length| **length > 0).count();
        let per_bound = areas * count * (pool.legs + count);
        // Where lengths are split first, whole sources are counted, and priced unless counting is enough.
        let of_box = BOUNDS * (per_bound as u64).max(LEAST_STEPS);
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
            spent: 0,
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

    /// Rounds of ruin.
    pub(crate) fn rounds(&self) -> u64 {
        self.scaled((FIRST_STEPS / self.per_round).clamp(8, 1 << 10))
    }

    /// Goes on to the next round; `false` if there is none: time or nodes ran out, or, where there is no
    /// limit of time, enough was tried.
    pub(crate) fn grow(&mut self, limits: &Limits<'_>) -> bool {
        /// Steps that take some seconds.
        const MOST_STEPS: u64 = 1 << 31;
        self.granted = self.granted.saturating_add(self.boxes());
        self.spent = self.granted.saturating_mul(self.per_box);
        self.round += 1;
        let has_time = match (limits.remaining)() {
            Some(left) => !left.is_zero(),
            None => self.spent < MOST_STEPS,
        };
        has_time && limits.allow_nodes(self.granted.saturating_add(1))
    }
}
