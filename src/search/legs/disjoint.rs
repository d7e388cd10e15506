//! Disjoint patterns, one per leg, within what a layout may cost above the bound: exact search.
//!
//! The item that fewest patterns can serve comes first: one of them takes it, or it is not used, which
//! costs its price. What patterns cost above the cheapest, spread over their items, bounds what the
//! items that are left still cost. What failed is remembered by the items and legs left.

use std::collections::HashMap;

use crate::core::{Limits, StopReason};
use crate::search::legs::patterns::Pattern;

/// Into so many shares a part of an area is divided; a multiple of small numbers of items.
const SHARES: u64 = 840;
/// Bytes that one remembered failure takes, about.
const FAILURE_BYTES: u64 = 64;

/// What the search came to.
pub(crate) enum Outcome {
    /// Per leg its pattern, by index.
    Found(Vec<usize>),
    /// There is no such choice.
    None,
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
        patterns,
        prices,
        limits,
        failures: HashMap::new(),
        most_failures: limits.memory_bytes / 8 / FAILURE_BYTES,
        nodes: 0,
        stopped: None,
        chosen: Vec::with_capacity(legs),
    };
    let all = (0..prices.len()).fold(0u128, |all, item| all | 1 << item);
    let indices: Vec<usize> = (0..patterns.len()).collect();
    if search.go_on(all, legs, slack * SHARES, &indices) {
        return Outcome::Found(search.chosen);
    }
    match search.stopped {
        Some(reason) => Outcome::Stopped(reason),
        None => Outcome::None,
    }
}

struct Search<'a> {
    patterns: &'a [Pattern],
    prices: &'a [u64],
    limits: &'a Limits<'a>,
    /// Items and legs left, and the slack with which that failed.
    failures: HashMap<(u128, usize), u64>,
    most_failures: u64,
    nodes: u64,
    stopped: Option<StopReason>,
    chosen: Vec<usize>,
}

impl Search<'_> {
    /// Whether the items `left` can serve `legs` with patterns of `indices`, within `slack` shares.
    fn go_on(&mut self, left: u128, legs: usize, slack: u64, indices: &[usize]) -> bool {
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
        if self.nodes > self.limits.nodes {
            self.stopped = Some(StopReason::Nodes);
        } else if self.nodes.is_multiple_of(64) && self.limits.is_over() {
            self.stopped = Some(StopReason::Time);
        }
        if self.stopped.is_some() {
            return false;
        }
        let fits = |&&index: &&usize| {
            let pattern = &self.patterns[index];
            pattern.items & !left == 0 && pattern.above * SHARES <= slack
        };
        let fitting: Vec<usize> = indices.iter().filter(fits).copied().collect();
        if let Some(item) = self.hardest(left, slack, &fitting)
            && self.branch(item, left, legs, slack, &fitting)
        {
            return true;
        }
        if self.stopped.is_none() && (self.failures.len() as u64) < self.most_failures {
            self.failures.insert((left, legs), slack);
        }
        false
    }

    fn branch(
        &mut self,
        item: usize,
        left: u128,
        legs: usize,
        slack: u64,
        fitting: &[usize],
    ) -> bool {
        for &index in fitting {
            let pattern = self.patterns[index];
            if pattern.items >> item & 1 == 0 {
                continue;
            }
            self.chosen.push(index);
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
    fn hardest(&self, left: u128, slack: u64, fitting: &[usize]) -> Option<usize> {
        let mut ways = vec![0usize; self.prices.len()];
        let mut least: Vec<u64> = self.prices.iter().map(|price| price * SHARES).collect();
        for &index in fitting {
            let pattern = &self.patterns[index];
            let share = pattern.above * SHARES / u64::from(pattern.items.count_ones());
            for item in members(pattern.items) {
                ways[item] += 1;
                least[item] = least[item].min(share);
            }
        }
        let (mut sum, mut hardest) = (0, None);
        for item in members(left) {
            sum += least[item];
            let may_rest = self.prices[item] * SHARES <= slack;
            let key = (ways[item] + usize::from(may_rest), item);
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

fn members(mut set: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let item = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(item)
    })
}
