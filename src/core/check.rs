//! Whether a plan is right: every rule said once more, without a line of any solver.
//!
//! The rules are read off the problem as it was asked, with plain loops, so that a mistake in a
//! solver cannot be repeated here by sharing its helpers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::core::{
    Allocation, Area, Place, Plan, Policy, Problem, Request, Segment, Separation, Size,
};

/// Part of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// A leg, by index.
    Leg(usize),
    /// The metadata of a leg, by index of the leg.
    Metadata(usize),
    /// A log area, by index.
    Log(usize),
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Leg(leg) => write!(f, "leg {leg}"),
            Piece::Metadata(leg) => write!(f, "metadata of leg {leg}"),
            Piece::Log(log) => write!(f, "log {log}"),
        }
    }
}

/// A rule that a plan breaks. Requests and sources are given by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The plan has not one entry per request.
    OtherRequests {
        /// Requests of the problem.
        expected: usize,
        /// Entries of the plan.
        found: usize,
    },
    /// A request that is not optional is left out.
    LeftOut {
        /// The request.
        request: String,
    },
    /// Not as many legs, metadata pieces or logs as asked for.
    OtherCount {
        /// The request.
        request: String,
        /// What is counted: `legs`, `metadata` or `logs`.
        what: &'static str,
        /// How many there have to be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A leg or companion has too few or too many extents.
    OtherLength {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// Extents that it has to have.
        expected: u64,
        /// Extents that it has.
        found: u64,
    },
    /// A segment on a source that there is not.
    UnknownSource {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The index.
        source: usize,
    },
    /// A segment that is not inside one free area.
    NotFree {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// A segment outside the sources and ranges that the request may use.
    NotAllowed {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// Two pieces take the same extents.
    Overlap {
        /// The source.
        source: String,
        /// Extents that are taken twice.
        area: Area,
        /// First taker: request and piece.
        first: (String, Piece),
        /// Second taker.
        second: (String, Piece),
    },
    /// Metadata that is not directly in front of its leg, in the same free area.
    MetadataNotInFront {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
    },
    /// A companion that has to have a source for itself has not.
    NotOwnSource {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
    },
    /// Two logs on one source.
    LogsTogether {
        /// The request.
        request: String,
        /// The source.
        source: String,
    },
    /// A leg that is not contiguous, or does not go on where it ended.
    NotContiguous {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
    },
    /// A leg on a source that it must not move to.
    NotClinging {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
        /// The source.
        source: String,
    },
    /// Two legs on one source at the same offset.
    SameSourceAtOffset {
        /// The request.
        request: String,
        /// The source.
        source: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
        /// First offset at which they meet.
        offset: u64,
    },
    /// Two legs on one source, at whatever offsets.
    SameSource {
        /// The request.
        request: String,
        /// The source.
        source: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
    },
    /// Two legs on sources that share a tag of the partition.
    SharedTag {
        /// The request.
        request: String,
        /// The tag.
        tag: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A leg on a source that is to be avoided at that offset.
    Avoided {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
        /// The source.
        source: String,
        /// First offset at which it is there.
        offset: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::OtherRequests { expected, found } => write!(
                f,
                "the plan has {found} allocations for {expected} requests"
            ),
            Violation::LeftOut { request } => {
                write!(
                    f,
                    "request `{request}` is not allocated, and it is not optional"
                )
            }
            Violation::OtherCount {
                request,
                what,
                expected,
                found,
            } => write!(
                f,
                "request `{request}`: {found} {what} instead of {expected}"
            ),
            Violation::OtherLength {
                request,
                piece,
                expected,
                found,
            } => write!(
                f,
                "request `{request}`, {piece}: {found} extents instead of {expected}"
            ),
            Violation::UnknownSource {
                request,
                piece,
                source,
            } => write!(
                f,
                "request `{request}`, {piece}: there is no source number {source}"
            ),
            Violation::NotFree {
                request,
                piece,
                source,
                area,
            } => write!(
                f,
                "request `{request}`, {piece}: extents {area} of source `{source}` are not inside \
                 one free area"
            ),
            Violation::NotAllowed {
                request,
                piece,
                source,
                area,
            } => write!(
                f,
                "request `{request}`, {piece}: extents {area} of source `{source}` are not among \
                 those that it may use"
            ),
            Violation::Overlap {
                source,
                area,
                first,
                second,
            } => write!(
                f,
                "extents {area} of source `{source}` are taken twice: by request `{}`, {}, and by \
                 request `{}`, {}",
                first.0, first.1, second.0, second.1
            ),
            Violation::MetadataNotInFront { request, leg } => write!(
                f,
                "request `{request}`, metadata of leg {leg}: not directly in front of the leg in \
                 the same free area"
            ),
            Violation::NotOwnSource {
                request,
                piece,
                source,
            } => write!(
                f,
                "request `{request}`, {piece}: source `{source}` is not its own"
            ),
            Violation::LogsTogether { request, source } => {
                write!(f, "request `{request}`: two logs on source `{source}`")
            }
            Violation::NotContiguous { request, leg } => {
                write!(f, "request `{request}`, leg {leg}: not contiguous")
            }
            Violation::NotClinging {
                request,
                leg,
                source,
            } => write!(
                f,
                "request `{request}`, leg {leg}: does not cling, but moves to source `{source}`"
            ),
            Violation::SameSourceAtOffset {
                request,
                source,
                first,
                second,
                offset,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on source `{source}` at \
                 offset {offset}"
            ),
            Violation::SameSource {
                request,
                source,
                first,
                second,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on source `{source}`"
            ),
            Violation::SharedTag {
                request,
                tag,
                first,
                second,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on sources tagged `{tag}`"
            ),
            Violation::Avoided {
                request,
                leg,
                source,
                offset,
            } => write!(
                f,
                "request `{request}`, leg {leg}: on source `{source}` at offset {offset}, where it \
                 is to be avoided"
            ),
        }
    }
}

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
    for (piece, segment) in pieces(allocation) {
        let Some(source) = problem.sources().get(segment.source) else {
            violations.push(Violation::UnknownSource {
                request: request.name.clone(),
                piece,
                source: segment.source,
            });
            continue;
        };
        if !source.free.iter().any(|free| free.contains(segment.area)) {
            violations.push(Violation::NotFree {
                request: request.name.clone(),
                piece,
                source: source.name.clone(),
                area: segment.area,
            });
        }
        if !may_use(request, segment) {
            violations.push(Violation::NotAllowed {
                request: request.name.clone(),
                piece,
                source: source.name.clone(),
                area: segment.area,
            });
        }
    }
}

fn may_use(request: &Request, segment: &Segment) -> bool {
    let Some(allowed) = &request.allowed else {
        return true;
    };
    let entry = allowed.iter().find(|(source, _)| *source == segment.source);
    match entry {
        None => false,
        Some((_, None)) => true,
        Some((_, Some(ranges))) => {
            let mut ranges = ranges.clone();
            ranges.sort_unstable();
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
                    let in_one_area =
                        whole.is_some_and(|whole| free.iter().any(|area| area.contains(whole)));
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
                while let Some(&next) = outside.iter().find(|&&source| {
                    home.iter().any(|&held| {
                        request.cling_tags.iter().any(|tag| {
                            problem.sources()[source].tags.contains(tag)
                                && problem.sources()[held].tags.contains(tag)
                        })
                    })
                }) {
                    outside.remove(&next);
                    home.insert(next);
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
    for tag in &request.partition_by_tags {
        let tagged = |source: usize| problem.sources()[source].tags.contains(tag);
        let mut new = BTreeSet::new();
        for (leg, segments) in allocation.legs.iter().enumerate() {
            if segments.iter().any(|segment| tagged(segment.source)) {
                new.insert(leg);
            }
        }
        for (leg, piece) in allocation.metadata.iter().enumerate() {
            if tagged(piece.source) {
                new.insert(leg);
            }
        }
        let mut all = new.clone();
        for (leg, segments) in request.grows.iter().flatten().enumerate() {
            if segments.iter().any(|segment| tagged(segment.source)) {
                all.insert(leg);
            }
        }
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
