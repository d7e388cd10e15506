//! Sources of our own as a volume group, so that LVM2's commands can be asked for on them.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::core::{Area, Areas, Source};
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup};

/// Why sources cannot be a volume group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`extent_bytes` is {extent_bytes}; LVM2 needs a multiple of 512, at least 512")]
pub struct ExtentSizeError {
    /// The size found.
    pub extent_bytes: u64,
}

impl VolumeGroup {
    /// A volume group `pool` with one physical volume per source; what is not free is held by a
    /// hidden logical volume `occupied`.
    ///
    /// # Errors
    /// If an extent is not a whole number of sectors.
    pub fn of_sources(
        sources: &[Source],
        extent_bytes: u64,
    ) -> Result<VolumeGroup, ExtentSizeError> {
        if extent_bytes == 0 || !extent_bytes.is_multiple_of(512) {
            return Err(ExtentSizeError { extent_bytes });
        }
        let physical_volumes = sources
            .iter()
            .enumerate()
            .map(|(index, source)| PhysicalVolume {
                key: format!("pv{index}"),
                device: source.name.clone(),
                id: String::new(),
                extents: source.extents,
                allocatable: true,
                missing: false,
                tags: source.tags.clone(),
            });
        Ok(VolumeGroup {
            name: "pool".to_string(),
            id: String::new(),
            seqno: 1,
            extent_size_sectors: extent_bytes / 512,
            status: ["RESIZEABLE", "READ", "WRITE"].map(String::from).into(),
            policy: AllocationPolicy::Normal,
            tags: BTreeSet::new(),
            physical_volumes: physical_volumes.collect(),
            logical_volumes: occupied(sources).into_iter().collect(),
        })
    }
}

/// What is not free, as one volume of linear segments.
fn occupied(sources: &[Source]) -> Option<LogicalVolume> {
    let mut segments: Vec<LvSegment> = Vec::new();
    let mut start_extent = 0;
    for (volume, source) in sources.iter().enumerate() {
        let all: Areas = Area::new(0, source.extents).into_iter().collect();
        for area in all.difference(&source.free).iter() {
            segments.push(LvSegment {
                start_extent,
                extent_count: area.count(),
                segment_type: "striped".to_string(),
                parts: vec![Part::Physical {
                    volume,
                    start: area.start(),
                }],
                numbers: BTreeMap::from([("stripe_count".to_string(), 1)]),
                strings: BTreeMap::new(),
            });
            start_extent += area.count();
        }
    }
    (!segments.is_empty()).then(|| LogicalVolume {
        name: "occupied".to_string(),
        id: String::new(),
        status: ["READ", "WRITE"].map(String::from).into(),
        policy: AllocationPolicy::Inherit,
        tags: BTreeSet::new(),
        segments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_stays_free() {
        let source = |name: &str, free: &[(u64, u64)]| Source {
            name: name.to_string(),
            extents: 50,
            free: free
                .iter()
                .filter_map(|&(start, count)| Area::new(start, count))
                .collect(),
            tags: BTreeSet::new(),
        };
        let sources = [source("a", &[(0, 10), (20, 5)]), source("b", &[(0, 50)])];
        let group = VolumeGroup::of_sources(&sources, 1024).expect("whole sectors");
        let free: Vec<Areas> = sources.iter().map(|source| source.free.clone()).collect();
        assert_eq!(group.free(), free);
        assert!(VolumeGroup::of_sources(&sources, 100).is_err());
    }
}
