//! Requests whose legs keep apart at every offset, or not at all, with cuts apart: mirrors, linear
//! requests, and batches of them.
//!
//! Whether such a batch fits is a flow. How few areas one request needs is greedy, and a layout that
//! needs no more is looked for; where a leg has to break off inside an area, it costs one more.

mod alike;
pub(crate) mod flow;
pub(crate) mod layout;
pub(crate) mod leg_ends;
pub(crate) mod single;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::core::{
    Allocation, Answer, Area, Areas, Cuts, Limits, Method, Plan, Policy, Problem, Proof, Request,
    Segment, Separation, Size, StopReason, check, cost,
};
use crate::search::companions;
use crate::search::effort;
use crate::search::verdict::{self, Lower};
use crate::search::wrap_around::flow::{Share, Shares, share};
use crate::search::wrap_around::layout::{front, wrap_around};
use crate::search::wrap_around::single::single;

/// Plans a problem of such requests, or `None` if it is not one.
pub(crate) fn plan(problem: &Problem, limits: &Limits<'_>) -> Option<Answer> {
    if !problem.requests().iter().all(takes) {
        return None;
    }
    let granted = match share(problem, limits) {
        Shares::Granted(granted) => granted,
        Shares::Refused(why) => return Some(Answer::Impossible { why }),
        Shares::Unstated => return Some(verdict::unknown(StopReason::MethodEnds)),
        Shares::Stopped => return Some(verdict::unknown(limits.ran_out())),
    };
    let share = problem.requests().len() as u64;
    let mut lower = Lower::default();
    let mut alone = Vec::new();
    // Where they are many, sums of all together say more than each by itself.
    let one_by_one = pays_one_by_one(problem, limits);
    for request in problem.requests().iter().filter(|_| one_by_one) {
        if limits.is_over() {
            return Some(verdict::unknown(limits.ran_out()));
        }
        let offers = problem.offered(request);
        let found = single(request, &offers, problem.objective(), share, limits)?;
        lower = lower.and(&found.lower);
        alone.push(allocation(found.legs));
    }
    let candidates = [
        (alone.len() == 1).then_some(Plan { allocations: alone }),
        (one_by_one && problem.requests().len() > 1)
            .then(|| one_after_another(problem, limits))
            .flatten(),
        as_granted(problem, &granted),
    ];
    let plans = candidates.into_iter().flatten();
    let plans = plans.filter_map(|plan| companions::place(problem, plan));
    let best = plans
        .filter(|plan| check(problem, plan).is_empty())
        .min_by_key(|plan| cost(problem, plan));
    Some(match best {
        Some(plan) => {
            let method = Method::Construction;
            verdict::judge(problem, plan, &lower, method, Proof::BoundMet)
        }
        None => verdict::unknown(StopReason::MethodEnds),
    })
}

/// Whether there is the time to look at all areas for each request by itself.
fn pays_one_by_one(problem: &Problem, limits: &Limits<'_>) -> bool {
    /// Looks at an area for one request.
    const LOOKS: u64 = 64;
    let requests = problem.requests().len() as u64;
    let areas = problem
        .sources()
        .iter()
        .map(|source| source.free.iter().count() as u64);
    requests == 1 || requests * LOOKS * areas.sum::<u64>() <= effort::looks(limits)
}

/// Whether the request is one of these.
fn takes(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _, cuts,
        partition_by_tags, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid, value } = request;
    let is_loose = match policy {
        Policy::Normal | Policy::Anywhere => true,
        Policy::Contiguous | Policy::Cling | Policy::ClingByTags => false,
    };
    let keeps_apart_by_offset = match request.separation() {
        Separation::Segment | Separation::None => true,
        Separation::Leg => request.legs() == 1,
    };
    is_loose
        && keeps_apart_by_offset
        && value.is_none()
        && matches!(size, Size::Exactly(_))
        && request.front_extents() == 0
        && avoid.is_empty()
        && (*cuts == Cuts::Apart || request.legs() == 1)
        && (partition_by_tags.is_empty() || request.legs() == 1)
}

/// The largest request first, each as well as what the others left allows.
fn one_after_another(problem: &Problem, limits: &Limits<'_>) -> Option<Plan> {
    let requests = problem.requests();
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_by_key(|&index| (Reverse(requests[index].total_extents()), index));
    let mut taken = vec![Areas::none(); problem.sources().len()];
    let mut allocations = vec![None; requests.len()];
    for index in order {
        if limits.is_over() {
            return None;
        }
        let offered = problem.offered(&requests[index]).into_iter();
        let left: Vec<(usize, Areas)> = offered
            .map(|(source, areas)| (source, areas.difference(&taken[source])))
            .filter(|(_, areas)| !areas.is_empty())
            .collect();
        let share = requests.len() as u64;
        let legs = single(&requests[index], &left, problem.objective(), share, limits)?.legs;
        let mut used: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
        for segment in legs.iter().flatten() {
            used.entry(segment.source).or_default().push(segment.area);
        }
        for (source, areas) in used {
            taken[source] = taken[source].union(&areas.into_iter().collect());
        }
        allocations[index] = allocation(legs);
    }
    Some(Plan { allocations })
}

/// Each request laid out over the shares that the flow grants it.
fn as_granted(problem: &Problem, granted: &[Vec<Share>]) -> Option<Plan> {
    // What is left of the areas that shares have in common.
    let mut taken = vec![Areas::none(); problem.sources().len()];
    let mut allocations = Vec::with_capacity(granted.len());
    for (request, shares) in problem.requests().iter().zip(granted) {
        let mut stretches = Vec::new();
        let mut shares: Vec<&Share> = shares.iter().collect();
        // A source's shares have to lie side by side, so that it wraps around once.
        shares.sort_by_key(|share| share.source);
        for share in shares {
            let left = share.areas.difference(&taken[share.source]);
            let areas: Vec<Area> = left.iter().collect();
            let stretch = front(share.source, &areas, share.extents);
            let used: Areas = stretch.iter().map(|segment| segment.area).collect();
            taken[share.source] = taken[share.source].union(&used);
            stretches.extend(stretch);
        }
        allocations.push(allocation(wrap_around(&stretches, request.leg_extents())));
    }
    Some(Plan { allocations })
}

fn allocation(legs: Vec<Vec<Segment>>) -> Option<Allocation> {
    Some(Allocation {
        legs,
        ..Allocation::default()
    })
}
