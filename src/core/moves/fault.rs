//! What may be wrong with moves.

use std::fmt;

use crate::core::{Area, Move};

/// A rule that moves break, and at which step; without one at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveViolation {
    /// The step, counted from 0.
    pub step: Option<usize>,
    /// Which rule.
    pub fault: MoveFault,
}

/// A rule that moves break.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoveFault {
    /// A volume, leg or source that there is not.
    NotThere {
        /// The step.
        step: Move,
    },
    /// The two ends of a move are not equally long.
    OtherLength {
        /// Extents copied.
        from: u64,
        /// Extents written to.
        to: u64,
    },
    /// The leg does not hold what is moved, in one run.
    NotHeld {
        /// The leg.
        leg: String,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// The leg may not move.
    Locked {
        /// The leg.
        leg: String,
        /// Why not.
        why: String,
    },
    /// The extents are not free at that moment, or not to be had at all.
    NotFree {
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// Two columns come to share a source or a domain that they did not share.
    Together {
        /// The volume.
        volume: String,
        /// The source that is moved to.
        source: String,
    },
    /// A run of a contiguous leg is torn.
    Torn {
        /// The leg.
        leg: String,
        /// The offset at which it was whole.
        offset: u64,
    },
    /// A leg that clings is on more sources than it was.
    Spread {
        /// The leg.
        leg: String,
        /// Sources before.
        before: u64,
        /// Sources in the end.
        after: u64,
    },
    /// Something is left where nothing is to be.
    Left {
        /// The leg.
        leg: String,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// Fewer extents of a source are free than should be.
    NotSpared {
        /// The source.
        source: String,
        /// Extents that should be free.
        wanted: u64,
        /// Extents that are.
        free: u64,
    },
    /// A part of a leg does not lie where it is to lie.
    Elsewhere {
        /// The leg.
        leg: String,
        /// The first extent of the part.
        offset: u64,
        /// The source.
        source: String,
        /// The extents.
        area: Area,
    },
    /// The legs of a volume lie in more runs than they are to.
    Scattered {
        /// The volume.
        volume: String,
        /// Its runs.
        runs: u64,
        /// How many they are to be.
        most: u64,
    },
    /// A source is filled more than it is to be.
    TooFull {
        /// The source.
        source: String,
        /// Extents that are held.
        held: u64,
        /// Extents that it has.
        all: u64,
        /// So many ..
        level: u64,
        /// .. of so many may be.
        of: u64,
    },
    /// Two columns share a source or a domain in the end, and should not.
    NotHealed {
        /// The volume.
        volume: String,
        /// A source of one.
        source: String,
        /// A source of the other.
        other: String,
    },
}

impl fmt::Display for MoveViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => write!(f, "move {}: {}", step + 1, self.fault),
            None => write!(f, "in the end: {}", self.fault),
        }
    }
}

impl fmt::Display for MoveFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MoveFault::NotThere { step } => write!(
                f,
                "there is no leg {} of volume {}, or no source {} or {}",
                step.leg, step.volume, step.from.source, step.to.source
            ),
            MoveFault::OtherLength { from, to } => {
                write!(f, "{from} extents are moved to {to}")
            }
            MoveFault::NotHeld { leg, source, area } => {
                write!(f, "`{leg}` does not hold {area} of {source} in one run")
            }
            MoveFault::Locked { leg, why } => write!(f, "`{leg}` may not move: {why}"),
            MoveFault::NotFree { source, area } => write!(f, "{area} of {source} are not free"),
            MoveFault::Together { volume, source } => {
                write!(f, "two legs of `{volume}` come together on {source}")
            }
            MoveFault::Torn { leg, offset } => {
                write!(f, "`{leg}` is contiguous and torn at its extent {offset}")
            }
            MoveFault::Spread { leg, before, after } => {
                write!(
                    f,
                    "`{leg}` clings and is on {after} sources instead of {before}"
                )
            }
            MoveFault::Left { leg, source, area } => {
                write!(f, "`{leg}` is left on {area} of {source}")
            }
            MoveFault::NotSpared {
                source,
                wanted,
                free,
            } => write!(f, "{free} extents of {source} are free instead of {wanted}"),
            MoveFault::Elsewhere {
                leg,
                offset,
                source,
                area,
            } => write!(
                f,
                "`{leg}` does not lie on {area} of {source} from its extent {offset} on"
            ),
            MoveFault::Scattered { volume, runs, most } => {
                write!(f, "`{volume}` lies in {runs} runs instead of {most}")
            }
            MoveFault::TooFull {
                source,
                held,
                all,
                level,
                of,
            } => write!(
                f,
                "{held} of {all} extents of {source} are held, more than {level} of {of}"
            ),
            MoveFault::NotHealed {
                volume,
                source,
                other,
            } => write!(f, "two legs of `{volume}` share {source} and {other}"),
        }
    }
}
