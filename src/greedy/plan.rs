//! A whole problem: its requests one after another, each seeing what the ones before left.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Allocation, Answer, Area, Areas, Bound, Limits, Method, Place, Plan, Policy, Problem, Request,
    Segment, Separation, Size, StopReason, check, cost,
};
use crate::greedy::allocate::allocate_on;
use crate::greedy::maps::Maps;
use crate::greedy::{
    Call, Offer, Pair, Parallel, Placement, Previous, Range, Settings, TagRule, allocate,
};

/// Plans a problem as LVM2 would: each request by a call of its own, in order.
///
/// The answer is `Found` with an empty bound, or `Unknown`. Unknown is also the answer where a limit ran
/// out before the last of many requests or segments, where the
/// allocator places something that the problem forbids, such as two legs on one source, and where
/// the problem asks for what the allocator does not know: counts past 32 bits, metadata elsewhere than
/// in front of its leg.
#[must_use]
pub fn plan(problem: &Problem, settings: &Settings, limits: &Limits<'_>) -> Answer {
    let mut requests = problem.requests().iter();
    // The allocator knows tags of sources alone.
    let known = match requests.any(|request| problem.goes_by_area_tags(request)) {
        true => Cow::Owned(problem.with_tags_of_sources(true)),
        false => problem.spelled_out(),
    };
    let Some(plan) = place_all(&known, settings, limits) else {
        return unknown(limits);
    };
    if !check(problem, &plan).is_empty() {
        return unknown(limits);
    }
    Answer::Found {
        cost: cost(problem, &plan),
        plan,
        bound: Bound::default(),
        method: Method::Greedy,
        stopped: StopReason::MethodEnds,
        certificates: Vec::new(),
    }
}

fn unknown(limits: &Limits<'_>) -> Answer {
    Answer::Unknown {
        bound: Bound::default(),
        stopped: match limits.is_over() {
            true => limits.ran_out(),
            false => StopReason::MethodEnds,
        },
    }
}

fn place_all(problem: &Problem, settings: &Settings, limits: &Limits<'_>) -> Option<Plan> {
    /// Requests between two looks at the limits: some milliseconds, and few requests get a plan even
    /// where there is no time at all.
    const PER_LOOK: usize = 16;
    let tags: Vec<BTreeSet<String>> = problem
        .sources()
        .iter()
        .map(|source| source.tags.clone())
        .collect();
    let free = problem.sources().iter().map(|source| source.free.clone());
    let mut room = Room::new(free.collect());
    let mut allocations = Vec::with_capacity(problem.requests().len());
    for (index, request) in problem.requests().iter().enumerate() {
        if index % PER_LOOK == PER_LOOK - 1 && limits.is_over() {
            return None;
        }
        let placed = place_near(problem, request, &mut room, &tags, settings, limits);
        if placed.is_none() && request.value.is_none() {
            return None;
        }
        room.take(placed.iter().flat_map(Allocation::segments));
        allocations.push(placed);
    }
    Some(Plan { allocations })
}

/// What segments lie on, by source.
fn by_source<'s>(segments: impl Iterator<Item = &'s Segment>) -> BTreeMap<usize, Areas> {
    let mut areas: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
    for segment in segments {
        areas.entry(segment.source).or_default().push(segment.area);
    }
    let areas = areas.into_iter();
    areas
        .map(|(source, areas)| (source, areas.into_iter().collect()))
        .collect()
}

/// What is left of the sources, in both words.
struct Room {
    free: Vec<Areas>,
    /// The offers of all sources, and their maps, once a request may use them all.
    offered: Option<(Vec<Offer>, Maps)>,
}

impl Room {
    fn new(free: Vec<Areas>) -> Room {
        Room {
            free,
            offered: None,
        }
    }

