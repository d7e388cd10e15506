//! The areas that intervals are cut from, and the layouts that are cut from them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::core::{Area, Areas, Segment};

/// One interval: its length and the areas (by index in [`Pool::lengths`]) that serve it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) length: u64,
    pub(crate) areas: Vec<usize>,
}

/// The areas of all sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    pub(crate) legs: usize,
    /// Per area its length, or that of a leg if that is less.
    pub(crate) lengths: Vec<u64>,
    /// Per source the indices of its areas.
    pub(crate) sources: Vec<Range<usize>>,
}

impl Pool {
    /// The areas on offer, each cut to the length of a leg: a source serves each interval once.
    pub(crate) fn of(offers: &[(usize, Areas)], legs: usize, extents: u64) -> Pool {
        let mut lengths = Vec::new();
        let mut sources = Vec::with_capacity(offers.len());
        for (_, areas) in offers {
            let begin = lengths.len();
            lengths.extend(areas.iter().map(|area| area.count().min(extents)));
            sources.push(begin..lengths.len());
        }
        Pool {
            legs,
            lengths,
            sources,
        }
    }

    /// The source that an area is on.
    pub(crate) fn source_of(&self, area: usize) -> usize {
        self.sources.partition_point(|areas| areas.end <= area)
    }

    /// How many sources intervals touch.
    pub(crate) fn sources_of(&self, intervals: &[Interval]) -> usize {
        let areas = intervals.iter().flat_map(|interval| &interval.areas);
        let sources: BTreeSet<usize> = areas.map(|&area| self.source_of(area)).collect();
        sources.len()
    }

    /// The same areas, those of other sources with nothing left.
    pub(crate) fn without_others(&self, set: &[usize]) -> Pool {
        let mut part = self.clone();
        for (source, areas) in self.sources.iter().enumerate() {
            if !set.contains(&source) {
                part.lengths[areas.clone()].fill(0);
            }
        }
        part
    }

    /// Makes each interval as much longer as the areas that serve it allow.
    pub(crate) fn stretch(&self, intervals: &mut [Interval]) {
        let mut left = self.lengths.clone();
        for interval in intervals.iter() {
            for &area in &interval.areas {
                left[area] -= interval.length;
            }
        }
        for interval in intervals {
            let spare = interval.areas.iter().map(|&area| left[area]);
            let more = spare.min().unwrap_or(0);
            interval.length += more;
            for &area in &interval.areas {
                left[area] -= more;
            }
        }
    }

    /// The legs that intervals describe, cut to `extents`: what is too much is taken off the longest.
    pub(crate) fn legs(
        &self,
        offers: &[(usize, Areas)],
        intervals: &[Interval],
        extents: u64,
    ) -> Vec<Vec<Segment>> {
        let mut intervals = intervals.to_vec();
        intervals.sort_by(|a, b| b.cmp(a));
        let mut surplus = total(&intervals).saturating_sub(extents);
        for interval in &mut intervals {
            let less = surplus.min(interval.length - 1);
            interval.length -= less;
            surplus -= less;
        }
        let areas: Vec<(usize, Area)> = offers
            .iter()
            .flat_map(|(source, areas)| areas.iter().map(|area| (*source, area)))
            .collect();
        let mut next: Vec<u64> = areas.iter().map(|(_, area)| area.start()).collect();
        let mut legs = vec![Vec::new(); self.legs];
        for interval in &intervals {
            for (leg, &area) in legs.iter_mut().zip(&interval.areas) {
                if let Some(piece) = Area::new(next[area], interval.length) {
                    leg.push(Segment {
                        source: areas[area].0,
                        area: piece,
                    });
                }
                next[area] += interval.length;
            }
        }
        legs
    }
}

/// Extents of the intervals together.
pub(crate) fn total(intervals: &[Interval]) -> u64 {
    intervals.iter().map(|interval| interval.length).sum()
}
