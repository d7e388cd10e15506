//! What a request asks of a place, worked out once.

use std::collections::BTreeSet;

use crate::core::{Areas, Policy, Problem, Request, Separation, Source};
use crate::search::ruin_and_recreate::room::Room;

/// A request with what its rules come to.
pub(crate) struct Wish<'a> {
    pub(crate) request: &'a Request,
    /// Extents of a leg with the metadata in front of it.
    pub(crate) need: u64,
    /// The sources it may use, each with the extents on it that it may (`None`: all).
    pub(crate) sources: Vec<(usize, Option<Areas>)>,
    /// Whether legs keep off each other's sources.
    pub(crate) is_apart: bool,
    /// By leg the sources of its previous segments.
    pub(crate) previous: Vec<BTreeSet<usize>>,
    /// By source the partition tags that it has; empty if there is no partition.
    pub(crate) tags: Vec<Vec<usize>>,
    /// How many partition tags there are.
    pub(crate) tag_count: usize,
    /// How little choice it has: 0 is the least.
    pub(crate) rank: u32,
}

impl<'a> Wish<'a> {
    pub(crate) fn of(problem: &Problem, request: &'a Request) -> Wish<'a> {
        // Every field is named, so that whoever adds one is led here: what does it ask of a place?
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
            cuts: _, partition_by_tags: _, cling_tags: _, grows: _, allowed: _, avoid: _, value: _ } = request;
        let all = || (0..problem.sources().len()).map(|source| (source, None));
        let sources: Vec<(usize, Option<Areas>)> = match &request.allowed {
            None => all().collect(),
            Some(allowed) => {
                let ranges = |ranges: &Option<Vec<_>>| {
                    let ranges = ranges.as_ref();
                    ranges.map(|ranges| ranges.iter().copied().collect())
                };
                let allowed = allowed.iter();
                allowed.map(|(source, of)| (*source, ranges(of))).collect()
            }
        };
        let tags: Vec<&String> = request.partition_by_tags.iter().collect();
        let tags_of = |source: &Source| {
            let has = tags.iter().enumerate();
            let has = has.filter(|(_, tag)| source.tags.contains(**tag));
            has.map(|(index, _)| index).collect()
        };
        let previous = match &request.grows {
            None => vec![BTreeSet::new(); request.legs()],
            Some(legs) => {
                let legs = legs.iter();
                legs.map(|leg| leg.iter().map(|segment| segment.source).collect())
                    .collect()
            }
        };
        let is_avoided = |source: usize| {
            let mut avoid = request.avoid.iter();
            avoid.any(|avoidance| avoidance.sources.contains(&source))
        };
        let has_partition = !tags.is_empty();
        Wish {
            request,
            need: request.leg_extents() + request.front_extents(),
            // What is avoided for a part of the leg is not used at all.
            sources: sources
                .into_iter()
                .filter(|(source, _)| !is_avoided(*source))
                .collect(),
            is_apart: request.separation() != Separation::None,
            previous,
            tags: if has_partition {
                problem.sources().iter().map(tags_of).collect()
            } else {
                Vec::new()
            },
            tag_count: tags.len(),
            rank: rank(request),
        }
    }

    /// All extents that it takes.
    pub(crate) fn extents(&self) -> u64 {
        self.request.total_extents().unwrap_or(0)
    }

    /// The extents on a source that it may take.
    pub(crate) fn areas(&self, room: &Room, (source, ranges): &(usize, Option<Areas>)) -> Areas {
        let free = room.areas(*source);
        match ranges {
            None => free.clone(),
            Some(ranges) => free.intersection(ranges),
        }
    }

    /// How many extents on a source it may take, and how many in one area.
    pub(crate) fn offer(&self, room: &Room, open: &(usize, Option<Areas>)) -> (u64, u64) {
        match open.1 {
            None => (room.total(open.0), room.longest(open.0)),
            Some(_) => {
                let areas = self.areas(room, open);
                (areas.total(), areas.longest())
            }
        }
    }
}

/// Who has the least choice comes first: legs that go on where they end, legs in one area, legs on one
/// source, legs that keep apart; who can use anything comes last.
fn rank(request: &Request) -> u32 {
    let grows = request.grows.is_some();
    let is_free = request.allowed.is_none() && request.avoid.is_empty();
    match request.policy {
        Policy::Contiguous if grows => 0,
        Policy::Cling if grows => 1,
        Policy::Contiguous => 2,
        Policy::Cling | Policy::ClingByTags => 3,
        Policy::Normal if !request.partition_by_tags.is_empty() => 4,
        Policy::Normal | Policy::Anywhere => {
            let of_legs = match request.separation() {
                Separation::Leg if request.legs() > 1 => 0,
                Separation::Segment if request.legs() > 1 => 2,
                Separation::Leg | Separation::Segment | Separation::None => 4,
            };
            5 + of_legs + u32::from(is_free)
        }
    }
}
