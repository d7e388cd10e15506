//! A problem with the rule left out that nothing is taken twice: items with prices, and classes of legs.

use std::collections::BTreeMap;

use crate::core::{Measure, Problem};
use crate::search::lagrangian::class::{Choice, Class, Item};
use crate::search::lagrangian::knapsack::Pairs;
use crate::search::lagrangian::pool::Pool;
use crate::search::pins::Pins;

/// One of a measure that uses of items add up to, in the units that prices are counted in.
pub(crate) const UNIT: i128 = 1 << 40;
/// What a logical extent costs that is missing, where that is counted.
const MISSING: i128 = 1 << 20;
/// Prices for what is shared, of all requests.
const MOST_SHARES: usize = 1 << 12;
/// Parts of a value that are counted in, for all values together.
const MOST_PARTS: i128 = 1 << 50;
/// Extents of everything together up to which products of prices and lengths fit.
const MOST_EXTENTS: u64 = 1 << 36;

/// A request that may be left out.
pub(crate) struct Optional {
    pub(crate) classes: Vec<Class>,
    /// What leaving it out takes of the budget, and what it costs.
    pub(crate) value: i128,
    pub(crate) cost: i128,
}

/// A problem without the rule that nothing is taken twice.
pub(crate) struct Relaxation {
    pub(crate) items: Vec<Item>,
    /// Of the requests that have to be placed.
    pub(crate) classes: Vec<Class>,
    pub(crate) optional: Vec<Optional>,
    /// How much there is of what has a price beside the items: first what is shared by the legs of a request.
    pub(crate) shares: Vec<i128>,
    /// Most that may be left out of the optional requests, and the parts of a value in which that is counted.
    pub(crate) budget: Option<(i128, i128)>,
    /// One of the measure, in the units that prices are counted in.
    pub(crate) unit: i128,
    /// No price above this is of use.
    pub(crate) most_price: i128,
    /// How the oracles look for two items: exactly is slower.
    pub(crate) pairs: Pairs,
}

impl Relaxation {
    /// What plans cost that are no worse in the measures before than `pins` say; `None` where products would not
    /// fit, or the measure is none that uses of items or values add up to.
    pub(crate) fn of(problem: &Problem, measure: Measure, pins: &Pins<'_>) -> Option<Relaxation> {
        let missed = pins.of(Measure::Unserved);
        let values = problem
            .requests()
            .iter()
            .map(|r| i128::from(r.value.unwrap_or(0)));
        let values: Vec<i128> = values.collect();
        let all: i128 = values.iter().sum();
        let (by_source, charge, unit) = match measure {
            Measure::Segments => (false, UNIT, UNIT),
            Measure::Sources => (true, UNIT, UNIT),
            Measure::Unserved if all > 0 && all < MOST_PARTS => (false, 0, MOST_PARTS / all),
            Measure::Shortfall => (false, 0, MISSING),
            Measure::Unserved
            | Measure::Elsewhere
            | Measure::Balance
            | Measure::Fragments
            | Measure::LargestArea => return None,
        };
        if !fits(problem) || all >= MOST_PARTS {
            return None;
        }
        let mut pool = Pool::of(problem, by_source, charge);
        pool.shortfall = pins.of(Measure::Shortfall);
        pool.short = (measure == Measure::Shortfall).then_some(unit);
        let (mut classes, mut optional) = (Vec::new(), Vec::new());
        let free: i128 = pool.items.iter().map(|item| item.extents).sum();
        // As many parts as there are extents to a value: what is left out then weighs as much as what is taken.
        let parts = (free / all.max(1)).max(1);
        for (index, request) in problem.requests().iter().enumerate() {
            let own = pool.classes(index);
            let may_miss = match (request.value, missed) {
                (None, _) => false,
                (Some(_), None) if measure == Measure::Unserved => true,
                // Nobody says how much is left out: all of it may be.
                (Some(_), None) => continue,
                (Some(value), Some(most)) => value <= most,
            };
            if may_miss {
                optional.push(Optional {
                    classes: own,
                    value: values[index] * parts,
                    cost: if measure == Measure::Unserved {
                        values[index] * unit
                    } else {
                        0
                    },
                });
            } else {
                classes.extend(own);
            }
        }
        let budget = missed.filter(|_| !optional.is_empty());
        let mut relaxation = Relaxation {
            classes,
            optional,
            shares: Vec::new(),
            budget: budget.map(|most| (i128::from(most) * parts, parts)),
            unit,
            items: pool.items,
            most_price: if charge > 0 { 2 * charge } else { MOST_PARTS },
            pairs: Pairs::Relaxed,
        };
        relaxation.join_alike();
        Some(relaxation)
    }

