//! Hardly anything to spare in prices: legs that cost little more than the cheapest.
//!
//! Prices that nearly prove that items cannot be shared out say how much all legs may cost above the
//! cheapest, together with the items that none of them uses. The sets within that are listed, and chosen
//! exactly.

use crate::core::{Limits, StopReason};
use crate::search::bin_covering::bin_completion::Outcome;
use crate::search::bin_covering::disjoint_patterns;
use crate::search::bin_covering::dual::Dual;
use crate::search::bin_covering::lagrangian::Priced;
use crate::search::bin_covering::patterns;

/// Most sets that are listed.
const MOST_SETS: usize = 100_000;

/// Shares out items so that every leg has at least `needed`, or proves that it cannot be done.
pub(crate) fn share(
    sizes: &[u64],
    legs: usize,
    needed: u64,
    priced: Priced,
    limits: &Limits<'_>,
) -> Outcome {
    let Some(spare) = priced.spare(legs) else {
        return Outcome::None { nodes: 1 };
    };
    let gives: Vec<Vec<u64>> = sizes
        .iter()
        .map(|&size| vec![0, size.min(needed)])
        .collect();
    let dual = Dual::of_items(priced.prices, priced.cover, legs);
    let Some(listed) = patterns::within(&gives, needed, &dual, spare, MOST_SETS, limits) else {
        return Outcome::Stopped(StopReason::MethodEnds);
    };
    match disjoint_patterns::choose(&listed, &dual.prices, legs, spare, limits) {
        disjoint_patterns::Outcome::Found(sets) => {
            Outcome::Found(sets.into_iter().map(disjoint_patterns::items_of).collect())
        }
        disjoint_patterns::Outcome::None { nodes } => Outcome::None { nodes },
        disjoint_patterns::Outcome::Stopped(reason) => Outcome::Stopped(reason),
    }
}
