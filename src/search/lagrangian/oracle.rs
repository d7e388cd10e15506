//! The cheapest way for all legs of a class at given prices.

use crate::search::lagrangian::knapsack::{Offer, Pairs, cheapest as cheapest_set};
use crate::search::lagrangian::relaxation::{Choice, Class, Relaxation};

/// Room that is used again.
#[derive(Default)]
pub(crate) struct Scratch {
    offers: Vec<Offer>,
    singles: Vec<(i128, usize)>,
}

/// What all legs cost at the least at these prices, less what all items are worth: a bound. `usage` becomes
/// what the cheapest ways take of each item.
pub(crate) fn evaluate(relaxation: &Relaxation, prices: &[i128], usage: &mut [i128]) -> i128 {
    usage.fill(0);
    let mut scratch = Scratch::default();
    let mut value = 0;
    for class in &relaxation.classes {
        // That there is no plan is for others to say.
        value += cheapest(relaxation, class, prices, usage, &mut scratch).unwrap_or(0);
    }
    value - worth(relaxation, prices)
}

/// What all items are worth at these prices.
pub(crate) fn worth(relaxation: &Relaxation, prices: &[i128]) -> i128 {
    let pairs = prices.iter().zip(&relaxation.items);
    pairs.map(|(price, item)| price * item.extents).sum()
}

/// What all legs of the class cost at the least, `None` if there is no way at all; adds what they take to
/// `usage`.
pub(crate) fn cheapest(
    relaxation: &Relaxation,
    class: &Class,
    prices: &[i128],
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    let offer = |(item, most): (usize, i128)| Offer {
        item,
        most,
        price: prices[item],
    };
    scratch.offers.clear();
    match &class.offers {
        Some(offers) => scratch.offers.extend(offers.iter().copied().map(offer)),
        None => {
            let all = relaxation.items.iter().enumerate();
            let capped = all.map(|(item, of)| (item, of.extents.min(class.need)));
            scratch.offers.extend(capped.map(offer));
        }
    }
    let value = match class.choice {
        Choice::Any { is_apart } => any(
            relaxation,
            class,
            class.charge,
            is_apart,
            prices,
            usage,
            scratch,
        ),
        Choice::One { is_apart } => one(relaxation, class, class.charge, is_apart, usage, scratch),
        Choice::Source { is_apart } => by_source(relaxation, class, is_apart, usage, scratch),
        Choice::Intervals { is_apart } => {
            // One charge for all legs: each bears its part, rounded down.
            let charge = class.charge / class.legs as i128;
            any(relaxation, class, charge, is_apart, prices, usage, scratch)
        }
    };
    value.map(|value| (value - class.spared).max(0) * class.count)
}

/// By source the cheapest way to have a whole leg on one of its items, cheapest first.
fn singles(relaxation: &Relaxation, class: &Class, charge: i128, scratch: &mut Scratch) {
    scratch.singles.clear();
    let mut last = usize::MAX;
    for offer in &scratch.offers {
        if offer.most < class.need {
            continue;
        }
        let cost = charge + offer.price * class.need;
        let source = relaxation.items[offer.item].source;
        match scratch.singles.last_mut() {
            Some(held) if last == source => *held = (*held).min((cost, offer.item)),
            Some(_) | None => scratch.singles.push((cost, offer.item)),
        }
        last = source;
    }
    scratch.singles.sort_unstable();
}

/// Legs on one item each.
fn one(
    relaxation: &Relaxation,
    class: &Class,
    charge: i128,
    is_apart: bool,
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    singles(relaxation, class, charge, scratch);
    let mut value = 0;
    for leg in 0..class.legs {
        let &(cost, item) = scratch.singles.get(if is_apart { leg } else { 0 })?;
        value += cost;
        usage[item] += class.need * class.count;
    }
    Some(value)
}

/// Legs on any items: some on one item each, each source once; the others on two or more.
fn any(
    relaxation: &Relaxation,
    class: &Class,
    charge: i128,
    is_apart: bool,
    prices: &[i128],
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    singles(relaxation, class, charge, scratch);
    let free = class.free.map(|(item, most)| Offer {
        item,
        most,
        price: prices[item],
    });
    if let Some(free) = free {
        scratch.offers.retain(|offer| offer.item != free.item);
    }
    let several = if free.is_some() {
        0
    } else {
        2.max(class.least)
    };
    let mut taken: Vec<(usize, i128)> = Vec::new();
    let mut note = |item: usize, extents: i128| taken.push((item, extents));
    let of_several = cheapest_set(
        &mut scratch.offers,
        class.need,
        charge,
        several,
        free,
        relaxation.pairs,
        &mut note,
    );
    let mut value = 0;
    for leg in 0..class.legs {
        let single = scratch.singles.get(if is_apart { leg } else { 0 });
        let single = single.filter(|_| class.least <= 1);
        match (single, of_several) {
            (Some(&(cost, item)), other) if other.is_none_or(|other| cost <= other) => {
                value += cost;
                usage[item] += class.need * class.count;
            }
            (_, Some(other)) => {
                value += other;
                for &(item, extents) in &taken {
                    usage[item] += extents * class.count;
                }
            }
            (_, None) => return None,
        }
    }
    Some(value)
}

/// Legs on one source each.
fn by_source(
    relaxation: &Relaxation,
    class: &Class,
    is_apart: bool,
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    let mut ways: Vec<(i128, Vec<(usize, i128)>)> = Vec::new();
    let offers = std::mem::take(&mut scratch.offers);
    let source = |offer: &Offer| relaxation.items[offer.item].source;
    for group in offers.chunk_by(|one, other| source(one) == source(other)) {
        scratch.offers.clear();
        scratch.offers.extend(group);
        let mut taken = Vec::new();
        let mut note = |item: usize, extents: i128| taken.push((item, extents));
        let way = cheapest_set(
            &mut scratch.offers,
            class.need,
            class.charge,
            1,
            None,
            Pairs::Relaxed,
            &mut note,
        );
        ways.extend(way.map(|cost| (cost, taken)));
    }
    scratch.offers = offers;
    ways.sort_unstable();
    let mut value = 0;
    for leg in 0..class.legs {
        let (cost, taken) = ways.get(if is_apart { leg } else { 0 })?;
        value += cost;
        for &(item, extents) in taken {
            usage[item] += extents * class.count;
        }
    }
    Some(value)
}
