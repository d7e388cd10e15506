//! One request whose legs keep apart by source: bin covering over sources, or over groups of them.
//!
//! A leg takes some areas of some sources, every source (with a tag partition: every group of sources
//! that share a tag) belongs to one leg at most, and each leg needs the same number of extents, its
//! metadata included. The fewest areas that give all legs together what they need bound the segments
//! from below; if those areas can be shared out so that each leg has enough, the bound is met.

pub(crate) mod assign;
pub(crate) mod choose;
pub(crate) mod cover;
pub(crate) mod fill;
pub(crate) mod lagrange;
pub(crate) mod prices;
pub(crate) mod profiles;
pub(crate) mod select;
pub(crate) mod simplex;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Allocation, Answer, Area, Bound, Conflict, Cost, Cuts, Limits, Measure, Method, Plan, Policy,
    Problem, Proof, Request, Segment, Separation, Size, StopReason, check, cost, verify,
};
use crate::search::companions;
use crate::search::fewest::{self, Least, Lengths, Selection};
use crate::search::legs::select::{Selections, Tried};
use crate::search::verdict::{self, Lower};

/// How far above the bound selections of areas are tried, as a part of the bound and at least.
const WIDEN_PART: usize = 16;
const WIDEN_LEAST: usize = 12;
/// Nodes of the exact search before legs are filled one after another: some thousandths of a second.
const NODES_AT_FIRST: u64 = 300_000;
/// Most gains for which every selection is tried.
const MOST_EXACT: usize = 400;

/// A request as bins to cover.
pub(crate) struct Covering {
    /// Bins: legs of the request.
    pub(crate) legs: usize,
    /// What each leg needs, metadata in front included.
    pub(crate) needed: u64,
    /// What belongs to one leg at most, with its areas: sources, or groups of sources.
    pub(crate) items: Vec<Item>,
}

impl Covering {
    /// Per item what its first 0, 1, 2, .. gains give a leg, up to the first that gives no more.
    pub(crate) fn gives(&self) -> Vec<Vec<u64>> {
        let of_item = |item: &Item| {
            let mut gives = vec![0];
            let mut sum = 0;
            for gain in &item.gains {
                if sum >= self.needed {
                    break;
                }
                sum = self.needed.min(sum + gain.extents);
                gives.push(sum);
            }
            gives
        };
        self.items.iter().map(of_item).collect()
    }
}

/// What belongs to one leg at most: areas, or where sources are to be few, sources with all areas.
/// In the order in which they are best taken: those that give most first.
pub(crate) struct Item {
    gains: Vec<Gain>,
}

/// What is taken of an item as a whole, or not at all.
struct Gain {
    extents: u64,
    areas: Vec<(usize, Area)>,
}

impl Item {
    /// What the first `count` gains give.
    fn extents(&self, count: usize) -> u64 {
        self.gains[..count].iter().map(|gain| gain.extents).sum()
    }
}

/// Plans a problem that is one such request, or `None` if it is something else.
pub(crate) fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Option<Answer> {
    let [request] = problem.requests() else {
        return None;
    };
    if !is_covering(request) {
        return None;
    }
    let covering = covering(problem, request)?;
    let answer = solve(problem, request, &covering, start, limits);
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
        },
        Answer::Found { .. } | Answer::Impossible { .. } | Answer::Unknown { .. } => {
            answer.without_bound()
        }
    })
}

/// Whether nothing but separation, partition and metadata in front restricts the legs. Logs, and
/// metadata that lies elsewhere, take what the legs leave.
fn is_covering(request: &Request) -> bool {
    request.separation() == Separation::Leg
        && request.policy == Policy::Normal
        && request.grows.is_none()
        && request.avoid.is_empty()
        && request.value.is_none()
        && matches!(request.size, Size::Exactly(_))
}

/// The items of a request; `None` if a source has several of the tags that keep legs apart.
fn covering(problem: &Problem, request: &Request) -> Option<Covering> {
    let sources_first = lead(problem.objective()) == Some(Measure::Sources);
    let mut groups: BTreeMap<Result<&str, usize>, Vec<Gain>> = BTreeMap::new();
    for (source, areas) in problem.offered(request) {
        let tags = &problem.sources()[source].tags;
        let mut shared = request.partition_by_tags.intersection(tags);
        let key = shared.next().map(String::as_str).ok_or(source);
        if shared.next().is_some() {
            return None;
        }
        let list = groups.entry(key).or_default();
        if sources_first {
            list.push(Gain {
                extents: areas.total(),
                areas: areas.iter().map(|area| (source, area)).collect(),
            });
        } else {
            list.extend(areas.iter().map(|area| Gain {
                extents: area.count(),
                areas: vec![(source, area)],
            }));
        }
    }
    let items = groups.into_values().map(|mut gains| {
        gains.sort_by_key(|gain| Reverse(gain.extents));
        Item { gains }
    });
    Some(Covering {
        legs: request.legs(),
        needed: request.leg_extents() + request.front_extents(),
        items: items.collect(),
    })
}

