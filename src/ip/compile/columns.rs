//! What the columns of the formulations `areas` and `counted` stand for.

use crate::ip::compile::places::Places;
use crate::ip::program::Sum;

/// The columns of the formulations `areas` and `counted`.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// The places that the columns speak of.
    pub(crate) places: Places,
    /// The columns of each request.
    pub(crate) requests: Vec<RequestColumns>,
}

/// A leg on a place during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The place.
    pub(crate) place: usize,
    /// Column: whether the leg is there.
    pub(crate) uses: usize,
    /// Column: how many extents it has there.
    pub(crate) extents: usize,
}

/// The columns of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestColumns {
    /// Whether the request is left out, if it may be.
    pub(crate) left_out: Option<usize>,
    /// 1 if the request is placed.
    pub(crate) presence: Sum,
    /// Extents of a leg.
    pub(crate) leg_extents: Sum,
    /// Legs, named or counted.
    pub(crate) legs: usize,
    /// Phases.
    pub(crate) phases: usize,
    /// Place and column, how many legs are there, if they are counted.
    pub(crate) counts: Vec<(usize, usize)>,
    /// Per leg and step where it may be; empty if legs are counted.
    pub(crate) cells: Vec<Vec<Vec<Cell>>>,
    /// Per leg and step: place and column, whether the leg goes on in the next step without a cut.
    pub(crate) joins: Vec<Vec<Vec<(usize, usize)>>>,
    /// Per leg: place and column, whether its first segment is there with metadata in front.
    pub(crate) fronts: Vec<Vec<(usize, usize)>>,
    /// Per leg: place and column, whether it goes on where its previous segments end.
    pub(crate) goes_on: Vec<Option<(usize, usize)>>,
    /// Intervals, where cuts are counted once for all legs.
    pub(crate) intervals: Option<Sum>,
    /// Per leg and source that it may touch: at least 1 if it does.
    pub(crate) touches: Vec<Vec<(usize, Sum)>>,
    /// Per leg and tag that keeps legs apart: at least 1 if it, or its metadata, is on a source with the tag.
    pub(crate) tagged: Vec<Vec<(String, Sum)>>,
    /// Per leg: place and column of its metadata, unless that is in front.
    pub(crate) metadata: Vec<Vec<(usize, usize)>>,
    /// Place and column, how many logs are there.
    pub(crate) logs: Vec<(usize, usize)>,
}

impl RequestColumns {
    /// Whether `leg` touches `source`; 0 where it cannot.
    pub(crate) fn touch(&self, leg: usize, source: usize) -> Sum {
        let found = self.touches[leg].iter().find(|(other, _)| *other == source);
        found.map_or_else(Sum::default, |(_, sum)| sum.clone())
    }
}
