//! Batches in which every leg is one area: bounds, best fit, bin completion.
//!
//! A leg with the metadata in front of it is one piece that must not break, an area of a source is a
//! bin, and a source takes at most one piece of a request whose legs keep apart (two contiguous legs
//! share every offset, so separation `segment` and `leg` ask for the same). That is bin packing with
//! bins of different sizes and conflicts.

pub(crate) mod batch;
pub(crate) mod best_fit;
pub(crate) mod bin_completion;
pub(crate) mod bounds;
pub(crate) mod pattern_bound;
mod whole;

use crate::core::{
    Allocation, Answer, Area, Conflict, Method, Plan, Policy, Problem, Proof, Segment, Separation,
    Size, StopReason, check, cost,
};
use crate::core::{Limits, Request};
use crate::search::bin_packing::batch::{Batch, Packing};
use crate::search::companions;
use crate::search::verdict;

/// Plans a batch of contiguous requests, or `None` if the problem is not one that this file can take.
pub(crate) fn plan(problem: &Problem, limits: &Limits<'_>) -> Option<Answer> {
    let forced = forced(problem)?;
    let Some(forced) = forced else {
        // A leg that grows has one place to go on, and one of these is taken.
        return Some(Answer::Impossible {
            why: Conflict::Exhausted { nodes: 1 },
        });
    };
    let batch = Batch::of(problem, &forced, limits)?;
    let Some(counted) = bounds::places_by_length(&batch, limits) else {
        return Some(verdict::unknown(limits.ran_out()));
    };
    if let Some(why) = bounds::room(problem, &batch, &counted) {
        return Some(Answer::Impossible { why });
    }
    let finish = |packing: Packing, method, proof| {
        let mut lower = bound(problem);
        let mut packings = vec![packing];
        if whole::is_asked(problem)
            && let Some(whole) = whole::fewest_left(problem, &batch, &forced, limits)
        {
            lower.fragments = whole.least;
            packings.extend(whole.packing);
        }
        let plans = packings.iter();
        let plans = plans.filter_map(|packing| decode(problem, &batch, &forced, packing));
        let plans = plans.filter(|plan| check(problem, plan).is_empty());
        let plan = plans.min_by_key(|plan| cost(problem, plan))?;
        Some(verdict::judge(problem, plan, &lower, method, proof))
    };
    let slack: Vec<(u64, u64)> = counted
        .iter()
        // Fewer places than pieces is left to the exact packing where no certificate could say it.
        .map(|counted| {
            (
                counted.length,
                counted.places.saturating_sub(counted.pieces),
            )
        })
        .collect();
    let packing = best_fit::best_fit(&batch, &best_fit::none(&batch))
        .ok()
        .or_else(|| best_fit::sparing_fit(&batch, &slack));
    if let Some(packing) = packing {
        let answer = finish(packing, Method::Construction, Proof::BoundMet);
        return Some(answer.unwrap_or_else(|| verdict::unknown(StopReason::MethodEnds)));
    }
    if let Some(why) = bounds::units(problem, &batch, limits) {
        return Some(Answer::Impossible { why });
    }
    if let Some(why) = pattern_bound::refute(problem, &batch, limits) {
        return Some(Answer::Impossible { why });
    }
    let answer = match bin_completion::complete(&batch, limits) {
        bin_completion::Outcome::Packed(packing) => {
            finish(packing, Method::Search, Proof::BoundMet)
                .unwrap_or_else(|| verdict::unknown(StopReason::MethodEnds))
        }
        bin_completion::Outcome::NoPacking { nodes } => Answer::Impossible {
            why: Conflict::Exhausted { nodes },
        },
        bin_completion::Outcome::Stopped(stopped) => verdict::unknown(stopped),
    };
    Some(answer)
}

/// Segments and sources of every plan, where they are the same for all: a leg is one segment, or none
/// if it goes on where it ended, and legs that keep apart touch one source each.
fn bound(problem: &Problem) -> verdict::Lower {
    let segments = problem
        .requests()
        .iter()
        .map(|request| match request.grows {
            Some(_) => 0,
            None => match request.cuts {
                crate::core::Cuts::Apart => request.legs() as u64,
                crate::core::Cuts::Together => 1,
            },
        });
    let sources = problem.requests().iter().map(|request| {
        if request.separation() == Separation::None {
            1
        } else {
            request.legs() as u64
        }
    });
    verdict::Lower {
        segments: segments.sum(),
        sources: sources.sum(),
        ..verdict::Lower::default()
    }
}

/// Per request the segments of its legs that have no choice because they grow; the inner `None` says
/// that one of them cannot be had, the outer that the problem is none for this file.
#[allow(
    clippy::option_option,
    reason = "not ours, no plan, and the forced segments are three different answers"
)]
fn forced(problem: &Problem) -> Option<Option<Vec<Option<Vec<Segment>>>>> {
    let mut forced = Vec::new();
    for request in problem.requests() {
        // Every field is named, so that whoever adds one is led here: is it one of these with it?
        #[rustfmt::skip]
        let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _,
            cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid: _, value } = request;
        let takes =
            *policy == Policy::Contiguous && value.is_none() && matches!(size, Size::Exactly(_));
        if !takes {
            return None;
        }
        let Some(previous) = &request.grows else {
            forced.push(None);
            continue;
        };
        if request.metadata.is_some() {
            return None;
        }
        let offered = problem.offered(request);
        let mut segments = Vec::new();
        for leg in previous {
            let last = leg.last()?;
            let wanted = Area::new(last.area.end(), request.leg_extents());
            let areas = offered.iter().find(|(source, _)| *source == last.source);
            let found = wanted.filter(|&area| areas.is_some_and(|(_, free)| free.contains(area)));
            match found {
                Some(area) => segments.push(Segment {
                    source: last.source,
                    area,
                }),
                None => return Some(None),
            }
        }
        forced.push(Some(segments));
    }
    Some(Some(forced))
}

/// The plan that a packing describes; pieces lie one behind the other from the start of their bin.
fn decode(
    problem: &Problem,
    batch: &Batch,
    forced: &[Option<Vec<Segment>>],
    packing: &Packing,
) -> Option<Plan> {
    let mut next: Vec<u64> = batch.bins.iter().map(|bin| bin.area.start()).collect();
    let mut allocations: Vec<Option<Allocation>> = forced
        .iter()
        .map(|segments| {
            segments.as_ref().map(|segments| Allocation {
                legs: segments.iter().map(|segment| vec![*segment]).collect(),
                ..Allocation::default()
            })
        })
        .collect();
    for (class, bins) in batch.classes.iter().zip(packing) {
        let front = problem.requests()[class.request].front_extents();
        let mut allocation = Allocation::default();
        for &bin in bins {
            let source = batch.bins[bin].source;
            let start = next[bin];
            next[bin] += class.length;
            if front > 0 {
                let area = Area::new(start, front)?;
                allocation.metadata.push(Segment { source, area });
            }
            let area = Area::new(start + front, class.length - front)?;
            allocation.legs.push(vec![Segment { source, area }]);
        }
        allocations[class.request] = Some(allocation);
    }
    companions::place(problem, Plan { allocations })
}