    /// Takes what segments lie on.
    fn take<'s>(&mut self, segments: impl Iterator<Item = &'s Segment>) {
        for (source, taken) in by_source(segments) {
            self.free[source] = self.free[source].difference(&taken);
            // Those of all sources stand in their order.
            if let Some((offers, maps)) = &mut self.offered {
                match offer(source, self.free[source].iter()) {
                    Some(left) => {
                        maps.renew(source, &left.areas);
                        offers[source] = left;
                    }
                    None => self.offered = None,
                }
            }
        }
    }

    /// Runs a call for a request; `call` is made of the offers to it.
    fn allocate<'c>(
        &mut self,
        request: &Request,
        settings: &Settings,
        limits: &Limits<'_>,
        call: impl FnOnce(Vec<Offer>) -> Call<'c>,
    ) -> Option<Placement> {
        if request.allowed.is_some() {
            let call = call(offers(request, &self.free)?);
            return allocate_on(&mut Maps::new(&call.offers), &call, settings, limits).ok();
        }
        if self.offered.is_none() {
            let offers = offers(request, &self.free)?;
            let maps = Maps::new(&offers);
            self.offered = Some((offers, maps));
        }
        let (kept, maps) = self.offered.as_mut()?;
        let call = call(std::mem::take(kept));
        let placement = allocate_on(maps, &call, settings, limits).ok();
        *kept = call.offers;
        for map in maps.take_touched() {
            maps.renew(map, &kept[map].areas);
        }
        placement
    }
}

/// Places one request, on the sources that it prefers if they hold it, else where there is room.
fn place_near(
    problem: &Problem,
    request: &Request,
    room: &mut Room,
    tags: &[BTreeSet<String>],
    settings: &Settings,
    limits: &Limits<'_>,
) -> Option<Allocation> {
    if !request.cling_sources.is_empty() {
        let all = (0..problem.sources().len()).map(|source| (source, None));
        let allowed = request.allowed.clone();
        let mut near = allowed.unwrap_or_else(|| all.collect());
        near.retain(|(source, _)| request.cling_sources.contains(source));
        let near = Request {
            allowed: Some(near),
            ..request.clone()
        };
        let is_whole = |placed: &Allocation| placed.leg_extents() == request.leg_extents();
        let placed = place(problem, &near, room, tags, settings, limits).filter(is_whole);
        if placed.is_some() {
            return placed;
        }
    }
    place(problem, request, room, tags, settings, limits)
}

/// Places one request, or does not.
fn place(
    problem: &Problem,
    request: &Request,
    room: &mut Room,
    tags: &[BTreeSet<String>],
    settings: &Settings,
    limits: &Limits<'_>,
) -> Option<Allocation> {
    // Every field is named, so that whoever adds one is led here: what does the allocator know of it?
    #[rustfmt::skip]
    let Request { name: _, size: _, shape: _, metadata, log: _, policy: _, separation: _, cuts: _,
        partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid: _, value: _ } = request;
    let metadata_in_front = match metadata {
        None => false,
        Some(companion) => match companion.place {
            Place::Front => true,
            Place::OwnSource | Place::AnySource => return None,
        },
    };
    // What has copies gets its log by a second call, which keeps away from the copies; a log of
    // anything else is found together with the legs.
    let log_later = request.log.is_some() && (metadata_in_front || request.shape.copies > 1);
    let legs = u32::try_from(request.legs()).ok()?;
    let parity = u32::try_from(request.shape.parity).ok()?;
    let multiple = u32::try_from(request.shape.stripes).ok()?;
    let front = u32::try_from(request.front_extents()).ok()?;
    // The allocator counts in 32 bits and would wrap round.
    u32::try_from(request.total_extents()?).ok()?;
    let wanted = u32::try_from(request.size.wanted()).ok()?;
    let previous = previous(request)?;
    let existing = match &request.grows {
        None => 0,
        Some(grown) => {
            let leg: u64 = grown.first()?.iter().map(|part| part.area.count()).sum();
            u32::try_from(leg).ok()?.checked_mul(multiple)?
        }
    };
    let log = request.log.filter(|_| !log_later);
    let target = existing
        .checked_add(wanted)?
        .checked_add(front.checked_mul(multiple)?)?;
    let companion = match log {
        None => front,
        Some(log) => u32::try_from(log.extents).ok()?,
    };
    let logs = u32::try_from(log.map_or(0, |log| log.count)).ok()?;
    let parallel = parallel(request, existing / multiple, front)?;
    let placement = room.allocate(request, settings, limits, |offers| Call {
        offers,
        tags,
        tag_rule: tag_rule(request),
        legs: legs - parity,
        parity,
        multiple,
        companion,
        metadata: if metadata_in_front { legs } else { 0 },
        logs,
        front: metadata_in_front,
        own_sources: log.is_some_and(|log| log.place == Place::OwnSource),
        existing,
        target,
        policy: policy(request),
        approximate: matches!(request.size, Size::AtMost(_)),
        parallel,
        previous,
    })?;
    if placement.overlap.is_some() {
        return None;
    }
    let mut allocation = allocation(problem, request.legs(), &placement);
    if log_later {
        allocation.logs = place_log(request, &allocation, &room.free, tags, settings)?;
    }
    Some(allocation)
}

