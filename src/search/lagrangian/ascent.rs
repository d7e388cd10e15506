//! The subgradient method: prices go up where too much is taken, and down where something is left.
//!
//! # Source
//! Held, Wolfe, Crowder, "Validation of subgradient optimization", Mathematical Programming 6 (1974); the
//! averaged direction: Barahona and Anbil, Mathematical Programming 87 (2000).

use crate::core::Limits;

/// Steps without a gain after which the length of a step is cut.
const PATIENCE: u32 = 12;
/// The length of the first step and of the last, in thousandths.
const FIRST_LENGTH: i128 = 100;
const LAST_LENGTH: i128 = 2;

/// Where and how far prices are moved.
pub(crate) struct Ascent<'a> {
    /// How much there is of what has a price.
    pub(crate) rooms: &'a [i128],
    pub(crate) most_price: i128,
    /// One of the measure.
    pub(crate) unit: i128,
    /// A bound that is high enough.
    pub(crate) goal: Option<i128>,
    pub(crate) steps: u64,
}

impl Ascent<'_> {
    /// The best bound on the way; `prices` become those that give it.
    ///
    /// `evaluate` says the bound at some prices, and writes what is taken of each item.
    pub(crate) fn climb(
        &self,
        prices: &mut Vec<i128>,
        evaluate: &mut dyn FnMut(&[i128], &mut [i128]) -> i128,
        limits: &Limits<'_>,
    ) -> i128 {
        let mut usage = vec![0i128; self.rooms.len()];
        let mut direction = usage.clone();
        let (mut best, mut best_prices) = (i128::MIN, prices.clone());
        let (mut length, mut idle) = (FIRST_LENGTH, 0);
        for step in 0..self.steps {
            let mut value = evaluate(prices, &mut usage);
            idle = if value > best.saturating_add(self.unit / 4096) {
                0
            } else {
                idle + 1
            };
            if value > best {
                best = value;
                best_prices.clone_from(prices);
            }
            let is_enough = self.goal.is_some_and(|goal| best >= goal);
            if is_enough || length < LAST_LENGTH || limits.is_over() {
                break;
            }
            if idle > PATIENCE {
                length = length * 3 / 5;
                idle = 0;
                prices.clone_from(&best_prices);
                value = evaluate(prices, &mut usage);
            }
            // Most of the direction that it was, some of what it is here.
            let mut square = 0i128;
            for (item, direction) in direction.iter_mut().enumerate() {
                let now = usage[item] - self.rooms[item];
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
            let hoped = match self.goal {
                None => best.max(0) + best.max(0) / 50 + self.unit,
                Some(goal) => goal + self.unit / 50,
            };
            let distance = (hoped - value).max(self.unit / 100);
            for (price, direction) in prices.iter_mut().zip(&direction) {
                let change = distance / 1000 * length * direction / square;
                *price = (*price + change).clamp(0, self.most_price);
            }
        }
        *prices = best_prices;
        best
    }
}
