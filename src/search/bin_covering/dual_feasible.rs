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
    let mut thresholds = sizes.to_vec();
    thresholds.sort_unstable();
    // What is above each of them, largest first: added up once.
    let mut above = vec![0u128; thresholds.len()];
    for at in (1..thresholds.len()).rev() {
        let more = u128::from(thresholds[at] - thresholds[at - 1]);
        above[at - 1] = above[at] + more * (thresholds.len() - at) as u128;
    }
    for count in 2..=most {
        let mut last = None;
        for (&threshold, above) in thresholds.iter().zip(&above) {
            if last.replace(threshold) == Some(threshold) {
                continue;
            }
            // Of longer ones fewer are enough.
            let rest = (count - 1).checked_mul(threshold);
            let rest = rest.and_then(|rest| needed.checked_sub(rest));
            let Some(each) = rest.filter(|&each| each > 0) else {
                break;
            };
            // A leg of so many items, one at least.
            let of_count = |items: u64| items * each + needed - items * threshold;
            let cover = u128::from(of_count(1).min(count * each));
            let total = above + u128::from(each) * sizes.len() as u128;
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

    /// Where all items together hold `spare` more than the legs need, and none of the sets that fill a leg within that has
    /// `item`: sets without it cost what they hold, and sets with it hold more than is to spare.
    pub(crate) fn unfillable(sizes: &[u64], item: usize, needed: u64, spare: u64) -> Priced {
        let mut prices = sizes.to_vec();
        prices[item] = prices[item].saturating_sub(spare + 1);
        Priced {
            total: prices.iter().sum(),
            prices,
            cover: needed,
            cheapest: Vec::new(),
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
            self.cover.div_ceil(unit),
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
    use crate::search::random::Random;

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

    /// Prices that come to such a total and such a cover.
    fn coming_to(total: u64, cover: u64) -> Priced {
        Priced {
            prices: vec![total],
            total,
            cover,
            cheapest: Vec::new(),
        }
    }

    #[test]
    fn prices_prove_where_all_items_cost_less_than_the_legs() {
        assert_eq!(coming_to(10, 4).spare(2), Some(2));
        assert_eq!(coming_to(10, 5).spare(2), Some(0));
        assert_eq!(coming_to(10, 4).spare(3), None);
        assert!(coming_to(10, 4).proves(3));
        assert!(!coming_to(10, 5).proves(2), "they may just be enough");
        assert!(!coming_to(10, 4).proves(2));
        assert!(
            !coming_to(0, 0).proves(3),
            "what costs nothing proves nothing"
        );
    }

    #[test]
    fn closer_prices_are_a_smaller_multiple_of_the_cover() {
        let is_closer = |left: (u64, u64), right: (u64, u64)| {
            coming_to(left.0, left.1).is_closer(&coming_to(right.0, right.1))
        };
        assert!(is_closer((10, 4), (9, 3)));
        assert!(!is_closer((9, 3), (10, 4)));
        assert!(!is_closer((10, 4), (5, 2)), "as close is not closer");
        assert!(
            is_closer((10, 4), (1, 0)),
            "without a cover they say nothing"
        );
        assert!(!is_closer((1, 0), (10, 4)));
        assert!(!is_closer((1, 0), (2, 0)));
    }

    #[test]
    fn reduced_prices_are_the_same_in_smaller_numbers() {
        let priced = Priced {
            prices: vec![6, 0, 9, 15],
            total: 30,
            cover: 24,
            cheapest: Vec::new(),
        };
        let (prices, cover) = priced.reduced();
        assert_eq!((prices.collect(), cover), (vec![2, 0, 3, 5], 8));
        let nothing = coming_to(0, 0);
        let (prices, cover) = nothing.reduced();
        assert_eq!((prices.collect(), cover), (vec![0], 0));
    }

    /// What the cheapest set costs that holds enough, by trying all.
    fn cheapest_of_all(sizes: &[u64], prices: &[u64], needed: u64) -> Option<u64> {
        let sum = |set: u32, of: &[u64]| -> u64 {
            let members = of.iter().enumerate();
            let members = members.filter(|(item, _)| set >> item & 1 == 1);
            members.map(|(_, number)| number).sum()
        };
        let sets = (0..1 << sizes.len()).filter(|set| sum(*set, sizes) >= needed);
        sets.map(|set| sum(set, prices)).min()
    }

    #[test]
    fn the_cheapest_set_that_is_enough_is_the_cheapest_of_all() {
        let (mut found, mut dear) = (0, 0);
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let count = 1 + random.below(7);
            let sizes: Vec<u64> = (0..count).map(|_| 1 + random.below(9)).collect();
            let prices: Vec<u64> = (0..count).map(|_| random.below(6)).collect();
            let needed = 1 + random.below(20);
            let expected = cheapest_of_all(&sizes, &prices, needed);
            let (price, set) = cheapest(&sizes, &prices, needed, 12);
            if let Some(expected) = expected.filter(|price| *price <= 12) {
                assert_eq!(price, expected, "seed {seed}");
                let holds: u64 = set.iter().map(|&item| sizes[item]).sum();
                let costs: u64 = set.iter().map(|&item| prices[item]).sum();
                assert!(holds >= needed && costs == price, "seed {seed}: {set:?}");
                let mut members = set.clone();
                members.dedup();
                assert_eq!(members, set, "each item once");
                found += 1;
            } else {
                assert_eq!((price, set), (13, Vec::new()), "seed {seed}");
                dear += 1;
            }
        }
        assert!(found > 100 && dear > 50, "{found} found, {dear} too dear");
    }

    #[test]
    fn items_are_counted_at_the_threshold_that_comes_closest() {
        let units = 1 << 15;
        // Three items of four hold less than ten only with some above it: each lacks two, a leg costs six.
        let priced = counted(&[5, 5, 5, 4, 4], 2, 10).expect("there are prices");
        let (five, four) = (units * 3 / 6, units * 2 / 6);
        assert_eq!(priced.prices, [five, five, five, four, four]);
        assert_eq!(priced.cover, 2 * five);
        for (sizes, legs) in [(vec![4; 5], 3), (vec![4; 6], 2)] {
            let priced = counted(&sizes, legs, 10).expect("there are prices");
            assert_eq!(priced.prices, vec![four; sizes.len()]);
            assert_eq!(priced.cover, 3 * four);
        }
        // A large item is a leg by itself, worth no more than one; three of the others lack four each.
        let priced = counted(&[12, 3, 3, 3], 2, 10).expect("there are prices");
        let (each, cover) = (10 - 2 * 3, 10 - 2 * 3 + 10 - 3);
        let small = each * units / cover;
        assert_eq!(priced.prices, [units, small, small, small]);
        assert_eq!(priced.cover, units);
        assert!(
            counted(&[10, 10], 1, 10).is_none(),
            "no item is smaller than a leg"
        );
    }

    /// Whether items can be shared out, by trying all ways.
    fn fits(sizes: &[u64], left: &mut Vec<u64>) -> bool {
        let Some((size, rest)) = sizes.split_first() else {
            return left.iter().all(|left| *left == 0);
        };
        (0..left.len()).any(|leg| {
            let before = left[leg];
            left[leg] = before.saturating_sub(*size);
            let fits = fits(rest, left);
            left[leg] = before;
            fits
        })
    }

    #[test]
    fn of_few_items_all_that_do_not_fit_are_refuted_and_none_that_do() {
        let (mut refuted, mut impossible) = (0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let legs = 2 + random.position(2);
            let count = 5 + random.below(5);
            let sizes: Vec<u64> = (0..count).map(|_| 20 + random.below(60)).collect();
            let total: u64 = sizes.iter().sum();
            let needed = total / legs as u64 - random.below(12);
            let fits = fits(&sizes, &mut vec![needed; legs]);
            let proves = best(&sizes, legs, needed).is_some_and(|priced| priced.proves(legs));
            assert!(!fits || !proves, "seed {seed}");
            impossible += usize::from(!fits);
            refuted += usize::from(proves);
        }
        assert!(
            impossible > 100 && refuted == impossible,
            "{refuted} of {impossible}"
        );
    }
}
