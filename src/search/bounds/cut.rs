//! Cuts: requests that need more extents than sources can give them.

use std::collections::BTreeMap;

use crate::core::{Areas, Conflict, Limits, Problem, Request, Separation, Size, verify};
use crate::search::flow::Network;

/// Pairs of requests and sources that are looked at in one go.
const MOST_PAIRS: usize = 1 << 24;
/// The same of requests that differ, over which a flow is sent.
const MOST_ARCS: usize = 1 << 17;

/// A cut that holds: all required requests together, one of them alone, or the smallest cut of a flow from the requests
/// over what each source can give each of them to the sources.
///
/// # Source
/// Ford and Fulkerson, "Maximal flow through a network", Canadian Journal of Mathematics 8 (1956); Gale, "A theorem on
/// flows in networks", Pacific Journal of Mathematics 7 (1957).
pub(crate) fn of_all(problem: &Problem, limits: &Limits<'_>) -> Option<Conflict> {
    let sources = problem.sources();
    let indices: Vec<usize> = (0..problem.requests().len())
        .filter(|&index| problem.requests()[index].value.is_none())
        .collect();
    let free: Vec<u64> = sources.iter().map(|source| source.free.total()).collect();
    let all: u64 = free.iter().sum();
    let needs: u64 = indices
        .iter()
        .map(|&index| needed(&problem.requests()[index]))
        .sum();
    if needs > all {
        return state(problem, indices, (0..sources.len()).collect());
    }
    if indices.len().saturating_mul(sources.len()) > MOST_PAIRS {
        return None;
    }
    // What a source gives all requests together, each seen by itself.
    let mut apart = vec![0u64; sources.len()];
    // Of requests that are alike the first stands for all: what each source gives one of them, and who they are.
    let mut seen: BTreeMap<_, (Vec<u64>, Vec<usize>)> = BTreeMap::new();
    for &index in &indices {
        if limits.is_over() {
            return None;
        }
        let request = &problem.requests()[index];
        let most = most_of_a_source(request);
        // Those that grow in place are alike with none.
        let in_place = request.grows_in_place().then_some(index);
        let key = (most, needed(request), request.allowed.as_ref(), in_place);
        let (gives, alike) = seen.entry(key).or_insert_with(|| {
            if request.allowed.is_none() && in_place.is_none() {
                let gives = free.iter().map(|&free| free.min(most));
                return (gives.collect(), Vec::new());
            }
            let mut gives = vec![0; sources.len()];
            for (source, areas) in problem.offered(request) {
                gives[source] = areas.total().min(most);
            }
            (gives, Vec::new())
        });
        alike.push(index);
        if needed(request) > gives.iter().sum() {
            return state(problem, vec![index], Vec::new());
        }
        for (sum, gives) in apart.iter_mut().zip(&*gives) {
            *sum = sum.saturating_add(*gives);
        }
    }
    let pairs = apart.iter().zip(&free).enumerate();
    let reachable: u64 = pairs
        .clone()
        .map(|(_, (apart, free))| apart.min(free))
        .sum();
    if needs > reachable {
        let whole = pairs.filter(|(_, (apart, free))| free < apart);
        return state(problem, indices, whole.map(|(source, _)| source).collect());
    }
    let classes: Vec<(Vec<u64>, Vec<usize>)> = seen.into_values().collect();
    smallest(problem, &free, &classes, limits)
}

/// The smallest cut that leaves some requests out, if those of it need more than it lets through; by class what each
/// source gives one of its requests, and these.
fn smallest(
    problem: &Problem,
    free: &[u64],
    classes: &[(Vec<u64>, Vec<usize>)],
    limits: &Limits<'_>,
) -> Option<Conflict> {
    if classes.len().saturating_mul(free.len()) > MOST_ARCS {
        return None;
    }
    let (start, end) = (classes.len() + free.len(), classes.len() + free.len() + 1);
    let mut network = Network::new(end + 1);
    let mut needs = 0;
    for (class, (gives, alike)) in classes.iter().enumerate() {
        let of_class = alike.iter().map(|&index| &problem.requests()[index]);
        let of_class: u64 = of_class.map(needed).sum();
        needs += of_class;
        network.arc(start, class, of_class);
        for (source, gives) in gives.iter().enumerate().filter(|(_, gives)| **gives > 0) {
            let together = gives.saturating_mul(alike.len() as u64);
            network.arc(class, classes.len() + source, together);
        }
    }
    for (source, &free) in free.iter().enumerate() {
        network.arc(classes.len() + source, end, free);
    }
    if network.send(start, end, &|| limits.is_over())? == needs {
        return None;
    }
    let is_near = network.near_side(start);
    let near = classes.iter().zip(&is_near).filter(|(_, near)| **near);
    let mut requests: Vec<usize> = near.flat_map(|((_, alike), _)| alike.clone()).collect();
    requests.sort_unstable();
    let whole = (0..free.len()).filter(|&source| is_near[classes.len() + source]);
    state(problem, requests, whole.collect())
}

/// The cut with its sums, if it holds for the problem as it was asked.
pub(crate) fn state(
    problem: &Problem,
    requests: Vec<usize>,
    whole: Vec<usize>,
) -> Option<Conflict> {
    let mut is_whole = vec![false; problem.sources().len()];
    for &source in &whole {
        is_whole[source] = true;
    }
    let mut united = vec![Areas::none(); problem.sources().len()];
    let mut reachable = 0u64;
    for &index in &requests {
        let request = &problem.requests()[index];
        let most = most_of_a_source(request);
        for (source, areas) in problem.offered(request) {
            if is_whole[source] {
                united[source] = problem.sources()[source].united(&united[source], &areas);
            } else {
                reachable = reachable.saturating_add(areas.total().min(most));
            }
        }
    }
    let whole_sources = united.iter().map(Areas::total).sum();
    let needs = requests.iter().map(|&index| &problem.requests()[index]);
    let conflict = Conflict::Cut {
        needed: needs.map(needed).sum(),
        requests,
        whole,
        reachable: reachable.saturating_add(whole_sources),
    };
    verify(problem, &conflict).is_ok().then_some(conflict)
}

/// Extents of one leg that every plan has.
pub(crate) fn least_leg(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(_) => request.leg_extents(),
        Size::AtMost(_) => 1,
    }
}

/// Extents that every plan takes for a request, companions included.
fn needed(request: &Request) -> u64 {
    let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
    (least_leg(request) + metadata) * request.legs() as u64 + logs(request)
}

fn logs(request: &Request) -> u64 {
    request.log.map_or(0, |log| log.extents * log.count)
}

/// Most extents that one source can give a request whose legs keep apart: one leg at every offset.
/// Metadata has no offset, so by separation `segment` a source may hold that of all legs.
pub(crate) fn most_of_a_source(request: &Request) -> u64 {
    let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
    let leg = least_leg(request);
    match request.separation() {
        Separation::None => u64::MAX,
        Separation::Segment => leg + metadata * request.legs() as u64 + logs(request),
        Separation::Leg => leg + metadata + request.log.map_or(0, |log| log.extents),
    }
}
