//! Which intervals one command can build: LVM2 takes of what it is offered the longest areas first, one
//! of each physical volume at a time.
//!
//! Legs whose areas may stand in any order are put into one in which they break together as often as
//! can be, and intervals into rounds that use no physical volume twice.

use std::collections::{BTreeMap, HashSet};

use crate::core::{Segment, joined};
use crate::lvm::export::cut::Interval;
use crate::lvm::export::step::Order;

/// Legs with their areas in another order: the first stays, areas of which every leg has one of the
/// same length go last, side by side, the rest between.
///
/// All legs are equally long, so those at the end begin at the same offset in each.
pub(crate) fn aligned(legs: &[Vec<Segment>]) -> Vec<Vec<Segment>> {
    let runs: Vec<Vec<Segment>> = legs.iter().map(|leg| joined(leg)).collect();
    let mut common: Option<BTreeMap<u64, usize>> = None;
    for leg in &runs {
        let mut own: BTreeMap<u64, usize> = BTreeMap::new();
        for segment in leg.iter().skip(1) {
            *own.entry(segment.area.count()).or_default() += 1;
        }
        common = Some(match common {
            None => own,
            Some(common) => common
                .into_iter()
                .filter_map(|(length, count)| Some((length, count.min(*own.get(&length)?))))
                .collect(),
        });
    }
    let common = common.unwrap_or_default();
    let arrange = |leg: Vec<Segment>| {
        let mut left = common.clone();
        let mut segments = leg.into_iter();
        let mut front: Vec<Segment> = segments.next().into_iter().collect();
        let (mut alike, mut rest) = (Vec::new(), Vec::new());
        for segment in segments {
            match left.get_mut(&segment.area.count()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    alike.push(segment);
                }
                Some(_) | None => rest.push(segment),
            }
        }
        for list in [&mut rest, &mut alike] {
            list.sort_by_key(|segment| std::cmp::Reverse(segment.area.count()));
        }
        front.append(&mut rest);
        front.append(&mut alike);
        front
    };
    runs.into_iter().map(arrange).collect()
}

/// Intervals in the order in which they are built.
///
/// The first stays. So do those that go on in a leg where the one before ends, since together they are
/// one area. The others go into rounds, the longest first, each into the first round in which nothing
/// uses the same physical volumes.
pub(crate) fn in_rounds(intervals: Vec<Interval>) -> Vec<Interval> {
    if intervals.first().is_none_or(|first| first.pieces.len() < 2) {
        return intervals;
    }
    let goes_on = |before: &Interval, behind: &Interval| {
        let mut pairs = before.pieces.iter().zip(&behind.pieces);
        pairs.any(|(before, behind)| before.continues_with(behind))
    };
    let mut is_bound = vec![false; intervals.len()];
    for (index, pair) in intervals.windows(2).enumerate() {
        if goes_on(&pair[0], &pair[1]) {
            is_bound[index] = true;
            is_bound[index + 1] = true;
        }
    }
    let (mut fixed, mut single) = (Vec::new(), Vec::new());
    for (index, interval) in intervals.into_iter().enumerate() {
        if index == 0 || is_bound[index] {
            fixed.push(interval);
        } else {
            single.push(interval);
        }
    }
    single.sort_by_key(|interval| std::cmp::Reverse(interval.extents()));
    let mut rounds: Vec<(HashSet<usize>, Vec<Interval>)> = Vec::new();
    for interval in single {
        let is_free = |(used, _): &&mut (HashSet<usize>, _)| {
            let mut pieces = interval.pieces.iter();
            !pieces.any(|piece| used.contains(&piece.source))
        };
        let sources = interval.pieces.iter().map(|piece| piece.source);
        match rounds.iter_mut().find(is_free) {
            Some((used, round)) => {
                used.extend(sources);
                round.push(interval);
            }
            None => rounds.push((sources.collect(), vec![interval])),
        }
    }
    fixed.extend(rounds.into_iter().flat_map(|(_, round)| round));
    fixed
}

/// How many intervals to try with the next command: as many as may be, half of that where it fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunLength {
    most: usize,
}

impl Default for RunLength {
    fn default() -> RunLength {
        RunLength { most: usize::MAX }
    }
}

impl RunLength {
    /// A number of intervals that are worth a try; at least two.
    pub(crate) fn next(
        &self,
        order: Order,
        intervals: &[Interval],
        metadata: &[Segment],
    ) -> Option<usize> {
        let count = candidates(
            order,
            &intervals[..intervals.len().min(self.most)],
            metadata,
        );
        (count >= 2).then_some(count)
    }

    /// So many could not be built with one command.
    pub(crate) fn failed(&mut self, count: usize) {
        self.most = count / 2;
    }

    /// So many could: the next command may be tried with more.
    pub(crate) fn built(&mut self, count: usize) {
        self.most = self.most.max(count.saturating_mul(2));
    }
}

/// How many of the first intervals LVM2 may take one after another.
fn candidates(order: Order, intervals: &[Interval], metadata: &[Segment]) -> usize {
    let is_linear = intervals
        .first()
        .is_some_and(|first| first.pieces.len() == 1);
    if is_linear && metadata.is_empty() && order == Order::AnyAreas {
        return intervals.len();
    }
    let mut used = HashSet::new();
    let front = metadata.first().map_or(0, |metadata| metadata.area.count());
    let mut length = u64::MAX;
    let mut count = 0;
    for interval in intervals {
        let own = interval.extents() + if count == 0 { front } else { 0 };
        let is_new = |piece: &Segment| used.insert(piece.source);
        if own > length || !interval.pieces.iter().all(is_new) {
            break;
        }
        length = own;
        count += 1;
    }
    count
}
