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

mod knapsack;
mod oracle;
mod relaxation;

use crate::core::{Limits, Measure, Problem};
use crate::search::verdict::Lower;
use relaxation::{Relaxation, UNIT};

/// Steps of the subgradient method at most, and looks at areas in all of them.
const MOST_STEPS: u64 = 400;
const MOST_LOOKS: u64 = 1 << 28;
/// Steps without a gain after which the length of a step is cut.
const PATIENCE: u32 = 12;
/// The length of the first step and of the last, in thousandths.
const FIRST_LENGTH: i128 = 900;
const LAST_LENGTH: i128 = 2;

/// Bounds of the segments and of the sources of every plan; `known` are those of a plan, if there is one.
pub(crate) fn lower(problem: &Problem, known: Lower, limits: &Limits<'_>) -> Lower {
    let bound = |measure: Measure, known: u64| {
        let is_asked = problem.objective().contains(&measure);
        match Relaxation::of(problem, measure) {
            Some(relaxation) if is_asked => best_bound(&relaxation, known, limits),
            Some(_) | None => 0,
        }
    };
    Lower {
        segments: bound(Measure::Segments, known.segments),
        sources: bound(Measure::Sources, known.sources),
        ..Lower::default()
    }
}

/// The best bound that the prices on the way give, rounded up to whole measures.
fn best_bound(relaxation: &Relaxation, known: u64, limits: &Limits<'_>) -> u64 {
    let items = relaxation.items.len();
    let each = (items as u64 + 1) * (relaxation.classes.len() as u64 + 1) * 32;
    let steps = (MOST_LOOKS / each).min(MOST_STEPS);
    let mut usage = vec![0i128; items];
    // Of the prices of counting the best multiple.
    let (mut best, mut best_prices) = (i128::MIN, vec![0i128; items]);
    for quarters in 0..=5 {
        let prices = relaxation.count_prices(quarters);
        let value = relaxation.evaluate(&prices, &mut usage);
        if value > best {
            (best, best_prices) = (value, prices);
        }
    }
    let mut prices = best_prices.clone();
    let mut direction = vec![0i128; items];
    let (mut length, mut idle) = (FIRST_LENGTH, 0);
    for step in 0..steps {
        if limits.is_over() || length < LAST_LENGTH || known > 0 && whole(best) >= known {
            break;
        }
        let value = relaxation.evaluate(&prices, &mut usage);
        if value > best + UNIT / 4096 {
            idle = 0;
        } else {
            idle += 1;
        }
        if value > best {
            best = value;
            best_prices.clone_from(&prices);
        }
        if idle > PATIENCE {
            length = length * 3 / 5;
            idle = 0;
            prices.clone_from(&best_prices);
            relaxation.evaluate(&prices, &mut usage);
        }
        // The volume algorithm's direction: most of what it was, some of what it is.
        let mut square = 0i128;
        for (item, direction) in direction.iter_mut().enumerate() {
            let now = usage[item] - relaxation.items[item].extents;
            *direction = if step == 0 {
                now
            } else {
                (*direction * 7 + now * 3) / 10
            };
            // A price does not fall below nothing.
            if prices[item] > 0 || *direction > 0 {
                square += *direction * *direction;
            }
        }
        if square == 0 {
            break;
        }
        let goal = match known {
            0 => best.max(0) + best.max(0) / 50 + UNIT,
            known => i128::from(known) * UNIT + UNIT / 50,
        };
        let distance = (goal - value).max(UNIT / 100);
        for (price, direction) in prices.iter_mut().zip(&direction) {
            let change = distance / 1000 * length * direction / square;
            *price = (*price + change).clamp(0, relaxation.most_price);
        }
    }
    whole(best)
}

/// Whole measures: a plan has no part of a segment.
fn whole(value: i128) -> u64 {
    let rounded = (value.max(0) + UNIT - 1) / UNIT;
    u64::try_from(rounded).unwrap_or(0)
}
