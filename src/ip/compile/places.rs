//! Places: the runs of extents that requests are offered, and which of them lie across each other.

use std::collections::BTreeMap;

use crate::core::{Area, Problem};

/// A longest run of extents that some request may use: inside one free area, inside its ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Index of the source.
    pub(crate) source: usize,
    /// The run.
    pub(crate) area: Area,
}

/// A stretch of a source with the places that lie wholly in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The stretch.
    pub(crate) area: Area,
    /// Indices of the places.
    pub(crate) places: Vec<usize>,
}

/// Every place of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// The places, by source and start.
    pub(crate) list: Vec<Place>,
    /// Per request the indices of its places, ascending.
    pub(crate) of_request: Vec<Vec<usize>>,
    /// Groups of places that overlap, directly or through others; most have one member.
    pub(crate) groups: Vec<Vec<usize>>,
}

impl Places {
    /// The places of a problem.
    pub(crate) fn of(problem: &Problem) -> Places {
        let mut index: BTreeMap<Place, usize> = BTreeMap::new();
        let offers: Vec<Vec<Place>> = problem
            .requests()
            .iter()
            .map(|request| {
                let offered = problem.offered(request);
                let places = offered.into_iter().flat_map(|(source, areas)| {
                    let list: Vec<Area> = areas.iter().collect();
                    list.into_iter().map(move |area| Place { source, area })
                });
                places.collect()
            })
            .collect();
        for place in offers.iter().flatten() {
            index.insert(*place, 0);
        }
        let list: Vec<Place> = index.keys().copied().collect();
        for (number, slot) in index.values_mut().enumerate() {
            *slot = number;
        }
        let of_request = offers
            .iter()
            .map(|offer| {
                let mut places: Vec<usize> = offer.iter().map(|place| index[place]).collect();
                places.sort_unstable();
                places
            })
            .collect();
        let groups = groups(&list);
        Places {
            list,
            of_request,
            groups,
        }
    }

    /// Whether pieces can lie anywhere in their place, because no two places overlap.
    pub(crate) fn are_apart(&self) -> bool {
        self.groups.iter().all(|group| group.len() == 1)
    }

    /// The windows of a group: every stretch from the start of a place to the end of one.
    ///
    /// What lies in the places of a window cannot be more than the window has extents. For a group
    /// of one that is all there is to say, for others it is necessary but not sufficient.
    pub(crate) fn windows(&self, group: &[usize]) -> Vec<Window> {
        let area = |place: &usize| self.list[*place].area;
        let mut starts: Vec<u64> = group.iter().map(|place| area(place).start()).collect();
        let mut ends: Vec<u64> = group.iter().map(|place| area(place).end()).collect();
        for edges in [&mut starts, &mut ends] {
            edges.sort_unstable();
            edges.dedup();
        }
        let mut windows: Vec<Window> = Vec::new();
        for &start in &starts {
            for &end in &ends {
                let Some(stretch) = Area::between(start, end) else {
                    continue;
                };
                let inside = group.iter().filter(|place| stretch.contains(area(place)));
                let places: Vec<usize> = inside.copied().collect();
                // A wider window with the same places says less.
                let is_tight = places.iter().map(|place| area(place).start()).min() == Some(start)
                    && places.iter().map(|place| area(place).end()).max() == Some(end);
                if is_tight {
                    let area = stretch;
                    windows.push(Window { area, places });
                }
            }
        }
        windows
    }
}

/// Places that overlap, directly or through others. The list is sorted by source and start.
fn groups(list: &[Place]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut reach = (0, 0);
    for (index, place) in list.iter().enumerate() {
        let goes_on = reach.0 == place.source && place.area.start() < reach.1;
        match groups.last_mut() {
            Some(group) if goes_on => {
                group.push(index);
                reach.1 = reach.1.max(place.area.end());
            }
            Some(_) | None => {
                groups.push(vec![index]);
                reach = (place.source, place.area.end());
            }
        }
    }
    groups
}
