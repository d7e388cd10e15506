//! Legs that are to be in one piece, and where there is room for them.

use std::collections::BTreeMap;

use crate::core::{Area, Areas, Failing, HeldPiece, Rearrangement, Separation};
use crate::rearrange::forced::place;

/// A leg that is to be in one piece.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) volume: usize,
    pub(crate) leg: usize,
    pub(crate) column: usize,
    /// Whether columns of its volume keep apart.
    pub(crate) keeps_apart: bool,
    pub(crate) extents: u64,
    pub(crate) runs: Vec<HeldPiece>,
}

/// Where legs may lie in one piece.
#[derive(Clone, Debug)]
pub(crate) struct Grounds {
    pub(crate) legs: Vec<Whole>,
    /// Per source what of it they may lie on: what is free, or held by one of them.
    pub(crate) open: Vec<Areas>,
    /// Per source how much of that.
    pub(crate) most: Vec<u64>,
    /// Per source what others hold that may move, too, and is not to be cleared anyway.
    others: Vec<Areas>,
    /// Per source whether nothing may be moved to it.
    pub(crate) is_closed: Vec<bool>,
    /// Per source the number of what fails with it.
    pub(crate) place_of: Vec<usize>,
}

/// A leg in one piece, by source and first extent.
pub(crate) type Window = (usize, u64);

impl Grounds {
    /// The legs of some volumes; of these those that may not move, and those that no source holds in one piece, are left
    /// where they are, as all others.
    pub(crate) fn of(state: &Rearrangement, is_meant: &[bool]) -> Grounds {
        let mut grounds = Grounds {
            legs: Vec::new(),
            open: Vec::new(),
            most: Vec::new(),
            others: Vec::new(),
            is_closed: (0..state.sources.len())
                .map(|source| state.closed.contains(&source))
                .collect(),
            place_of: places(state),
        };
        for (volume, held) in state.volumes.iter().enumerate() {
            for (leg, one) in held.legs.iter().enumerate() {
                let runs = one.runs();
                if is_meant[volume] && one.locked.is_none() && !runs.is_empty() {
                    grounds.legs.push(Whole {
                        volume,
                        leg,
                        column: one.column,
                        keeps_apart: held.separation != Separation::None,
                        extents: runs.iter().map(|run| run.place.area.count()).sum(),
                        runs,
                    });
                }
            }
        }
        loop {
            grounds.measure(state);
            let longest = grounds.open.iter().map(Areas::longest).max().unwrap_or(0);
            let before = grounds.legs.len();
            grounds.legs.retain(|leg| leg.extents <= longest);
            if grounds.legs.len() == before {
                return grounds;
            }
        }
    }

    fn measure(&mut self, state: &Rearrangement) {
        let mut held: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
        for run in self.legs.iter().flat_map(|leg| &leg.runs) {
            held[run.place.source].push(run.place.area);
        }
        let (barred, spared) = (state.barred(), state.spared());
        let mut movable: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
        let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
        for piece in legs
            .filter(|leg| leg.locked.is_none())
            .flat_map(|leg| &leg.pieces)
        {
            movable[piece.place.source].push(piece.place.area);
        }
        self.open.clear();
        self.most.clear();
        self.others.clear();
        for (source, (held, movable)) in held.into_iter().zip(movable).enumerate() {
            let held: Areas = held.into_iter().collect();
            let movable: Areas = movable.into_iter().collect();
            self.others
                .push(movable.difference(&held).difference(&barred[source]));
            let all = match self.is_closed[source] {
                true => held,
                false => state.sources[source].free.union(&held),
            };
            let open = all.difference(&barred[source]);
            self.most.push(open.total().saturating_sub(spared[source]));
            self.open.push(open);
        }
    }

    /// How much of a leg lies right in a window.
    pub(crate) fn gain(&self, leg: usize, (source, start): Window) -> u64 {
        let runs = self.legs[leg].runs.iter();
        let right = runs.filter(|run| {
            run.place.source == source && run.place.area.start() == start + run.offset
        });
        right.map(|run| run.place.area.count()).sum()
    }

    /// Whether a leg may lie in a window, others left out.
    pub(crate) fn may_lie(&self, leg: usize, window: Window) -> bool {
        let (source, start) = window;
        let extents = self.legs[leg].extents;
        let has_room =
            Area::new(start, extents).is_some_and(|area| self.open[source].contains(area));
        has_room && (!self.is_closed[source] || self.gain(leg, window) == extents)
    }

    /// The windows in which something of a leg lies right, with how much.
    pub(crate) fn anchors(&self, leg: usize) -> BTreeMap<Window, u64> {
        let mut anchors = self.aligned(leg);
        anchors.retain(|window, _| self.may_lie(leg, *window));
        anchors
    }

    /// Those also where others would have to go, with how much less is copied than all of the leg.
    pub(crate) fn anchors_anywhere(&self, leg: usize) -> BTreeMap<Window, u64> {
        let extents = self.legs[leg].extents;
        let mut anchors = self.aligned(leg);
        anchors.retain(|&(source, start), gain| {
            let Some(area) = Area::new(start, extents) else {
                return false;
            };
            let wide = self.open[source].union(&self.others[source]);
            let going: u64 = self.others[source]
                .meeting(area)
                .filter_map(|other| Some(other.intersection(area)?.count()))
                .sum();
            let may_stay = !self.is_closed[source] || *gain == extents;
            *gain = gain.saturating_sub(going);
            may_stay && *gain > 0 && wide.contains(area)
        });
        anchors
    }

    /// How many runs of a leg cannot all stay.
    pub(crate) fn least_moves(&self, leg: usize) -> u64 {
        let mut counts: BTreeMap<Window, u64> = BTreeMap::new();
        let runs = &self.legs[leg].runs;
        for run in runs {
            if let Some(start) = run.place.area.start().checked_sub(run.offset) {
                *counts.entry((run.place.source, start)).or_default() += 1;
            }
        }
        runs.len() as u64 - counts.values().max().copied().unwrap_or(0)
    }

    fn aligned(&self, leg: usize) -> BTreeMap<Window, u64> {
        let mut anchors: BTreeMap<Window, u64> = BTreeMap::new();
        for run in &self.legs[leg].runs {
            if let Some(start) = run.place.area.start().checked_sub(run.offset) {
                let count = run.place.area.count();
                *anchors.entry((run.place.source, start)).or_default() += count;
            }
        }
        anchors
    }
}

fn places(state: &Rearrangement) -> Vec<usize> {
    let mut numbers: BTreeMap<Failing<'_>, usize> = BTreeMap::new();
    (0..state.sources.len())
        .map(|source| {
            let next = numbers.len();
            *numbers.entry(place(state, source)).or_insert(next)
        })
        .collect()
}
