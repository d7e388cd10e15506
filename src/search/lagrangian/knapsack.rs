//! The cheapest items that hold what one leg needs: a fixed charge for each item, a price for each extent.

/// An item as one leg sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Index of the item.
    pub(crate) item: usize,
    /// Most extents that the leg can take of it; at least 1.
    pub(crate) most: i128,
    /// Price of an extent.
    pub(crate) price: i128,
}

/// How the cheapest two items are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// As any other number: fractions of items may be cheaper.
    Relaxed,
    /// By looking at all of them.
    Exact,
}

/// Halvings of the multiplier's range.
const HALVINGS: u32 = 40;
/// How far above the dearest price multipliers are tried.
const REACH: i128 = 16;

/// What covers `need` costs at the least with `least` items or more, each at its charge and the price of what
/// is taken; `None` where nothing does. `free` bears no charge and does not count as an item. Tells `usage`
/// what the cheapest takes.
///
/// For a number of items `k`: `charge k + max over m of (m need - what the k items with most (m - price) most earn)`, the
/// Lagrangian of the need, true for every `m`. What it is for fractions of items is convex in `k`, so of the
/// whole numbers one next to the best fraction is best: that of the continuous knapsack, by falling worth.
pub(crate) fn cheapest(
    offers: &mut [Offer],
    need: i128,
    charge: i128,
    least: usize,
    free: Option<Offer>,
    pairs: Pairs,
    usage: &mut dyn FnMut(usize, i128),
) -> Option<i128> {
    let held: i128 = offers.iter().map(|offer| offer.most).sum();
    let of_free = free.map_or(0, |free| free.most);
    if held + of_free < need {
        return None;
    }
    // Cheapest extents first, the charge spread over them: (price + UNIT / most), compared as fractions.
    offers.sort_unstable_by(|one, other| {
        let left = (one.price * one.most + charge) * other.most;
        let right = (other.price * other.most + charge) * one.most;
        left.cmp(&right).then(one.item.cmp(&other.item))
    });
    if charge == 0 {
        // Without a charge the number does not matter: the cheapest extents.
        let mut offers: Vec<Offer> = offers.iter().chain(&free).copied().collect();
        offers.sort_unstable_by_key(|offer| (offer.price, offer.item));
        let (mut missing, mut value) = (need, 0);
        for offer in &offers {
            let given = offer.most.min(missing);
            if given > 0 {
                missing -= given;
                value += given * offer.price;
                usage(offer.item, given);
            }
        }
        return Some(value);
    }
    let mut missing = need;
    let mut free_is_next = free;
    let mut count = 0usize;
    for offer in offers.iter() {
        if missing <= 0 {
            break;
        }
        if let Some(free) = free_is_next
            && free.price * offer.most <= offer.price * offer.most + charge
        {
            missing -= free.most;
            free_is_next = None;
            if missing <= 0 {
                break;
            }
        }
        missing -= offer.most;
        count += 1;
    }
    // Between `count - 1` and `count` items lies the best fraction.
    let is_exact = pairs == Pairs::Exact && least == 2 && free.is_none();
    let pair = if is_exact {
        cheapest_pair(offers, need, charge)
    } else {
        None
    };
    let least = if is_exact { 3 } else { least };
    let mut best: Option<(i128, usize, i128)> = None;
    for number in [count.saturating_sub(1).max(least), count.max(least)] {
        let Some((value, multiplier)) = of_number(offers, need, charge, number, free) else {
            continue;
        };
        if best.is_none_or(|(held, ..)| value < held) {
            best = Some((value, number, multiplier));
        }
    }
    if let Some((value, first, second)) = pair
        && best.is_none_or(|(held, ..)| value <= held)
    {
        let given = first.most.min(need);
        usage(first.item, given);
        usage(second.item, need - given);
        return Some(value);
    }
    let (value, number, multiplier) = best?;
    take(offers, need, number, multiplier, free, usage);
    Some(value)
}

/// The two items that hold what is needed at the least: all of the cheaper, the rest of the other.
fn cheapest_pair(offers: &[Offer], need: i128, charge: i128) -> Option<(i128, Offer, Offer)> {
    let mut by_price: Vec<Offer> = offers.to_vec();
    by_price.sort_unstable_by_key(|offer| (offer.price, offer.item));
    // The longest from each on.
    let mut longest: Vec<i128> = by_price.iter().map(|offer| offer.most).collect();
    for index in (1..longest.len()).rev() {
        longest[index - 1] = longest[index - 1].max(longest[index]);
    }
    let mut best: Option<(i128, Offer, Offer)> = None;
    for (index, first) in by_price.iter().enumerate() {
        let least = 2 * charge + need * first.price;
        if best.as_ref().is_some_and(|(held, ..)| *held <= least) {
            break;
        }
        // Those behind cost as much or more by the extent: the first that is long enough is the cheapest.
        let rest = need - first.most.min(need);
        if longest.get(index + 1).is_none_or(|&longest| longest < rest) {
            continue;
        }
        let Some(second) = by_price[index + 1..]
            .iter()
            .find(|second| second.most >= rest)
        else {
            continue;
        };
        let value = 2 * charge + (need - rest) * first.price + rest * second.price;
        if best.as_ref().is_none_or(|(held, ..)| value < *held) {
            best = Some((value, *first, *second));
        }
    }
    best
}

