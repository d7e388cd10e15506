//! Items that have a price, and classes of legs that choose among them.

/// What a use costs: an area, where segments are counted, or a source.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) source: usize,
    /// Free extents.
    pub(crate) extents: i128,
}

/// How legs of a class choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Choice {
    /// Any items; a leg on one item alone shares its source with no leg of the request, if `is_apart`.
    Any { is_apart: bool },
    /// One item for each leg, each source for one leg if `is_apart`.
    One { is_apart: bool },
    /// Items of one source, each source for one leg if `is_apart`.
    Source { is_apart: bool },
    /// As many items as there are intervals for each leg; a charge is for all legs. Each source once in an
    /// interval if `is_apart`.
    Intervals { is_apart: bool },
}

/// Legs that are alike.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) choice: Choice,
    /// What the use of an item costs.
    pub(crate) charge: i128,
    /// Extents of one leg.
    pub(crate) need: i128,
    /// Most extents of a source that all legs of one request may have.
    pub(crate) most_of_a_source: i128,
    /// Legs of one request.
    pub(crate) legs: usize,
    /// Items of all of a request at the least.
    pub(crate) least: usize,
    /// How many are alike: companions of a request, or requests.
    pub(crate) count: i128,
    /// The requests that are alike.
    pub(crate) requests: Vec<usize>,
    /// The items that may be used, with the most of each; `None`: all, up to what is needed.
    pub(crate) offers: Option<Vec<(usize, i128)>>,
    /// By source that could hold more, the number of what has a price: extents that all legs may have of it, one
    /// leg's, since they keep apart.
    pub(crate) shares: Vec<(usize, usize)>,
    /// The item where the leg goes on, which bears no charge, with the most of it.
    pub(crate) free: Option<(usize, i128)>,
    /// What an extent costs that a leg falls short, where that is counted.
    pub(crate) short: Option<i128>,
    /// What the request is spared: its first interval where all legs go on.
    pub(crate) spared: i128,
}

impl Class {
    /// Where the price stands of what all legs have of a source together.
    pub(crate) fn share(&self, source: usize) -> Option<usize> {
        let at = self
            .shares
            .binary_search_by_key(&source, |(source, _)| *source);
        at.ok().map(|at| self.shares[at].1)
    }
}
