//! The pieces of an allocation.

use crate::core::{Allocation, Piece, Segment};

/// Each piece of an allocation with what it is.
pub(crate) fn pieces(allocation: &Allocation) -> impl Iterator<Item = (Piece, &Segment)> {
    let legs = allocation.legs.iter().enumerate();
    let legs = legs.flat_map(|(leg, segments)| segments.iter().map(move |s| (Piece::Leg(leg), s)));
    let metadata = allocation.metadata.iter().enumerate();
    let metadata = metadata.map(|(leg, segment)| (Piece::Metadata(leg), segment));
    let logs = allocation.logs.iter().enumerate();
    let logs = logs.map(|(log, segment)| (Piece::Log(log), segment));
    legs.chain(metadata).chain(logs)
}