fn solve(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    _start: Option<&Plan>,
    limits: &Limits<'_>,
) -> Answer {
    let lengths = |item: &Item| item.gains.iter().map(|gain| gain.extents).collect();
    let offers = covering
        .items
        .iter()
        .map(|item| Lengths::of_list(lengths(item)));
    let offers: Vec<Lengths> = offers.collect();
    let all = covering.needed * covering.legs as u64;
    let objective = problem.objective();
    let Some((least, selection)) = fewest::select(&offers, covering.needed, all, objective, limits)
    else {
        return impossible(problem, request, covering);
    };
    let least = as_measured(problem, request, least);
    let first = share(problem, request, covering, &selection);
    let mut best = first;
    if best.is_none() {
        let gains = selection.iter().sum();
        best = widened(problem, request, covering, &offers, gains, limits);
    }
    if best.is_none() {
        return undecided(problem, request, covering, least, limits);
    }
    let (plan, method) = best.expect("looked at above");
    let answer = verdict::judge(problem, plan, &least, method, Proof::BoundMet);
    match answer {
        Answer::Found { plan, .. } => closer(problem, request, covering, plan, least, limits),
        Answer::Best { .. } | Answer::Impossible { .. } | Answer::Unknown { .. } => answer,
    }
}

/// A better bound and a better plan, where the first of each do not meet.
fn closer(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    plan: Plan,
    mut lower: Lower,
    limits: &Limits<'_>,
) -> Answer {
    let sources_first = lead(problem.objective()) == Some(Measure::Sources);
    let gains_of = |plan: &Plan| {
        if sources_first {
            sources_of(plan)
        } else {
            segments_of(plan)
        }
    };
    let mut best = (cost(problem, &plan), plan, Method::Candidates);
    let known = (gains_of(&best.1), sources_of(&best.1));
    if let profiles::Outcome::Bounded(few) =
        profiles::fewest(covering, Some(known), !sources_first, limits)
    {
        if let Some(found) = of_profiles(problem, request, covering, &few)
            && found.0 < best.0
        {
            best = found;
        }
        raise(problem, request, &mut lower, &few);
        let answer = verdict::judge(problem, best.1.clone(), &lower, best.2, Proof::Exhausted);
        if matches!(answer, Answer::Best { .. }) {
            return answer;
        }
    }
    let least = if sources_first {
        lower.sources
    } else {
        lower.segments
    };
    let gains = gains_of(&best.1);
    let raised = if gains > least {
        least.max(lagrange::fewest(covering, gains, limits))
    } else {
        least
    };
    let mut proof = Proof::BoundMet;
    let mut proven_sources = 0;
    let mut fewest = raised;
    let most = usize::try_from(gains_of(&best.1)).unwrap_or(usize::MAX);
    let selections = if most <= MOST_EXACT {
        Selections::new(covering, most)
    } else {
        None
    };
    if let Some(selections) = selections {
        let items = covering.items.len();
        // Fewer gains first, then as many gains on fewer items.
        while let Ok(gains) = usize::try_from(fewest) {
            let tried = selections.try_all(gains, items, limits);
            if let Some(found) = laid_out(problem, request, covering, &tried)
                && found.0 < best.0
            {
                best = found;
            }
            match tried {
                Tried::None if gains < most => {
                    proof = Proof::Exhausted;
                    fewest += 1;
                }
                Tried::None | Tried::Open => break,
                Tried::Found(..) => {
                    let Some(least_items) = selections.fewest_items(gains) else {
                        break;
                    };
                    let by_source = request.partition_by_tags.is_empty() && !sources_first;
                    let on = usize::try_from(sources_of(&best.1)).unwrap_or(items);
                    let mut proven = least_items;
                    for used in least_items..on {
                        let tried = selections.try_all(gains, used, limits);
                        if let Some(found) = laid_out(problem, request, covering, &tried)
                            && found.0 < best.0
                        {
                            best = found;
                            break;
                        }
                        match tried {
                            Tried::None => {
                                proof = Proof::Exhausted;
                                proven = used + 1;
                            }
                            Tried::Found(..) | Tried::Open => break,
                        }
                    }
                    if by_source {
                        proven_sources = proven as u64;
                    }
                    break;
                }
            }
        }
    }
    if sources_first {
        if fewest > lower.sources {
            lower.segments_with_least_sources = lower.segments;
        }
        lower.sources = fewest;
    } else {
        // What held for the fewest segments by sums does not hold for more of them.
        if fewest > lower.segments {
            lower.sources_with_least_segments = lower.sources;
        }
        lower.sources_with_least_segments = lower.sources_with_least_segments.max(proven_sources);
        lower.segments = fewest;
    }
    verdict::judge(problem, best.1, &lower, best.2, proof)
}

