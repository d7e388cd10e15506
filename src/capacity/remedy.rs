//! What would make requests fit: the kinds of remedies, and their order.

use std::collections::BTreeSet;

use crate::capacity::ask::Layout;
use crate::core::{Areas, Policy};

/// Something that makes requests fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// More free extents at the end of sources, each with how many.
    Grow {
        /// Names of sources and extents, in the order of the sources.
        sources: Vec<(String, u64)>,
        /// Of one source: those that cannot be told apart from it, each of which would do in its place.
        twins: Vec<String>,
    },
    /// More free extents at the end of any one source that has a tag.
    GrowAny {
        /// The tag.
        tag: String,
        /// How many, enough for each of the sources.
        extents: u64,
    },
    /// New sources.
    Add {
        /// The extents of each, the largest first.
        extents: Vec<u64>,
        /// Tags of all of them.
        tags: BTreeSet<String>,
    },
    /// Extents that somebody holds, freed.
    Free {
        /// Who holds them.
        holder: String,
        /// The name of the source.
        source: String,
        /// The extents.
        areas: Areas,
    },
    /// A request with another policy.
    Policy {
        /// The name of the request.
        request: String,
        /// The policy it has.
        from: Policy,
        /// The policy that would do.
        to: Policy,
    },
    /// A request with other stripes.
    Stripes {
        /// The name of the request.
        request: String,
        /// The stripes it has.
        from: u64,
        /// The stripes that would do.
        to: u64,
    },
    /// A smaller request.
    Shrink {
        /// The name of the request.
        request: String,
        /// Logical extents it asks for.
        from: u64,
        /// The most that fit.
        to: u64,
    },
    /// A request given up.
    Drop {
        /// The name of the request.
        request: String,
    },
}

/// Extents of new sources together; what does not fit 64 bits is more than anybody buys.
pub(crate) fn capacity(extents: &[u64]) -> u64 {
    extents.iter().copied().fold(0, u64::saturating_add)
}

impl Remedy {
    /// How much it takes, in extents; 0 where nothing is counted.
    #[must_use]
    pub fn extents(&self) -> u64 {
        match self {
            Remedy::Grow { sources, .. } => {
                let counts = sources.iter().map(|(_, extents)| *extents);
                counts.fold(0, u64::saturating_add)
            }
            Remedy::GrowAny { extents, .. } => *extents,
            Remedy::Add { extents, .. } => capacity(extents),
            Remedy::Free { areas, .. } => areas.total(),
            Remedy::Shrink { from, to, .. } => from - to,
            Remedy::Policy { .. } | Remedy::Stripes { .. } | Remedy::Drop { .. } => 0,
        }
    }

    /// Which remedies are named first: those that cost neither room nor data, then by extents, then
    /// what gives up the separation of legs or a whole request.
    fn class(&self) -> u8 {
        match self {
            Remedy::Policy {
                to: Policy::Anywhere,
                ..
            } => 3,
            Remedy::Policy { .. } => 0,
            Remedy::Stripes { .. } => 1,
            Remedy::Grow { .. }
            | Remedy::GrowAny { .. }
            | Remedy::Add { .. }
            | Remedy::Free { .. }
            | Remedy::Shrink { .. } => 2,
            Remedy::Drop { .. } => 4,
        }
    }

    /// Among equal extents: what needs no purchase first.
    fn kind(&self) -> u8 {
        match self {
            Remedy::Policy { .. } => 0,
            Remedy::Stripes { .. } => 1,
            Remedy::Free { .. } => 2,
            Remedy::GrowAny { .. } => 3,
            Remedy::Grow { .. } => 4,
            Remedy::Shrink { .. } => 5,
            Remedy::Add { .. } => 6,
            Remedy::Drop { .. } => 7,
        }
    }
}

/// A remedy that was planned and works.
#[derive(Clone, Debug)]
pub struct Repair {
    /// What is done.
    pub remedy: Remedy,
    /// Whether less of the same is proven not to do.
    pub is_smallest: bool,
    /// The layout afterwards.
    pub layout: Layout,
}

/// Sorts repairs, the least costly first: looser policies, fewer stripes, then whatever is counted
/// in extents by how many, and at the end what gives up the separation of legs or a request.
pub fn rank(repairs: &mut [Repair]) {
    repairs.sort_by_key(|repair| {
        let remedy = &repair.remedy;
        (remedy.class(), remedy.extents(), remedy.kind())
    });
}
