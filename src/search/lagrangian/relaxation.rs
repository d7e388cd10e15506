//! A problem with the rule left out that nothing is taken twice: items with prices, and classes of legs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::core::{Areas, Cuts, Measure, Place, Policy, Problem, Request, Separation, Size};
use crate::search::bounds::cut::least_leg;
use crate::search::lagrangian::knapsack::Pairs;
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

/// What a use costs: an area, where segments are counted, or a source.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) source: usize,
    /// Free extents.
    pub(crate) extents: i128,
}

/// How legs of a class choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Choice {
    /// Any items; a leg on one item alone shares its source with no leg of the request, if `is_apart`.
    Any { is_apart: bool },
    /// One item for each leg, each source for one leg if `is_apart`.
    One { is_apart: bool },
    /// Items of one source, each source for one leg if `is_apart`.
    Source { is_apart: bool },
    /// As many items as there are intervals for each leg; a charge is for all legs. Each source once in an
    /// interval if `is_apart`.
    Intervals { is_apart: bool },
}

/// Legs that are alike.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) choice: Choice,
    /// What the use of an item costs.
    pub(crate) charge: i128,
    /// Extents of one leg.
    pub(crate) need: i128,
    /// Most extents of a source that all legs of one request may have.
    most_of_a_source: i128,
    /// Legs of one request.
    pub(crate) legs: usize,
    /// Items of all of a request at the least.
    pub(crate) least: usize,
    /// How many requests are alike.
    pub(crate) count: i128,
    /// The items that may be used, with the most of each; `None`: all, up to what is needed.
    pub(crate) offers: Option<Vec<(usize, i128)>>,
    /// By source that could hold more, the number of what has a price: extents that all legs may have of it, one
    /// leg's, since they keep apart.
    pub(crate) shares: Vec<(usize, usize)>,
    /// The item where the leg goes on, which bears no charge, with the most of it.
    pub(crate) free: Option<(usize, i128)>,
    /// What an extent costs that a leg falls short, where that is counted.
    pub(crate) short: Option<i128>,
    /// What the request is spared: its first interval where all legs go on.
    pub(crate) spared: i128,
}

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

impl Class {
    /// Where the price stands of what all legs have of a source together.
    pub(crate) fn share(&self, source: usize) -> Option<usize> {
        let at = self
            .shares
            .binary_search_by_key(&source, |(source, _)| *source);
        at.ok().map(|at| self.shares[at].1)
    }
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
            Measure::Unserved | Measure::Balance | Measure::Fragments | Measure::LargestArea => {
                return None;
            }
        };
        if !fits(problem) || all >= MOST_PARTS {
            return None;
        }
        let pool = Pool {
            shortfall: pins.of(Measure::Shortfall),
            short: (measure == Measure::Shortfall).then_some(unit),
            ..Pool::of(problem, by_source, charge)
        };
        let (mut classes, mut optional) = (Vec::new(), Vec::new());
        let free: i128 = pool.items.iter().map(|item| item.extents).sum();
        // As many parts as there are extents to a value: what is left out then weighs as much as what is taken.
        let parts = (free / all.max(1)).max(1);
        for (index, request) in problem.requests().iter().enumerate() {
            let own = pool.classes(request);
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
                Some(&same) => joined[same].count += class.count,
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

/// Most extents of a leg, metadata in front included, that one area of a source can hold, or the whole source: as many
/// as there are between two stretches of offsets at which it is to be avoided, longest first. A leg may come back, and
/// pays for that once more; what goes beyond `MOST_STAYS` counts as one. `None` if nothing is avoided.
fn stays(request: &Request, extents: u64, source: usize) -> Option<Vec<u64>> {
    const MOST_STAYS: usize = 3;
    let avoided = request.avoid.iter();
    let avoided = avoided.filter(|avoidance| avoidance.sources.contains(&source));
    let mut avoided: Vec<(u64, u64)> = avoided
        .map(|avoidance| (avoidance.offsets.start(), avoidance.offsets.end()))
        .collect();
    if avoided.is_empty() {
        return None;
    }
    avoided.sort_unstable();
    let (mut stays, mut from) = (Vec::new(), 0u64);
    for (start, end) in avoided.into_iter().chain([(extents, extents)]) {
        stays.push(start.min(extents).saturating_sub(from) + request.front_extents());
        from = from.max(end);
    }
    stays.sort_unstable_by_key(|stay| Reverse(*stay));
    if stays.len() > MOST_STAYS {
        let last = stays.split_off(MOST_STAYS - 1);
        stays.push(last.into_iter().fold(0, u64::saturating_add));
    }
    Some(stays)
}

/// Whether products of prices and lengths fit.
fn fits(problem: &Problem) -> bool {
    let offered = problem.sources().iter().map(|source| source.extents);
    let wanted = problem.requests().iter();
    let wanted = wanted.map(|request| request.total_extents().unwrap_or(u64::MAX));
    offered.chain(wanted).fold(0, u64::saturating_add) <= MOST_EXTENTS
}

/// The items of a problem.
struct Pool<'a> {
    problem: &'a Problem,
    by_source: bool,
    charge: i128,
    /// Most logical extents that requests fall short, where that is known.
    shortfall: Option<u64>,
    /// What a logical extent costs that is missing, if that is counted.
    short: Option<i128>,
    items: Vec<Item>,
    /// By source its items, as a range.
    of_source: Vec<(usize, usize)>,
}

