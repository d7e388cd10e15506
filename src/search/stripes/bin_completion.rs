//! Intervals of given lengths packed exactly: each source is given a set of intervals that its areas
//! serve, so that every interval is served by as many sources as there are legs.
//!
//! Only sets that no further interval can be added to are of use, and there are few. Sources are
//! decided one after another, those with the fewest sets first. What is still needed must not exceed
//! what the remaining sources can serve; needs that were seen to fail are remembered.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::sources::{Set, members};

/// What became of the attempt.
pub(crate) enum Cover {
    /// Every interval is served.
    Found(Vec<Interval>),
    /// It cannot be done.
    Never,
    /// It takes more than was granted.
    Open,
}

/// Looks at no more than `most` partial covers.
pub(crate) fn cover(pool: &Pool, lengths: &[u64], most: u64) -> Cover {
    let mut offers = Vec::new();
    for areas in &pool.sources {
        let Some(sets) = largest_sets(&pool.lengths[areas.clone()], lengths) else {
            return Cover::Open;
        };
        if sets != [0] {
            offers.push((areas.clone(), sets));
        }
    }
    offers.sort_by_key(|(areas, sets)| (sets.len(), areas.start));
    let sets: Vec<Vec<Set>> = offers.iter().map(|(_, sets)| sets.clone()).collect();
    let mut search = Search::of(&sets, lengths, most);
    let mut needs = vec![pool.legs; lengths.len()];
    if search.is_coverable(0, &mut needs) == Some(true) {
        return Cover::Found(intervals(pool, lengths, &offers, &search.chosen));
    }
    if search.seen > most {
        Cover::Open
    } else {
        Cover::Never
    }
}

/// The sets of intervals that areas can serve side by side and that no other such set contains;
/// `None` if there are too many.
fn largest_sets(areas: &[u64], lengths: &[u64]) -> Option<Vec<Set>> {
    /// More are not worth looking at one by one.
    const MOST_SETS: usize = 1 << 10;
    fn fitting(area: u64, lengths: &[u64], from: usize, set: Set, sets: &mut Vec<Set>) {
        sets.push(set);
        for next in from..lengths.len() {
            if lengths[next] <= area && sets.len() <= MOST_SETS {
                let left = area - lengths[next];
                fitting(left, lengths, next + 1, set | 1 << next, sets);
            }
        }
    }
    let mut sets: Vec<Set> = vec![0];
    for &area in areas {
        let mut more = Vec::new();
        fitting(area, lengths, 0, 0, &mut more);
        if more.len() > MOST_SETS {
            return None;
        }
        let more = largest(more);
        if sets.len() * more.len() > MOST_SETS * 16 {
            return None;
        }
        // Two sets that share an interval serve it with either area.
        let both = sets
            .iter()
            .flat_map(|set| more.iter().map(move |with| set | with));
        sets = largest(both.collect());
        if sets.len() > MOST_SETS {
            return None;
        }
    }
    Some(sets)
}

/// Those that no other contains.
fn largest(mut sets: Vec<Set>) -> Vec<Set> {
    sets.sort_unstable_by_key(|set| (Reverse(set.count_ones()), *set));
    sets.dedup();
    let mut largest: Vec<Set> = Vec::new();
    for set in sets {
        if !largest.iter().any(|other| other & set == set) {
            largest.push(set);
        }
    }
    largest
}

struct Search<'a> {
    sets: &'a [Vec<Set>],
    lengths: &'a [u64],
    /// Per source and interval how many sources from it on can serve the interval.
    able: Vec<Vec<usize>>,
    /// Per source the extents that the sources from it on can serve.
    extents: Vec<u64>,
    chosen: Vec<Set>,
    failed: HashSet<(usize, Box<[usize]>)>,
    seen: u64,
    most: u64,
}

impl<'a> Search<'a> {
    fn of(sets: &'a [Vec<Set>], lengths: &'a [u64], most: u64) -> Search<'a> {
        let mut able = vec![vec![0; lengths.len()]; sets.len() + 1];
        let mut extents = vec![0; sets.len() + 1];
        for (source, sets) in sets.iter().enumerate().rev() {
            able[source] = able[source + 1].clone();
            for rank in members(sets.iter().fold(0, |all, set| all | set)) {
                able[source][rank] += 1;
            }
            let most = sets.iter().map(|&set| sum(set, lengths)).max();
            extents[source] = extents[source + 1] + most.unwrap_or(0);
        }
        Search {
            sets,
            lengths,
            able,
            extents,
            chosen: Vec::new(),
            failed: HashSet::new(),
            seen: 0,
            most,
        }
    }

    /// Whether the sources from one on can serve what is needed; `None` if that takes too long.
    fn is_coverable(&mut self, source: usize, needs: &mut Vec<usize>) -> Option<bool> {
        let mut extents = 0;
        for ((&need, &able), &length) in needs.iter().zip(&self.able[source]).zip(self.lengths) {
            if need > able {
                return Some(false);
            }
            extents += need as u64 * length;
        }
        if extents == 0 {
            return Some(true);
        }
        if extents > self.extents[source] {
            return Some(false);
        }
        let key = (source, needs.clone().into_boxed_slice());
        if self.failed.contains(&key) {
            return Some(false);
        }
        self.seen += 1;
        if self.seen > self.most {
            return None;
        }
        let open = (0..needs.len()).filter(|&rank| needs[rank] > 0);
        let open = open.fold(0, |set: Set, rank| set | 1 << rank);
        let mut useful: Vec<Set> = self.sets[source].iter().map(|set| set & open).collect();
        useful = largest(useful);
        useful.sort_by_key(|&set| (Reverse(sum(set, self.lengths)), set));
        for set in useful {
            members(set).for_each(|rank| needs[rank] -= 1);
            self.chosen.push(set);
            let found = self.is_coverable(source + 1, needs);
            if found != Some(false) {
                return found;
            }
            self.chosen.pop();
            members(set).for_each(|rank| needs[rank] += 1);
        }
        self.failed.insert(key);
        Some(false)
    }
}

fn sum(set: Set, lengths: &[u64]) -> u64 {
    members(set).map(|rank| lengths[rank]).sum()
}

/// The intervals of a cover, with the areas that serve them.
fn intervals(
    pool: &Pool,
    lengths: &[u64],
    offers: &[(std::ops::Range<usize>, Vec<Set>)],
    chosen: &[Set],
) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = lengths
        .iter()
        .map(|&length| Interval {
            length,
            areas: Vec::new(),
        })
        .collect();
    for ((areas, _), &set) in offers.iter().zip(chosen) {
        let mut left = pool.lengths[areas.clone()].to_vec();
        let ranks: Vec<usize> = members(set).collect();
        let mut places = Vec::new();
        let fits = place(&mut left, lengths, &ranks, &mut places);
        debug_assert!(fits, "a set was made of what its areas can serve");
        for (rank, place) in ranks.into_iter().zip(places) {
            intervals[rank].areas.push(areas.start + place);
        }
    }
    intervals
}

/// An area for each interval.
fn place(left: &mut [u64], lengths: &[u64], ranks: &[usize], places: &mut Vec<usize>) -> bool {
    let Some((&rank, rest)) = ranks.split_first() else {
        return true;
    };
    for area in 0..left.len() {
        if left[area] >= lengths[rank] {
            left[area] -= lengths[rank];
            places.push(area);
            if place(left, lengths, rest, places) {
                return true;
            }
            places.pop();
            left[area] += lengths[rank];
        }
    }
    false
}
