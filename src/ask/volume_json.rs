//! The logical volumes of a group for programs: what `volume_tree` tells people.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::fault::Result;
use crate::ask::volume_tree::kinds;
use crate::lvm::{AllocationPolicy, Headroom, Layers, LogicalVolume, VolumeGroup, headroom};

/// The format of the answer.
#[derive(Serialize, JsonSchema)]
enum VolumesSchema {
    #[serde(rename = "extentplan/volumes/1")]
    One,
}

/// The logical volumes of a group.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RawVolumes<'g> {
    /// The format of the answer.
    schema: VolumesSchema,
    /// The volume group.
    group: &'g str,
    /// Bytes of an extent.
    extent_bytes: u64,
    /// In metadata order, hidden ones included.
    volumes: Vec<RawVolume<'g>>,
}

/// A logical volume.
#[derive(Serialize, JsonSchema)]
struct RawVolume<'g> {
    /// Its name.
    name: &'g str,
    /// The types of its segments, with their legs: `raid1, 2 legs`.
    #[serde(rename = "type")]
    kinds: String,
    /// Logical extents.
    extents: u64,
    /// Whether users know it by its name.
    visible: bool,
    /// Its allocation policy, if it is its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'static str>,
    /// Its tags.
    tags: Vec<&'g str>,
    /// Extents of disks that it lies on itself: device, first extent, count.
    devices: Vec<(&'g str, u64, u64)>,
    /// The volumes that it stands on directly.
    below: Vec<&'g str>,
    /// Where the changes of another volume are kept: what is known of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<RawSnapshot<'g>>,
    /// Of a thin pool what its volumes show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<RawPool>,
}

/// What a snapshot holds.
#[derive(Serialize, JsonSchema)]
struct RawSnapshot<'g> {
    /// The volume it is of.
    origin: &'g str,
    /// Bytes of a chunk, the least that a change takes.
    chunk_bytes: u64,
    /// Bytes of chunks that change before it is full.
    held_bytes: u64,
    /// Whether it holds all of the origin, and is never full.
    never_full: bool,
    /// Seconds until it is full at the rate that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
}

/// What the volumes of a thin pool show.
#[derive(Serialize, JsonSchema)]
struct RawPool {
    /// How many there are.
    volumes: u64,
    /// Extents that they show together; the pool has those of the volume.
    promised_extents: u64,
    /// How many more as large as the largest before more is promised than there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_as_large: Option<u64>,
    /// Bytes of data that its metadata is counted for, at 64 bytes for each chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped_bytes: Option<u64>,
}

/// The volumes of the group as JSON; at `rate`, in bytes a second that change, how long snapshots last.
///
/// # Errors
/// None that could be the user's fault.
pub fn volumes_json(group: &VolumeGroup, rate: Option<u64>) -> Result<String> {
    let layers = Layers::new(group);
    let rooms = headroom(group);
    let volumes = group.logical_volumes.iter().enumerate();
    let raw = RawVolumes {
        schema: VolumesSchema::One,
        group: &group.name,
        extent_bytes: group.extent_bytes(),
        volumes: volumes
            .map(|(index, volume)| of_volume(group, &layers, &rooms, rate, (index, volume)))
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&raw)? + "\n")
}

fn of_volume<'g>(
    group: &'g VolumeGroup,
    layers: &Layers<'g>,
    rooms: &BTreeMap<usize, Headroom<'g>>,
    rate: Option<u64>,
    (index, volume): (usize, &'g LogicalVolume),
) -> RawVolume<'g> {
    let segments = volume.segments.iter();
    let areas = segments.flat_map(|segment| segment.physical());
    let devices = areas.map(|(disk, area)| {
        let device = group.physical_volumes[disk].device.as_str();
        (device, area.start(), area.count())
    });
    let (mut snapshot, mut pool) = (None, None);
    match rooms.get(&index) {
        Some(Headroom::Snapshot(room)) => {
            let rate = rate.filter(|_| !room.holds_all);
            snapshot = Some(RawSnapshot {
                origin: room.origin,
                chunk_bytes: room.chunk_bytes,
                held_bytes: room.held_bytes,
                never_full: room.holds_all,
                seconds: rate.map(|rate| room.held_bytes / rate.max(1)),
            });
        }
        Some(Headroom::Pool(room)) => {
            pool = Some(RawPool {
                volumes: room.volumes,
                promised_extents: room.promised,
                more_as_large: room.more_as_large(),
                mapped_bytes: room.mapped_bytes,
            });
        }
        None => {}
    }
    RawVolume {
        name: &volume.name,
        kinds: kinds(volume),
        extents: volume.extents(),
        visible: layers.is_seen(index),
        policy: (volume.policy != AllocationPolicy::Inherit).then(|| volume.policy.name()),
        tags: volume.tags.iter().map(String::as_str).collect(),
        devices: devices.collect(),
        below: layers
            .directly_below(index)
            .into_iter()
            .map(|lower| group.logical_volumes[lower].name.as_str())
            .collect(),
        snapshot,
        pool,
    }
}
