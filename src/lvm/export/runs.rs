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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Area;

    fn piece(source: usize, start: u64, count: u64) -> Segment {
        let area = Area::new(start, count).expect("not empty");
        Segment { source, area }
    }

    fn interval(pieces: &[(usize, u64)], count: u64) -> Interval {
        let pieces = pieces.iter();
        Interval {
            offset: 0,
            pieces: pieces
                .map(|&(source, start)| piece(source, start, count))
                .collect(),
        }
    }

    /// The lengths of the areas of a leg, one behind the other on a disk with a gap between them.
    fn leg(source: usize, lengths: &[u64]) -> Vec<Segment> {
        let mut start = 0;
        let next = |&length: &u64| {
            start += 100;
            piece(source, start, length)
        };
        lengths.iter().map(next).collect()
    }

    fn lengths(leg: &[Segment]) -> Vec<u64> {
        leg.iter().map(|segment| segment.area.count()).collect()
    }

    #[test]
    fn lengths_that_all_legs_have_go_last_and_side_by_side() {
        // Of two areas of three extents the other leg has one to stand beside.
        let legs = [leg(0, &[5, 3, 7, 3, 4]), leg(1, &[6, 4, 3, 9])];
        let arranged = aligned(&legs);
        assert_eq!(lengths(&arranged[0]), [5, 7, 3, 4, 3]);
        assert_eq!(lengths(&arranged[1]), [6, 9, 4, 3]);
        for (before, mut after) in legs.into_iter().zip(arranged) {
            assert_eq!(before[0], after[0], "the first stays");
            after.sort_unstable();
            assert_eq!(before, after, "nothing is lost");
        }
    }

    #[test]
    fn intervals_of_a_round_use_no_disk_twice_and_what_goes_on_stays() {
        let first = interval(&[(0, 0), (1, 0)], 5);
        let short = interval(&[(0, 20), (1, 20)], 2);
        let long = interval(&[(0, 40), (1, 40)], 4);
        let middle = interval(&[(2, 0), (3, 0)], 3);
        let beside = interval(&[(2, 20), (4, 0)], 4);
        let front = interval(&[(5, 0), (6, 0)], 2);
        let behind = interval(&[(5, 2), (6, 20)], 2);
        let given = [&first, &short, &long, &middle, &beside, &front, &behind];
        let expected = [&first, &front, &behind, &long, &beside, &middle, &short];
        let built = in_rounds(given.into_iter().cloned().collect());
        assert_eq!(built.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn intervals_of_one_leg_stay_in_order() {
        let given = vec![
            interval(&[(0, 0)], 5),
            interval(&[(0, 20)], 2),
            interval(&[(1, 0)], 4),
        ];
        assert_eq!(in_rounds(given.clone()), given);
    }

    #[test]
    fn a_command_takes_intervals_that_grow_no_longer_and_share_no_disk() {
        let next = |intervals: &[Interval], metadata: &[Segment]| {
            RunLength::default().next(Order::AnyAreas, intervals, metadata)
        };
        let at = |legs: [usize; 2], count: u64| interval(&legs.map(|disk| (disk, 10)), count);
        let shrinking = [at([0, 1], 5), at([2, 3], 5), at([4, 5], 3)];
        assert_eq!(next(&shrinking, &[]), Some(3));
        let grows = [&shrinking[..], &[at([6, 7], 4)]].concat();
        assert_eq!(next(&grows, &[]), Some(3));
        let shares = [&shrinking[..], &[at([6, 0], 3)]].concat();
        assert_eq!(next(&shares, &[]), Some(3));
        assert_eq!(next(&grows[2..], &[]), None, "one is no run");

        // Metadata in front makes the first area longer, and no other.
        let metadata = [piece(0, 9, 1), piece(1, 9, 1)];
        let longer = [at([0, 1], 5), at([2, 3], 6), at([4, 5], 6)];
        assert_eq!(next(&longer, &metadata), Some(3));
        assert_eq!(next(&longer, &[]), None);
    }

    #[test]
    fn areas_of_one_leg_may_come_in_any_order_where_the_plan_allows_it() {
        let areas = [
            interval(&[(0, 0)], 5),
            interval(&[(0, 20)], 4),
            interval(&[(0, 40)], 6),
        ];
        let next = |order, metadata: &[Segment]| {
            let length = RunLength::default();
            length.next(order, &areas, metadata)
        };
        assert_eq!(next(Order::AnyAreas, &[]), Some(3));
        assert_eq!(next(Order::AnyStripes, &[]), None, "the disk is the same");
        assert_eq!(next(Order::AnyAreas, &[piece(1, 0, 1)]), None);
    }

    #[test]
    fn a_run_that_fails_is_tried_by_halves_and_one_that_succeeds_by_doubles() {
        let areas: Vec<Interval> = (0..9).map(|area| interval(&[(0, 20 * area)], 5)).collect();
        let mut length = RunLength::default();
        let next = |length: &RunLength| length.next(Order::AnyAreas, &areas, &[]);
        assert_eq!(next(&length), Some(9));
        length.failed(9);
        assert_eq!(next(&length), Some(4));
        length.built(1);
        assert_eq!(
            next(&length),
            Some(4),
            "a short run proves nothing of longer ones"
        );
        length.built(4);
        assert_eq!(next(&length), Some(8));
        length.failed(3);
        assert_eq!(next(&length), None, "a single interval is no run");
    }
}
