//! Sharing out a few sources among legs that together fill them as if they were one.

use std::collections::BTreeMap;

use crate::search::flow::Network;

/// Ways to divide the sources among legs of one request up to which all are tried.
const MOST_WAYS: usize = 10_000;

/// A leg among merged sources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) leg: usize,
    pub(crate) request: usize,
    pub(crate) extents: u64,
}

/// What became of the legs.
pub(crate) enum Shared {
    /// Pieces: leg, source, extents; fewer than legs and sources together.
    Pieces(Vec<(usize, usize, u64)>),
    /// There is no way.
    Refuted,
    /// There are too many ways to try.
    Open,
}

/// Divides `sources`, each with its capacity, among legs so that a source serves one leg of a request at
/// most.
pub(crate) fn share(sources: &[(usize, u64)], parts: &[Part]) -> Shared {
    let mut legs_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, part) in parts.iter().enumerate() {
        legs_of.entry(part.request).or_default().push(index);
    }
    let several: Vec<&Vec<usize>> = legs_of.values().filter(|legs| legs.len() > 1).collect();
    let labellings: Vec<Vec<Vec<usize>>> = several
        .iter()
        .map(|legs| labellings(sources.len(), legs.len()))
        .collect();
    let ways = labellings
        .iter()
        .try_fold(1usize, |ways, of_one| ways.checked_mul(of_one.len()))
        .filter(|&ways| ways <= MOST_WAYS);
    let Some(ways) = ways else {
        return Shared::Open;
    };
    for way in 0..ways {
        // Per request with several legs the leg that may use each source.
        let mut rest = way;
        let mut owners: BTreeMap<usize, &[usize]> = BTreeMap::new();
        for (legs, of_one) in several.iter().zip(&labellings) {
            owners.insert(parts[legs[0]].request, &of_one[rest % of_one.len()]);
            rest /= of_one.len();
        }
        let may_use = |index: usize, source: usize| {
            let part = &parts[index];
            owners.get(&part.request).is_none_or(|owner| {
                let rank = legs_of[&part.request].iter().position(|&leg| leg == index);
                rank == Some(owner[source])
            })
        };
        if let Some(mut amounts) = flow(sources, parts, &may_use) {
            cancel_cycles(&mut amounts, parts.len(), sources.len());
            let pieces = amounts
                .into_iter()
                .map(|((part, source), extents)| (parts[part].leg, sources[source].0, extents));
            return Shared::Pieces(pieces.collect());
        }
    }
    Shared::Refuted
}

/// All ways to give each of `sources` to one of `legs` legs that cannot be told apart, each leg at least
/// one: the first source of leg 1 comes behind the first of leg 0, and so on.
fn labellings(sources: usize, legs: usize) -> Vec<Vec<usize>> {
    let mut all = vec![(Vec::new(), 0)];
    for _ in 0..sources {
        let mut longer = Vec::new();
        for (labels, seen) in all {
            for label in 0..legs.min(seen + 1) {
                let mut more: Vec<usize> = labels.clone();
                more.push(label);
                longer.push((more, seen.max(label + 1)));
            }
        }
        all = longer;
        if all.len() > MOST_WAYS {
            break;
        }
    }
    all.into_iter()
        .filter(|(_, seen)| *seen == legs)
        .map(|(labels, _)| labels)
        .collect()
}

/// Extents by leg and source, if all legs can have what they need.
fn flow(
    sources: &[(usize, u64)],
    parts: &[Part],
    may_use: &dyn Fn(usize, usize) -> bool,
) -> Option<BTreeMap<(usize, usize), u64>> {
    let (start, end) = (parts.len() + sources.len(), parts.len() + sources.len() + 1);
    let mut network = Network::new(end + 1);
    let mut arcs = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        network.arc(start, index, part.extents);
        for (at, &(_, capacity)) in sources.iter().enumerate() {
            if may_use(index, at) {
                let most = capacity.min(part.extents);
                let arc = network.arc(index, parts.len() + at, most);
                arcs.push(((index, at), arc));
            }
        }
    }
    for (at, &(_, capacity)) in sources.iter().enumerate() {
        network.arc(parts.len() + at, end, capacity);
    }
    let wanted: u64 = parts.iter().map(|part| part.extents).sum();
    (network.send(start, end, &|| false)? == wanted).then(|| {
        let amounts = arcs.into_iter().map(|(key, arc)| (key, network.flow(arc)));
        amounts.filter(|&(_, extents)| extents > 0).collect()
    })
}

