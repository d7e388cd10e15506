//! Prices that prove that items cannot be shared out: the dual of covering by patterns.
//!
//! If every set of items that is enough for a leg costs at least `cover`, and all items together cost
//! less than `cover` for each leg, there are too few. Prices are whole numbers; the cheapest
//! sufficient set is found exactly by a knapsack table over prices. They come from rounding sizes to
//! multiples (dual feasible functions: Lueker 1983; Fekete and Schepers 2001) and from subgradient
//! steps that make the cheapest set dearer.

/// Units that a leg is divided into by rounding.
const MOST_UNITS: u64 = 96;
/// Units of the prices that are improved step by step.
const STEP_UNITS: u64 = 240;
/// Steps.
const STEPS: u64 = 240;
/// Cells of all tables together: about a tenth of a second.
const MOST_WORK: u64 = 40_000_000;

/// Prices per item and the cover, if they prove it.
pub(crate) fn refute(sizes: &[u64], legs: usize, needed: u64) -> Option<(Vec<u64>, u64)> {
    let legs = legs as u64;
    let mut work = 0;
    let mut best: Option<Priced> = None;
    for units in 1..=MOST_UNITS {
        work += 3 * units * sizes.len() as u64;
        if work > MOST_WORK {
            break;
        }
        for rounding in [needed - 1, 0, needed / 2] {
            let price = |&size: &u64| {
                let units = u128::from(size.min(needed)) * u128::from(units);
                let units = (units + u128::from(rounding)) / u128::from(needed);
                u64::try_from(units).expect("at most the units of a leg")
            };
            let prices: Vec<u64> = sizes.iter().map(price).collect();
            let priced = Priced::of(sizes, needed, prices, units);
            if priced.proves(legs) {
                return Some((priced.prices, priced.cover));
            }
            if best
                .as_ref()
                .is_none_or(|best| priced.is_closer(best, legs))
            {
                best = Some(priced);
            }
        }
    }
    improve(sizes, legs, needed, &best?)
}

/// Prices with the cheapest sufficient set.
struct Priced {
    prices: Vec<u64>,
    total: u64,
    cover: u64,
    cheapest: Vec<usize>,
}

impl Priced {
    fn of(sizes: &[u64], needed: u64, prices: Vec<u64>, most: u64) -> Priced {
        let (cover, cheapest) = cheapest(sizes, &prices, needed, most);
        Priced {
            total: prices.iter().sum(),
            prices,
            cover,
            cheapest,
        }
    }

    fn proves(&self, legs: u64) -> bool {
        self.cover > 0 && self.total < legs * self.cover
    }

    /// Whether all prices together are a smaller multiple of the cover.
    fn is_closer(&self, other: &Priced, _legs: u64) -> bool {
        let left = u128::from(self.total) * u128::from(other.cover);
        let right = u128::from(other.total) * u128::from(self.cover);
        self.cover > 0 && (other.cover == 0 || left < right)
    }
}

/// Makes the cheapest set dearer and everything else cheaper, in smaller and smaller steps.
fn improve(sizes: &[u64], legs: u64, needed: u64, start: &Priced) -> Option<(Vec<u64>, u64)> {
    /// Parts of a unit in which prices are kept.
    const PARTS: u64 = 1 << 10;
    if STEPS * STEP_UNITS * sizes.len() as u64 > 4 * MOST_WORK || start.cover == 0 {
        return None;
    }
    let scale = |price: u64| price * STEP_UNITS * PARTS / start.cover;
    let mut fine: Vec<u64> = start.prices.iter().map(|&price| scale(price)).collect();
    for step in 0..STEPS {
        let prices: Vec<u64> = fine.iter().map(|fine| fine / PARTS).collect();
        let priced = Priced::of(sizes, needed, prices, 2 * STEP_UNITS);
        if priced.proves(legs) {
            return Some((priced.prices, priced.cover));
        }
        let length = PARTS * STEP_UNITS / 64 * 24 / (24 + step);
        let members = priced.cheapest.len() as u64;
        for &item in &priced.cheapest {
            fine[item] += length / members.max(1);
        }
        // What the others lose is what the members gain, spread over the legs.
        let others = sizes.len() as u64 - members;
        let loss = length / legs.max(1) / others.max(1) * 2;
        for (item, fine) in fine.iter_mut().enumerate() {
            if !priced.cheapest.contains(&item) {
                *fine = fine.saturating_sub(loss);
            }
        }
    }
    None
}

/// The least price of a set of items that add up to `needed`, and the set; a price above `most` is
/// given as `most + 1`, without a set.
fn cheapest(sizes: &[u64], prices: &[u64], needed: u64, most: u64) -> (u64, Vec<usize>) {
    let cells = usize::try_from(most).unwrap_or(usize::MAX - 1) + 1;
    // held[p]: the most that items of price p or less hold.
    let mut held = vec![0u64; cells];
    let mut takes: Vec<Vec<bool>> = Vec::with_capacity(sizes.len());
    for (&size, &price) in sizes.iter().zip(prices) {
        let mut takes_here = vec![false; cells];
        let step = usize::try_from(price).unwrap_or(cells);
        for budget in (step..cells).rev() {
            let with = held[budget - step] + size;
            if with > held[budget] {
                held[budget] = with;
                takes_here[budget] = true;
            }
        }
        takes.push(takes_here);
    }
    let Some(mut budget) = held.iter().position(|&extents| extents >= needed) else {
        return (most + 1, Vec::new());
    };
    let price = budget as u64;
    let mut set = Vec::new();
    for item in (0..sizes.len()).rev() {
        if takes[item][budget] {
            set.push(item);
            budget -= usize::try_from(prices[item]).unwrap_or(0);
        }
    }
    (price, set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_equal_disks_do_not_hold_three_legs_of_two_and_a_third() {
        let (prices, cover) = refute(&[100; 7], 3, 233).expect("nine would be needed");
        assert_eq!((prices, cover), (vec![1; 7], 3));
    }

    #[test]
    fn what_fits_is_never_refuted() {
        assert!(refute(&[100; 9], 3, 233).is_none());
        assert!(refute(&[60, 50, 40, 30, 20], 2, 100).is_none());
    }
}
