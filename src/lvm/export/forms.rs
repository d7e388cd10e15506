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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::lvm::read;

    /// Three disks of 80 free extents.
    fn pool() -> Ledger {
        let text = include_str!("../../../models/lvm2/three-disks.vg");
        Ledger::new(read(text).expect("metadata text"))
    }

    fn offers(list: &[(usize, u64, u64)]) -> Vec<Segment> {
        let offer = |&(source, start, count): &(usize, u64, u64)| Segment {
            source,
            area: Area::new(start, count).expect("not empty"),
        };
        list.iter().map(offer).collect()
    }

    /// How many forms offer what, in whatever order.
    fn by_offers(forms: Vec<Form>) -> BTreeMap<Vec<Segment>, usize> {
        let mut counts = BTreeMap::new();
        for (_, mut offers) in forms {
            offers.sort_unstable();
            *counts.entry(offers).or_default() += 1;
        }
        counts
    }

    #[test]
    fn every_order_comes_once_until_there_are_too_many() {
        let all = offers(&[(0, 0, 1), (0, 1, 2), (1, 0, 3), (1, 3, 4), (2, 0, 5)]);
        for (count, expected) in [(0, 1), (1, 1), (2, 2), (3, 6), (4, 24), (5, MAX_ORDERS)] {
            let offers = &all[..count];
            let orders = in_any_order(offers.to_vec());
            assert_eq!(orders.len(), expected, "{count} offers");
            assert_eq!(orders[0], offers, "the plain order comes first");
            for order in &orders {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, offers, "nothing is lost");
            }
            let different: HashSet<&Vec<Segment>> = orders.iter().collect();
            assert_eq!(different.len(), expected, "{count} offers");
        }
    }

    #[test]
    fn of_alike_areas_of_one_disk_each_is_cut_elsewhere() {
        let alike = offers(&[(0, 0, 4), (1, 0, 4), (0, 10, 4), (0, 20, 3), (0, 30, 4)]);
        let cut = [
            (0, 0, 4),
            (1, 0, 4),
            (0, 10, 3),
            (0, 13, 1),
            (0, 20, 3),
            (0, 30, 2),
            (0, 32, 2),
        ];
        assert_eq!(uneven(&alike), Some(offers(&cut)));
        let different = offers(&[(0, 0, 4), (1, 0, 4), (0, 10, 5)]);
        assert_eq!(uneven(&different), None);
        let too_short = offers(&[(0, 0, 1), (0, 10, 1)]);
        assert_eq!(uneven(&too_short), None, "an extent has no parts");
    }

    #[test]
    fn an_offer_is_longer_only_by_what_is_free_and_not_offered() {
        // The first is followed by the second, the last ends with its disk.
        let given = offers(&[(0, 0, 10), (0, 10, 5), (1, 0, 5), (2, 70, 10)]);
        let expected = [
            offers(&[(0, 0, 10), (0, 10, 6), (1, 0, 5), (2, 70, 10)]),
            offers(&[(0, 0, 10), (0, 10, 5), (1, 0, 6), (2, 70, 10)]),
        ];
        assert_eq!(longer(&pool(), &given), expected);
    }

    #[test]
    fn only_offers_that_share_a_disk_have_more_than_the_plain_form() {
        let command = LvCommand {
            size: Some(SizeArgument::extents(20)),
            ..LvCommand::new(Verb::Create)
        };
        let apart = offers(&[(0, 0, 10), (1, 0, 10)]);
        assert_eq!(
            forms(&pool(), &command, &apart),
            [(command.size, apart.clone())]
        );

        let shared = offers(&[(0, 0, 10), (0, 20, 12)]);
        let found = forms(&pool(), &command, &shared);
        assert_eq!(
            found[0],
            (command.size, shared.clone()),
            "the plain one first"
        );
        // Two orders: as they are with the size and with a percentage; either longer by an extent.
        let expected = [
            (shared, 4),
            (offers(&[(0, 0, 11), (0, 20, 12)]), 2),
            (offers(&[(0, 0, 10), (0, 20, 13)]), 2),
        ];
        assert_eq!(by_offers(found), BTreeMap::from(expected));

        let neighbours = offers(&[(0, 10, 10), (0, 0, 10)]);
        let found = by_offers(forms(&pool(), &command, &neighbours));
        assert_eq!(found[&offers(&[(0, 0, 20)])], 2, "neighbours as one");
        assert_eq!(found[&offers(&[(0, 0, 10), (0, 10, 10)])], 4);
    }

    #[test]
    fn ranges_of_one_disk_stand_together_where_it_comes_first() {
        let pool = pool();
        let given = offers(&[(1, 0, 5), (0, 7, 3), (1, 20, 1)]);
        let words = |arguments: Vec<PvArgument>| -> Vec<String> {
            arguments.iter().map(PvArgument::to_string).collect()
        };
        assert_eq!(
            words(arguments_by_volume(pool.group(), &given)),
            ["/dev/sdb:0-4:20-20", "/dev/sda:7-9"]
        );
        assert_eq!(
            words(arguments(pool.group(), &given)),
            ["/dev/sdb:0-4", "/dev/sda:7-9", "/dev/sdb:20-20"]
        );
    }
}
