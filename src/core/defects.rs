//! The search for what is wrong with a problem before anyone tries to solve it.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Area, Areas, Defect, MAX_LEGS, MAX_LOGS, Measure, Place, Policy, Request, Size, Source,
    is_printable,
};

/// Every defect of requests and objective beside sources that have none, in the order of what was given.
pub(crate) fn of_requests(
    sources: &[Source],
    requests: &[Request],
    objective: &[Measure],
) -> Vec<Defect> {
    let mut defects = Vec::new();
    let names_tags = |request: &Request| {
        let lists = [
            &request.partition_by_tags,
            &request.cling_tags,
            &request.area_tags,
        ];
        lists.into_iter().any(|tags| !tags.is_empty())
    };
    let tagged = if requests.iter().any(names_tags) {
        sources
    } else {
        &[]
    };
    let tags = tagged
        .iter()
        .flat_map(|source| source.tags.iter().chain(source.area_tags.keys()));
    let tags: BTreeSet<&str> = tags.map(String::as_str).collect();
    let mut names = BTreeSet::new();
    for (index, request) in requests.iter().enumerate() {
        if request.name.is_empty() {
            defects.push(Defect::UnnamedRequest { request: index });
        } else if !names.insert(request.name.as_str()) {
            let request = request.name.clone();
            defects.push(Defect::DuplicateRequest { request });
        }
        printable("request", &request.name, &mut defects);
        // Every field is named, so that whoever adds one is led here: what can be wrong with it?
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _, cuts: _,
            partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _,
            avoid: _, value: _ } = request;
        counts(request, &mut defects);
        ranges(request, sources, &mut defects);
        growth(request, sources, &mut defects);
        tags_of_request(request, &tags, &mut defects);
    }
    let total = requests.iter().try_fold(0u64, |sum, request| {
        sum.checked_add(request.total_extents()?)
    });
    if total.is_none() {
        defects.push(Defect::RequestsTooLarge);
    }
    // What has no value may yet be asked about as if it had the least.
    let values = requests.iter().try_fold(0u64, |sum, request| {
        sum.checked_add(request.value.unwrap_or(1))
    });
    if values.is_none() {
        defects.push(Defect::ValuesTooLarge);
    }
    let mut measures = BTreeSet::new();
    for &measure in objective {
        if !measures.insert(measure) {
            defects.push(Defect::MeasureTwice { measure });
        }
    }
    defects
}

/// Every defect of sources, in their order.
pub(crate) fn of_sources(sources: &[Source]) -> Vec<Defect> {
    let mut defects = Vec::new();
    let mut names = BTreeSet::new();
    for (index, source) in sources.iter().enumerate() {
        if source.name.is_empty() {
            defects.push(Defect::UnnamedSource { source: index });
        } else if !names.insert(source.name.as_str()) {
            let source = source.name.clone();
            defects.push(Defect::DuplicateSource { source });
        }
        printable("source", &source.name, &mut defects);
        for tag in source.tags.iter().chain(source.area_tags.keys()) {
            printable("tag", tag, &mut defects);
        }
        if let Some(last) = source.free.iter().next_back()
            && last.end() > source.extents
        {
            defects.push(Defect::AreaPastEnd {
                source: source.name.clone(),
                end: last.end(),
                size: source.extents,
            });
        }
    }
    let total = sources
        .iter()
        .try_fold(0u64, |sum, source| sum.checked_add(source.extents));
    if total.is_none() {
        defects.push(Defect::SourcesTooLarge);
    }
    defects
}

/// Names are quoted in every answer, on one line.
fn printable(what: &'static str, name: &str, defects: &mut Vec<Defect>) {
    if !name.chars().all(is_printable) {
        let name = name.to_string();
        defects.push(Defect::Unprintable { what, name });
    }
}

