//! Flows of least cost in whole numbers, which go on from where they are when arcs are taken away.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Nodes and arcs; an arc and its reverse have the numbers 2n and 2n + 1.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    leaving: Vec<Vec<u32>>,
    heads: Vec<u32>,
    costs: Vec<i64>,
    room: Vec<u64>,
}

impl Graph {
    /// Adds a node, and returns its number.
    pub(crate) fn node(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.leaving.len() - 1
    }

    /// Adds an arc, and returns its number.
    pub(crate) fn arc(&mut self, from: usize, to: usize, room: u64, cost: u64) -> usize {
        let number = self.heads.len();
        let cost = i64::try_from(cost).unwrap_or(i64::MAX / 4);
        for (from, to, room, cost) in [(from, to, room, cost), (to, from, 0, -cost)] {
            let number = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
            self.leaving[from].push(number);
            self.heads.push(u32::try_from(to).unwrap_or(u32::MAX));
            self.costs.push(cost);
            self.room.push(room);
        }
        number
    }

    /// How many arcs there are.
    pub(crate) fn arcs(&self) -> usize {
        self.heads.len() / 2
    }
}

/// A flow that costs the least of those that bring as much from where there is too much to where there is too little.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    graph: Arc<Graph>,
    left: Vec<u64>,
    potentials: Vec<i64>,
    excess: Vec<i64>,
}

impl Flow {
    /// Nothing flows yet; no cost is negative.
    pub(crate) fn new(graph: Graph) -> Flow {
        let nodes = graph.leaving.len();
        Flow {
            left: graph.room.clone(),
            potentials: vec![0; nodes],
            excess: vec![0; nodes],
            graph: Arc::new(graph),
        }
    }

    /// What a node has too much, or too little where it is negative.
    pub(crate) fn supply(&mut self, node: usize, count: u64, is_more: bool) {
        let count = i64::try_from(count).unwrap_or(i64::MAX / 4);
        self.excess[node] += if is_more { count } else { -count };
    }

    /// What flows through an arc.
    pub(crate) fn through(&self, arc: usize) -> u64 {
        self.left[arc ^ 1]
    }

    /// How many arcs there are.
    pub(crate) fn arcs(&self) -> usize {
        self.graph.arcs()
    }

    /// What it takes in memory, without what all flows of a graph share.
    pub(crate) fn bytes(&self) -> u64 {
        8 * (self.left.len() + self.potentials.len() + self.excess.len()) as u64
    }

    /// What more an arc can take.
    pub(crate) fn left(&self, arc: usize) -> u64 {
        self.left[arc]
    }

    /// Lets an arc that costs nothing take some of that.
    pub(crate) fn push(&mut self, arc: usize, count: u64) {
        self.change(arc, count.min(self.left[arc]));
    }

    fn change(&mut self, arc: usize, count: u64) {
        self.left[arc] -= count;
        self.left[arc ^ 1] += count;
        let count = i64::try_from(count).unwrap_or(i64::MAX / 4);
        let (tail, head) = (self.tail(arc), self.head(arc));
        self.excess[tail] -= count;
        self.excess[head] += count;
    }

    /// Takes an arc away; what it had has to find another way.
    pub(crate) fn bar(&mut self, arc: usize) {
        let count = self.through(arc);
        self.change(arc ^ 1, count);
        self.left[arc] = 0;
        self.left[arc ^ 1] = 0;
    }

    /// What the flow costs.
    pub(crate) fn cost(&self) -> u64 {
        let arcs = (0..self.graph.arcs()).map(|arc| 2 * arc);
        let costs = arcs.map(|arc| {
            let cost = u64::try_from(self.graph.costs[arc]).unwrap_or(0);
            cost.saturating_mul(self.through(arc))
        });
        costs.fold(0, u64::saturating_add)
    }

    fn head(&self, arc: usize) -> usize {
        self.graph.heads[arc] as usize
    }

    fn tail(&self, arc: usize) -> usize {
        self.head(arc ^ 1)
    }

    /// Brings everything to where it is wanted at the least cost.
    ///
    /// Phases as in the primal-dual method of Ford and Fulkerson (1957): distances from where there is too much, then
    /// as much as can be along shortest ways.
    ///
    /// # Errors
    /// Where that cannot be: the nodes that what is left over can get to.
    pub(crate) fn solve(&mut self) -> Result<(), Vec<bool>> {
        self.solve_until(&|| false)
    }