/// The logs of a request with copies: on sources that its first segments leave alone, if it can be.
fn place_log(
    request: &Request,
    allocation: &Allocation,
    free: &[Areas],
    tags: &[BTreeSet<String>],
    settings: &Settings,
) -> Option<Vec<Segment>> {
    let log = request.log?;
    let mut left = free.to_vec();
    for (source, taken) in by_source(allocation.segments()) {
        left[source] = left[source].difference(&taken);
    }
    let first = allocation.legs.iter().filter_map(|leg| leg.first());
    let call = Call {
        offers: offers(request, &left)?,
        tags,
        tag_rule: tag_rule(request),
        legs: 0,
        parity: 0,
        multiple: 1,
        companion: u32::try_from(log.extents).ok()?,
        metadata: 0,
        logs: u32::try_from(log.count).ok()?,
        front: false,
        own_sources: log.place == Place::OwnSource,
        existing: 0,
        target: 0,
        policy: policy(request),
        approximate: false,
        previous: None,
        parallel: vec![Parallel {
            start: 0,
            count: u32::MAX,
            sources: first.map(|segment| segment.source).collect(),
        }],
    };
    let placement = allocate(&call, settings).ok()?;
    Some(placement.logs.iter().copied().map(segment).collect())
}

/// The policy of the call. Without separation, `normal` is what the allocator calls `anywhere`.
fn policy(request: &Request) -> Policy {
    match (request.policy, request.separation) {
        (Policy::Normal, Separation::None) => Policy::Anywhere,
        (Policy::Normal, Separation::Segment | Separation::Leg) => Policy::Normal,
        (
            other @ (Policy::Contiguous | Policy::Cling | Policy::ClingByTags | Policy::Anywhere),
            _,
        ) => other,
    }
}

/// One list of tags serves both purposes in the allocator, so a partition lends its tags to cling.
fn tag_rule(request: &Request) -> Option<TagRule> {
    let tags = match request.policy {
        Policy::ClingByTags => &request.cling_tags,
        Policy::Contiguous | Policy::Cling | Policy::Normal | Policy::Anywhere => {
            &request.partition_by_tags
        }
    };
    (!tags.is_empty()).then(|| TagRule::Listed(tags.clone()))
}

fn offers(request: &Request, free: &[Areas]) -> Option<Vec<Offer>> {
    let whole = |source: usize| offer(source, free[source].iter());
    match &request.allowed {
        None => (0..free.len()).map(whole).collect(),
        Some(allowed) => allowed
            .iter()
            .map(|(source, ranges)| match ranges {
                None => whole(*source),
                Some(ranges) => {
                    let parts = ranges.iter().flat_map(|range| {
                        let free = free[*source].iter();
                        free.filter_map(|area| area.intersection(*range))
                    });
                    offer(*source, parts)
                }
            })
            .collect(),
    }
}

