//! The shape of a problem file: keys, types, defaults. The JSON Schema is made from these types.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use crate::core::{Cuts, Measure, Place, Policy, Separation};

/// A number of extents, or of something else that is counted: 0 to 2^64 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Count(pub(crate) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0 to 18446744073709551615")
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Count, E> {
                Ok(Count(value))
            }
        }
        deserializer.deserialize_u64(Whole)
    }
}

/// A free area on a source: [start, length], or [start, length, [tags]] where it has tags of its own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("minItems" = 2))]
#[serde(expecting = "an area [start, length], or [start, length, [tags]]")]
pub(crate) struct RawArea(
    pub(crate) Count,
    pub(crate) Count,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] pub(crate) Vec<String>,
);

/// A segment: [source, start, length].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a segment [source, start, length]")]
pub(crate) struct RawSegment(pub(crate) String, pub(crate) Count, pub(crate) Count);

/// Sources to keep away from over a range of offsets of every leg: [offset, count, [sources]].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an avoidance [offset, count, [sources]]")]
pub(crate) struct RawAvoidance(pub(crate) Count, pub(crate) Count, pub(crate) Vec<String>);

/// The name and version of the format.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) enum ProblemFormat {
    #[serde(rename = "extentplan/problem/1")]
    One,
}

/// A planning problem: sources of free extents, requests for some of them, and what counts as good.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a problem {\"schema\": .., ..}")]
pub(crate) struct RawProblem {
    /// The name and version of the format.
    pub(crate) schema: ProblemFormat,
    /// Bytes of one extent, for people: nothing is computed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) extent_bytes: Option<Count>,
    /// What has extents to give, in order of preference.
    pub(crate) sources: Vec<RawSource>,
    /// What is wanted. All of it, or there is no plan.
    pub(crate) requests: Vec<RawRequest>,
    /// The measures of a plan, the most important first.
    #[serde(default)]
    pub(crate) objective: Vec<RawMeasure>,
}

/// Requests for sources that come from elsewhere: a problem without `sources`.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a list of requests {\"schema\": .., \"requests\": ..}"
)]
pub(crate) struct RawRequests {
    #[expect(dead_code, reason = "read to see that it is there and right")]
    pub(crate) schema: ProblemFormat,
    pub(crate) requests: Vec<RawRequest>,
    #[serde(default)]
    pub(crate) objective: Vec<RawMeasure>,
}

/// Something that has extents to give.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a source {\"name\": .., ..}")]
pub(crate) struct RawSource {
    /// Unique among the sources.
    pub(crate) name: String,
    /// All extents, free or not; they are numbered from 0.
    pub(crate) extents: Count,
    /// The free areas, in any order. They must not overlap; where two touch that have the same tags, they are one.
    #[serde(default)]
    pub(crate) free: Vec<RawArea>,
    /// Words that requests refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    /// Words that areas of it carry; those of free areas need not be repeated. So a request may go by a word of which
    /// nothing is free any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) area_tags: Vec<String>,
}

/// What is wanted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a request {\"name\": .., ..}")]
pub(crate) struct RawRequest {
    /// Unique among the requests.
    pub(crate) name: String,
    /// Logical extents; a multiple of `stripes`. A leg is `extents / stripes` long.
    pub(crate) extents: Count,
    /// Whether fewer extents will do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) size: RawSize,
    /// Legs that share the data of one copy.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(crate) stripes: Count,
    /// How often all data is held. There are `stripes * copies + parity` legs.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(crate) copies: Count,
    /// Legs that hold parity.
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    pub(crate) parity: Count,
    /// Extents of metadata that go with each leg; 0 for none.
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    pub(crate) metadata: Count,
    /// Where the metadata lies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) metadata_place: RawPlace,
    /// Log areas that go with the request as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<RawLog>,
    /// Which areas a leg may be made of.
    #[serde(default)]
    pub(crate) policy: RawPolicy,
    /// How legs keep apart. Default: `leg` where metadata is asked for, else `segment`.
    #[serde(default)]
    pub(crate) separation: Option<RawSeparation>,
    /// Whether a cut in one leg cuts all of them. Default: `together` for more than one stripe with one
    /// copy, no parity and no metadata, else `apart`.
    #[serde(default)]
    pub(crate) cuts: Option<RawCuts>,
    /// No two legs lie on sources that share one of these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) partition_by_tags: Vec<String>,
    /// The tags that policy `cling_by_tags` goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cling_tags: Vec<String>,
    /// Sources that the legs are to lie on as far as can be (the measure `elsewhere`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cling_sources: Vec<String>,
    /// Per leg the segments that it has already, if the request grows something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grows: Option<Vec<Vec<RawSegment>>>,
    /// The sources that may be used, in order of preference. Default: those of `ranges`, or all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sources: Option<Vec<String>>,
    /// On the sources named here only these extents may be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ranges: Vec<RawSegment>,
    /// Only areas that carry one of these tags, of their own or of their source, may be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) area_tags: Vec<String>,
    /// Sources to keep away from, over ranges of offsets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) avoid: Vec<RawAvoidance>,
    /// If given, the request may be left out at the price of this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Count>,
}

