//! What a logical volume is made of: the images of its segments, and the volumes below it.

use crate::lvm::{LogicalVolume, LvSegment, Part, SegmentType, VolumeGroup};

/// The data parts of a segment, in leg order: RAID metadata is left out.
pub(crate) fn images(segment: &LvSegment) -> Vec<&Part> {
    let kind = segment.base_type();
    let alternates = kind.starts_with("raid") && kind != "raid0";
    let step = if alternates { 2 } else { 1 };
    let skip = if alternates { 1 } else { 0 };
    segment.parts.iter().skip(skip).step_by(step).collect()
}

/// The name of the metadata of a RAID image of a segment.
pub(crate) fn metadata_of(segment: &LvSegment, image: &str) -> String {
    let pairs = segment.parts.windows(2);
    let mut before = pairs.filter_map(|pair| match pair {
        [
            Part::Logical { volume, .. },
            Part::Logical { volume: next, .. },
        ] if next == image => Some(volume.clone()),
        _ => None,
    });
    let named = || image.replace("_rimage_", "_rmeta_");
    before.next().unwrap_or_else(named)
}

/// Logical extents of a segment per extent of one of its images; 1 where the parts are physical.
pub(crate) fn image_multiple(segment: &LvSegment) -> u64 {
    let kind = segment.base_type();
    let Some(kind) = SegmentType::from_word(kind) else {
        return 1;
    };
    let count = images(segment).len() as u64;
    let multiple = match kind {
        SegmentType::Raid0 | SegmentType::Raid0Meta | SegmentType::Striped => count,
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 => {
            count.saturating_sub(kind.parity())
        }
        SegmentType::Raid10 => count / 2,
        SegmentType::Linear
        | SegmentType::Raid1
        | SegmentType::Mirror
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
    };
    multiple.max(1)
}

/// A volume and all that it is made of.
pub(crate) fn with_parts(group: &VolumeGroup, name: &str) -> Vec<String> {
    let mut names = vec![name.to_string()];
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        let Some(volume) = group.logical_volume(&name) else {
            continue;
        };
        for segment in &volume.segments {
            let parts = segment.parts.iter().filter_map(|part| match part {
                Part::Logical { volume, .. } => Some(volume),
                Part::Physical { .. } => None,
            });
            // The origin of a snapshot or a thin volume lies beside it.
            let keys: &[&str] = match segment.base_type() {
                "cache" | "writecache" | "integrity" => {
                    &["origin", "cache_pool", "writecache", "meta_dev"]
                }
                _ => &["mirror_log", "pool", "data", "metadata"],
            };
            let named = keys.iter().filter_map(|key| segment.strings.get(key));
            for part in parts.chain(named) {
                if !names.contains(part) {
                    names.push(part.clone());
                }
            }
        }
    }
    names
}

/// The origin of which a volume holds copies, and the volume that joins them.
pub(crate) fn joined<'g>(group: &'g VolumeGroup, copies: &str) -> Option<(&'g str, &'g str)> {
    let mut volumes = group.logical_volumes.iter();
    volumes.find_map(|volume| {
        let segment = volume.segments.first()?;
        let holds = segment.base_type() == "snapshot"
            && segment
                .strings
                .get("cow_store")
                .is_some_and(|name| name == copies);
        holds.then(|| {
            Some((
                segment.strings.get("origin")?.as_str(),
                volume.name.as_str(),
            ))
        })?
    })
}

/// The extents of the origin of which a volume holds copies.
pub(crate) fn origin_extents(group: &VolumeGroup, copies: &str) -> Option<u64> {
    let (origin, _) = joined(group, copies)?;
    group.logical_volume(origin).map(LogicalVolume::extents)
}

/// Exceptions take 16 bytes each: a sector holds so many.
const EXCEPTIONS_PER_SECTOR: u64 = 32;

/// The most extents that copies of a whole origin take, in chunks of so many sectors, at least one.
pub(crate) fn most_extents(origin_extents: u64, extent_sectors: u64, chunk: u64) -> u64 {
    let chunks = origin_extents
        .saturating_mul(extent_sectors)
        .div_ceil(chunk);
    let tables = chunks / chunk.saturating_mul(EXCEPTIONS_PER_SECTOR) + 1;
    let all = chunks.saturating_add(tables).saturating_add(1);
    all.saturating_mul(chunk).div_ceil(extent_sectors)
}

/// The extents that the copies of a snapshot can take at the most.
pub(crate) fn most_copies(group: &VolumeGroup, copies: &str) -> Option<u64> {
    let (_, joining) = joined(group, copies)?;
    let segment = group.logical_volume(joining)?.segments.first()?;
    let chunk = segment.numbers.get("chunk_size").copied();
    let chunk = chunk.filter(|sectors| *sectors > 0).unwrap_or(8);
    let origin = origin_extents(group, copies)?;
    Some(most_extents(origin, group.extent_size_sectors, chunk))
}
