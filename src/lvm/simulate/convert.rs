//! `lvconvert` of two volumes into a pool.

use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::build::{empty_volume, segment_over};
use crate::lvm::simulate::spare::provide_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, LvCommand, SegmentType, Settings, VolumeGroup};

/// Simulates `lvconvert --type thin-pool|cache-pool --poolmetadata METADATA DATA`.
///
/// No extent moves; only a spare for the metadata may have to be made or to grow.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn convert(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    let unsupported = || SimulationError::unsupported("this conversion");
    let given = command.segment_type.as_ref().ok_or_else(unsupported)?;
    let (data_ending, metadata_ending, data_key) = match given.kind {
        SegmentType::CachePool => ("_cdata", "_cmeta", "data"),
        SegmentType::ThinPool => ("_tdata", "_tmeta", "pool"),
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => return Err(unsupported()),
    };
    let allowed = allowed(group, &command.physical_volumes, Unusable::Skip)?;
    let mut group = group.clone();
    let mut data = take(&mut group, command.name.as_ref())?;
    let mut metadata = take(&mut group, command.pool_metadata_volume.as_ref())?;
    if command.pool_metadata_spare.unwrap_or(true) {
        provide_spare(&mut group, settings, metadata.extents(), &allowed)?;
    }
    let chunk = command.chunk_size_sectors.unwrap_or(128);
    let mut pool = empty_volume(&data.name, true, AllocationPolicy::Inherit);
    data.name.push_str(data_ending);
    metadata.name = format!("{}{metadata_ending}", pool.name);
    let mut segment = segment_over(&given.word, data.extents(), [], &[("chunk_size", chunk)]);
    for (key, part) in [(data_key, &data), ("metadata", &metadata)] {
        segment.strings.insert(key.to_string(), part.name.clone());
    }
    pool.segments.push(segment);
    group.logical_volumes.extend([metadata, data, pool]);
    Ok(group)
}

/// Takes a volume out of the group, to be hidden in another.
fn take(group: &mut VolumeGroup, name: Option<&String>) -> Result<LogicalVolume, Refusal> {
    let name = name.map_or("", String::as_str);
    let at = group
        .logical_volumes
        .iter()
        .position(|volume| volume.name == name && volume.is_visible());
    let at = at.ok_or_else(|| {
        Refusal::new(format!(
            "Failed to find logical volume \"{}/{name}\"",
            group.name
        ))
    })?;
    let mut volume = group.logical_volumes.remove(at);
    volume.status.remove("VISIBLE");
    Ok(volume)
}
