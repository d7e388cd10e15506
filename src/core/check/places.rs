//! Where pieces may lie: on free extents, in allowed ranges, companions beside their legs, as the policy says.

use crate::core::check::pieces::pieces;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Allocation, Area, Piece, Place, Policy, Problem, Request, Segment, Separation, Violation,
};

/// Known sources, free extents, allowed ranges.
pub(crate) fn places(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    let allowed = allowed(request);
    for (piece, segment) in pieces(allocation) {
        let Some(source) = problem.sources().get(segment.source) else {
            violations.push(Violation::UnknownSource {
                request: request.name.clone(),
                piece,
                source: segment.source,
            });
            continue;
        };
        if !source.free.contains(segment.area) {
            violations.push(Violation::NotFree {
                request: request.name.clone(),
                piece,
                source: source.name.clone(),
                area: segment.area,
            });
        }
        if allowed
            .as_ref()
            .is_some_and(|allowed| !may_use(allowed, segment))
        {
            violations.push(Violation::NotAllowed {
                request: request.name.clone(),
                piece,
                source: source.name.clone(),
                area: segment.area,
            });
        }
    }
}

/// Per source the ranges that a request may use, in order; `None` where that is all of it.
type Allowed = BTreeMap<usize, Option<Vec<Area>>>;

fn allowed(request: &Request) -> Option<Allowed> {
    let entries = request.allowed.as_ref()?.iter().rev();
    // Of a source that is named twice the first entry counts.
    let sorted = entries.map(|(source, ranges)| {
        let mut ranges = ranges.clone();
        if let Some(ranges) = &mut ranges {
            ranges.sort_unstable();
        }
        (*source, ranges)
    });
    Some(sorted.collect())
}

fn may_use(allowed: &Allowed, segment: &Segment) -> bool {
    match allowed.get(&segment.source) {
        None => false,
        Some(None) => true,
        Some(Some(ranges)) => {
            // Ranges may touch: walk over those that go on where the last one ended.
            let mut next = segment.area.start();
            for range in ranges {
                if range.start() <= next && next < range.end() {
                    next = range.end();
                }
            }
            next >= segment.area.end()
        }
    }
}

pub(crate) fn companions(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    let name_of = |source: usize| problem.sources()[source].name.clone();
    let of_legs: BTreeSet<usize> = allocation
        .legs
        .iter()
        .flatten()
        .map(|segment| segment.source)
        .collect();
    if let Some(metadata) = request.metadata {
        let mut taken = BTreeSet::new();
        for (leg, piece) in allocation.metadata.iter().enumerate() {
            match metadata.place {
                Place::Front => {
                    let first = allocation.legs[leg][0];
                    let free = &problem.sources()[piece.source].free;
                    let whole = Area::between(piece.area.start(), first.area.end());
                    let in_one_area = whole.is_some_and(|whole| free.contains(whole));
                    let in_front =
                        piece.source == first.source && piece.area.end() == first.area.start();
                    if !in_front || !in_one_area {
                        violations.push(Violation::MetadataNotInFront {
                            request: request.name.clone(),
                            leg,
                        });
                    }
                }
                Place::OwnSource => {
                    if of_legs.contains(&piece.source) || !taken.insert(piece.source) {
                        violations.push(Violation::NotOwnSource {
                            request: request.name.clone(),
                            piece: Piece::Metadata(leg),
                            source: name_of(piece.source),
                        });
                    }
                }
                Place::AnySource => {}
            }
        }
    }
    if let Some(log) = request.log {
        let mut taken = BTreeSet::new();
        for (index, piece) in allocation.logs.iter().enumerate() {
            if log.place == Place::OwnSource && of_legs.contains(&piece.source) {
                violations.push(Violation::NotOwnSource {
                    request: request.name.clone(),
                    piece: Piece::Log(index),
                    source: name_of(piece.source),
                });
            }
            if !taken.insert(piece.source) && request.separation() != Separation::None {
                violations.push(Violation::LogsTogether {
                    request: request.name.clone(),
                    source: name_of(piece.source),
                });
            }
        }
    }
}

pub(crate) fn policy(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let previous: &[Segment] = request.grows.as_ref().map_or(&[], |legs| &legs[leg]);
        match request.policy {
            Policy::Normal | Policy::Anywhere => {}
            Policy::Contiguous => {
                let is_run = segments.windows(2).all(|pair| {
                    pair[0].source == pair[1].source && pair[0].area.end() == pair[1].area.start()
                });
                let goes_on = previous.last().is_none_or(|last| {
                    last.source == segments[0].source && last.area.end() == segments[0].area.start()
                });
                if !is_run || !goes_on {
                    violations.push(Violation::NotContiguous {
                        request: request.name.clone(),
                        leg,
                    });
                }
            }
            Policy::Cling => {
                let home: BTreeSet<usize> = if previous.is_empty() {
                    BTreeSet::from([segments[0].source])
                } else {
                    previous.iter().map(|segment| segment.source).collect()
                };
                if let Some(stray) = segments.iter().find(|s| !home.contains(&s.source)) {
                    violations.push(Violation::NotClinging {
                        request: request.name.clone(),
                        leg,
                        source: problem.sources()[stray.source].name.clone(),
                    });
                }
            }
            Policy::ClingByTags => {
                let mut home: BTreeSet<usize> = previous.iter().map(|s| s.source).collect();
                if home.is_empty() {
                    home.insert(segments[0].source);
                }
                let mut outside: BTreeSet<usize> = segments.iter().map(|s| s.source).collect();
                outside.retain(|source| !home.contains(source));
                // Take in whatever hangs on to what is in, until nothing more does.
                let counted = |source: usize| {
                    let tags = problem.sources()[source].tags.iter();
                    tags.filter(|tag| request.cling_tags.contains(*tag))
                };
                let mut with_tag: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
                for &source in &outside {
                    for tag in counted(source) {
                        with_tag.entry(tag).or_default().push(source);
                    }
                }
                let mut open: Vec<usize> = home.into_iter().collect();
                while let Some(held) = open.pop() {
                    for source in counted(held)
                        .filter_map(|tag| with_tag.remove(tag))
                        .flatten()
                    {
                        if outside.remove(&source) {
                            open.push(source);
                        }
                    }
                }
                if let Some(&stray) = outside.first() {
                    violations.push(Violation::NotClinging {
                        request: request.name.clone(),
                        leg,
                        source: problem.sources()[stray].name.clone(),
                    });
                }
            }
        }
    }
}
