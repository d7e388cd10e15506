//! What is placed and where it can go: units and cells, worked out once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::core::{Area, Cuts, Place, Policy, Problem, Request, Separation};

/// A stretch of free extents that each request may use wholly or not at all.
///
/// Only how much of it is left is kept while units come and go: the pieces on it lie one behind another, in
/// an order that is chosen at the end, except that one which goes on where a leg ended comes first.
pub(crate) struct Cell {
    pub(crate) source: usize,
    pub(crate) area: Area,
}

/// What is placed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One leg, with the metadata in front of it.
    Leg(usize),
    /// All legs at once: their offsets matter to each other.
    Legs,
    /// The metadata of a leg that lie elsewhere.
    Metadata(usize),
    /// A log.
    Log,
}

impl Kind {
    /// The leg that it is, or belongs to, if that is one.
    pub(crate) fn leg(self) -> Option<usize> {
        match self {
            Kind::Leg(leg) | Kind::Metadata(leg) => Some(leg),
            Kind::Legs | Kind::Log => None,
        }
    }
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    /// Index of the request.
    pub(crate) request: usize,
    pub(crate) kind: Kind,
    /// Extents of the leg (of one of all legs) or of the companion, metadata in front included.
    pub(crate) extents: u64,
}

/// What a request asks of its places.
pub(crate) struct Wish<'a> {
    pub(crate) request: &'a Request,
    /// Extents of a leg, without metadata.
    pub(crate) extents: u64,
    /// The cells that it may use; `None`: all.
    cells: Option<Vec<usize>>,
    /// By leg the sources that its previous segments are on.
    pub(crate) previous: Vec<BTreeSet<usize>>,
    /// By leg the cell that starts where it ended.
    pub(crate) goes_on: Vec<Option<usize>>,
    /// By leg the sources that it has to stay on; `None`: any.
    pub(crate) home: Vec<Option<BTreeSet<usize>>>,
    /// By source the partition tags that it has, as indices; empty if there is no partition.
    tags: BTreeMap<usize, Vec<usize>>,
    /// How little choice it has: 0 is the least.
    pub(crate) rank: u32,
    /// Its units, as indices.
    pub(crate) units: Range<usize>,
}

/// The whole problem.
pub(crate) struct Model<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) cells: Vec<Cell>,
    pub(crate) wishes: Vec<Wish<'a>>,
    pub(crate) units: Vec<Unit>,
    /// Extents to spare for each unit on the average.
    pub(crate) slack: u64,
    /// Whether that is less than a tenth of the mean cell has.
    pub(crate) is_tight: bool,
}

impl<'a> Model<'a> {
    /// `legs` says by request how long its legs are, without metadata.
    pub(crate) fn of(problem: &'a Problem, legs: &[u64]) -> Model<'a> {
        let cells = cells(problem);
        let mut units = Vec::new();
        let mut wishes = Vec::with_capacity(problem.requests().len());
        for (index, request) in problem.requests().iter().enumerate() {
            let from = units.len();
            let extents = legs[index];
            units.extend(units_of(index, request, extents));
            let range = from..units.len();
            wishes.push(Wish::of(problem, &cells, request, extents, range));
        }
        let free: u64 = cells.iter().map(|cell| cell.area.count()).sum();
        let requests = problem.requests().iter();
        let wanted: Option<u64> = requests.map(Request::total_extents).sum();
        let to_spare = free.saturating_sub(wanted.unwrap_or(u64::MAX));
        let slack = to_spare / units.len().max(1) as u64;
        let mean = free / cells.len().max(1) as u64;
        Model {
            problem,
            is_tight: slack < mean / 10,
            slack,
            cells,
            wishes,
            units,
        }
    }

    /// The cells that a request may use, in order.
    pub(crate) fn cells_of(&self, request: usize) -> impl Iterator<Item = usize> + '_ {
        let own = self.wishes[request].cells.as_deref();
        let all = if own.is_some() { 0 } else { self.cells.len() };
        own.unwrap_or_default().iter().copied().chain(0..all)
    }
}

fn units_of(index: usize, request: &Request, extents: u64) -> Vec<Unit> {
    let unit = |kind, extents| Unit {
        request: index,
        kind,
        extents,
    };
    let whole = extents + request.front_extents();
    let mut units: Vec<Unit> = if is_together(request) {
        vec![unit(Kind::Legs, whole)]
    } else {
        let legs = 0..request.legs();
        legs.map(|leg| unit(Kind::Leg(leg), whole)).collect()
    };
    if let Some(metadata) = request.metadata
        && metadata.place != Place::Front
    {
        let legs = 0..request.legs();
        units.extend(legs.map(|leg| unit(Kind::Metadata(leg), metadata.extents)));
    }
    if let Some(log) = request.log {
        units.extend((0..log.count).map(|_| unit(Kind::Log, log.extents)));
    }
    units
}

/// Whether it matters to one leg at which offsets the others are cut.
fn is_together(request: &Request) -> bool {
    let is_loose = match request.policy {
        Policy::Normal | Policy::Anywhere | Policy::Cling | Policy::ClingByTags => true,
        Policy::Contiguous => false,
    };
    let wraps = request.separation() == Separation::Segment && request.partition_by_tags.is_empty();
    !request.avoid.is_empty()
        || is_loose && request.legs() > 1 && (request.cuts == Cuts::Together || wraps)
}

