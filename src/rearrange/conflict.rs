//! Why no moves at all reach the goals, in numbers that can be counted.

use std::fmt;

/// Why no moves reach the goals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveConflict {
    /// What may not move lies where it may not stay.
    Locked {
        /// The leg.
        leg: String,
        /// Why it may not move.
        why: String,
        /// Where it lies.
        source: String,
        /// How many extents of it.
        extents: u64,
    },
    /// Two legs that may not move share a source or a domain.
    LockedTogether {
        /// The volume.
        volume: String,
        /// The source or the domain.
        place: String,
    },
    /// More leaves than is free elsewhere.
    Room {
        /// Where it leaves from.
        sources: Vec<String>,
        /// Extents that may not stay.
        leaving: u64,
        /// Extents that are free where they may go.
        free: u64,
    },
    /// More columns keep apart than there are sources, or domains, left for them.
    Apart {
        /// The volume.
        volume: String,
        /// Its columns.
        columns: u64,
        /// What they keep apart by: sources, or domains.
        by: &'static str,
        /// How many are left.
        left: u64,
    },
}

impl fmt::Display for MoveConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MoveConflict::Locked {
                leg,
                why,
                source,
                extents,
            } => write!(
                f,
                "{extents} extents of `{leg}` on {source} may not move: {why}"
            ),
            MoveConflict::LockedTogether { volume, place } => {
                write!(f, "two legs of `{volume}` on {place} may not move")
            }
            MoveConflict::Room {
                sources,
                leaving,
                free,
            } => write!(
                f,
                "{leaving} extents leave {}; {free} are free where they may go: {} short",
                sources.join(" and "),
                leaving.saturating_sub(*free)
            ),
            MoveConflict::Apart {
                volume,
                columns,
                by,
                left,
            } => write!(
                f,
                "`{volume}` has {columns} legs that keep apart; {left} {by} are left for them"
            ),
        }
    }
}
