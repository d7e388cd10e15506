//! What decides where the extents of a command go: LVM2's allocator, or nobody, where it is to be known what
//! is asked of it.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use crate::core::Segment;
use crate::greedy::{Chunk, Parallel, Placement, Range};
use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::{AllocationPolicy, SegmentType, Settings};

/// The settings that a command goes by, and who places its extents.
///
/// It stands for its settings wherever nothing is placed.
#[derive(Debug)]
pub(crate) struct Allocator<'s> {
    settings: &'s Settings,
    /// The index of a physical volume without extents on which everything is put.
    stand_in: Option<usize>,
    /// Where the next piece is put there.
    next: Cell<u32>,
    asks: RefCell<Vec<Ask>>,
}

/// One thing that is placed, with all numbers worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) kind: SegmentType,
    /// All legs; 0 for a log alone.
    pub(crate) legs: u64,
    /// Legs that are stripes of one volume.
    pub(crate) stripes: u64,
    /// Extents of one leg, without metadata.
    pub(crate) leg_extents: u64,
    /// Extents of the metadata of each leg; 0 if there is none.
    pub(crate) leg_metadata: u64,
    /// How many logs, or pieces of a pool's metadata, and how long each is.
    pub(crate) logs: (u64, u64),
    /// Whether logs need physical volumes of their own.
    pub(crate) own_sources: bool,
    /// Whether fewer extents will do.
    pub(crate) approximate: bool,
    /// Whether LVM2 refuses what does not lie in one piece.
    pub(crate) in_one_piece: bool,
    pub(crate) policy: AllocationPolicy,
    /// Where it may go, in order of preference.
    pub(crate) allowed: Vec<AllowedVolume>,
    pub(crate) avoid: Vec<Parallel>,
    /// Whether it keeps apart from all else of the command of which this is said.
    pub(crate) apart: bool,
    /// Per leg what it has already, where something grows and that is to be known.
    pub(crate) grows: Option<Vec<Vec<Segment>>>,
    /// Where it was put.
    pub(crate) placement: Placement,
}

impl<'s> Allocator<'s> {
    /// LVM2's own.
    pub(crate) fn lvm2(settings: &'s Settings) -> Allocator<'s> {
        Allocator {
            settings,
            stand_in: None,
            next: Cell::new(0),
            asks: RefCell::default(),
        }
    }

    /// One that puts everything on a physical volume that has no extents, and refuses nothing.
    pub(crate) fn stand_in(settings: &'s Settings, source: usize) -> Allocator<'s> {
        Allocator {
            stand_in: Some(source),
            ..Allocator::lvm2(settings)
        }
    }

    /// Whether it is none of LVM2's.
    pub(crate) fn stands_in(&self) -> bool {
        self.stand_in.is_some()
    }

    /// Whether LVM2 would not even try: fewer extents are free than are needed.
    pub(crate) fn lacks(&self, free: u64, needed: u64) -> bool {
        !self.stands_in() && free < needed
    }

    /// What was placed so far, in order.
    pub(crate) fn into_asks(self) -> Vec<Ask> {
        self.asks.into_inner()
    }

    /// How much was placed so far.
    pub(crate) fn mark(&self) -> usize {
        self.asks.borrow().len()
    }

    /// What was placed since is not, after all.
    pub(crate) fn back_to(&self, mark: usize) {
        self.asks.borrow_mut().truncate(mark);
    }

    /// Remembers what was placed.
    pub(crate) fn note(&self, ask: Ask) {
        self.asks.borrow_mut().push(ask);
    }

    /// A place for everything that is asked for, where it is this one that gives it.
    pub(crate) fn place(&self, ask: &Ask) -> Option<Result<Placement, SimulationError>> {
        let source = self.stand_in?;
        let piece = |count: u64| {
            let count = u32::try_from(count).ok()?;
            let start = self.next.get();
            self.next.set(start.checked_add(count)?);
            Some((source, Range { start, count }))
        };
        let pieces = |count: u64, extents: u64| -> Option<Vec<(usize, Range)>> {
            let count = if extents == 0 { 0 } else { count };
            (0..count).map(|_| piece(extents)).collect()
        };
        let placed = || {
            let metadata = pieces(ask.legs, ask.leg_metadata)?;
            let legs = pieces(ask.legs, ask.leg_extents)?;
            let logs = pieces(ask.logs.0, ask.logs.1)?;
            Some(Placement {
                chunks: Some(Chunk { pieces: legs })
                    .filter(|chunk| !chunk.pieces.is_empty())
                    .into_iter()
                    .collect(),
                metadata,
                logs,
                overlap: None,
                reached: 0,
            })
        };
        let too_many = || SimulationError::unsupported("more than 2^32 - 1 extents by one command");
        Some(placed().ok_or_else(too_many))
    }
}

impl Deref for Allocator<'_> {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        self.settings
    }
}
