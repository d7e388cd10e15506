//! What an option can be to a planner.

/// What an option is to a planner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It bears on where extents go, or on what there is.
    Plans(Planned),
    /// It says what a conversion or a layer is to be, which is planned as what LVM2 places for it.
    Converts,
    /// It does not; it is passed through.
    Kept,
    /// It would; for this reason nobody plans it.
    NotPlanned(&'static str),
}

/// The options that bear on where extents go, or on what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    Extents,
    Size,
    Stripes,
    StripeSize,
    Mirrors,
    MirrorLog,
    CoreLog,
    RegionSize,
    ChunkSize,
    Name,
    Alloc,
    Contiguous,
    Type,
    NoSync,
    Thin,
    ThinPool,
    CachePool,
    PoolMetadataSize,
    PoolMetadataSpare,
    PoolMetadata,
    AddTag,
    DelTag,
    Allocatable,
    AllVolumes,
}