impl<'a> Pool<'a> {
    fn of(problem: &'a Problem, by_source: bool, charge: i128) -> Pool<'a> {
        let mut items = Vec::new();
        let mut of_source = Vec::new();
        for (source, has) in problem.sources().iter().enumerate() {
            let from = items.len();
            let lengths: Vec<u64> = match by_source {
                true => vec![has.free.total()],
                false => has.free.iter().map(|area| area.count()).collect(),
            };
            let lengths = lengths.into_iter().filter(|length| *length > 0);
            items.extend(lengths.map(|length| Item {
                source,
                extents: i128::from(length),
            }));
            of_source.push((from, items.len()));
        }
        Pool {
            problem,
            by_source,
            charge,
            shortfall: None,
            short: None,
            items,
            of_source,
        }
    }

    /// Extents of one leg that every plan in question has, or may miss at a cost.
    fn least_leg(&self, request: &Request) -> u64 {
        if self.short.is_some() {
            return request.leg_extents();
        }
        match (request.size, self.shortfall) {
            (Size::AtMost(wanted), Some(short)) => {
                let least = wanted.saturating_sub(short).div_ceil(request.shape.stripes);
                least.max(least_leg(request))
            }
            (Size::AtMost(_) | Size::Exactly(_), _) => least_leg(request),
        }
    }

    /// The classes that a request is made of.
    fn classes(&self, request: &Request) -> Vec<Class> {
        // Every field is named, so that whoever adds one is led here: a rule that is left out is no fault,
        // the bound is lower by it.
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata, log, policy, separation: _, cuts,
            partition_by_tags: _, cling_tags: _, grows, allowed, avoid, value: _ } = request;
        let legs = request.legs();
        let need = self.least_leg(request) + request.front_extents();
        let separation = request.separation();
        let is_apart = separation != Separation::None && legs > 1;
        let is_one = *policy == Policy::Contiguous;
        let takes_all = allowed.is_none() && avoid.is_empty() && !(self.by_source && is_one);
        let offers = (!takes_all).then(|| self.offers(request, need, is_one, true));
        // Metadata have no offsets: those of all legs may be on one source.
        let in_front = match separation {
            Separation::Segment => request.front_extents() * (request.legs() as u64 - 1),
            Separation::Leg | Separation::None => 0,
        };
        let class = |choice, need: u64, legs: usize| Class {
            choice,
            charge: self.charge,
            need: i128::from(need),
            most_of_a_source: i128::from(need + in_front),
            legs,
            least: 1,
            count: 1,
            offers: None,
            shares: Vec::new(),
            free: None,
            short: match (request.size, self.short) {
                (Size::AtMost(_), Some(unit)) => {
                    Some(unit * i128::from(request.shape.stripes) / request.legs() as i128)
                }
                (Size::AtMost(_) | Size::Exactly(_), _) => None,
            },
            spared: 0,
        };
        let mut classes = Vec::new();
        let together = *cuts == Cuts::Together && legs > 1;
        // Whether two legs may be on one source: at different offsets, or at all.
        let stays = is_one || *policy == Policy::Cling && grows.is_none();
        let roams = match separation {
            Separation::None => true,
            Separation::Segment => !stays,
            Separation::Leg => false,
        };
        if self.by_source && roams && legs > 1 {
            // All together are one large leg.
            let all = need.saturating_mul(legs as u64);
            let most = if separation == Separation::None {
                all
            } else {
                need
            };
            let offers = self.offers(request, most, false, true);
            classes.push(Class {
                least: if separation == Separation::None {
                    1
                } else {
                    legs
                },
                offers: Some(offers),
                ..class(Choice::Any { is_apart: false }, all, 1)
            });
        } else if together && !self.by_source {
            let choice = match is_one {
                true => Choice::One { is_apart },
                false => Choice::Intervals { is_apart },
            };
            let one_interval = if is_one {
                self.charge * (legs as i128 - 1)
            } else {
                0
            };
            classes.push(Class {
                offers: offers.clone(),
                spared: one_interval + if grows.is_some() { self.charge } else { 0 },
                ..class(choice, need, legs)
            });
        } else if let Some(grown) = grows {
            for leg in grown {
                classes.push(Class {
                    offers: self.at_home(request, leg, offers.as_deref(), need),
                    free: self.goes_on(request, leg, need),
                    ..class(
                        match is_one && leg.is_empty() {
                            true => Choice::One { is_apart: false },
                            false => Choice::Any { is_apart: false },
                        },
                        need,
                        1,
                    )
                });
            }
        } else {
            let choice = match policy {
                Policy::Contiguous => Choice::One { is_apart },
                Policy::Cling => Choice::Source { is_apart },
                Policy::ClingByTags | Policy::Normal | Policy::Anywhere => Choice::Any { is_apart },
            };
            classes.push(Class {
                offers: offers.clone(),
                ..class(choice, need, legs)
            });
        }
        let companions = [
            metadata
                .filter(|m| m.place != Place::Front)
                .map(|m| (m.extents, legs as u64)),
            log.map(|log| (log.extents, log.count)),
        ];
        for (extents, count) in companions.into_iter().flatten() {
            classes.push(Class {
                count: i128::from(count),
                charge: 0,
                short: None,
                offers: allowed
                    .as_ref()
                    .map(|_| self.offers(request, extents, true, false)),
                ..class(Choice::One { is_apart: false }, extents, 1)
            });
        }
        classes
    }

