//! How much more the volumes take that do not hold all that they show: snapshots until they are full, thin pools until more
//! is promised than there is.

use std::collections::BTreeMap;

use crate::lvm::demand::pool::{CHUNK_SECTORS, THIN_BYTES_PER_CHUNK};
use crate::lvm::{LogicalVolume, LvSegment, VolumeGroup};

/// Bytes of a sector.
const SECTOR: u64 = 512;
/// Bytes of an entry in the table of what was copied.
const ENTRY: u64 = 16;
/// Chunk of a snapshot where the metadata does not say, in sectors: 4 KiB.
const SNAPSHOT_CHUNK_SECTORS: u64 = 8;

/// What a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRoom<'g> {
    /// The volume it is of.
    pub origin: &'g str,
    /// Bytes of a chunk: the least that a write to either volume takes, once for each chunk.
    pub chunk_bytes: u64,
    /// Bytes of chunks that it holds.
    pub held_bytes: u64,
    /// Whether that is all of the origin, so that it is never full.
    pub holds_all: bool,
}

/// What a thin pool has promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRoom<'g> {
    /// Its thin volumes.
    pub volumes: u64,
    /// Extents that they show together.
    pub promised: u64,
    /// Extents that the pool has.
    pub extents: u64,
    /// The largest of them, with its extents.
    pub largest: Option<(&'g str, u64)>,
    /// Bytes of data that its metadata is counted for: 64 bytes for each chunk, as LVM2 makes it.
    pub mapped_bytes: Option<u64>,
}

impl<'g> PoolRoom<'g> {
    fn promise(&mut self, volume: &'g LogicalVolume) {
        self.volumes += 1;
        self.promised = self.promised.saturating_add(volume.extents());
        if self.largest.is_none_or(|(_, most)| most < volume.extents()) {
            self.largest = Some((&volume.name, volume.extents()));
        }
    }

    /// How many more as large as the largest fit before more is promised than there is.
    #[must_use]
    pub fn more_as_large(&self) -> Option<u64> {
        let (_, extents) = self.largest?;
        self.extents
            .saturating_sub(self.promised)
            .checked_div(extents)
    }
}

/// What a volume of a group still takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Headroom<'g> {
    /// It holds what changes of another one.
    Snapshot(SnapshotRoom<'g>),
    /// Thin volumes share it.
    Pool(PoolRoom<'g>),
}

/// By index of the volume what it still takes: of each snapshot's copies, and of each thin pool.
#[must_use]
pub fn headroom(group: &VolumeGroup) -> BTreeMap<usize, Headroom<'_>> {
    let volumes = || group.logical_volumes.iter();
    let by_name: BTreeMap<&str, usize> = volumes()
        .enumerate()
        .map(|(index, volume)| (volume.name.as_str(), index))
        .collect();
    let named = |name: Option<&String>| name.and_then(|name| by_name.get(name.as_str()).copied());
    let mut rooms = BTreeMap::new();
    for (index, pool) in volumes().enumerate() {
        let pool_segment = pool.segments.first();
        if let Some(segment) = pool_segment.filter(|one| one.base_type() == "thin-pool") {
            let metadata = named(segment.strings.get("metadata"));
            let metadata = metadata.map(|metadata| &group.logical_volumes[metadata]);
            let room = pool_room(group, pool, segment, metadata);
            rooms.insert(index, Headroom::Pool(room));
        }
    }
    for volume in volumes() {
        let Some(segment) = volume.segments.first() else {
            continue;
        };
        if segment.base_type() == "thin"
            && let Some(pool) = named(segment.strings.get("thin_pool"))
            && let Some(Headroom::Pool(room)) = rooms.get_mut(&pool)
        {
            room.promise(volume);
        }
        if segment.base_type() == "snapshot"
            && let Some(copies) = named(segment.strings.get("cow_store"))
            && let Some(origin) = segment.strings.get("origin")
        {
            let room = snapshot_room(group, segment, origin, &group.logical_volumes[copies]);
            rooms.insert(copies, Headroom::Snapshot(room));
        }
    }
    rooms
}

