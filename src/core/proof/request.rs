//! What one request costs at the least at given prices, as if it were alone.

use std::collections::BTreeMap;

use crate::core::proof::cheapest::{self, Item, Part};
use crate::core::proof::question::{Question, Wanted};
use crate::core::proof::sets::{self, Group, Ways};
use crate::core::proof::tariff::Tariff;
use crate::core::{Area, Areas, Cuts, Policy, Request, Segment, Separation};

/// The least that the request adds to the weighted measures and pays for extents.
pub(super) fn least(question: &Question<'_>, wanted: &Wanted<'_>, tariff: &Tariff) -> i128 {
    let left_out = if wanted.is_required {
        None
    } else {
        // What is not counted costs nothing.
        let value = wanted.request.value.unwrap_or(0);
        Some(tariff.charges.unserved * i128::from(value))
    };
    if left_out == Some(0) {
        return 0;
    }
    let view = View::of(question, wanted, tariff);
    let mut value = if tariff.charges.shortfall > 0 && wanted.least < wanted.most {
        view.of_any_length()
    } else {
        // With more extents a leg costs no less.
        view.by_legs()
            .max(view.as_one())
            .max(view.by_sets(question))
    };
    value = value.max(0);
    for (extents, count) in wanted.companions() {
        let parts = view.parts.iter();
        let holds = parts.filter(|part| part.longest >= extents);
        let cheapest = holds.map(|part| part.of_area).min().unwrap_or(0);
        value += cheapest * i128::from(extents) * i128::from(count);
    }
    left_out.map_or(value, |left_out| left_out.min(value))
}

/// A free area, as the request sees it.
struct Offer {
    source: usize,
    /// What an extent costs a leg, and what of that is the area's.
    price: i128,
    of_area: i128,
    /// Extents on it that may be used, and the most of them in one run.
    total: u64,
    longest: u64,
    free: Area,
}

/// A request at some prices.
struct View<'a> {
    wanted: &'a Wanted<'a>,
    tariff: &'a Tariff,
    parts: Vec<Offer>,
    /// Whether sources are the items, rather than areas.
    is_by_source: bool,
}

