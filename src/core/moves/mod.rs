//! Moving what exists: what is held and by whom, what is wanted of it, and the steps that lead there.

mod bound;
mod check;
mod ends;
mod fault;
mod goal;
mod ground;

pub use bound::{PRICE_UNIT, bound_of_places, bound_of_runs};
pub use check::{check_end, check_moves};
pub use fault::{MoveFault, MoveViolation};
pub use goal::Goal;

use std::collections::BTreeSet;

use crate::core::{Area, Policy, Segment, Separation, Source};

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

/// Everything that is held, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rearrangement {
    /// The sources, with what is free on each.
    pub sources: Vec<Source>,
    /// Sources that nothing may be moved to.
    pub closed: BTreeSet<usize>,
    /// Tags of sources that fail together: columns keep apart by them, too.
    pub domains: BTreeSet<String>,
    /// Who holds what.
    pub volumes: Vec<HeldVolume>,
    /// What is wanted.
    pub goals: Vec<Goal>,
    /// How many moves there may be where fewer copy more; some thousands if nothing is said.
    pub most_moves: Option<u64>,
}

/// One step: a run of extents of a leg is copied to extents that are free, and is free afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Index of the volume.
    pub volume: usize,
    /// Index of the leg.
    pub leg: usize,
    /// Where the run lies.
    pub from: Segment,
    /// Where it goes.
    pub to: Segment,
}

/// What moves cost; less is better, the extents first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MoveCost {
    /// Extents that are copied; one that moves twice counts twice.
    pub copied: u64,
    /// How many moves there are.
    pub moves: u64,
}

impl MoveCost {
    /// What some moves cost.
    #[must_use]
    pub fn of(moves: &[Move]) -> MoveCost {
        let copied = moves.iter().map(|step| step.from.area.count());
        MoveCost {
            copied: copied.fold(0, u64::saturating_add),
            moves: moves.len() as u64,
        }
    }
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

impl Rearrangement {
    /// The domains of a source: those of its tags that stand for one.
    pub fn domains_of(&self, source: usize) -> impl Iterator<Item = &str> {
        let tags = self.sources[source].tags.intersection(&self.domains);
        tags.map(String::as_str)
    }

    /// Whether two sources fail together, as one and the same does.
    #[must_use]
    pub fn fail_together(&self, one: usize, other: usize) -> bool {
        let tags = &self.sources[other].tags;
        one == other || self.domains_of(one).any(|domain| tags.contains(domain))
    }
}
