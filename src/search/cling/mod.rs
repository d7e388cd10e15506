//! One request under policy cling, where each leg stays on one source, or on those that it has: which sources
//! they are is all there is to choose.

pub(crate) mod by_tags;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{
    Allocation, Answer, Area, Areas, Conflict, Cuts, Method, Plan, Policy, Problem, Proof, Request,
    Segment, Separation, Size, StopReason, check,
};
use crate::search::companions;
use crate::search::verdict::{self, Lower};
use crate::search::wrap_around::layout::front;

/// Plans one request under policy cling, or `None` if the problem is something else.
///
/// A leg on a source takes its longest areas, which are as few as any that hold it; sources that need
/// fewest come first. So the sum is least where each leg is cut by itself.
pub(crate) fn plan(problem: &Problem) -> Option<Answer> {
    let [request] = problem.requests() else {
        return None;
    };
    if !takes(request) {
        return None;
    }
    let homes = match &request.grows {
        None => new_homes(problem, request),
        Some(grown) => own_homes(problem, request, grown)?,
    };
    let Some(homes) = homes else {
        // One node for each source: whether it can hold a leg.
        let nodes = problem.sources().len() as u64;
        let why = Conflict::Exhausted { nodes };
        return Some(Answer::Impossible { why });
    };
    let lower = lower(request, &homes);
    let mut allocation = Allocation::default();
    for home in homes {
        allocation.metadata.extend(home.metadata);
        allocation.legs.push(home.segments);
    }
    let plan = Plan {
        allocations: vec![Some(allocation)],
    };
    let plan = companions::place(problem, plan).filter(|plan| check(problem, plan).is_empty());
    Some(match plan {
        Some(plan) => verdict::judge(problem, plan, &lower, Method::Construction, Proof::BoundMet),
        None => verdict::unknown(StopReason::MethodEnds),
    })
}

fn takes(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _, cuts: _,
        partition_by_tags, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid, value } = request;
    *policy == Policy::Cling
        && (request.separation() != Separation::None || request.legs() == 1)
        && value.is_none()
        && matches!(size, Size::Exactly(_))
        && avoid.is_empty()
        && partition_by_tags.is_empty()
}

/// Where a leg goes, all of it.
struct Home {
    metadata: Option<Segment>,
    segments: Vec<Segment>,
    /// The fewest areas that hold the leg there.
    areas: u64,
    /// The fewest sources.
    sources: u64,
}

/// A source for each leg, those that need the fewest areas; `None` if too few can hold one.
fn new_homes(problem: &Problem, request: &Request) -> Option<Vec<Home>> {
    let offers = problem.offered(request);
    let homes = offers
        .iter()
        .filter_map(|(source, areas)| home(*source, areas, request));
    let mut homes: Vec<Home> = homes.collect();
    homes.sort_by_key(|home| home.areas);
    homes.truncate(request.legs());
    (homes.len() == request.legs()).then_some(homes)
}

/// The longest areas of a source that hold a leg, if they do; the metadata in front of the first.
fn home(source: usize, areas: &Areas, request: &Request) -> Option<Home> {
    let metadata = request.front_extents();
    let longest = longest_first(areas.iter());
    let first = longest.first().filter(|area| area.count() > metadata)?;
    let needed = metadata.checked_add(request.leg_extents())?;
    if areas.total() < needed {
        return None;
    }
    let mut rest = longest.clone();
    let piece = (metadata > 0).then(|| {
        let (piece, behind) = first.split(metadata);
        rest.splice(0..1, behind);
        Segment {
            source,
            area: piece,
        }
    });
    let segments = front(source, &rest, request.leg_extents());
    Some(Home {
        metadata: piece,
        areas: segments.len() as u64,
        sources: 1,
        segments,
    })
}

/// What each leg that there is gets more, on the sources that it has.
///
/// The outer `None`: legs share sources, so that one's gain is another's loss. The inner: a leg has too
/// little room.
fn own_homes(
    problem: &Problem,
    request: &Request,
    grown: &[Vec<Segment>],
) -> Option<Option<Vec<Home>>> {
    if request.metadata.is_some() {
        return None;
    }
    let own: Vec<BTreeSet<usize>> = grown
        .iter()
        .map(|leg| leg.iter().map(|segment| segment.source).collect())
        .collect();
    let all: BTreeSet<usize> = own.iter().flatten().copied().collect();
    if own.iter().map(BTreeSet::len).sum::<usize>() > all.len() {
        return None;
    }
    let offers = problem.offered(request);
    let mut homes = Vec::new();
    for (own, leg) in own.iter().zip(grown) {
        let open = offers.iter().filter(|(source, _)| own.contains(source));
        let pieces = open.flat_map(|(source, areas)| areas.iter().map(|area| (*source, area)));
        let mut pieces: Vec<(usize, Area)> = pieces.collect();
        pieces.sort_by_key(|(source, area)| (Reverse(area.count()), *source, area.start()));
        let mut missing = request.leg_extents();
        let mut segments = Vec::new();
        for (source, area) in pieces {
            let part = front(source, &[area], missing);
            missing -= part.iter().map(|one| one.area.count()).sum::<u64>();
            segments.extend(part);
        }
        if missing > 0 {
            return Some(None);
        }
        let fewest = segments.len() as u64;
        // The piece that goes on where the leg ended comes first, and costs nothing.
        let goes_on = leg.last().and_then(|last| {
            let next =
                |one: &Segment| one.source == last.source && one.area.start() == last.area.end();
            segments.iter().position(next)
        });
        if let Some(index) = goes_on {
            segments[..=index].rotate_right(1);
        }
        homes.push(Home {
            metadata: None,
            // Another choice of areas may go on where this one does not.
            areas: fewest.saturating_sub(1),
            sources: 0,
            segments,
        });
    }
    Some(Some(homes))
}

fn longest_first(areas: impl Iterator<Item = Area>) -> Vec<Area> {
    let mut areas: Vec<Area> = areas.collect();
    areas.sort_by_key(|area| (Reverse(area.count()), area.start()));
    areas
}

/// Where legs are cut together there are as many intervals as any leg has areas.
fn lower(request: &Request, homes: &[Home]) -> Lower {
    let areas = homes.iter().map(|home| home.areas);
    let sources = homes.iter().map(|home| home.sources).sum();
    let segments = match request.cuts {
        Cuts::Apart => areas.sum(),
        Cuts::Together => areas.max().unwrap_or(0),
    };
    Lower {
        segments,
        sources,
        sources_with_least_segments: sources,
        segments_with_least_sources: segments,
        ..Lower::default()
    }
}
