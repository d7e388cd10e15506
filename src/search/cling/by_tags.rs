//! One request under policy cling by tags: each leg stays among sources that tags connect, so for each
//! such kin it is a request under policy normal.

use std::collections::BTreeSet;

use crate::core::{
    Allocation, Answer, Conflict, Limits, Measure, Method, Place, Plan, Policy, Problem, Proof,
    Request, Separation, Shape, Size, StopReason, check,
};
use crate::search::companions;
use crate::search::verdict::{self, Lower};

/// Nodes for a good layout of the legs of one kin, once it is known that they have one.
const LAYOUT_NODES: u64 = 20_000;

/// The search that is asked about the legs of one kin.
type Ask = fn(&Problem, Option<&Plan>, &Limits<'_>) -> Answer;

/// Plans one request under policy cling by tags, or `None` if the problem is something else.
///
/// How many legs a kin holds is asked of the search as if its sources had no tags. Where kins hold too
/// few together there is no plan. Legs that share a kin whose sources do not all know each other may
/// turn out not to cling; then only sources with one tag in common are taken together.
pub(crate) fn plan(problem: &Problem, ask: Ask, limits: &Limits<'_>) -> Option<Answer> {
    let [request] = problem.requests() else {
        return None;
    };
    if !takes(request) {
        return None;
    }
    let offered: Vec<usize> = problem.offered(request).iter().map(|one| one.0).collect();
    let kins = connected(problem, request, &offered);
    let mut nodes = 0;
    let (first, is_sure) = placed(problem, request, &kins, ask, limits, &mut nodes);
    let found = match first {
        None if is_sure => {
            let why = Conflict::Exhausted { nodes };
            return Some(Answer::Impossible { why });
        }
        None => None,
        Some(plan) if check(problem, &plan).is_empty() => Some(plan),
        Some(_) => {
            let kins = alike(problem, request, &offered);
            let (plan, _) = placed(problem, request, &kins, ask, limits, &mut nodes);
            plan.filter(|plan| check(problem, plan).is_empty())
        }
    };
    Some(match found {
        Some(plan) => verdict::judge(
            problem,
            plan,
            &Lower::default(),
            Method::Construction,
            Proof::BoundMet,
        ),
        None => verdict::unknown(StopReason::MethodEnds),
    })
}

fn takes(request: &Request) -> bool {
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata: _, log: _, policy, separation: _, cuts: _,
        partition_by_tags, cling_tags: _, cling_sources: _, grows, allowed: _, area_tags: _, avoid, value } = request;
    *policy == Policy::ClingByTags
        && grows.is_none()
        && (request.separation() != Separation::None || request.legs() == 1)
        && value.is_none()
        && matches!(size, Size::Exactly(_))
        && avoid.is_empty()
        && partition_by_tags.is_empty()
}

/// The tags of a source that count.
fn tags<'a>(
    problem: &'a Problem,
    request: &'a Request,
    source: usize,
) -> impl Iterator<Item = &'a String> {
    let tags = &problem.sources()[source].tags;
    tags.intersection(&request.cling_tags)
}

/// Sources in sets between which no tag leads.
fn connected(problem: &Problem, request: &Request, offered: &[usize]) -> Vec<Vec<usize>> {
    let mut kins: Vec<(BTreeSet<&String>, Vec<usize>)> = Vec::new();
    for &source in offered {
        let mut joined = (
            tags(problem, request, source).collect::<BTreeSet<_>>(),
            vec![source],
        );
        let (kin, rest): (Vec<_>, Vec<_>) = kins
            .into_iter()
            .partition(|(tags, _)| !tags.is_disjoint(&joined.0));
        kins = rest;
        for (tags, sources) in kin {
            joined.0.extend(tags);
            joined.1.extend(sources);
        }
        kins.push(joined);
    }
    kins.into_iter().map(|(_, sources)| sources).collect()
}

/// Sources in sets that have a tag in common, each in the set of its first tag.
fn alike(problem: &Problem, request: &Request, offered: &[usize]) -> Vec<Vec<usize>> {
    let mut kins: Vec<(Option<&String>, Vec<usize>)> = Vec::new();
    for &source in offered {
        let first = tags(problem, request, source).next();
        let known = kins
            .iter_mut()
            .find(|(tag, _)| tag.is_some() && *tag == first);
        match known {
            Some((_, sources)) => sources.push(source),
            None => kins.push((first, vec![source])),
        }
    }
    kins.into_iter().map(|(_, sources)| sources).collect()
}

/// All legs among the kins, as many in each as it holds, or `None`; and whether `None` is proven.
fn placed(
    problem: &Problem,
    request: &Request,
    kins: &[Vec<usize>],
    ask: Ask,
    limits: &Limits<'_>,
    nodes: &mut u64,
) -> (Option<Plan>, bool) {
    let mut allocation = Allocation::default();
    // Metadata that lies elsewhere need not lie among the sources of its leg, as it does here.
    let mut is_sure = request.metadata.is_none_or(|one| one.place == Place::Front);
    for kin in kins {
        let mut held: Option<(Problem, Allocation)> = None;
        let missing = request.legs() - allocation.legs.len();
        for legs in 1..=missing.min(kin.len()) {
            let Some(part) = part(problem, request, kin, legs) else {
                is_sure = false;
                break;
            };
            *nodes += 1;
            match ask(&part, None, limits) {
                Answer::Best { plan, .. } | Answer::Found { plan, .. } => {
                    let first = plan.allocations.into_iter().next().flatten();
                    held = first.map(|first| (part, first));
                }
                Answer::Impossible { .. } => break,
                Answer::Unknown { .. } => {
                    is_sure = false;
                    break;
                }
            }
        }
        let Some((part, any)) = held else {
            continue;
        };
        let better = better(problem, &part, ask, limits).unwrap_or(any);
        allocation.legs.extend(better.legs);
        allocation.metadata.extend(better.metadata);
        if allocation.legs.len() == request.legs() {
            let plan = Plan {
                allocations: vec![Some(allocation)],
            };
            // Without room for the log there may be some where the legs lie otherwise.
            return (companions::place(problem, plan), false);
        }
    }
    (None, is_sure)
}

/// So many of the legs on the sources of one kin; `None` if they are no problem by themselves.
fn part(problem: &Problem, request: &Request, kin: &[usize], legs: usize) -> Option<Problem> {
    let stripes = u64::try_from(legs).ok()?;
    let mut part = request.clone();
    part.policy = Policy::Normal;
    part.separation = request.separation();
    part.cling_tags = BTreeSet::new();
    part.log = None;
    part.shape = Shape {
        stripes,
        copies: 1,
        parity: 0,
    };
    part.size = Size::Exactly(request.leg_extents().checked_mul(stripes)?);
    part.allowed = Some(match &request.allowed {
        None => kin.iter().map(|&source| (source, None)).collect(),
        Some(allowed) => {
            let of_kin = allowed.iter().filter(|(source, _)| kin.contains(source));
            of_kin.cloned().collect()
        }
    });
    let objective = vec![Measure::Shortfall];
    problem.with_requests(vec![part], objective).ok()
}

/// A good layout of a part that has one, where more is asked for than any.
fn better(problem: &Problem, part: &Problem, ask: Ask, limits: &Limits<'_>) -> Option<Allocation> {
    if problem.objective() == part.objective() {
        return None;
    }
    let part = part.clone().with_objective(problem.objective().to_vec());
    let limits = limits.with_nodes(LAYOUT_NODES);
    let answer = ask(&part.ok()?, None, &limits);
    answer.plan()?.allocations.first()?.clone()
}