/// Log areas.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a log {\"extents\": .., ..}")]
pub(crate) struct RawLog {
    /// Extents of one log area.
    pub(crate) extents: Count,
    /// How many log areas.
    #[serde(default = "one")]
    pub(crate) count: Count,
    /// Where they lie.
    #[serde(default)]
    pub(crate) place: RawLogPlace,
}

fn zero() -> Count {
    Count(0)
}

fn one() -> Count {
    Count(1)
}

fn is_zero(count: &Count) -> bool {
    count.0 == 0
}

fn is_one(count: &Count) -> bool {
    count.0 == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Declares an enum of words in the file and its one-to-one translation to an enum of `core`.
macro_rules! words {
    ($(#[$meta:meta])* $raw:ident = $core:ident { $($(#[$doc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $raw {
            $($(#[$doc])* $variant),*
        }

        impl From<$raw> for $core {
            fn from(word: $raw) -> $core {
                match word {
                    $($raw::$variant => $core::$variant),*
                }
            }
        }

        impl From<$core> for $raw {
            fn from(value: $core) -> $raw {
                match value {
                    $($core::$variant => $raw::$variant),*
                }
            }
        }
    };
}

words! {
    /// Which areas a leg may be made of, from the strictest to the loosest.
    #[derive(Default)]
    RawPolicy = Policy {
        /// One area; a leg that grows goes on at its next extent.
        Contiguous,
        /// One source; a leg that grows stays on the sources it already has.
        Cling,
        /// Sources that share a cling tag with one that the leg already has.
        ClingByTags,
        /// Any areas.
        #[default]
        Normal,
        /// Any areas, and no separation.
        Anywhere,
    }
}

words! {
    /// How legs of one request keep apart.
    RawSeparation = Separation {
        /// At every offset the legs are on different sources.
        Segment,
        /// No source holds extents of two legs.
        Leg,
        /// Legs may share sources.
        None,
    }
}

words! {
    /// Whether a cut in one leg cuts all of them.
    RawCuts = Cuts {
        /// All legs form one list of intervals.
        Together,
        /// Each leg has its own list of areas.
        Apart,
    }
}

words! {
    /// Where metadata lies.
    #[derive(Default)]
    RawPlace = Place {
        /// Directly in front of the leg's first area, in the same free area.
        #[default]
        Front,
        /// On a source that no leg and no other metadata of the request touches.
        OwnSource,
        /// On any source that the request may use and its separation grants.
        AnySource,
    }
}

words! {
    /// One number read off a plan; smaller is better.
    RawMeasure = Measure {
        /// Values of optional requests that are left out.
        Unserved,
        /// Extents by which requests for "at most" fall short.
        Shortfall,
        /// Extents of legs on other sources than those that are preferred.
        Elsewhere,
        /// Intervals where cuts are together, else areas over all legs.
        Segments,
        /// Different sources that the legs touch, summed over the requests.
        Sources,
        /// Highest fill of a source, in parts per million.
        Balance,
        /// Free areas that are left.
        Fragments,
        /// Extents by which the largest free area has become shorter.
        LargestArea,
    }
}

/// Where log areas lie; a log has no leg to lie in front of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawLogPlace {
    /// On a source that no leg of the request touches; two logs of a request share none, unless its separation is
    /// `none`.
    OwnSource,
    /// On any source that the request may use, its legs' too; two logs of a request share none, unless its
    /// separation is `none`.
    #[default]
    AnySource,
}

/// Whether fewer extents than asked for will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawSize {
    /// This many, no fewer.
    #[default]
    Exactly,
    /// As many as can be had up to this, at least one extent for each leg.
    AtMost,
}
