//! Every selection of areas that could be enough: exact search for the fewest areas and sources.
//!
//! A selection says how many of its longest areas each item gives. For given numbers of areas and
//! items only the selections that add up to what all legs need come into question; close to the
//! bound they are few. Each is tried exactly, so that if none can be shared out, none exists.

use crate::core::{Limits, StopReason};
use crate::search::bin_covering::assign;
use crate::search::bin_covering::bin_completion::{self, Outcome};
use crate::search::bin_covering::covering::Covering;
use crate::search::fewest::Selection;

/// Selections that are tried for one pair of numbers where it is one way of several, and where it is the
/// only one left.
pub(crate) const SOME: usize = 4_000;
pub(crate) const MANY: usize = 40_000;
/// Most cells of the table of best sums.
const MOST_CELLS: usize = 1 << 22;
/// Nodes that one selection may cost: some tenths of a second.
const NODES: u64 = 40_000_000;

/// What trying all selections came to.
pub(crate) enum Tried {
    /// One can be shared out: per leg its items.
    Found(Vec<Vec<usize>>),
    /// None can.
    None,
    /// There were too many, or one could not be decided.
    Open,
}

/// The selections of a covering, with the most that some of its items can give.
pub(crate) struct Selections<'a> {
    covering: &'a Covering,
    gives: Vec<Vec<u64>>,
    areas: usize,
    /// Cell `[item][areas][items]`: the most that items from `item` on can give.
    most: Vec<u64>,
}

impl<'a> Selections<'a> {
    /// For up to `areas` areas; `None` if the table would be too large, or time ran out.
    pub(crate) fn new(
        covering: &'a Covering,
        areas: usize,
        limits: &Limits<'_>,
    ) -> Option<Selections<'a>> {
        let gives = covering.gives();
        let items = gives.len();
        let cells = (items + 1).checked_mul(areas + 1)?.checked_mul(items + 1)?;
        if cells > MOST_CELLS {
            return None;
        }
        let mut selections = Selections {
            covering,
            gives,
            areas,
            most: vec![0; cells],
        };
        for item in (0..items).rev() {
            for areas in 0..=selections.areas {
                if limits.is_over() {
                    return None;
                }
                for used in 0..=items {
                    let best = (0..selections.gives[item].len().min(areas + 1))
                        .filter(|&count| count == 0 || used > 0)
                        .map(|count| {
                            let rest = used - usize::from(count > 0);
                            selections.gives[item][count]
                                + selections.most[selections.cell(item + 1, areas - count, rest)]
                        })
                        .max()
                        .unwrap_or(0);
                    let cell = selections.cell(item, areas, used);
                    selections.most[cell] = best;
                }
            }
        }
        Some(selections)
    }

    fn cell(&self, item: usize, areas: usize, used: usize) -> usize {
        (item * (self.areas + 1) + areas) * (self.gives.len() + 1) + used
    }

    /// The fewest items that can give enough with at most `areas` areas.
    pub(crate) fn fewest_items(&self, areas: usize) -> Option<usize> {
        let all = self.covering.needed * self.covering.legs as u64;
        (0..=self.gives.len()).find(|&used| self.most[self.cell(0, areas, used)] >= all)
    }

    /// Tries every selection of at most `areas` areas on at most `items` items, if they are not more
    /// than `most`.
    pub(crate) fn try_all(
        &self,
        areas: usize,
        items: usize,
        most: usize,
        limits: &Limits<'_>,
    ) -> Tried {
        let mut walk = Walk {
            selections: self,
            limits,
            counts: vec![0; self.gives.len()],
            left: most,
            is_open: false,
            found: None,
        };
        walk.from(
            0,
            areas,
            items,
            self.covering.needed * self.covering.legs as u64,
        );
        match walk.found {
            Some(legs) => Tried::Found(legs),
            None if walk.is_open => Tried::Open,
            None => Tried::None,
        }
    }
}

struct Walk<'a> {
    selections: &'a Selections<'a>,
    limits: &'a Limits<'a>,
    counts: Selection,
    left: usize,
    is_open: bool,
    found: Option<Vec<Vec<usize>>>,
}

impl Walk<'_> {
    /// Goes on with the items from `item` on; `missing` is what they still have to give.
    fn from(&mut self, item: usize, areas: usize, items: usize, missing: u64) {
        if self.found.is_some() {
            return;
        }
        if self.left == 0 || self.limits.is_over() {
            self.is_open = true;
            return;
        }
        let gives = &self.selections.gives;
        if item == gives.len() {
            self.left -= 1;
            self.try_one();
            return;
        }
        for count in (0..gives[item].len().min(areas + 1)).rev() {
            if count > 0 && items == 0 {
                continue;
            }
            let (areas, items) = (areas - count, items - usize::from(count > 0));
            let given = gives[item][count];
            let rest = self.selections.most[self.selections.cell(item + 1, areas, items)];
            if given + rest < missing {
                continue;
            }
            self.counts[item] = count;
            self.from(item + 1, areas, items, missing.saturating_sub(given));
            self.counts[item] = 0;
        }
    }

    fn try_one(&mut self) {
        let covering = self.selections.covering;
        let pairs = self.selections.gives.iter().zip(&self.counts);
        let sizes: Vec<u64> = pairs.map(|(gives, &count)| gives[count]).collect();
        let mut legs = assign::assign_once(&sizes, covering.legs, covering.needed, self.limits);
        if legs.is_none() {
            let limits = self.limits.with_nodes(NODES);
            match bin_completion::search(&sizes, covering.legs, covering.needed, &limits) {
                Outcome::Found(found) => legs = Some(found),
                Outcome::None { .. } => {}
                Outcome::Stopped(
                    StopReason::Time
                    | StopReason::Interrupted
                    | StopReason::Nodes
                    | StopReason::Memory
                    | StopReason::MethodEnds,
                ) => {
                    // Nothing is proven any more, so there is less reason to go on.
                    self.is_open = true;
                    self.left /= 2;
                }
            }
        }
        self.found = legs;
    }
}