/// The plan that was found by counting profiles, if one was.
fn of_profiles(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    few: &profiles::Fewest,
) -> Option<(Cost, Plan, Method)> {
    let (selection, legs) = few.best.as_ref()?;
    let plan = layout(problem, request, covering, selection, legs)?;
    let is_right = check(problem, &plan).is_empty();
    is_right.then(|| (cost(problem, &plan), plan, Method::Search))
}

/// Raises bounds to what counting profiles has proven.
fn raise(problem: &Problem, request: &Request, lower: &mut Lower, few: &profiles::Fewest) {
    // What held for the fewest by sums does not hold for more of them.
    if lead(problem.objective()) == Some(Measure::Sources) {
        if few.areas > lower.sources {
            lower.segments_with_least_sources = lower.segments;
        }
        lower.sources = lower.sources.max(few.areas);
        return;
    }
    if few.areas > lower.segments {
        lower.sources_with_least_segments = lower.sources;
    }
    lower.segments = lower.segments.max(few.areas);
    if request.partition_by_tags.is_empty() && few.areas == lower.segments {
        lower.sources_with_least_segments = lower
            .sources_with_least_segments
            .max(few.items_with_least_areas);
    }
}

/// The plan of a selection that can be shared out.
fn laid_out(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    tried: &Tried,
) -> Option<(Cost, Plan, Method)> {
    let Tried::Found(selection, legs) = tried else {
        return None;
    };
    let plan = layout(problem, request, covering, selection, legs)?;
    let is_right = check(problem, &plan).is_empty();
    is_right.then(|| (cost(problem, &plan), plan, Method::Search))
}

fn sources_of(plan: &Plan) -> u64 {
    let allocations = plan.allocations.iter().flatten();
    let legs = allocations.flat_map(|allocation| allocation.legs.iter().flatten());
    let touched: BTreeSet<usize> = legs.map(|segment| segment.source).collect();
    touched.len() as u64
}

/// The first measure that is not 0 for every plan of exact and required requests.
fn lead(objective: &[Measure]) -> Option<Measure> {
    let mut measures = objective.iter().copied();
    measures.find(|measure| !matches!(measure, Measure::Unserved | Measure::Shortfall))
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
        };
    }
    let by_source = request.partition_by_tags.is_empty();
    let of_sources = |sources: u64| if by_source { sources } else { legs };
    Lower {
        segments: least.areas,
        sources: of_sources(least.sources),
        sources_with_least_segments: of_sources(least.sources_with_least_areas),
        segments_with_least_sources: least.areas_with_least_sources,
    }
}

fn segments_of(plan: &Plan) -> u64 {
    let allocations = plan.allocations.iter().flatten();
    let legs = allocations.flat_map(|allocation| &allocation.legs);
    legs.map(|leg| leg.len() as u64).sum()
}

/// The selected areas shared out among the legs, if each leg can have enough.
fn share(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    selection: &Selection,
) -> Option<(Plan, Method)> {
    let sizes = sizes(covering, selection);
    let legs = assign::assign(&sizes, covering.legs, covering.needed)?;
    let plan = layout(problem, request, covering, selection, &legs)?;
    check(problem, &plan)
        .is_empty()
        .then_some((plan, Method::Candidates))
}

/// What each item gives with as many of its areas as are selected, and to whom no leg needs more.
fn sizes(covering: &Covering, selection: &Selection) -> Vec<u64> {
    let pairs = covering.items.iter().zip(selection);
    let given = pairs.map(|(item, &count)| item.extents(count).min(covering.needed));
    given.collect()
}

