//! Whether requests whose legs keep apart at every offset fit together: one flow.
//!
//! A source can hold at most one leg of such a request at every offset, so it gives a request at most
//! one leg's length. That is also enough (McNaughton, "Scheduling with deadlines and loss functions",
//! Management Science 6, 1959: legs are machines, sources are jobs that may be interrupted). So a batch
//! fits if and only if a flow from the sources to the requests fills all demands, and its smallest cut
//! says why not.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Areas, Conflict, Limits, Problem};
use crate::search::bounds::cut;
use crate::search::flow::Network;
use crate::search::wrap_around::alike::{self, Group};

/// What each request gets from each source.
pub(crate) enum Shares {
    /// Per request, per source that offers something, the areas it may take and how much of them.
    Granted(Vec<Vec<Share>>),
    /// A cut that holds.
    Refused(Conflict),
    /// The flow says no, but its cut cannot be stated.
    Unstated,
    /// Time ran out.
    Stopped,
}

/// Some extents out of a set, for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) source: usize,
    /// The set; other requests may have shares of the same set.
    pub(crate) areas: Areas,
    pub(crate) extents: u64,
}

/// Extents of one source that the same groups of requests may use.
struct Pool {
    source: usize,
    areas: Areas,
    groups: Vec<usize>,
}

/// Splits the free extents between the requests.
pub(crate) fn share(problem: &Problem, limits: &Limits<'_>) -> Shares {
    let groups = alike::groups(problem);
    let Some(pools) = pools(problem, &groups, limits) else {
        return Shares::Stopped;
    };
    let (start, end) = (0, 1);
    let group_node = |group: usize| 2 + group;
    let pool_node = |pool: usize| 2 + groups.len() + pool;
    let mut nodes = 2 + groups.len() + pools.len();
    // A source with several pools needs a node per group, for the most that it gives in all.
    let mut gates = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for pool in &pools {
        for &group in pool
            .groups
            .iter()
            .filter(|&&group| groups[group].most.is_some())
        {
            if !seen.insert((pool.source, group)) {
                gates.entry((pool.source, group)).or_insert_with(|| {
                    nodes += 1;
                    nodes - 1
                });
            }
        }
    }
    let mut network = Network::new(nodes);
    let most = |group: usize| groups[group].most.unwrap_or(u64::MAX);
    for (&(_, group), &gate) in &gates {
        network.arc(gate, group_node(group), most(group));
    }
    let mut arcs = Vec::new();
    for (index, pool) in pools.iter().enumerate() {
        network.arc(start, pool_node(index), pool.areas.total());
        for &group in &pool.groups {
            let arc = match gates.get(&(pool.source, group)) {
                Some(&gate) => network.arc(pool_node(index), gate, u64::MAX),
                None => network.arc(pool_node(index), group_node(group), most(group)),
            };
            arcs.push((index, group, arc));
        }
    }
    let mut needed = 0;
    for (index, group) in groups.iter().enumerate() {
        network.arc(group_node(index), end, group.needed);
        needed += group.needed;
    }
    let Some(sent) = network.send(start, end, &|| limits.is_over()) else {
        return Shares::Stopped;
    };
    if sent < needed {
        let near = network.near_side(start);
        let far = (0..groups.len()).filter(|&group| !near[group_node(group)]);
        let mut far: Vec<usize> = far
            .flat_map(|group| groups[group].requests.iter().copied())
            .collect();
        far.sort_unstable();
        let mut whole = vec![true; problem.sources().len()];
        for (index, pool) in pools.iter().enumerate() {
            whole[pool.source] &= !near[pool_node(index)];
        }
        let whole = (0..whole.len()).filter(|&source| whole[source]).collect();
        return match cut::state(problem, far, whole) {
            Some(conflict) => Shares::Refused(conflict),
            None => Shares::Unstated,
        };
    }
    let mut of_group = vec![Vec::new(); groups.len()];
    for (pool, group, arc) in arcs {
        let extents = network.flow(arc);
        if extents > 0 {
            of_group[group].push((pool, extents));
        }
    }
    let mut granted = vec![Vec::new(); problem.requests().len()];
    for (group, shares) in groups.iter().zip(of_group) {
        hand_out(problem, &pools, group, shares, &mut granted);
    }
    Shares::Granted(granted)
}

/// What a group is granted, to its requests in turn.
fn hand_out(
    problem: &Problem,
    pools: &[Pool],
    group: &Group,
    shares: Vec<(usize, u64)>,
    granted: &mut [Vec<Share>],
) {
    let mut shares = shares.into_iter();
    let mut next = shares.next();
    for &index in &group.requests {
        let request = &problem.requests()[index];
        let mut missing = request.leg_extents() * request.legs() as u64;
        while missing > 0
            && let Some((pool, extents)) = next
        {
            let given = extents.min(missing);
            missing -= given;
            granted[index].push(Share {
                source: pools[pool].source,
                areas: pools[pool].areas.clone(),
                extents: given,
            });
            next = match extents - given {
                0 => shares.next(),
                rest => Some((pool, rest)),
            };
        }
    }
}

/// Per source its free extents, split by who may use them; `None` if a limit ran out.
fn pools(problem: &Problem, groups: &[Group], limits: &Limits<'_>) -> Option<Vec<Pool>> {
    let mut by_source: Vec<Vec<Pool>> = Vec::new();
    by_source.resize_with(problem.sources().len(), Vec::new);
    for (index, group) in groups.iter().enumerate() {
        if limits.is_over() {
            return None;
        }
        let request = &problem.requests()[group.requests[0]];
        for (source, mut fresh) in problem.offered(request) {
            let mut split = Vec::new();
            for pool in by_source[source].drain(..) {
                let both = pool.areas.intersection(&fresh);
                let rest = pool.areas.difference(&fresh);
                fresh = fresh.difference(&pool.areas);
                let mut groups = pool.groups.clone();
                groups.push(index);
                let with = Pool {
                    areas: both,
                    groups,
                    ..pool
                };
                let without = Pool {
                    source,
                    areas: rest,
                    groups: pool.groups,
                };
                split.extend(
                    [with, without]
                        .into_iter()
                        .filter(|pool| !pool.areas.is_empty()),
                );
            }
            if !fresh.is_empty() {
                split.push(Pool {
                    source,
                    areas: fresh,
                    groups: vec![index],
                });
            }
            by_source[source] = split;
        }
    }
    Some(by_source.into_iter().flatten().collect())
}
