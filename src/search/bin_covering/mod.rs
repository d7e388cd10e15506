//! One request whose legs keep apart by source: bin covering over sources, or over groups of them.
//!
//! A leg takes some areas of some sources, every source (with a tag partition: every group of sources
//! that share a tag) belongs to one leg at most, and each leg needs the same number of extents, its
//! metadata included. The fewest areas that give all legs together what they need bound the segments
//! from below; if those areas can be shared out so that each leg has enough, the bound is met.

pub(crate) mod assign;
pub(crate) mod bin_completion;
pub(crate) mod column_generation;
mod counts;
pub(crate) mod covering;
mod decide;
mod dive;
pub(crate) mod dual_feasible;
mod enumeration;
mod exact_fillings;
mod filled_pools;
mod gap;
mod ground_set;
mod improve;
pub(crate) mod layout;
mod pattern;
pub(crate) mod prices;
mod pricing;
mod pricing_table;
mod selections;
mod set_packing;
pub(crate) mod simplex;
mod tag_branching;
mod tags;

use std::collections::BTreeMap;

use crate::core::{
    Answer, Bound, Conflict, Cuts, Limits, Measure, Method, Plan, Policy, Problem, Proof, Request,
    Separation, Size, StopReason, check, verify,
};
use crate::search::bin_covering::covering::{Covering, lead};
use crate::search::bin_covering::decide::Decided;
use crate::search::bin_covering::layout::layout;
use crate::search::bin_covering::selections::{offers, sizes, widened};
use crate::search::bin_covering::tags::Kinds;
use crate::search::bounds::cut;
use crate::search::fewest::{self, Least};
use crate::search::tradeoff::Selection;
use crate::search::verdict::{self, Lower, open};

/// Plans a problem that is one such request, or `None` if it is something else.
pub(crate) fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Option<Answer> {
    let [request] = problem.requests() else {
        return None;
    };
    if !is_covering(request) {
        return None;
    }
    let kinds = Kinds::of(problem, request);
    let answer = if kinds.are_plain() {
        let covering = Covering::of(problem, request, &kinds.groups());
        solve(problem, request, &covering, start, limits)
    } else {
        tag_branching::plan(problem, request, &kinds, start, limits)
    };
    // What is proven of the areas of all legs says nothing of intervals that cut all legs at once.
    let counts_areas = request.cuts == Cuts::Apart || request.legs() == 1;
    if counts_areas || !problem.objective().contains(&Measure::Segments) {
        return Some(answer);
    }
    Some(match answer {
        Answer::Best {
            plan, cost, method, ..
        } => Answer::Found {
            plan,
            cost,
            bound: Bound::default(),
            method,
            stopped: StopReason::MethodEnds,
            certificates: Vec::new(),
        },
        Answer::Found { .. } | Answer::Impossible { .. } | Answer::Unknown { .. } => {
            answer.without_bound()
        }
    })
}

/// Whether nothing but separation, partition and metadata in front restricts the legs. Logs, and
/// metadata that lies elsewhere, take what the legs leave.
pub(crate) fn is_covering(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _, cuts: _,
        partition_by_tags: _, cling_tags: _, cling_sources: _, grows, allowed: _, area_tags: _, avoid, value } = request;
    request.separation() == Separation::Leg
        && *policy == Policy::Normal
        && grows.is_none()
        && avoid.is_empty()
        && value.is_none()
        && matches!(size, Size::Exactly(_))
}

fn solve(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    start: Option<&Plan>,
    limits: &Limits<'_>,
) -> Answer {
    if lead(problem.objective()).is_none() {
        return any_plan(problem, request, covering, limits);
    }
    let offers = offers(covering);
    let all = covering.needed * covering.legs as u64;
    let objective = problem.objective();
    let Some((least, selection)) = fewest::select(&offers, covering.needed, all, objective, limits)
    else {
        return impossible(problem);
    };
    let least = as_measured(problem, request, least);
    let share = |selection: &Selection| share(problem, request, covering, selection, limits);
    let best = share(&selection).or_else(|| {
        let gains = selection.iter().sum();
        widened(covering, &offers, gains, limits, share)
    });
    let best = best.or_else(|| start.map(|plan| (plan.clone(), Method::Greedy)));
    if best.is_none() {
        return undecided(problem, request, covering, least, limits);
    }
    let (plan, method) = best.expect("looked at above");
    let answer = verdict::judge(problem, plan, &least, method, Proof::BoundMet);
    match answer {
        Answer::Found { plan, .. } => {
            improve::closer(problem, request, plan, method, least, limits)
        }
        Answer::Best { .. } | Answer::Impossible { .. } | Answer::Unknown { .. } => answer,
    }
}

