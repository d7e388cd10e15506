//! Runs of extents, and the set algebra over them.

use std::collections::BTreeSet;
use std::fmt;

/// A run of consecutive extents: `start` is the first, `count` how many. Never empty.
///
/// `start + count` always fits 64 bits, so [`Area::end`] cannot overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    start: u64,
    count: u64,
}

impl Area {
    /// The run `start .. start + count`, or `None` if it is empty or its end is past 2^64 - 1.
    #[must_use]
    pub fn new(start: u64, count: u64) -> Option<Area> {
        let end = start.checked_add(count)?;
        (end > start).then_some(Area { start, count })
    }

    /// The run from `start` to one before `end`, or `None` if that is empty.
    #[must_use]
    pub fn between(start: u64, end: u64) -> Option<Area> {
        Area::new(start, end.checked_sub(start)?)
    }

    /// The first extent.
    #[must_use]
    pub fn start(self) -> u64 {
        self.start
    }

    /// How many extents; at least 1.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// One past the last extent.
    #[must_use]
    pub fn end(self) -> u64 {
        self.start + self.count
    }

    /// Whether every extent of `other` is in this area.
    #[must_use]
    pub fn contains(self, other: Area) -> bool {
        self.start <= other.start && other.end() <= self.end()
    }

    /// The extents that are in both.
    #[must_use]
    pub fn intersection(self, other: Area) -> Option<Area> {
        Area::between(self.start.max(other.start), self.end().min(other.end()))
    }

    /// The first `count` extents and what is left behind them, if anything.
    ///
    /// # Panics
    /// If `count` is 0 or larger than the area.
    #[must_use]
    pub fn split(self, count: u64) -> (Area, Option<Area>) {
        assert!(
            0 < count && count <= self.count,
            "cannot split {count} off {self}"
        );
        let front = Area {
            start: self.start,
            count,
        };
        (front, Area::between(front.end(), self.end()))
    }
}

impl fmt::Display for Area {
    /// First and last extent, both included: `0-99`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end() - 1)
    }
}

/// A set of extents, held as areas in ascending order that do not overlap.
///
/// Areas that touch are joined, so that two equal sets are equal values, and an area of the set is as long
/// as a run of its extents can be. The one exception are the borders of [`Areas::cut_at`]: they stay in what
/// is cut out of the set, and are gone from what it is united with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Areas {
    areas: Vec<Area>,
}

impl Areas {
    /// The empty set.
    #[must_use]
    pub fn none() -> Areas {
        Areas::default()
    }

    /// The areas in ascending order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Area> + ExactSizeIterator + '_ {
        self.areas.iter().copied()
    }

    /// How many areas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// Whether there is no extent in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// How many extents the set has. Fits, because the areas are disjoint parts of 0 .. 2^64 - 1.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.areas.iter().map(|area| area.count).sum()
    }

    /// The extents of the longest area; 0 for the empty set.
    #[must_use]
    pub fn longest(&self) -> u64 {
        self.areas.iter().map(|area| area.count).max().unwrap_or(0)
    }

    /// The area of the set that holds the whole of `wanted`, if there is one.
    #[must_use]
    pub fn holding(&self, wanted: Area) -> Option<Area> {
        let behind = self
            .areas
            .partition_point(|area| area.start <= wanted.start);
        let area = *self.areas.get(behind.checked_sub(1)?)?;
        area.contains(wanted).then_some(area)
    }

    /// The areas of the set that have extents in common with `wanted`, in ascending order.
    pub fn meeting(&self, wanted: Area) -> impl Iterator<Item = Area> + '_ {
        let first = self
            .areas
            .partition_point(|area| area.end() <= wanted.start);
        let rest = self.areas[first..].iter().copied();
        rest.take_while(move |area| area.start < wanted.end())
    }

    /// Whether every extent of `wanted` is in the set.
    #[must_use]
    pub fn contains(&self, wanted: Area) -> bool {
        self.holding(wanted).is_some()
    }

    /// Every extent that is in this set or in `other`.
    #[must_use]
    pub fn union(&self, other: &Areas) -> Areas {
        self.iter().chain(other.iter()).collect()
    }

    /// Every extent that is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Areas) -> Areas {
        let (mut left, mut right) = (self.areas.as_slice(), other.areas.as_slice());
        let mut areas = Vec::new();
        while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
            areas.extend(first.intersection(*second));
            // The one that ends first meets nothing more.
            if first.end() <= second.end() {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        Areas { areas }
    }

    /// Every extent of this set that is not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Areas) -> Areas {
        let mut taken = other.areas.as_slice();
        let mut areas = Vec::new();
        for area in self.iter() {
            let mut start = area.start;
            while let [first, rest @ ..] = taken {
                if first.start >= area.end() {
                    break;
                }
                areas.extend(Area::between(start, first.start));
                start = start.max(first.end());
                if first.end() > area.end() {
                    break;
                }
                taken = rest;
            }
            areas.extend(Area::between(start, area.end()));
        }
        Areas { areas }
    }
}

impl Areas {
    /// The same extents, with a border in front of each of the extents `starts`.
    #[must_use]
    pub fn cut_at(&self, starts: &BTreeSet<u64>) -> Areas {
        let mut areas = Vec::with_capacity(self.areas.len());
        for area in self.iter() {
            let mut start = area.start;
            for &border in starts.range(area.start + 1..area.end()) {
                areas.extend(Area::between(start, border));
                start = border;
            }
            areas.extend(Area::between(start, area.end()));
        }
        Areas { areas }
    }
}

