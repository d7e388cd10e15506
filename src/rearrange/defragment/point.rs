//! Points of the curve of copying against segments.

/// What copying comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Extents that are copied.
    pub copied: u64,
    /// Segments of the volumes behind that: runs of their legs.
    pub segments: u64,
}
