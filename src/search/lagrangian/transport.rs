//! First prices: those of the linear relaxation, in which a part of an item costs a part of its charge.
//!
//! A leg that may take `most` extents of an item pays `charge / most` for each of them. What is left is a flow of
//! least cost from classes to items, through what legs share of a source; its dual prices are the first.
//!
//! # Source
//! Hitchcock, "The distribution of a product from several sources to numerous localities", Journal of
//! Mathematics and Physics 20 (1941).

use crate::core::Limits;
use crate::search::lagrangian::class::{Choice, Class};
use crate::search::lagrangian::relaxation::Relaxation;
use crate::search::least_cost_flow::{Flow, Graph};

/// More than all extents that are asked for.
const ENDLESS: u64 = 1 << 60;

/// Prices of all that has a price; nothing has one where to find them takes more looks at arcs.
pub(crate) fn prices(relaxation: &Relaxation, looks: u64, limits: &Limits<'_>) -> Vec<i128> {
    let optional = relaxation.optional.iter().flat_map(|one| &one.classes);
    let classes: Vec<&Class> = relaxation.classes.iter().chain(optional).collect();
    let rooms = relaxation.rooms();
    let priced = relaxation.budget_at();
    // What has a price, the classes, and the place where all goes to.
    let to = priced + classes.len();
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
    let count = |number: i128| u64::try_from(number).unwrap_or(ENDLESS).min(ENDLESS);
    let mut graph = Graph::default();
    for _ in 0..=to {
        graph.node();
    }
    for (item, room) in rooms.iter().take(relaxation.items.len()).enumerate() {
        graph.arc(item, to, count(*room), 0);
    }
    for (index, class) in classes.iter().enumerate() {
        let node = priced + index;
        for &(_, share) in &class.shares {
            graph.arc(node, share, count(rooms[share]), 0);
        }
        if let Some(short) = class.short {
            graph.arc(node, to, ENDLESS, count(short));
        }
        for (item, cost) in arcs(relaxation, class) {
            let start = class.share(relaxation.items[item].source).unwrap_or(node);
            graph.arc(start, item, ENDLESS, count(cost));
        }
    }
    let mut flow = Flow::new(graph);
    for (index, class) in classes.iter().enumerate() {
        let need = count(class.need * class.legs as i128 * class.count);
        flow.supply(priced + index, need, true);
        flow.supply(to, need, false);
    }
    // Where not all fits, the prices are those of as much as does.
    let _ = flow.solve_until(&|| limits.is_over());
    // What an extent costs more behind the narrow place than in front of it.
    let between = |far: usize, near: usize| i128::from(flow.potential(far) - flow.potential(near));
    let mut prices = vec![0; rooms.len()];
    for (item, price) in prices.iter_mut().take(relaxation.items.len()).enumerate() {
        *price = between(to, item);
    }
    for (index, class) in classes.iter().enumerate() {
        for &(_, share) in &class.shares {
            prices[share] = between(share, priced + index);
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
