//! What is wanted of all that is held.

use crate::core::{Area, HeldPiece};

/// What is wanted in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// Nothing lies on a source.
    Drain {
        /// Which.
        source: usize,
    },
    /// Nothing lies on a source from some extent on.
    Shrink {
        /// Which.
        source: usize,
        /// The extents that remain.
        extents: u64,
    },
    /// Nothing lies in an area of a source.
    Clear {
        /// Which.
        source: usize,
        /// The area.
        area: Area,
    },
    /// So many extents of a source are free, beside those where nothing is to lie.
    Spare {
        /// Which.
        source: usize,
        /// How many.
        extents: u64,
    },
    /// The columns of every volume that keeps legs apart share no source, and no domain.
    Heal,
    /// A part of a leg lies at a place.
    Lie {
        /// Index of the volume.
        volume: usize,
        /// Index of the leg.
        leg: usize,
        /// Which part of it, and where.
        piece: HeldPiece,
    },
    /// The legs of a volume lie in few runs.
    Runs {
        /// Index of the volume.
        volume: usize,
        /// At most so many, those of all legs together.
        most: u64,
    },
    /// No source is filled more than another number says, as a share of what it has.
    Level {
        /// Extents that may be held ..
        held: u64,
        /// .. of so many, which is not 0.
        of: u64,
    },
}
