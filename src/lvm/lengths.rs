//! How long the metadata of images, logs and regions are. Sizes are in sectors of 512 bytes unless
//! said otherwise.

use crate::lvm::SegmentType;

/// Largest region count that a RAID array keeps a bitmap for.
const MAX_REGIONS: u64 = 1 << 21;

/// Logical extents of one row of stripes; after a reshape a stripe may be longer than an extent.
pub(crate) fn row(stripes: u64, stripe_sectors: u64, extent_sectors: u64) -> u64 {
    match stripes {
        0 | 1 => 1,
        stripes => stripes.saturating_mul((stripe_sectors / extent_sectors).max(1)),
    }
}

/// Extents of the metadata of one image.
///
/// The superblock takes 8 KiB, the bitmap behind it one bit per region.
pub(crate) fn raid_metadata(image_extents: u64, extent: u64, region: u64) -> u64 {
    let regions = image_extents.saturating_mul(extent) / region.max(1);
    let bytes = 8192 + regions.div_ceil(8);
    bytes.div_ceil(512).div_ceil(extent)
}

/// Extents of the log of a mirror.
pub(crate) fn mirror_log(area_extents: u64, extent: u64, region: u64) -> u64 {
    let regions = area_extents.saturating_mul(extent).div_ceil(region.max(1));
    let bitset_bytes = regions.div_ceil(32) * 4;
    (1024 + bitset_bytes).div_ceil(512).div_ceil(extent)
}

/// The region size of a new volume of `extents`: no larger than the volume, and for RAID no smaller
/// than a stripe, of which there is none where `stripe` is 0, nor so small that there are too many.
pub(crate) fn region_size(
    kind: SegmentType,
    wanted: u64,
    extents: u64,
    extent: u64,
    stripe: u64,
) -> u64 {
    let size = extents.saturating_mul(extent);
    let mut region = wanted;
    if kind.is_raid() {
        region = region.max(stripe);
        while region < size / MAX_REGIONS {
            region *= 2;
        }
    }
    while region > size && region > 1 {
        region /= 2;
    }
    region
}
