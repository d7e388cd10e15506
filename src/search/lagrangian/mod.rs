//! A bound for every class of problems: areas (or sources) have prices per extent, and what all legs cost at
//! least at these prices, less what everything free is worth, is what every plan costs at least.
//!
//! Whether areas are taken twice is what the relaxation leaves out; prices make up for it. With it gone the legs
//! no longer see each other, and the cheapest way for one is a small problem of its own: the oracle of its
//! class. Every prices give a bound; the first are those of the linear relaxation, a flow of least cost
//! (`transport`), and the subgradient method looks for better ones (`ascent`).
//!
//! That legs of a request keep apart has prices too: together they take of a source what one of them needs at the most.
//! So has what is known of the measures before: values that may be left out are a budget. Who may be left out is
//! decided by branch and bound (`tree`).
//!
//! # Source
//! Held and Karp, Mathematical Programming 1 (1971); Fisher, "The Lagrangian relaxation method for solving
//! integer programming problems", Management Science 27 (1981); the averaged direction: Barahona and Anbil,
//! "The volume algorithm", Mathematical Programming 87 (2000).

mod ascent;
mod class;
mod knapsack;
mod oracle;
mod pool;
mod relaxation;
mod transport;
mod tree;

use crate::core::{Limits, Measure, Problem};
use crate::search::effort;
use crate::search::pins::Pins;
use knapsack::Pairs;
use oracle::{NO_WAY, Place};
use relaxation::Relaxation;
pub(crate) use relaxation::UNIT;
use tree::Tree;

/// Steps of the subgradient method at most.
const MOST_STEPS: u64 = 400;
/// Looks at an item while the cheapest way for one class is found: most of them for multipliers.
const LOOKS: u64 = 128;
/// Which part of all looks is for the first prices.
const FIRST_PART: u64 = 16;
/// Which part of the steps is done once more with exact pairs.
const EXACT_PART: u64 = 2;