    /// As [`Flow::solve`], and stops between two phases where it is over.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn solve_until(&mut self, is_over: &dyn Fn() -> bool) -> Result<(), Vec<bool>> {
        while self.excess.iter().any(|count| *count > 0) && !is_over() {
            self.measure()?;
            while self.fill() {}
        }
        Ok(())
    }

    /// What it costs to get one more to a node: the dual price of the node.
    pub(crate) fn potential(&self, node: usize) -> i64 {
        self.potentials[node]
    }

    /// Moves the potentials so that the nearest node that wants something is reached through arcs that cost nothing.
    fn measure(&mut self) -> Result<(), Vec<bool>> {
        const FAR: i64 = i64::MAX;
        let nodes = self.excess.len();
        let mut distance = vec![FAR; nodes];
        let mut queue = BinaryHeap::new();
        for (node, count) in self.excess.iter().enumerate() {
            if *count > 0 {
                distance[node] = 0;
                queue.push(Reverse((0, node)));
            }
        }
        let mut nearest = None;
        while let Some(Reverse((far, node))) = queue.pop() {
            if far > distance[node] {
                continue;
            }
            if self.excess[node] < 0 {
                nearest = Some(far);
                break;
            }
            for &arc in &self.graph.leaving[node] {
                let arc = arc as usize;
                if self.left[arc] == 0 {
                    continue;
                }
                let other = self.head(arc);
                let reduced =
                    self.graph.costs[arc] + self.potentials[node] - self.potentials[other];
                let there = far + reduced;
                if there < distance[other] {
                    distance[other] = there;
                    queue.push(Reverse((there, other)));
                }
            }
        }
        let Some(nearest) = nearest else {
            return Err(distance.into_iter().map(|far| far != FAR).collect());
        };
        for (potential, far) in self.potentials.iter_mut().zip(distance) {
            *potential += far.min(nearest);
        }
        Ok(())
    }

    /// One round of Dinic's method through arcs that cost nothing; says whether it brought anything.
    fn fill(&mut self) -> bool {
        let nodes = self.excess.len();
        let mut level = vec![u32::MAX; nodes];
        let sources = (0..nodes).filter(|&node| self.excess[node] > 0);
        let sources: Vec<usize> = sources.collect();
        let mut queue = sources.clone();
        queue.iter().for_each(|&node| level[node] = 0);
        let mut at = 0;
        while at < queue.len() {
            let node = queue[at];
            at += 1;
            for &arc in &self.graph.leaving[node] {
                let other = self.head(arc as usize);
                if level[other] == u32::MAX && self.is_tight(arc as usize) {
                    level[other] = level[node] + 1;
                    queue.push(other);
                }
            }
        }
        let mut next = vec![0usize; nodes];
        let mut brought = false;
        for source in sources {
            while self.excess[source] > 0 && self.send(source, &level, &mut next) {
                brought = true;
            }
        }
        brought
    }

    fn is_tight(&self, arc: usize) -> bool {
        let potentials = self.potentials[self.tail(arc)] - self.potentials[self.head(arc)];
        self.left[arc] > 0 && self.graph.costs[arc] + potentials == 0
    }

    /// Sends something from a node down the levels; says whether it got anywhere.
    fn send(&mut self, source: usize, level: &[u32], next: &mut [usize]) -> bool {
        let graph = Arc::clone(&self.graph);
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        loop {
            if self.excess[node] < 0 {
                let most = self.excess[source].min(-self.excess[node]);
                let most = u64::try_from(most).unwrap_or(0);
                let count = path.iter().map(|&arc| self.left[arc]).fold(most, u64::min);
                path.iter().for_each(|&arc| self.change(arc, count));
                return count > 0;
            }
            let arcs = &graph.leaving[node];
            let found = (next[node]..arcs.len()).find(|&at| {
                let arc = arcs[at] as usize;
                let other = self.head(arc);
                level[other] == level[node].saturating_add(1) && self.is_tight(arc)
            });
            next[node] = found.unwrap_or(arcs.len());
            match (found, path.pop()) {
                (Some(at), last) => {
                    path.extend(last);
                    path.push(arcs[at] as usize);
                    node = self.head(arcs[at] as usize);
                }
                (None, Some(last)) => {
                    node = self.tail(last);
                    next[node] += 1;
                }
                (None, None) => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two that want to go to two, of which one is dear.
    #[test]
    fn what_an_arc_had_finds_the_next_cheapest_way() {
        let mut graph = Graph::default();
        let [a, b, c, d, sink] = [(); 5].map(|()| graph.node());
        let cheap = graph.arc(a, c, 9, 0);
        graph.arc(a, d, 9, 5);
        graph.arc(b, c, 9, 1);
        graph.arc(b, d, 9, 2);
        graph.arc(c, sink, 4, 0);
        graph.arc(d, sink, 6, 0);
        let mut flow = Flow::new(graph);
        for node in [a, b] {
            flow.supply(node, 3, true);
            flow.supply(sink, 3, false);
        }
        assert_eq!(flow.solve(), Ok(()));
        assert_eq!((flow.cost(), flow.through(cheap)), (5, 3));
        flow.bar(cheap);
        assert_eq!(flow.solve(), Ok(()));
        assert_eq!(flow.cost(), 18);
        flow.supply(a, 5, true);
        flow.supply(sink, 5, false);
        assert!(flow.solve().is_err());
    }
}
