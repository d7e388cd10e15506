//! Legs that keep apart by tags, or by source, and are more than that leaves room for: the pigeonhole principle.
//!
//! Sources that share a tag of the partition are a clique of the graph in which two sources are adjacent
//! if no two legs may be on them. Fewer cliques than legs that cover all sources refute the request; they
//! are chosen greedily (Chvatal, "A greedy heuristic for the set-covering problem", Mathematics of
//! Operations Research 4, 1979).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::core::{Conflict, Limits, Problem, Request, Separation, verify};

/// The first required request that has more legs than can keep apart.
pub(crate) fn conflict(problem: &Problem, limits: &Limits<'_>) -> Option<Conflict> {
    let requests = problem.requests().iter().enumerate();
    let mut kept_apart = requests.filter(|(_, request)| {
        request.value.is_none() && request.legs() > 1 && !request.partition_by_tags.is_empty()
    });
    kept_apart.find_map(|(index, request)| match limits.is_over() {
        true => None,
        false => of_one(problem, index, request),
    })
}

fn of_one(problem: &Problem, index: usize, request: &Request) -> Option<Conflict> {
    let legs = request.legs();
    let offered = problem.offered(request).into_iter();
    let offered = offered.filter(|(_, areas)| areas.total() > 0);
    let sources: Vec<usize> = offered.map(|(source, _)| source).collect();
    let tags_of = |source: usize| {
        let tags = problem.sources()[source].tags.iter();
        tags.filter(|tag| request.partition_by_tags.contains(*tag))
    };
    // Per tag the sources that have it, and how many of them are not covered yet.
    let mut members: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for &source in &sources {
        tags_of(source).for_each(|tag| members.entry(tag).or_default().push(source));
    }
    let mut open: BTreeMap<&String, usize> = BTreeMap::new();
    open.extend(members.iter().map(|(&tag, sources)| (tag, sources.len())));
    let mut is_covered = vec![false; problem.sources().len()];
    let mut tags: Vec<String> = Vec::new();
    while tags.len() < legs {
        let next = open
            .iter()
            .max_by_key(|(tag, count)| (**count, Reverse(*tag)));
        // A source by itself does as well as a tag that covers no other.
        let Some((&tag, _)) = next.filter(|(_, count)| **count > 0) else {
            break;
        };
        for &source in &members[tag] {
            if !std::mem::replace(&mut is_covered[source], true) {
                for tag in tags_of(source) {
                    if let Some(count) = open.get_mut(tag) {
                        *count -= 1;
                    }
                }
            }
        }
        tags.push(tag.clone());
    }
    let alone = sources.into_iter().filter(|&source| !is_covered[source]);
    let alone: Vec<usize> = alone.take(legs).collect();
    if tags.len() + alone.len() >= legs
        || !alone.is_empty() && request.separation() == Separation::None
    {
        return None;
    }
    tags.sort_unstable();
    let conflict = Conflict::Apart {
        request: index,
        tags,
        sources: alone,
        legs: legs as u64,
    };
    verify(problem, &conflict).is_ok().then_some(conflict)
}
