//! The least cost of a tiny problem, extent by extent: slow, complete, and on another principle than
//! any solver. Legs grow by one extent at a time in every possible way; of all ways that lead to the
//! same state the cheapest is kept. Extents are numbered across all sources (64 at most); sets of
//! extents and of sources are bits.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use extentplan::core::{
    Area, Areas, Cost, Cuts, Measure, Place, Policy, Problem, Request, Separation, Size,
};

/// How far a request is: extents taken, by it and all before; per leg the last extent, the sources of
/// its new extents and those that it holds in all, the partition tags that it holds and the kinds of extents
/// that it is on; whether some leg was cut at this offset; extents on sources that are not preferred; the
/// sources of companions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    used: u64,
    last: Vec<Option<(usize, usize)>>,
    new: Vec<u64>,
    held: Vec<u64>,
    marks: Vec<u64>,
    kinds: Vec<u64>,
    is_cut: bool,
    elsewhere: u64,
    metadata: u64,
    logs: u64,
}

/// States, each with the fewest segments that lead there.
type States = BTreeMap<State, u64>;

/// The least cost, or `None` if there is no plan.
pub fn best(problem: &Problem) -> Option<Cost> {
    let mut plans = BTreeMap::from([(0, vec![0; problem.objective().len()])]);
    for request in problem.requests() {
        let mut next = BTreeMap::new();
        for (used, spent) in &plans {
            let mut more = placements(problem, request, *used);
            more.extend(
                request
                    .value
                    .map(|value| (*used, vec![(Measure::Unserved, value)])),
            );
            for (used, measures) in more {
                keep(&mut next, used, plus(problem, spent, &measures));
            }
        }
        plans = next;
    }
    let whole = |(used, spent): (&u64, &Vec<u64>)| plus(problem, spent, &left_over(problem, *used));
    plans.iter().map(whole).min().map(Cost)
}

fn keep<K: Ord, V: Ord>(map: &mut BTreeMap<K, V>, key: K, value: V) {
    if map.get(&key).is_none_or(|known| value < *known) {
        map.insert(key, value);
    }
}

fn plus(problem: &Problem, spent: &[u64], more: &[(Measure, u64)]) -> Vec<u64> {
    let of = |measure| {
        more.iter()
            .find(|(m, _)| *m == measure)
            .map_or(0, |(_, value)| *value)
    };
    let pairs = problem.objective().iter().zip(spent);
    pairs.map(|(&measure, value)| value + of(measure)).collect()
}

/// The numbers of the extents of a source.
fn extents(problem: &Problem, source: usize) -> Range<usize> {
    let count = |index: usize| usize::try_from(problem.sources()[index].extents).expect("tiny");
    let start = (0..source).map(count).sum();
    start..start + count(source)
}

/// The tags at an extent of a source: those of the source, and of what is free its own.
fn tags_at(problem: &Problem, source: usize, position: u64) -> BTreeSet<&String> {
    let source = &problem.sources()[source];
    let has = |areas: &Areas| {
        let mut areas = areas.iter();
        areas.any(|area| area.start() <= position && position < area.end())
    };
    let own = source.area_tags.iter().filter(|(_, areas)| has(areas));
    let own = own.filter(|_| has(&source.free)).map(|(tag, _)| tag);
    source.tags.iter().chain(own).collect()
}

/// Whether an extent belongs to another area than the one in front of it: both are free, with other tags.
fn is_border(problem: &Problem, source: usize, position: u64) -> bool {
    let is_free = |position: u64| {
        let mut free = problem.sources()[source].free.iter();
        free.any(|area| area.start() <= position && position < area.end())
    };
    let of_areas = |position: u64| {
        let own = &problem.sources()[source].tags;
        let tags = tags_at(problem, source, position);
        tags.into_iter()
            .filter(|tag| !own.contains(*tag))
            .collect::<BTreeSet<_>>()
    };
    position > 0
        && is_free(position)
        && is_free(position - 1)
        && of_areas(position) != of_areas(position - 1)
}

