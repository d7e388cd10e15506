//! One request placed in what is left, leg by leg, each where it leaves the least room.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{Allocation, Area, Areas, Place, Policy, Problem, Request, Segment, Separation};
use crate::search::random::Random;
use crate::search::ruin_and_recreate::room::Room;
use crate::search::ruin_and_recreate::wish::Wish;
use crate::search::wrap_around::layout::wrap_around;

/// A place for the request, which is taken; nothing is taken if there is none that is seen.
///
/// `noise` makes each choice wrong by up to so many hundredths.
pub(crate) fn place(
    problem: &Problem,
    wish: &Wish<'_>,
    room: &mut Room,
    noise: &mut Noise,
) -> Option<Allocation> {
    let can_wrap = wish.request.separation() == Separation::Segment
        && wish.request.policy == Policy::Normal
        && wish.request.legs() > 1
        && wish.request.front_extents() == 0
        && wish.tag_count == 0;
    for wraps in [false, true] {
        if wraps && !can_wrap {
            break;
        }
        let mut attempt = Attempt {
            problem,
            wish,
            room,
            noise,
            taken: Vec::new(),
            allocation: Allocation::default(),
        };
        let done = if wraps {
            attempt.wrapped()
        } else {
            attempt.legs()
        };
        if done.and_then(|()| attempt.companions()).is_some() {
            return Some(attempt.allocation);
        }
        let Attempt { taken, room, .. } = attempt;
        room.give_back(&taken);
    }
    None
}

/// How choices are made, so that another try is another one.
pub(crate) struct Noise {
    pub(crate) random: Random,
    /// How wrong they are, at most.
    pub(crate) hundredths: u64,
    /// Whether a leg of few areas comes before one that leaves little room on its sources.
    pub(crate) likes_few: bool,
}

impl Noise {
    fn spoil(&mut self, extents: u64) -> u128 {
        let noise = match self.hundredths {
            0 => 0,
            most => self.random.below(most),
        };
        u128::from(extents) * u128::from(100 + noise)
    }
}

type Open = (usize, Option<Areas>);

struct Attempt<'a, 'p> {
    problem: &'p Problem,
    wish: &'a Wish<'p>,
    room: &'a mut Room,
    noise: &'a mut Noise,
    taken: Vec<Segment>,
    allocation: Allocation,
}

impl Attempt<'_, '_> {
    fn request(&self) -> &Request {
        self.wish.request
    }

    /// A place for every leg.
    fn legs(&mut self) -> Option<()> {
        for leg in 0..self.request().legs() {
            let open = self.open(leg);
            let segments = match self.request().policy {
                Policy::Contiguous => self.one_area(leg, &open)?,
                Policy::Cling if self.wish.previous[leg].is_empty() => self.one_source(&open)?,
                Policy::ClingByTags if self.wish.previous[leg].is_empty() => {
                    self.one_source(&open).or_else(|| self.one_group(&open))?
                }
                Policy::Cling | Policy::ClingByTags => self.several(&open)?,
                Policy::Normal | Policy::Anywhere => {
                    if self.wish.is_apart && self.request().legs() > 1 {
                        let whole = self.one_source(&open);
                        whole.or_else(|| self.several(&open))?
                    } else {
                        self.longest_areas(&open)?
                    }
                }
            };
            self.keep(segments)?;
        }
        Some(())
    }

    /// The sources that a leg may use beside those that were placed.
    fn open(&self, leg: usize) -> Vec<Open> {
        let wish = self.wish;
        let mut closed = BTreeSet::new();
        let mut tags = vec![false; wish.tag_count];
        let mut close = |source: usize, is_new: bool| {
            if is_new && wish.is_apart || wish.request.separation() == Separation::Leg {
                closed.insert(source);
            }
            for &tag in wish.tags.get(source).into_iter().flatten() {
                tags[tag] = true;
            }
        };
        for placed in &self.allocation.legs {
            placed
                .iter()
                .for_each(|segment| close(segment.source, true));
        }
        for placed in &self.allocation.metadata {
            close(placed.source, true);
        }
        for (other, sources) in wish.previous.iter().enumerate() {
            if other != leg {
                sources.iter().for_each(|&source| close(source, false));
            }
        }
        let clings = |source: usize| {
            let home = &wish.previous[leg];
            home.is_empty()
                || match wish.request.policy {
                    Policy::Cling | Policy::Contiguous => home.contains(&source),
                    Policy::ClingByTags => {
                        home.contains(&source)
                            || home.iter().any(|&own| self.share_tag(own, source))
                    }
                    Policy::Normal | Policy::Anywhere => true,
                }
        };
        let is_open = |(source, _): &&Open| {
            let mut own_tags = wish.tags.get(*source).into_iter().flatten();
            self.room.total(*source) > 0
                && !closed.contains(source)
                && clings(*source)
                && own_tags.all(|&tag| !tags[tag])
        };
        wish.sources.iter().filter(is_open).cloned().collect()
    }

