//! What a certificate charges for measures and extents, looked up.

use std::collections::BTreeMap;

use crate::core::proof::question::Question;
use crate::core::{Measure, Prices, Refuted, Separation};

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

impl Tariff {
    pub(super) fn of(question: &Question<'_>, prices: &Prices) -> Result<Tariff, Refuted> {
        let refuted = |reason: String| Err(Refuted { reason });
        let areas = prices.areas.iter().map(|(_, _, price)| *price);
        let touches = prices.touches.iter().map(|(_, _, price)| *price);
        let mut numbers = areas.chain(touches).chain(prices.weights.iter().copied());
        if numbers.any(|number| number > MOST) {
            return refuted("a price is too high to be added up".to_string());
        }
        let mut charges = Charges::default();
        for (&measure, &weight) in question.problem.objective().iter().zip(&prices.weights) {
            let slot = match measure {
                Measure::Unserved => &mut charges.unserved,
                Measure::Shortfall => &mut charges.shortfall,
                Measure::Segments => &mut charges.segment,
                Measure::Sources => &mut charges.source,
                Measure::Balance | Measure::Fragments | Measure::LargestArea if weight == 0 => {
                    continue;
                }
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
            if touches
                .insert((request, source), i128::from(price))
                .is_some()
            {
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
}