/// Sizes, shape and companions.
fn counts(request: &Request, defects: &mut Vec<Defect>) {
    let name = || request.name.clone();
    let shape = request.shape;
    let (Size::Exactly(extents) | Size::AtMost(extents)) = request.size;
    let metadata = request.metadata.map(|metadata| metadata.extents);
    let log = request.log;
    for (key, count) in [
        ("extents", Some(extents)),
        ("stripes", Some(shape.stripes)),
        ("copies", Some(shape.copies)),
        ("metadata", metadata),
        ("log extents", log.map(|log| log.extents)),
        ("log count", log.map(|log| log.count)),
    ] {
        if count == Some(0) {
            defects.push(Defect::Zero {
                request: name(),
                key,
            });
        }
    }
    if shape.stripes > 0 && !extents.is_multiple_of(shape.stripes) {
        defects.push(Defect::Indivisible {
            request: name(),
            extents,
            stripes: shape.stripes,
        });
    }
    if log.is_some_and(|log| log.place == Place::Front) {
        defects.push(Defect::LogInFront { request: name() });
    }
    if let Some(log) = log
        && log.count > MAX_LOGS
    {
        defects.push(Defect::TooManyLogs {
            request: name(),
            count: log.count,
        });
    }
    let legs = shape
        .stripes
        .checked_mul(shape.copies)
        .and_then(|data| data.checked_add(shape.parity))
        .filter(|&legs| legs <= MAX_LEGS);
    if legs.is_none() {
        defects.push(Defect::TooManyLegs {
            request: name(),
            stripes: shape.stripes,
            copies: shape.copies,
            parity: shape.parity,
        });
    }
}

/// Allowed sources with their ranges, avoided and preferred sources.
fn ranges(request: &Request, sources: &[Source], defects: &mut Vec<Defect>) {
    let name = || request.name.clone();
    let mut seen = BTreeSet::new();
    for (index, ranges) in request.allowed.iter().flatten() {
        let Some(source) = sources.get(*index) else {
            defects.push(Defect::UnknownSource {
                request: name(),
                source: *index,
            });
            continue;
        };
        if !seen.insert(*index) {
            defects.push(Defect::AllowedTwice {
                request: name(),
                source: source.name.clone(),
            });
        }
        let mut sorted = ranges.clone().unwrap_or_default();
        sorted.sort_unstable();
        for pair in sorted.windows(2) {
            if pair[0].intersection(pair[1]).is_some() {
                defects.push(Defect::RangesOverlap {
                    request: name(),
                    source: source.name.clone(),
                    first: pair[0],
                    second: pair[1],
                });
            }
        }
        for range in sorted {
            past_end(request, source, range, defects);
        }
    }
    let avoided = request
        .avoid
        .iter()
        .flat_map(|avoidance| &avoidance.sources);
    for &source in avoided.chain(&request.cling_sources) {
        if source >= sources.len() {
            defects.push(Defect::UnknownSource {
                request: name(),
                source,
            });
        }
    }
}

/// Previous segments.
fn growth(request: &Request, sources: &[Source], defects: &mut Vec<Defect>) {
    let name = || request.name.clone();
    let Some(legs) = &request.grows else { return };
    let wanted = u64::try_from(request.legs()).unwrap_or(u64::MAX);
    if legs.len() as u64 != wanted {
        defects.push(Defect::GrowsOtherLegs {
            request: name(),
            legs: wanted,
            given: legs.len() as u64,
        });
    }
    let mut previous: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
    for (leg, segments) in legs.iter().enumerate() {
        if segments.is_empty() {
            defects.push(Defect::GrowsNothing {
                request: name(),
                leg,
            });
        }
        for segment in segments {
            previous
                .entry(segment.source)
                .or_default()
                .push(segment.area);
        }
    }
    for (index, areas) in previous {
        let Some(source) = sources.get(index) else {
            defects.push(Defect::UnknownSource {
                request: name(),
                source: index,
            });
            continue;
        };
        for &area in &areas {
            past_end(request, source, area, defects);
        }
        let held: Areas = areas.into_iter().collect();
        if let Some(area) = held.intersection(&source.free).iter().next() {
            defects.push(Defect::GrowsFree {
                request: name(),
                source: source.name.clone(),
                area,
            });
        }
    }
}

fn past_end(request: &Request, source: &Source, range: Area, defects: &mut Vec<Defect>) {
    if range.end() > source.extents {
        defects.push(Defect::RangePastEnd {
            request: request.name.clone(),
            source: source.name.clone(),
            end: range.end(),
            size: source.extents,
        });
    }
}

fn tags_of_request(request: &Request, tags: &BTreeSet<&str>, defects: &mut Vec<Defect>) {
    let rules = request.partition_by_tags.union(&request.cling_tags);
    let named: BTreeSet<&String> = rules.chain(&request.area_tags).collect();
    for tag in named {
        if !tags.contains(tag.as_str()) {
            defects.push(Defect::UnknownTag {
                request: request.name.clone(),
                tag: tag.clone(),
            });
        }
    }
    if request.policy == Policy::ClingByTags && request.cling_tags.is_empty() {
        defects.push(Defect::NoClingTags {
            request: request.name.clone(),
        });
    }
}
