//! What is wanted of all that is held.

use crate::core::{Area, Areas, HeldPiece, Rearrangement};

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

impl Rearrangement {
    /// Per source where nothing may lie in the end.
    #[must_use]
    pub fn barred(&self) -> Vec<Areas> {
        let mut barred = vec![Vec::new(); self.sources.len()];
        for goal in &self.goals {
            let (source, area) = match *goal {
                Goal::Drain { source } => (source, Area::between(0, u64::MAX)),
                Goal::Shrink { source, extents } => (source, Area::between(extents, u64::MAX)),
                Goal::Clear { source, area } => (source, Some(area)),
                Goal::Spare { .. }
                | Goal::Heal
                | Goal::Lie { .. }
                | Goal::Runs { .. }
                | Goal::Level { .. } => continue,
            };
            barred[source].extend(area);
        }
        barred.into_iter().map(Areas::from_iter).collect()
    }

    /// Per source how many extents have to be free in the end, beside those where nothing may lie.
    #[must_use]
    pub fn spared(&self) -> Vec<u64> {
        let mut spared = vec![0; self.sources.len()];
        let mut room = None;
        for goal in &self.goals {
            match *goal {
                Goal::Spare { source, extents } => spared[source] = extents.max(spared[source]),
                Goal::Level { held, of } => {
                    let room = room.get_or_insert_with(|| self.room());
                    for (spared, (all, open)) in spared.iter_mut().zip(room) {
                        let kept = *open - (*open).min(share(*all, held, of));
                        *spared = kept.max(*spared);
                    }
                }
                Goal::Drain { .. }
                | Goal::Shrink { .. }
                | Goal::Clear { .. }
                | Goal::Heal
                | Goal::Lie { .. }
                | Goal::Runs { .. } => {}
            }
        }
        spared
    }

    /// Per source the extents that are free or held, and those of them where something may lie in the end.
    fn room(&self) -> Vec<(u64, u64)> {
        let mut held = vec![Vec::new(); self.sources.len()];
        let legs = self.volumes.iter().flat_map(|volume| &volume.legs);
        for piece in legs.flat_map(|leg| &leg.pieces) {
            held[piece.place.source].push(piece.place.area);
        }
        let sources = self.sources.iter().zip(held).zip(self.barred());
        let room = sources.map(|((source, held), barred)| {
            let all = source.free.union(&held.into_iter().collect());
            (all.total(), all.difference(&barred).total())
        });
        room.collect()
    }

    /// Whether legs are to be put apart that share a source.
    #[must_use]
    pub fn heals(&self) -> bool {
        self.goals.contains(&Goal::Heal)
    }
}

/// How many extents are so many of so many of some, rounded down.
pub(crate) fn share(all: u64, held: u64, of: u64) -> u64 {
    let share = u128::from(all) * u128::from(held) / u128::from(of.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
