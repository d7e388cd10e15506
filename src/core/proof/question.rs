//! Which plans a bound is about: those that are no worse than it says in the measures before.

use crate::core::{Area, Areas, Measure, Problem, Request, Segment, Separation, Size};

/// A problem, the measure that is bounded, and what is known of the measures before it.
pub(super) struct Question<'a> {
    pub(super) problem: &'a Problem,
    pub(super) measure: Measure,
    pinned: &'a [u64],
    /// Every request, as all plans in question have it.
    pub(super) wanted: Vec<Wanted<'a>>,
}

/// A request, and how much of it every plan in question has.
pub(super) struct Wanted<'a> {
    pub(super) index: usize,
    pub(super) request: &'a Request,
    /// Whether it cannot be left out.
    pub(super) is_required: bool,
    /// Extents of a leg at the least and at the most, without metadata.
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) legs: u64,
    /// Per source the extents that it offers, ascending by source.
    pub(super) offered: Vec<(usize, Areas)>,
}

impl<'a> Question<'a> {
    pub(super) fn new(problem: &'a Problem, pinned: &'a [u64], measure: Measure) -> Question<'a> {
        let mut question = Question {
            problem,
            measure,
            pinned,
            wanted: Vec::new(),
        };
        let requests = problem.requests().iter().enumerate();
        question.wanted = requests
            .map(|(index, request)| question.wanted(index, request))
            .collect();
        question
    }

    /// What a measure before is at the most; `None` if it is not before.
    pub(super) fn pin(&self, measure: Measure) -> Option<u64> {
        let mut before = self.problem.objective().iter().zip(self.pinned);
        before
            .find(|(before, _)| **before == measure)
            .map(|(_, value)| *value)
    }

    fn wanted(&self, index: usize, request: &'a Request) -> Wanted<'a> {
        let may_miss = self.pin(Measure::Unserved);
        let is_required = match (request.value, may_miss) {
            (None, _) => true,
            (Some(value), Some(most)) => value > most,
            (Some(_), None) => false,
        };
        let stripes = request.shape.stripes;
        let most = request.size.wanted() / stripes;
        let least = match request.size {
            Size::Exactly(_) => most,
            Size::AtMost(wanted) => match self.pin(Measure::Shortfall) {
                Some(short) => wanted.saturating_sub(short).div_ceil(stripes).max(1),
                None => 1,
            },
        };
        let mut offered = self.problem.offered(request);
        offered.sort_by_key(|(source, _)| *source);
        // A source that is named twice offers what either says.
        let mut joined: Vec<(usize, Areas)> = Vec::new();
        for (source, areas) in offered {
            match joined.last_mut().filter(|(last, _)| *last == source) {
                Some((_, held)) => *held = self.problem.sources()[source].united(held, &areas),
                None => joined.push((source, areas)),
            }
        }
        Wanted {
            index,
            request,
            is_required,
            least: least.min(most),
            most,
            legs: request.legs() as u64,
            offered: joined,
        }
    }
}

impl Wanted<'_> {
    /// Extents that all legs take at the least, with the metadata in front of them.
    pub(super) fn least_of_legs(&self) -> u64 {
        (self.least + self.request.front_extents()).saturating_mul(self.legs)
    }

    /// Companions that lie by themselves: extents of one, how many.
    pub(super) fn companions(&self) -> Vec<(u64, u64)> {
        let metadata = self.request.metadata;
        let apart = metadata.filter(|metadata| metadata.place != crate::core::Place::Front);
        let apart = apart.map(|metadata| (metadata.extents, self.legs));
        let logs = self.request.log.map(|log| (log.extents, log.count));
        apart.into_iter().chain(logs).collect()
    }

    /// Extents that it takes at the least, all companions included.
    pub(super) fn least_taken(&self) -> u64 {
        let companions = self.companions().into_iter();
        let companions = companions.map(|(extents, count)| extents.saturating_mul(count));
        companions.fold(self.least_of_legs(), u64::saturating_add)
    }

    /// Most extents of one source that all legs together may take, with the metadata in front of them: at
    /// every offset one leg, or one leg alone.
    pub(super) fn most_of_a_source(&self) -> u64 {
        let front = self.request.front_extents();
        match self.request.separation() {
            Separation::None => (self.most + front).saturating_mul(self.legs),
            Separation::Segment => self.most.saturating_add(front.saturating_mul(self.legs)),
            Separation::Leg => self.most + front,
        }
    }

    /// Legs that may go on at the end of what they have, which makes no segment.
    pub(super) fn growing_legs(&self) -> u64 {
        let grown = self.request.grows.iter().flatten();
        grown.filter(|leg| self.goes_on(leg).is_some()).count() as u64
    }

    /// The source and the area on which a leg may go on.
    pub(super) fn goes_on(&self, leg: &[Segment]) -> Option<(usize, Area)> {
        let last = leg.last()?;
        let offered = self.offered.iter();
        let mut areas = offered
            .filter(|(source, _)| *source == last.source)
            .flat_map(|(source, areas)| areas.iter().map(|area| (*source, area)));
        areas.find(|(_, area)| area.start() <= last.area.end() && last.area.end() < area.end())
    }

    /// Most extents of one leg on a source without leaving it, and in all: between the offsets at which it is
    /// to be avoided.
    pub(super) fn stays(&self, source: usize) -> (u64, u64) {
        let avoided = self.request.avoid.iter();
        let avoided = avoided.filter(|avoidance| avoidance.sources.contains(&source));
        let avoided: Areas = avoided.map(|avoidance| avoidance.offsets).collect();
        let offsets: Areas = Area::new(0, self.most).into_iter().collect();
        let left = offsets.difference(&avoided);
        let front = self.request.front_extents();
        (
            left.longest().saturating_add(front),
            left.total().saturating_add(front),
        )
    }
}
