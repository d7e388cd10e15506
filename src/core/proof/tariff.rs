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
    /// By request and source, for an extent of a leg.
    pub(super) shares: BTreeMap<(usize, usize), i128>,
    /// By request and source, for a leg that touches it.
    pub(super) touches: BTreeMap<(usize, usize), i128>,
    /// By request and tag, for a leg that is on any source with it.
    pub(super) tags: BTreeMap<usize, BTreeMap<String, i128>>,
    /// No extent is worth more than this.
    pub(super) dearest: i128,
}

impl Tariff {
    pub(super) fn of(question: &Question<'_>, prices: &Prices) -> Result<Tariff, Refuted> {
        let refuted = |reason: String| Err(Refuted { reason });
        let areas = prices.areas.iter().map(|(_, _, price)| *price);
        let touches = prices.touches.iter().map(|(_, _, price)| *price);
        let tags = prices.tags.iter().map(|(_, _, price)| *price);
        let shares = prices.shares.iter().map(|(_, _, price)| *price);
        let numbers = areas.chain(shares).chain(touches).chain(tags);
        let mut numbers = numbers.chain(prices.weights.iter().copied());
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
                Measure::Elsewhere
                | Measure::Balance
                | Measure::Fragments
                | Measure::LargestArea
                    if weight == 0 =>
                {
                    continue;
                }
                Measure::Elsewhere
                | Measure::Balance
                | Measure::Fragments
                | Measure::LargestArea => {
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
        let (requests, sources) = (question.problem.requests(), question.problem.sources());
        let mut shares = BTreeMap::new();
        for &(request, source, price) in &prices.shares {
            let is_there = request < requests.len() && source < sources.len();
            if !is_there
                || shares
                    .insert((request, source), i128::from(price))
                    .is_some()
            {
                return refuted(format!(
                    "request number {request} or source number {source} is not there, or its extents are priced twice"
                ));
            }
        }
        let mut touches = BTreeMap::new();
        for &(request, source, price) in &prices.touches {
            let of = requests.get(request);
            let is_apart =
                of.is_some_and(|of| of.separation() == Separation::Leg && of.grows.is_none());
            if !is_apart || source >= sources.len() {
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
        let mut tags: BTreeMap<usize, BTreeMap<String, i128>> = BTreeMap::new();
        for (request, tag, price) in &prices.tags {
            let of = requests.get(*request);
            let is_apart =
                of.is_some_and(|of| of.partition_by_tags.contains(tag) && of.grows.is_none());
            let held = tags.entry(*request).or_default();
            if !is_apart || held.insert(tag.clone(), i128::from(*price)).is_some() {
                return refuted(format!(
                    "tag {tag} does not keep legs of request number {request} apart, or is priced twice"
                ));
            }
        }
        let most = |prices: &mut dyn Iterator<Item = &i128>| prices.max().copied().unwrap_or(0);
        let dearest = most(&mut areas.values()) + most(&mut shares.values());
        Ok(Tariff {
            dearest: dearest + charges.segment + charges.source + 1,
            charges,
            areas,
            shares,
            touches,
            tags,
        })
    }
}
