//! How many stripes and images LVM2 has room for, by type.

use crate::lvm::SegmentType;

/// Most stripes of any volume.
pub(crate) const MOST_STRIPES: u64 = 128;
/// Most images of a RAID volume.
const MOST_RAID_IMAGES: u64 = 64;
/// Most images of a mirror.
const MOST_MIRROR_IMAGES: u64 = 8;

/// Most stripes of a type; 1 where it has none.
pub(crate) fn most_stripes(kind: SegmentType) -> u64 {
    match kind {
        SegmentType::Linear | SegmentType::CachePool | SegmentType::Raid1 => 1,
        SegmentType::Striped | SegmentType::ThinPool | SegmentType::Mirror => MOST_STRIPES,
        SegmentType::Raid0 | SegmentType::Raid0Meta => MOST_RAID_IMAGES,
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 => {
            MOST_RAID_IMAGES - kind.parity()
        }
        SegmentType::Raid10 => MOST_RAID_IMAGES / 2,
    }
}

/// How often a type can hold its data; 1 where it has no copies.
pub(crate) fn most_copies(kind: SegmentType) -> u64 {
    match kind {
        SegmentType::Mirror => MOST_MIRROR_IMAGES,
        SegmentType::Raid1 => MOST_RAID_IMAGES,
        SegmentType::Raid10 => 2,
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
    }
}
