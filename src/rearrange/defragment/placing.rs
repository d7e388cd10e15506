//! Legs in one piece on sources, put down and taken up again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::{Area, Areas};
use crate::rearrange::defragment::grounds::{Grounds, Window};

/// Gaps that are looked at for one leg.
const MOST_GAPS: usize = 64;

/// Which leg lies where.
#[derive(Clone)]
pub(crate) struct Placing<'g> {
    grounds: &'g Grounds,
    pub(crate) windows: Vec<Option<Window>>,
    /// By source what lies there, by first extent.
    lying: Vec<BTreeMap<u64, usize>>,
    free: Vec<Areas>,
    used: Vec<u64>,
    gaps: BTreeSet<(u64, usize, u64)>,
    /// By volume and place the legs of each column.
    columns: HashMap<(usize, usize), BTreeMap<usize, usize>>,
}

impl<'g> Placing<'g> {
    pub(crate) fn new(grounds: &'g Grounds) -> Placing<'g> {
        let gaps = grounds.open.iter().enumerate().flat_map(|(source, open)| {
            let is_open = !grounds.is_closed[source];
            open.iter()
                .filter(move |_| is_open)
                .map(move |area| (area.count(), source, area.start()))
        });
        Placing {
            grounds,
            windows: vec![None; grounds.legs.len()],
            lying: vec![BTreeMap::new(); grounds.open.len()],
            free: grounds.open.clone(),
            used: vec![0; grounds.open.len()],
            gaps: gaps.collect(),
            columns: HashMap::new(),
        }
    }

    /// What is copied: all but what lies right.
    pub(crate) fn copied(&self) -> u64 {
        let legs = self.windows.iter().enumerate();
        let copied = legs.map(|(leg, window)| {
            let extents = self.grounds.legs[leg].extents;
            window.map_or(extents, |window| extents - self.grounds.gain(leg, window))
        });
        copied.sum()
    }

    fn area(&self, leg: usize, start: u64) -> Option<Area> {
        Area::new(start, self.grounds.legs[leg].extents)
    }

    fn change(&mut self, source: usize, area: Area, becomes_free: bool) {
        let is_open = !self.grounds.is_closed[source];
        let before = std::mem::take(&mut self.free[source]);
        if is_open {
            for gap in before.iter() {
                self.gaps.remove(&(gap.count(), source, gap.start()));
            }
        }
        let after = match becomes_free {
            true => before.union(&area.into()),
            false => before.difference(&area.into()),
        };
        if is_open {
            for gap in after.iter() {
                self.gaps.insert((gap.count(), source, gap.start()));
            }
        }
        self.free[source] = after;
    }

    pub(crate) fn put(&mut self, leg: usize, (source, start): Window) {
        let Some(area) = self.area(leg, start) else {
            return;
        };
        self.change(source, area, false);
        self.lying[source].insert(start, leg);
        self.used[source] += area.count();
        let one = &self.grounds.legs[leg];
        let place = self.grounds.place_of[source];
        let columns = self.columns.entry((one.volume, place)).or_default();
        *columns.entry(one.column).or_default() += 1;
        self.windows[leg] = Some((source, start));
    }

    pub(crate) fn take(&mut self, leg: usize) {
        let Some((source, start)) = self.windows[leg].take() else {
            return;
        };
        let Some(area) = self.area(leg, start) else {
            return;
        };
        self.change(source, area, true);
        self.lying[source].remove(&start);
        self.used[source] -= area.count();
        let one = &self.grounds.legs[leg];
        let place = self.grounds.place_of[source];
        if let Some(columns) = self.columns.get_mut(&(one.volume, place)) {
            let count = columns.entry(one.column).or_default();
            *count -= 1;
            if *count == 0 {
                columns.remove(&one.column);
            }
        }
    }

    /// The legs that would have to go for a leg to lie in a window.
    pub(crate) fn in_the_way(&self, leg: usize, (source, start): Window) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let one = &self.grounds.legs[leg];
        let Some(area) = self.area(leg, start) else {
            return found;
        };
        let lying = &self.lying[source];
        let before = lying.range(..start).next_back().into_iter();
        for (&first, &other) in before.chain(lying.range(start..area.end())) {
            if self
                .area(other, first)
                .is_some_and(|other| other.intersection(area).is_some())
            {
                found.insert(other);
            }
        }
        if one.keeps_apart {
            let place = self.grounds.place_of[source];
            let columns = self.columns.get(&(one.volume, place));
            if columns
                .into_iter()
                .flatten()
                .any(|(column, _)| *column != one.column)
            {
                found.extend(self.siblings(leg, place));
            }
        }
        found
    }

    /// The legs of other columns at a place.
    fn siblings(&self, leg: usize, place: usize) -> impl Iterator<Item = usize> {
        let own = &self.grounds.legs[leg];
        // Legs of a volume stand one behind the other.
        let legs = &self.grounds.legs;
        let first = legs.partition_point(|other| other.volume < own.volume);
        let end = legs.partition_point(|other| other.volume <= own.volume);
        (first..end).filter(move |&other| {
            let at = self.windows[other].map(|(source, _)| self.grounds.place_of[source]);
            legs[other].column != own.column && at == Some(place)
        })
    }

    /// Whether a leg may lie in a window as everything lies.
    pub(crate) fn fits(&self, leg: usize, window: Window) -> bool {
        let extents = self.grounds.legs[leg].extents;
        self.has_room(window.0, extents)
            && self.grounds.may_lie(leg, window)
            && self.in_the_way(leg, window).is_empty()
    }

    fn has_room(&self, source: usize, extents: u64) -> bool {
        self.used[source] + extents <= self.grounds.most[source]
    }

    /// The shortest gap for a leg.
    pub(crate) fn gap(&self, leg: usize) -> Option<Window> {
        let extents = self.grounds.legs[leg].extents;
        let gaps = self.gaps.range((extents, 0, 0)..).take(MOST_GAPS);
        let mut windows = gaps.map(|(_, source, start)| (*source, *start));
        windows.find(|&window| self.fits(leg, window))
    }

    /// Windows of a source at the ends of what lies there and may go.
    pub(crate) fn borders(&self, leg: usize, source: usize) -> Vec<Window> {
        let extents = self.grounds.legs[leg].extents;
        if self.grounds.is_closed[source] || extents > self.grounds.most[source] {
            return Vec::new();
        }
        let ends = self.lying[source].iter().flat_map(|(&start, &other)| {
            let end = start + self.grounds.legs[other].extents;
            [
                Some(start),
                start.checked_sub(extents),
                Some(end),
                end.checked_sub(extents),
            ]
        });
        let areas = self.grounds.open[source].iter();
        let areas = areas.flat_map(|area| [Some(area.start()), area.end().checked_sub(extents)]);
        let starts: BTreeSet<u64> = ends.chain(areas).flatten().collect();
        let windows = starts.into_iter().map(|start| (source, start));
        windows
            .filter(|&window| self.grounds.may_lie(leg, window))
            .collect()
    }

    /// Whether a source has too much on it with a leg more, and some less.
    pub(crate) fn is_over(&self, source: usize, leg: usize, going: &BTreeSet<usize>) -> bool {
        let on_it = |&&other: &&usize| self.windows[other].is_some_and(|(at, _)| at == source);
        let less: u64 = going
            .iter()
            .filter(on_it)
            .map(|&other| self.grounds.legs[other].extents)
            .sum();
        self.used[source] + self.grounds.legs[leg].extents > self.grounds.most[source] + less
    }
}