/// The tags of a list at an extent, as bits.
fn marks(problem: &Problem, list: &BTreeSet<String>, source: usize, position: u64) -> u64 {
    let at = tags_at(problem, source, position);
    let numbered = list.iter().enumerate();
    numbered
        .filter(|(_, tag)| at.contains(tag))
        .fold(0, |bits, (number, _)| bits | 1 << number)
}

/// The kinds of extents that clinging tells apart: by source, and by the cling tags that they have.
fn kinds(problem: &Problem, request: &Request) -> Vec<(usize, u64)> {
    let sources = 0..problem.sources().len();
    let all = sources.flat_map(|source| {
        let positions = 0..problem.sources()[source].extents;
        positions.map(move |position| {
            (
                source,
                marks(problem, &request.cling_tags, source, position),
            )
        })
    });
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The measures of what is free afterwards.
fn left_over(problem: &Problem, used: u64) -> Vec<(Measure, u64)> {
    let (mut fill, mut fragments, mut longest) = (0, 0, [0, 0]);
    for (index, source) in problem.sources().iter().enumerate() {
        let (mut taken, mut runs) = (0, [0, 0]);
        for (number, position) in extents(problem, index).zip(0..) {
            let is_free = source
                .free
                .iter()
                .any(|a| a.start() <= position && position < a.end());
            let is_left = is_free && used >> number & 1 == 0;
            if is_border(problem, index, position) {
                runs = [0, 0];
            }
            fragments += u64::from(is_left && runs[1] == 0);
            taken += u64::from(!is_left);
            for (when, is_there) in [is_free, is_left].into_iter().enumerate() {
                runs[when] = if is_there { runs[when] + 1 } else { 0 };
                longest[when] = longest[when].max(runs[when]);
            }
        }
        fill = fill.max((taken * 1_000_000).checked_div(source.extents).unwrap_or(0));
    }
    let shrunk = longest[0] - longest[1];
    vec![
        (Measure::Balance, fill),
        (Measure::Fragments, fragments),
        (Measure::LargestArea, shrunk),
    ]
}

/// Every set of extents that may be taken once the request is placed, with what that costs.
fn placements(problem: &Problem, request: &Request, used: u64) -> Vec<(u64, Vec<(Measure, u64)>)> {
    let previous = |leg: usize| request.grows.iter().flat_map(move |legs| &legs[leg]);
    let last = |leg| {
        let last = previous(leg).last()?;
        let end = usize::try_from(last.area.end()).expect("tiny");
        Some((last.source, extents(problem, last.source).start + end - 1))
    };
    let of_source = |source: usize| {
        let tags = request.partition_by_tags.iter().enumerate();
        let has = |tag: &String| problem.sources()[source].tags.contains(tag);
        tags.filter(|(_, tag)| has(tag))
            .fold(0, |bits, (number, _)| bits | 1 << number)
    };
    let legs = 0..request.legs();
    let start = State {
        used,
        last: legs.clone().map(last).collect(),
        new: vec![0; request.legs()],
        held: legs
            .clone()
            .map(|leg| previous(leg).fold(0, |held, s| held | 1 << s.source))
            .collect(),
        marks: legs
            .clone()
            .map(|leg| previous(leg).fold(0, |held, s| held | of_source(s.source)))
            .collect(),
        kinds: vec![0; request.legs()],
        is_cut: false,
        elsewhere: 0,
        metadata: 0,
        logs: 0,
    };
    let mut found = Vec::new();
    let mut states = States::from([(start, 0)]);
    for offset in 0..request.leg_extents() {
        for leg in legs.clone() {
            states = grow(problem, request, states, offset, leg);
        }
        let shortfall = request.size.wanted() - (offset + 1) * request.shape.stripes;
        if shortfall > 0 && matches!(request.size, Size::Exactly(_)) {
            continue;
        }
        for (state, segments) in companions(problem, request, states.clone()) {
            let sources = state.new.iter().fold(0, |all, new| all | new).count_ones();
            let cost = vec![
                (Measure::Shortfall, shortfall),
                (Measure::Elsewhere, state.elsewhere),
                (Measure::Segments, segments),
                (Measure::Sources, sources.into()),
            ];
            found.push((state.used, cost));
        }
    }
    found
}

/// Runs of `count` extents that are offered: source, number of the first, bits.
fn runs(problem: &Problem, request: &Request, count: u64) -> Vec<(usize, usize, u64)> {
    let mut runs = Vec::new();
    for (source, areas) in problem.offered(request) {
        for (number, position) in extents(problem, source).zip(0..) {
            let tags = tags_at(problem, source, position);
            let is_asked = request.area_tags.is_empty()
                || request.area_tags.iter().any(|tag| tags.contains(tag));
            let mut inner = position + 1..position + count;
            if is_asked
                && !inner.any(|position| is_border(problem, source, position))
                && Area::new(position, count).is_some_and(|run| areas.contains(run))
            {
                runs.push((source, number, ((1 << count) - 1) << number));
            }
        }
    }
    runs
}

/// All states with one more extent on `leg`, at `offset`, and in front of the first one its metadata.
fn grow(problem: &Problem, request: &Request, states: States, offset: u64, leg: usize) -> States {
    let front = if offset == 0 {
        request.front_extents()
    } else {
        0
    };
    let runs = runs(problem, request, front + 1);
    let kinds = kinds(problem, request);
    let mut next = States::new();
    for (state, segments) in states {
        for &(source, start, bits) in runs.iter().filter(|run| state.used & run.2 == 0) {
            let number = start + usize::try_from(front).expect("tiny");
            let last = state.last[leg];
            let position = position_of(problem, source, number);
            let goes_on = last.is_some_and(|(home, last)| home == source && last + 1 == number)
                && !is_border(problem, source, position);
            let fits_policy = match request.policy {
                Policy::Contiguous => last.is_none() || goes_on,
                Policy::Cling => state.held[leg] == 0 || state.held[leg] >> source & 1 == 1,
                // Cling by tags may go by way of a source that comes later; see `companions`.
                Policy::ClingByTags | Policy::Normal | Policy::Anywhere => true,
            };
            let beside = |other: usize| state.last[other].is_some_and(|(home, _)| home == source);
            let is_apart = match request.separation() {
                Separation::Segment => !(0..leg).any(beside),
                Separation::Leg | Separation::None => true,
            };
            let is_avoided = request.avoid.iter().any(|avoid| {
                (avoid.offsets.start()..avoid.offsets.end()).contains(&offset)
                    && avoid.sources.contains(&source)
            });
            if !fits_policy
                || !is_apart
                || is_avoided
                || !may_hold(problem, request, &state, leg, (source, position))
            {
                continue;
            }
            let mut grown = state.clone();
            grown.used |= bits;
            grown.last[leg] = Some((source, number));
            grown.new[leg] |= 1 << source;
            grown.held[leg] |= 1 << source;
            grown.marks[leg] |= marks(problem, &request.partition_by_tags, source, position);
            if request.policy == Policy::ClingByTags {
                let kind = (
                    source,
                    marks(problem, &request.cling_tags, source, position),
                );
                let at = kinds
                    .iter()
                    .position(|other| *other == kind)
                    .expect("of a source");
                grown.kinds[leg] |= 1 << at;
            }
            let prefers = !request.cling_sources.is_empty();
            if prefers && !request.cling_sources.contains(&source) {
                grown.elsewhere += 1;
            }
            let counts = match request.cuts {
                Cuts::Apart => !goes_on,
                Cuts::Together => !goes_on && !state.is_cut,
            };
            grown.is_cut = (state.is_cut || !goes_on) && leg + 1 < request.legs();
            keep(&mut next, grown, segments + u64::from(counts));
        }
    }
    next
}

/// Whether separation by leg and the tag partition let a leg have something on a source.
fn may_hold(
    problem: &Problem,
    request: &Request,
    state: &State,
    leg: usize,
    (source, position): (usize, u64),
) -> bool {
    let own = marks(problem, &request.partition_by_tags, source, position);
    let is_apart = request.separation() == Separation::Leg;
    let meets = |other: usize| {
        is_apart && state.held[other] >> source & 1 == 1 || state.marks[other] & own != 0
    };
    !(0..request.legs()).any(|other| other != leg && meets(other))
}

/// The number of an extent on its source.
fn position_of(problem: &Problem, source: usize, number: usize) -> u64 {
    (number - extents(problem, source).start) as u64
}

/// All states with the metadata that does not lie in front of its leg, and with the logs.
fn companions(problem: &Problem, request: &Request, mut states: States) -> States {
    if request.policy == Policy::ClingByTags {
        states
            .retain(|state, _| (0..request.legs()).all(|leg| clings(problem, request, state, leg)));
    }
    let metadata = request
        .metadata
        .filter(|metadata| metadata.place != Place::Front);
    let metadata = metadata.map(|m| (m.extents, m.place, m.place == Place::OwnSource));
    let log = request.log.map(|log| {
        (
            log.extents,
            log.place,
            request.separation() != Separation::None,
        )
    });
    let logs = request.log.map_or(0, |log| log.count);
    let of_legs = (0..request.legs()).filter_map(|leg| Some((Some(leg), metadata?)));
    for (leg, (count, place, keeps_apart)) in
        of_legs.chain((0..logs).filter_map(|_| Some((None, log?))))
    {
        let runs = runs(problem, request, count);
        let mut next = States::new();
        for (state, segments) in states {
            for &(source, start, bits) in runs.iter().filter(|run| state.used & run.2 == 0) {
                let has = |sources: &u64| sources >> source & 1 == 1;
                let at = (source, position_of(problem, source, start));
                let beside = if leg.is_some() {
                    &state.metadata
                } else {
                    &state.logs
                };
                let is_refused = place == Place::OwnSource && state.new.iter().any(has)
                    || keeps_apart && has(beside)
                    || leg.is_some_and(|leg| !may_hold(problem, request, &state, leg, at));
                if is_refused {
                    continue;
                }
                let mut placed = state.clone();
                placed.used |= bits;
                match leg {
                    Some(leg) => {
                        placed.metadata |= 1 << source;
                        placed.held[leg] |= 1 << source;
                        placed.marks[leg] |=
                            marks(problem, &request.partition_by_tags, source, at.1);
                    }
                    None => placed.logs |= 1 << source,
                }
                keep(&mut next, placed, segments);
            }
        }
        states = next;
    }
    states
}

/// Whether whatever a leg is on hangs on to what it had, or to what hangs on itself.
fn clings(problem: &Problem, request: &Request, state: &State, leg: usize) -> bool {
    let all = kinds(problem, request);
    let numbers = (0..all.len()).filter(|kind| state.kinds[leg] >> kind & 1 == 1);
    let mut outside: Vec<(usize, u64)> = numbers.map(|kind| all[kind]).collect();
    let of_source = |source: usize| {
        let tags = request.cling_tags.iter().enumerate();
        let has = |tag: &String| problem.sources()[source].tags.contains(tag);
        let bits = tags.filter(|(_, tag)| has(tag));
        (source, bits.fold(0, |bits, (number, _)| bits | 1 << number))
    };
    let mut home: Vec<(usize, u64)> = match &request.grows {
        Some(legs) => legs[leg].iter().map(|s| of_source(s.source)).collect(),
        None => vec![outside[0]],
    };
    let mut next = 0;
    while let Some(&held) = home.get(next) {
        let hangs_on = |kind: &(usize, u64)| kind.0 == held.0 || kind.1 & held.1 != 0;
        home.extend(outside.extract_if(.., |kind| hangs_on(kind)));
        next += 1;
    }
    outside.is_empty()
}
