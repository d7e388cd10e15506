//! What a command comes to for a volume group: the numbers that LVM2's allocator is called with.

pub(crate) mod drops;
pub(crate) mod error;
pub(crate) mod extend;
pub(crate) mod pool;

use crate::lvm::allowed::{allowed_volumes, free_within};
use crate::lvm::demand::pool::pool_demand;
use crate::lvm::{
    Amount, DemandError, LvCommand, MirrorLog, PercentOf, SegmentType, Settings, SizeArgument,
    VolumeGroup,
};

/// Default stripe size, 64 KiB (`metadata/stripesize`).
const STRIPE_SIZE_SECTORS: u64 = 128;

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
    create_demand_after(group, command, settings, 0)
}

/// The same when `taken` of the free extents will have gone to commands before.
pub(crate) fn create_demand_after(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    taken: u64,
) -> Result<Demand, DemandError> {
    let free = group.free_count().saturating_sub(taken);
    let kind = command.created_type();
    let allowed = allowed_volumes(group, command)?;
    let volumes = allowed.len() as u64;
    let stripes = match command.stripes {
        Some(stripes) => stripes,
        None => default_stripes(kind, volumes, settings),
    };
    // For pools and striped volumes LVM2 counts one mirror, also where -m 0 is given.
    let copies = match kind {
        SegmentType::Mirror | SegmentType::Raid1 | SegmentType::Raid10 => {
            command.mirrors.unwrap_or(1).saturating_add(1)
        }
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
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
                PercentOf::PhysicalVolumes => percentage(percent, free_within(group, &allowed)),
                PercentOf::LogicalVolume | PercentOf::Origin => Some(0),
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
        Some(pool_demand(group, command, kind, extents)?)
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
            return Err(DemandError::NoRoomForPool);
        }
    }
    let stripe_size_sectors = stripe_size(group, command, stripes);
    if approximate {
        let unit = stripes.saturating_mul((stripe_size_sectors / group.extent_size_sectors).max(1));
        let rest = extents % unit;
        if rest > 0 && extents - rest + unit > free {
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
        stripe_size_sectors,
        region_size_sectors: 0,
        leg_metadata_extents: 0,
        log_extents: 0,
        pool_metadata_extents: pool.as_ref().map_or(0, |pool| pool.metadata_extents),
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
    if kind == SegmentType::Mirror {
        let total = demand.extents.saturating_mul(group.extent_size_sectors);
        let region = asked.min(power_of_two_within(total));
        demand.region_size_sectors = region;
        if command.mirror_log != Some(MirrorLog::Core) {
            demand.log_extents = log_extents(demand.leg_extents(), region, group);
        }
    } else if kind.is_raid() && kind != SegmentType::Raid0 {
        let total = demand.extents.saturating_mul(group.extent_size_sectors);
        let mut region = asked.min(power_of_two_within(total));
        region = region.max(demand.stripe_size_sectors).max(1);
        // The kernel keeps count of at most 2^21 regions.
        while region < total >> 21 {
            region = region.saturating_mul(2);
        }
        demand.region_size_sectors = region;
        demand.leg_metadata_extents = leg_metadata_extents(demand, group);
    }
}

/// Extents of the metadata of one RAID image: a superblock of 8 KiB and a bit for each region.
///
/// For raid10 LVM2 takes the image to be twice as long as it is.
fn leg_metadata_extents(demand: &Demand, group: &VolumeGroup) -> u64 {
    let extent_sectors = group.extent_size_sectors;
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
    let regions = image.saturating_mul(extent_sectors) / demand.region_size_sectors;
    let bytes = regions.div_ceil(8).saturating_add(8192);
    bytes.div_ceil(512).div_ceil(extent_sectors)
}

/// Extents of a mirror log: a header of 1 KiB and a bit for each region of an image.
pub(crate) fn log_extents(image_extents: u64, region_sectors: u64, group: &VolumeGroup) -> u64 {
    let sectors = image_extents.saturating_mul(group.extent_size_sectors);
    let regions = sectors.div_ceil(region_sectors.max(1));
    let bitset_bytes = regions.div_ceil(32).saturating_mul(4);
    let bytes = bitset_bytes.saturating_add(1024);
    bytes.div_ceil(512).div_ceil(group.extent_size_sectors)
}

/// Stripes where `-i` is not given.
fn default_stripes(kind: SegmentType, volumes: u64, settings: &Settings) -> u64 {
    let parity = kind.parity();
    let all = settings.raid_stripe_all_devices;
    match kind {
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid1
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
        SegmentType::Raid0 | SegmentType::Raid0Meta if all => volumes.max(2),
        SegmentType::Raid10 if all => (volumes / 2).max(2),
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 if all => {
            let data = if volumes > 2 * parity {
                volumes - parity
            } else {
                volumes
            };
            data.max(parity + 1)
        }
        SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid10 => 2,
        SegmentType::Raid6 => 3,
    }
}

/// The stripe size in force: at most an extent; 0 where nothing is striped.
fn stripe_size(group: &VolumeGroup, command: &LvCommand, stripes: u64) -> u64 {
    if stripes < 2 {
        return 0;
    }
    let asked = command.stripe_size_sectors.unwrap_or(STRIPE_SIZE_SECTORS);
    asked.min(group.extent_size_sectors)
}

/// `percent` of a count, rounded down; `None` past 2^64 - 1.
fn percentage(percent: u64, count: u64) -> Option<u64> {
    let share = u128::from(percent) * u128::from(count) / 100;
    u64::try_from(share).ok()
}

/// The largest power of two that is not above `count`, which is at least 1.
fn power_of_two_within(count: u64) -> u64 {
    1 << count.max(1).ilog2()
}

fn too_large(command: &LvCommand) -> DemandError {
    let name = command.name.clone().unwrap_or_default();
    DemandError::TooLarge { name }
}
