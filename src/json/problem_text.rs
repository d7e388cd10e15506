//! Problems as text.

use std::fmt::Write as _;

use serde::Serialize;

use crate::core::{Area, Log, Place, Problem, Request, Segment, Size, Source};
use crate::json::raw::{
    Count, ProblemFormat, RawArea, RawAvoidance, RawLog, RawLogPlace, RawMeasure, RawRequest,
    RawSegment, RawSize, RawSource,
};

/// Writes a problem: one line for each source and request, so that files can be compared by line.
///
/// What is at its default is left out, except policy, separation and cuts. Reading the text gives the
/// same problem.
#[must_use]
pub fn write_problem(problem: &Problem, extent_bytes: Option<u64>) -> String {
    let mut text = format!("{{ \"schema\": {}", compact(&ProblemFormat::One));
    if let Some(bytes) = extent_bytes {
        write!(text, ",\n  \"extent_bytes\": {bytes}").expect("writing to a string works");
    }
    let sources = problem.sources().iter().map(export_source);
    text += &format!(",\n  \"sources\": {}", lines(sources));
    let requests = problem.requests().iter();
    let requests = requests.map(|request| export_request(problem.sources(), request));
    text += &format!(",\n  \"requests\": {}", lines(requests));
    let objective = problem.objective().iter().map(|&m| RawMeasure::from(m));
    let objective: Vec<RawMeasure> = objective.collect();
    text += &format!(",\n  \"objective\": {} }}\n", compact(&objective));
    text
}

/// JSON on one line.
pub(crate) fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the raw values have string keys and no failing parts")
}

/// A JSON array with one line for each item.
pub(crate) fn lines(items: impl Iterator<Item = impl Serialize>) -> String {
    let items: Vec<String> = items
        .map(|item| format!("    {}", compact(&item)))
        .collect();
    if items.is_empty() {
        return "[]".to_string();
    }
    format!("[\n{}\n  ]", items.join(",\n"))
}

fn export_source(source: &Source) -> RawSource {
    // Every field is named, so that whoever adds one is led here: under which key is it written?
    #[rustfmt::skip]
    let Source { name, extents, free, tags, area_tags } = source;
    let free = free.iter();
    let used_up = area_tags.iter().filter(|(_, areas)| areas.is_empty());
    RawSource {
        name: name.clone(),
        extents: Count(*extents),
        free: free
            .map(|area| {
                let (start, count) = (Count(area.start()), Count(area.count()));
                let own = source.own_tags_of(area).cloned();
                RawArea(start, count, own.collect())
            })
            .collect(),
        tags: tags.iter().cloned().collect(),
        area_tags: used_up.map(|(tag, _)| tag.clone()).collect(),
    }
}

fn export_request(sources: &[Source], request: &Request) -> RawRequest {
    // Every field is named, so that whoever adds one is led here: under which key is it written?
    #[rustfmt::skip]
    let Request { name, size, shape, metadata, log, policy, separation, cuts, partition_by_tags,
        cling_tags, cling_sources, grows, allowed, area_tags, avoid, value } = request;
    let name_of = |source: &usize| sources[*source].name.clone();
    let raw_leg = |leg: &Vec<Segment>| leg.iter().map(|s| export_segment(sources, s)).collect();
    // A source of which no range is allowed is as good as one that is not listed.
    let allowed = allowed.as_ref().map(|allowed| {
        let has_some = |ranges: &Option<Vec<Area>>| ranges.as_ref().is_none_or(|r| !r.is_empty());
        allowed.iter().filter(move |(_, ranges)| has_some(ranges))
    });
    let ranges = allowed.clone().into_iter().flatten();
    let ranges = ranges.flat_map(|(source, ranges)| {
        let areas = ranges.iter().flatten();
        areas.map(|&area| {
            let source = *source;
            export_segment(sources, &Segment { source, area })
        })
    });
    RawRequest {
        name: name.clone(),
        extents: Count(size.wanted()),
        size: match size {
            Size::Exactly(_) => RawSize::Exactly,
            Size::AtMost(_) => RawSize::AtMost,
        },
        stripes: Count(shape.stripes),
        copies: Count(shape.copies),
        parity: Count(shape.parity),
        metadata: Count(metadata.map_or(0, |metadata| metadata.extents)),
        metadata_place: metadata.map_or_else(Default::default, |metadata| metadata.place.into()),
        log: log.map(export_log),
        policy: (*policy).into(),
        separation: Some((*separation).into()),
        cuts: Some((*cuts).into()),
        partition_by_tags: partition_by_tags.iter().cloned().collect(),
        cling_tags: cling_tags.iter().cloned().collect(),
        cling_sources: cling_sources.iter().map(name_of).collect(),
        grows: grows
            .as_ref()
            .map(|legs| legs.iter().map(raw_leg).collect()),
        sources: allowed
            .clone()
            .map(|allowed| allowed.map(|(source, _)| name_of(source)).collect()),
        ranges: ranges.collect(),
        area_tags: area_tags.iter().cloned().collect(),
        avoid: avoid
            .iter()
            .map(|avoidance| {
                let names = avoidance.sources.iter().map(name_of).collect();
                let offsets = avoidance.offsets;
                RawAvoidance(Count(offsets.start()), Count(offsets.count()), names)
            })
            .collect(),
        value: value.map(Count),
    }
}

fn export_log(log: Log) -> RawLog {
    RawLog {
        extents: Count(log.extents),
        count: Count(log.count),
        place: match log.place {
            Place::OwnSource => RawLogPlace::OwnSource,
            Place::AnySource => RawLogPlace::AnySource,
            Place::Front => unreachable!("a problem has no log in front of a leg"),
        },
    }
}

pub(crate) fn export_segment(sources: &[Source], segment: &Segment) -> RawSegment {
    let (name, area) = (&sources[segment.source].name, segment.area);
    RawSegment(name.clone(), Count(area.start()), Count(area.count()))
}
