//! Problems: raw value to problem.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Area, Avoidance, Companion, Cuts, Log, Place, Problem, Request, Segment, Separation, Shape,
    Size, Source, is_printable,
};
use crate::json::ReadError;
use crate::json::locate::{Faults, Path, read_raw};
use crate::json::raw::{
    Count, RawArea, RawAvoidance, RawLog, RawLogPlace, RawMeasure, RawProblem, RawRequest,
    RawRequests, RawSegment, RawSize, RawSource,
};

/// A problem as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The problem.
    pub problem: Problem,
    /// Bytes of one extent, where the file says so: it matters to people only.
    pub extent_bytes: Option<u64>,
}

/// Reads a problem and what its file says beside it.
///
/// # Errors
/// [`ReadError::Syntax`] if the text is not JSON, [`ReadError::Values`] for unknown, missing and
/// duplicate keys, wrong types, numbers out of range, unknown names and overlapping areas,
/// [`ReadError::Defects`] with everything that keeps the rest from being a problem.
pub fn read_document(text: &str) -> Result<Document, ReadError> {
    let raw: RawProblem = read_raw(text)?;
    let mut faults = Faults::default();
    let extent_bytes = raw.extent_bytes.map(|bytes| bytes.0);
    if extent_bytes == Some(0) {
        let message = "found 0; expected at least 1".to_string();
        faults.push(Path::key("extent_bytes"), message);
    }
    let sources = import_sources(raw.sources, &mut faults);
    let problem = import(text, sources, raw.requests, &raw.objective, faults)?;
    Ok(Document {
        problem,
        extent_bytes,
    })
}

/// Reads a problem.
///
/// # Errors
/// As [`read_document`].
pub fn read_problem(text: &str) -> Result<Problem, ReadError> {
    read_document(text).map(|document| document.problem)
}

/// Reads requests for sources that are known from elsewhere: a problem without the key `sources`.
///
/// # Errors
/// As [`read_document`].
pub fn read_requests(text: &str, sources: Vec<Source>) -> Result<Problem, ReadError> {
    let raw: RawRequests = read_raw(text)?;
    import(
        text,
        sources,
        raw.requests,
        &raw.objective,
        Faults::default(),
    )
}

fn import(
    text: &str,
    sources: Vec<Source>,
    requests: Vec<RawRequest>,
    objective: &[RawMeasure],
    mut faults: Faults,
) -> Result<Problem, ReadError> {
    let mut names = Names::default();
    for (index, source) in sources.iter().enumerate() {
        // Of two with one name the first counts here; `Problem::new` refuses the second.
        names.0.entry(source.name.clone()).or_insert(index);
    }
    let list = Path::key("requests");
    let requests: Vec<Request> = requests
        .into_iter()
        .enumerate()
        .map(|(index, raw)| import_request(raw, &names, &list.then_index(index), &mut faults))
        .collect();
    if let Some(error) = faults.into_error(text) {
        return Err(error);
    }
    let objective = objective.iter().map(|&measure| measure.into()).collect();
    Problem::new(sources, requests, objective).map_err(|defects| ReadError::Defects { defects })
}

/// Sources by name.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, usize>);

impl Names {
    pub(crate) fn of(sources: &[Source]) -> Names {
        let pairs = sources.iter().enumerate();
        Names(pairs.map(|(index, s)| (s.name.clone(), index)).collect())
    }

    /// The index of a source, or a fault at `path`.
    pub(crate) fn source(&self, name: &str, path: &Path, faults: &mut Faults) -> Option<usize> {
        let index = self.0.get(name).copied();
        if index.is_none() {
            let message = format!("there is no source `{name}`; expected the name of a source");
            faults.push(path.clone(), message);
        }
        index
    }

    pub(crate) fn segment(
        &self,
        raw: &RawSegment,
        path: &Path,
        faults: &mut Faults,
    ) -> Option<Segment> {
        let RawSegment(name, start, count) = raw;
        let area = area(*start, *count, path, faults);
        let source = self.source(name, &path.then_index(0), faults)?;
        Some(Segment {
            source,
            area: area?,
        })
    }
}

