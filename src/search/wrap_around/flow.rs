//! Whether requests whose legs keep apart at every offset fit together: one flow.
//!
//! A source can hold at most one leg of such a request at every offset, so it gives a request at most
//! one leg's length. That is also enough (McNaughton, "Scheduling with deadlines and loss functions",
//! Management Science 6, 1959: legs are machines, sources are jobs that may be interrupted). So a batch
//! fits if and only if a flow from the sources to the requests fills all demands, and its smallest cut
//! says why not.

use crate::core::{Areas, Conflict, Limits, Problem, Separation};
use crate::search::bounds::cut;
use crate::search::flow::Network;

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

/// Extents of one source that the same requests may use.
struct Pool {
    source: usize,
    areas: Areas,
    requests: Vec<usize>,
}

/// Splits the free extents between the requests.
pub(crate) fn share(problem: &Problem, limits: &Limits<'_>) -> Shares {
    let Some(pools) = pools(problem, limits) else {
        return Shares::Stopped;
    };
    let requests = problem.requests();
    let (start, end) = (0, 1);
    let request_node = |request: usize| 2 + request;
    let pool_node = |pool: usize| 2 + requests.len() + pool;
    let mut nodes = 2 + requests.len() + pools.len();
    let pairs: Vec<(usize, usize)> = {
        let all = pools.iter().map(|pool| (pool.source, &pool.requests));
        all.flat_map(|(source, requests)| requests.iter().map(move |&request| (source, request)))
            .collect()
    };
    // A source with several pools needs a node per request, for the most that it gives in all.
    let mut gates = std::collections::BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for pair in pairs {
        if !seen.insert(pair) {
            gates.entry(pair).or_insert_with(|| {
                nodes += 1;
                nodes - 1
            });
        }
    }
    let mut network = Network::new(nodes);
    let most = |request: usize| match requests[request].separation() {
        Separation::Segment | Separation::Leg if requests[request].legs() > 1 => {
            requests[request].leg_extents()
        }
        Separation::Segment | Separation::Leg | Separation::None => u64::MAX,
    };
    for (&(_, request), &gate) in &gates {
        network.arc(gate, request_node(request), most(request));
    }
    let mut arcs = Vec::new();
    for (index, pool) in pools.iter().enumerate() {
        network.arc(start, pool_node(index), pool.areas.total());
        for &request in &pool.requests {
            let arc = match gates.get(&(pool.source, request)) {
                Some(&gate) => network.arc(pool_node(index), gate, u64::MAX),
                None => network.arc(pool_node(index), request_node(request), most(request)),
            };
            arcs.push((index, request, arc));
        }
    }
    let mut needed = 0;
    for (index, request) in requests.iter().enumerate() {
        let demand = request.leg_extents() * request.legs() as u64;
        network.arc(request_node(index), end, demand);
        needed += demand;
    }
    let Some(sent) = network.send(start, end, &|| limits.is_over()) else {
        return Shares::Stopped;
    };
    if sent < needed {
        let near = network.near_side(start);
        let far = (0..requests.len()).filter(|&request| !near[request_node(request)]);
        let mut whole = vec![true; problem.sources().len()];
        for (index, pool) in pools.iter().enumerate() {
            whole[pool.source] &= !near[pool_node(index)];
        }
        let whole = (0..whole.len()).filter(|&source| whole[source]).collect();
        return match cut::state(problem, far.collect(), whole) {
            Some(conflict) => Shares::Refused(conflict),
            None => Shares::Unstated,
        };
    }
    let mut granted = vec![Vec::new(); requests.len()];
    for (pool, request, arc) in arcs {
        let extents = network.flow(arc);
        if extents > 0 {
            granted[request].push(Share {
                source: pools[pool].source,
                areas: pools[pool].areas.clone(),
                extents,
            });
        }
    }
    Shares::Granted(granted)
}

/// Per source its free extents, split by who may use them; `None` if a limit ran out.
fn pools(problem: &Problem, limits: &Limits<'_>) -> Option<Vec<Pool>> {
    let mut by_source: Vec<Vec<Pool>> = Vec::new();
    by_source.resize_with(problem.sources().len(), Vec::new);
    for (index, request) in problem.requests().iter().enumerate() {
        if limits.is_over() {
            return None;
        }
        for (source, mut fresh) in problem.offered(request) {
            let mut split = Vec::new();
            for pool in by_source[source].drain(..) {
                let both = pool.areas.intersection(&fresh);
                let rest = pool.areas.difference(&fresh);
                fresh = fresh.difference(&pool.areas);
                let mut requests = pool.requests.clone();
                requests.push(index);
                let with = Pool {
                    areas: both,
                    requests,
                    ..pool
                };
                let without = Pool {
                    source,
                    areas: rest,
                    requests: pool.requests,
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
                    requests: vec![index],
                });
            }
            by_source[source] = split;
        }
    }
    Some(by_source.into_iter().flatten().collect())
}
