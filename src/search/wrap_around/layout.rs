//! From extents per source to legs: McNaughton's wrap-around rule.

use std::collections::BTreeMap;

use crate::core::{Area, Segment};

/// Legs of `extents` each out of stretches that lie source by source and hold as much together as all
/// legs; no source more than `extents`.
///
/// Leg after leg is filled. A source that is cut by the end of one leg goes on at the start of the next;
/// since it has no more than `extents`, it ends there before it began in the other.
///
/// # Source
/// McNaughton, "Scheduling with deadlines and loss functions", Management Science 6 (1959), theorem 3.1.
pub(crate) fn wrap_around(stretches: &[Segment], extents: u64) -> Vec<Vec<Segment>> {
    let mut filled = vec![Vec::new()];
    let mut missing = extents;
    for stretch in stretches {
        let mut rest = Some(stretch.area);
        while let Some(area) = rest {
            if missing == 0 {
                filled.push(Vec::new());
                missing = extents;
            }
            let (taken, left) = area.split(area.count().min(missing));
            missing -= taken.count();
            if let Some(leg) = filled.last_mut() {
                leg.push(Segment {
                    source: stretch.source,
                    area: taken,
                });
            }
            rest = left;
        }
    }
    filled
}

/// Whole sources put to legs so that each leg gets at least `extents`: the largest first, each to the
/// leg that lacks most, then single moves and swaps while they help.
///
/// Returns per leg the positions in `totals`, or `None` where that does not succeed.
pub(crate) fn cover(totals: &[u64], legs: usize, extents: u64) -> Option<Vec<Vec<usize>>> {
    /// Passes of improvement; each is quadratic in the number of sources.
    const PASSES: usize = 8;
    /// Beyond this many sources a pass is too slow, and hardly ever needed.
    const MOST_SOURCES: usize = 2000;
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(totals[index]), index));
    let mut leg_of = vec![0; totals.len()];
    let mut held = vec![0u64; legs];
    for &index in &order {
        let leg = (0..legs).min_by_key(|&leg| (held[leg], leg))?;
        leg_of[index] = leg;
        held[leg] += totals[index];
    }
    let lack = |held: u64| extents.saturating_sub(held);
    for _ in 0..PASSES {
        let mut is_better = false;
        if totals.len() > MOST_SOURCES || held.iter().all(|&held| held >= extents) {
            break;
        }
        for first in 0..totals.len() {
            for second in (first + 1..totals.len()).map(Some).chain([None]) {
                let (from, mine) = (leg_of[first], totals[first]);
                let targets = match second {
                    Some(second) => leg_of[second]..leg_of[second] + 1,
                    None => 0..legs,
                };
                let theirs = second.map_or(0, |second| totals[second]);
                for to in targets.filter(|&to| to != from) {
                    let now = (held[from] - mine + theirs, held[to] - theirs + mine);
                    let before = lack(held[from]) + lack(held[to]);
                    if leg_of[first] == from && lack(now.0) + lack(now.1) < before {
                        (held[from], held[to]) = now;
                        leg_of[first] = to;
                        if let Some(second) = second {
                            leg_of[second] = from;
                        }
                        is_better = true;
                        break;
                    }
                }
            }
        }
        if !is_better {
            break;
        }
    }
    if held.iter().any(|&held| held < extents) {
        return None;
    }
    let mut cover = vec![Vec::new(); legs];
    for (index, leg) in leg_of.into_iter().enumerate() {
        cover[leg].push(index);
    }
    Some(cover)
}

/// The first `extents` of the areas, in the order given.
pub(crate) fn front(source: usize, areas: &[Area], extents: u64) -> Vec<Segment> {
    let mut missing = extents;
    let mut segments = Vec::new();
    for area in areas {
        if missing == 0 {
            break;
        }
        let (area, _) = area.split(area.count().min(missing));
        missing -= area.count();
        segments.push(Segment { source, area });
    }
    segments
}

/// The front of a list of segments, `extents` long or as long as the list. The longest segment is
/// the one that is cut: cutting a short one could leave nothing of it, and a later one too many.
pub(crate) fn trim(segments: Vec<Segment>, extents: u64) -> Vec<Segment> {
    let total: u64 = segments.iter().map(|segment| segment.area.count()).sum();
    let mut surplus = total.saturating_sub(extents);
    let mut order: Vec<usize> = (0..segments.len()).collect();
    // Short ones are dropped whole as long as the surplus covers them.
    order.sort_by_key(|&index| (segments[index].area.count(), index));
    let mut kept: BTreeMap<usize, Segment> = segments.iter().copied().enumerate().collect();
    for &index in &order {
        if segments[index].area.count() <= surplus {
            surplus -= segments[index].area.count();
            kept.remove(&index);
        }
    }
    if surplus > 0
        && let Some(longest) = kept.values_mut().max_by_key(|segment| segment.area.count())
    {
        let (area, _) = longest.area.split(longest.area.count() - surplus);
        longest.area = area;
    }
    kept.into_values().collect()
}
