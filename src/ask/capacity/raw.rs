//! The shape of answers about capacity as JSON: a key for each question. The JSON Schema is made from these
//! types.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::plan::RawPlan;

/// A plan as a plan file has it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct RawLayout(#[schemars(with = "RawPlan")] pub(crate) Box<RawValue>);

/// The format of answers about capacity.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(crate) enum CapacityAnswer {
    #[default]
    #[serde(rename = "extentplan/capacity/1")]
    One,
}

/// Answers about capacity: only what was asked is there.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct RawAnswers {
    /// The format of the answer.
    pub(crate) schema: CapacityAnswer,
    /// How large the request can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) largest: Option<RawLargest>,
    /// How many of the request fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) more: Option<RawMore>,
    /// What is different about these where legs share disks, as policy `anywhere` lets them; absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sharing: Option<RawSharing>,
    /// Which of the requests fit together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) choice: Option<RawLayout>,
    /// What to add so that all requests fit, the least first; empty if they fit, or nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) add: Option<Vec<RawRepair>>,
    /// Whether all requests fit; null if that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fits: Option<Option<bool>>,
    /// Why they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<RawWhyNot>,
    /// What the failures of disks come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) survive: Option<RawSurvival>,
    /// The months to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) when: Option<RawOutlook>,
    /// What ended the search, a limit or the user: what is not proven might be better, or decided, without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<&'static str>,
}

/// The largest size of a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawLargest {
    /// Logical extents; 0 if nothing fits.
    pub(crate) extents: u64,
    /// The same in bytes, where the pool says how large an extent is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Whether nothing larger fits.
    pub(crate) proven: bool,
    /// Nothing above this fits.
    pub(crate) bound: u64,
    /// Why one extent more for each leg does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beyond: Option<String>,
    /// The layout at that size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<RawLayout>,
    /// The largest sizes with simpler layouts, the larger first.
    pub(crate) simpler: Vec<RawSimpler>,
}

/// A smaller size with fewer segments.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawSimpler {
    /// Logical extents.
    pub(crate) extents: u64,
    /// The same in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Segments of the layout.
    pub(crate) segments: u64,
    /// Whether no larger size has so few.
    pub(crate) proven: bool,
    /// The layout.
    pub(crate) plan: RawLayout,
}

/// How many of a request fit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawMore {
    /// So many.
    pub(crate) count: u64,
    /// Whether no more fit.
    pub(crate) proven: bool,
    /// No more than so many fit; absent if counting stopped before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<u64>,
    /// Why one more does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beyond: Option<String>,
    /// The layout of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<RawLayout>,
}

/// What is different where legs share disks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawSharing {
    /// Whether legs of the layout share disks, as nothing fits with legs that lie apart.
    pub(crate) needed: bool,
    /// As many extents, or as many of the request, fit where they do; absent where no more fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) most: Option<u64>,
}

/// Why requests do not fit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawWhyNot {
    /// In a sentence.
    pub(crate) reason: String,
    /// The smallest part of it that conflicts already.
    pub(crate) conflict: RawConflict,
    /// What would help, the least costly first; each was planned anew and works.
    pub(crate) repairs: Vec<RawRepair>,
}

/// Parts of a problem that conflict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawConflict {
    /// Disks whose free extents are too few.
    pub(crate) sources: Vec<String>,
    /// How many legs of which requests.
    pub(crate) legs: Vec<RawLegs>,
    /// Rules of requests.
    pub(crate) rules: Vec<RawRule>,
    /// Whether there is a plan once any one of the parts is lifted.
    pub(crate) minimal: bool,
    /// Why these parts conflict, in a sentence.
    pub(crate) reason: String,
    /// Each part in words.
    pub(crate) words: Vec<String>,
}

/// Legs in a conflict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawLegs {
    /// The request.
    pub(crate) request: String,
    /// How many of its legs.
    pub(crate) legs: u64,
}

/// A rule in a conflict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawRule {
    /// The request.
    pub(crate) request: String,
    /// `avoid`, `log`, `metadata`, `allowed`, `partition`, `policy` or `separation`.
    pub(crate) rule: &'static str,
}

