//! The cheapest way for all legs of a class at given prices.

use crate::search::lagrangian::class::{Choice, Class};
use crate::search::lagrangian::knapsack::{Offer, Pairs, cheapest as cheapest_set};
use crate::search::lagrangian::relaxation::Relaxation;

/// What a request costs that has to be placed and has no place: no plan is there.
pub(crate) const NO_WAY: i128 = 1 << 40;

/// Room that is used again.
#[derive(Default)]
struct Scratch {
    offers: Vec<Offer>,
    singles: Vec<(i128, usize)>,
}

/// What is decided of a request that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Open,
    In,
    Out,
}

/// What all requests cost at the least at these prices, less what all that has a price is worth: a bound.
/// `usage` becomes what the cheapest ways take, `doubts` by optional request how close it is whether it is placed.
pub(crate) fn evaluate(
    relaxation: &Relaxation,
    places: &[Place],
    prices: &[i128],
    usage: &mut [i128],
    doubts: &mut [i128],
) -> i128 {
    usage.fill(0);
    let mut scratch = Scratch::default();
    let mut value = 0;
    for class in &relaxation.classes {
        // That there is no plan is for others to say.
        value += cheapest(relaxation, class, prices, usage, &mut scratch).unwrap_or(0);
    }
    let budget = relaxation.budget.map(|_| relaxation.budget_at());
    let mut own = vec![0; usage.len()];
    for ((optional, place), doubt) in relaxation.optional.iter().zip(places).zip(doubts) {
        own.fill(0);
        let mut cost = Some(0);
        for class in optional.classes.iter().filter(|_| *place != Place::Out) {
            let of_class = cheapest(relaxation, class, prices, &mut own, &mut scratch);
            cost = cost.zip(of_class).map(|(cost, of_class)| cost + of_class);
        }
        let left_out = optional.cost + budget.map_or(0, |at| prices[at] * optional.value);
        *doubt = cost.map_or(0, |cost| left_out - (left_out - cost).abs());
        match (place, cost) {
            (Place::In, None) => value += NO_WAY * relaxation.unit,
            (Place::In, Some(cost)) | (Place::Open, Some(cost))
                if *place == Place::In || cost < left_out =>
            {
                value += cost;
                for (usage, own) in usage.iter_mut().zip(&own) {
                    *usage += own;
                }
            }
            (Place::In | Place::Open | Place::Out, _) => {
                value += left_out;
                if let Some(at) = budget {
                    usage[at] += optional.value;
                }
            }
        }
    }
    let rooms = relaxation.rooms();
    let pairs = prices.iter().zip(&rooms);
    value - pairs.map(|(price, room)| price * room).sum::<i128>()
}

/// What all legs of the class cost at the least, `None` if there is no way at all; adds what they take to
/// `usage`.
fn cheapest(
    relaxation: &Relaxation,
    class: &Class,
    prices: &[i128],
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    let offer = |(item, most): (usize, i128)| Offer {
        item,
        most,
        price: price(relaxation, class, item, prices),
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
        Choice::One { is_apart } => one(relaxation, class, is_apart, prices, usage, scratch),
        Choice::Source { is_apart } => {
            by_source(relaxation, class, is_apart, prices, usage, scratch)
        }
        Choice::Intervals { is_apart } => {
            // One charge for all legs: each bears its part, rounded down.
            let charge = class.charge / class.legs as i128;
            any(relaxation, class, charge, is_apart, prices, usage, scratch)
        }
    };
    value.map(|value| (value - class.spared).max(0) * class.count)
}

/// In place of an item what is missing.
const MISSING: usize = usize::MAX;

/// What a leg may fall short. All legs do so alike, and a source then holds as much less of each.
fn missing(class: &Class, prices: &[i128]) -> Option<Offer> {
    let shares: i128 = class.shares.iter().map(|(_, at)| prices[*at]).sum();
    class.short.map(|price| Offer {
        item: MISSING,
        most: class.need,
        price: price + shares / class.legs as i128,
    })
}

