//! What can be wrong with a problem before anyone tries to solve it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::core::{
    Area, Areas, MAX_LEGS, Measure, Place, Policy, Request, Separation, Size, Source,
};

/// Something that keeps sources, requests and an objective from being a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// A source without a name.
    UnnamedSource {
        /// Index of the source.
        source: usize,
    },
    /// Two sources with one name.
    DuplicateSource {
        /// The name.
        source: String,
    },
    /// A free area reaches past the end of its source.
    AreaPastEnd {
        /// Name of the source.
        source: String,
        /// One past the last extent of the area.
        end: u64,
        /// Extents of the source.
        size: u64,
    },
    /// The extents of all sources do not fit 64 bits together.
    SourcesTooLarge,
    /// A request without a name.
    UnnamedRequest {
        /// Index of the request.
        request: usize,
    },
    /// Two requests with one name.
    DuplicateRequest {
        /// The name.
        request: String,
    },
    /// A count that has to be at least 1 is 0.
    Zero {
        /// Name of the request.
        request: String,
        /// The key: `extents`, `stripes`, `copies`, `metadata`, `log extents` or `log count`.
        key: &'static str,
    },
    /// The extents do not divide into the stripes.
    Indivisible {
        /// Name of the request.
        request: String,
        /// Its extents.
        extents: u64,
        /// Its stripes.
        stripes: u64,
    },
    /// More legs than [`MAX_LEGS`].
    TooManyLegs {
        /// Name of the request.
        request: String,
        /// Its stripes.
        stripes: u64,
        /// Its copies.
        copies: u64,
        /// Its parity legs.
        parity: u64,
    },
    /// Legs have to be on different sources, and there are fewer sources than legs.
    MoreLegsThanSources {
        /// Name of the request.
        request: String,
        /// Its legs.
        legs: u64,
        /// The sources that it may use.
        sources: u64,
    },
    /// The extents of all requests, companions included, do not fit 64 bits together.
    RequestsTooLarge,
    /// A log that lies in front of a leg.
    LogInFront {
        /// Name of the request.
        request: String,
    },
    /// `grows` does not list one leg per leg.
    GrowsOtherLegs {
        /// Name of the request.
        request: String,
        /// Its legs.
        legs: u64,
        /// Lists given.
        given: u64,
    },
    /// A leg that grows has no previous segment.
    GrowsNothing {
        /// Name of the request.
        request: String,
        /// Index of the leg.
        leg: usize,
    },
    /// A segment, range or avoidance names a source by an index that there is not.
    UnknownSource {
        /// Name of the request.
        request: String,
        /// The index.
        source: usize,
    },
    /// A previous segment or allowed range reaches past the end of its source.
    RangePastEnd {
        /// Name of the request.
        request: String,
        /// Name of the source.
        source: String,
        /// One past the last extent of the range.
        end: u64,
        /// Extents of the source.
        size: u64,
    },
    /// A previous segment lies on extents that are free.
    GrowsFree {
        /// Name of the request.
        request: String,
        /// Name of the source.
        source: String,
        /// The previous segment.
        area: Area,
    },
    /// A source stands twice in the allowed ones.
    AllowedTwice {
        /// Name of the request.
        request: String,
        /// Name of the source.
        source: String,
    },
    /// Allowed ranges of one source overlap.
    RangesOverlap {
        /// Name of the request.
        request: String,
        /// Name of the source.
        source: String,
        /// One of the two ranges.
        first: Area,
        /// The other.
        second: Area,
    },
    /// A tag in a partition or a cling list that no source has.
    UnknownTag {
        /// Name of the request.
        request: String,
        /// The tag.
        tag: String,
    },
    /// Policy `cling_by_tags` without cling tags.
    NoClingTags {
        /// Name of the request.
        request: String,
    },
    /// A measure stands twice in the objective.
    MeasureTwice {
        /// The measure.
        measure: Measure,
    },
    /// The values of all optional requests do not fit 64 bits together.
    ValuesTooLarge,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::UnnamedSource { source } => {
                write!(
                    f,
                    "source {source} has an empty name; expected a unique one"
                )
            }
            Defect::DuplicateSource { source } => {
                write!(
                    f,
                    "source `{source}` is given twice; names have to be unique"
                )
            }
            Defect::AreaPastEnd { source, end, size } => write!(
                f,
                "source `{source}`: a free area ends at {end}, past its {size} extents"
            ),
            Defect::SourcesTooLarge => {
                f.write_str("the extents of all sources together exceed 2^64 - 1")
            }
            Defect::UnnamedRequest { request } => {
                write!(
                    f,
                    "request {request} has an empty name; expected a unique one"
                )
            }
            Defect::DuplicateRequest { request } => {
                write!(
                    f,
                    "request `{request}` is given twice; names have to be unique"
                )
            }
            Defect::Zero { request, key } => {
                write!(f, "request `{request}`: `{key}` is 0; expected at least 1")
            }
            Defect::Indivisible {
                request,
                extents,
                stripes,
            } => write!(
                f,
                "request `{request}`: {extents} extents do not divide into {stripes} stripes; \
                 expected a multiple of {stripes}"
            ),
            Defect::TooManyLegs {
                request,
                stripes,
                copies,
                parity,
            } => write!(
                f,
                "request `{request}`: {stripes} stripes x {copies} copies + {parity} parity are \
                 more than {MAX_LEGS} legs"
            ),
            Defect::MoreLegsThanSources {
                request,
                legs,
                sources,
            } => write!(
                f,
                "request `{request}`: {legs} legs that have to be on different sources, but only \
                 {sources} sources that it may use"
            ),
            Defect::RequestsTooLarge => {
                f.write_str("the extents of all requests together exceed 2^64 - 1")
            }
            Defect::LogInFront { request } => write!(
                f,
                "request `{request}`: a log has no leg to lie in front of; expected `own_source` \
                 or `any_source`"
            ),
            Defect::GrowsOtherLegs {
                request,
                legs,
                given,
            } => write!(
                f,
                "request `{request}`: `grows` lists {given} legs; expected {legs}"
            ),
            Defect::GrowsNothing { request, leg } => write!(
                f,
                "request `{request}`: leg {leg} grows, but has no previous segment"
            ),
            Defect::UnknownSource { request, source } => {
                write!(f, "request `{request}`: there is no source number {source}")
            }
            Defect::RangePastEnd {
                request,
                source,
                end,
                size,
            } => write!(
                f,
                "request `{request}`: a range on source `{source}` ends at {end}, past its {size} \
                 extents"
            ),
            Defect::GrowsFree {
                request,
                source,
                area,
            } => write!(
                f,
                "request `{request}`: the previous segment on source `{source}`, extents {area}, \
                 lies on extents that are free"
            ),
            Defect::AllowedTwice { request, source } => write!(
                f,
                "request `{request}`: source `{source}` is allowed twice; give all its ranges at \
                 once"
            ),
            Defect::RangesOverlap {
                request,
                source,
                first,
                second,
            } => write!(
                f,
                "request `{request}`: the ranges {first} and {second} of source `{source}` overlap"
            ),
            Defect::UnknownTag { request, tag } => {
                write!(f, "request `{request}`: no source has the tag `{tag}`")
            }
            Defect::NoClingTags { request } => write!(
                f,
                "request `{request}`: policy `cling_by_tags` needs `cling_tags`, which are empty"
            ),
            Defect::MeasureTwice { measure } => {
                write!(f, "the measure `{measure}` stands twice in the objective")
            }
            Defect::ValuesTooLarge => {
                f.write_str("the values of all optional requests together exceed 2^64 - 1")
            }
        }
    }
}

