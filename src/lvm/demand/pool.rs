//! The metadata of a pool: how large LVM2 makes it beside how much data.

use crate::lvm::{Amount, DemandError, LvCommand, SegmentType, Settings, VolumeGroup};

/// Sectors of a chunk where none is given, 64 KiB, for both kinds of pool.
pub(crate) const CHUNK_SECTORS: u64 = 128;
/// Largest chunk, 1 GiB.
pub(crate) const MAX_CHUNK_SECTORS: u64 = 1 << 21;

/// A thin pool keeps 64 bytes for each chunk.
pub(crate) const THIN_BYTES_PER_CHUNK: u64 = 64;
/// The least that a thin pool's metadata has, 2 MiB.
pub(crate) const THIN_LEAST_SECTORS: u64 = 4096;
/// The most that the kernel takes: 255 bitmap blocks of 16,320 blocks of 4 KiB.
const THIN_MOST_SECTORS: u64 = 255 * 16_320 * 8;
/// The most where `allocation/thin_pool_crop_metadata` is set, 15.81 GiB.
pub(crate) const THIN_CROPPED_SECTORS: u64 = 33_161_216;
/// Sectors of a chunk where none is given and thin pools are to be fast, 512 KiB.
const THIN_FAST_CHUNK_SECTORS: u64 = 1024;
/// Chunks grow until the metadata is at most this, 128 MiB.
pub(crate) const THIN_OPTIMAL_SECTORS: u64 = 1 << 18;

/// A cache pool keeps 44 bytes for each chunk (16 for the mapping, 28 for hints) ...
const CACHE_BYTES_PER_CHUNK: u64 = 44;
/// ... and 4 MiB for transactions.
const CACHE_OVERHEAD_SECTORS: u64 = 8192;
/// The most that LVM2 makes, 16 GiB.
const CACHE_MOST_SECTORS: u64 = 1 << 25;
/// Sectors in a mebibyte.
const MEBIBYTE_SECTORS: u64 = 2048;
/// Chunks of caches are whole multiples of so many sectors, 32 KiB.
pub(crate) const CACHE_CHUNK_UNIT: u64 = 64;

/// What a pool needs beside its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolDemand {
    /// Extents of the metadata; the spare is as large.
    pub(crate) metadata_extents: u64,
    /// Sectors of a chunk.
    pub(crate) chunk_sectors: u64,
}

/// The metadata of a pool with so many extents of data.
///
/// Found by trying: the figures are those of LVM2 2.03.16 for pools from 1 MiB to 100 TiB.
///
/// # Errors
/// [`DemandError::BadChunkSize`].
pub(crate) fn pool_demand(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    kind: SegmentType,
    extents: u64,
) -> Result<PoolDemand, DemandError> {
    let data_sectors = extents.saturating_mul(group.extent_size_sectors);
    let given = command.pool_metadata.map(|size| match size.amount {
        // --poolmetadatasize is never a percentage.
        Amount::Sectors(sectors) | Amount::Extents(sectors) => sectors,
        Amount::Percent { .. } => 0,
    });
    let (chunk_sectors, sectors) = if kind == SegmentType::CachePool {
        cache_metadata(data_sectors, given, command.chunk_size_sectors, settings)?
    } else {
        let chunk = command.chunk_size_sectors;
        let whole = |sectors: u64| sectors.checked_next_multiple_of(group.extent_size_sectors);
        thin_metadata(
            data_sectors,
            given.map(|sectors| whole(sectors).unwrap_or(sectors)),
            chunk.or(settings.thin_pool_chunk_sectors),
            settings,
        )?
    };
    Ok(PoolDemand {
        metadata_extents: sectors.div_ceil(group.extent_size_sectors),
        chunk_sectors,
    })
}

/// The metadata that a thin pool of so many extents needs, whose chunks are as large as they are.
///
/// # Errors
/// [`DemandError::BadChunkSize`].
pub(crate) fn grown_metadata_extents(
    group: &VolumeGroup,
    extents: u64,
    chunk_sectors: Option<u64>,
    settings: &Settings,
) -> Result<u64, DemandError> {
    let data_sectors = extents.saturating_mul(group.extent_size_sectors);
    let (_, sectors) = thin_metadata(data_sectors, None, chunk_sectors, settings)?;
    Ok(sectors.div_ceil(group.extent_size_sectors))
}

