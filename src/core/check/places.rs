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
        let is_listed = allowed
            .as_ref()
            .is_none_or(|allowed| may_use(allowed, segment));
        let mut asked = request.area_tags.iter();
        let is_tagged =
            request.area_tags.is_empty() || asked.any(|tag| source.has_tag(segment.area, tag));
        if !is_listed || !is_tagged {
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
                let (first, last) = (segments[0], segments[segments.len() - 1]);
                let whole = Area::between(first.area.start(), last.area.end());
                let free = &problem.sources()[first.source].free;
                let is_run = whole.is_some_and(|whole| free.contains(whole))
                    && segments.windows(2).all(|pair| {
                        pair[0].source == pair[1].source
                            && pair[0].area.end() == pair[1].area.start()
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
                if let Some(stray) = stray_by_tags(problem, request, previous, segments) {
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

/// The source of a segment that hangs on to nothing that the leg has, over however many tags and segments.
fn stray_by_tags(
    problem: &Problem,
    request: &Request,
    previous: &[Segment],
    segments: &[Segment],
) -> Option<usize> {
    // What a leg lies on, with the tags that count: those of the source, of what is free its own too.
    let of_source = |segment: &Segment| problem.sources()[segment.source].tags.iter().collect();
    let of_area = |segment: &Segment| {
        let source = &problem.sources()[segment.source];
        source.tags_of(segment.area).collect::<Vec<_>>()
    };
    let mut outside: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
    for (index, segment) in segments.iter().enumerate() {
        outside.insert(index, of_area(segment));
    }
    let mut home: Vec<(usize, Vec<&String>)> = previous
        .iter()
        .map(|segment| (segment.source, of_source(segment)))
        .collect();
    if home.is_empty() {
        outside.remove(&0);
        home.push((segments[0].source, of_area(&segments[0])));
    }
    let mut on_source: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut with_tag: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (&index, tags) in &outside {
        on_source
            .entry(segments[index].source)
            .or_default()
            .push(index);
        for &tag in tags.iter().filter(|tag| request.cling_tags.contains(**tag)) {
            with_tag.entry(tag).or_default().push(index);
        }
    }
    // Take in whatever hangs on to what is in, until nothing more does.
    while let Some((source, tags)) = home.pop() {
        let beside = on_source.remove(&source).into_iter().flatten();
        let alike = tags
            .iter()
            .filter_map(|tag| with_tag.remove(*tag))
            .flatten();
        for index in beside.chain(alike.collect::<Vec<_>>()) {
            if let Some(tags) = outside.remove(&index) {
                home.push((segments[index].source, tags));
            }
        }
    }
    outside.keys().next().map(|index| segments[*index].source)
}
