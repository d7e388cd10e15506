//! Groups of sources that share tags, where a source may have several of the tags that keep legs apart.
//!
//! Sources with the same tags are of one kind, and a kind with several tags joins them: once a leg uses
//! one of its sources, no other leg may use any source with one of these tags. Which kinds are used is
//! what has to be decided. As long as it is open, a kind counts as a group of its own, which can only
//! make more possible; so bounds hold, and a layout that keeps all tags apart nevertheless is as good
//! as any with the same decisions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::core::{
    Answer, Conflict, Cost, Limits, Measure, Method, Plan, Problem, Request, StopReason, check,
    cost,
};
use crate::search::bin_covering::bin_completion::Outcome;
use crate::search::bin_covering::covering::{Covering, Groups, lead};
use crate::search::bin_covering::layout::{layout, selected};
use crate::search::bin_covering::{
    decide, gains_of, improve, lagrangian, offers, open, sizes, widened,
};
use crate::search::fewest;
use crate::search::verdict::Lower;

/// Cases that are kept at once.
const MOST_CASES: usize = 1 << 16;

/// The sources of a request by the tags that matter.
pub(crate) struct Kinds {
    /// Per source its kind, if it offers anything.
    kind_of: Vec<Option<usize>>,
    /// Per kind its tags, by number; a source without tags is a kind of its own.
    tags: Vec<BTreeSet<usize>>,
    /// How many tags there are.
    count: usize,
}

/// What is decided of a kind with several tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Nothing yet.
    Open,
    /// It may be used, and joins its tags.
    Joined,
    /// It is not used.
    Without,
}

impl Kinds {
    /// The kinds of a request.
    pub(crate) fn of(problem: &Problem, request: &Request) -> Kinds {
        let mut bearers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let offered: Vec<usize> = problem
            .offered(request)
            .into_iter()
            .map(|(source, _)| source)
            .collect();
        for &source in &offered {
            for tag in request
                .partition_by_tags
                .intersection(&problem.sources()[source].tags)
            {
                bearers.entry(tag).or_default().insert(source);
            }
        }
        // A tag says nothing that another says of all its sources.
        let mut sets: Vec<BTreeSet<usize>> = bearers.into_values().collect();
        sets.sort_by_key(|set| Reverse(set.len()));
        let mut told: Vec<&BTreeSet<usize>> = Vec::new();
        let mut tags_of = vec![BTreeSet::new(); problem.sources().len()];
        for set in &sets {
            let of_first = set.first().map(|&source: &usize| &tags_of[source]);
            let is_told = |&tag: &usize| set.is_subset(told[tag]);
            if !of_first.into_iter().flatten().any(is_told) {
                set.iter().for_each(|&source| {
                    tags_of[source].insert(told.len());
                });
                told.push(set);
            }
        }
        let mut numbers: BTreeMap<BTreeSet<usize>, usize> = BTreeMap::new();
        let mut kinds = Kinds {
            kind_of: vec![None; problem.sources().len()],
            tags: Vec::with_capacity(offered.len()),
            count: told.len(),
        };
        for source in offered {
            let tags = std::mem::take(&mut tags_of[source]);
            let next = kinds.tags.len();
            let kind = if tags.is_empty() {
                next
            } else {
                *numbers.entry(tags.clone()).or_insert(next)
            };
            if kind == next {
                kinds.tags.push(tags);
            }
            kinds.kind_of[source] = Some(kind);
        }
        kinds
    }

    /// Whether no kind joins tags.
    pub(crate) fn are_plain(&self) -> bool {
        self.tags.iter().all(|tags| tags.len() < 2)
    }

    /// The tags of a source, by number, if it offers anything.
    pub(crate) fn tags_of(&self, source: usize) -> Option<&BTreeSet<usize>> {
        self.kind_of[source].map(|kind| &self.tags[kind])
    }

    /// The groups if nothing is to be decided.
    pub(crate) fn groups(&self) -> Groups {
        self.groups_with(&vec![Use::Joined; self.tags.len()])
    }