/// An area, or a fault at `path`.
fn area(start: Count, count: Count, path: &Path, faults: &mut Faults) -> Option<Area> {
    let area = Area::new(start.0, count.0);
    if area.is_none() {
        let message = if count.0 == 0 {
            "found a length of 0; expected at least 1".to_string()
        } else {
            format!(
                "{} extents from {} on end past 2^64 - 1, the last number there is",
                count.0, start.0
            )
        };
        faults.push(path.clone(), message);
    }
    area
}

fn import_sources(raw: Vec<RawSource>, faults: &mut Faults) -> Vec<Source> {
    let list = Path::key("sources");
    let mut sources = Vec::with_capacity(raw.len());
    for (index, raw) in raw.into_iter().enumerate() {
        let path = || list.then_index(index).then_key("free");
        let mut areas = Vec::with_capacity(raw.free.len());
        let mut area_tags: BTreeMap<String, Vec<Area>> = BTreeMap::new();
        for (row, RawArea(start, count, tags)) in raw.free.into_iter().enumerate() {
            let tags_path = || path().then_index(row).then_index(2);
            for (place, tag) in tags.iter().enumerate() {
                printable(tag, &tags_path().then_index(place), faults);
            }
            match Area::new(start.0, count.0) {
                Some(area) => {
                    areas.push((area, row));
                    for tag in tags {
                        area_tags.entry(tag).or_default().push(area);
                    }
                }
                None => _ = self::area(start, count, &path().then_index(row), faults),
            }
        }
        areas.sort_unstable();
        // Each area against the one before it that reaches furthest.
        let mut furthest: Option<Area> = None;
        for &(area, row) in &areas {
            if let Some(before) = furthest
                && before.intersection(area).is_some()
            {
                let message = format!(
                    "extents {area} of source `{}` overlap the free area {before}",
                    raw.name
                );
                faults.push(path().then_index(row), message);
            }
            if furthest.is_none_or(|before| before.end() < area.end()) {
                furthest = Some(area);
            }
        }
        let path = list.then_index(index);
        printable(&raw.name, &path.then_key("name"), faults);
        for (row, tag) in raw.tags.iter().enumerate() {
            printable(tag, &path.then_key("tags").then_index(row), faults);
        }
        for (row, tag) in raw.area_tags.into_iter().enumerate() {
            printable(&tag, &path.then_key("area_tags").then_index(row), faults);
            area_tags.entry(tag).or_default();
        }
        sources.push(Source {
            name: raw.name,
            extents: raw.extents.0,
            free: areas.into_iter().map(|(area, _)| area).collect(),
            tags: raw.tags.into_iter().collect(),
            area_tags: area_tags
                .into_iter()
                .map(|(tag, areas)| (tag, areas.into_iter().collect()))
                .collect(),
        });
    }
    sources
}

/// Notes a name that cannot be printed as it is.
fn printable(name: &str, path: &Path, faults: &mut Faults) {
    if !name.chars().all(is_printable) {
        let message = format!(
            "found `{name}`; expected a name without control characters, and without letters that do \
             not show"
        );
        faults.push(path.clone(), message);
    }
}

fn import_request(raw: RawRequest, names: &Names, path: &Path, faults: &mut Faults) -> Request {
    printable(&raw.name, &path.then_key("name"), faults);
    let shape = Shape {
        stripes: raw.stripes.0,
        copies: raw.copies.0,
        parity: raw.parity.0,
    };
    let metadata = (raw.metadata.0 > 0).then_some(Companion {
        extents: raw.metadata.0,
        place: raw.metadata_place.into(),
    });
    let separation = raw.separation.map(Separation::from);
    let cuts = raw.cuts.map(Cuts::from);
    Request {
        size: match raw.size {
            RawSize::Exactly => Size::Exactly(raw.extents.0),
            RawSize::AtMost => Size::AtMost(raw.extents.0),
        },
        shape,
        metadata,
        log: raw.log.map(import_log),
        policy: raw.policy.into(),
        separation: separation.unwrap_or(default_separation(metadata)),
        cuts: cuts.unwrap_or(default_cuts(shape, metadata)),
        grows: raw
            .grows
            .as_ref()
            .map(|legs| import_grows(legs, names, &path.then_key("grows"), faults)),
        allowed: import_allowed(&raw, names, path, faults),
        cling_sources: import_cling_sources(&raw.cling_sources, names, path, faults),
        area_tags: raw.area_tags.into_iter().collect(),
        avoid: import_avoid(&raw.avoid, names, &path.then_key("avoid"), faults),
        value: raw.value.map(|value| value.0),
        partition_by_tags: raw.partition_by_tags.into_iter().collect(),
        cling_tags: raw.cling_tags.into_iter().collect(),
        name: raw.name,
    }
}

