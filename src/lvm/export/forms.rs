//! The forms that one command may take: LVM2 goes by the order of what it is offered, by what is
//! offered as one, and by how much is asked for.

use std::collections::HashMap;

use crate::core::{Area, Segment, joined};
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::{
    Amount, LvCommand, PeRange, PercentOf, PvArgument, Sign, SizeArgument, Verb, VolumeGroup,
};

/// Most orders of arguments that are tried for one command.
const MAX_ORDERS: usize = 24;

/// A size and what to offer for it.
pub(crate) type Form = (Option<SizeArgument>, Vec<Segment>);

/// The sizes and offers that are worth a try: the plain ones first.
///
/// Where every offer is on another physical volume, LVM2 keeps to the order of the arguments.
/// Where some share one, what it does hangs on the order, on whether neighbours are offered as
/// one, and on whether two areas are equally long: before it comes to policy `anywhere` it has
/// tried one of the two in place of the other, and forgets to give one back. That does not
/// happen where one is longer by an extent, which is not used; nor where one is offered in two
/// parts; nor where more is asked for than either can hold, "as far as there is room", which only a
/// percentage can say.
pub(crate) fn forms(pool: &Ledger, command: &LvCommand, offers: &[Segment]) -> Vec<Form> {
    let plain = (command.size, offers.to_vec());
    let is_shared = offers.iter().enumerate().any(|(index, offer)| {
        let before = &offers[..index];
        before.iter().any(|other| other.source == offer.source)
    });
    if !is_shared {
        return vec![plain];
    }
    let mut orders = in_any_order(offers.to_vec());
    let mut sorted = offers.to_vec();
    sorted.sort_unstable();
    let merged = joined(&sorted);
    if merged.len() < offers.len() {
        orders.extend(in_any_order(merged));
    }
    let exact = orders.iter().cloned().map(|order| (command.size, order));
    let longer = orders.iter().flat_map(|order| longer(pool, order));
    let longer = longer.map(|order| (command.size, order));
    let uneven = orders.iter().filter_map(|order| uneven(order));
    let uneven = uneven.map(|order| (command.size, order));
    let more = more_than_fits(pool, command, offers);
    let in_percent = orders.iter().cloned().map(|order| (Some(more), order));
    exact
        .chain(longer)
        .chain(uneven)
        .chain(in_percent)
        .collect()
}

/// The offers with those in two parts that are as long as one before them on their physical volume;
/// `None` where there are none, or none that can be parted.
fn uneven(offers: &[Segment]) -> Option<Vec<Segment>> {
    let mut parted = Vec::new();
    for (index, offer) in offers.iter().enumerate() {
        let count = offer.area.count();
        let before = offers[..index].iter();
        let alike =
            before.filter(|other| other.source == offer.source && other.area.count() == count);
        // The second of three is cut by one extent, the third by two: no two are alike.
        let cut = alike.count() as u64;
        let (front, behind) = match count.checked_sub(cut) {
            Some(front) if cut > 0 && front > 0 => offer.area.split(front),
            Some(_) | None => (offer.area, None),
        };
        let source = offer.source;
        parted.push(Segment {
            source,
            area: front,
        });
        parted.extend(behind.map(|area| Segment { source, area }));
    }
    (parted.len() > offers.len()).then_some(parted)
}

/// The offers with one of them longer by an extent, where it is free.
fn longer(pool: &Ledger, offers: &[Segment]) -> Vec<Vec<Segment>> {
    let free = pool.free_areas();
    let mut orders = Vec::new();
    for (index, offer) in offers.iter().enumerate() {
        let longer = Area::new(offer.area.start(), offer.area.count() + 1);
        let Some(longer) = longer.filter(|area| free[offer.source].contains(*area)) else {
            continue;
        };
        let is_clear = offers.iter().enumerate().all(|(at, other)| {
            at == index || other.source != offer.source || other.area.intersection(longer).is_none()
        });
        if is_clear {
            let mut order = offers.to_vec();
            order[index].area = longer;
            orders.push(order);
        }
    }
    orders
}

/// A percentage of what is free that comes to twice what is offered, or more.
fn more_than_fits(pool: &Ledger, command: &LvCommand, offers: &[Segment]) -> SizeArgument {
    let offered: u64 = offers.iter().map(|offer| offer.area.count()).sum();
    // For mirrored volumes LVM2 divides the percentage by the copies.
    let copies = command.mirrors.unwrap_or(1).saturating_add(1);
    let wanted = offered.saturating_mul(2).saturating_mul(copies);
    let times = wanted.div_ceil(pool.free_total().max(1));
    SizeArgument {
        sign: match command.verb {
            Verb::Create => Sign::Absolute,
            Verb::Extend | Verb::Convert | Verb::Change => Sign::Plus,
        },
        amount: Amount::Percent {
            percent: times.saturating_mul(100),
            of: PercentOf::Free,
        },
    }
}

/// Ranges as arguments.
pub(crate) fn arguments(group: &VolumeGroup, offers: &[Segment]) -> Vec<PvArgument> {
    let argument = |offer: &Segment| PvArgument::Device {
        name: group.physical_volumes[offer.source].device.clone(),
        ranges: vec![PeRange {
            first: offer.area.start(),
            last: Some(offer.area.end() - 1),
        }],
    };
    offers.iter().map(argument).collect()
}

/// Ranges as arguments, those of one physical volume together where it is mentioned first.
pub(crate) fn arguments_by_volume(group: &VolumeGroup, offers: &[Segment]) -> Vec<PvArgument> {
    let mut order: Vec<(usize, Vec<PeRange>)> = Vec::new();
    let mut at: HashMap<usize, usize> = HashMap::new();
    for offer in offers {
        let entry = *at.entry(offer.source).or_insert_with(|| {
            order.push((offer.source, Vec::new()));
            order.len() - 1
        });
        order[entry].1.push(PeRange {
            first: offer.area.start(),
            last: Some(offer.area.end() - 1),
        });
    }
    let argument = |(source, ranges): (usize, Vec<PeRange>)| PvArgument::Device {
        name: group.physical_volumes[source].device.clone(),
        ranges,
    };
    order.into_iter().map(argument).collect()
}

/// The offers in every order, up to a bound.
pub(crate) fn in_any_order(offers: Vec<Segment>) -> Vec<Vec<Segment>> {
    // Heap's way of going through all orders, each one swap away from the one before.
    let count = offers.len();
    let mut counters = vec![0; count];
    let mut orders = vec![offers.clone()];
    let mut order = offers;
    let mut level = 0;
    while level < count && orders.len() < MAX_ORDERS {
        if counters[level] < level {
            let other = if level % 2 == 0 { 0 } else { counters[level] };
            order.swap(other, level);
            orders.push(order.clone());
            counters[level] += 1;
            level = 0;
        } else {
            counters[level] = 0;
            level += 1;
        }
    }
    orders
}
