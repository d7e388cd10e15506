//! Why there is no plan, or none that is better, in a form that can be checked by hand.

use std::fmt;

/// Why no plan exists.
///
/// Requests and sources are given by index, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// Too little room, seen across a cut.
    ///
    /// The requests need `needed` extents. The sources in `whole` hold some of them with all that they
    /// offer; every other source can give each request at most one leg's length, because its legs have
    /// to be on different sources at every offset. Together that is only `reachable`. With all sources
    /// in `whole` this is plain lack of space.
    Cut {
        /// The requests that do not fit.
        requests: Vec<usize>,
        /// Sources counted with all they offer.
        whole: Vec<usize>,
        /// Extents that the requests need, companions included.
        needed: u64,
        /// Most extents that the sources can give them.
        reachable: u64,
    },
    /// More unbreakable pieces of at least `length` extents than there are places for.
    ///
    /// Under policy contiguous a leg (with the metadata in front of it) is one piece. An area offers
    /// `area / length` places, and a source at most one per request whose legs keep apart.
    Room {
        /// The requests whose pieces are counted.
        requests: Vec<usize>,
        /// The length that each of the pieces has at least.
        length: u64,
        /// Pieces there are.
        pieces: u64,
        /// Places there are.
        places: u64,
    },
    /// Too little room for unbreakable pieces, counted in whole units across a cut.
    ///
    /// Under policy contiguous a leg (with the metadata in front of it) is one piece. In units of
    /// `unit` extents, rounded down, a piece is no longer than an area that holds it, and the pieces in
    /// an area together are no longer than the area: floor(x) + floor(y) <= floor(x + y). The sources in
    /// `whole` count with the units of all their areas that hold at least the shortest piece; every
    /// other source can give a request whose legs keep apart one piece, if it has an area for it.
    Units {
        /// The requests that do not fit.
        requests: Vec<usize>,
        /// Extents of one unit; at least 1.
        unit: u64,
        /// Sources counted with all their areas.
        whole: Vec<usize>,
        /// Units that the pieces of the requests take.
        needed: u64,
        /// Most units that the sources can give them.
        reachable: u64,
    },
    /// Prices that no layout can pay.
    ///
    /// Each source of the one request has a price, or all sources of a tag by which legs keep apart have one together.
    /// Any set of sources that holds a whole leg costs at least `cover`, the legs use disjoint sets, and all prices
    /// together are less than legs x `cover`.
    Prices {
        /// The request.
        request: usize,
        /// Source and price, ascending by source; a source that is not listed has price 0.
        prices: Vec<(usize, u64)>,
        /// Tag and price, ascending by tag; a source with several of them counts for the first, and not by itself.
        tags: Vec<(String, u64)>,
        /// Least price of a set of sources that holds a leg.
        cover: u64,
    },
    /// Prices of unbreakable pieces that the areas cannot earn.
    ///
    /// Under policy contiguous a leg (with the metadata in front of it) is one piece. Each request has
    /// a price per piece. An area can hold pieces worth at most so much, and all areas together less
    /// than all pieces are worth.
    PiecePrices {
        /// Request and price of one of its pieces, ascending by request.
        prices: Vec<(usize, u64)>,
        /// What all pieces are worth.
        worth: u64,
        /// Most that the areas can hold, each by itself.
        holdable: u64,
    },
    /// More legs than can keep apart.
    ///
    /// Every source that offers the request an extent has one of `tags`, by which its legs keep apart, or
    /// is one of `sources`; of each tag, and of each of those sources at one offset, there is one leg at
    /// most.
    Apart {
        /// The request.
        request: usize,
        /// Tags, ascending.
        tags: Vec<String>,
        /// Sources without those tags.
        sources: Vec<usize>,
        /// Legs of the request; more than tags and sources.
        legs: u64,
    },
    /// A tree over the integer program, none of whose leaves has a solution.
    Branches(Branches),
    /// Every possibility was tried. Rests on the search that says so.
    Exhausted {
        /// Nodes of the search.
        nodes: u64,
    },
    /// The integer program has no solution. Rests on the solver that says so.
    Program {
        /// Rows of the program.
        rows: u64,
        /// Columns of the program.
        columns: u64,
    },
}

