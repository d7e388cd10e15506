//! The items of a problem, and the classes of legs that its requests are made of.

use std::cmp::Reverse;

use crate::core::{Areas, Cuts, Place, Policy, Problem, Request, Separation, Size};
use crate::search::bounds::cut::least_leg;
use crate::search::lagrangian::class::{Choice, Class, Item};

/// The items of a problem.
pub(crate) struct Pool<'a> {
    problem: &'a Problem,
    by_source: bool,
    charge: i128,
    /// Most logical extents that requests fall short, where that is known.
    pub(crate) shortfall: Option<u64>,
    /// What a logical extent costs that is missing, if that is counted.
    pub(crate) short: Option<i128>,
    pub(crate) items: Vec<Item>,
    /// By source its items, as a range.
    of_source: Vec<(usize, usize)>,
}

impl<'a> Pool<'a> {
    pub(crate) fn of(problem: &'a Problem, by_source: bool, charge: i128) -> Pool<'a> {
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
    pub(crate) fn classes(&self, index: usize) -> Vec<Class> {
        let request = &self.problem.requests()[index];
        // Every field is named, so that whoever adds one is led here: a rule that is left out is no fault,
        // the bound is lower by it.
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata, log, policy, separation: _, cuts,
            partition_by_tags: _, cling_tags: _, cling_sources: _,
            grows, allowed, area_tags: _, avoid, value: _ } = request;
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
            requests: vec![index],
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
        // A leg that may be shorter at a cost has room in a shorter area, too.
        let least = match (self.short, request.size) {
            (Some(_), Size::AtMost(_)) if is_leg => 1 + request.front_extents(),
            (_, Size::AtMost(_) | Size::Exactly(_)) => most,
        };
        for (source, areas) in self.problem.offered(request) {
            let (from, to) = self.of_source[source];
            let stays = stays(request, self.least_leg(request), source).filter(|_| is_leg);
            let mut offer = |item: usize, areas: &Areas| {
                let usable = match is_one {
                    true => areas.longest() >= least,
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
