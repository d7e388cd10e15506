//! Disjoint patterns, one per leg, within what a layout may cost above the bound: exact search.
//!
//! The item that fewest patterns can serve comes first: one of them takes it, or it is not used, which
//! costs its price. What patterns cost above the cheapest, spread over their items, bounds what the
//! items that are left still cost. What failed is remembered by the items and legs left. Of the patterns
//! of an item those of rare items come first: what they leave can be served in most ways.

use std::collections::HashMap;

use crate::core::{Limits, StopReason};
use crate::search::bin_covering::patterns::{MOST_ITEMS, Pattern};

/// Into so many shares a part of an area is divided; a multiple of small numbers of items.
const SHARES: u64 = 840;
/// Bytes that one remembered failure takes, about.
const FAILURE_BYTES: u64 = 64;

/// Patterns that take longer to look through than to ask for the time.
const MANY: usize = 500;

/// What the search came to.
pub(crate) enum Outcome {
    /// Per leg its items, as bits.
    Found(Vec<u128>),
    /// There is no such choice.
    None {
        /// Choices that were looked at.
        nodes: u64,
    },
    /// It ended before it knew.
    Stopped(StopReason),
}

/// Chooses a pattern for each leg so that they are disjoint, and they and the prices of the items not
/// used are together no more than `slack` above the bound.
pub(crate) fn choose(
    patterns: &[Pattern],
    prices: &[u64],
    legs: usize,
    slack: u64,
    limits: &Limits<'_>,
) -> Outcome {
    let mut search = Search {
        prices,
        limits,
        failures: HashMap::new(),
        most_failures: limits.memory_bytes / 8 / FAILURE_BYTES,
        nodes: 0,
        stopped: None,
        chosen: Vec::with_capacity(legs),
    };
    let all = (0..prices.len()).fold(0u128, |all, item| all | 1 << item);
    if search.go_on(all, legs, slack * SHARES, patterns) {
        return Outcome::Found(search.chosen);
    }
    match search.stopped {
        Some(reason) => Outcome::Stopped(reason),
        None => Outcome::None {
            nodes: search.nodes,
        },
    }
}

struct Search<'a> {
    prices: &'a [u64],
    limits: &'a Limits<'a>,
    /// Items and legs left, and the slack with which that failed.
    failures: HashMap<(u128, usize), u64>,
    most_failures: u64,
    nodes: u64,
    stopped: Option<StopReason>,
    chosen: Vec<u128>,
}

impl Search<'_> {
    /// Whether the items `left` can serve `legs` with some of these patterns, within `slack` shares.
    fn go_on(&mut self, left: u128, legs: usize, slack: u64, patterns: &[Pattern]) -> bool {
        if legs == 0 {
            return self.unused(left) <= slack;
        }
        if self
            .failures
            .get(&(left, legs))
            .is_some_and(|&failed| slack <= failed)
        {
            return false;
        }
        self.nodes += 1;
        if !self.limits.allow_nodes(self.nodes) {
            self.stopped = Some(StopReason::Nodes);
        } else if (patterns.len() > MANY || self.nodes.is_multiple_of(64)) && self.limits.is_over()
        {
            self.stopped = Some(StopReason::Time);
        }
        if self.stopped.is_some() {
            return false;
        }
        let fits =
            |pattern: &&Pattern| pattern.items & !left == 0 && pattern.above * SHARES <= slack;
        let fitting: Vec<Pattern> = patterns.iter().filter(fits).copied().collect();
        if self.branch(left, legs, slack, &fitting) {
            return true;
        }
        if self.stopped.is_none() && (self.failures.len() as u64) < self.most_failures {
            self.failures.insert((left, legs), slack);
        }
        false
    }

    /// Tries every pattern of the hardest item, and to leave it.
    fn branch(&mut self, left: u128, legs: usize, slack: u64, fitting: &[Pattern]) -> bool {
        let ways = Ways::of(fitting, self.prices);
        let Some(item) = self.hardest(left, slack, &ways) else {
            return false;
        };
        let serves = |pattern: &&Pattern| pattern.items >> item & 1 == 1;
        let mut serving: Vec<Pattern> = fitting.iter().filter(serves).copied().collect();
        serving.sort_by_cached_key(|pattern| {
            let ways = members(pattern.items).map(|item| ways.count[item]);
            (ways.sum::<usize>(), pattern.above, pattern.items)
        });
        for pattern in serving {
            self.chosen.push(pattern.items);
            let rest = slack - pattern.above * SHARES;
            if self.go_on(left & !pattern.items, legs - 1, rest, fitting) {
                return true;
            }
            self.chosen.pop();
            if self.stopped.is_some() {
                return false;
            }
        }
        let price = self.prices[item] * SHARES;
        price <= slack && self.go_on(left & !(1 << item), legs, slack - price, fitting)
    }

    /// The item with fewest ways to be served; `None` if what is left costs more than there is.
    fn hardest(&self, left: u128, slack: u64, ways: &Ways) -> Option<usize> {
        let (mut sum, mut hardest) = (0, None);
        for item in members(left) {
            sum += ways.least[item];
            let may_rest = self.prices[item] * SHARES <= slack;
            let key = (ways.count[item] + usize::from(may_rest), item);
            if hardest.is_none_or(|held| key < held) {
                hardest = Some(key);
            }
        }
        if sum > slack {
            return None;
        }
        hardest.map(|(_, item)| item)
    }

    /// What the items left cost if none of them is used.
    fn unused(&self, left: u128) -> u64 {
        members(left).map(|item| self.prices[item] * SHARES).sum()
    }
}

/// In which ways items can be served.
struct Ways {
    /// Per item the patterns that have it.
    count: [usize; MOST_ITEMS],
    /// Per item the shares that it costs at least.
    least: [u64; MOST_ITEMS],
}

impl Ways {
    fn of(patterns: &[Pattern], prices: &[u64]) -> Ways {
        let mut ways = Ways {
            count: [0; MOST_ITEMS],
            least: [0; MOST_ITEMS],
        };
        for (least, price) in ways.least.iter_mut().zip(prices) {
            *least = price * SHARES;
        }
        for pattern in patterns {
            let share = pattern.above * SHARES / u64::from(pattern.items.count_ones());
            for item in members(pattern.items) {
                ways.count[item] += 1;
                ways.least[item] = ways.least[item].min(share);
            }
        }
        ways
    }
}

/// The items of a set.
pub(crate) fn items_of(set: u128) -> Vec<usize> {
    members(set).collect()
}

fn members(mut set: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let item = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(item)
    })
}