    fn groups_with(&self, decided: &[Use]) -> Groups {
        // Tags that are joined have the same, least, number.
        let mut joined: Vec<usize> = (0..self.count).collect();
        for (tags, decided) in self.tags.iter().zip(decided) {
            if *decided == Use::Joined && tags.len() > 1 {
                let numbers: BTreeSet<usize> = tags.iter().map(|&tag| joined[tag]).collect();
                let least = numbers.first().copied().unwrap_or(0);
                for number in &mut joined {
                    if numbers.contains(number) {
                        *number = least;
                    }
                }
            }
        }
        let group = |kind: usize| {
            let tags = &self.tags[kind];
            let of_tag = tags.first().map(|&tag| joined[tag]);
            match decided[kind] {
                Use::Without if tags.len() > 1 => None,
                Use::Open if tags.len() > 1 => Some(self.count + kind),
                Use::Open | Use::Joined | Use::Without => Some(of_tag.unwrap_or(self.count + kind)),
            }
        };
        self.kind_of
            .iter()
            .map(|kind| kind.and_then(group))
            .collect()
    }

    /// The kind to decide next: of those that a plan uses beside other legs with their tags, if there is
    /// a plan, the one with most extents.
    fn next(
        &self,
        problem: &Problem,
        request: &Request,
        decided: &[Use],
        plan: Option<&Plan>,
    ) -> Option<usize> {
        let mut extents = vec![0u64; self.tags.len()];
        for (source, areas) in problem.offered(request) {
            if let Some(kind) = self.kind_of[source] {
                extents[kind] += areas.total();
            }
        }
        let is_open = |&kind: &usize| decided[kind] == Use::Open && self.tags[kind].len() > 1;
        let conflicts = plan.map(|plan| self.conflicts(plan)).unwrap_or_default();
        let largest = |kinds: &mut dyn Iterator<Item = usize>| {
            kinds
                .filter(is_open)
                .max_by_key(|&kind| (extents[kind], Reverse(kind)))
        };
        largest(&mut conflicts.into_iter()).or_else(|| largest(&mut (0..self.tags.len())))
    }

    /// The kinds of a plan that share a tag with another leg.
    fn conflicts(&self, plan: &Plan) -> BTreeSet<usize> {
        let mut legs_of_tag = vec![BTreeSet::new(); self.count];
        let mut used = BTreeSet::new();
        let legs = plan
            .allocations
            .iter()
            .flatten()
            .flat_map(|allocation| &allocation.legs);
        for (leg, segments) in legs.enumerate() {
            for kind in segments
                .iter()
                .filter_map(|segment| self.kind_of[segment.source])
            {
                used.insert(kind);
                for &tag in &self.tags[kind] {
                    legs_of_tag[tag].insert(leg);
                }
            }
        }
        used.retain(|&kind| {
            self.tags[kind]
                .iter()
                .any(|&tag| legs_of_tag[tag].len() > 1)
        });
        used
    }
}

/// What is decided in a case, and a number of gains that no layout of it goes below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    least: u64,
    /// Decisions so far; of cases with the same bound the one with most is looked at first.
    depth: Reverse<usize>,
    decided: Vec<Use>,
}

/// What looking at a case came to.
enum Looked {
    /// It has no layout.
    Nothing,
    /// Its layouts have at least so many gains; one of them, which may break the partition.
    Bounded(u64, Option<Plan>),
}