/// Selections of more and more areas, until one can be shared out.
fn widened(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    offers: &[Lengths],
    least: usize,
    limits: &Limits<'_>,
) -> Option<(Plan, Method)> {
    let most = least + WIDEN_LEAST.max(least / WIDEN_PART);
    let near = least..=most;
    // Beyond that in growing steps, and at the end with all there is.
    let far = (0..12).map(|step| most + (least.max(8) << step) / 8);
    for areas in near.chain(far) {
        if limits.is_over() {
            return None;
        }
        let Some(selection) = fewest::select_areas(offers, covering.needed, areas) else {
            break;
        };
        let found = share(problem, request, covering, &selection);
        if found.is_some() {
            return found;
        }
    }
    let whole: Selection = covering.items.iter().map(|item| item.gains.len()).collect();
    share(problem, request, covering, &whole)
}

/// Neither sharing out worked nor do sums forbid it: prices, then exact search.
fn undecided(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    mut least: Lower,
    limits: &Limits<'_>,
) -> Answer {
    let by_item = lead(problem.objective()) != Some(Measure::Sources);
    match profiles::fewest(covering, None, by_item, limits) {
        profiles::Outcome::None { nodes } => {
            return Answer::Impossible {
                why: Conflict::Exhausted { nodes },
            };
        }
        profiles::Outcome::Bounded(few) => {
            raise(problem, request, &mut least, &few);
            if let Some((_, plan, method)) = of_profiles(problem, request, covering, &few) {
                return verdict::judge(problem, plan, &least, method, Proof::Exhausted);
            }
        }
        profiles::Outcome::Open => {}
    }
    let whole: Selection = covering.items.iter().map(|item| item.gains.len()).collect();
    let sizes = sizes(covering, &whole);
    if request.partition_by_tags.is_empty()
        && let Some((prices, cover)) = prices::refute(&sizes, covering.legs, covering.needed)
    {
        let sources = covering.items.iter().map(|item| item.gains[0].areas[0].0);
        let why = Conflict::Prices {
            request: 0,
            prices: sources
                .zip(prices)
                .filter(|(_, price)| *price > 0)
                .collect(),
            cover,
        };
        if verify(problem, &why).is_ok() {
            return Answer::Impossible { why };
        }
    }
    let brief = Limits {
        nodes: limits.nodes.min(NODES_AT_FIRST),
        ..*limits
    };
    let mut outcome = cover::search(&sizes, covering.legs, covering.needed, &brief);
    if let cover::Outcome::Stopped(_) = outcome {
        outcome = match fill::fill(&sizes, covering.legs, covering.needed, limits) {
            Some(legs) => cover::Outcome::Found(legs),
            None => cover::search(&sizes, covering.legs, covering.needed, limits),
        };
    }
    match outcome {
        cover::Outcome::Found(legs) => {
            let plan = layout(problem, request, covering, &whole, &legs);
            match plan.filter(|plan| check(problem, plan).is_empty()) {
                Some(plan) => {
                    verdict::judge(problem, plan, &least, Method::Search, Proof::BoundMet)
                }
                None => open(problem, &least, StopReason::MethodEnds),
            }
        }
        cover::Outcome::None { nodes } => Answer::Impossible {
            why: Conflict::Exhausted { nodes },
        },
        cover::Outcome::Stopped(reason) => open(problem, &least, reason),
    }
}

fn open(problem: &Problem, least: &Lower, stopped: StopReason) -> Answer {
    Answer::Unknown {
        bound: verdict::bound(problem, least),
        stopped,
    }
}

/// The items together hold too little even if every leg could use every item.
fn impossible(problem: &Problem, request: &Request, covering: &Covering) -> Answer {
    let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
    let log = request.log.map_or(0, |log| log.extents);
    let logs = request.log.map_or(0, |log| log.extents * log.count);
    let needed = (request.leg_extents() + metadata) * covering.legs as u64 + logs;
    let most = request.leg_extents() + metadata + log;
    let offered = problem.offered(request);
    let reachable = offered.iter().map(|(_, areas)| areas.total().min(most));
    let reachable = reachable.sum();
    let why = Conflict::Cut {
        requests: vec![0],
        whole: Vec::new(),
        needed,
        reachable,
    };
    // Tags can make it impossible where the sources alone would not.
    match verify(problem, &why) {
        Ok(()) => Answer::Impossible { why },
        Err(_) => Answer::Impossible {
            why: Conflict::Exhausted { nodes: 1 },
        },
    }
}

/// The plan in which each leg takes areas of its items, as few as give it enough.
fn layout(
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
