//! How long metadata, logs and regions are. Sizes are in sectors of 512 bytes unless said otherwise.

use crate::lvm::SegmentType;

/// Largest region count that a RAID array keeps a bitmap for.
const MAX_REGIONS: u64 = 1 << 21;

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
/// than a stripe, nor so small that there are too many.
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

/// Size of the chunks of a thin pool, and extents of its metadata.
///
/// 64 bytes are needed per chunk, at least 2 MiB. Chunks grow until the metadata stays within 128
/// MiB, unless the user says how large they are.
pub(crate) fn thin_pool(extents: u64, extent: u64, chunk: Option<u64>) -> (u64, u64) {
    const DEFAULT_CHUNK: u64 = 128;
    const BEST_METADATA: u64 = 128 << 11;
    const LEAST_METADATA: u64 = 2 << 11;
    // What the kernel's format can address: 15.81 GiB.
    const MOST_METADATA: u64 = 33_161_216;
    let size = extents.saturating_mul(extent);
    let metadata = |chunk: u64| size.div_ceil(chunk).saturating_mul(64).div_ceil(512);
    let chunk = chunk.unwrap_or_else(|| {
        let mut chunk = DEFAULT_CHUNK;
        while metadata(chunk) > BEST_METADATA {
            chunk *= 2;
        }
        chunk
    });
    let size = metadata(chunk).clamp(LEAST_METADATA, MOST_METADATA);
    (chunk, size.div_ceil(extent))
}

/// Size of the chunks of a cache pool, and extents of its metadata.
///
/// 4 MiB are needed for transactions and 44 bytes per chunk. Chunks grow until there are no more than
/// a million, unless the user says how large they are.
pub(crate) fn cache_pool(extents: u64, extent: u64, chunk: Option<u64>) -> (u64, u64) {
    const DEFAULT_CHUNK: u64 = 128;
    const MOST_CHUNKS: u64 = 1_000_000;
    let size = extents.saturating_mul(extent);
    let chunk = chunk.unwrap_or_else(|| {
        let mut chunk = DEFAULT_CHUNK;
        while size.div_ceil(chunk) > MOST_CHUNKS {
            chunk *= 2;
        }
        chunk
    });
    let bytes = (4 << 20) + size.div_ceil(chunk.max(1)).saturating_mul(44);
    (chunk, bytes.div_ceil(512).div_ceil(extent))
}
