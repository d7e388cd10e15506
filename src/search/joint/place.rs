//! From extents per leg and source to areas.

use std::cmp::Reverse;

use crate::core::{Allocation, Area, Areas, Problem, Segment};
use crate::search::joint::instance::{Joint, Packing};

/// The allocations, or `None` if metadata finds no area that is long enough for it and an extent.
///
/// On each source the largest pieces come first, each in the shortest area that holds it; what fits in no
/// area takes the longest ones.
pub(crate) fn placed(
    problem: &Problem,
    joint: &Joint,
    packing: &Packing,
) -> Option<Vec<Option<Allocation>>> {
    let mut pieces: Vec<(usize, u64, usize, bool)> = Vec::new();
    for (leg, parts) in packing.iter().enumerate() {
        let first = parts
            .iter()
            .max_by_key(|&&(source, extents)| (extents, Reverse(source)));
        for part in parts {
            pieces.push((part.0, part.1, leg, Some(part) == first));
        }
    }
    pieces.sort_by_key(|&(source, extents, leg, is_first)| {
        let front = problem.requests()[joint.legs[leg]].front_extents();
        // Metadata needs the longest areas, so the pieces that have some go first.
        (source, !(is_first && front > 0), Reverse(extents), leg)
    });
    let mut allocations: Vec<Allocation> = problem
        .requests()
        .iter()
        .map(|request| Allocation {
            legs: vec![Vec::new(); request.legs()],
            ..Allocation::default()
        })
        .collect();
    let mut starts = Vec::new();
    for &request in &joint.legs {
        let known = starts.last().map_or(
            0,
            |&(last, number)| {
                if last == request { number + 1 } else { 0 }
            },
        );
        starts.push((request, known));
    }
    let mut metadata = vec![None; joint.legs.len()];
    let mut of_source: Option<(usize, Areas)> = None;
    for (source, extents, leg, is_first) in pieces {
        let (request, number) = starts[leg];
        let mut left = match of_source.take() {
            Some((of, left)) if of == source => left,
            Some(_) | None => problem.sources()[source].free.clone(),
        };
        let front = problem.requests()[request].front_extents();
        let front = if is_first { front } else { 0 };
        let mut segments = taken(&mut left, extents, front)?
            .into_iter()
            .map(|area| Segment { source, area })
            .collect::<Vec<Segment>>();
        if front > 0 {
            let (head, rest) = segments[0].area.split(front);
            metadata[leg] = Some(Segment { source, area: head });
            segments[0].area = rest?;
        }
        let placed = &mut allocations[request].legs[number];
        if is_first {
            segments.append(placed);
            *placed = segments;
        } else {
            placed.extend(segments);
        }
        of_source = Some((source, left));
    }
    for (leg, piece) in metadata.into_iter().enumerate() {
        allocations[joint.legs[leg]].metadata.extend(piece);
    }
    Some(allocations.into_iter().map(Some).collect())
}

/// Takes extents out of what is left; the first area is longer than `front`.
fn taken(left: &mut Areas, extents: u64, front: u64) -> Option<Vec<Area>> {
    let mut missing = extents;
    let mut areas: Vec<Area> = Vec::new();
    while missing > 0 {
        let holding = left.iter().filter(|area| area.count() >= missing);
        let shortest = holding.min_by_key(|area| (area.count(), area.start()));
        let area = match shortest {
            Some(area) => area.split(missing).0,
            None => left
                .iter()
                .max_by_key(|area| (area.count(), Reverse(area.start())))?,
        };
        if areas.is_empty() && area.count() <= front {
            return None;
        }
        missing -= area.count();
        *left = left.difference(&Areas::from(area));
        areas.push(area);
    }
    Some(areas)
}
