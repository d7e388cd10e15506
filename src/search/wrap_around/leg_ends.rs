//! Sources on a line, so that as few areas as possible are cut where a leg ends.
//!
//! Legs are filled one after another (McNaughton's rule, as in `layout`). A leg may end between two
//! areas of a source: those before the end close one leg, those behind it begin the next, and since no source
//! gives more than a leg they never meet at an offset. So a leg end costs nothing where some areas of a
//! source, or all of it, have what the leg still lacks, give or take what may be lost. Which sources fill a
//! leg is drawn at random, and drawn again; subset sums as lists (Horowitz and Sahni, "Computing partitions
//! with applications to the knapsack problem", Journal of the ACM 21, 1974) say which areas end it.

use crate::core::{Limits, Segment};
use crate::search::random::Random;
use crate::search::wrap_around::layout::trim;

/// Draws; each takes about as many looks as there are pairs of sources.
const DRAWS: u64 = 512;

/// Sources that are looked at after each that was put into a leg.
const LOOKS: usize = 32;

/// Looks that all draws together may take, some milliseconds.
const LOOKS_IN_ALL: u64 = 1 << 18;

/// The areas that a source gives.
struct Item<'a> {
    areas: &'a [Segment],
    total: u64,
    /// What it gives all legs together.
    gives: u64,
    /// Sums of its areas with the areas that have them, in ascending order.
    sums: Vec<(u64, u64)>,
}

/// How a leg ends.
struct End {
    /// The source's place among the open ones.
    position: usize,
    /// The areas in front of the end, one bit each.
    front: u64,
    waste: u64,
}

/// Legs of `extents` from sources that give as much together, each source no more than one leg has; `None` if
/// they give too little. The time that it takes is one of `share` parts.
pub(crate) fn line_up(
    sources: &[Vec<Segment>],
    legs: usize,
    extents: u64,
    share: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Vec<Segment>>> {
    let items = items(sources, extents);
    let given: u64 = items.iter().map(|item| item.gives).sum();
    let slack = given.checked_sub(extents * legs as u64)?;
    let mut best: Option<(Vec<Vec<Segment>>, usize)> = None;
    let draws = LOOKS_IN_ALL / share.max(1) / (LOOKS * items.len().max(1)) as u64;
    for draw in 0..draws.clamp(1, DRAWS) {
        let is_met = best.as_ref().is_some_and(|best| best.1 == 0);
        if is_met || (best.is_some() && limits.is_over()) {
            break;
        }
        let most = best.as_ref().map_or(usize::MAX, |best| best.1);
        let mut random = Random::of(limits, draw);
        if let Some(found) = drawn(&items, legs, extents, slack, most, &mut random) {
            best = Some(found);
        }
    }
    best.map(|(legs, _)| legs)
}

fn items(sources: &[Vec<Segment>], extents: u64) -> Vec<Item<'_>> {
    /// Sums in all, and areas of a source of which all subsets are looked at.
    const MOST_SUMS: usize = 1 << 18;
    const MOST_FREE: usize = 10;
    let sums_in_all = |free: usize| -> usize {
        let of_source = |areas: &Vec<Segment>| (areas.len().saturating_sub(free) + 1) << free;
        sources.iter().map(of_source).sum()
    };
    let free = (0..=MOST_FREE)
        .rev()
        .find(|&free| sums_in_all(free) <= MOST_SUMS);
    let items = sources.iter().map(|areas| {
        let total = count(areas);
        Item {
            areas,
            total,
            gives: total.min(extents),
            sums: sums(areas, free.unwrap_or(0)),
        }
    });
    items.collect()
}

