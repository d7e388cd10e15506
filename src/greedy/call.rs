//! One call of the allocator: everything it looks at, what it answers, why it refuses.

use std::collections::BTreeSet;

use crate::core::Policy;

/// A run of extents as LVM2 counts them: 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The first extent.
    pub start: u32,
    /// How many; at least 1.
    pub count: u32,
}

/// One source that the call may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which source; no two offers of a call name the same one.
    pub source: usize,
    /// Free areas on it, in the order in which they were given. Touching areas stay two.
    pub areas: Vec<Range>,
}

/// Which tags count when sources are compared by tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagRule {
    /// Any tag that both have.
    Any,
    /// Only these.
    Listed(BTreeSet<String>),
}

/// Part of what the request already has: leg `leg` lies on `range` of `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The leg.
    pub leg: usize,
    /// Its source.
    pub source: usize,
    /// The whole segment that holds it, neighbours joined.
    pub range: Range,
}

/// What grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// How many legs the last segment has.
    pub legs: usize,
    /// The pairs at the first extent.
    pub first: Vec<Pair>,
    /// The pairs at the last extent.
    pub last: Vec<Pair>,
    /// Where the last segment ends; only looked at where there are parallel areas.
    pub end: u32,
}

/// A stretch over which sources are to be avoided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parallel {
    /// First extent.
    pub start: u32,
    /// How many.
    pub count: u32,
    /// The sources.
    pub sources: BTreeSet<usize>,
}

/// One call: a single request with all numbers worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The sources in order. One without areas still counts as a source.
    pub offers: Vec<Offer>,
    /// Tags by source, for every source that an offer, a pair or a parallel area names.
    pub tags: &'a [BTreeSet<String>],
    /// Which tags count, if any do.
    pub tag_rule: Option<TagRule>,
    /// Data legs.
    pub legs: u32,
    /// Parity legs.
    pub parity: u32,
    /// Extents gained per extent of leg; at least 1.
    pub multiple: u32,
    /// Extents of one companion: the metadata of a leg, or a log.
    pub companion: u32,
    /// Companions that belong to legs.
    pub metadata: u32,
    /// Companions that belong to the request as a whole.
    pub logs: u32,
    /// Whether the companion of each leg is cut from the front of its first piece.
    pub front: bool,
    /// Whether logs need sources of their own.
    pub own_sources: bool,
    /// Extents that are already there.
    pub existing: u32,
    /// Extents that there shall be, `multiple * companion` for companions in front included.
    pub target: u32,
    /// The policy.
    pub policy: Policy,
    /// Whether less than the target will do.
    pub approximate: bool,
    /// What grows, if something does.
    pub previous: Option<Previous>,
    /// What to keep away from, in order.
    pub parallel: Vec<Parallel>,
}

impl Call<'_> {
    /// All legs, parity included.
    pub(crate) fn all_legs(&self) -> usize {
        self.legs.wrapping_add(self.parity) as usize
    }
}

/// What holds for every call.
///
/// The default is what the newest LVM2 does with its default configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether sources already used are preferred where the policy does not ask for it.
    pub maximise_cling: bool,
    /// Whether a request without a single source is refused at once, and not by the count of free
    /// extents. Newer versions do.
    pub refuses_without_sources: bool,
    /// Whether an "at most" request with fewer extents per leg than legs is refused where companions
    /// are cut from the front of the legs. Since 2.03.36.
    pub refuses_short_legs: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            maximise_cling: true,
            refuses_without_sources: true,
            refuses_short_legs: true,
        }
    }
}

/// What one pass placed: a piece of the same length for every leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Per leg its source and extents; empty where the whole chunk was metadata.
    pub pieces: Vec<(usize, Range)>,
}

/// A log taken from an area that was all taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The source.
    pub source: usize,
    /// The log.
    pub log: Range,
    /// Extents of the area, which is a piece of data.
    pub data: u32,
}

/// Where a call puts things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The chunks in order.
    pub chunks: Vec<Chunk>,
    /// Per leg the companion in front of it; empty if there are none.
    pub metadata: Vec<(usize, Range)>,
    /// The logs.
    pub logs: Vec<(usize, Range)>,
    /// A log that lies where data lies already: the tool notices only when it writes that down, and
    /// then gives up.
    pub overlap: Option<Overlap>,
    /// Extents that there are now, counted as the target is.
    pub reached: u32,
}

/// Why a call places nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The extents to add are no multiple of what an extent of leg length gains.
    NotDivisible {
        /// Extents to add.
        extents: u32,
        /// What they have to be a multiple of.
        multiple: u32,
    },
    /// Fewer sources than legs and logs, which need sources of their own.
    TooFewSources,
    /// No source at all.
    NoSources,
    /// Fewer free extents than needed, wherever they lie.
    TooFewExtents {
        /// Extents needed.
        needed: u32,
        /// Extents offered.
        available: u32,
    },
    /// The search ended with extents still to be found.
    MoreRequired {
        /// Whether each leg had to be in one piece.
        contiguous: bool,
        /// Extents of data legs still to be found.
        extents: u32,
    },
    /// "At most" was asked for, and nothing was found.
    NothingFound {
        /// Whether each leg had to be in one piece.
        contiguous: bool,
    },
    /// Fewer extents per leg than there are data legs.
    ShortLegs {
        /// Extents per leg.
        found: u32,
        /// Extents needed.
        required: u32,
    },
    /// The legs have places, the log has none.
    NoRoomForLog,
    /// The companion of a leg is longer than the area that was chosen.
    CompanionDoesNotFit,
    /// A leg has no area.
    MissingArea,
    /// The tool ends itself: it takes more from an area than there is.
    Aborts,
    /// A limit ran out before it was known.
    Stopped,
}
