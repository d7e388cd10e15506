//! Whether a plan is right: every rule said once more, without a line of any solver.
//!
//! The rules are read off the problem as it was asked, with plain loops, so that a mistake in a
//! solver cannot be repeated here by sharing its helpers.

use crate::core::{
    Allocation, Area, Piece, Place, Plan, Policy, Problem, Request, Segment, Separation, Size,
    Violation,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is wrong with a plan; nothing if it is right.
///
/// Any plan may be asked about, also one with indices and sums that make no sense.
#[must_use]
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (requests, allocations) = (problem.requests(), &plan.allocations);
    if requests.len() != allocations.len() {
        violations.push(Violation::OtherRequests {
            expected: requests.len(),
            found: allocations.len(),
        });
    }
    for (request, allocation) in requests.iter().zip(allocations) {
        match allocation {
            Some(allocation) => check_request(problem, request, allocation, &mut violations),
            None if request.value.is_none() => violations.push(Violation::LeftOut {
                request: request.name.clone(),
            }),
            None => {}
        }
    }
    overlaps(problem, plan, &mut violations);
    violations
}

/// The rules of one request. Those on where legs lie only make sense once the pieces are there.
fn check_request(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    // Every field is named, so that whoever adds one is led here: which rule checks it?
    #[rustfmt::skip]
    let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
        cuts: _, partition_by_tags: _, cling_tags: _, grows: _, allowed: _, avoid: _, value: _ } = request;
    let before = violations.len();
    counts(request, allocation, violations);
    lengths(request, allocation, violations);
    places(problem, request, allocation, violations);
    if violations.len() > before {
        return;
    }
    companions(problem, request, allocation, violations);
    policy(problem, request, allocation, violations);
    separation(problem, request, allocation, violations);
    partition(problem, request, allocation, violations);
    avoidance(problem, request, allocation, violations);
}

/// Each piece of an allocation with what it is.
fn pieces(allocation: &Allocation) -> impl Iterator<Item = (Piece, &Segment)> {
    let legs = allocation.legs.iter().enumerate();
    let legs = legs.flat_map(|(leg, segments)| segments.iter().map(move |s| (Piece::Leg(leg), s)));
    let metadata = allocation.metadata.iter().enumerate();
    let metadata = metadata.map(|(leg, segment)| (Piece::Metadata(leg), segment));
    let logs = allocation.logs.iter().enumerate();
    let logs = logs.map(|(log, segment)| (Piece::Log(log), segment));
    legs.chain(metadata).chain(logs)
}

fn counts(request: &Request, allocation: &Allocation, violations: &mut Vec<Violation>) {
    let shape = request.shape;
    let legs = shape.stripes * shape.copies + shape.parity;
    let metadata = if request.metadata.is_some() { legs } else { 0 };
    let logs = request.log.map_or(0, |log| log.count);
    for (what, expected, found) in [
        ("legs", legs, allocation.legs.len()),
        ("metadata", metadata, allocation.metadata.len()),
        ("logs", logs, allocation.logs.len()),
    ] {
        let found = found as u64;
        if found != expected {
            violations.push(Violation::OtherCount {
                request: request.name.clone(),
                what,
                expected,
                found,
            });
        }
    }
}

fn lengths(request: &Request, allocation: &Allocation, violations: &mut Vec<Violation>) {
    let mut other = |piece, expected, found| {
        violations.push(Violation::OtherLength {
            request: request.name.clone(),
            piece,
            expected,
            found,
        });
    };
    let stripes = request.shape.stripes;
    // With "at most" the first leg says how long all are, within what was asked for.
    let mut expected = match request.size {
        Size::Exactly(extents) => Some(extents / stripes),
        Size::AtMost(_) => None,
    };
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let found = segments.iter().fold(0u64, |sum, segment| {
            sum.saturating_add(segment.area.count())
        });
        let wanted = match (expected, request.size) {
            (Some(length), _) => length,
            (None, Size::Exactly(extents) | Size::AtMost(extents)) => {
                found.clamp(1, extents / stripes)
            }
        };
        expected = Some(wanted);
        if found != wanted {
            other(Piece::Leg(leg), wanted, found);
        }
    }
    for (piece, segment) in pieces(allocation) {
        let wanted = match piece {
            Piece::Leg(_) => continue,
            Piece::Metadata(_) => request.metadata.map(|metadata| metadata.extents),
            Piece::Log(_) => request.log.map(|log| log.extents),
        };
        if let Some(wanted) = wanted
            && segment.area.count() != wanted
        {
            other(piece, wanted, segment.area.count());
        }
    }
}