impl<'a> View<'a> {
    fn of(question: &Question<'_>, wanted: &'a Wanted<'a>, tariff: &'a Tariff) -> View<'a> {
        // Every field is named, so that whoever adds one is led here: a rule that is left out only makes the
        // sum smaller.
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
            cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid: _, value: _ }
            = wanted.request;
        let mut parts = Vec::new();
        for (source, areas) in &wanted.offered {
            let share = tariff.shares.get(&(wanted.index, *source)).copied();
            for free in question.problem.sources()[*source].free.iter() {
                let part: Areas = areas
                    .meeting(free)
                    .filter_map(|part| part.intersection(free))
                    .collect();
                let price = tariff.areas.get(&(*source, free.start())).copied();
                let of_area = price.unwrap_or(0);
                if !part.is_empty() {
                    parts.push(Offer {
                        source: *source,
                        price: of_area + share.unwrap_or(0),
                        of_area,
                        total: part.total(),
                        longest: part.longest(),
                        free,
                    });
                }
            }
        }
        View {
            wanted,
            tariff,
            parts,
            is_by_source: tariff.charges.source > 0,
        }
    }

    /// Every leg by itself.
    fn by_legs(&self) -> i128 {
        let request = self.wanted.request;
        let legs = i128::from(self.wanted.legs);
        let is_grown = self.wanted.growing_legs() > 0;
        let value: i128 = match &request.grows {
            // Where cuts are together one interval is spared, and no area.
            Some(_) if request.cuts == Cuts::Together && self.may_roam() => self.of_alike(),
            Some(grown) => {
                let of_leg = |leg: &Vec<Segment>| self.of_grown(leg);
                grown.iter().map(of_leg).sum()
            }
            None => self.of_alike(),
        };
        // An interval is charged for once, and not at all if every leg goes on.
        match request.cuts {
            Cuts::Apart => value,
            Cuts::Together if is_grown && legs > 0 => (value - self.tariff.charges.segment).max(0),
            Cuts::Together => value,
        }
    }

    /// Whether legs that grow may go where any others may.
    fn may_roam(&self) -> bool {
        match self.wanted.request.policy {
            Policy::Contiguous | Policy::Cling => false,
            Policy::ClingByTags | Policy::Normal | Policy::Anywhere => true,
        }
    }

    /// Legs that have nothing yet. One on a source alone keeps all others off it, if legs keep apart.
    fn of_alike(&self) -> i128 {
        let wanted = self.wanted;
        let need = self.need();
        let is_apart = wanted.legs > 1 && wanted.request.separation() != Separation::None;
        let stays = match wanted.request.policy {
            Policy::Contiguous | Policy::Cling => true,
            Policy::ClingByTags | Policy::Normal | Policy::Anywhere => false,
        };
        let mut alone = self.on_one_source(need, stays);
        alone.sort_unstable();
        let several = if stays {
            None
        } else {
            let items = self.items(&|_| true);
            cheapest::least(&items, need, self.charge(), 2, None, self.tariff.dearest)
        };
        let mut value = 0;
        for leg in 0..wanted.legs {
            let leg = usize::try_from(leg).unwrap_or(usize::MAX);
            let single = alone.get(if is_apart { leg } else { 0 }).copied();
            let cheapest = single.into_iter().chain(several).min();
            // With none there is no plan; nothing needs to be said of it.
            value += cheapest.unwrap_or(0);
        }
        value
    }

    /// Per source what a leg costs at the least that is on it alone; where areas are the items, on one area
    /// alone, unless it `stays` on the source.
    fn on_one_source(&self, need: u64, stays: bool) -> Vec<i128> {
        let is_one_area = self.wanted.request.policy == Policy::Contiguous;
        let mut values = Vec::new();
        for of_source in self.parts.chunk_by(|one, other| one.source == other.source) {
            let total = of_source.iter().map(|part| part.total);
            let total = total.fold(0, u64::saturating_add);
            // An area whose extents may not all be used gives them in several runs.
            let held = |part: &&Offer| match is_one_area {
                true => part.longest,
                false => part.total,
            };
            let holding = of_source.iter().filter(|part| held(part) >= need);
            let one = holding.map(|part| part.price).min();
            let one = one.map(|price| price * i128::from(need) + self.of_area());
            let more = if is_one_area || !stays && !self.is_by_source || total < need {
                None
            } else {
                let items = of_source.iter().map(|part| self.area(part));
                let items: Vec<Item> = items.collect();
                let dearest = self.tariff.dearest;
                cheapest::least(&items, need, self.of_area(), 2, None, dearest)
            };
            values.extend(
                one.into_iter()
                    .chain(more)
                    .min()
                    .map(|value| value + self.of_source()),
            );
        }
        values
    }

    /// A leg that goes on behind what it has, where an area bears no charge for a segment.
    fn of_grown(&self, leg: &[Segment]) -> i128 {
        let need = self.need();
        let last = leg.last();
        let is_next = |part: &Offer| {
            last.is_some_and(|last| {
                let end = last.area.end();
                part.source == last.source && part.free.start() <= end && end < part.free.end()
            })
        };
        let is_home = |part: &Offer| {
            leg.is_empty()
                || match self.wanted.request.policy {
                    Policy::Contiguous => is_next(part),
                    Policy::Cling => leg.iter().any(|segment| segment.source == part.source),
                    Policy::ClingByTags | Policy::Normal | Policy::Anywhere => true,
                }
        };
        if self.is_by_source {
            // The charge of the area where it goes on is left out as a whole.
            let spared = if last.is_some() { self.of_area() } else { 0 };
            let items = self.items(&is_home);
            let dearest = self.tariff.dearest;
            let value = cheapest::least(&items, need, self.charge(), 0, None, dearest);
            return (value.unwrap_or(0) - spared).max(0);
        }
        let items = self.items(&|part| is_home(part) && !is_next(part));
        let next = self.parts.iter().find(|part| is_next(part));
        let next = next.map(|part| self.area(part));
        let dearest = self.tariff.dearest;
        let value = cheapest::least(&items, need, self.charge(), 0, next.as_ref(), dearest);
        value.unwrap_or(0)
    }

    /// All legs as one large one: a source counts once, however many of them are on it.
    fn as_one(&self) -> i128 {
        let wanted = self.wanted;
        if wanted.legs == 1 || wanted.request.separation() == Separation::Leg {
            return 0;
        }
        let need = self.need().saturating_mul(wanted.legs);
        let most = wanted.most_of_a_source();
        let fewest = match wanted.request.separation() {
            Separation::Segment if self.is_by_source => wanted.legs,
            Separation::Segment | Separation::Leg | Separation::None => 1,
        };
        let spared = if wanted.growing_legs() > 0 {
            0
        } else {
            self.of_area()
        };
        let mut items: Vec<Item> = Vec::new();
        let groups = self
            .parts
            .chunk_by(|one, other| self.is_by_source && one.source == other.source);
        for parts in groups {
            items.push(item(
                parts,
                most,
                if self.is_by_source { spared } else { 0 },
            ));
        }
        let charge = if self.is_by_source {
            self.tariff.charges.source
        } else {
            spared
        };
        let fewest = usize::try_from(fewest).unwrap_or(usize::MAX);
        let dearest = self.tariff.dearest;
        cheapest::least(&items, need, charge, fewest, None, dearest).unwrap_or(0)
    }

    /// All legs, of whatever length pays: at one worth of an extent what a leg costs is linear in its length,
    /// and so is what it falls short, so one of the ends is least.
    fn of_any_length(&self) -> i128 {
        let wanted = self.wanted;
        if wanted.growing_legs() > 0 {
            return 0;
        }
        let (shape, legs) = (wanted.request.shape, i128::from(wanted.legs));
        let short = self.tariff.charges.shortfall * i128::from(shape.stripes);
        let worth = short / legs;
        let gains = self.items(&|_| true).into_iter();
        let gains = gains.map(|item| (cheapest::earns(&item, worth).0 - self.charge()).max(0));
        let gain: i128 = gains.sum();
        let front = wanted.request.front_extents();
        let at = |length: u64| {
            let paid = worth * i128::from(length + front) - gain;
            legs * paid + short * i128::from(wanted.most - length)
        };
        at(wanted.least).min(at(wanted.most))
    }

    /// Every leg by itself, on whole areas, where it pays for sources or tags that only one leg may have.
    fn by_sets(&self, question: &Question<'_>) -> i128 {
        let (index, request) = (self.wanted.index, self.wanted.request);
        let prices = &self.tariff.touches;
        let prices = |source: usize| prices.get(&(index, source)).copied().unwrap_or(0);
        let tags = self.tariff.tags.get(&index);
        let is_priced = tags.is_some() || self.parts.iter().any(|part| prices(part.source) > 0);
        if !is_priced || request.grows.is_some() {
            return 0;
        }
        let most = self.need().max(self.wanted.most + request.front_extents());
        // Sources by the dearest of their tags; of the others they bear nothing.
        let mut groups: BTreeMap<Option<(i128, &str)>, Vec<Ways>> = BTreeMap::new();
        for parts in self.parts.chunk_by(|one, other| one.source == other.source) {
            let source = parts[0].source;
            let borne = &question.problem.sources()[source].tags;
            let priced = tags.into_iter().flatten();
            let priced = priced.filter(|(tag, _)| borne.contains(*tag));
            let tag = priced.map(|(tag, price)| (*price, tag.as_str())).max();
            let mut lengths: Vec<u64> = parts.iter().map(|part| part.total.min(most)).collect();
            lengths.sort_unstable_by(|one, other| other.cmp(one));
            let (mut cost, mut held) = (self.of_source() + prices(source), 0u64);
            let mut ways = Vec::new();
            for length in lengths {
                cost += self.of_area();
                held = held.saturating_add(length);
                ways.push((cost, held));
                if held >= self.need() {
                    break;
                }
            }
            if self.of_area() == 0 {
                // All of the source costs as much as some of it.
                ways = ways.last().copied().into_iter().collect();
            }
            groups.entry(tag).or_default().push(ways);
        }
        let groups = groups.into_iter().map(|(tag, sources)| Group {
            paid: tag.map_or(0, |(price, _)| price),
            sources,
        });
        let groups: Vec<Group> = groups.collect();
        sets::least(&groups, self.need()) * i128::from(self.wanted.legs)
    }

    /// What a leg needs at the least, with the metadata in front of it.
    fn need(&self) -> u64 {
        self.wanted.least + self.wanted.request.front_extents()
    }

    /// The charge of an item.
    fn charge(&self) -> i128 {
        if self.is_by_source {
            self.of_source()
        } else {
            self.of_area()
        }
    }

    /// What a leg is charged for an area: where cuts are together an interval has one of every leg.
    fn of_area(&self) -> i128 {
        match self.wanted.request.cuts {
            Cuts::Apart => self.tariff.charges.segment,
            Cuts::Together => self.tariff.charges.segment / i128::from(self.wanted.legs),
        }
    }

    /// What a leg is charged for a source: it may be shared by all, if they need not be on disjoint ones.
    fn of_source(&self) -> i128 {
        match self.wanted.request.separation() {
            Separation::Leg => self.tariff.charges.source,
            Separation::Segment | Separation::None => {
                self.tariff.charges.source / i128::from(self.wanted.legs)
            }
        }
    }

    fn items(&self, takes: &dyn Fn(&Offer) -> bool) -> Vec<Item> {
        let taken = self.parts.iter().filter(|part| takes(part));
        if !self.is_by_source {
            return taken.map(|part| self.area(part)).collect();
        }
        let taken: Vec<&Offer> = taken.collect();
        let most = self.wanted.most + self.wanted.request.front_extents();
        taken
            .chunk_by(|one, other| one.source == other.source)
            .map(|parts| item(parts.iter().copied(), most, self.of_area()))
            .collect()
    }

    /// An area as an item of its own.
    fn area(&self, part: &Offer) -> Item {
        let most = self.wanted.most + self.wanted.request.front_extents();
        item([part], most, 0)
    }
}

fn item<'a>(parts: impl IntoIterator<Item = &'a Offer>, most: u64, of_part: i128) -> Item {
    let part = |offer: &Offer| Part {
        most: offer.total.min(most),
        price: offer.price,
    };
    let mut parts: Vec<Part> = parts.into_iter().map(part).collect();
    parts.sort_unstable_by_key(|part| part.price);
    let total = parts.iter().map(|part| part.most);
    Item {
        most: total.fold(0, u64::saturating_add).min(most),
        parts,
        of_part,
    }
}
