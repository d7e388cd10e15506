//! A bound for every class of problems: areas (or sources) have prices per extent, and what all legs cost at
//! least at these prices, less what everything free is worth, is what every plan costs at least.
//!
//! Whether areas are taken twice is what the relaxation leaves out; prices make up for it. With it gone the legs
//! no longer see each other, and the cheapest way for one is a small problem of its own: the oracle of its
//! class. Every prices give a bound; the subgradient method looks for good ones.
//!
//! # Source
//! Held and Karp, Mathematical Programming 1 (1971); Fisher, "The Lagrangian relaxation method for solving
//! integer programming problems", Management Science 27 (1981); the averaged direction: Barahona and Anbil,
//! "The volume algorithm", Mathematical Programming 87 (2000).

mod ascent;
mod knapsack;
mod oracle;
pub(crate) mod presence;
mod relaxation;

use crate::core::{Limits, Measure, Problem, Request};
use crate::search::effort;
use crate::search::verdict::Lower;
use ascent::Ascent;
use knapsack::Pairs;
use relaxation::Relaxation;
pub(crate) use relaxation::UNIT;

/// Steps of the subgradient method at most.
const MOST_STEPS: u64 = 400;
/// Looks at an item while the cheapest way for one class is found: most of them for multipliers.
const LOOKS: u64 = 128;
/// Which part of the steps is done once more with exact pairs.
const EXACT_PART: u64 = 2;

/// Bounds of the segments and of the sources of every plan; `known` are those of a plan, if there is one.
pub(crate) fn lower(problem: &Problem, known: Lower, limits: &Limits<'_>) -> Lower {
    let bound = |measure: Measure, known: u64| {
        let is_asked = problem.objective().contains(&measure);
        match Relaxation::of(problem, measure) {
            Some(relaxation) if is_asked => best_bound(relaxation, known, limits, &mut |_| {}),
            Some(_) | None => 0,
        }
    };
    Lower {
        segments: bound(Measure::Segments, known.segments),
        sources: bound(Measure::Sources, known.sources),
        ..Lower::default()
    }
}

/// Prices per extent that give a bound of `known`, or come near, for each free area by source and start: of
/// relaxed pairs and of exact ones. The requests taken are those that `takes` names.
pub(crate) fn prices(
    problem: &Problem,
    measure: Measure,
    known: u64,
    takes: &dyn Fn(&Request) -> bool,
    limits: &Limits<'_>,
) -> Vec<Vec<(usize, u64, u64)>> {
    let Some(relaxation) = Relaxation::of_some(problem, measure, takes) else {
        return Vec::new();
    };
    let by_source = measure == Measure::Sources;
    let mut found = Vec::new();
    best_bound(relaxation, known, limits, &mut |prices: &[i128]| {
        let mut prices = prices.iter();
        let mut of_areas = Vec::new();
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
                of_areas.extend(priced.map(|price| (source, area.start(), price)));
            }
        }
        found.push(of_areas);
    });
    found
}

/// The best bound that the prices on the way give, rounded up to whole measures. Tells of the prices in which
/// each part of the way ends.
fn best_bound(
    mut relaxation: Relaxation,
    known: u64,
    limits: &Limits<'_>,
    ends: &mut dyn FnMut(&[i128]),
) -> u64 {
    let items = relaxation.items.len();
    let each = (items as u64 + 1) * (relaxation.classes.len() as u64 + 1) * LOOKS;
    let most_steps = (effort::looks(limits) / each).min(MOST_STEPS);
    let mut usage = vec![0i128; items];
    // Of the prices of counting the best multiple.
    let (mut best, mut prices) = (i128::MIN, vec![0i128; items]);
    for (quarters, _) in [4, 3, 5, 2, 1, 0].into_iter().zip(0..most_steps) {
        if limits.is_over() {
            break;
        }
        let tried = relaxation.count_prices(quarters);
        let value = oracle::evaluate(&relaxation, &tried, &mut usage);
        if value > best {
            (best, prices) = (value, tried);
        }
    }
    let climb = |relaxation: &Relaxation, steps: u64, prices: &mut Vec<i128>| {
        let ascent = Ascent {
            items: &relaxation.items,
            most_price: relaxation.most_price,
            unit: UNIT,
            goal: (known > 0).then(|| i128::from(known) * UNIT - UNIT + 1),
            steps,
        };
        let mut evaluate =
            |prices: &[i128], usage: &mut [i128]| oracle::evaluate(relaxation, prices, usage);
        ascent.climb(prices, &mut evaluate, limits)
    };
    if most_steps == 0 {
        return 0;
    }
    let bound = climb(&relaxation, most_steps, &mut prices);
    ends(&prices);
    if known > 0 && whole(bound) >= known {
        return whole(bound);
    }
    // Where the relaxed pairs have said all they can, exact ones may say more.
    relaxation.pairs = Pairs::Exact;
    let exact = climb(&relaxation, most_steps / EXACT_PART, &mut prices);
    ends(&prices);
    whole(bound.max(exact))
}

/// Whole measures: a plan has no part of a segment.
fn whole(value: i128) -> u64 {
    let rounded = (value.max(0) + UNIT - 1) / UNIT;
    u64::try_from(rounded).unwrap_or(0)
}
