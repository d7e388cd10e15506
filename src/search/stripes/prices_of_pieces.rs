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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    /// Pieces of one interval, each worth something: those are used that are worth more than the price.
    fn earned(values: &[i64], price: i64) -> Earned {
        let used = values.iter().filter(|value| **value > price);
        Earned {
            parts: used.clone().map(|value| value - price).sum(),
            used: vec![used.count() as i64],
        }
    }

    fn descent(values: &[i64], start: i64, steps: usize, goal: Goal) -> Option<Vec<i64>> {
        let earn = |prices: &[i64]| earned(values, prices[0]);
        descend(&[start], steps, goal, &Limits::none(), earn)
    }

    /// What the pieces and the price paid back come to.
    fn bound(values: &[i64], price: i64, legs: i64) -> i64 {
        earned(values, price).parts + price * legs
    }

    #[test]
    fn what_the_best_pieces_come_to_is_nearly_found_and_never_refuted_and_more_mostly_is() {
        let (mut good, mut refuted) = (0, 0);
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let legs = 1 + random.position(3);
            let mut values: Vec<i64> = (0..6)
                .map(|_| PARTS * i64::try_from(1 + random.below(40)).expect("small"))
                .collect();
            values.sort_unstable();
            values.reverse();
            let most: i64 = values[..legs].iter().sum();
            let goal = |wanted| Goal {
                legs: legs as i64,
                wanted,
                highest: 1 << 20,
            };
            let prices = descent(&values, 0, 60, goal(most)).expect("it can be had");
            let found = bound(&values, prices[0], legs as i64);
            assert!(found >= most, "any price gives a bound");
            good += usize::from(found - most < PARTS);
            let more = goal(most + most / 10 + 1);
            refuted += usize::from(descent(&values, 0, 60, more).is_none());
        }
        assert!(good > 190 && refuted > 130, "{good} and {refuted} of 200");
    }
    #[test]
    fn prices_begin_where_they_are_told_and_stay_where_they_are_useful() {
        let values = [10 * PARTS, 8 * PARTS, 6 * PARTS, 4 * PARTS];
        let goal = Goal {
            legs: 2,
            wanted: 18 * PARTS,
            highest: 5 * PARTS,
        };
        assert_eq!(descent(&values, 77, 0, goal), Some(vec![77]), "no step");
        let highest = Some(vec![5 * PARTS]);
        assert_eq!(
            descent(&values, 0, 40, goal),
            highest,
            "six would be better"
        );
        // At seven as many pieces are used as there are legs: nothing is to be moved.
        let mut asked = 0;
        let earn = |prices: &[i64]| {
            asked += 1;
            earned(&values, prices[0])
        };
        let start = [7 * PARTS];
        let found = descend(&start, 40, goal, &Limits::none(), earn);
        assert_eq!((found, asked), (Some(start.to_vec()), 1));
        // What is wanted may just be had; a part more may not.
        let more = Goal {
            wanted: goal.wanted + 1,
            ..goal
        };
        assert_eq!(descent(&values, 7 * PARTS, 40, more), None);
    }

    #[test]
    fn steps_go_against_what_is_too_much_or_too_little_as_far_as_the_bound_is_off() {
        // All four are used and two are needed: the bound of 28 is 10 too high, two pieces are too many.
        let values = [10 * PARTS, 8 * PARTS, 6 * PARTS, 4 * PARTS];
        let goal = Goal {
            legs: 2,
            wanted: 18 * PARTS,
            highest: 100 * PARTS,
        };
        let mut asked = Vec::new();
        let earn = |prices: &[i64]| {
            asked.push(prices[0]);
            earned(&values, prices[0])
        };
        let _ = descend(&[0], 2, goal, &Limits::none(), earn);
        assert_eq!(asked, [0, (10 * PARTS + 1) * 2 / 4]);
        let mut asked = Vec::new();
        let earn = |prices: &[i64]| {
            asked.push(prices[0]);
            earned(&values, prices[0])
        };
        // Nothing is used at twelve; the bound of 24 is 6 too high.
        let _ = descend(&[12 * PARTS], 2, goal, &Limits::none(), earn);
        assert_eq!(asked, [12 * PARTS, 12 * PARTS - (6 * PARTS + 1) * 2 / 4]);
    }
    /// The prices that are asked for where the bound comes to `bounds` in turn, and one piece is too many.
    fn asked(bounds: &[i64], wanted: i64) -> Vec<i64> {
        let goal = Goal {
            legs: 1,
            wanted,
            highest: i64::MAX,
        };
        let mut asked = Vec::new();
        let earn = |prices: &[i64]| {
            let parts = bounds[asked.len()] - prices[0];
            asked.push(prices[0]);
            let used = vec![2];
            Earned { parts, used }
        };
        let _ = descend(&[0], bounds.len(), goal, &Limits::none(), earn);
        asked
    }

    #[test]
    fn steps_are_halved_where_the_bound_stays_and_end_where_it_hardly_falls() {
        let prices = asked(&[100_063; 40], 100_000);
        let steps: Vec<i64> = prices.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(steps, [64, 64, 64, 64, 32, 32, 32, 32, 16, 16, 16]);
        // With nothing to come down by, five halvings are the end.
        assert_eq!(asked(&[500; 40], 500).len(), 21);
        // A bound that falls by a fifth in six steps is followed as long as there are steps.
        let mut missing = 1 << 30;
        let falling: Vec<i64> = (0..40)
            .map(|_| {
                missing = missing / 100 * 95;
                1_000_000 + missing
            })
            .collect();
        assert_eq!(asked(&falling, 1_000_000).len(), 40);
    }
}