/// Shifts extents around each cycle of legs and sources until one of its pieces is gone.
fn cancel_cycles(amounts: &mut BTreeMap<(usize, usize), u64>, legs: usize, sources: usize) {
    while let Some(cycle) = cycle(amounts, legs, sources) {
        // Every other piece shrinks by the least of them, the others grow.
        let least = cycle.iter().step_by(2).map(|piece| amounts[piece]).min();
        let Some(least) = least else {
            return;
        };
        for (position, piece) in cycle.iter().enumerate() {
            let amount = amounts.entry(*piece).or_default();
            if position % 2 == 0 {
                *amount -= least;
            } else {
                *amount += least;
            }
        }
        amounts.retain(|_, amount| *amount > 0);
    }
}

/// The pieces along a cycle, if there is one.
fn cycle(
    amounts: &BTreeMap<(usize, usize), u64>,
    legs: usize,
    sources: usize,
) -> Option<Vec<(usize, usize)>> {
    // Pieces join nodes: legs, then sources. A piece between two nodes that are joined already closes a
    // cycle with the path between them.
    let mut joined: Vec<Vec<(usize, (usize, usize))>> = vec![Vec::new(); legs + sources];
    for &(leg, source) in amounts.keys() {
        let (from, to) = (leg, legs + source);
        if let Some(mut path) = path(&joined, from, to) {
            path.push((leg, source));
            return Some(path);
        }
        joined[from].push((to, (leg, source)));
        joined[to].push((from, (leg, source)));
    }
    None
}

/// The pieces from one node to another in a forest.
fn path(
    joined: &[Vec<(usize, (usize, usize))>],
    from: usize,
    to: usize,
) -> Option<Vec<(usize, usize)>> {
    let mut came: Vec<Option<(usize, (usize, usize))>> = vec![None; joined.len()];
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        if node == to {
            let mut pieces = Vec::new();
            let mut at = to;
            while at != from {
                let (before, piece) = came[at]?;
                pieces.push(piece);
                at = before;
            }
            return Some(pieces);
        }
        for &(next, piece) in &joined[node] {
            if next != from && came[next].is_none() {
                came[next] = Some((node, piece));
                open.push(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(leg: usize, request: usize, extents: u64) -> Part {
        Part {
            leg,
            request,
            extents,
        }
    }

    #[test]
    fn a_tree_of_pieces_is_left() {
        let sources = [(7, 10), (9, 10), (11, 10)];
        let parts = [part(0, 0, 9), part(1, 1, 9), part(2, 2, 6), part(3, 3, 6)];
        let Shared::Pieces(pieces) = share(&sources, &parts) else {
            panic!("all is full");
        };
        assert!(pieces.len() <= 6);
        for (source, capacity) in sources {
            let held = pieces.iter().filter(|piece| piece.1 == source);
            assert_eq!(held.map(|piece| piece.2).sum::<u64>(), capacity);
        }
    }

    #[test]
    fn legs_of_one_request_keep_apart() {
        let sources = [(0, 10), (1, 4)];
        assert!(matches!(
            share(&sources, &[part(0, 0, 5), part(1, 0, 5)]),
            Shared::Refuted
        ));
        assert!(matches!(
            share(&sources, &[part(0, 0, 5), part(1, 1, 5)]),
            Shared::Pieces(_)
        ));
    }
}