/// Sectors of a chunk, and of the metadata.
fn thin_metadata(
    data_sectors: u64,
    given: Option<u64>,
    chunk: Option<u64>,
    settings: &Settings,
) -> Result<(u64, u64), DemandError> {
    check_chunk(chunk, 128, "a multiple of 64 KiB up to 1 GiB")?;
    let needed = |chunk: u64| {
        let bytes = data_sectors
            .div_ceil(chunk)
            .saturating_mul(THIN_BYTES_PER_CHUNK);
        bytes.div_ceil(512)
    };
    let most = given.unwrap_or(THIN_OPTIMAL_SECTORS);
    let first = first_chunk(SegmentType::ThinPool, settings);
    let suits = |chunk: u64| needed(chunk) <= most;
    let chunk = chunk.unwrap_or_else(|| match given {
        Some(_) => fitting_chunk(first, suits),
        None => grown_chunk(first, suits),
    });
    let wanted = given.unwrap_or(needed(chunk));
    let most = most_thin_metadata(settings);
    Ok((chunk, wanted.clamp(THIN_LEAST_SECTORS, most)))
}

/// Sectors of metadata that a thin pool is given at most.
pub(crate) fn most_thin_metadata(settings: &Settings) -> u64 {
    match settings.thin_pool_crop_metadata {
        true => THIN_CROPPED_SECTORS,
        false => THIN_MOST_SECTORS,
    }
}

/// Sectors of a chunk, and of the metadata.
fn cache_metadata(
    data_sectors: u64,
    given: Option<u64>,
    chunk: Option<u64>,
    settings: &Settings,
) -> Result<(u64, u64), DemandError> {
    let most = settings.cache_pool_most_chunks;
    check_chunk(chunk, CACHE_CHUNK_UNIT, "a multiple of 32 KiB up to 1 GiB")?;
    let chunks = |chunk: u64| data_sectors / chunk;
    let chunk = match chunk {
        Some(chunk) if chunks(chunk) > most => {
            return Err(DemandError::BadChunkSize {
                sectors: chunk,
                expected: "larger chunks; there would be more than allocation/cache_pool_max_chunks, 1000000 \
                           unless set otherwise",
            });
        }
        Some(chunk) => chunk,
        None => match settings.cache_pool_chunk_sectors {
            // One that is set is the least that is taken, and not doubled.
            Some(set) => {
                let least = data_sectors
                    .div_ceil(most)
                    .next_multiple_of(CACHE_CHUNK_UNIT);
                set.max(least)
            }
            None => grown_chunk(first_chunk(SegmentType::CachePool, settings), |chunk| {
                chunks(chunk) <= most
            }),
        },
    };
    let bytes = chunks(chunk).saturating_mul(CACHE_BYTES_PER_CHUNK);
    let least = CACHE_OVERHEAD_SECTORS.saturating_add(bytes.div_ceil(512));
    let wanted = given.unwrap_or(least).max(least).min(CACHE_MOST_SECTORS);
    Ok((chunk, wanted))
}

/// Sectors of a chunk of a small pool, where none is given or set.
pub(crate) fn first_chunk(kind: SegmentType, settings: &Settings) -> u64 {
    match kind == SegmentType::ThinPool && settings.thin_pool_performs {
        true => THIN_FAST_CHUNK_SECTORS,
        false => CHUNK_SECTORS,
    }
}

/// A chunk, doubled up to 1 MiB, and then so many of these as it takes to suit.
fn fitting_chunk(first: u64, suits: impl Fn(u64) -> bool) -> u64 {
    let is_whole = |chunk: u64| chunk >= MEBIBYTE_SECTORS;
    let mut chunk = grown_chunk(first, |chunk| is_whole(chunk) || suits(chunk));
    while chunk < MAX_CHUNK_SECTORS && !suits(chunk) {
        chunk += MEBIBYTE_SECTORS;
    }
    chunk
}

/// A chunk, doubled until it suits or is as large as can be.
fn grown_chunk(first: u64, suits: impl Fn(u64) -> bool) -> u64 {
    let mut chunk = first;
    while chunk < MAX_CHUNK_SECTORS && !suits(chunk) {
        chunk *= 2;
    }
    chunk
}

fn check_chunk(chunk: Option<u64>, unit: u64, expected: &'static str) -> Result<(), DemandError> {
    match chunk {
        Some(sectors) if sectors > MAX_CHUNK_SECTORS || !sectors.is_multiple_of(unit) => {
            Err(DemandError::BadChunkSize { sectors, expected })
        }
        Some(_) | None => Ok(()),
    }
}
