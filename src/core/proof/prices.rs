//! Bounds by prices: what all requests cost at the least where extents have prices, less what everything
//! free is worth.
//!
//! That nothing is taken twice is left out; the prices make up for it. The measures before may be part of
//! the sum, each with a weight: what they are at the most is known.
//!
//! # Source
//! Held and Karp, "The traveling-salesman problem and minimum spanning trees: part II", Mathematical
//! Programming 1 (1971); Fisher, Management Science 27 (1981).

use std::collections::BTreeMap;

use crate::core::proof::question::Question;
use crate::core::proof::request;
use crate::core::{Prices, Refuted};

/// Largest number that a certificate may have: products with all extents then fit.
const MOST: u64 = 1 << 48;

/// What is charged for, one of each at its weight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Charges {
    pub(super) unserved: i128,
    pub(super) shortfall: i128,
    pub(super) segment: i128,
    pub(super) source: i128,
}

/// A price for every free area.
pub(super) struct Tariff {
    pub(super) charges: Charges,
    /// By source and start of the free area.
    pub(super) areas: BTreeMap<(usize, u64), i128>,
    /// By request and source, for a leg that touches it.
    pub(super) touches: BTreeMap<(usize, usize), i128>,
    /// No extent is worth more than this.
    pub(super) dearest: i128,
}

/// The least value of the measure that the prices come to.
pub(super) fn least(question: &Question<'_>, prices: &Prices) -> Result<u64, Refuted> {
    let refuted = |reason: &str| {
        Err(Refuted {
            reason: reason.to_string(),
        })
    };
    let position = prices.weights.len().wrapping_sub(1);
    let own = prices.weights.last().copied().unwrap_or(0);
    if question.problem.objective().get(position) != Some(&question.measure) || own == 0 {
        return refuted("its weights are not those of the measures up to the bounded one");
    }
    let areas = prices.areas.iter().map(|(_, _, price)| *price);
    let touches = prices.touches.iter().map(|(_, _, price)| *price);
    let mut numbers = areas.chain(touches).chain(prices.weights.iter().copied());
    if numbers.any(|number| number > MOST) {
        return refuted("a price is too high to be added up");
    }
    let tariff = tariff(question, prices)?;
    let mut value = 0i128;
    for wanted in &question.wanted {
        value += request::least(question, wanted, &tariff).max(0);
    }
    for (&(source, start), price) in &tariff.areas {
        let free = question.problem.sources()[source].free.iter();
        let area = free.into_iter().find(|area| area.start() == start);
        value -= price * area.map_or(0, |area| i128::from(area.count()));
    }
    value -= tariff.touches.values().sum::<i128>();
    for (&measure, &weight) in question.problem.objective().iter().zip(&prices.weights) {
        if measure != question.measure {
            value -= i128::from(weight) * i128::from(question.pin(measure).unwrap_or(0));
        }
    }
    // No plan has a part of one.
    let own = i128::from(own);
    Ok(u64::try_from((value.max(0) + own - 1) / own).unwrap_or(u64::MAX))
}

fn tariff(question: &Question<'_>, prices: &Prices) -> Result<Tariff, Refuted> {
    use crate::core::{Measure, Separation};
    let refuted = |reason: String| Err(Refuted { reason });
    let mut charges = Charges::default();
    for (&measure, &weight) in question.problem.objective().iter().zip(&prices.weights) {
        let slot = match measure {
            Measure::Unserved => &mut charges.unserved,
            Measure::Shortfall => &mut charges.shortfall,
            Measure::Segments => &mut charges.segment,
            Measure::Sources => &mut charges.source,
            Measure::Balance | Measure::Fragments | Measure::LargestArea if weight == 0 => continue,
            Measure::Balance | Measure::Fragments | Measure::LargestArea => {
                return refuted(format!("prices say nothing of {measure}"));
            }
        };
        *slot = i128::from(weight);
    }
    let mut areas = BTreeMap::new();
    for &(source, start, price) in &prices.areas {
        let free = question.problem.sources().get(source);
        let is_free = free.is_some_and(|of| of.free.iter().any(|area| area.start() == start));
        if !is_free || areas.insert((source, start), i128::from(price)).is_some() {
            return refuted(format!(
                "no free area of source number {source} starts at {start}, or it is priced twice"
            ));
        }
    }
    let mut touches = BTreeMap::new();
    for &(request, source, price) in &prices.touches {
        let of = question.problem.requests().get(request);
        let is_apart = of.is_some_and(|of| of.separation() == Separation::Leg);
        if !is_apart || source >= question.problem.sources().len() {
            return refuted(format!(
                "legs of request number {request} may share a source, which can have no price for a touch"
            ));
        }
        if touches.insert((request, source), i128::from(price)).is_some() {
            return refuted(format!("source number {source} is priced twice"));
        }
    }
    let dearest = areas.values().copied().max().unwrap_or(0);
    let touched = touches.values().copied().max().unwrap_or(0);
    Ok(Tariff {
        dearest: dearest + charges.segment + charges.source + touched + 1,
        charges,
        areas,
        touches,
    })
}