/// Any plan at all, where none is better than another: every item with all it has.
fn any_plan(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    limits: &Limits<'_>,
) -> Answer {
    let whole: Selection = covering.items.iter().map(|item| item.gains.len()).collect();
    let given: u64 = sizes(covering, &whole).iter().sum();
    if given < covering.needed * covering.legs as u64 {
        return impossible(problem);
    }
    match share(problem, request, covering, &whole, limits) {
        Some((plan, method)) => {
            verdict::judge(problem, plan, &Lower::default(), method, Proof::BoundMet)
        }
        None => undecided(problem, request, covering, Lower::default(), limits),
    }
}

/// What the least numbers of gains and items mean for the measures.
fn as_measured(problem: &Problem, request: &Request, least: Least) -> Lower {
    let legs = request.legs() as u64;
    if lead(problem.objective()) == Some(Measure::Sources) {
        return Lower {
            segments: legs,
            sources: least.areas,
            sources_with_least_segments: least.areas,
            segments_with_least_sources: least.areas,
            ..Lower::default()
        };
    }
    let by_source = request.partition_by_tags.is_empty();
    let of_sources = |sources: u64| if by_source { sources } else { legs };
    Lower {
        segments: least.areas,
        sources: of_sources(least.sources),
        sources_with_least_segments: of_sources(least.sources_with_least_areas),
        segments_with_least_sources: least.areas_with_least_sources,
        ..Lower::default()
    }
}

/// The selected areas shared out among the legs, if each leg can have enough.
fn share(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    selection: &Selection,
    limits: &Limits<'_>,
) -> Option<(Plan, Method)> {
    let sizes = sizes(covering, selection);
    let legs = assign::assign(&sizes, covering.legs, covering.needed, limits)?;
    let plan = layout(problem, request, covering, selection, &legs)?;
    check(problem, &plan)
        .is_empty()
        .then_some((plan, Method::Candidates))
}

/// Neither sharing out worked nor do sums forbid it: prices, then exact search.
fn undecided(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    least: Lower,
    limits: &Limits<'_>,
) -> Answer {
    let whole: Selection = covering.items.iter().map(|item| item.gains.len()).collect();
    let sizes = sizes(covering, &whole);
    let (legs, needed) = (covering.legs, covering.needed);
    match decide::share(&sizes, legs, needed, limits) {
        Decided::Found(legs) => {
            let plan = layout(problem, request, covering, &whole, &legs);
            match plan.filter(|plan| check(problem, plan).is_empty()) {
                Some(plan) => {
                    improve::closer(problem, request, plan, Method::Search, least, limits)
                }
                None => open(problem, &least, StopReason::MethodEnds),
            }
        }
        Decided::Priced(priced) => Answer::Impossible {
            why: too_dear(problem, request, covering, &priced)
                .unwrap_or(Conflict::Exhausted { nodes: 1 }),
        },
        Decided::None { nodes } => Answer::Impossible {
            why: Conflict::Exhausted { nodes },
        },
        Decided::Stopped(reason) => open(problem, &least, reason),
    }
}

/// The conflict that prices prove: all items together, sources or those of a tag, cost less than the legs.
fn too_dear(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    priced: &dual_feasible::Priced,
) -> Option<Conflict> {
    let (prices, cover) = priced.reduced();
    let mut of_sources = BTreeMap::new();
    let mut of_tags = BTreeMap::new();
    for (item, price) in covering
        .items
        .iter()
        .zip(prices)
        .filter(|(_, price)| *price > 0)
    {
        let areas = || item.gains.iter().flat_map(|gain| &gain.areas);
        let (source, _) = areas().next()?;
        let all_have = |tag: &&String| {
            areas().all(|(source, _)| problem.sources()[*source].tags.contains(*tag))
        };
        if let Some(tag) = request.partition_by_tags.iter().find(all_have) {
            of_tags.insert(tag.clone(), price);
        } else {
            of_sources.insert(*source, price);
        }
    }
    let why = Conflict::Prices {
        request: 0,
        prices: of_sources.into_iter().collect(),
        tags: of_tags.into_iter().collect(),
        cover,
    };
    verify(problem, &why).is_ok().then_some(why)
}

/// The items together hold too little even if every leg could use every item.
fn impossible(problem: &Problem) -> Answer {
    // Tags can make it impossible where the sources alone would not.
    let by_tags = Conflict::Exhausted { nodes: 1 };
    Answer::Impossible {
        why: cut::state(problem, vec![0], Vec::new()).unwrap_or(by_tags),
    }
}
