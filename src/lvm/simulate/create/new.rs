//! A volume to be created, as it is settled before its extents are placed.

use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::simulate::ledger::FreeExtents;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, place};
use crate::lvm::{AllocationPolicy, MirrorLog, SegmentType};

/// Everything about the new volume that is settled before its extents are placed.
pub(crate) struct New<'a> {
    pub(crate) name: String,
    pub(crate) kind: SegmentType,
    /// The type as the metadata will name it.
    pub(crate) word: String,
    pub(crate) stripes: u64,
    /// Copies, the first included; 1 where there is no redundancy.
    pub(crate) mirrors: u64,
    pub(crate) stripe_sectors: u64,
    pub(crate) region_sectors: u64,
    pub(crate) extents: u64,
    pub(crate) approximate: bool,
    pub(crate) policy: AllocationPolicy,
    pub(crate) allowed: &'a [AllowedVolume],
    pub(crate) log: MirrorLog,
    pub(crate) nosync: bool,
}

/// Legs that hold data, without parity.
pub(crate) fn legs(new: &New) -> usize {
    usize::try_from(new.stripes.saturating_mul(new.mirrors)).unwrap_or(usize::MAX)
}

pub(crate) fn place_legs(
    pool: &impl FreeExtents,
    settings: &Allocator,
    new: &New,
    companions: Companions,
) -> Result<Placed, SimulationError> {
    place(
        pool,
        settings,
        &Wanted {
            kind: new.kind,
            stripes: new.stripes,
            mirrors: new.mirrors,
            companions,
            region_sectors: new.region_sectors,
            extents: new.extents,
            grows: None,
            apart: false,
            in_one_piece: false,
            policy: new.policy,
            approximate: new.approximate,
            allowed: new.allowed,
            parallel: Vec::new(),
            name: &new.name,
        },
    )
}
