//! Metadata and logs that lie apart from the legs, placed once the legs are.
//!
//! Each piece goes to the shortest area that holds it. What that breaks is for the checker to say:
//! legs planned without their companions may have to make room for them, which is not done here.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{Allocation, Area, Areas, Place, Plan, Problem, Request, Segment, Separation};

/// The plan with all companions that its legs lack, or `None` if one finds no place.
///
/// Metadata in front of a leg is the business of whoever places the leg.
pub(crate) fn place(problem: &Problem, mut plan: Plan) -> Option<Plan> {
    let lacks = |request: &Request| {
        request.log.is_some()
            || request
                .metadata
                .is_some_and(|metadata| metadata.place != Place::Front)
    };
    if !problem.requests().iter().any(lacks) {
        return Some(plan);
    }
    let mut taken: Vec<Vec<Area>> = vec![Vec::new(); problem.sources().len()];
    for segment in plan.segments() {
        taken[segment.source].push(segment.area);
    }
    for (request, allocation) in problem.requests().iter().zip(&mut plan.allocations) {
        if let Some(allocation) = allocation {
            place_metadata(problem, request, allocation, &mut taken)?;
            place_logs(problem, request, allocation, &mut taken)?;
        }
    }
    Some(plan)
}

/// Metadata pieces that have a source of their own, or any.
fn place_metadata(
    problem: &Problem,
    request: &Request,
    allocation: &mut Allocation,
    taken: &mut [Vec<Area>],
) -> Option<()> {
    let Some(metadata) = request
        .metadata
        .filter(|metadata| metadata.place != Place::Front)
    else {
        return Some(());
    };
    let mut used = BTreeSet::new();
    for leg in 0..allocation.legs.len() {
        let own: BTreeSet<usize> = sources_of(&allocation.legs[leg..=leg]);
        let all = sources_of(&allocation.legs);
        let may_use = |source: usize| match metadata.place {
            Place::OwnSource => !all.contains(&source) && !used.contains(&source),
            Place::Front | Place::AnySource => match request.separation() {
                Separation::Segment | Separation::None => true,
                Separation::Leg => {
                    own.contains(&source) || (!all.contains(&source) && !used.contains(&source))
                }
            },
        };
        // Next to its leg, where it may be: that never breaks a partition.
        let prefers = |source: usize| !own.contains(&source);
        let piece = shortest(problem, request, metadata.extents, taken, may_use, prefers)?;
        used.insert(piece.source);
        taken[piece.source].push(piece.area);
        allocation.metadata.push(piece);
    }
    Some(())
}

fn place_logs(
    problem: &Problem,
    request: &Request,
    allocation: &mut Allocation,
    taken: &mut [Vec<Area>],
) -> Option<()> {
    let Some(log) = request.log else {
        return Some(());
    };
    let legs = sources_of(&allocation.legs);
    let mut used = BTreeSet::new();
    for _ in 0..log.count {
        let may_use = |source: usize| {
            let is_own = log.place != Place::OwnSource || !legs.contains(&source);
            is_own && (request.separation() == Separation::None || !used.contains(&source))
        };
        let piece = shortest(problem, request, log.extents, taken, may_use, |_| false)?;
        used.insert(piece.source);
        taken[piece.source].push(piece.area);
        allocation.logs.push(piece);
    }
    Some(())
}

fn sources_of(legs: &[Vec<Segment>]) -> BTreeSet<usize> {
    legs.iter()
        .flatten()
        .map(|segment| segment.source)
        .collect()
}

/// The last `extents` of the shortest area that has as many, on a source that may be used; those for
/// which `is_second_choice` is false come first.
fn shortest(
    problem: &Problem,
    request: &Request,
    extents: u64,
    taken: &[Vec<Area>],
    may_use: impl Fn(usize) -> bool,
    is_second_choice: impl Fn(usize) -> bool,
) -> Option<Segment> {
    let mut best = None;
    for (source, areas) in problem.offered(request) {
        if !may_use(source) {
            continue;
        }
        let taken: Areas = taken[source].iter().copied().collect();
        for area in areas.difference(&taken).iter() {
            if area.count() >= extents {
                let key = (
                    is_second_choice(source),
                    area.count(),
                    source,
                    Reverse(area),
                );
                best = best.max(Some(Reverse(key)));
            }
        }
    }
    let Reverse((_, _, source, Reverse(area))) = best?;
    let area = Area::between(area.end() - extents, area.end())?;
    Some(Segment { source, area })
}
