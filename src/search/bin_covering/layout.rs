//! From items shared out among the legs to a plan.

use std::cmp::Reverse;

use crate::core::{Allocation, Area, Plan, Problem, Request, Segment};
use crate::search::bin_covering::covering::Covering;
use crate::search::companions;
use crate::search::tradeoff::Selection;

/// The plan in which each leg takes areas of its items, as few as give it enough.
pub(crate) fn layout(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    selection: &Selection,
    legs: &[Vec<usize>],
) -> Option<Plan> {
    let mut allocation = Allocation::default();
    for items in legs {
        let mut areas: Vec<(usize, Area)> = items
            .iter()
            .flat_map(|&item| &covering.items[item].gains[..selection[item]])
            .flat_map(|gain| gain.areas.iter().copied())
            .collect();
        areas.sort_by_key(|&(source, area)| (Reverse(area.count()), source, area));
        let mut left = covering.needed;
        let mut taken: Vec<Segment> = Vec::new();
        for (source, area) in areas {
            if left == 0 {
                break;
            }
            let (front, _) = area.split(area.count().min(left));
            left -= front.count();
            taken.push(Segment {
                source,
                area: front,
            });
        }
        if left > 0 {
            return None;
        }
        // The longest comes first and has the metadata in front; the others follow by source.
        taken[1..].sort_by_key(|segment| (segment.source, segment.area));
        let front = request.front_extents();
        if front > 0 {
            let first = taken[0];
            let (metadata, data) = first.area.split(front.min(first.area.count()));
            taken[0].area = data?;
            allocation.metadata.push(Segment {
                source: first.source,
                area: metadata,
            });
        }
        allocation.legs.push(taken);
    }
    let plan = Plan {
        allocations: vec![Some(allocation)],
    };
    companions::place(problem, plan)
}

/// The gains that legs with these items take: of each leg those that give most, until it has enough.
pub(crate) fn selected(covering: &Covering, legs: &[Vec<usize>]) -> Selection {
    let mut selection = vec![0; covering.items.len()];
    for items in legs {
        let of_item = |&item: &usize| {
            let gains = covering.items[item].gains.iter();
            gains.map(move |gain| (Reverse(gain.extents), item))
        };
        let mut gains: Vec<(Reverse<u64>, usize)> = items.iter().flat_map(of_item).collect();
        gains.sort_unstable();
        let mut held = 0;
        for (Reverse(extents), item) in gains {
            if held >= covering.needed {
                break;
            }
            held += extents;
            selection[item] += 1;
        }
    }
    selection
}
