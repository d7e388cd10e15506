//! The areas that intervals are cut from, what they promise, and the layouts that are cut from them.

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

    /// The longest interval that what is left can serve.
    pub(crate) fn longest_interval(&self, left: &[u64]) -> u64 {
        let longest = |areas: &Range<usize>| left[areas.clone()].iter().copied().max().unwrap_or(0);
        let mut longest: Vec<u64> = self.sources.iter().map(longest).collect();
        if longest.len() < self.legs {
            return 0;
        }
        let (_, found, _) = longest.select_nth_unstable_by(self.legs - 1, |a, b| b.cmp(a));
        *found
    }

    /// At most what `count` intervals of at most `cap` can have: each source serves each of them once,
    /// so the longest pieces count, as many as there are, `count` of a source.
    pub(crate) fn promise(&self, left: &[u64], count: usize, cap: u64) -> u64 {
        let most = count * self.legs;
        let mut pieces = self.pieces(left, count, cap);
        if 0 < most && most < pieces.len() {
            pieces.select_nth_unstable_by(most - 1, |a, b| b.cmp(a));
        }
        pieces.iter().take(most).sum::<u64>() / self.legs as u64
    }

    /// The shortest piece that the promise of `count` intervals counts, or 0 if it counts all.
    pub(crate) fn shortest_counted(&self, left: &[u64], count: usize, cap: u64) -> u64 {
        let most = count * self.legs;
        let mut pieces = self.pieces(left, count, cap);
        if most == 0 || pieces.len() < most {
            return 0;
        }
        *pieces.select_nth_unstable_by(most - 1, |a, b| b.cmp(a)).1
    }

    /// The areas in pieces of at most `cap`, the `count` longest of each source.
    fn pieces(&self, left: &[u64], count: usize, cap: u64) -> Vec<u64> {
        let mut pieces = Vec::with_capacity(left.len() * 2);
        for areas in &self.sources {
            let begin = pieces.len();
            for &length in &left[areas.clone()] {
                let mut rest = length;
                for _ in 0..count {
                    if rest == 0 || cap == 0 {
                        break;
                    }
                    pieces.push(rest.min(cap));
                    rest -= rest.min(cap);
                }
            }
            if pieces.len() - begin > count {
                pieces[begin..].sort_unstable_by(|a, b| b.cmp(a));
                pieces.truncate(begin + count);
            }
        }
        pieces
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

    /// The intervals, longest first, cut to `extents` together: what is too much is taken off the longest.
    pub(crate) fn cut(mut intervals: Vec<Interval>, extents: u64) -> Vec<Interval> {
        intervals.sort_by(|a, b| b.cmp(a));
        let mut surplus = total(&intervals).saturating_sub(extents);
        for interval in &mut intervals {
            let less = surplus.min(interval.length - 1);
            interval.length -= less;
            surplus -= less;
        }
        intervals
    }

    /// The legs that intervals describe, cut to `extents`.
    pub(crate) fn legs(
        &self,
        offers: &[(usize, Areas)],
        intervals: &[Interval],
        extents: u64,
    ) -> Vec<Vec<Segment>> {
        let intervals = Pool::cut(intervals.to_vec(), extents);
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
