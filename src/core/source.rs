//! What has extents to give.

use std::collections::BTreeSet;

use crate::core::Areas;

/// Something that has extents to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Unique among the sources of a problem.
    pub name: String,
    /// How many extents it has in all, free or not; extents are numbered from 0.
    pub extents: u64,
    /// The extents that may be given away.
    pub free: Areas,
    /// Words that policies and partitions refer to: a rack, a speed, a site.
    pub tags: BTreeSet<String>,
}
