//! What is wanted: how many extents, in which shape, under which policy.

use std::collections::BTreeSet;

use crate::core::{Area, Segment};

/// Most legs that a request may have. No volume manager has more than a few hundred; the bound keeps
/// a mistyped number from asking for more memory than there is.
pub const MAX_LEGS: u64 = 1 << 16;

/// Most log areas that a request may have, for the same reason.
pub const MAX_LOGS: u64 = MAX_LEGS;

/// How many extents a request wants: logical ones, as the user of the volume sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// This many, no fewer.
    Exactly(u64),
    /// As many as can be had up to this, at least one per leg.
    AtMost(u64),
}

impl Size {
    /// The number asked for, exact or not.
    #[must_use]
    pub fn wanted(self) -> u64 {
        match self {
            Size::Exactly(extents) | Size::AtMost(extents) => extents,
        }
    }
}

/// The parallel columns of a request: `stripes * copies + parity` legs, each `extents / stripes` long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Legs that share the data of one copy.
    pub stripes: u64,
    /// How often all data is held.
    pub copies: u64,
    /// Legs that hold parity.
    pub parity: u64,
}

/// Where companions lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Directly in front of the leg's first area, in the same free area.
    Front,
    /// On a source that no leg of the request touches, and no other companion of the same kind.
    OwnSource,
    /// On any source that the request may use and its separation grants.
    AnySource,
}

/// The metadata that goes with each leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Extents of one piece; at least 1, in one area.
    pub extents: u64,
    /// Where the piece lies.
    pub place: Place,
}

/// The log areas that go with the request as a whole, such as a mirror log or a pool's metadata.
///
/// Each lies in one area. Two logs of a request never share a source, unless its separation is
/// [`Separation::None`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Extents of one log area; at least 1.
    pub extents: u64,
    /// How many log areas; at least 1.
    pub count: u64,
    /// [`Place::OwnSource`] or [`Place::AnySource`]; a log has no leg to lie in front of.
    pub place: Place,
}

/// Which areas a leg may be made of, from the strictest to the loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Each leg is one area; a leg that grows goes on at its next extent.
    Contiguous,
    /// Each leg stays on one source; a leg that grows stays on the sources it already has.
    Cling,
    /// Each source of a leg is one the leg already has, or shares a cling tag with one that it has.
    ///
    /// "Already has" means in its previous segments, or earlier in this allocation in some order.
    ClingByTags,
    /// Any areas.
    Normal,
    /// Any areas, and no separation; the tag partition still holds.
    Anywhere,
}

/// How legs of one request keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Separation {
    /// At every offset the legs are on different sources. Companions have no offset and are free.
    Segment,
    /// No source holds extents of two legs, metadata and previous segments included. Where previous
    /// segments of two legs already share a source, neither may take more of it.
    Leg,
    /// Legs may share sources.
    None,
}

/// Whether a cut in one leg cuts all of them. It matters to what is counted, not to what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cuts {
    /// All legs form one list of intervals: a striped volume.
    Together,
    /// Each leg has its own list of areas.
    Apart,
}

/// Sources to keep away from over a range of offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avoidance {
    /// Offsets into the new extents of every leg.
    pub offsets: Area,
    /// Indices of the sources that no leg may be on at these offsets.
    pub sources: BTreeSet<usize>,
}

/// A source that may be used, and the areas on it that may be; `None`: all of it.
pub type Allowance = (usize, Option<Vec<Area>>);

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Unique among the requests of a problem.
    pub name: String,
    /// Logical extents; a multiple of the stripes.
    pub size: Size,
    /// The legs.
    pub shape: Shape,
    /// The companion of each leg, if any.
    pub metadata: Option<Companion>,
    /// The log areas of the request, if any.
    pub log: Option<Log>,
    /// Which areas a leg may be made of.
    pub policy: Policy,
    /// How legs keep apart. [`Policy::Anywhere`] overrules it: see [`Request::separation`].
    pub separation: Separation,
    /// Whether cuts are counted once for all legs.
    pub cuts: Cuts,
    /// No two legs lie on sources that share one of these tags.
    pub partition_by_tags: BTreeSet<String>,
    /// The tags that [`Policy::ClingByTags`] goes by.
    pub cling_tags: BTreeSet<String>,
    /// Sources that the legs are to lie on as far as can be: see [`Measure::Elsewhere`](crate::core::Measure).
    /// Empty: no preference.
    pub cling_sources: BTreeSet<usize>,
    /// Per leg the segments that it already has, if this request grows something.
    pub grows: Option<Vec<Vec<Segment>>>,
    /// The sources that may be used, in order of preference, each with the areas on it that may be
    /// (`None`: all of it). `None`: every source of the problem, in order.
    pub allowed: Option<Vec<Allowance>>,
    /// If not empty: of what is allowed only areas that carry one of these tags, of their own or of their source.
    pub area_tags: BTreeSet<String>,
    /// Sources to keep away from, over ranges of offsets.
    pub avoid: Vec<Avoidance>,
    /// `None`: must be placed. Otherwise it may be left out at the price of this value.
    pub value: Option<u64>,
}

