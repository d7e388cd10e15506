//! The rules that a plan can break, and what is said of each.

use std::fmt;

use crate::core::Area;

/// Part of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// A leg, by index.
    Leg(usize),
    /// The metadata of a leg, by index of the leg.
    Metadata(usize),
    /// A log area, by index.
    Log(usize),
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Leg(leg) => write!(f, "leg {leg}"),
            Piece::Metadata(leg) => write!(f, "metadata of leg {leg}"),
            Piece::Log(log) => write!(f, "log {log}"),
        }
    }
}

/// A rule that a plan breaks. Requests and sources are given by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The plan has not one entry per request.
    OtherRequests {
        /// Requests of the problem.
        expected: usize,
        /// Entries of the plan.
        found: usize,
    },
    /// A request that is not optional is left out.
    LeftOut {
        /// The request.
        request: String,
    },
    /// Not as many legs, metadata pieces or logs as asked for.
    OtherCount {
        /// The request.
        request: String,
        /// What is counted: `legs`, `metadata` or `logs`.
        what: &'static str,
        /// How many there have to be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A leg or companion has too few or too many extents.
    OtherLength {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// Extents that it has to have.
        expected: u64,
        /// Extents that it has.
        found: u64,
    },
    /// A segment on a source that there is not.
    UnknownSource {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The index.
        source: usize,
    },
    /// A segment that is not inside one free area.
    NotFree {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// A segment outside the sources and ranges that the request may use, or without a tag that it asks for.
    NotAllowed {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// Two pieces take the same extents.
    Overlap {
        /// The source.
        source: String,
        /// Extents that are taken twice.
        area: Area,
        /// First taker: request and piece.
        first: (String, Piece),
        /// Second taker.
        second: (String, Piece),
    },
    /// Metadata that is not directly in front of its leg, in the same free area.
    MetadataNotInFront {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
    },
    /// A companion that has to have a source for itself has not.
    NotOwnSource {
        /// The request.
        request: String,
        /// Which piece.
        piece: Piece,
        /// The source.
        source: String,
    },
    /// Two logs on one source.
    LogsTogether {
        /// The request.
        request: String,
        /// The source.
        source: String,
    },
    /// A leg that is not contiguous, or does not go on where it ended.
    NotContiguous {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
    },
    /// A leg on a source that it must not move to.
    NotClinging {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
        /// The source.
        source: String,
    },
    /// Two legs on one source at the same offset.
    SameSourceAtOffset {
        /// The request.
        request: String,
        /// The source.
        source: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
        /// First offset at which they meet.
        offset: u64,
    },
    /// Two legs on one source, at whatever offsets.
    SameSource {
        /// The request.
        request: String,
        /// The source.
        source: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
    },
    /// Two legs on sources that share a tag of the partition.
    SharedTag {
        /// The request.
        request: String,
        /// The tag.
        tag: String,
        /// One leg.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A leg on a source that is to be avoided at that offset.
    Avoided {
        /// The request.
        request: String,
        /// The leg.
        leg: usize,
        /// The source.
        source: String,
        /// First offset at which it is there.
        offset: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::OtherRequests { expected, found } => write!(
                f,
                "the plan has {found} allocations for {expected} requests"
            ),
            Violation::LeftOut { request } => {
                write!(
                    f,
                    "request `{request}` is not allocated, and it is not optional"
                )
            }
            Violation::OtherCount {
                request,
                what,
                expected,
                found,
            } => write!(
                f,
                "request `{request}`: {found} {what} instead of {expected}"
            ),
            Violation::OtherLength {
                request,
                piece,
                expected,
                found,
            } => write!(
                f,
                "request `{request}`, {piece}: {found} extents instead of {expected}"
            ),
            Violation::UnknownSource {
                request,
                piece,
                source,
            } => write!(
                f,
                "request `{request}`, {piece}: there is no source number {source}"
            ),
            Violation::NotFree {
                request,
                piece,
                source,
                area,
            } => write!(
                f,
                "request `{request}`, {piece}: extents {area} of source `{source}` are not inside \
                 one free area"
            ),
            Violation::NotAllowed {
                request,
                piece,
                source,
                area,
            } => write!(
                f,
                "request `{request}`, {piece}: extents {area} of source `{source}` are not among \
                 those that it may use"
            ),
            Violation::Overlap {
                source,
                area,
                first,
                second,
            } => write!(
                f,
                "extents {area} of source `{source}` are taken twice: by request `{}`, {}, and by \
                 request `{}`, {}",
                first.0, first.1, second.0, second.1
            ),
            Violation::MetadataNotInFront { request, leg } => write!(
                f,
                "request `{request}`, metadata of leg {leg}: not directly in front of the leg in \
                 the same free area"
            ),
            Violation::NotOwnSource {
                request,
                piece,
                source,
            } => write!(
                f,
                "request `{request}`, {piece}: source `{source}` is not its own"
            ),
            Violation::LogsTogether { request, source } => {
                write!(f, "request `{request}`: two logs on source `{source}`")
            }
            Violation::NotContiguous { request, leg } => {
                write!(f, "request `{request}`, leg {leg}: not contiguous")
            }
            Violation::NotClinging {
                request,
                leg,
                source,
            } => write!(
                f,
                "request `{request}`, leg {leg}: does not cling, but moves to source `{source}`"
            ),
            Violation::SameSourceAtOffset {
                request,
                source,
                first,
                second,
                offset,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on source `{source}` at \
                 offset {offset}"
            ),
            Violation::SameSource {
                request,
                source,
                first,
                second,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on source `{source}`"
            ),
            Violation::SharedTag {
                request,
                tag,
                first,
                second,
            } => write!(
                f,
                "request `{request}`: legs {first} and {second} are both on sources tagged `{tag}`"
            ),
            Violation::Avoided {
                request,
                leg,
                source,
                offset,
            } => write!(
                f,
                "request `{request}`, leg {leg}: on source `{source}`, which it has to keep away from \
                 at offset {offset} of the leg"
            ),
        }
    }
}
