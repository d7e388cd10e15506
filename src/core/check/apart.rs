//! What keeps apart: legs by source and by tag, and all of them from what is to be avoided.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Allocation, Policy, Problem, Request, Segment, Separation, Violation};

pub(crate) fn separation(
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
pub(crate) fn partition(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    violations: &mut Vec<Violation>,
) {
    // Per tag the legs on sources that have it: with what is new, and with all.
    let mut legs_with: BTreeMap<&String, (BTreeSet<usize>, BTreeSet<usize>)> = BTreeMap::new();
    let mut note = |leg: usize, segment: &Segment, is_new: bool| {
        let source = &problem.sources()[segment.source];
        for tag in source.tags_of(segment.area) {
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
        segments.iter().for_each(|segment| note(leg, segment, true));
    }
    for (leg, piece) in allocation.metadata.iter().enumerate() {
        note(leg, piece, true);
    }
    for (leg, segments) in request.grows.iter().flatten().enumerate() {
        segments
            .iter()
            .for_each(|segment| note(leg, segment, false));
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

pub(crate) fn avoidance(
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