impl Conflict {
    /// The conflict of a part of a problem as one of the whole: `kept` has, ascending, the whole's
    /// index of each request of the part. Sources are the same in both.
    ///
    /// # Panics
    /// If the conflict names a request that the part has not.
    #[must_use]
    pub fn with_requests(mut self, kept: &[usize]) -> Conflict {
        match &mut self {
            Conflict::Cut { requests, .. }
            | Conflict::Room { requests, .. }
            | Conflict::Units { requests, .. } => {
                requests.iter_mut().for_each(|index| *index = kept[*index]);
            }
            Conflict::Prices { request, .. } | Conflict::Apart { request, .. } => {
                *request = kept[*request];
            }
            Conflict::PiecePrices { prices, .. } => {
                prices
                    .iter_mut()
                    .for_each(|(index, _)| *index = kept[*index]);
            }
            // Its rows are those of the part.
            Conflict::Branches(branches) => {
                let nodes = branches.steps.len() as u64;
                self = Conflict::Exhausted { nodes };
            }
            Conflict::Exhausted { .. } | Conflict::Program { .. } => {}
        }
        self
    }
}

/// Why no plan is below a bound.
///
/// It is about one measure, and about the plans that have no more of the measures before than their
/// bounds say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The fewest areas, or sources, that hold all legs; what is left of all extents; what there is no room for.
    Counting {
        /// Extents that an area is worth where the number of segments or sources is known from a measure
        /// before; 0 where it is not used.
        worth: u64,
    },
    /// Prices at which every plan costs too much.
    Prices(Prices),
    /// Pieces of areas counted as degrees: how few intervals, which cut all legs at once, hold them.
    ///
    /// An interval has a piece for each leg, all of one length. An area with one piece gives what the interval
    /// has, so all of these of one interval give what the shortest of them has; any other has two pieces.
    Degrees {
        /// So many sources with most extents are left out, each with a leg.
        removed: u64,
        /// Price of a piece, in parts of an extent.
        piece: u64,
        /// Price of an interval that has areas with one piece.
        own: u64,
        /// Parts of an extent in which prices are counted.
        parts: u64,
    },
    /// A tree over the integer program with less of the measure, none of whose leaves has a solution.
    Branches(Branches),
}

impl Certificate {
    /// The name in files and messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Certificate::Counting { .. } => "counting",
            Certificate::Prices(_) => "prices",
            Certificate::Degrees { .. } => "degrees",
            Certificate::Branches(_) => "branches",
        }
    }
}

/// Prices of what is free, and weights of what is counted, all in the same unit.
///
/// Every leg pays for its extents and for what it adds to the measures. What all legs pay at the least, each
/// as if it were alone, less what everything free is worth, is what every plan costs at the least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// What one of a measure weighs, from the first of the objective to the bounded one, which is the last.
    pub weights: Vec<u64>,
    /// Source, start of a free area, price of an extent of it; an area that is not listed has price 0.
    pub areas: Vec<(usize, u64, u64)>,
    /// Request, source, price of an extent that a leg of the request takes of the source, beside that of the area: all its
    /// legs together take no more than one of them, where they keep apart, with the metadata in front of it.
    pub shares: Vec<(usize, usize, u64)>,
    /// Request, source, price for each leg of the request that touches the source, of which there is one at
    /// most: its legs are on disjoint sources.
    pub touches: Vec<(usize, usize, u64)>,
    /// Request, tag, price for each leg of the request that is on a source with the tag, of which there is one
    /// at most: its legs are kept apart by the tag.
    pub tags: Vec<(usize, String, u64)>,
}

/// A tree that shows that the integer program of a problem has no solution: at each node a bit of a column that is 0 or
/// 1, at each leaf rows whose sum no values satisfy.
///
/// Rows and columns have the names of `models/FORMULATION.md`; of a column the bits of what it is above its lower bound are
/// meant. The tree is read from its leaves, which come first; the last step is its root. Land and Doig, "An Automatic Method
/// of Solving Discrete Programming Problems", 1960; sums as of Farkas, "Theorie der einfachen Ungleichungen", 1902.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branches {
    /// Each with its reason; the last one has no decisions.
    pub steps: Vec<BranchStep>,
}

/// That no solution has all of some decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchStep {
    /// The decisions.
    pub decisions: Vec<BranchDecision>,
    /// Why.
    pub reason: BranchReason,
}

/// That a bit of a column is 1, or 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchDecision {
    /// The name of the column.
    pub column: String,
    /// The bit, 0 for the lowest.
    pub bit: u32,
    /// What it is.
    pub is_one: bool,
}

/// Why no solution has some decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BranchReason {
    /// A sum of rows, each at least a number, that no values with the decisions reach.
    Sum {
        /// Rows by name and how often each is taken. One that is an equality may be taken less than no times; what all
        /// coefficients of a row have in common is divided out first, and its right side rounded up.
        rows: Vec<(String, i64)>,
        /// How often it is taken that the measure is less than the bound.
        bound: i64,
    },
    /// Two steps before it, by index, with opposite decisions on one bit.
    Both([usize; 2]),
}

/// A conflict or a certificate that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuted {
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Refuted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stated reason does not hold: {}", self.reason)
    }
}

impl std::error::Error for Refuted {}