/// The free areas, cut where some request's ranges begin or end, and where a leg goes on.
fn cells(problem: &Problem) -> Vec<Cell> {
    let mut borders: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for request in problem.requests() {
        for (source, ranges) in request.allowed.iter().flatten() {
            let of_source = borders.entry(*source).or_default();
            for range in ranges.iter().flatten() {
                of_source.extend([range.start(), range.end()]);
            }
        }
        for last in request.grows.iter().flatten().filter_map(|leg| leg.last()) {
            let of_source = borders.entry(last.source).or_default();
            of_source.insert(last.area.end());
        }
    }
    let none = BTreeSet::new();
    let mut cells = Vec::new();
    for (source, has) in problem.sources().iter().enumerate() {
        let borders = borders.get(&source).unwrap_or(&none);
        for area in has.free.iter() {
            let mut start = area.start();
            let inner = borders.range(area.start() + 1..area.end().max(area.start() + 1));
            for end in inner.copied().chain([area.end()]) {
                if let Some(area) = Area::between(start, end) {
                    cells.push(Cell { source, area });
                }
                start = end;
            }
        }
    }
    cells
}

impl<'a> Wish<'a> {
    fn of(
        problem: &Problem,
        cells: &[Cell],
        request: &'a Request,
        extents: u64,
        units: Range<usize>,
    ) -> Wish<'a> {
        // Every field is named, so that whoever adds one is led here: what does it ask of a place?
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy, separation: _,
            cuts: _, partition_by_tags, cling_tags, cling_sources: _,
            grows, allowed, area_tags: _, avoid: _, value: _ } = request;
        let legs = request.legs();
        let ends = grows.as_ref().map(|legs| legs.iter().map(|leg| leg.last()));
        let at = |source: usize, start: u64| {
            let found = cells
                .binary_search_by_key(&(source, start), |cell| (cell.source, cell.area.start()));
            found.ok()
        };
        let goes_on: Vec<Option<usize>> = match ends {
            Some(ends) => ends
                .map(|last| last.and_then(|last| at(last.source, last.area.end())))
                .collect(),
            None => vec![None; legs],
        };
        let previous: Vec<BTreeSet<usize>> = match grows {
            None => vec![BTreeSet::new(); legs],
            Some(legs) => {
                let sources =
                    |leg: &Vec<crate::core::Segment>| leg.iter().map(|s| s.source).collect();
                legs.iter().map(sources).collect()
            }
        };
        let shares = |one: usize, other: usize| {
            let sources = problem.sources();
            let mut shared = cling_tags
                .iter()
                .filter(|tag| sources[one].tags.contains(*tag));
            shared.any(|tag| sources[other].tags.contains(tag))
        };
        let home = previous.iter().map(|own| {
            if own.is_empty() {
                return None;
            }
            match policy {
                Policy::Normal | Policy::Anywhere | Policy::Contiguous => None,
                Policy::Cling => Some(own.clone()),
                Policy::ClingByTags => {
                    let near = |source: &usize| {
                        own.contains(source) || own.iter().any(|&held| shares(held, *source))
                    };
                    Some((0..problem.sources().len()).filter(near).collect())
                }
            }
        });
        let own_cells = allowed.as_ref().map(|_| {
            let offered = problem.offered(request);
            let offered: BTreeMap<usize, _> = offered.into_iter().collect();
            let may_use = |index: &usize| {
                let areas = offered.get(&cells[*index].source);
                areas.is_some_and(|areas| areas.contains(cells[*index].area))
            };
            (0..cells.len()).filter(may_use).collect()
        });
        let mut tags = BTreeMap::new();
        if !partition_by_tags.is_empty() {
            let numbered = partition_by_tags.iter().enumerate();
            let numbers: BTreeMap<&String, usize> = numbered.map(|(at, tag)| (tag, at)).collect();
            for (source, has) in problem.sources().iter().enumerate() {
                let own: Vec<usize> = has
                    .tags
                    .iter()
                    .filter_map(|tag| numbers.get(tag).copied())
                    .collect();
                if !own.is_empty() {
                    tags.insert(source, own);
                }
            }
        }
        Wish {
            request,
            extents,
            cells: own_cells,
            home: home.collect(),
            previous,
            goes_on,
            tags,
            rank: rank(request),
            units,
        }
    }

    /// The partition tags of a source, as indices.
    pub(crate) fn tags_of(&self, source: usize) -> &[usize] {
        self.tags.get(&source).map_or(&[], Vec::as_slice)
    }

    /// How many partition tags there are.
    pub(crate) fn tag_count(&self) -> usize {
        self.request.partition_by_tags.len()
    }
}

/// Who has the least choice comes first: legs that go on where they end, legs in one area, legs on one
/// source, legs that keep apart; who can use anything comes last.
fn rank(request: &Request) -> u32 {
    let grows = request.grows.is_some();
    match request.policy {
        Policy::Contiguous if grows => 0,
        Policy::Cling if grows => 1,
        Policy::Contiguous => 2,
        Policy::Cling | Policy::ClingByTags => 3,
        Policy::Normal if !request.partition_by_tags.is_empty() => 4,
        Policy::Normal | Policy::Anywhere => match request.separation() {
            Separation::Leg if request.legs() > 1 => 5,
            Separation::Segment if request.legs() > 1 => 6,
            Separation::Leg | Separation::Segment | Separation::None => 7,
        },
    }
}