    /// Whether two sources share a tag to cling by.
    fn share_tag(&self, one: usize, other: usize) -> bool {
        let sources = self.problem.sources();
        let tags = self.request().cling_tags.iter();
        let mut shared = tags.filter(|tag| sources[one].tags.contains(*tag));
        shared.any(|tag| sources[other].tags.contains(tag))
    }

    /// A leg in the shortest area that holds it, or where it has to go on.
    fn one_area(&mut self, leg: usize, open: &[Open]) -> Option<Vec<Segment>> {
        let need = self.wish.need;
        let grown = self.request().grows.as_ref();
        if let Some(last) = grown.and_then(|legs| legs[leg].last()) {
            let at = open.iter().find(|(source, _)| *source == last.source)?;
            let area = Area::new(last.area.end(), need)?;
            let source = last.source;
            let is_free = self.wish.areas(self.room, at).contains(area);
            return is_free.then(|| vec![Segment { source, area }]);
        }
        let mut best: Option<(u128, Segment)> = None;
        for at in open {
            if self.wish.offer(self.room, at).1 < need {
                continue;
            }
            for area in self.wish.areas(self.room, at).iter() {
                if area.count() >= need {
                    let key = self.noise.spoil(area.count());
                    if best.is_none_or(|(held, _)| key < held) {
                        let area = area.split(need).0;
                        best = Some((key, Segment { source: at.0, area }));
                    }
                }
            }
        }
        best.map(|(_, segment)| vec![segment])
    }

    /// A leg on the source that has the least room left after it.
    fn one_source(&mut self, open: &[Open]) -> Option<Vec<Segment>> {
        let best = self.tightest(open, self.wish.need, self.request().front_extents())?;
        self.on_source(&open[best], self.wish.need)
    }

    /// A leg in the shortest area that holds it, or in the longest ones of all sources.
    fn longest_areas(&mut self, open: &[Open]) -> Option<Vec<Segment>> {
        let mut all: Vec<(Reverse<u64>, usize, Area)> = Vec::new();
        for at in open {
            let areas = self.wish.areas(self.room, at);
            all.extend(areas.iter().map(|area| (Reverse(area.count()), at.0, area)));
        }
        all.sort_unstable();
        let mut missing = self.wish.need;
        let mut segments = Vec::new();
        for (index, longest) in all.iter().enumerate() {
            // The shortest of those that are long enough, if any is.
            let long_enough = all[index..].partition_point(|(count, ..)| count.0 >= missing);
            let (Reverse(count), source, area) = match long_enough {
                0 => *longest,
                some => all[index + some - 1],
            };
            let area = area.split(missing.min(count)).0;
            missing -= area.count();
            segments.push(Segment { source, area });
            if missing == 0 {
                return Some(segments);
            }
        }
        None
    }

    /// The source with least to offer that offers so much, and more than `front` in one area.
    fn tightest(&mut self, open: &[Open], need: u64, front: u64) -> Option<usize> {
        let mut best: Option<((usize, u128), usize)> = None;
        for (index, at) in open.iter().enumerate() {
            let (total, longest) = self.wish.offer(self.room, at);
            if total < need || longest <= front {
                continue;
            }
            let key = self.noise.spoil(total);
            let areas = match (self.noise.likes_few, best) {
                (false, _) => 0,
                (true, _) if longest >= need => 1,
                // Only one area could be better than what is held.
                (true, Some(((1, _), _))) => continue,
                (true, _) => self.on_source(at, need).map_or(usize::MAX, |s| s.len()),
            };
            if best.is_none_or(|(held, _)| (areas, key) < held) {
                best = Some(((areas, key), index));
            }
        }
        best.map(|(_, index)| index)
    }

    /// A leg on sources that hang together by a tag: those of the tag that has the least room left.
    fn one_group(&mut self, open: &[Open]) -> Option<Vec<Segment>> {
        let wish = self.wish;
        let mut groups = Vec::new();
        for tag in &wish.request.cling_tags {
            let has_tag = |(source, _): &&Open| self.problem.sources()[*source].tags.contains(tag);
            let group: Vec<Open> = open.iter().filter(has_tag).cloned().collect();
            let offers = group.iter().map(|at| self.wish.offer(self.room, at).0);
            let total: u64 = offers.sum();
            if total >= self.wish.need {
                groups.push((self.noise.spoil(total), group));
            }
        }
        groups.sort_by_key(|(key, _)| *key);
        groups.iter().find_map(|(_, group)| self.several(group))
    }

    /// A leg on several sources: those with most to offer, and the rest where it fits most tightly.
    fn several(&mut self, open: &[Open]) -> Option<Vec<Segment>> {
        let front = self.request().front_extents();
        let mut left: Vec<Open> = open.to_vec();
        let mut missing = self.wish.need;
        let mut segments: Vec<Segment> = Vec::new();
        while missing > 0 {
            let least = if segments.is_empty() { front } else { 0 };
            let next = match self.tightest(&left, missing, least) {
                Some(index) => index,
                None => {
                    let mut most: Option<(u128, usize)> = None;
                    for (index, at) in left.iter().enumerate() {
                        let (total, longest) = self.wish.offer(self.room, at);
                        let key = self.noise.spoil(total);
                        if longest > least && most.is_none_or(|(held, _)| key > held) {
                            most = Some((key, index));
                        }
                    }
                    most?.1
                }
            };
            let at = left.swap_remove(next);
            let part = self.on_source(&at, missing)?;
            missing -= part.iter().map(|s| s.area.count()).sum::<u64>();
            segments.extend(part);
        }
        Some(segments)
    }

