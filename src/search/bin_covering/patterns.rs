//! The sets of items that a leg may use in a layout that is better than what is known.
//!
//! Prices that bound the areas from below say of each leg by how much it is dearer than the cheapest,
//! and of each item what it costs not to use it. All of that together is what a layout has above the
//! bound. So only legs that are little dearer come into question, and of those only sets from which no
//! item can be left out: with good prices they are few, and can be listed (Baldacci, Christofides and
//! Mingozzi 2008, for routes).

use crate::core::Limits;
use crate::search::bin_covering::dual::Dual;
use crate::search::bin_covering::table::Table;

/// Items that fit the bits of a set.
pub(crate) const MOST_ITEMS: usize = 128;
/// Sets looked at, per set that is kept at most.
const STEPS_PER_SET: usize = 64;

/// A set of items that is enough for a leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// The items, as bits.
    pub(crate) items: u128,
    /// What the leg costs above the cheapest, in parts of an area.
    pub(crate) above: u64,
}

/// The patterns that are at most `slack` parts of an area above the cheapest leg, by falling merit;
/// `None` if there are more than `most`, or time ran out.
pub(crate) fn within(
    gives: &[Vec<u64>],
    needed: u64,
    dual: &Dual,
    slack: u64,
    most: usize,
    limits: &Limits<'_>,
) -> Option<Vec<Pattern>> {
    let cells = usize::try_from(dual.leg + slack + 1).ok()?;
    if gives.len() > MOST_ITEMS || cells.checked_mul(gives.len() + 1)? > 1 << 24 {
        return None;
    }
    let table = Table::fill(gives, &dual.prices, dual.parts, needed, cells);
    let gains = gives
        .iter()
        .map(|gives| gives.windows(2).map(|pair| pair[1] - pair[0]).collect());
    let mut listing = Listing {
        gains: gains.collect(),
        prices: &dual.prices,
        parts: dual.parts,
        needed,
        cheapest: dual.leg,
        budget: dual.leg + slack,
        table,
        limits,
        most,
        steps: 0,
        found: Vec::new(),
    };
    listing.extend(0, 0, 0, &[]).then_some(())?;
    let mut found = listing.found;
    found.sort_unstable_by_key(|pattern| (pattern.above, pattern.items));
    Some(found)
}

struct Listing<'a> {
    /// Per item its areas, longest first, as far as a leg can use them.
    gains: Vec<Vec<u64>>,
    prices: &'a [u64],
    parts: u64,
    needed: u64,
    cheapest: u64,
    budget: u64,
    table: Table,
    limits: &'a Limits<'a>,
    most: usize,
    steps: usize,
    found: Vec<Pattern>,
}

impl Listing<'_> {
    /// Extends the set by items from `from` on; `areas` are those of the set, longest first. `false`
    /// if there are too many sets.
    fn extend(&mut self, from: usize, set: u128, price: u64, areas: &[u64]) -> bool {
        let mut longer = Vec::with_capacity(areas.len() + 8);
        for item in from..self.gains.len() {
            if !self.can_end(item, price, areas) {
                break;
            }
            self.steps += 1;
            if self.steps > self.most.saturating_mul(STEPS_PER_SET)
                || self.steps.is_multiple_of(1024) && self.limits.is_over()
            {
                return false;
            }
            let price = price + self.prices[item];
            if price + self.parts > self.budget {
                continue;
            }
            merge(areas, &self.gains[item], &mut longer);
            let set = set | 1 << item;
            if let Some(count) = fewest(&longer, self.needed) {
                let cost = price + count * self.parts;
                if cost <= self.budget && self.is_minimal(set, count) {
                    if self.found.len() == self.most {
                        return false;
                    }
                    self.found.push(Pattern {
                        items: set,
                        above: cost.saturating_sub(self.cheapest),
                    });
                }
            }
            if !self.extend(item + 1, set, price, &longer) {
                return false;
            }
        }
        true
    }

    /// Whether a set with these areas can become enough, within the budget, by items from `item` on.
    fn can_end(&self, item: usize, price: u64, areas: &[u64]) -> bool {
        let mut held = 0u64;
        let mut cost = price;
        let mut areas = areas.iter();
        loop {
            if cost > self.budget {
                return false;
            }
            let left = usize::try_from(self.budget - cost).unwrap_or(usize::MAX);
            if held.saturating_add(self.table.most(item, left)) >= self.needed {
                return true;
            }
            let Some(area) = areas.next() else {
                return false;
            };
            held += area;
            cost += self.parts;
        }
    }

    /// Whether without any of its items the set would be worse by an area at least.
    fn is_minimal(&self, set: u128, count: u64) -> bool {
        let members = |set: u128| (0..self.gains.len()).filter(move |&item| set >> item & 1 == 1);
        let is_needed = |left_out: usize| {
            let mut areas = Vec::new();
            for item in members(set & !(1 << left_out)) {
                areas.extend_from_slice(&self.gains[item]);
            }
            areas.sort_unstable_by(|left, right| right.cmp(left));
            fewest(&areas, self.needed).is_none_or(|fewer| fewer > count)
        };
        members(set).all(is_needed)
    }
}

/// How many areas, longest first, are enough.
pub(crate) fn fewest(areas: &[u64], needed: u64) -> Option<u64> {
    let mut held = 0;
    for (area, count) in areas.iter().zip(1..) {
        held += area;
        if held >= needed {
            return Some(count);
        }
    }
    None
}

/// Two falling lists as one.
fn merge(left: &[u64], right: &[u64], merged: &mut Vec<u64>) {
    merged.clear();
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if first >= second {
            left.next()
        } else {
            right.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
}