/// Known sources, free extents, allowed ranges.
fn places(
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

fn companions(
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

fn policy(
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

fn separation(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    let asked = match request.policy {
        Policy::Anywhere => Separation::None,
        Policy::Contiguous | Policy::Cling | Policy::ClingByTags | Policy::Normal => {
            request.separation
        }
    };
    match asked {
        Separation::None => {}
        Separation::Segment => {
            // Sweep over the offsets per source: two legs may not be there at once.
            let mut on_source: BTreeMap<usize, Vec<(u64, u64, usize)>> = BTreeMap::new();
            for (leg, segments) in allocation.legs.iter().enumerate() {
                let mut offset = 0;
                for segment in segments {
                    let end = offset + segment.area.count();
                    let list = on_source.entry(segment.source).or_default();
                    list.push((offset, end, leg));
                    offset = end;
                }
            }
            for (source, mut stretches) in on_source {
                stretches.sort_unstable();
                let mut reach: Option<(u64, usize)> = None;
                for (offset, end, leg) in stretches {
                    if let Some((behind, first)) = reach
                        && offset < behind
                    {
                        violations.push(Violation::SameSourceAtOffset {
                            request: request.name.clone(),
                            source: problem.sources()[source].name.clone(),
                            first,
                            second: leg,
                            offset,
                        });
                    }
                    if reach.is_none_or(|(behind, _)| end > behind) {
                        reach = Some((end, leg));
                    }
                }
            }
        }
        Separation::Leg => {
            let mut holders: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (leg, segments) in allocation.legs.iter().enumerate() {
                for segment in segments {
                    holders.entry(segment.source).or_default().insert(leg);
                }
            }
            for (leg, piece) in allocation.metadata.iter().enumerate() {
                holders.entry(piece.source).or_default().insert(leg);
            }
            let is_new: BTreeSet<usize> = holders.keys().copied().collect();
            for (leg, segments) in request.grows.iter().flatten().enumerate() {
                for segment in segments {
                    holders.entry(segment.source).or_default().insert(leg);
                }
            }
            // Sources that only previous segments share are not this plan's doing.
            for source in is_new {
                let mut legs = holders[&source].iter();
                if let (Some(&first), Some(&second)) = (legs.next(), legs.next()) {
                    violations.push(Violation::SameSource {
                        request: request.name.clone(),
                        source: problem.sources()[source].name.clone(),
                        first,
                        second,
                    });
                }
            }
        }
    }
}

/// The tag partition, over new extents, metadata and previous segments.
fn partition(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    // Per tag the legs on sources that have it: with what is new, and with all.
    let mut legs_with: BTreeMap<&String, (BTreeSet<usize>, BTreeSet<usize>)> = BTreeMap::new();
    let mut note = |leg: usize, source: usize, is_new: bool| {
        for tag in &problem.sources()[source].tags {
            if request.partition_by_tags.contains(tag) {
                let (new, all) = legs_with.entry(tag).or_default();
                all.insert(leg);
                if is_new {
                    new.insert(leg);
                }
            }
        }
    };
    for (leg, segments) in allocation.legs.iter().enumerate() {
        segments.iter().for_each(|s| note(leg, s.source, true));
    }
    for (leg, piece) in allocation.metadata.iter().enumerate() {
        note(leg, piece.source, true);
    }
    for (leg, segments) in request.grows.iter().flatten().enumerate() {
        segments.iter().for_each(|s| note(leg, s.source, false));
    }
    for (tag, (new, all)) in legs_with {
        let mut legs = all.iter();
        if let (Some(&first), Some(&second)) = (legs.next(), legs.next())
            && !new.is_empty()
        {
            violations.push(Violation::SharedTag {
                request: request.name.clone(),
                tag: tag.clone(),
                first,
                second,
            });
        }
    }
}

fn avoidance(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    for avoidance in &request.avoid {
        for (leg, segments) in allocation.legs.iter().enumerate() {
            let mut offset = 0;
            for segment in segments {
                let end = offset + segment.area.count();
                let meets = offset < avoidance.offsets.end() && avoidance.offsets.start() < end;
                if meets && avoidance.sources.contains(&segment.source) {
                    violations.push(Violation::Avoided {
                        request: request.name.clone(),
                        leg,
                        source: problem.sources()[segment.source].name.clone(),
                        offset: offset.max(avoidance.offsets.start()),
                    });
                }
                offset = end;
            }
        }
    }
}

/// No extent is taken twice, over all requests.
fn overlaps(problem: &Problem, plan: &Plan, violations: &mut Vec<Violation>) {
    let mut taken: BTreeMap<usize, Vec<(Area, usize, Piece)>> = BTreeMap::new();
    for (index, allocation) in plan.allocations.iter().enumerate() {
        for (piece, segment) in allocation.iter().flat_map(pieces) {
            let list = taken.entry(segment.source).or_default();
            list.push((segment.area, index, piece));
        }
    }
    let name_of = |index: usize| {
        let request = problem.requests().get(index);
        request.map_or_else(|| format!("number {index}"), |request| request.name.clone())
    };
    for (source, mut list) in taken {
        let Some(source) = problem.sources().get(source) else {
            continue;
        };
        list.sort_unstable();
        // The entry that reaches furthest so far is the one a later entry can run into.
        let mut furthest: Option<(Area, usize, Piece)> = None;
        for (area, index, piece) in list {
            if let Some((held, holder, held_piece)) = furthest
                && let Some(both) = held.intersection(area)
            {
                violations.push(Violation::Overlap {
                    source: source.name.clone(),
                    area: both,
                    first: (name_of(holder), held_piece),
                    second: (name_of(index), piece),
                });
            }
            if furthest.is_none_or(|(held, _, _)| area.end() > held.end()) {
                furthest = Some((area, index, piece));
            }
        }
    }
}
