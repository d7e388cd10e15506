//! Why a call does nothing, in words.

use thiserror::Error;

/// Why a call does nothing.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("{0} is NULL")]
    Null(&'static str),
    #[error("{0} is no address that such a structure can have")]
    Misaligned(&'static str),
    #[error(
        "the list of {list} is broken behind member {member}: the next one does not lead back to it"
    )]
    BrokenList { list: &'static str, member: usize },
    #[error("{0} is not in UTF-8")]
    NotText(&'static str),
    #[error("source {source_index}: area {area} has no extents")]
    EmptyArea { source_index: usize, area: usize },
    #[error("source {source_index}: area {area} reaches past extent 2^64 - 2")]
    AreaTooLong { source_index: usize, area: usize },
    #[error("source {source_index}: the areas from {first} and from {second} overlap")]
    Overlap {
        source_index: usize,
        first: u64,
        second: u64,
    },
    #[error("the sources {first} and {second} have the same handle, or are the same")]
    SameSource { first: usize, second: usize },
    #[error("there is no policy {0}")]
    UnknownPolicy(u32),
    #[error("there is no separation {0}")]
    UnknownSeparation(u32),
    #[error("there is no mode {0}")]
    UnknownMode(i32),
    #[error("member {member} of cling_sources is on a source that is none of the request's")]
    ClingsElsewhere { member: usize },
    #[error("what grows has {given} legs; the request has {legs}")]
    OtherLegs { given: u32, legs: u64 },
    #[error("leg {leg} of what grows lies on a source that is none of the request's")]
    GrowsElsewhere { leg: usize },
    #[error("leg {leg} of what grows has a segment without extents, or past extent 2^64 - 2")]
    GrowsNothing { leg: usize },
    #[error(
        "what grows has extent {extent} of source {source_index} twice: in leg {first} and in leg {second}"
    )]
    GrowsTwice {
        source_index: usize,
        extent: u64,
        first: usize,
        second: usize,
    },
    #[error("{0}")]
    Defects(String),
    #[error("impossible: {0}")]
    Impossible(String),
    #[error("no layout was found, nor a proof that there is none: {0}")]
    Unknown(&'static str),
    #[error(
        "LVM2's allocator finds no place for {extents} extents in {legs} {}; ALLOC_BEST says whether \
         there is one",
        leg_or_legs(*legs)
    )]
    RefusedAsLvm2 { extents: u64, legs: usize },
    #[error("counts past 2^32 - 1 are none of LVM2's; ALLOC_BEST takes them")]
    TooLargeForLvm2,
    #[error("the result is none of this handle, or was there before alloc_reset")]
    NotAResult,
    #[error("the result, or part of it, is committed already")]
    CommittedAlready,
    #[error("there is no memory left for the result")]
    NoMemory,
    #[error("a mistake in liballoc: {0}")]
    Mistake(String),
}

/// The word for so many legs.
pub(crate) fn leg_or_legs(count: usize) -> &'static str {
    match count {
        1 => "leg",
        _ => "legs",
    }
}