/// Something that makes requests fit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawRepair {
    /// What is done.
    #[serde(flatten)]
    pub(crate) remedy: RawRemedy,
    /// How much it takes, in extents; 0 where nothing is counted.
    pub(crate) extents: u64,
    /// The same in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Whether less of the same is proven not to do.
    pub(crate) smallest: bool,
    /// In words.
    pub(crate) words: String,
    /// The layout afterwards.
    pub(crate) plan: RawLayout,
}

/// The kinds of repairs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum RawRemedy {
    /// More free extents at the end of disks.
    Grow {
        /// Extents by disk.
        sources: BTreeMap<String, u64>,
        /// Of one disk: those that cannot be told apart from it, each of which would do in its place.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        twins: Vec<String>,
    },
    /// More free extents at the end of any one disk that has a tag.
    GrowAny {
        /// The tag.
        tag: String,
    },
    /// New disks.
    Add {
        /// The extents of each, the largest first.
        disks: Vec<u64>,
        /// Tags of all of them.
        tags: BTreeSet<String>,
    },
    /// Extents that a volume holds, freed.
    Free {
        /// The volume.
        volume: String,
        /// The disk.
        source: String,
        /// The extents, each [start, length].
        areas: Vec<(u64, u64)>,
    },
    /// Another policy.
    Policy {
        /// The request.
        request: String,
        /// The policy it has.
        from: &'static str,
        /// The policy that would do.
        to: &'static str,
    },
    /// Fewer stripes.
    Stripes {
        /// The request.
        request: String,
        /// The stripes it has.
        from: u64,
        /// The stripes that would do.
        to: u64,
    },
    /// A smaller request.
    Shrink {
        /// The request.
        request: String,
        /// Logical extents it asks for.
        from: u64,
        /// The most that fit.
        to: u64,
    },
    /// Without a request.
    Drop {
        /// The request.
        request: String,
    },
}

/// What the failures of disks come to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawSurvival {
    /// Volumes that are redundant.
    pub(crate) volumes: u64,
    /// Failures after which not everything can be repaired in place.
    pub(crate) broken: u64,
    /// Extents of new disks with which any one of these could be repaired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enough: Option<Vec<u64>>,
    /// Each failure.
    pub(crate) failures: Vec<RawFailure>,
}

/// What one failure comes to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawFailure {
    /// The disk, or the tag of disks that fail together.
    pub(crate) failure: String,
    /// What becomes of the redundant volumes there.
    pub(crate) state: RawState,
    /// The volumes that are repaired, lost or without room.
    pub(crate) volumes: Vec<String>,
    /// Volumes without copies or parity that are lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unprotected: Vec<String>,
    /// Why there is no room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What to add beforehand, any one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) add: Option<Vec<RawRepair>>,
    /// The new places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<RawLayout>,
}

/// What becomes of redundant volumes.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawState {
    /// None is there.
    Untouched,
    /// Every lost leg has a new place.
    Repaired,
    /// Data is lost.
    Lost,
    /// No data is lost, but not all can be repaired.
    NoRoom,
    /// That is open.
    Unknown,
}

/// The months to come.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawOutlook {
    /// The last month that is known to fit.
    pub(crate) lasts: u64,
    /// Whether the month after it is proven not to, or every month fits.
    pub(crate) proven: bool,
    /// The first month that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fails: Option<RawFailing>,
    /// Every month.
    pub(crate) months: Vec<RawMonth>,
}

/// The month that does not fit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawFailing {
    /// Its number, counted from 1.
    pub(crate) month: u64,
    /// The requests that conflict.
    pub(crate) requests: Vec<String>,
    /// Why, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The smallest part that conflicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conflict: Option<RawConflict>,
    /// What makes it last until `until`, any one of these.
    pub(crate) add: Vec<RawRepair>,
    /// The last month that the additions are for.
    pub(crate) until: u64,
}

/// A month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawMonth {
    /// Its number, counted from 1.
    pub(crate) month: u64,
    /// Extents asked for by its end, metadata and copies included; null if more than 2^64 - 1.
    pub(crate) extents: Option<u64>,
    /// The same in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Extents that are free today.
    pub(crate) free: u64,
    /// Whether it fits; null if that is open.
    pub(crate) fits: Option<bool>,
}