/// The least value of a measure in all plans that are no worse in those before than `pins` say; it ends at `goal`,
/// what some plan has.
pub(crate) fn least(
    problem: &Problem,
    (measure, pins): (Measure, &Pins<'_>),
    goal: Option<u64>,
    limits: &Limits<'_>,
) -> u64 {
    let relaxation = Relaxation::of(problem, measure, pins);
    relaxation.map_or(0, |relaxation| {
        best_bound(relaxation.with_shares(), goal, limits, &mut |_, _| {})
    })
}

/// Prices that give a bound of `goal`, or come near.
pub(crate) struct Found {
    /// Of an extent of each free area, by source and start.
    pub(crate) areas: Vec<(usize, u64, u64)>,
    /// Of an extent that a request takes of a source, beside that.
    pub(crate) shares: Vec<(usize, usize, u64)>,
    /// Of a value that is left out.
    pub(crate) value: u64,
}

/// Prices per extent that give a bound of `goal`, or come near: of relaxed pairs and of exact ones. `with_shares`
/// there are some for what the legs of a request take of a source together.
pub(crate) fn prices(
    problem: &Problem,
    (measure, pins): (Measure, &Pins<'_>),
    with_shares: bool,
    goal: u64,
    limits: &Limits<'_>,
) -> Vec<Found> {
    let by_source = measure == Measure::Sources;
    let mut found = Vec::new();
    let Some(relaxation) = Relaxation::of(problem, measure, pins) else {
        return found;
    };
    let relaxation = match with_shares {
        true => relaxation.with_shares(),
        false => relaxation,
    };
    if with_shares && relaxation.shares.is_empty() {
        return found;
    }
    let mut note = |relaxation: &Relaxation, all: &[i128]| {
        let mut prices = all.iter();
        let mut areas = Vec::new();
        for (source, of) in problem.sources().iter().enumerate() {
            let mut price = if by_source && !of.free.is_empty() {
                prices.next()
            } else {
                None
            };
            for area in of.free.iter() {
                if !by_source {
                    price = prices.next();
                }
                let price = price.and_then(|price| u64::try_from(*price).ok());
                let priced = price.filter(|price| *price > 0);
                areas.extend(priced.map(|price| (source, area.start(), price)));
            }
        }
        let budget = relaxation.budget.map(|(_, parts)| parts);
        let of_value = budget.map(|parts| all[relaxation.budget_at()] * parts);
        let of_value = of_value.and_then(|price| u64::try_from(price).ok());
        let mut shares = Vec::new();
        for (requests, source, at) in relaxation.shared() {
            let price = u64::try_from(all[at]).unwrap_or(0);
            let of_request = |&request: &usize| (request, source, price);
            shares.extend(requests.iter().filter(|_| price > 0).map(of_request));
        }
        found.push(Found {
            areas,
            shares,
            value: of_value.unwrap_or(0),
        });
    };
    best_bound(relaxation, Some(goal), limits, &mut note);
    found
}

/// The best bound that the prices on the way give, rounded up to whole measures. Tells of the prices in which
/// each part of the way ends.
fn best_bound(
    mut relaxation: Relaxation,
    goal: Option<u64>,
    limits: &Limits<'_>,
    ends: &mut dyn FnMut(&Relaxation, &[i128]),
) -> u64 {
    let of_optional = relaxation.optional.iter().map(|one| one.classes.len());
    let classes = (relaxation.classes.len() + of_optional.sum::<usize>()) as u64;
    let each = (relaxation.items.len() as u64 + 1) * (classes + 1) * LOOKS;
    let steps = (effort::looks(limits) / each).min(MOST_STEPS);
    if steps == 0 {
        return 0;
    }
    let unit = relaxation.unit;
    let whole = |bound: i128| {
        // No plan at all, which is for others to say.
        let bound = if bound < NO_WAY * unit {
            bound.max(0)
        } else {
            0
        };
        u64::try_from((bound + unit - 1) / unit).unwrap_or(0)
    };
    let is_enough = |bound: i128| goal.is_some_and(|goal| whole(bound) >= goal);
    let mut prices = first_prices(&relaxation, steps, limits);
    let mut bound = Tree::of(&relaxation, goal).root(&mut prices, steps, limits);
    ends(&relaxation, &prices);
    if !is_enough(bound) {
        // Where the relaxed pairs have said all they can, exact ones may say more.
        relaxation.pairs = Pairs::Exact;
        bound =
            bound.max(Tree::of(&relaxation, goal).root(&mut prices, steps / EXACT_PART, limits));
        ends(&relaxation, &prices);
    }
    if !is_enough(bound) && !relaxation.optional.is_empty() {
        bound = bound.max(Tree::of(&relaxation, goal).branch(bound, prices, limits));
    }
    let bound = whole(bound);
    goal.map_or(bound, |goal| bound.min(goal))
}

/// The best of the prices of counting, as some multiple of them, and those of the linear relaxation.
fn first_prices(relaxation: &Relaxation, steps: u64, limits: &Limits<'_>) -> Vec<i128> {
    let counted = [4, 3, 5, 2, 1, 0].into_iter().zip(0..steps);
    let counted = counted.map(|(quarters, _)| relaxation.count_prices(quarters));
    let transported = transport::prices(relaxation, effort::looks(limits) / FIRST_PART, limits);
    let places = vec![Place::Open; relaxation.optional.len()];
    let mut usage = vec![0; transported.len()];
    let mut doubts = vec![0; places.len()];
    let mut best = (i128::MIN, Vec::new());
    for tried in std::iter::once(transported).chain(counted) {
        let value = oracle::evaluate(relaxation, &places, &tried, &mut usage, &mut doubts);
        if value > best.0 {
            best = (value, tried);
        }
        if limits.is_over() {
            break;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Cuts, Policy, Request, Separation, Size};
    use crate::search::test_sources::sources;

    fn mirror(name: &str, extents: u64) -> Request {
        let mut request = Request::linear(name, extents);
        request.shape.copies = 2;
        request.separation = Separation::Leg;
        request.cuts = Cuts::Apart;
        request
    }

    fn bound(problem: &Problem, values: &[u64]) -> u64 {
        let objective = problem.objective();
        let pins = Pins { objective, values };
        let asked = (objective[values.len()], &pins);
        least(problem, asked, None, &Limits::none())
    }

    #[test]
    fn legs_that_keep_apart_are_not_all_on_the_one_large_area() {
        let sources = sources(&[&[100], &[4], &[4], &[4]]);
        let objective = vec![Measure::Segments];
        let problem = Problem::new(sources, vec![mirror("r", 12)], objective);
        assert_eq!(bound(&problem.expect("no defects"), &[]), 4);
    }

    #[test]
    fn all_legs_fall_short_by_as_much_as_the_shortest() {
        let mut request = mirror("r", 50);
        request.size = Size::AtMost(50);
        let objective = vec![Measure::Shortfall];
        let problem = Problem::new(sources(&[&[100], &[30]]), vec![request], objective);
        assert_eq!(bound(&problem.expect("no defects"), &[]), 20);
    }

    #[test]
    fn nothing_is_taken_for_more_than_it_costs_to_miss_it() {
        let mut request = mirror("r", 2);
        request.size = Size::AtMost(2);
        request.policy = Policy::Contiguous;
        request.separation = Separation::None;
        let objective = vec![Measure::Shortfall];
        let problem = Problem::new(sources(&[&[3]]), vec![request], objective);
        assert_eq!(bound(&problem.expect("no defects"), &[]), 1);
    }

    #[test]
    fn what_may_be_left_out_is_priced_beside_what_is_placed() {
        // Either of them is one segment or more, and one of them is left out.
        let requests = [("a", 12), ("b", 30)].map(|(name, extents)| {
            let mut request = Request::linear(name, extents);
            request.value = Some(1);
            request
        });
        let objective = vec![Measure::Unserved, Measure::Segments];
        let sources = sources(&[&[4, 4, 4, 4, 4, 4, 4, 4]]);
        let problem = Problem::new(sources, requests.to_vec(), objective);
        let problem = problem.expect("no defects");
        assert_eq!(bound(&problem, &[]), 1);
        assert_eq!(bound(&problem, &[1]), 3);
    }
}