impl Request {
    /// A linear request for exactly `extents`, policy normal, everything else at its default.
    #[must_use]
    pub fn linear(name: &str, extents: u64) -> Request {
        Request {
            name: name.to_string(),
            size: Size::Exactly(extents),
            shape: Shape {
                stripes: 1,
                copies: 1,
                parity: 0,
            },
            metadata: None,
            log: None,
            policy: Policy::Normal,
            separation: Separation::Segment,
            cuts: Cuts::Apart,
            partition_by_tags: BTreeSet::new(),
            cling_tags: BTreeSet::new(),
            cling_sources: BTreeSet::new(),
            grows: None,
            allowed: None,
            area_tags: BTreeSet::new(),
            avoid: Vec::new(),
            value: None,
        }
    }

    /// How many legs the request has.
    ///
    /// Inside a [`Problem`](crate::core::Problem) this is between 1 and [`MAX_LEGS`]; before that it saturates.
    #[must_use]
    pub fn legs(&self) -> usize {
        let data = self.shape.stripes.saturating_mul(self.shape.copies);
        let legs = data.saturating_add(self.shape.parity);
        usize::try_from(legs).unwrap_or(usize::MAX)
    }

    /// Extents of one leg (the most it may have, if the size is "at most"), without metadata.
    #[must_use]
    pub fn leg_extents(&self) -> u64 {
        self.size.wanted() / self.shape.stripes.max(1)
    }

    /// The separation in force: none under [`Policy::Anywhere`], else the one that is asked for.
    #[must_use]
    pub fn separation(&self) -> Separation {
        match self.policy {
            Policy::Anywhere => Separation::None,
            Policy::Contiguous | Policy::Cling | Policy::ClingByTags | Policy::Normal => {
                self.separation
            }
        }
    }

    /// Whether its legs grow where they are, as its policy has it: behind their ends, or on their sources.
    pub(crate) fn grows_in_place(&self) -> bool {
        self.grows.is_some() && matches!(self.policy, Policy::Contiguous | Policy::Cling)
    }

    /// The same with its legs kept apart as is asked for, where [`Policy::Anywhere`] overrules that; none where it does
    /// not, or where no copies or parity are lost with a source that legs share.
    pub(crate) fn kept_apart(&self) -> Option<Request> {
        let is_redundant = self.shape.copies > 1 || self.shape.parity > 0;
        let is_overruled = self.separation() != self.separation;
        (is_redundant && is_overruled).then(|| Request {
            policy: Policy::Normal,
            ..self.clone()
        })
    }

    /// Extents of metadata directly in front of each leg; 0 if there are none or they lie elsewhere.
    #[must_use]
    pub fn front_extents(&self) -> u64 {
        match self.metadata {
            Some(companion) if companion.place == Place::Front => companion.extents,
            Some(_) | None => 0,
        }
    }

    /// All extents that the request takes at its full size: legs, metadata and logs.
    ///
    /// `None` past 2^64 - 1, which a [`Problem`](crate::core::Problem) does not contain.
    #[must_use]
    pub fn total_extents(&self) -> Option<u64> {
        let legs = u64::try_from(self.legs()).ok()?;
        let metadata = self.metadata.map_or(0, |companion| companion.extents);
        let logs = match self.log {
            Some(log) => log.extents.checked_mul(log.count)?,
            None => 0,
        };
        let leg = self.leg_extents().checked_add(metadata)?;
        leg.checked_mul(legs)?.checked_add(logs)
    }
}