fn default_separation(metadata: Option<Companion>) -> Separation {
    match metadata {
        Some(_) => Separation::Leg,
        None => Separation::Segment,
    }
}

fn default_cuts(shape: Shape, metadata: Option<Companion>) -> Cuts {
    let is_woven = shape.stripes > 1 && shape.copies == 1 && shape.parity == 0;
    if is_woven && metadata.is_none() {
        Cuts::Together
    } else {
        Cuts::Apart
    }
}

fn import_log(raw: RawLog) -> Log {
    Log {
        extents: raw.extents.0,
        count: raw.count.0,
        place: match raw.place {
            RawLogPlace::OwnSource => Place::OwnSource,
            RawLogPlace::AnySource => Place::AnySource,
        },
    }
}

fn import_grows(
    legs: &[Vec<RawSegment>],
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> Vec<Vec<Segment>> {
    let mut import_leg = |(leg, segments): (usize, &Vec<RawSegment>)| {
        let path = path.then_index(leg);
        let segments = segments.iter().enumerate();
        segments
            .filter_map(|(index, raw)| names.segment(raw, &path.then_index(index), faults))
            .collect()
    };
    legs.iter().enumerate().map(&mut import_leg).collect()
}

/// `sources` says which and in what order, `ranges` which extents of those that it names.
fn import_allowed(
    raw: &RawRequest,
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> Option<Vec<(usize, Option<Vec<Area>>)>> {
    if raw.sources.is_none() && raw.ranges.is_empty() {
        return None;
    }
    let mut allowed: Vec<(usize, Option<Vec<Area>>)> = Vec::new();
    let list = path.then_key("sources");
    for (index, name) in raw.sources.iter().flatten().enumerate() {
        let source = names.source(name, &list.then_index(index), faults);
        allowed.extend(source.map(|source| (source, None)));
    }
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, (source, _)) in allowed.iter().enumerate() {
        place_of.entry(*source).or_insert(place);
    }
    let list = path.then_key("ranges");
    for (index, range) in raw.ranges.iter().enumerate() {
        let path = list.then_index(index);
        let Some(segment) = names.segment(range, &path, faults) else {
            continue;
        };
        let place = match place_of.get(&segment.source) {
            Some(&place) => place,
            None if raw.sources.is_none() => {
                place_of.insert(segment.source, allowed.len());
                allowed.push((segment.source, None));
                allowed.len() - 1
            }
            None => {
                let name = &range.0;
                let message = format!("source `{name}` is not among the `sources` of the request");
                faults.push(path.then_index(0), message);
                continue;
            }
        };
        allowed[place]
            .1
            .get_or_insert_with(Vec::new)
            .push(segment.area);
    }
    Some(allowed)
}

fn import_cling_sources(
    raw: &[String],
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> BTreeSet<usize> {
    let list = path.then_key("cling_sources");
    let listed = raw.iter().enumerate();
    let sources =
        listed.filter_map(|(index, name)| names.source(name, &list.then_index(index), faults));
    sources.collect()
}

fn import_avoid(
    raw: &[RawAvoidance],
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> Vec<Avoidance> {
    let mut avoid = Vec::new();
    for (index, RawAvoidance(offset, count, listed)) in raw.iter().enumerate() {
        let path = path.then_index(index);
        let mut sources = BTreeSet::new();
        for (place, name) in listed.iter().enumerate() {
            let path = path.then_index(2).then_index(place);
            sources.extend(names.source(name, &path, faults));
        }
        if let Some(offsets) = area(*offset, *count, &path, faults) {
            avoid.push(Avoidance { offsets, sources });
        }
    }
    avoid
}
