//! Groups of sources that share tags, where a source may have several of the tags that keep legs apart.
//!
//! Sources with the same tags are of one kind, and a kind with several tags joins them: once a leg uses
//! one of its sources, no other leg may use any source with one of these tags. Which kinds are used is
//! what has to be decided. As long as it is open, a kind counts as a group of its own, which can only
//! make more possible; so bounds hold, and a layout that keeps all tags apart nevertheless is as good
//! as any with the same decisions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Plan, Problem, Request};
use crate::search::bin_covering::covering::Groups;

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
pub(crate) enum Use {
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

    /// The name of a tag: one of the partition that just the sources of that number have.
    pub(crate) fn name_of(
        &self,
        problem: &Problem,
        request: &Request,
        number: usize,
    ) -> Option<String> {
        let offered = (0..problem.sources().len()).filter(|&source| self.kind_of[source].is_some());
        let sources: Vec<usize> = offered.collect();
        let is_it = |tag: &&String| {
            sources.iter().all(|&source| {
                let has = problem.sources()[source].tags.contains(*tag);
                let tags = self.tags_of(source);
                has == tags.is_some_and(|tags| tags.contains(&number))
            })
        };
        request.partition_by_tags.iter().find(is_it).cloned()
    }

    /// A decision for each kind, all of them open.
    pub(crate) fn undecided(&self) -> Vec<Use> {
        vec![Use::Open; self.tags.len()]
    }

    /// The groups if nothing is to be decided.
    pub(crate) fn groups(&self) -> Groups {
        self.groups_with(&vec![Use::Joined; self.tags.len()])
    }

    pub(crate) fn groups_with(&self, decided: &[Use]) -> Groups {
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
    pub(crate) fn next(
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