fn offer(source: usize, areas: impl Iterator<Item = Area>) -> Option<Offer> {
    let areas = areas.map(range).collect::<Option<Vec<Range>>>()?;
    Some(Offer { source, areas })
}

fn range(area: Area) -> Option<Range> {
    // The end has to fit, too.
    u32::try_from(area.end()).ok()?;
    Some(Range {
        start: u32::try_from(area.start()).ok()?,
        count: u32::try_from(area.count()).ok()?,
    })
}

/// What the request has: `Some(None)` if nothing, `None` if it does not fit 32 bits.
fn previous(request: &Request) -> Option<Option<Previous>> {
    let Some(grown) = &request.grows else {
        return Some(None);
    };
    let pairs = |pick: fn(&[Segment]) -> Option<Segment>| {
        let legs = grown.iter().enumerate();
        let legs = legs.filter_map(|(leg, segments)| Some((leg, pick(segments)?)));
        legs.map(|(leg, segment)| {
            Some(Pair {
                leg,
                source: segment.source,
                range: range(segment.area)?,
            })
        })
        .collect::<Option<Vec<Pair>>>()
    };
    Some(Some(Previous {
        legs: grown.len(),
        first: pairs(|segments| crate::core::joined(segments).first().copied())?,
        last: pairs(|segments| crate::core::joined(segments).last().copied())?,
        end: 0,
    }))
}

/// What to avoid, cut at every offset where it changes.
///
/// The allocator counts offsets from the start of the leg, where `existing` extents are already. Its
/// first stretch ends without the metadata in front, the others count it.
fn parallel(request: &Request, existing: u32, front: u32) -> Option<Vec<Parallel>> {
    if request.avoid.is_empty() {
        return Some(Vec::new());
    }
    let leg = request.leg_extents();
    let mut cuts = BTreeSet::from([0, leg]);
    for avoidance in &request.avoid {
        cuts.insert(avoidance.offsets.start().min(leg));
        cuts.insert(avoidance.offsets.end().min(leg));
    }
    let cuts: Vec<u64> = cuts.into_iter().collect();
    let stretch = |pair: &[u64]| {
        let stretch = Area::between(pair[0], pair[1])?;
        let avoided = request.avoid.iter();
        let avoided = avoided.filter(|avoidance| avoidance.offsets.contains(stretch));
        let shift = if pair[0] == 0 { 0 } else { front };
        Some(Parallel {
            start: u32::try_from(pair[0])
                .ok()?
                .checked_add(existing)?
                .checked_add(shift)?,
            count: u32::try_from(stretch.count()).ok()?,
            sources: avoided
                .flat_map(|avoidance| avoidance.sources.clone())
                .collect(),
        })
    };
    cuts.windows(2).map(stretch).collect()
}

/// The allocation that a placement describes.
fn allocation(problem: &Problem, legs: usize, placement: &Placement) -> Allocation {
    let mut allocation = Allocation {
        legs: vec![Vec::new(); legs],
        metadata: placement.metadata.iter().copied().map(segment).collect(),
        logs: placement.logs.iter().copied().map(segment).collect(),
    };
    for chunk in &placement.chunks {
        for (leg, piece) in chunk.pieces.iter().enumerate() {
            allocation.legs[leg].push(segment(*piece));
        }
    }
    for leg in &mut allocation.legs {
        *leg = problem.joined(leg);
    }
    allocation
}

fn segment((source, range): (usize, Range)) -> Segment {
    let area = Area::new(u64::from(range.start), u64::from(range.count));
    Segment {
        source,
        area: area.expect("a piece that was taken is not empty"),
    }
}