    /// How much there is of what has a price: of each item, of what is shared, and of the budget.
    pub(crate) fn rooms(&self) -> Vec<i128> {
        let items = self.items.iter().map(|item| item.extents);
        let shares = self.shares.iter().copied();
        items
            .chain(shares)
            .chain(self.budget.map(|(most, _)| most))
            .collect()
    }

    /// What is shared: the requests that do, the source, and where its price stands.
    pub(crate) fn shared(&self) -> impl Iterator<Item = (&[usize], usize, usize)> {
        let optional = self.optional.iter().flat_map(|one| &one.classes);
        let classes = self.classes.iter().chain(optional);
        classes.flat_map(|class| {
            let shares = class.shares.iter();
            shares.map(|&(source, at)| (class.requests.as_slice(), source, at))
        })
    }

    /// Where the price of the budget stands.
    pub(crate) fn budget_at(&self) -> usize {
        self.items.len() + self.shares.len()
    }

    /// The same with prices for what legs that keep apart may have of a source together.
    pub(crate) fn with_shares(mut self) -> Relaxation {
        let mut totals: Vec<(usize, i128)> = Vec::new();
        for item in &self.items {
            match totals.last_mut() {
                Some((source, total)) if *source == item.source => *total += item.extents,
                Some(_) | None => totals.push((item.source, item.extents)),
            }
        }
        let optional = self.optional.iter_mut().flat_map(|one| &mut one.classes);
        for class in self.classes.iter_mut().chain(optional) {
            let is_apart = match class.choice {
                Choice::Any { is_apart } | Choice::Intervals { is_apart } => is_apart,
                // These have each source once as it is.
                Choice::One { .. } | Choice::Source { .. } => false,
            };
            if !is_apart || self.shares.len() > MOST_SHARES {
                continue;
            }
            for &(source, total) in &totals {
                let room = class.most_of_a_source * class.count;
                if total > room {
                    class
                        .shares
                        .push((source, self.items.len() + self.shares.len()));
                    self.shares.push(room);
                }
            }
        }
        self
    }

    /// Makes one class of requests that differ in nothing but their names.
    fn join_alike(&mut self) {
        let mut alike: BTreeMap<_, usize> = BTreeMap::new();
        let mut joined: Vec<Class> = Vec::new();
        for class in self.classes.drain(..) {
            let is_plain = class.offers.is_none()
                && class.free.is_none()
                && class.short.is_none()
                && class.spared == 0;
            let key = (
                class.choice,
                class.charge,
                class.need,
                class.legs,
                class.least,
            );
            match alike.get(&key).filter(|_| is_plain) {
                Some(&same) => {
                    joined[same].count += class.count;
                    joined[same].requests.extend(class.requests);
                }
                None => {
                    if is_plain {
                        alike.insert(key, joined.len());
                    }
                    joined.push(class);
                }
            }
        }
        self.classes = joined;
    }

    /// Prices that say what counting says: items that are longer than the last one that is needed are worth
    /// the charge that they save, as `quarters` of it.
    pub(crate) fn count_prices(&self, quarters: i128) -> Vec<i128> {
        let of_class = |class: &Class| class.need * class.count * class.legs as i128;
        let mut missing: i128 = self.classes.iter().map(of_class).sum();
        let unit = self.unit;
        let mut longest: Vec<i128> = self.items.iter().map(|item| item.extents).collect();
        longest.sort_unstable_by_key(|extents| -extents);
        let mut last = 1;
        for extents in longest {
            if missing <= 0 {
                break;
            }
            missing -= extents;
            last = extents;
        }
        let most = unit / last * quarters / 4;
        let price = |item: &Item| (most - unit / item.extents.max(1)).clamp(0, self.most_price);
        let prices = self.items.iter().map(price);
        let others = self.shares.iter().map(|_| 0);
        prices.chain(others).chain(self.budget.map(|_| 0)).collect()
    }
}

/// Whether products of prices and lengths fit.
fn fits(problem: &Problem) -> bool {
    let offered = problem.sources().iter().map(|source| source.extents);
    let wanted = problem.requests().iter();
    let wanted = wanted.map(|request| request.total_extents().unwrap_or(u64::MAX));
    offered.chain(wanted).fold(0, u64::saturating_add) <= MOST_EXTENTS
}
