//! Several requests whose legs keep apart by source, together: on as few sources as possible.
//!
//! Each leg is on one source at least, so there are at least as many pieces as legs. Legs that cannot all
//! lie whole cost a piece for every time that two sources have to be filled as if they were one: a plan
//! with the fewest pieces has no cycle of legs and sources that share pieces, and a tree has one node
//! more than edges. So the question is how many sources have to be merged before all legs fit whole.

pub(crate) mod construct;
pub(crate) mod exchange;
pub(crate) mod instance;
pub(crate) mod merge;
pub(crate) mod place;
pub(crate) mod share;

use crate::core::{
    Answer, Cuts, Limits, Measure, Method, Place, Plan, Policy, Problem, Proof, Request,
    Separation, Size, StopReason, check, cost,
};
use crate::search::joint::instance::{Joint, Packing};
use crate::search::joint::merge::Merged;
use crate::search::verdict::{self, Lower};
use crate::search::wrap_around::flow::{Shares, share};

/// Requests and sources beyond which the table of who uses what is too large.
const MOST_PAIRS: usize = 1 << 28;

/// Legs up to which the exact search comes first.
const FEW_LEGS: usize = 24;

/// Plans several requests at once, or `None` if the problem is something else.
pub(crate) fn plan(problem: &Problem, limits: &Limits<'_>) -> Option<Answer> {
    let requests = problem.requests();
    if requests.len() < 2 || !requests.iter().all(takes) {
        return None;
    }
    if requests.len().saturating_mul(problem.sources().len()) > MOST_PAIRS {
        return None;
    }
    let joint = Joint::of(problem);
    let mut least = joint.least_pieces();
    let mut best: Option<Packing> = construct::several(&joint, limits);
    if problem.objective().first() == Some(&Measure::Sources) {
        // What is small is soon searched to the end; else exchanges may find what no search has to.
        if joint.legs.len() <= FEW_LEGS {
            prove(&joint, &mut best, &mut least, limits);
        }
        if !is_met(&best, least) {
            best = exchange::fewer(&joint, best, least, limits);
            prove(&joint, &mut best, &mut least, limits);
        }
    }
    let lower = Lower {
        segments: least,
        sources: least,
        sources_with_least_segments: least,
        segments_with_least_sources: least,
        ..Lower::default()
    };
    let plan = best.and_then(|packing| place::placed(problem, &joint, &packing));
    let plan = plan.map(|allocations| Plan { allocations });
    let plan = plan.filter(|plan| check(problem, plan).is_empty());
    Some(match plan {
        Some(plan) => {
            let proof = if cost(problem, &plan).0 == [joint.least_pieces()] {
                Proof::BoundMet
            } else {
                Proof::Exhausted
            };
            verdict::judge(problem, plan, &lower, Method::Search, proof)
        }
        None => match share(problem, limits) {
            // Legs that were cut anywhere would not fit either.
            Shares::Refused(why) => Answer::Impossible { why },
            Shares::Granted(_) | Shares::Unstated | Shares::Stopped => Answer::Unknown {
                bound: verdict::bound(problem, &lower),
                stopped: StopReason::MethodEnds,
            },
        },
    })
}

fn is_met(best: &Option<Packing>, least: u64) -> bool {
    best.as_ref()
        .is_some_and(|best| best.iter().map(|leg| leg.len() as u64).sum::<u64>() <= least)
}

/// Raises the bound, or finds what meets it, until they meet or the search does not end.
fn prove(joint: &Joint, best: &mut Option<Packing>, least: &mut u64, limits: &Limits<'_>) {
    while !is_met(best, *least) {
        match merge::fits(joint, *least, limits) {
            Merged::Fits(packing) => *best = Some(packing),
            Merged::Refuted => *least += 1,
            Merged::Open => return,
        }
    }
}

/// Whether nothing but the separation of its legs, and metadata in front of them, restricts a request.
fn takes(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata, log, policy, separation: _, cuts,
        partition_by_tags, cling_tags: _, cling_sources: _, grows, allowed, area_tags: _, avoid, value } = request;
    let is_whole = |(_, ranges): &(usize, _)| Option::is_none(ranges);
    let is_apart = request.separation() == Separation::Leg && *cuts == Cuts::Apart;
    value.is_none()
        && grows.is_none()
        && log.is_none()
        && avoid.is_empty()
        && partition_by_tags.is_empty()
        && *policy == Policy::Normal
        && matches!(size, Size::Exactly(_))
        && (is_apart || request.legs() == 1)
        && metadata.is_none_or(|metadata| metadata.place == Place::Front)
        && allowed.iter().flatten().all(is_whole)
}
