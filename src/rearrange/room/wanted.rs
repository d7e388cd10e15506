//! A request that is to have room: where its legs may go, and what that takes at the least.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas, Goal, HeldPiece, Policy, Rearrangement, Request, Segment, Size};
use crate::rearrange::conflict::MoveConflict;
use crate::rearrange::room::windows::Grounds;

/// A request, and where its legs may go.
pub(crate) struct Wanted<'r> {
    pub(crate) request: &'r Request,
    /// The sources, with the areas where only some are allowed.
    pub(crate) sources: BTreeMap<usize, Option<Areas>>,
    /// Where each leg goes on directly behind what there is of it.
    pub(crate) behind: Option<Vec<Segment>>,
}

impl<'r> Wanted<'r> {
    pub(crate) fn of(state: &Rearrangement, request: &'r Request) -> Wanted<'r> {
        let areas = |areas: &Option<Vec<Area>>| -> Option<Areas> {
            areas.as_ref().map(|areas| areas.iter().copied().collect())
        };
        let sources: BTreeMap<usize, Option<Areas>> = match &request.allowed {
            None => (0..state.sources.len())
                .map(|source| (source, None))
                .collect(),
            Some(allowed) => allowed
                .iter()
                .map(|(source, some)| (*source, areas(some)))
                .collect(),
        };
        let open = sources
            .into_iter()
            .filter(|(source, _)| !state.closed.contains(source));
        let grows = request
            .grows
            .as_ref()
            .filter(|_| request.policy == Policy::Contiguous);
        let behind = grows.and_then(|legs| {
            let ends = legs.iter().map(|leg| {
                let last = leg.last()?;
                let area = Area::new(last.area.end(), request.leg_extents())?;
                Some(Segment { area, ..*last })
            });
            ends.collect()
        });
        Wanted {
            request,
            sources: open.collect(),
            behind,
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.request.leg_extents() + self.request.front_extents()
    }

    /// Whether each leg lies in one piece.
    pub(crate) fn is_whole(&self) -> bool {
        self.request.policy == Policy::Contiguous && matches!(self.request.size, Size::Exactly(_))
    }

    /// Whether each leg lies in one piece wherever there is room.
    pub(crate) fn is_placed_anew(&self) -> bool {
        self.is_whole() && self.request.grows.is_none() && self.request.value.is_none()
    }

    pub(crate) fn loose(&self) -> (&'r Request, BTreeSet<usize>) {
        (self.request, self.sources.keys().copied().collect())
    }

    /// What has to be copied at the least for legs that go on where they end: what lies behind one of them, or that one.
    pub(crate) fn least_behind(&self, state: &Rearrangement, grounds: &Grounds) -> Option<u64> {
        let behind = self.behind.as_ref()?.iter();
        let least = behind.map(|&place| {
            let legs = state.volumes.iter().flat_map(|volume| {
                let legs = volume.legs.iter();
                legs.map(move |leg| (volume.policy, leg))
            });
            let ends_here = |run: &HeldPiece| {
                run.place.source == place.source && run.place.area.end() == place.area.start()
            };
            let runs = legs.flat_map(|(policy, leg)| {
                let runs = leg.runs().into_iter().filter(ends_here);
                runs.map(move |run| match policy {
                    Policy::Contiguous => run.place.area.count(),
                    Policy::Cling | Policy::ClingByTags | Policy::Normal | Policy::Anywhere => 1,
                })
            });
            let own = runs.min().unwrap_or(0);
            match grounds.can_be_free(place) {
                true => grounds.held(place).min(own),
                false => own,
            }
        });
        least.max()
    }

    /// Of sources of which only areas are allowed as much of these as the request takes, the emptiest first.
    pub(crate) fn cleared(&self, state: &Rearrangement) -> Vec<Goal> {
        let needed = self.request.total_extents().unwrap_or(u64::MAX);
        let grounds = Grounds::of(state);
        let mut goals = Vec::new();
        for (&source, areas) in &self.sources {
            let Some(areas) = areas else { continue };
            let length = areas.longest().min(needed);
            let windows = grounds.windows(source, length.max(1), Some(areas));
            goals.extend(windows.first().map(|window| Goal::Clear {
                source,
                area: window.place.area,
            }));
        }
        goals
    }

    pub(crate) fn no_runs(&self) -> MoveConflict {
        MoveConflict::NoRuns {
            request: self.request.name.clone(),
            legs: self.request.legs() as u64,
            extents: self.length(),
        }
    }
}
