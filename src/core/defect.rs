//! What can be wrong with a problem before anyone tries to solve it.

use std::fmt;
use std::ops::Deref;

use crate::core::{Area, MAX_LEGS, MAX_LOGS, Measure, printable};

/// Something that keeps sources, requests and an objective from being a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// A name or a tag with something in it that does not show as itself, such as a line end.
    Unprintable {
        /// What it names: `source`, `request` or `tag`.
        what: &'static str,
        /// The name.
        name: String,
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
    /// More log areas than [`MAX_LOGS`].
    TooManyLogs {
        /// Name of the request.
        request: String,
        /// How many it asks for.
        count: u64,
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
    /// A segment, range, avoidance or preference names a source by an index that there is not.
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
    /// A tag in a partition or a cling list, or of the areas asked for, that no source and no free area has.
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

/// Everything that is wrong with a problem: at least one defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defects(pub Vec<Defect>);

impl Deref for Defects {
    type Target = [Defect];

    fn deref(&self) -> &[Defect] {
        &self.0
    }
}

impl fmt::Display for Defects {
    /// A line for each, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Defects {}

impl From<Defects> for Vec<Defect> {
    fn from(Defects(defects): Defects) -> Vec<Defect> {
        defects
    }
}

impl fmt::Display for Defect {
    /// One line, whatever the names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&Words(self).to_string()))
    }
}

/// A defect in words, its names as they are.
struct Words<'a>(&'a Defect);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
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
            Defect::Unprintable { what, name } => write!(
                f,
                "{what} `{name}` has control characters, or letters that do not show; expected a name \
                 that can be printed"
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
            Defect::TooManyLogs { request, count } => write!(
                f,
                "request `{request}`: log count is {count}; expected at most {MAX_LOGS}"
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
                write!(
                    f,
                    "request `{request}`: no source and no free area has the tag `{tag}`"
                )
            }
            Defect::NoClingTags { request } => write!(
                f,
                "request `{request}`: policy `cling_by_tags` needs `cling_tags`, which are empty"
            ),
            Defect::MeasureTwice { measure } => {
                write!(f, "the measure `{measure}` stands twice in the objective")
            }
            Defect::ValuesTooLarge => f.write_str(
                "the values of all requests together (1 where none is given) exceed 2^64 - 1",
            ),
        }
    }
}

impl std::error::Error for Defect {}