/// What a leg pays for an extent of an item.
fn price(relaxation: &Relaxation, class: &Class, item: usize, prices: &[i128]) -> i128 {
    let share = class.share(relaxation.items[item].source);
    prices[item] + share.map_or(0, |at| prices[at])
}

/// Notes what a leg of each request takes of an item.
fn take(relaxation: &Relaxation, class: &Class, item: usize, extents: i128, usage: &mut [i128]) {
    if item == MISSING {
        for (_, at) in &class.shares {
            usage[*at] += extents * class.count / class.legs as i128;
        }
        return;
    }
    usage[item] += extents * class.count;
    if let Some(at) = class.share(relaxation.items[item].source) {
        usage[at] += extents * class.count;
    }
}

/// The same of a leg on one item, and of what is missing then.
fn take_single(relaxation: &Relaxation, class: &Class, item: usize, usage: &mut [i128]) {
    let held = relaxation.items.get(item).map_or(0, |item| item.extents);
    let given = held.min(class.need);
    take(relaxation, class, item, given, usage);
    take(relaxation, class, MISSING, class.need - given, usage);
}

/// By source the cheapest way to have a whole leg on one of its items, cheapest first.
fn singles(
    relaxation: &Relaxation,
    class: &Class,
    charge: i128,
    prices: &[i128],
    scratch: &mut Scratch,
) {
    let short = missing(class, prices).map(|missing| missing.price);
    scratch.singles.clear();
    let mut last = usize::MAX;
    for offer in &scratch.offers {
        let given = offer.most.min(class.need);
        let (cost, item) = match short {
            // Rather nothing of it than for more than what is missing costs.
            Some(short) if short <= offer.price => (short * class.need, MISSING),
            Some(short) => (
                offer.price * given + short * (class.need - given),
                offer.item,
            ),
            None if given < class.need => continue,
            None => (offer.price * given, offer.item),
        };
        let cost = charge + cost;
        let source = relaxation.items[offer.item].source;
        match scratch.singles.last_mut() {
            Some(held) if last == source => *held = (*held).min((cost, item)),
            Some(_) | None => scratch.singles.push((cost, item)),
        }
        last = source;
    }
    scratch.singles.sort_unstable();
}

/// Legs on one item each.
fn one(
    relaxation: &Relaxation,
    class: &Class,
    is_apart: bool,
    prices: &[i128],
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    singles(relaxation, class, class.charge, prices, scratch);
    let mut value = 0;
    for leg in 0..class.legs {
        let &(cost, item) = scratch.singles.get(if is_apart { leg } else { 0 })?;
        value += cost;
        take_single(relaxation, class, item, usage);
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
    singles(relaxation, class, charge, prices, scratch);
    let free = class.free.map(|(item, most)| Offer {
        item,
        most,
        price: price(relaxation, class, item, prices),
    });
    if let Some(free) = free {
        scratch.offers.retain(|offer| offer.item != free.item);
    }
    scratch.offers.extend(missing(class, prices));
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
                take_single(relaxation, class, item, usage);
            }
            (_, Some(other)) => {
                value += other;
                for &(item, extents) in &taken {
                    take(relaxation, class, item, extents, usage);
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
    prices: &[i128],
    usage: &mut [i128],
    scratch: &mut Scratch,
) -> Option<i128> {
    let mut ways: Vec<(i128, Vec<(usize, i128)>)> = Vec::new();
    let offers = std::mem::take(&mut scratch.offers);
    let source = |offer: &Offer| relaxation.items[offer.item].source;
    for group in offers.chunk_by(|one, other| source(one) == source(other)) {
        scratch.offers.clear();
        scratch.offers.extend(group);
        scratch.offers.extend(missing(class, prices));
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
            take(relaxation, class, item, extents, usage);
        }
    }
    Some(value)
}
