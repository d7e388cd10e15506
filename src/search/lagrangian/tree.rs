//! Branch and bound over which requests are placed, of those that may be left out, with prices for the bounds.
//!
//! At given prices such a request costs what leaving it out costs or its cheapest way, whichever is less. Where it
//! is not clear which, both are tried.
//!
//! # Source
//! Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::Limits;
use crate::search::lagrangian::ascent::Ascent;
use crate::search::lagrangian::oracle::{self, Place};
use crate::search::lagrangian::relaxation::Relaxation;

/// Nodes at most, and steps of prices in each.
const MOST_NODES: usize = 3_000;
const STEPS: u64 = 30;
/// Looks at items in all nodes.
const MOST_LOOKS: u64 = 1 << 30;

/// A node of the search: what is decided, and prices that suit it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    bound: i128,
    /// How many were made before it: earlier ones first among equals.
    number: usize,
    places: Vec<Place>,
    prices: Vec<i128>,
}

/// A search, which ends where no plan can be better than `goal`.
pub(crate) struct Tree<'a> {
    relaxation: &'a Relaxation,
    goal: Option<u64>,
}

impl<'a> Tree<'a> {
    pub(crate) fn of(relaxation: &'a Relaxation, goal: Option<u64>) -> Tree<'a> {
        Tree { relaxation, goal }
    }

    /// The bound of all plans, from prices of the root, which become better ones, and what they come to.
    pub(crate) fn root(&self, prices: &mut Vec<i128>, steps: u64, limits: &Limits<'_>) -> i128 {
        let places = vec![Place::Open; self.relaxation.optional.len()];
        let (bound, _) = self.climb(&places, prices, steps, limits);
        bound
    }

    /// The bound of all plans, from `bound`, that of the root at these prices.
    pub(crate) fn branch(&self, bound: i128, prices: Vec<i128>, limits: &Limits<'_>) -> i128 {
        let relaxation = self.relaxation;
        let of_optional = relaxation.optional.iter().map(|one| one.classes.len());
        let classes = (relaxation.classes.len() + of_optional.sum::<usize>()) as u64 + 1;
        let each = (relaxation.items.len() as u64 + 1) * classes * STEPS * 8;
        let most = usize::try_from(MOST_LOOKS / each).unwrap_or(usize::MAX);
        let most = most.clamp(1, MOST_NODES);
        let places = vec![Place::Open; relaxation.optional.len()];
        let mut open = BinaryHeap::new();
        let (root, undecided) = self.node(0, bound, places, prices, 1, limits);
        open.push(Reverse((root, undecided)));
        let (mut made, mut least_pruned) = (1, i128::MAX);
        loop {
            // The lowest bound of the open nodes bounds every plan.
            let Some(Reverse((node, undecided))) = open.pop() else {
                return least_pruned;
            };
            let goes_on = made < most && !limits.is_over() && !self.is_met(node.bound);
            let Some(request) = undecided.filter(|_| goes_on) else {
                return node.bound.min(least_pruned);
            };
            for place in [Place::In, Place::Out] {
                let mut places = node.places.clone();
                places[request] = place;
                let prices = node.prices.clone();
                let (child, undecided) = self.node(made, node.bound, places, prices, STEPS, limits);
                made += 1;
                if self.is_met(child.bound) {
                    least_pruned = least_pruned.min(child.bound);
                } else {
                    open.push(Reverse((child, undecided)));
                }
            }
        }
    }

    /// Whether no plan of a node is better than the goal.
    fn is_met(&self, bound: i128) -> bool {
        self.enough().is_some_and(|enough| bound >= enough)
    }

    /// A bound that is high enough: whole measures are counted.
    fn enough(&self) -> Option<i128> {
        let unit = self.relaxation.unit;
        self.goal.map(|goal| (i128::from(goal) - 1) * unit + 1)
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
        let (bound, doubts) = self.climb(&places, &mut prices, steps, limits);
        let open = (0..places.len()).filter(|&request| places[request] == Place::Open);
        // Of little use is who costs next to nothing, or far more than it is worth.
        let undecided = open.max_by_key(|&request| (doubts[request], Reverse(request)));
        let node = Node {
            bound: bound.max(at_least),
            number,
            places,
            prices,
        };
        (node, undecided)
    }

    /// The best bound on a way of better and better prices, and how close it is whether each request is placed.
    fn climb(
        &self,
        places: &[Place],
        prices: &mut Vec<i128>,
        steps: u64,
        limits: &Limits<'_>,
    ) -> (i128, Vec<i128>) {
        let relaxation = self.relaxation;
        let ascent = Ascent {
            rooms: &relaxation.rooms(),
            most_price: relaxation.most_price,
            unit: relaxation.unit,
            goal: self.enough(),
            steps,
        };
        let mut doubts = vec![0; places.len()];
        let mut evaluate = |prices: &[i128], usage: &mut [i128]| {
            oracle::evaluate(relaxation, places, prices, usage, &mut doubts)
        };
        let bound = ascent.climb(prices, &mut evaluate, limits);
        let mut usage = vec![0; prices.len()];
        evaluate(prices, &mut usage);
        (bound, doubts)
    }
}
