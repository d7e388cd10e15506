//! From a layout and a bound to the fewest areas: a better bound, better layouts, exact search.
//!
//! Two arms work side by side, in rounds that grow: one looks for layouts with fewer areas, the other
//! for a layout that meets the bound or a proof that there is none, which raises the bound.

use crate::core::{Limits, StopReason};
use crate::search::bin_covering::covering::Covering;
use crate::search::bin_covering::disjoint_patterns::{self, Outcome};
use crate::search::bin_covering::dual::{self, Dual};
use crate::search::bin_covering::exchange::{self, Legs};
use crate::search::bin_covering::patterns;

/// Rounds; each is twice as long as the one before. They end the search where no limit of time does.
const ROUNDS: u64 = 14;
/// Steps of the local searches of the first round.
const STEPS: u64 = 8_000;
/// Patterns that are listed, and nodes of the exact search, in the first round.
const PATTERNS: usize = 2_000;
const NODES: u64 = 2_000;
/// Most patterns that are listed.
const MOST_PATTERNS: usize = 1 << 18;
/// Areas above which a step of the local search takes too long.
const MOST_AREAS: usize = 20_000;

/// A layout, and a number of areas that no layout goes below, while they are brought together.
pub(crate) struct Gap<'a> {
    gives: Vec<Vec<u64>>,
    covering: &'a Covering,
    limits: &'a Limits<'a>,
    /// The items of the legs of the best layout, and its areas.
    best: (u64, Legs),
    /// No layout has fewer areas.
    least: u64,
    dual: Option<Dual>,
    /// Whether exact search raised the bound.
    is_exhausted: bool,
    round: u64,
}

impl<'a> Gap<'a> {
    /// The gap between a layout, given by its areas and the items of its legs, and a bound.
    pub(crate) fn new(
        covering: &'a Covering,
        best: (u64, Legs),
        least: u64,
        limits: &'a Limits<'a>,
    ) -> Gap<'a> {
        let mut gap = Gap {
            gives: covering.gives(),
            covering,
            limits,
            best,
            least,
            dual: None,
            is_exhausted: false,
            round: 0,
        };
        if gap.is_open() && gap.is_small() {
            while let Some(better) = gap.better() {
                gap.best = better;
            }
        }
        if gap.is_open() {
            let (legs, needed) = (covering.legs, covering.needed);
            gap.dual = dual::fewest(&gap.gives, legs, needed, gap.best.0, limits);
            let bound = gap.dual.as_ref().map_or(0, Dual::bound);
            gap.least = gap.least.max(bound);
        }
        gap
    }

    /// Goes on up to the round `end`, or until the gap is closed, or the limits are reached.
    pub(crate) fn close(&mut self, end: u64) {
        while self.is_open() && self.is_small() && self.round < end.min(ROUNDS) {
            let (better, exact) = rayon::join(|| self.better(), || self.exact());
            if let Some(better) = better {
                self.best = better;
            }
            match exact {
                Exact::Found(legs) => self.take((self.least, legs)),
                Exact::None => {
                    self.raise(self.least + 1);
                    // The same effort for the next number.
                    continue;
                }
                Exact::Open => {}
            }
            self.round += 1;
        }
    }

    /// Takes in that exact search found that there is no layout of fewer areas than `least`.
    pub(crate) fn raise(&mut self, least: u64) {
        self.least = least;
        self.is_exhausted = true;
    }

    /// Takes in a layout that exact search found.
    pub(crate) fn take(&mut self, found: (u64, Legs)) {
        if found.0 < self.best.0 {
            self.best = found;
        }
    }

    pub(crate) fn best(&self) -> &(u64, Legs) {
        &self.best
    }

    pub(crate) fn least(&self) -> u64 {
        self.least
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    fn is_open(&self) -> bool {
        self.least < self.best.0 && !self.limits.is_over()
    }

    /// Whether a step of the local search is quick.
    fn is_small(&self) -> bool {
        self.gives
            .iter()
            .map(|gives| gives.len() - 1)
            .sum::<usize>()
            <= MOST_AREAS
    }

    fn better(&self) -> Option<(u64, Legs)> {
        let steps = STEPS << self.round;
        let needed = self.covering.needed;
        let (least, round) = (self.least, self.round);
        exchange::improve(
            &self.gives,
            needed,
            &self.best.1,
            least,
            round,
            steps,
            self.limits,
        )
    }

    fn exact(&self) -> Exact {
        let Some(dual) = &self.dual else {
            return Exact::Open;
        };
        let slack = (self.least * dual.parts).saturating_sub(dual.bound_in_parts());
        let most = MOST_PATTERNS.min(PATTERNS << self.round);
        let (gives, needed) = (&self.gives, self.covering.needed);
        let Some(listed) = patterns::within(gives, needed, dual, slack, most, self.limits) else {
            return Exact::Open;
        };
        let limits = self.limits.with_nodes(NODES << self.round);
        match disjoint_patterns::choose(&listed, &dual.prices, self.covering.legs, slack, &limits) {
            Outcome::Found(sets) => {
                Exact::Found(sets.into_iter().map(disjoint_patterns::items_of).collect())
            }
            Outcome::None { .. } => Exact::None,
            Outcome::Stopped(
                StopReason::Time
                | StopReason::Interrupted
                | StopReason::Nodes
                | StopReason::Memory
                | StopReason::MethodEnds,
            ) => Exact::Open,
        }
    }
}

/// What the exact search says of the least number of areas.
enum Exact {
    /// It can be had.
    Found(Legs),
    /// It cannot.
    None,
    /// Not known yet.
    Open,
}
