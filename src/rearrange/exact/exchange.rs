//! Columns that wait for each other in a circle: each enters only once the next has left.
//!
//! Of the extents that go from one place of such a circle to the next those of one step at least are copied twice: what of
//! a step goes straight does so after all of the next step has left, and so round the circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Rearrangement, Separation};
use crate::rearrange::exact::tasks::Task;

/// Circles that are looked for in one volume.
const MOST_CIRCLES: usize = 1_000;

/// A column on a source.
type Presence = (usize, usize);

/// By volume how many extents its columns copy twice at the least, where these are any.
pub(crate) fn exchanges(state: &Rearrangement, tasks: &[Task]) -> BTreeMap<usize, u64> {
    let mut by_volume: BTreeMap<usize, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        if state.volumes[task.volume].separation == Separation::Leg {
            by_volume.entry(task.volume).or_default().push(task);
        }
    }
    let mut found = BTreeMap::new();
    for (volume, tasks) in by_volume {
        let legs = &state.volumes[volume].legs;
        let mut present: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for leg in legs {
            for piece in &leg.pieces {
                present
                    .entry(piece.place.source)
                    .or_default()
                    .insert(leg.column);
            }
        }
        let mut steps: BTreeMap<Presence, BTreeMap<Presence, u64>> = BTreeMap::new();
        for task in tasks {
            let column = legs[task.leg].column;
            // A leg that is there meets there whom it met from the start.
            let mut own = legs[task.leg].pieces.iter();
            if own.any(|piece| piece.place.source == task.to.source) {
                continue;
            }
            let there = present.get(&task.to.source).into_iter().flatten();
            for &other in there.filter(|other| **other != column) {
                let from = steps.entry((column, task.from.source)).or_default();
                *from.entry((other, task.to.source)).or_default() += task.count();
            }
        }
        let mut twice = 0;
        for _ in 0..MOST_CIRCLES {
            let Some(circle) = circle(&steps) else { break };
            let counts = circle.iter().filter_map(|(one, other)| {
                let count = steps.get(one)?.get(other)?;
                Some(*count)
            });
            let least = counts.min().unwrap_or(0);
            twice += least;
            for (one, other) in circle {
                if let Some(behind) = steps.get_mut(&one) {
                    let left = behind.get(&other).map_or(0, |count| count - least);
                    match left {
                        0 => behind.remove(&other),
                        _ => behind.insert(other, left),
                    };
                }
            }
        }
        if twice > 0 {
            found.insert(volume, twice);
        }
    }
    found
}

/// The steps of a circle, if there is one.
fn circle(
    steps: &BTreeMap<Presence, BTreeMap<Presence, u64>>,
) -> Option<Vec<(Presence, Presence)>> {
    let mut done: BTreeSet<Presence> = BTreeSet::new();
    for &first in steps.keys() {
        let mut path: Vec<(Presence, Vec<Presence>)> = Vec::new();
        let mut place: BTreeMap<Presence, usize> = BTreeMap::new();
        let mut next = Some(first);
        loop {
            if let Some(one) = next.take() {
                if let Some(&begin) = place.get(&one) {
                    let mut all: Vec<Presence> =
                        path[begin..].iter().map(|(other, _)| *other).collect();
                    all.push(one);
                    return Some(all.windows(2).map(|pair| (pair[0], pair[1])).collect());
                }
                if !done.contains(&one) {
                    let behind = steps.get(&one).into_iter().flatten();
                    place.insert(one, path.len());
                    path.push((one, behind.map(|(other, _)| *other).collect()));
                }
            }
            let Some((one, behind)) = path.last_mut() else {
                break;
            };
            match behind.pop() {
                Some(other) => next = Some(other),
                None => {
                    done.insert(*one);
                    place.remove(one);
                    path.pop();
                }
            }
        }
    }
    None
}
