//! Maximum flow in integers, and the cut that explains it.
//!
//! Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation",
//! Soviet Math. Doklady 11 (1970): blocking flows along shortest paths.

use std::collections::VecDeque;

/// A directed network with a capacity on each arc.
///
/// Arcs are kept in pairs: arc `2i` as it was added, arc `2i + 1` its way back.
pub(crate) struct Network {
    /// Per node the arcs that leave it.
    leaving: Vec<Vec<usize>>,
    /// Where each arc leads.
    heads: Vec<usize>,
    /// What each arc can still take.
    left: Vec<u64>,
}

/// An arc, as [`Network::arc`] returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arc(usize);

impl Network {
    /// A network of `nodes` nodes without arcs.
    pub(crate) fn new(nodes: usize) -> Network {
        Network {
            leaving: vec![Vec::new(); nodes],
            heads: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Adds an arc.
    pub(crate) fn arc(&mut self, from: usize, to: usize, capacity: u64) -> Arc {
        let arc = self.heads.len();
        self.leaving[from].push(arc);
        self.leaving[to].push(arc + 1);
        self.heads.extend([to, from]);
        self.left.extend([capacity, 0]);
        Arc(arc)
    }

    /// What flows over an arc.
    pub(crate) fn flow(&self, arc: Arc) -> u64 {
        self.left[arc.0 + 1]
    }

    /// Sends as much as possible from `start` to `end` and returns how much that is, or `None` if
    /// `is_over` says so first.
    ///
    /// The capacities that leave `start` must fit 64 bits together.
    pub(crate) fn send(
        &mut self,
        start: usize,
        end: usize,
        is_over: &dyn Fn() -> bool,
    ) -> Option<u64> {
        /// Paths between two looks at the limits; each takes some microseconds.
        const PATHS_PER_LOOK: u64 = 256;
        let mut sent = 0;
        loop {
            if is_over() {
                return None;
            }
            let distance = self.distances(start);
            if distance[end].is_none() {
                return Some(sent);
            }
            let mut tried = vec![0; self.leaving.len()];
            for path in 1u64.. {
                if path.is_multiple_of(PATHS_PER_LOOK) && is_over() {
                    return None;
                }
                let more = self.augment(start, end, &distance, &mut tried);
                if more == 0 {
                    break;
                }
                sent += more;
            }
        }
    }

    /// The nodes that can still be reached from `start`: the near side of a smallest cut once
    /// [`Network::send`] has sent all it can.
    pub(crate) fn near_side(&self, start: usize) -> Vec<bool> {
        let distance = self.distances(start);
        distance.iter().map(Option::is_some).collect()
    }

    fn distances(&self, start: usize) -> Vec<Option<usize>> {
        let mut distance = vec![None; self.leaving.len()];
        distance[start] = Some(0);
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((node, steps)) = queue.pop_front() {
            for &arc in &self.leaving[node] {
                let head = self.heads[arc];
                if self.left[arc] > 0 && distance[head].is_none() {
                    distance[head] = Some(steps + 1);
                    queue.push_back((head, steps + 1));
                }
            }
        }
        distance
    }

    /// One path along growing distances; without recursion, since a path may be long.
    fn augment(
        &mut self,
        start: usize,
        end: usize,
        distance: &[Option<usize>],
        tried: &mut [usize],
    ) -> u64 {
        let mut path: Vec<usize> = Vec::new();
        let mut node = start;
        while node != end {
            let next = self.leaving[node][tried[node]..].iter().position(|&arc| {
                let steps = distance[node].map(|steps| steps + 1);
                self.left[arc] > 0 && distance[self.heads[arc]] == steps
            });
            if let Some(skipped) = next {
                tried[node] += skipped;
                let arc = self.leaving[node][tried[node]];
                path.push(arc);
                node = self.heads[arc];
                continue;
            }
            // A dead end: step back and do not come here again.
            tried[node] = self.leaving[node].len();
            let Some(arc) = path.pop() else {
                return 0;
            };
            node = self.heads[arc ^ 1];
            tried[node] += 1;
        }
        let most = path.iter().map(|&arc| self.left[arc]).min().unwrap_or(0);
        for arc in path {
            self.left[arc] -= most;
            self.left[arc ^ 1] += most;
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example network of Ford and Fulkerson's book, with its known maximum of 23.
    #[test]
    fn the_textbook_network_carries_twenty_three() {
        let mut network = Network::new(6);
        let arcs = [
            (0, 1, 16),
            (0, 2, 13),
            (1, 2, 10),
            (2, 1, 4),
            (1, 3, 12),
            (3, 2, 9),
            (2, 4, 14),
            (4, 3, 7),
            (3, 5, 20),
            (4, 5, 4),
        ];
        let ids: Vec<Arc> = arcs.iter().map(|&(a, b, c)| network.arc(a, b, c)).collect();
        assert_eq!(network.send(0, 5, &|| false), Some(23));
        let near = network.near_side(0);
        let cut = arcs.iter().filter(|(a, b, _)| near[*a] && !near[*b]);
        assert_eq!(cut.map(|arc| arc.2).sum::<u64>(), 23);
        for node in 1..5 {
            let flows = || arcs.iter().zip(&ids);
            let enters = flows().filter(|(arc, _)| arc.1 == node);
            let leaves = flows().filter(|(arc, _)| arc.0 == node);
            assert_eq!(
                enters.map(|(_, id)| network.flow(*id)).sum::<u64>(),
                leaves.map(|(_, id)| network.flow(*id)).sum::<u64>()
            );
        }
    }

    #[test]
    fn nothing_flows_where_no_path_leads() {
        let mut network = Network::new(3);
        network.arc(0, 1, 5);
        assert_eq!(network.send(0, 2, &|| false), Some(0));
        assert_eq!(network.near_side(0), [true, true, false]);
    }

    #[test]
    fn a_limit_ends_the_sending() {
        let mut network = Network::new(2);
        network.arc(0, 1, 5);
        assert_eq!(network.send(0, 1, &|| true), None);
    }
}
