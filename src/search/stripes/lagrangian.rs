//! Prices of pieces, lowered and raised until a bound on what intervals can have is low enough.
//!
//! Every interval needs as many pieces as there are legs. With that rule given up, and each piece paid
//! for, what areas earn plus what is paid back bounds what intervals can have (Lagrangian relaxation;
//! Geoffrion, Mathematical Programming Study 2, 1974). Any prices give a bound; good ones are found by
//! steps against the number of pieces that are too many (Polyak, USSR Computational Mathematics and
//! Mathematical Physics 9, 1969).

use crate::core::Limits;

/// Prices and what they buy are counted in these parts of an extent, so that rounding hardly matters
/// where lengths are small.
pub(crate) const PARTS: i64 = 64;

/// What is asked of a bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// Pieces that each interval needs.
    pub(crate) legs: i64,
    /// Parts of extents that all legs have together; a bound below refutes.
    pub(crate) wanted: i64,
    /// No price is useful above this.
    pub(crate) highest: i64,
}

/// What areas earn at some prices, and the pieces of each interval that they use for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earned {
    pub(crate) parts: i64,
    pub(crate) used: Vec<i64>,
}

/// The best prices found within `steps`, or before time runs out; `None` if some refute.
pub(crate) fn descend(
    start: &[i64],
    steps: usize,
    goal: Goal,
    limits: &Limits<'_>,
    mut earn: impl FnMut(&[i64]) -> Earned,
) -> Option<Vec<i64>> {
    /// Steps after which the bound has to have come down by a fifth of what is missing.
    const PATIENCE: usize = 6;
    /// Steps without a better bound after which they are halved.
    const STUBBORN: usize = 4;
    let mut prices = start.to_vec();
    let mut best_prices = prices.clone();
    let (mut best, mut hoped) = (i64::MAX, i64::MAX);
    let (mut halvings, mut since) = (0, 0);
    for step in 0..steps {
        if limits.is_over() {
            break;
        }
        let earned = earn(&prices);
        let paid_back: i64 = prices.iter().map(|price| price * goal.legs).sum();
        let bound = earned.parts + paid_back;
        if bound < goal.wanted {
            return None;
        }
        if bound < best {
            best = bound;
            best_prices.clone_from(&prices);
            since = 0;
        } else {
            since += 1;
            if since == STUBBORN {
                halvings += 1;
                since = 0;
            }
        }
        if step % PATIENCE == PATIENCE - 1 {
            if best - goal.wanted > hoped {
                break;
            }
            hoped = (best - goal.wanted) / 5 * 4;
        }
        let slopes = earned.used.iter().map(|used| used - goal.legs);
        let norm: i64 = slopes.clone().map(|slope| slope * slope).sum();
        if norm == 0 || halvings > 4 {
            break;
        }
        let over = i128::from((bound - goal.wanted + 1) >> halvings);
        for (price, slope) in prices.iter_mut().zip(slopes) {
            let step = over * i128::from(slope) / i128::from(norm);
            let step = i64::try_from(step).unwrap_or(0);
            *price = price.saturating_add(step).clamp(0, goal.highest);
        }
    }
    Some(best_prices)
}
