//! Requests that may use the same extents to the same amount: a flow need not tell them apart.

use std::collections::BTreeMap;

use crate::core::{Problem, Request, Separation};

/// Requests that are alike.
pub(crate) struct Group {
    /// Their indices, ascending; of a request that has a bound on what it may take of a source none other.
    pub(crate) requests: Vec<usize>,
    /// Most extents that they may take of one source.
    pub(crate) most: Option<u64>,
    /// Extents that they need together.
    pub(crate) needed: u64,
}

/// Groups of requests, in the order of the first of each.
pub(crate) fn groups(problem: &Problem) -> Vec<Group> {
    let mut found = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (index, request) in problem.requests().iter().enumerate() {
        let needed = request.leg_extents() * request.legs() as u64;
        let most = most_of_a_source(request);
        let next = groups.len();
        let at = match most {
            Some(_) => next,
            None => *found.entry(request.allowed.as_ref()).or_insert(next),
        };
        match groups.get_mut(at) {
            Some(group) => {
                group.requests.push(index);
                group.needed += needed;
            }
            None => groups.push(Group {
                requests: vec![index],
                most,
                needed,
            }),
        }
    }
    groups
}

/// A source holds one leg at each offset where legs keep apart.
fn most_of_a_source(request: &Request) -> Option<u64> {
    match request.separation() {
        Separation::Segment | Separation::Leg if request.legs() > 1 => Some(request.leg_extents()),
        Separation::Segment | Separation::Leg | Separation::None => None,
    }
}