    /// So many extents of a source, or all it has: the shortest area that holds them, else the longest.
    fn on_source(&self, at: &Open, need: u64) -> Option<Vec<Segment>> {
        let mut areas: Vec<Area> = self.wish.areas(self.room, at).iter().collect();
        areas.sort_unstable_by_key(|area| (Reverse(area.count()), area.start()));
        let mut missing = need;
        let mut segments = Vec::new();
        for (index, &area) in areas.iter().enumerate() {
            let holding = areas[index..].iter().take_while(|a| a.count() >= missing);
            let area = holding.last().copied().unwrap_or(area);
            let area = area.split(missing.min(area.count())).0;
            missing -= area.count();
            segments.push(Segment { source: at.0, area });
            if missing == 0 {
                break;
            }
        }
        (!segments.is_empty()).then_some(segments)
    }

    /// Takes the segments of a leg, and what of them is metadata in front; nothing where the first of
    /// them has no room for both.
    fn keep(&mut self, mut segments: Vec<Segment>) -> Option<()> {
        let front = self.request().front_extents();
        if segments.first()?.area.count() <= front {
            return None;
        }
        for segment in &segments {
            self.room.take(segment.source, segment.area);
        }
        self.taken.extend(&segments);
        if front > 0 {
            let first = segments.first_mut()?;
            let (area, rest) = first.area.split(front);
            let source = first.source;
            first.area = rest?;
            self.allocation.metadata.push(Segment { source, area });
        }
        self.allocation.legs.push(segments);
        Some(())
    }

    /// Legs that are cut wherever a source ends: there is such a layout if there is any.
    fn wrapped(&mut self) -> Option<()> {
        let extents = self.request().leg_extents();
        let mut offers = Vec::new();
        for at in self.open(0) {
            let (total, _) = self.wish.offer(self.room, &at);
            let given = total.min(extents);
            offers.push((Reverse(self.noise.spoil(given)), given, at));
        }
        offers.sort_by_key(|(key, ..)| *key);
        let mut missing = extents * self.request().legs() as u64;
        let mut stretches = Vec::new();
        for (_, given, at) in offers {
            let given = given.min(missing);
            if given > 0 {
                missing -= given;
                stretches.extend(self.on_source(&at, given)?);
            }
        }
        if missing > 0 {
            return None;
        }
        for leg in wrap_around(&stretches, extents) {
            self.keep(leg)?;
        }
        Some(())
    }

    /// Metadata and logs that lie elsewhere.
    fn companions(&mut self) -> Option<()> {
        let request = self.request();
        let (metadata, log) = (request.metadata, request.log);
        if let Some(metadata) = metadata.filter(|metadata| metadata.place != Place::Front) {
            for leg in 0..self.request().legs() {
                let own: BTreeSet<usize> = sources(&self.allocation.legs[leg..=leg]);
                let all = sources(&self.allocation.legs);
                let held: BTreeSet<usize> =
                    sources(std::slice::from_ref(&self.allocation.metadata));
                let may_use = |source: usize| match metadata.place {
                    Place::OwnSource => !all.contains(&source) && !held.contains(&source),
                    Place::Front | Place::AnySource => own.contains(&source),
                };
                let piece = self.piece(metadata.extents, may_use)?;
                self.allocation.metadata.push(piece);
            }
        }
        if let Some(log) = log {
            let legs = sources(&self.allocation.legs);
            for _ in 0..log.count {
                let held = sources(std::slice::from_ref(&self.allocation.logs));
                let may_use = |source: usize| {
                    let is_own = log.place != Place::OwnSource || !legs.contains(&source);
                    is_own && (!self.wish.is_apart || !held.contains(&source))
                };
                let piece = self.piece(log.extents, may_use)?;
                self.allocation.logs.push(piece);
            }
        }
        Some(())
    }

    /// The end of the shortest area that holds a piece.
    fn piece(&mut self, extents: u64, may_use: impl Fn(usize) -> bool) -> Option<Segment> {
        let mut best = None;
        for at in self.wish.sources.iter().filter(|at| may_use(at.0)) {
            for area in self.wish.areas(self.room, at).iter() {
                if area.count() >= extents {
                    let area = (area.count(), at.0, area);
                    best = Some(best.map_or(area, |held| area.min(held)));
                }
            }
        }
        let (_, source, area) = best?;
        let area = Area::between(area.end() - extents, area.end())?;
        let piece = Segment { source, area };
        self.room.take(source, area);
        self.taken.push(piece);
        Some(piece)
    }
}

fn sources(lists: &[Vec<Segment>]) -> BTreeSet<usize> {
    lists
        .iter()
        .flatten()
        .map(|segment| segment.source)
        .collect()
}
