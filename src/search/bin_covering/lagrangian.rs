//! Prices that prove that items cannot be shared out: the dual of covering by patterns.
//!
//! If every set of items that is enough for a leg costs at least `cover`, and all items together cost
//! less than `cover` for each leg, there are too few. Prices are whole numbers; the cheapest
//! sufficient set is found exactly by a knapsack table over prices. They come from how many items a leg
//! has to have, from rounding sizes to multiples (dual feasible functions: Lueker 1983; Fekete and
//! Schepers 2001) and from subgradient steps that make the cheapest set dearer.

/// Units that a leg is divided into by rounding.
const MOST_UNITS: u64 = 96;
/// Units of the prices that are improved step by step.
const STEP_UNITS: u64 = 240;
/// Steps.
const STEPS: u64 = 240;
/// Cells of all tables together: about a tenth of a second.
const MOST_WORK: u64 = 40_000_000;

/// The prices that prove that items cannot be shared out, or else come closest; `None` if there are none
/// to begin with.
pub(crate) fn best(sizes: &[u64], legs: usize, needed: u64) -> Option<Priced> {
    let mut best = counted(sizes, legs, needed)?;
    let mut work = 0;
    for units in 1..=MOST_UNITS {
        work += 3 * units * sizes.len() as u64;
        if best.proves(legs) || work > MOST_WORK {
            break;
        }
        for rounding in [needed - 1, 0, needed / 2] {
            let price = |&size: &u64| {
                let units = u128::from(size.min(needed)) * u128::from(units);
                let units = (units + u128::from(rounding)) / u128::from(needed);
                u64::try_from(units).expect("at most the units of a leg")
            };
            let priced = Priced::of(sizes, needed, sizes.iter().map(price).collect(), units);
            if priced.is_closer(&best) {
                best = priced;
            }
        }
    }
    if !best.proves(legs) {
        best = improved(sizes, legs, needed, best);
    }
    Some(best)
}

/// The best prices of those that count items: a leg of fewer than `count` items has some that are larger
/// than `threshold`, by what the others of them lack. So an item costs what `count - 1` items of that
/// size lack, and what it has above that size; and `count` items are always enough.
fn counted(sizes: &[u64], legs: usize, needed: u64) -> Option<Priced> {
    /// Units of the cover, and cells of the table that verifies the best.
    const UNITS: u64 = 1 << 15;
    const CELLS: u64 = 1 << 22;
    let most = (sizes.len() / legs.max(1) + 2) as u64;
    // All prices together and the cover, then the price of any item and the threshold.
    let mut best: Option<(u128, u128, u64, u64)> = None;
    for count in 2..=most {
        for &threshold in sizes {
            let Some(each) = needed
                .checked_sub((count - 1) * threshold)
                .filter(|&each| each > 0)
            else {
                continue;
            };
            // A leg of so many items, one at least.
            let of_count = |items: u64| items * each + needed - items * threshold;
            let cover = u128::from(of_count(1).min(count * each));
            let above = sizes.iter().map(|size| size.saturating_sub(threshold));
            let total =
                above.map(u128::from).sum::<u128>() + u128::from(each) * sizes.len() as u128;
            if best.is_none_or(|(sum, held, ..)| total * held < sum * cover) {
                best = Some((total, cover, each, threshold));
            }
        }
    }
    let (_, cover, each, threshold) = best?;
    let units = UNITS.min(CELLS / sizes.len() as u64);
    let price = |&size: &u64| {
        let price = u128::from(each + size.min(needed).saturating_sub(threshold));
        u64::try_from(price * u128::from(units) / cover).unwrap_or(u64::MAX)
    };
    Some(Priced::of(
        sizes,
        needed,
        sizes.iter().map(price).collect(),
        units,
    ))
}

/// Prices with the cheapest sufficient set.
pub(crate) struct Priced {
    /// Per item.
    pub(crate) prices: Vec<u64>,
    total: u64,
    /// What any set costs that is enough for a leg, at the least.
    pub(crate) cover: u64,
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

    /// The same prices in the smallest whole numbers, and what covers a leg at these, which is a sum of
    /// prices.
    pub(crate) fn reduced(&self) -> (impl Iterator<Item = u64> + '_, u64) {
        let mut unit = 0;
        for &price in &self.prices {
            let mut rest = price;
            while rest > 0 {
                (unit, rest) = (rest, unit % rest);
            }
        }
        let unit = unit.max(1);
        (
            self.prices.iter().map(move |price| price / unit),
            self.cover / unit,
        )
    }

    /// Whether all items together cost less than the legs.
    pub(crate) fn proves(&self, legs: usize) -> bool {
        self.cover > 0 && self.spare(legs).is_none()
    }

    /// What all items cost above the legs.
    pub(crate) fn spare(&self, legs: usize) -> Option<u64> {
        self.total.checked_sub(legs as u64 * self.cover)
    }

    /// Whether all prices together are a smaller multiple of the cover.
    fn is_closer(&self, other: &Priced) -> bool {
        let left = u128::from(self.total) * u128::from(other.cover);
        let right = u128::from(other.total) * u128::from(self.cover);
        self.cover > 0 && (other.cover == 0 || left < right)
    }
}

/// Makes the cheapest set dearer and everything else cheaper, in smaller and smaller steps, as long
/// as nothing is proven.
fn improved(sizes: &[u64], legs: usize, needed: u64, start: Priced) -> Priced {
    /// Parts of a unit in which prices are kept.
    const PARTS: u64 = 1 << 10;
    if STEPS * STEP_UNITS * sizes.len() as u64 > 4 * MOST_WORK || start.cover == 0 {
        return start;
    }
    let scale = |price: u64| {
        let scaled = u128::from(price) * u128::from(STEP_UNITS * PARTS) / u128::from(start.cover);
        u64::try_from(scaled).unwrap_or(u64::MAX / 2)
    };
    let mut fine: Vec<u64> = start.prices.iter().map(|&price| scale(price)).collect();
    let mut best = start;
    for step in 0..STEPS {
        let prices: Vec<u64> = fine.iter().map(|fine| fine / PARTS).collect();
        let priced = Priced::of(sizes, needed, prices, 2 * STEP_UNITS);
        let length = PARTS * STEP_UNITS / 64 * 24 / (24 + step);
        let members = priced.cheapest.len() as u64;
        for &item in &priced.cheapest {
            fine[item] += length / members.max(1);
        }
        // What the others lose is what the members gain, spread over the legs.
        let others = sizes.len() as u64 - members;
        let loss = length / (legs as u64).max(1) / others.max(1) * 2;
        for (item, fine) in fine.iter_mut().enumerate() {
            if !priced.cheapest.contains(&item) {
                *fine = fine.saturating_sub(loss);
            }
        }
        if priced.is_closer(&best) {
            best = priced;
        }
        if best.proves(legs) {
            break;
        }
    }
    best
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
        let priced = best(&[100; 7], 3, 233).expect("there are prices");
        assert!(priced.proves(3), "nine would be needed");
        assert!(priced.prices.iter().all(|price| *price == priced.prices[0]));
        assert!(7 * priced.prices[0] < 3 * priced.cover && priced.cover <= 3 * priced.prices[0]);
    }

    #[test]
    fn what_fits_is_never_refuted() {
        assert!(best(&[100; 9], 3, 233).is_some_and(|priced| !priced.proves(3)));
        assert!(best(&[60, 50, 40, 30, 20], 2, 100).is_some_and(|priced| !priced.proves(2)));
    }
}