impl From<Area> for Areas {
    fn from(area: Area) -> Areas {
        Areas { areas: vec![area] }
    }
}

impl FromIterator<Area> for Areas {
    /// The union of areas in any order, overlapping or not.
    fn from_iter<I: IntoIterator<Item = Area>>(items: I) -> Areas {
        let mut sorted: Vec<Area> = items.into_iter().collect();
        sorted.sort_unstable();
        let mut areas: Vec<Area> = Vec::with_capacity(sorted.len());
        for area in sorted {
            match areas.last_mut() {
                Some(last) if area.start <= last.end() => {
                    last.count = last.count.max(area.end() - last.start);
                }
                Some(_) | None => areas.push(area),
            }
        }
        Areas { areas }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All sets over a line of `SIZE` extents, each with its bits: small enough to try every pair.
    const SIZE: u64 = 7;

    fn set(bits: u64) -> Areas {
        (0..SIZE)
            .filter(|extent| bits >> extent & 1 == 1)
            .map(|extent| Area::new(extent, 1).expect("one extent"))
            .collect()
    }

    fn bits(areas: &Areas) -> u64 {
        let extents = areas.iter().flat_map(|area| area.start()..area.end());
        extents.fold(0, |bits, extent| bits | 1 << extent)
    }

    fn is_canonical(areas: &Areas) -> bool {
        let list: Vec<Area> = areas.iter().collect();
        list.windows(2).all(|pair| pair[0].end() < pair[1].start())
            && list.iter().all(|area| area.count() > 0)
    }

    #[test]
    fn the_areas_that_meet_one_hold_what_both_have() {
        for bits in 0..1 << SIZE {
            for start in 0..SIZE {
                for end in start + 1..=SIZE {
                    let area = Area::between(start, end).expect("not empty");
                    let set = set(bits);
                    let shared = set.meeting(area).map(|part| part.intersection(area));
                    let shared: Option<Areas> =
                        shared.collect::<Option<Vec<_>>>().map(Areas::from_iter);
                    assert_eq!(shared, Some(set.intersection(&area.into())));
                }
            }
        }
    }

    #[test]
    fn the_operations_are_those_of_sets_of_extents() {
        for left in 0..1 << SIZE {
            let (first, count) = (set(left), left.count_ones());
            assert_eq!(bits(&first), left);
            assert_eq!(first.total(), u64::from(count));
            assert_eq!(first.is_empty(), count == 0);
            for right in 0..1 << SIZE {
                let second = set(right);
                for (result, expected) in [
                    (first.union(&second), left | right),
                    (first.intersection(&second), left & right),
                    (first.difference(&second), left & !right),
                ] {
                    assert!(is_canonical(&result), "{left:b} {right:b} {result:?}");
                    assert_eq!(result, set(expected), "{left:b} {right:b}");
                }
            }
        }
    }

    #[test]
    fn borders_stay_in_what_is_cut_out_of_a_set() {
        let area = |start, end| Area::between(start, end).expect("not empty");
        let cut = Areas::from(area(0, 9)).cut_at(&[0, 3, 9, 12].into());
        assert_eq!(cut.iter().collect::<Vec<_>>(), [area(0, 3), area(3, 9)]);
        assert!(cut.contains(area(3, 9)) && !cut.contains(area(2, 4)));
        let parts = |set: &Areas| set.iter().collect::<Vec<_>>();
        let middle = Areas::from(area(2, 5));
        let kept = [area(2, 3), area(3, 5)];
        assert_eq!(parts(&cut.intersection(&middle)), kept);
        assert_eq!(parts(&middle.intersection(&cut)), kept);
        let rest = [area(0, 3), area(3, 4), area(5, 9)];
        assert_eq!(parts(&cut.difference(&area(4, 5).into())), rest);
        assert_eq!(cut.union(&Areas::none()), Areas::from(area(0, 9)));
    }

    #[test]
    fn an_area_is_held_only_where_all_of_it_is_in_one_run() {
        for held in 0..1 << SIZE {
            for start in 0..SIZE {
                for count in 1..=SIZE - start {
                    let area = Area::new(start, count).expect("not empty");
                    let wanted = ((1 << count) - 1) << start;
                    assert_eq!(set(held).contains(area), held & wanted == wanted);
                }
            }
        }
    }

    #[test]
    fn areas_stop_at_the_last_number_there_is() {
        assert_eq!(Area::new(3, 0), None);
        assert_eq!(Area::new(u64::MAX, 1), None);
        let last = Area::new(u64::MAX - 1, 1).expect("ends at the last number");
        assert_eq!(last.end(), u64::MAX);
        assert_eq!(Area::between(5, 4), None);
    }

    #[test]
    fn an_area_is_written_as_its_first_and_its_last_extent() {
        let area = Area::new(3, 4).expect("not empty");
        assert_eq!(area.to_string(), "3-6");
    }

    #[test]
    fn splitting_loses_nothing() {
        let area = Area::new(10, 4).expect("not empty");
        assert_eq!(
            area.split(1),
            (Area::new(10, 1).expect("one"), Area::new(11, 3))
        );
        assert_eq!(area.split(4), (area, None));
    }
}
