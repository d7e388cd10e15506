//! A layout of fewest intervals on fewer sources, or a proof that there is none.

use std::collections::BTreeMap;

use crate::core::Limits;
use crate::search::stripes::beam;
use crate::search::stripes::branch_and_bound::{Attempt, Refutation};
use crate::search::stripes::budget::Budget;
use crate::search::stripes::longest_feasible::Residue;
use crate::search::stripes::order::Order;
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::ruin::Ruins;

/// Replaces a layout by one of as few intervals on fewer sources, as far as one is found. Returns how many
/// sources every layout of so few intervals has, given that none has fewer than `least`.
pub(crate) fn fewer_sources(
    pool: &Pool,
    extents: u64,
    intervals: &mut Vec<Interval>,
    mut least: usize,
    limits: &Limits<'_>,
) -> usize {
    let count = intervals.len();
    let mut budget = Budget::of(pool, count);
    let orders = Order::worth_it(count, pool.sources.len());
    let attempts = |sources: usize| -> Vec<Attempt> {
        let attempt = |&order: &Order| Attempt::of(pool, count, extents, sources, order);
        orders.iter().map(attempt).collect()
    };
    let mut low = None;
    let mut high = (usize::MAX, Vec::new());
    loop {
        while leave_out(pool, extents, intervals, &mut budget, limits) {}
        if !budget.affords_round(limits) {
            return least;
        }
        // Raise the bound from below.
        while least < pool.sources_of(intervals) {
            let attempt =
                low.get_or_insert_with(|| Attempt::of(pool, count, extents, least, orders[0]));
            match attempt.go_on(budget.boxes(), limits) {
                Refutation::Refuted => least += 1,
                Refutation::Packed(found) => *intervals = found,
                Refutation::Open => break,
            }
            low = None;
        }
        // One source fewer than the best: a refutation of that says all.
        let mut is_open = false;
        while !is_open && least < pool.sources_of(intervals) {
            let fewer = pool.sources_of(intervals) - 1;
            if high.0 != fewer {
                high = (fewer, attempts(fewer));
            }
            is_open = true;
            for attempt in &mut high.1 {
                match attempt.go_on(budget.boxes(), limits) {
                    Refutation::Refuted => least = fewer + 1,
                    Refutation::Packed(found) => *intervals = found,
                    Refutation::Open => continue,
                }
                is_open = false;
                break;
            }
        }
        if least == pool.sources_of(intervals) || !budget.grow(limits) {
            return least;
        }
    }
}

/// Leaves out one of the sources, if a layout of as few intervals on the others is found; those that serve least are tried first.
fn leave_out(
    pool: &Pool,
    extents: u64,
    intervals: &mut Vec<Interval>,
    budget: &mut Budget,
    limits: &Limits<'_>,
) -> bool {
    /// Ruins of one source less are one part of so many of what a round is granted.
    const RUINS: u64 = 8;
    let mut served: BTreeMap<usize, u64> = BTreeMap::new();
    for interval in intervals.iter() {
        for &area in &interval.areas {
            *served.entry(pool.source_of(area)).or_default() += interval.length;
        }
    }
    let mut order: Vec<(u64, usize)> = served
        .iter()
        .map(|(&source, &extents)| (extents, source))
        .collect();
    order.sort_unstable();
    for &(_, left_out) in order.iter().take(budget.beams()) {
        if !budget.spend_beam(limits) {
            return false;
        }
        let others: Vec<usize> = served
            .keys()
            .copied()
            .filter(|&source| source != left_out)
            .collect();
        let part = pool.without_others(&others);
        if Residue::of(&part, extents).slack().is_none() {
            continue;
        }
        let count = intervals.len();
        let found = beam::search(&part, count, extents, budget.width(), limits).or_else(|| {
            let mut ruins = Ruins::of(&part, extents, limits);
            ruins.go_on(count, budget.rounds() / RUINS, limits);
            ruins.into_best().filter(|found| found.len() <= count)
        });
        if let Some(found) = found {
            *intervals = found;
            return true;
        }
    }
    false
}