/// What a snapshot holds.
///
/// The exception store of device-mapper: one chunk in front, and for each 16 bytes of a chunk one chunk that is copied, behind
/// the chunk with their entries. LVM2 makes no snapshot larger than what holds its origin that way, which is how it was
/// measured.
fn snapshot_room<'g>(
    group: &VolumeGroup,
    segment: &LvSegment,
    origin: &'g str,
    copies: &LogicalVolume,
) -> SnapshotRoom<'g> {
    let sectors = segment.numbers.get("chunk_size").copied();
    let sectors = sectors.filter(|sectors| *sectors > 0);
    let chunk_bytes = sectors
        .unwrap_or(SNAPSHOT_CHUNK_SECTORS)
        .saturating_mul(SECTOR);
    let bytes = |extents: u64| extents.saturating_mul(group.extent_bytes());
    let entries = (chunk_bytes / ENTRY).max(1);
    // One in front, and then groups of a chunk with entries and as many chunks as it has.
    let behind = (bytes(copies.extents()) / chunk_bytes).saturating_sub(1);
    let held = behind - behind.div_ceil(entries.saturating_add(1));
    SnapshotRoom {
        origin,
        chunk_bytes,
        held_bytes: held.saturating_mul(chunk_bytes),
        holds_all: held >= bytes(segment.extent_count).div_ceil(chunk_bytes),
    }
}

/// What a thin pool has, before any volume.
fn pool_room<'g>(
    group: &VolumeGroup,
    pool: &LogicalVolume,
    segment: &LvSegment,
    metadata: Option<&LogicalVolume>,
) -> PoolRoom<'g> {
    let chunk = segment.numbers.get("chunk_size").copied();
    let chunk = chunk
        .filter(|sectors| *sectors > 0)
        .unwrap_or(CHUNK_SECTORS);
    let mapped = |metadata: &LogicalVolume| {
        let bytes = metadata.extents().saturating_mul(group.extent_bytes());
        (bytes / THIN_BYTES_PER_CHUNK).saturating_mul(chunk.saturating_mul(SECTOR))
    };
    PoolRoom {
        volumes: 0,
        promised: 0,
        extents: pool.extents(),
        largest: None,
        mapped_bytes: metadata.map(mapped),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lvm::{AllocationPolicy, ByKey};

    fn volume(name: &str, segment_type: &str, extents: u64) -> LogicalVolume {
        LogicalVolume {
            name: name.to_string(),
            id: name.to_string(),
            status: BTreeSet::new(),
            policy: AllocationPolicy::Inherit,
            tags: BTreeSet::new(),
            segments: vec![LvSegment {
                start_extent: 0,
                extent_count: extents,
                segment_type: segment_type.to_string(),
                parts: Vec::new(),
                numbers: ByKey::default(),
                strings: ByKey::default(),
            }],
        }
    }

    /// Extents of 4 KiB, and a snapshot whose copies have so many.
    fn holds_all(origin: u64, copies: u64, chunk_sectors: u64) -> bool {
        let mut snapshot = volume("snapshot0", "snapshot", origin);
        let segment = &mut snapshot.segments[0];
        segment.numbers.insert("chunk_size", chunk_sectors);
        segment.strings.insert("cow_store", "copies".to_string());
        segment.strings.insert("origin", "data".to_string());
        let group = VolumeGroup {
            name: "vg".to_string(),
            id: "id".to_string(),
            seqno: 1,
            extent_size_sectors: 8,
            status: BTreeSet::new(),
            max_volumes: 0,
            max_disks: 0,
            system_id: String::new(),
            policy: AllocationPolicy::Normal,
            tags: BTreeSet::new(),
            physical_volumes: Vec::new(),
            logical_volumes: vec![
                volume("data", "striped", origin),
                volume("copies", "striped", copies),
                snapshot,
            ],
            historical_volumes: BTreeSet::new(),
            unsaid: BTreeSet::new(),
        };
        match headroom(&group).remove(&1) {
            Some(Headroom::Snapshot(room)) => room.holds_all,
            other => panic!("{other:?} is no snapshot"),
        }
    }

    /// `lvcreate -s -l 30000` says so: "Reducing COW size .. down to maximum usable size".
    #[test]
    fn a_snapshot_as_large_as_lvm2_makes_it_at_the_most_is_never_full() {
        for (origin, copies, chunk) in [(10_000, 10_041, 8), (10_000, 10_016, 32), (257, 260, 8)] {
            assert!(holds_all(origin, copies, chunk), "{copies} for {origin}");
            assert!(!holds_all(origin, copies - 1, chunk), "{copies} less 1");
        }
    }
}
