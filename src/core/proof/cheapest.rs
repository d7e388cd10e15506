//! What extents cost at the least where items bear a charge each and a price for each extent.

/// What one item gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Most extents of it.
    pub(super) most: u64,
    /// Price of an extent.
    pub(super) price: i128,
}

/// An item: it bears its own charge once, and each of its parts a charge of its own.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) parts: Vec<Part>,
    pub(super) of_part: i128,
    /// What it costs beyond the charge that all items bear.
    pub(super) extra: i128,
    /// Most extents of all parts together.
    pub(super) most: u64,
}

/// What the item earns, and the extents that it gives for it, if an extent is worth `worth`.
pub(super) fn earns(item: &Item, worth: i128) -> (i128, u64) {
    let (mut earned, mut given) = (-item.extra, 0u64);
    if item.of_part > 0 {
        // Parts together may give more than the item: it only earns more then.
        for part in &item.parts {
            let gain = (worth - part.price) * i128::from(part.most) - item.of_part;
            if gain > 0 {
                earned += gain;
                given = given.saturating_add(part.most);
            }
        }
    } else {
        // Cheapest first, as they are held.
        for part in &item.parts {
            let taken = part.most.min(item.most - given);
            if part.price < worth && taken > 0 {
                earned += (worth - part.price) * i128::from(taken);
                given += taken;
            }
        }
    }
    (earned, given)
}

/// What `need` extents cost at the least from `fewest` items or more, each at `charge`; one item, which
/// `free` is, bears no charge and does not count.
///
/// The Lagrangian relaxation of the need (Geoffrion, Mathematical Programming Study 2, 1974): for every worth
/// `m` of an extent and every number `k` of items, `charge k + m need - (what the k items earn that earn
/// most)`. Any worth makes it true of its `k`, so a poor choice only makes it smaller: one is chosen for
/// few items and one for many.
pub(super) fn least(
    items: &[Item],
    need: u64,
    charge: i128,
    fewest: usize,
    free: Option<&Item>,
    dearest: i128,
) -> Option<i128> {
    if fewest > items.len() {
        return None;
    }
    let mut earned = Vec::with_capacity(items.len());
    // The value of each number of items from the first on, at a worth, and the extents taken with `of`.
    let mut at = |worth: i128, of: Option<usize>, from: usize, to: usize| -> (i128, u64) {
        earned.clear();
        earned.extend(items.iter().map(|item| earns(item, worth)));
        earned.sort_unstable_by(|one: &(i128, u64), other| other.cmp(one));
        let (mut value, mut given) = (worth * i128::from(need), 0u64);
        if let Some(free) = free {
            let (gain, extents) = earns(free, worth);
            value -= gain.max(0);
            given = if gain > 0 { extents } else { 0 };
        }
        let mut best = (i128::MAX, given);
        for number in 0..=items.len() {
            if number > 0 {
                let (gain, extents) = earned[number - 1];
                // A forced item may give nothing, yet it bears its charge.
                value += charge - gain.max(0);
                if gain > 0 {
                    given = given.saturating_add(extents);
                }
            }
            let is_asked = of.map_or(from <= number && number <= to, |of| of == number);
            if is_asked && value < best.0 {
                best = (value, given);
            }
        }
        best
    };
    let all = items.len();
    // The best worth for any number; it says between which two numbers the best fraction lies.
    let worth = highest(dearest, need, &mut |worth| at(worth, None, fewest, all));
    let mut split = fewest;
    {
        let mut gains: Vec<i128> = items.iter().map(|item| earns(item, worth).0).collect();
        gains.sort_unstable_by(|one, other| other.cmp(one));
        let used = gains.iter().take_while(|gain| **gain > charge).count();
        split = split.max(used);
    }
    let few = highest(dearest, need, &mut |worth| at(worth, Some(split), 0, 0));
    let many = highest(dearest, need, &mut |worth| at(worth, Some(split + 1), 0, 0));
    let of_few = at(few, None, fewest, split).0;
    let of_many = if split < all {
        at(many, None, split + 1, all).0
    } else {
        i128::MAX
    };
    Some(of_few.min(of_many).max(0))
}

/// Where a concave function is highest: by its slope, which is the need less what is taken.
fn highest(dearest: i128, need: u64, at: &mut dyn FnMut(i128) -> (i128, u64)) -> i128 {
    let (mut low, mut high) = (0, dearest);
    let mut best = (i128::MIN, 0);
    while low <= high {
        let worth = low + (high - low) / 2;
        let (value, given) = at(worth);
        if value != i128::MAX && value > best.0 {
            best = (value, worth);
        }
        if given < need {
            low = worth + 1;
        } else {
            high = worth - 1;
        }
    }
    best.1
}
