//! A new pool: data and metadata in one call, and what is left behind where LVM2 fails at that.

use crate::greedy::{Overlap, Placement};
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::{
    append, append_stripes, crop_metadata, empty_volume, segment_over,
};
use crate::lvm::simulate::create::new::{New, legs, place_legs};
use crate::lvm::simulate::request::Companions;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, SegmentType, VolumeGroup};

pub(crate) fn create_pool(
    group: &mut VolumeGroup,
    settings: &Allocator,
    new: &New,
    metadata: u64,
    chunk: u64,
    new_spare: Option<&str>,
) -> Result<(), SimulationError> {
    let placed = place_legs(group, settings, new, Companions::PoolMetadata(metadata))?;
    if new.kind == SegmentType::CachePool && settings.cache_pool_metadata_require_separate_pvs {
        // LVM2 places it, and then finds that the metadata has gone lost.
        let name = &new.name;
        let has_none = format!("LV {name}: has no segment.");
        let corrupted = format!("Internal error: LV segments corrupted in {name}.");
        return Err(Refusal::lines([has_none, corrupted]).into());
    }
    if let Some(overlap) = placed.placement.overlap {
        return Err(overlapping(group, new, &placed.placement, overlap, new_spare).into());
    }
    let (data_ending, metadata_ending, data_key) = match new.kind {
        SegmentType::CachePool => ("_cdata", "_cmeta", "data"),
        _ => ("_tdata", "_tmeta", "pool"),
    };
    let inherit = AllocationPolicy::Inherit;
    let mut data = empty_volume(&format!("{}{data_ending}", new.name), false, inherit);
    append_stripes(
        &mut data,
        &placed.placement,
        0..legs(new),
        new.stripe_sectors,
    );
    let mut meta = empty_volume(&format!("{}{metadata_ending}", new.name), false, inherit);
    let pieces = if new.kind == SegmentType::CachePool {
        &placed.placement.metadata
    } else {
        &placed.placement.logs
    };
    append(&mut meta, pieces, 0);
    let mut segment = segment_over(&new.word, placed.extents(), [], &[("chunk_size", chunk)]);
    segment
        .strings
        .insert(data_key.to_string(), data.name.clone());
    segment.strings.insert("metadata", meta.name.clone());
    if new.kind == SegmentType::ThinPool {
        segment.numbers.insert("zero_new_blocks", 1);
        segment.strings.insert("discards", "passdown".to_string());
    }
    let mut pool = empty_volume(&new.name, true, new.policy);
    pool.segments.push(segment);
    group.logical_volumes.extend([meta, data, pool]);
    crop_metadata(group, &new.name);
    Ok(())
}

/// LVM2 may put the metadata of a pool where it has just put data. It finds out as it writes that
/// down, takes the pool back, and leaves the metadata behind under the name of the pool.
fn overlapping(
    group: &VolumeGroup,
    new: &New,
    placement: &Placement,
    overlap: Overlap,
    new_spare: Option<&str>,
) -> Refusal {
    let free = |group: &VolumeGroup| group.free().iter().map(|areas| areas.total()).sum::<u64>();
    let allocated = |group: &VolumeGroup| {
        let volume = &group.physical_volumes[overlap.source];
        volume.extents - group.free()[overlap.source].total()
    };
    let pieces = placement.chunks.iter().flat_map(|chunk| &chunk.pieces);
    let pieces = pieces.chain(&placement.logs);
    let (mut added, mut added_there) = (0, 0);
    for (source, range) in pieces {
        let count = u64::from(range.count);
        added += count;
        if *source == overlap.source {
            added_there += count;
        }
    }
    let twice = u64::from(overlap.data);
    let found = |group: &VolumeGroup| {
        let allocated = allocated(group) + added_there;
        let free = free(group).saturating_sub(added);
        [
            format!(
                "Inconsistent length: {} {}",
                overlap.log.count, overlap.data
            ),
            format!(
                "PV segment pe_alloc_count mismatch: {} != {allocated}",
                allocated - twice
            ),
            format!(
                "PV segment VG free_count mismatch: {} != {free}",
                free + twice
            ),
            format!("Internal error: PV segments corrupted in {}.", group.name),
            format!(
                "LV {}_tmeta: segment 1 has inconsistent PV area 0",
                new.name
            ),
            format!(
                "Internal error: LV segments corrupted in {}_tmeta.",
                new.name
            ),
        ]
    };
    let mut lines = found(group).to_vec();
    // A spare that was made for this pool is taken back, too, and the group looked at again.
    if let Some(spare) = new_spare {
        let mut without = group.clone();
        without
            .logical_volumes
            .retain(|volume| volume.name != spare);
        lines.extend(found(&without));
    }
    let mut left = group.clone();
    let mut metadata = empty_volume(&new.name, true, AllocationPolicy::Inherit);
    append(&mut metadata, &[(overlap.source, overlap.log)], 0);
    left.logical_volumes.push(metadata);
    Refusal {
        left: Some(Box::new(left)),
        ..Refusal::lines(lines)
    }
}

/// Where LVM2 ends itself, the spare stays behind as the ordinary volume that it was made as.
pub(crate) fn leaving_spare(error: SimulationError, group: &VolumeGroup) -> SimulationError {
    let SimulationError::Refused(mut refusal) = error else {
        return error;
    };
    if refusal.messages.is_empty() {
        let mut left = group.clone();
        let ending = "_pmspare";
        for volume in &mut left.logical_volumes {
            if let Some(name) = volume.name.strip_suffix(ending) {
                volume.name = name.to_string();
                volume.status.insert("VISIBLE".to_string());
            }
        }
        refusal.left = Some(Box::new(left));
    }
    refusal.into()
}