impl std::error::Error for Defect {}

/// Every defect, sources first, in the order of what was given.
pub(crate) fn find(sources: &[Source], requests: &[Request], objective: &[Measure]) -> Vec<Defect> {
    let mut defects = Vec::new();
    sources_of_problem(sources, &mut defects);
    let tags: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.tags.iter().map(String::as_str))
        .collect();
    let mut names = BTreeSet::new();
    for (index, request) in requests.iter().enumerate() {
        if request.name.is_empty() {
            defects.push(Defect::UnnamedRequest { request: index });
        } else if !names.insert(request.name.as_str()) {
            let request = request.name.clone();
            defects.push(Defect::DuplicateRequest { request });
        }
        counts(request, sources, &mut defects);
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
    let values = requests.iter().try_fold(0u64, |sum, request| {
        sum.checked_add(request.value.unwrap_or(0))
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

fn sources_of_problem(sources: &[Source], defects: &mut Vec<Defect>) {
    let mut names = BTreeSet::new();
    for (index, source) in sources.iter().enumerate() {
        if source.name.is_empty() {
            defects.push(Defect::UnnamedSource { source: index });
        } else if !names.insert(source.name.as_str()) {
            let source = source.name.clone();
            defects.push(Defect::DuplicateSource { source });
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
}

/// Sizes, shape and companions.
fn counts(request: &Request, sources: &[Source], defects: &mut Vec<Defect>) {
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
    let legs = shape
        .stripes
        .checked_mul(shape.copies)
        .and_then(|data| data.checked_add(shape.parity))
        .filter(|&legs| legs <= MAX_LEGS);
    let Some(legs) = legs else {
        defects.push(Defect::TooManyLegs {
            request: name(),
            stripes: shape.stripes,
            copies: shape.copies,
            parity: shape.parity,
        });
        return;
    };
    let allowed = request.allowed.as_ref().map_or(sources.len(), Vec::len) as u64;
    if request.separation() != Separation::None && legs > allowed {
        defects.push(Defect::MoreLegsThanSources {
            request: name(),
            legs,
            sources: allowed,
        });
    }
}

/// Allowed sources with their ranges, and avoided sources.
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
    for avoidance in &request.avoid {
        for &source in &avoidance.sources {
            if source >= sources.len() {
                defects.push(Defect::UnknownSource {
                    request: name(),
                    source,
                });
            }
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
    for tag in request.partition_by_tags.union(&request.cling_tags) {
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