/// What the leg costs at the least with so many items, and the multiplier that says so.
fn of_number(
    offers: &[Offer],
    need: i128,
    charge: i128,
    number: usize,
    free: Option<Offer>,
) -> Option<(i128, i128)> {
    if number > offers.len() {
        return None;
    }
    let mut longest: Vec<i128> = offers.iter().map(|offer| offer.most).collect();
    longest.sort_unstable_by_key(|most| -most);
    let most: i128 = longest.iter().take(number).sum();
    if most + free.map_or(0, |free| free.most) < need {
        return None;
    }
    let dearest = offers
        .iter()
        .chain(&free)
        .map(|offer| offer.price)
        .max()
        .unwrap_or(0);
    let (mut low, mut high) = (0, (dearest + 1) * REACH);
    let mut best = (i128::MIN, 0);
    let mut earnings: Vec<(i128, i128)> = Vec::with_capacity(offers.len());
    for _ in 0..HALVINGS {
        let multiplier = low + (high - low) / 2;
        earnings.clear();
        for offer in offers {
            if multiplier > offer.price {
                earnings.push(((multiplier - offer.price) * offer.most, offer.most));
            }
        }
        if earnings.len() > number && number > 0 {
            earnings.select_nth_unstable_by(number - 1, |one, other| other.0.cmp(&one.0));
        }
        let (mut earned, mut given) = (0, 0);
        for (value, most) in earnings.iter().take(number) {
            earned += value;
            given += most;
        }
        if let Some(free) = free
            && multiplier > free.price
        {
            earned += (multiplier - free.price) * free.most;
            given += free.most;
        }
        let value = multiplier * need - earned;
        if value > best.0 {
            best = (value, multiplier);
        }
        if high - low <= 1 {
            break;
        }
        // The slope says on which side the highest lies.
        if given < need {
            low = multiplier;
        } else {
            high = multiplier;
        }
    }
    let charges = charge * i128::try_from(number).ok()?;
    Some((best.0 + charges, best.1))
}

/// What the cheapest takes: the items that earn most, until there is enough.
fn take(
    offers: &mut [Offer],
    need: i128,
    number: usize,
    multiplier: i128,
    free: Option<Offer>,
    usage: &mut dyn FnMut(usize, i128),
) {
    let mut missing = need;
    let mut taken = |offer: &Offer, missing: &mut i128| {
        let given = offer.most.min(*missing);
        *missing -= given;
        if given > 0 {
            usage(offer.item, given);
        }
    };
    if let Some(free) = free
        && multiplier >= free.price
    {
        taken(&free, &mut missing);
    }
    offers.sort_unstable_by_key(|offer| ((offer.price - multiplier) * offer.most, offer.item));
    for offer in offers.iter().take(number) {
        taken(offer, &mut missing);
    }
    // What the bound's fraction leaves is made up by those that come next.
    for offer in offers.iter().skip(number) {
        if missing == 0 {
            break;
        }
        taken(offer, &mut missing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::lagrangian::relaxation::UNIT;
    use crate::search::random::Random;

    /// The cheapest set of items, and of amounts on them, by trying all.
    fn exact(offers: &[Offer], need: i128, least: usize, free: Option<Offer>) -> Option<i128> {
        let mut best = None;
        for set in 0u32..1 << offers.len() {
            let chosen = (0..offers.len()).filter(|item| set >> item & 1 == 1);
            let mut chosen: Vec<Offer> = chosen.map(|item| offers[item]).collect();
            if chosen.len() < least {
                continue;
            }
            let charge = UNIT * chosen.len() as i128;
            chosen.extend(free);
            chosen.sort_by_key(|offer| offer.price);
            let (mut missing, mut cost) = (need, charge);
            for offer in &chosen {
                let given = offer.most.min(missing);
                missing -= given;
                cost += given * offer.price;
            }
            if missing == 0 && best.is_none_or(|held| cost < held) {
                best = Some(cost);
            }
        }
        best
    }

    #[test]
    fn the_cheapest_is_never_said_to_be_dearer_than_it_is_and_often_exactly_that() {
        let mut random = Random::new(77);
        let (mut met, mut all) = (0, 0);
        for _ in 0..3_000 {
            let count = 1 + random.position(7);
            let offer = |random: &mut Random, item| Offer {
                item,
                most: 1 + i128::from(random.below(20)),
                price: i128::from(random.below(4)) * UNIT / 16,
            };
            let offers: Vec<Offer> = (0..count).map(|item| offer(&mut random, item)).collect();
            let free = (random.below(3) == 0).then(|| offer(&mut random, count));
            let need = 1 + i128::from(random.below(60));
            let least = random.position(3).min(count);
            let pairs = if random.below(2) == 0 {
                Pairs::Relaxed
            } else {
                Pairs::Exact
            };
            let said = cheapest(
                &mut offers.clone(),
                need,
                UNIT,
                least,
                free,
                pairs,
                &mut |_, _| {},
            );
            let exact = exact(&offers, need, least, free);
            assert_eq!(
                said.is_none(),
                exact.is_none(),
                "{offers:?} {free:?} {need} {least}"
            );
            if let (Some(said), Some(exact)) = (said, exact) {
                assert!(
                    said <= exact,
                    "{offers:?} {free:?} {need} {least}: {said} > {exact}"
                );
                all += 1;
                met += u32::from(exact - said < UNIT / 100);
            }
        }
        assert!(met * 2 > all, "{met} of {all}");
    }
}
