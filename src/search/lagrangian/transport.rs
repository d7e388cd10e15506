//! First prices: those of the linear relaxation, in which a part of an item costs a part of its charge.
//!
//! A leg that may take `most` extents of an item pays `charge / most` for each of them. What is left is a flow of
//! least cost from classes to items, through what legs share of a source; its dual prices are the first.
//!
//! # Source
//! Hitchcock, "The distribution of a product from several sources to numerous localities", Journal of
//! Mathematics and Physics 20 (1941); shortest augmenting paths with potentials: Edmonds and Karp, Journal of the
//! ACM 19 (1972).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::core::Limits;
use crate::search::lagrangian::relaxation::{Choice, Class, Relaxation};

/// Prices of all that has a price; nothing has one where to find them takes more looks at arcs.
pub(crate) fn prices(relaxation: &Relaxation, looks: u64, limits: &Limits<'_>) -> Vec<i128> {
    let optional = relaxation.optional.iter().flat_map(|one| &one.classes);
    let classes: Vec<&Class> = relaxation.classes.iter().chain(optional).collect();
    let rooms = relaxation.rooms();
    let priced = relaxation.budget_at();
    // What has a price, the classes, the place where all comes from and the one where it goes to.
    let (from, to) = (priced + classes.len(), priced + classes.len() + 1);
    let offers = |class: &Class| {
        class
            .offers
            .as_ref()
            .map_or(relaxation.items.len(), Vec::len)
    };
    let arcs_of_all: usize = classes.iter().map(|class| offers(class)).sum();
    // About one path for each class and each item.
    if (arcs_of_all as u64).saturating_mul(to as u64) > looks {
        return vec![0; rooms.len()];
    }
    let mut flow = Flow::of(to + 1);
    for (item, _) in relaxation.items.iter().enumerate() {
        flow.add(item, to, rooms[item], 0);
    }
    for (index, class) in classes.iter().enumerate() {
        let node = priced + index;
        flow.add(from, node, class.need * class.legs as i128 * class.count, 0);
        for &(_, share) in &class.shares {
            flow.add(node, share, rooms[share], 0);
        }
        if let Some(short) = class.short {
            flow.add(node, to, i128::MAX, short);
        }
        for (item, cost) in arcs(relaxation, class) {
            let start = class.share(relaxation.items[item].source).unwrap_or(node);
            flow.add(start, item, i128::MAX, cost);
        }
    }
    while flow.augment(from, to) && !limits.is_over() {}
    // What an extent costs more behind the narrow place than in front of it.
    let mut prices = vec![0; rooms.len()];
    let of_items = prices.iter_mut().zip(&flow.potentials);
    for (price, potential) in of_items.take(relaxation.items.len()) {
        *price = flow.potentials[to] - potential;
    }
    for (index, class) in classes.iter().enumerate() {
        for &(_, share) in &class.shares {
            prices[share] = flow.potentials[share] - flow.potentials[priced + index];
        }
    }
    for price in &mut prices {
        *price = (*price).clamp(0, relaxation.most_price);
    }
    prices
}

/// The items that a class may use, with the cost of an extent.
fn arcs(relaxation: &Relaxation, class: &Class) -> Vec<(usize, i128)> {
    let charge = match class.choice {
        Choice::Intervals { .. } => class.charge / class.legs as i128,
        Choice::Any { .. } | Choice::One { .. } | Choice::Source { .. } => class.charge,
    };
    let cost = |most: i128| charge / most.clamp(1, class.need.max(1));
    let items = relaxation.items.iter().enumerate();
    let mut arcs: Vec<(usize, i128)> = match &class.offers {
        Some(offers) => offers
            .iter()
            .map(|(item, most)| (*item, cost(*most)))
            .collect(),
        None => items.map(|(item, of)| (item, cost(of.extents))).collect(),
    };
    if matches!(class.choice, Choice::One { .. }) {
        arcs.retain(|(item, _)| relaxation.items[*item].extents >= class.need);
    }
    arcs.extend(class.free.map(|(item, _)| (item, 0)));
    arcs
}

/// An arc with what may still go along it; the next one, or the one before, goes back.
struct Arc {
    to: usize,
    room: i128,
    cost: i128,
}

/// A flow of least cost, as far as it goes.
struct Flow {
    arcs: Vec<Arc>,
    of_nodes: Vec<Vec<usize>>,
    potentials: Vec<i128>,
}

impl Flow {
    fn of(nodes: usize) -> Flow {
        Flow {
            arcs: Vec::new(),
            of_nodes: vec![Vec::new(); nodes],
            potentials: vec![0; nodes],
        }
    }

    fn add(&mut self, from: usize, to: usize, room: i128, cost: i128) {
        self.of_nodes[from].push(self.arcs.len());
        self.arcs.push(Arc { to, room, cost });
        self.of_nodes[to].push(self.arcs.len());
        let (to, cost) = (from, -cost);
        self.arcs.push(Arc { to, room: 0, cost });
    }

    /// Sends all that fits along one cheapest path; whether there was one.
    fn augment(&mut self, from: usize, to: usize) -> bool {
        // By node the distance, with the potentials taken off, and the arc that leads there.
        let mut reached: BTreeMap<usize, (i128, usize)> = BTreeMap::from([(from, (0, 0))]);
        let mut open = BinaryHeap::from([Reverse((0i128, from))]);
        let far = loop {
            let Some(Reverse((distance, node))) = open.pop() else {
                return false;
            };
            if node == to {
                break distance;
            }
            if reached[&node].0 < distance {
                continue;
            }
            for &at in &self.of_nodes[node] {
                let arc = &self.arcs[at];
                if arc.room == 0 {
                    continue;
                }
                let far = distance + arc.cost + self.potentials[node] - self.potentials[arc.to];
                if reached.get(&arc.to).is_none_or(|(held, _)| far < *held) {
                    reached.insert(arc.to, (far, at));
                    open.push(Reverse((far, arc.to)));
                }
            }
        };
        for (node, potential) in self.potentials.iter_mut().enumerate() {
            let distance = reached.get(&node).map_or(far, |(distance, _)| *distance);
            *potential += distance.min(far);
        }
        let mut path = Vec::new();
        let mut node = to;
        while node != from {
            let at = reached[&node].1;
            path.push(at);
            node = self.arcs[at ^ 1].to;
        }
        let most = path.iter().map(|&at| self.arcs[at].room).min();
        for at in path {
            let most = most.unwrap_or(0);
            self.arcs[at].room -= most;
            let back = &mut self.arcs[at ^ 1].room;
            *back = back.saturating_add(most);
        }
        true
    }
}
