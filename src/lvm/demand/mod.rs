//! What a command comes to for a volume group: the numbers that LVM2's allocator is called with.

pub(crate) mod addition;
pub(crate) mod drops;
pub(crate) mod error;
pub(crate) mod extend;
pub(crate) mod pool;

use crate::core::Areas;
use crate::lvm::allowed::{allowed_volumes, free_within};
use crate::lvm::demand::addition::Room;
use crate::lvm::demand::pool::pool_demand;
use crate::lvm::lengths;
use crate::lvm::limits::most_copies;
use crate::lvm::{
    Amount, DemandError, LvCommand, MirrorLog, PercentOf, SegmentType, Settings, SizeArgument,
    VolumeGroup,
};

/// What LVM2 makes of a command before it looks for extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What is allocated; for a pool that grows, the type of its data.
    pub kind: SegmentType,
    /// Legs that share the data of one copy; at least 1.
    pub stripes: u64,
    /// How often all data is held; at least 1.
    pub copies: u64,
    /// Logical extents to add; a multiple of `stripes`.
    pub extents: u64,
    /// Whether fewer will do.
    pub approximate: bool,
    /// Sectors of a stripe; 0 where nothing is striped.
    pub stripe_size_sectors: u64,
    /// Sectors of a region; 0 where nothing has regions.
    pub region_size_sectors: u64,
    /// Extents of the metadata in front of each leg; 0 if there is none.
    pub leg_metadata_extents: u64,
    /// Extents of the log of a mirror that is new; 0 if there is none.
    pub log_extents: u64,
    /// Extents of the metadata of a pool that is new; 0 if there is none.
    pub pool_metadata_extents: u64,
    /// Sectors of a chunk of a pool that is new; 0 for everything else.
    pub chunk_size_sectors: u64,
    /// Whether a pool that is new wants a spare for its metadata.
    pub wants_spare: bool,
}

impl Demand {
    /// Parity legs.
    #[must_use]
    pub fn parity(&self) -> u64 {
        self.kind.parity()
    }

    /// All legs.
    #[must_use]
    pub fn legs(&self) -> u64 {
        self.stripes
            .saturating_mul(self.copies)
            .saturating_add(self.parity())
    }

    /// Extents of one leg.
    #[must_use]
    pub fn leg_extents(&self) -> u64 {
        self.extents / self.stripes
    }
}

