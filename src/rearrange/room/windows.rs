//! Where a run of free extents can be made, and how much of what is held lies there.
//!
//! What a window of some length holds changes its slope only where an end of it meets the border of a piece, so that the
//! cheapest begin or end at one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::core::{Area, Areas, Rearrangement, Request, Segment};

/// Windows of one source that are kept.
const MOST_OF_SOURCE: usize = 6;

/// A run of extents, with how many of them are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Window {
    pub(crate) held: u64,
    pub(crate) place: Segment,
}

/// What is held on each source.
pub(crate) struct Grounds {
    sources: Vec<Ground>,
}

struct Ground {
    /// What a window may hold: all but what is locked, or cleared for others.
    room: Areas,
    /// Pieces that may move, by first extent, with what those before hold.
    pieces: Vec<(Area, u64)>,
}

impl Grounds {
    pub(crate) fn of(state: &Rearrangement) -> Grounds {
        let mut held: Vec<Vec<(Area, bool)>> = vec![Vec::new(); state.sources.len()];
        for leg in state.volumes.iter().flat_map(|volume| &volume.legs) {
            for piece in &leg.pieces {
                let is_locked = leg.locked.is_some();
                held[piece.place.source].push((piece.place.area, is_locked));
            }
        }
        let barred = state.barred();
        let sources = held.into_iter().enumerate().map(|(source, mut held)| {
            held.sort_unstable();
            let movable = held.iter().filter(|(_, is_locked)| !is_locked);
            let movable: Areas = movable.map(|(area, _)| *area).collect();
            let room = state.sources[source].free.union(&movable);
            let mut before = 0;
            let pieces = movable.iter().map(|area| {
                before += area.count();
                (area, before - area.count())
            });
            Ground {
                pieces: pieces.collect(),
                room: room.difference(&barred[source]),
            }
        });
        Grounds {
            sources: sources.collect(),
        }
    }

    /// How much of an area is held.
    pub(crate) fn held(&self, place: Segment) -> u64 {
        let up_to = |extent: u64| {
            let pieces = &self.sources[place.source].pieces;
            let count = pieces.partition_point(|(area, _)| area.start() < extent);
            count.checked_sub(1).map_or(0, |last| {
                let (area, before) = pieces[last];
                before + (extent - area.start()).min(area.count())
            })
        };
        up_to(place.area.end()) - up_to(place.area.start())
    }

    /// Whether all of an area can be made free.
    pub(crate) fn can_be_free(&self, place: Segment) -> bool {
        self.sources[place.source].room.contains(place.area)
    }

    /// The cheapest windows of a source that lie in some areas of it.
    pub(crate) fn windows(
        &self,
        source: usize,
        length: u64,
        within: Option<&Areas>,
    ) -> Vec<Window> {
        let ground = &self.sources[source];
        let room = match within {
            Some(within) => ground.room.intersection(within),
            None => ground.room.clone(),
        };
        let mut found = BTreeSet::new();
        for area in room.iter().filter(|area| area.count() >= length) {
            let mut borders = vec![area.start(), area.end()];
            let first = ground
                .pieces
                .partition_point(|(piece, _)| piece.end() < area.start());
            let inside = ground.pieces[first..].iter();
            let inside = inside.take_while(|(piece, _)| piece.start() <= area.end());
            borders.extend(inside.flat_map(|(piece, _)| [piece.start(), piece.end()]));
            let starts = borders.iter().copied();
            let ends = borders.iter().filter_map(|end| end.checked_sub(length));
            for start in starts.chain(ends) {
                let Some(window) = Area::new(start, length).filter(|one| area.contains(*one))
                else {
                    continue;
                };
                let place = Segment {
                    source,
                    area: window,
                };
                found.insert(Window {
                    held: self.held(place),
                    place,
                });
            }
        }
        found.into_iter().take(MOST_OF_SOURCE).collect()
    }
}

/// By leg the number of the source and of the window there.
type Chosen = Vec<(usize, usize)>;

/// Choices of a window for each leg of a request, the legs on different sources, by what they hold together.
pub(crate) struct Choices {
    /// The windows of each source, the source with the cheapest first.
    sources: Vec<Vec<Window>>,
    open: BinaryHeap<Reverse<(u64, Chosen)>>,
    seen: BTreeSet<Chosen>,
}

impl Choices {
    pub(crate) fn of(
        grounds: &Grounds,
        request: &Request,
        sources: &BTreeMap<usize, Option<Areas>>,
    ) -> Choices {
        let length = request.leg_extents() + request.front_extents();
        let windows = sources
            .iter()
            .map(|(&source, within)| grounds.windows(source, length, within.as_ref()));
        let mut sources: Vec<Vec<Window>> = windows.filter(|list| !list.is_empty()).collect();
        sources.sort_unstable();
        let mut choices = Choices {
            sources,
            open: BinaryHeap::new(),
            seen: BTreeSet::new(),
        };
        if request.legs() <= choices.sources.len() {
            choices.add((0..request.legs()).map(|rank| (rank, 0)).collect());
        }
        choices
    }

    /// What the next choice holds at the least.
    pub(crate) fn bound(&self) -> Option<u64> {
        self.open.peek().map(|Reverse((held, _))| *held)
    }

    fn add(&mut self, chosen: Chosen) {
        let held = chosen
            .iter()
            .map(|&(rank, index)| self.sources[rank][index].held);
        let held = held.sum();
        if self.seen.insert(chosen.clone()) {
            self.open.push(Reverse((held, chosen)));
        }
    }
}

impl Iterator for Choices {
    type Item = Vec<Window>;

    fn next(&mut self) -> Option<Vec<Window>> {
        let Reverse((_, chosen)) = self.open.pop()?;
        for at in 0..chosen.len() {
            let (rank, index) = chosen[at];
            let mut other = chosen.clone();
            if index + 1 < self.sources[rank].len() {
                other[at].1 += 1;
                self.add(other.clone());
            }
            let is_taken = chosen.iter().any(|(taken, _)| *taken == rank + 1);
            if rank + 1 < self.sources.len() && !is_taken {
                other[at] = (rank + 1, 0);
                self.add(other);
            }
        }
        let windows = chosen
            .iter()
            .map(|&(rank, index)| self.sources[rank][index]);
        Some(windows.collect())
    }
}
