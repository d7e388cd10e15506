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
    /// Most extents of all parts together.
    pub(super) most: u64,
}

/// What the item earns, and the extents that it gives for it, if an extent is worth `worth`.
pub(super) fn earns(item: &Item, worth: i128) -> (i128, u64) {
    let (mut earned, mut given) = (0i128, 0u64);
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
/// `free` is, bears no charge and does not count. `None` if there are not so many.
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
    let question = Question {
        items,
        need,
        charge,
        free,
    };
    // The best worth for any number; it says between which two numbers the best fraction lies.
    let worth = highest(dearest, need, &mut |worth| question.of_any_number(worth));
    let paying = items.iter().filter(|item| earns(item, worth).0 > charge);
    let split = paying.count().max(fewest);
    let few = highest(dearest, need, &mut |worth| question.of_number(worth, split));
    let of_few = question.least_of(few, fewest, split);
    if split == items.len() {
        return Some(of_few);
    }
    let many = highest(dearest, need, &mut |worth| {
        question.of_number(worth, split + 1)
    });
    Some(of_few.min(question.least_of(many, split + 1, items.len())))
}

struct Question<'a> {
    items: &'a [Item],
    need: u64,
    charge: i128,
    free: Option<&'a Item>,
}

impl Question<'_> {
    /// Before any item bears a charge: the value, and the extents that are given.
    fn start(&self, worth: i128) -> (i128, u64) {
        let (gain, given) = self.free.map_or((0, 0), |free| earns(free, worth));
        let value = worth * i128::from(self.need) - gain.max(0);
        (value, if gain > 0 { given } else { 0 })
    }

    fn of_any_number(&self, worth: i128) -> (i128, u64) {
        let (mut value, mut given) = self.start(worth);
        for item in self.items {
            let (gain, extents) = earns(item, worth);
            if gain > self.charge {
                value -= gain - self.charge;
                given = given.saturating_add(extents);
            }
        }
        (value, given)
    }

    fn of_number(&self, worth: i128, number: usize) -> (i128, u64) {
        let (mut value, mut given) = self.start(worth);
        let gains = self.items.iter().map(|item| earns(item, worth));
        let mut gains: Vec<(i128, u64)> = gains.filter(|(gain, _)| *gain > 0).collect();
        if 0 < number && number < gains.len() {
            gains.select_nth_unstable_by(number - 1, |one, other| other.cmp(one));
        }
        for (gain, extents) in gains.into_iter().take(number) {
            value -= gain;
            given = given.saturating_add(extents);
        }
        (value, given)
    }

    /// The least value of all numbers of items from `first` to `last`.
    fn least_of(&self, worth: i128, first: usize, last: usize) -> i128 {
        let mut gains: Vec<i128> = Vec::with_capacity(self.items.len());
        gains.extend(self.items.iter().map(|item| earns(item, worth).0.max(0)));
        gains.sort_unstable_by(|one, other| other.cmp(one));
        let mut value = self.start(worth).0;
        let mut least = if first == 0 { value } else { i128::MAX };
        for (number, gain) in gains.into_iter().enumerate().take(last) {
            value += self.charge - gain;
            if number + 1 >= first {
                least = least.min(value);
            }
        }
        least
    }
}

/// Where a concave function is highest: by its slope, which is the need less what is given.
fn highest(dearest: i128, need: u64, at: &mut dyn FnMut(i128) -> (i128, u64)) -> i128 {
    let (mut low, mut high) = (0, dearest);
    let mut best = (i128::MIN, 0);
    while low <= high {
        let worth = low + (high - low) / 2;
        let (value, given) = at(worth);
        best = best.max((value, worth));
        if given < need {
            low = worth + 1;
        } else {
            high = worth - 1;
        }
    }
    best.1
}