    /// The items that a request may use, with the most extents of each: up to `most`, and if `is_one` only
    /// those that have an area so long. `is_leg` is false of companions, which avoid nothing.
    fn offers(
        &self,
        request: &Request,
        most: u64,
        is_one: bool,
        is_leg: bool,
    ) -> Vec<(usize, i128)> {
        let mut offers = Vec::new();
        // How many legs' extents are asked for in one.
        let at_once = most
            .div_ceil(self.least_leg(request) + request.front_extents())
            .max(1);
        for (source, areas) in self.problem.offered(request) {
            let (from, to) = self.of_source[source];
            let stays = stays(request, self.least_leg(request), source).filter(|_| is_leg);
            let mut offer = |item: usize, areas: &Areas| {
                let usable = match is_one {
                    true => areas.longest() >= most,
                    false => !areas.is_empty(),
                };
                let stays = stays.as_deref().unwrap_or(&[u64::MAX]);
                // A source is paid for once, an area each time, where anything is; a leg in one piece does not come back.
                let all = [stays.iter().copied().fold(0, u64::saturating_add)];
                let stays = match (self.by_source || self.charge == 0, is_one) {
                    (true, _) => &all,
                    (false, true) => stays.split_at(1).0,
                    (false, false) => stays,
                };
                for stay in stays {
                    let given = areas.total().min(most).min(stay.saturating_mul(at_once));
                    if usable && given > 0 {
                        offers.push((item, i128::from(given)));
                    }
                }
            };
            if self.by_source {
                if from < to {
                    offer(from, &areas);
                }
                continue;
            }
            let whole = self.problem.sources()[source].free.iter();
            for (item, area) in (from..to).zip(whole) {
                let part: Areas = areas
                    .meeting(area)
                    .filter_map(|part| part.intersection(area))
                    .collect();
                offer(item, &part);
            }
        }
        offers.sort_unstable_by_key(|(item, most)| (*item, -most));
        offers
    }

    /// The items that a leg with previous segments may use, if its policy keeps it home.
    fn at_home(
        &self,
        request: &Request,
        leg: &[crate::core::Segment],
        offers: Option<&[(usize, i128)]>,
        need: u64,
    ) -> Option<Vec<(usize, i128)>> {
        let stays = matches!(request.policy, Policy::Cling | Policy::Contiguous) && !leg.is_empty();
        if !stays {
            return offers.map(<[_]>::to_vec);
        }
        let all = self.offers(request, need, false, true);
        let is_home = |(item, _): &(usize, i128)| {
            let source = self.items[*item].source;
            leg.iter().any(|segment| segment.source == source)
        };
        let is_next = |(item, _): &(usize, i128)| {
            request.policy != Policy::Contiguous
                || self
                    .goes_on(request, leg, need)
                    .is_some_and(|(next, _)| next == *item)
        };
        Some(all.into_iter().filter(is_home).filter(is_next).collect())
    }

    /// Where a leg goes on without a new segment; none where sources are counted.
    fn goes_on(
        &self,
        request: &Request,
        leg: &[crate::core::Segment],
        need: u64,
    ) -> Option<(usize, i128)> {
        let last = leg.last()?;
        if self.by_source || request.front_extents() > 0 {
            return None;
        }
        let (from, to) = self.of_source[last.source];
        let free = self.problem.sources()[last.source].free.iter();
        let found = (from..to)
            .zip(free)
            .find(|(_, area)| area.start() <= last.area.end() && last.area.end() < area.end());
        found.map(|(item, area)| (item, i128::from(area.count().min(need))))
    }
}