/// Plans a request with kinds that join tags.
pub(crate) fn plan(
    problem: &Problem,
    request: &Request,
    kinds: &Kinds,
    start: Option<&Plan>,
    limits: &Limits<'_>,
) -> Answer {
    let mut cases = BinaryHeap::from([Reverse(Case {
        least: 0,
        depth: Reverse(0),
        decided: vec![Use::Open; kinds.tags.len()],
    })]);
    let mut best = start.map(|plan| (cost(problem, plan), plan.clone()));
    let mut nodes = 0;
    // What is known of cases that were given up.
    let mut given_up: Option<u64> = None;
    let mut stopped = StopReason::MethodEnds;
    while let Some(Reverse(case)) = cases.pop() {
        let known = best
            .as_ref()
            .map_or(u64::MAX, |(_, plan)| gains_of(problem, plan));
        if case.least >= known {
            break;
        }
        let is_over = limits.is_over();
        let has_nodes = limits.allow_nodes(nodes + 1);
        if is_over || !has_nodes || cases.len() >= MOST_CASES {
            stopped = match (is_over, !has_nodes) {
                (true, _) => StopReason::Time,
                (false, true) => StopReason::Nodes,
                (false, false) => StopReason::Memory,
            };
            // The case with the least bound comes first, so it bounds all that are left.
            given_up = Some(given_up.map_or(case.least, |least| least.min(case.least)));
            break;
        }
        nodes += 1;
        let covering = Covering::of(problem, request, &kinds.groups_with(&case.decided));
        let (least, found) = match look(problem, request, &covering, known, limits) {
            Looked::Nothing => continue,
            Looked::Bounded(least, found) => (least.max(case.least), found),
        };
        let mut is_settled = false;
        if let Some(plan) = &found
            && check(problem, plan).is_empty()
        {
            is_settled = gains_of(problem, plan) == least;
            let cost = cost(problem, plan);
            if best.as_ref().is_none_or(|(held, _)| cost < *held) {
                best = Some((cost, plan.clone()));
            }
        }
        if is_settled {
            continue;
        }
        let Some(kind) = kinds.next(problem, request, &case.decided, found.as_ref()) else {
            given_up = Some(given_up.map_or(least, |held| held.min(least)));
            continue;
        };
        for decision in [Use::Joined, Use::Without] {
            let mut decided = case.decided.clone();
            decided[kind] = decision;
            cases.push(Reverse(Case {
                least,
                depth: Reverse(case.depth.0 + 1),
                decided,
            }));
        }
    }
    concluded(problem, request, best, (given_up, nodes, stopped), limits)
}

fn concluded(
    problem: &Problem,
    request: &Request,
    best: Option<(Cost, Plan)>,
    (given_up, nodes, stopped): (Option<u64>, u64, StopReason),
    limits: &Limits<'_>,
) -> Answer {
    let lower = |gains: u64| {
        let legs = request.legs() as u64;
        if lead(problem.objective()) == Some(Measure::Sources) {
            Lower {
                segments: legs,
                sources: gains,
                ..Lower::default()
            }
        } else {
            Lower {
                segments: gains,
                sources: legs,
                ..Lower::default()
            }
        }
    };
    match (best, given_up) {
        (Some((_, plan)), given_up) => {
            let known = gains_of(problem, &plan);
            let least = given_up.map_or(known, |least| least.min(known));
            improve::closer(problem, request, plan, Method::Search, lower(least), limits)
        }
        (None, Some(least)) => open(problem, &lower(least), stopped),
        (None, None) => Answer::Impossible {
            why: Conflict::Exhausted { nodes },
        },
    }
}

/// The fewest gains of a case, as far as it matters: not past `known`.
fn look(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    known: u64,
    limits: &Limits<'_>,
) -> Looked {
    let offers = offers(covering);
    let all = covering.needed * covering.legs as u64;
    let Some(least) = fewest::fewest_gains(&offers, covering.needed, all) else {
        return Looked::Nothing;
    };
    if least >= known {
        return Looked::Bounded(least, None);
    }
    let share = |selection: &fewest::Selection| {
        crate::search::bin_covering::assign::assign(
            &sizes(covering, selection),
            covering.legs,
            covering.needed,
            limits,
        )
    };
    let gains = usize::try_from(least).unwrap_or(usize::MAX);
    let mut legs = widened(covering, &offers, gains, limits, share);
    if legs.is_none() {
        let whole: Vec<usize> = covering.items.iter().map(|item| item.gains.len()).collect();
        let sizes = sizes(covering, &whole);
        let (legs_wanted, needed) = (covering.legs, covering.needed);
        let priced = lagrangian::best(&sizes, legs_wanted, needed);
        match decide::share(&sizes, legs_wanted, needed, priced, limits) {
            Outcome::Found(found) => legs = Some(found),
            Outcome::None { .. } => return Looked::Nothing,
            Outcome::Stopped(_) => {}
        }
    }
    let Some(legs) = legs else {
        return Looked::Bounded(least, None);
    };
    let found = layout(
        problem,
        request,
        covering,
        &selected(covering, &legs),
        &legs,
    );
    Looked::Bounded(least, found)
}
