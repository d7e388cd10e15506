//! How much value has to be left out: branch and bound over who is there, with prices for the bounds.
//!
//! At given prices an optional request costs its value or its cheapest way, whichever is less. Where it is
//! not clear which, both are tried.
//!
//! # Source
//! Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::{Limits, Problem};
use crate::search::lagrangian::ascent::Ascent;
use crate::search::lagrangian::oracle::{self, Scratch};
use crate::search::lagrangian::relaxation::Relaxation;

/// Nodes at most, and steps of prices in the first and in each other.
const MOST_NODES: usize = 3_000;
const FIRST_STEPS: u64 = 300;
const STEPS: u64 = 30;
/// Looks at items in all nodes.
const MOST_LOOKS: u64 = 1 << 30;
/// Parts of a value that are counted in, for all values together.
const MOST_PARTS: i128 = 1 << 50;

/// What is decided of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Open,
    In,
    Out,
}

/// A node of the search: what is decided, and prices that suit it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    bound: i128,
    /// How many were made before it: earlier ones first among equals.
    number: usize,
    places: Vec<Place>,
    prices: Vec<i128>,
}

/// The least value that every plan leaves out; `known` is what some plan leaves out, at which it ends.
pub(crate) fn least_unserved(problem: &Problem, known: Option<u64>, limits: &Limits<'_>) -> u64 {
    let values: Vec<i128> = problem
        .requests()
        .iter()
        .map(|r| i128::from(r.value.unwrap_or(0)))
        .collect();
    let all: i128 = values.iter().sum();
    let Some(relaxation) = Relaxation::of_presence(problem).filter(|_| all > 0 && all < MOST_PARTS)
    else {
        return 0;
    };
    let search = Search {
        unit: MOST_PARTS / all,
        values,
        is_optional: problem
            .requests()
            .iter()
            .map(|r| r.value.is_some())
            .collect(),
        relaxation,
        known: known.map(i128::from),
    };
    // More than all values: not even the required ones fit, which is for others to prove.
    let least = Some(search.run(limits)).filter(|least| *least <= all);
    least
        .and_then(|least| u64::try_from(least).ok())
        .unwrap_or(0)
}

struct Search {
    relaxation: Relaxation,
    values: Vec<i128>,
    is_optional: Vec<bool>,
    unit: i128,
    known: Option<i128>,
}

impl Search {
    fn run(&self, limits: &Limits<'_>) -> i128 {
        let classes = self.relaxation.classes.len() as u64 + 1;
        let each = (self.relaxation.items.len() as u64 + 1) * classes * STEPS * 8;
        let most = usize::try_from(MOST_LOOKS / each).unwrap_or(usize::MAX);
        let most = most.clamp(1, MOST_NODES);
        let places = self
            .is_optional
            .iter()
            .map(|&is| if is { Place::Open } else { Place::In });
        let prices = vec![0; self.relaxation.items.len()];
        let mut open = BinaryHeap::new();
        let (root, undecided) =
            self.node(0, i128::MIN, places.collect(), prices, FIRST_STEPS, limits);
        open.push(Reverse((root, undecided)));
        let mut made = 1;
        loop {
            // The lowest bound of the open nodes bounds every plan.
            let Some(Reverse((node, undecided))) = open.pop() else {
                return self.known.unwrap_or(0);
            };
            let bound = self.whole(node.bound);
            let is_met = self.known.is_some_and(|known| bound >= known);
            let Some(request) = undecided.filter(|_| !is_met && made < most && !limits.is_over())
            else {
                return self.known.map_or(bound, |known| bound.min(known));
            };
            for place in [Place::In, Place::Out] {
                let mut places = node.places.clone();
                places[request] = place;
                let prices = node.prices.clone();
                let (child, undecided) = self.node(made, node.bound, places, prices, STEPS, limits);
                made += 1;
                if self
                    .known
                    .is_none_or(|known| self.whole(child.bound) < known)
                {
                    open.push(Reverse((child, undecided)));
                }
            }
        }
    }

    /// Whole values: a part of one is not left out.
    fn whole(&self, bound: i128) -> i128 {
        (bound.max(0) + self.unit - 1) / self.unit
    }

    /// A node with the best bound that its prices come to, and the open request that is least clear.
    fn node(
        &self,
        number: usize,
        at_least: i128,
        places: Vec<Place>,
        mut prices: Vec<i128>,
        steps: u64,
        limits: &Limits<'_>,
    ) -> (Node, Option<usize>) {
        let ascent = Ascent {
            items: &self.relaxation.items,
            most_price: MOST_PARTS,
            unit: self.unit,
            goal: self.known.map(|known| (known - 1) * self.unit + 1),
            steps,
        };
        let mut costs = vec![None; places.len()];
        let mut evaluate =
            |prices: &[i128], usage: &mut [i128]| self.evaluate(&places, prices, usage, &mut costs);
        let bound = ascent
            .climb(&mut prices, &mut evaluate, limits)
            .max(at_least);
        let mut usage = vec![0; prices.len()];
        self.evaluate(&places, &prices, &mut usage, &mut costs);
        let open = (0..places.len()).filter(|&request| places[request] == Place::Open);
        // Of little use is who costs next to nothing, or far more than it is worth.
        let doubt = |request: usize| {
            let value = self.values[request] * self.unit;
            costs[request].map_or(0, |cost: i128| value - (value - cost).abs())
        };
        let undecided = open.max_by_key(|&request| (doubt(request), Reverse(request)));
        let node = Node {
            bound,
            number,
            places,
            prices,
        };
        (node, undecided)
    }

    /// The bound at some prices; `costs` become what each request costs to place.
    fn evaluate(
        &self,
        places: &[Place],
        prices: &[i128],
        usage: &mut [i128],
        costs: &mut [Option<i128>],
    ) -> i128 {
        usage.fill(0);
        costs.fill(Some(0));
        let mut scratch = Scratch::default();
        let mut own = vec![0; usage.len()];
        let mut value = 0;
        for classes in self
            .relaxation
            .classes
            .chunk_by(|one, other| one.request == other.request)
        {
            let request = classes[0].request;
            if places[request] == Place::Out {
                value += self.values[request] * self.unit;
                continue;
            }
            own.fill(0);
            let mut cost = Some(0);
            for class in classes {
                let of_class =
                    oracle::cheapest(&self.relaxation, class, prices, &mut own, &mut scratch);
                cost = cost.zip(of_class).map(|(cost, of_class)| cost + of_class);
            }
            costs[request] = cost;
            let left_out = self.values[request] * self.unit;
            match cost {
                Some(cost) if places[request] == Place::In || cost < left_out => {
                    value += cost;
                    for (usage, own) in usage.iter_mut().zip(&own) {
                        *usage += own;
                    }
                }
                // A request that has to be there and cannot be: no plan is below this node.
                None if places[request] == Place::In => value += 2 * MOST_PARTS,
                Some(_) | None => value += left_out,
            }
        }
        value - oracle::worth(&self.relaxation, prices)
    }
}
