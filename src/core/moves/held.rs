//! Who holds which extents.

use crate::core::{Area, Policy, Segment, Separation};

/// A run of extents that a leg holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldPiece {
    /// Its first extent as the leg counts; legs that stripe together count together.
    pub offset: u64,
    /// Where it lies.
    pub place: Segment,
}

/// What one leg of a volume holds, or what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLeg {
    /// What it is called.
    pub name: String,
    /// The column that it belongs to: those of one column may share a source, as a leg and its metadata.
    pub column: usize,
    /// Its pieces by offset; none overlap.
    pub pieces: Vec<HeldPiece>,
    /// Why nothing of it may move, if nothing may.
    pub locked: Option<String>,
}

/// Legs that keep apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldVolume {
    /// What it is called.
    pub name: String,
    /// How its columns keep apart.
    pub separation: Separation,
    /// Which areas its legs may be made of, where that is kept: each run of a contiguous leg stays one run, and
    /// a leg that clings is on no more sources than it was.
    pub policy: Policy,
    /// Its legs.
    pub legs: Vec<HeldLeg>,
}

impl HeldLeg {
    /// The pieces with those joined that lie directly behind each other, here and in the leg.
    #[must_use]
    pub fn runs(&self) -> Vec<HeldPiece> {
        HeldPiece::joined(&self.pieces)
    }
}

impl HeldPiece {
    /// Pieces by offset with those joined that lie directly behind each other.
    #[must_use]
    pub fn joined(pieces: &[HeldPiece]) -> Vec<HeldPiece> {
        let mut runs: Vec<HeldPiece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let joined = runs.last().and_then(|last| last.followed_by(piece));
            match (joined, runs.last_mut()) {
                (Some(joined), Some(last)) => *last = joined,
                _ => runs.push(*piece),
            }
        }
        runs
    }

    /// Both as one, where another lies directly behind it, here and in the leg.
    #[must_use]
    pub fn followed_by(&self, next: &HeldPiece) -> Option<HeldPiece> {
        let goes_on = self.offset + self.place.area.count() == next.offset
            && self.place.continues_with(&next.place);
        let area = Area::between(self.place.area.start(), next.place.area.end())?;
        let place = Segment { area, ..self.place };
        goes_on.then_some(HeldPiece { place, ..*self })
    }

    /// The offsets of its extents.
    #[must_use]
    pub fn offsets(&self) -> Option<Area> {
        Area::new(self.offset, self.place.area.count())
    }

    /// The part of it that lies in an area of its source.
    #[must_use]
    pub fn within(&self, area: Area) -> Option<HeldPiece> {
        let area = self.place.area.intersection(area)?;
        Some(HeldPiece {
            offset: self.offset + (area.start() - self.place.area.start()),
            place: Segment {
                source: self.place.source,
                area,
            },
        })
    }
}