/// The sums of all subsets of the `free` shortest areas, each with the longest ones, one after another, added;
/// areas past the 64th are never in front of an end.
fn sums(areas: &[Segment], free: usize) -> Vec<(u64, u64)> {
    let mut order: Vec<(u64, usize)> = areas
        .iter()
        .take(64)
        .enumerate()
        .map(|(index, segment)| (segment.area.count(), index))
        .collect();
    order.sort_unstable();
    let (free, others) = order.split_at(free.min(order.len()));
    let mut subsets = vec![(0u64, 0u64)];
    for &(length, index) in free {
        let with = subsets
            .iter()
            .map(|&(sum, set)| (sum + length, set | 1 << index));
        let with: Vec<(u64, u64)> = with.collect();
        subsets.extend(with);
    }
    let mut sums = subsets.clone();
    let (mut sum, mut set) = (0, 0);
    for &(length, index) in others.iter().rev() {
        (sum, set) = (sum + length, set | 1 << index);
        sums.extend(subsets.iter().map(|&(more, with)| (sum + more, set | with)));
    }
    sums.sort_unstable();
    sums.dedup_by_key(|&mut (sum, _)| sum);
    sums
}

/// One draw, or `None` where it cuts `most` areas or more.
fn drawn(
    items: &[Item<'_>],
    legs: usize,
    extents: u64,
    slack: u64,
    most: usize,
    random: &mut Random,
) -> Option<(Vec<Vec<Segment>>, usize)> {
    /// Draws of one leg until it ends without a cut: legs that do are kept.
    const TRIES: usize = 16;
    let mut line = Line {
        open: (0..items.len()).collect(),
        slack,
        carried: Vec::new(),
        cuts: 0,
    };
    let mut filled = Vec::with_capacity(legs);
    for _ in 1..legs {
        let before = line.cuts;
        let mut tries = (0..TRIES).map(|_| line.leg(items, extents, random));
        let first = tries.next()?;
        let uncut = (first.1.cuts > before)
            .then(|| tries.find(|(_, line)| line.cuts == before))
            .flatten();
        let (leg, now) = uncut.unwrap_or(first);
        line = now;
        if line.cuts >= most {
            return None;
        }
        filled.push(leg);
    }
    let mut last = line.carried;
    for item in line.open {
        last.extend(trim(items[item].areas.to_vec(), extents));
    }
    filled.push(trim(last, extents));
    let is_full = filled.iter().all(|leg| count(leg) == extents);
    is_full.then_some((filled, line.cuts))
}

/// What is left once some legs are filled.
#[derive(Clone)]
struct Line {
    /// Sources that no leg has.
    open: Vec<usize>,
    /// What may still be lost.
    slack: u64,
    /// What the last source keeps for the next leg.
    carried: Vec<Segment>,
    /// Areas cut so far.
    cuts: usize,
}

impl Line {
    /// The next leg, and what is left then; it is too short if there are no sources for it.
    fn leg(&self, items: &[Item<'_>], extents: u64, random: &mut Random) -> (Vec<Segment>, Line) {
        let mut line = self.clone();
        let mut leg = std::mem::take(&mut line.carried);
        let mut missing = extents - count(&leg);
        while missing > 0 && !line.open.is_empty() {
            let open = &mut line.open;
            let first = random.position(open.len());
            let cyclic = (first..open.len()).chain(0..first);
            let fitting = cyclic.clone().find(|&at| items[open[at]].gives < missing);
            let looks = if fitting.is_some() { LOOKS } else { usize::MAX };
            let ends = cyclic.take(looks);
            let ends = ends.filter_map(|at| items[open[at]].end(at, extents, missing, line.slack));
            if let Some(end) = ends.min_by_key(|end| end.waste) {
                let item = &items[open.swap_remove(end.position)];
                line.slack -= end.waste;
                let (front, behind) = item.parted(end.front);
                leg.extend(trim(front, missing));
                line.carried = trim(behind, extents - missing);
                missing = 0;
            } else if let Some(position) = fitting {
                let item = &items[open.swap_remove(position)];
                leg.extend(item.areas);
                missing -= item.gives;
            } else {
                let item = &items[open.swap_remove(first)];
                let (front, behind) = split(item.areas, missing);
                leg.extend(front);
                line.carried = trim(behind, item.gives - missing);
                line.cuts += 1;
                missing = 0;
            }
        }
        (leg, line)
    }
}

impl Item<'_> {
    /// The way to end a leg between its areas, if what that loses is no more than `slack`.
    fn end(&self, position: usize, extents: u64, missing: u64, slack: u64) -> Option<End> {
        let first = self.sums.partition_point(|&(sum, _)| sum < missing);
        let &(sum, front) = self.sums.get(first)?;
        let behind = (self.total - sum).min(extents - missing);
        let waste = self.gives - (missing + behind);
        (waste <= slack).then_some(End {
            position,
            front,
            waste,
        })
    }

    /// The areas of a set, and the others.
    fn parted(&self, front: u64) -> (Vec<Segment>, Vec<Segment>) {
        let areas = self.areas.iter().copied().enumerate();
        let (front, behind): (Vec<_>, Vec<_>) =
            areas.partition(|&(index, _)| index < 64 && front >> index & 1 == 1);
        let segments = |side: Vec<(usize, Segment)>| side.into_iter().map(|(_, one)| one).collect();
        (segments(front), segments(behind))
    }
}

fn count(segments: &[Segment]) -> u64 {
    segments.iter().map(|segment| segment.area.count()).sum()
}

/// The first `extents` of the areas, and the rest; the area between them is cut.
fn split(areas: &[Segment], extents: u64) -> (Vec<Segment>, Vec<Segment>) {
    let (mut front, mut behind) = (Vec::new(), Vec::new());
    let mut missing = extents;
    for &Segment { source, area } in areas {
        let rest = if missing > 0 {
            let (taken, left) = area.split(area.count().min(missing));
            missing -= taken.count();
            front.push(Segment {
                source,
                area: taken,
            });
            left
        } else {
            Some(area)
        };
        behind.extend(rest.map(|area| Segment { source, area }));
    }
    (front, behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Area;

    fn sources(lists: &[&[u64]]) -> Vec<Vec<Segment>> {
        let of_source = |(source, lengths): (usize, &&[u64])| {
            let mut start = 0;
            let segments = lengths.iter().filter_map(|&length| {
                let area = Area::new(start, length)?;
                start += length + 1;
                Some(Segment { source, area })
            });
            segments.collect()
        };
        lists.iter().enumerate().map(of_source).collect()
    }

    #[test]
    fn a_leg_ends_between_two_areas_of_a_source() {
        // 10 = 7 + 3 and 4 + 6: no set of whole sources has 10.
        let legs = line_up(&sources(&[&[7], &[3, 4], &[6]]), 2, 10, 1, &Limits::none());
        assert_eq!(
            legs.expect("all fits").iter().map(Vec::len).sum::<usize>(),
            4
        );
    }

    #[test]
    fn legs_have_what_they_need_and_no_source_serves_two_at_an_offset() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let lists: Vec<Vec<u64>> = (0..2 + random.position(6))
                .map(|_| {
                    (0..1 + random.position(4))
                        .map(|_| 1 + random.below(30))
                        .collect()
                })
                .collect();
            let lists: Vec<&[u64]> = lists.iter().map(Vec::as_slice).collect();
            let (legs, extents) = (2 + random.position(3), 1 + random.below(40));
            let given = lists
                .iter()
                .map(|list| list.iter().sum::<u64>().min(extents));
            let fits = given.sum::<u64>() >= extents * legs as u64;
            let found = line_up(&sources(&lists), legs, extents, 1, &Limits::none());
            assert_eq!(found.is_some(), fits);
            let mut at = vec![vec![Vec::new(); lists.len()]; legs];
            for (leg, segments) in found.iter().flatten().enumerate() {
                assert_eq!(count(segments), extents);
                let mut offset = 0;
                for segment in segments {
                    let end = offset + segment.area.count();
                    at[leg][segment.source].extend(offset..end);
                    offset = end;
                }
            }
            for source in 0..lists.len() {
                let mut offsets: Vec<u64> = at.iter().flat_map(|leg| leg[source].clone()).collect();
                let all = offsets.len();
                offsets.sort_unstable();
                offsets.dedup();
                assert_eq!(offsets.len(), all, "seed {seed}");
            }
        }
    }
}
