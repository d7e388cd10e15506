//! Where a larger volume needs less beside it: LVM2 doubles regions and chunks from some sizes on.

use crate::lvm::demand::pool::{
    CACHE_CHUNK_UNIT, MAX_CHUNK_SECTORS, THIN_BYTES_PER_CHUNK, THIN_OPTIMAL_SECTORS, first_chunk,
};
use crate::lvm::{Demand, LvCommand, SegmentType, Settings, VolumeGroup};

/// Most regions of a RAID volume, as a power of two.
const REGIONS_SHIFT: u32 = 21;

/// Sizes in logical extents, ascending, at which metadata takes less than it does one extent before.
///
/// Between two of them more extents never need less metadata.
#[must_use]
pub fn companion_drops(
    group: &VolumeGroup,
    command: &LvCommand,
    demand: &Demand,
    settings: &Settings,
) -> Vec<u64> {
    let is_thin = demand.kind == SegmentType::ThinPool;
    let is_fixed = command.chunk_size_sectors.is_some()
        || is_thin && settings.thin_pool_chunk_sectors.is_some();
    let most_chunks = u128::from(settings.cache_pool_most_chunks);
    let chunks = || chunks(first_chunk(demand.kind, settings));
    let first_sectors: Vec<u128> = match demand.kind {
        SegmentType::ThinPool if !is_fixed && command.pool_metadata.is_none() => {
            // One sector more than chunks of this size can be mapped within the optimal metadata.
            let most_chunks = THIN_OPTIMAL_SECTORS * 512 / THIN_BYTES_PER_CHUNK;
            chunks()
                .map(|chunk| chunk * u128::from(most_chunks) + 1)
                .collect()
        }
        SegmentType::CachePool if !is_fixed => match settings.cache_pool_chunk_sectors {
            None => chunks().map(|chunk| chunk * (most_chunks + 1)).collect(),
            Some(set) => std::iter::successors(Some(set), |chunk| Some(chunk + CACHE_CHUNK_UNIT))
                .take_while(|&chunk| chunk < MAX_CHUNK_SECTORS)
                .map(|chunk| u128::from(chunk) * most_chunks + 1)
                .collect(),
        },
        SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => doublings(demand.region_size_sectors)
            .map(|region| (region + 1) << REGIONS_SHIFT)
            .collect(),
        SegmentType::ThinPool
        | SegmentType::CachePool
        | SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid0 => Vec::new(),
    };
    let extent = u128::from(group.extent_size_sectors);
    let extents = first_sectors
        .into_iter()
        .map(|sectors| sectors.div_ceil(extent));
    extents
        .map_while(|extents| u64::try_from(extents).ok())
        .collect()
}

/// Every size of a chunk but the largest, which cannot be doubled.
fn chunks(first: u64) -> impl Iterator<Item = u128> {
    doublings(first).take_while(|&chunk| chunk < u128::from(MAX_CHUNK_SECTORS))
}

/// A size and its doubles, as far as sizes of volumes go.
fn doublings(first: u64) -> impl Iterator<Item = u128> {
    let first = u128::from(first.max(1));
    (0..64).map(move |shift| first << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm::{Settings, create_demand, read_command};

    fn group() -> VolumeGroup {
        let sources = [crate::core::Source {
            name: "/dev/sda".to_string(),
            extents: 1 << 26,
            free: crate::core::Areas::none(),
            tags: std::collections::BTreeSet::new(),
            ..crate::core::Source::default()
        }];
        VolumeGroup::of_sources(&sources, 64 << 10).expect("whole sectors")
    }

    #[test]
    fn metadata_shrinks_exactly_where_it_is_said_to() {
        for line in [
            "lvcreate --type thin-pool",
            "lvcreate --type cache-pool",
            "lvcreate --type raid1",
        ] {
            let beside = |extents: u64| {
                let words = format!("{line} -l {extents} -n x pool");
                let words: Vec<String> = words.split(' ').map(String::from).collect();
                let command = read_command(&words).expect("a command");
                let demand = create_demand(&group(), &command, &Settings::default());
                let demand = demand.expect("within limits");
                let metadata = demand.leg_metadata_extents + demand.pool_metadata_extents;
                (
                    metadata,
                    companion_drops(&group(), &command, &demand, &Settings::default()),
                )
            };
            // As the volume is large, its region has its usual size.
            let (_, drops) = beside(1 << 20);
            let first = drops[0];
            assert!(beside(first).0 < beside(first - 1).0, "{line}: {first}");
            let below = (1..64).map(|part| beside(first / 64 * part).0);
            assert!(below.is_sorted(), "{line}");
        }
    }
}