/// What an `lvcreate` asks for.
///
/// # Errors
/// [`DemandError`]. Whether there is room for it is not asked here.
pub fn create_demand(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<Demand, DemandError> {
    create_demand_after(group, command, settings, &group.free(), 0)
}

/// The same where `free` is what is free on each physical volume, of which `taken` extents will have
/// gone to commands before.
pub(crate) fn create_demand_after(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    free: &[Areas],
    taken: u64,
) -> Result<Demand, DemandError> {
    let room = Room {
        free: total(free).saturating_sub(taken),
        allowed: free_within(free, &allowed_volumes(group, command)?),
    };
    create_demand_within(group, command, settings, room)
}

/// Extents of all areas.
pub(crate) fn total(free: &[Areas]) -> u64 {
    free.iter().map(Areas::total).fold(0, u64::saturating_add)
}

/// The same for percentages of so much.
pub(crate) fn create_demand_within(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    room: Room,
) -> Result<Demand, DemandError> {
    let free = room.free;
    let kind = command.created_type();
    let stripes = match command.stripes {
        Some(stripes) => stripes,
        None => default_stripes(group, command, kind, settings)?,
    };
    // For pools and striped volumes LVM2 counts one mirror, also where -m 0 is given.
    let copies = if most_copies(kind) > 1 {
        command.mirrors.unwrap_or(1).saturating_add(1)
    } else {
        1
    };
    let size = command.size.unwrap_or(SizeArgument::extents(0));
    let mut approximate = false;
    let mut extents = match size.amount {
        Amount::Extents(extents) => extents,
        Amount::Sectors(sectors) => sectors.div_ceil(group.extent_size_sectors),
        Amount::Percent { percent, of } => {
            approximate = true;
            let share = match of {
                PercentOf::Free => percentage(percent, free),
                PercentOf::VolumeGroup => {
                    percentage(percent, group.extent_count()).map(|share| share.min(free))
                }
                PercentOf::PhysicalVolumes if command.physical_volumes.is_empty() => {
                    percentage(percent, group.extent_count())
                }
                PercentOf::PhysicalVolumes => percentage(percent, room.allowed),
                PercentOf::LogicalVolume => return Err(DemandError::NoVolumeYet),
                PercentOf::Origin => return Err(DemandError::NoOrigin),
            };
            share.ok_or_else(|| too_large(command))?
        }
    };
    if extents == 0 {
        return Err(DemandError::Empty { what: "Calculated" });
    }
    if approximate {
        extents = (extents / copies).max(1);
    }
    let pool = if kind.is_pool() {
        Some(pool_demand(group, command, settings, kind, extents)?)
    } else {
        None
    };
    // A pool that takes a share of what is free leaves room for its metadata and the spare.
    if let Some(pool) = &pool
        && let Amount::Percent { of, .. } = size.amount
        && matches!(of, PercentOf::Free | PercentOf::PhysicalVolumes)
    {
        let metadata = pool.metadata_extents.saturating_mul(2);
        extents = extents.saturating_sub(metadata);
        if extents == 0 {
            return Err(DemandError::NoRoomForPool { kind });
        }
    }
    let wanted_stripe = if stripes > 1 {
        let given = command.stripe_size_sectors;
        given.unwrap_or(settings.stripe_size_sectors)
    } else {
        0
    };
    if approximate {
        // The stripe size is not yet cut down to the extent size here.
        let unit = stripes.saturating_mul((wanted_stripe / group.extent_size_sectors).max(1));
        let rest = extents % unit;
        if rest > 0 && (extents - rest).saturating_add(unit) > free {
            extents -= rest;
            if extents == 0 {
                return Err(DemandError::Empty { what: "Adjusted" });
            }
        }
    }
    let extents = extents
        .checked_next_multiple_of(stripes)
        .ok_or_else(|| too_large(command))?;
    let mut demand = Demand {
        kind,
        stripes,
        copies,
        extents,
        approximate,
        stripe_size_sectors: wanted_stripe.min(group.extent_size_sectors),
        region_size_sectors: 0,
        leg_metadata_extents: 0,
        log_extents: 0,
        pool_metadata_extents: pool.as_ref().map_or(0, |pool| pool.metadata_extents),
        chunk_size_sectors: pool.as_ref().map_or(0, |pool| pool.chunk_sectors),
        wants_spare: pool.is_some() && command.pool_metadata_spare != Some(false),
    };
    companions(group, command, settings, &mut demand);
    Ok(demand)
}

/// Metadata of legs and the log of a mirror, which depend on the region size.
fn companions(group: &VolumeGroup, command: &LvCommand, settings: &Settings, demand: &mut Demand) {
    let kind = demand.kind;
    let asked = command
        .region_size_sectors
        .unwrap_or(settings.region_size_sectors);
    let has_regions = kind == SegmentType::Mirror || kind.is_raid() && kind != SegmentType::Raid0;
    if !has_regions {
        return;
    }
    let extent = group.extent_size_sectors;
    let stripe = demand.stripe_size_sectors;
    let region = lengths::region_size(kind, asked, demand.extents, extent, stripe);
    demand.region_size_sectors = region;
    if kind != SegmentType::Mirror {
        demand.leg_metadata_extents = leg_metadata_extents(demand, group);
    } else if command.mirror_log != Some(MirrorLog::Core) {
        demand.log_extents = lengths::mirror_log(demand.leg_extents(), extent, region);
    }
}

/// Extents of the metadata of one RAID image.
///
/// For raid10 LVM2 takes the image to be twice as long as it is.
fn leg_metadata_extents(demand: &Demand, group: &VolumeGroup) -> u64 {
    let image = match demand.kind {
        SegmentType::Raid1 => demand.extents,
        SegmentType::Raid10 => demand
            .extents
            .saturating_mul(demand.copies)
            .div_ceil(demand.stripes),
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => demand.extents.div_ceil(demand.stripes),
    };
    lengths::raid_metadata(image, group.extent_size_sectors, demand.region_size_sectors)
}

/// Stripes where `-i` is not given.
fn default_stripes(
    group: &VolumeGroup,
    command: &LvCommand,
    kind: SegmentType,
    settings: &Settings,
) -> Result<u64, DemandError> {
    let spreads = settings.raid_stripe_all_devices && kind.is_raid() && kind != SegmentType::Raid1;
    if spreads {
        let devices = match command.physical_volumes.len() {
            0 => group.physical_volumes.len(),
            arguments => arguments,
        } as u64;
        let parity = kind.parity();
        let stripes = if kind == SegmentType::Raid10 {
            devices / 2
        } else if devices > 2 * parity {
            devices - parity
        } else {
            devices
        };
        return if stripes < 2.max(parity + 1) {
            let given = command.segment_type.as_ref();
            let word = given.map_or_else(|| kind.to_string(), |given| given.word.clone());
            Err(DemandError::TooFewDevices { kind, word })
        } else {
            Ok(stripes)
        };
    }
    Ok(match kind {
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid1
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
        SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid10 => 2,
        SegmentType::Raid6 => 3,
    })
}

/// `percent` of a count, rounded down; `None` past 2^64 - 1.
fn percentage(percent: u64, count: u64) -> Option<u64> {
    let share = u128::from(percent) * u128::from(count) / 100;
    u64::try_from(share).ok()
}

fn too_large(command: &LvCommand) -> DemandError {
    let name = command.name.clone().unwrap_or_default();
    DemandError::TooLarge { name }
}
