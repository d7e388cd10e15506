//! Sources of our own as a volume group, so that LVM2's commands can be asked for on them.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::core::{Area, Areas, Source};
use crate::lvm::{
    AllocationPolicy, ByKey, LARGEST, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};

/// Why sources cannot be a volume group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SourcesError {
    /// An extent is not a whole number of sectors, or of more than LVM2 counts.
    #[error(
        "`extent_bytes` is {extent_bytes}; LVM2 needs a multiple of 512, at least 512 and less than 2^41"
    )]
    ExtentSize {
        /// The size found.
        extent_bytes: u64,
    },
    /// A source has more extents than a physical volume can have.
    #[error(
        "source `{source_name}` has {extents} extents; LVM2 counts those of a disk up to {LARGEST}"
    )]
    TooLarge {
        /// The source.
        source_name: String,
        /// Its extents.
        extents: u64,
    },
}

impl VolumeGroup {
    /// A volume group `pool` with one physical volume per source; what is not free is held by a
    /// hidden logical volume `occupied`.
    ///
    /// # Errors
    /// `SourcesError` if an extent is not a whole number of sectors, or a source is too large.
    pub fn of_sources(sources: &[Source], extent_bytes: u64) -> Result<VolumeGroup, SourcesError> {
        let sectors = extent_bytes / 512;
        if !(1..=LARGEST).contains(&sectors) || !extent_bytes.is_multiple_of(512) {
            return Err(SourcesError::ExtentSize { extent_bytes });
        }
        if let Some(source) = sources.iter().find(|source| source.extents > LARGEST) {
            return Err(SourcesError::TooLarge {
                source_name: source.name.clone(),
                extents: source.extents,
            });
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
            physical_volumes: physical_volumes.collect(),
            logical_volumes: occupied(sources).into_iter().collect(),
            ..VolumeGroup::empty("pool", sectors)
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
                numbers: ByKey::from([("stripe_count", 1)]),
                strings: ByKey::new(),
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
            ..Source::default()
        };
        let sources = [source("a", &[(0, 10), (20, 5)]), source("b", &[(0, 50)])];
        let group = VolumeGroup::of_sources(&sources, 1024).expect("whole sectors");
        let free: Vec<Areas> = sources.iter().map(|source| source.free.clone()).collect();
        assert_eq!(group.free(), free);
        assert!(VolumeGroup::of_sources(&sources, 100).is_err());
        assert!(VolumeGroup::of_sources(&sources, 0).is_err());
        assert!(VolumeGroup::of_sources(&sources, 1 << 41).is_err());
        assert!(VolumeGroup::of_sources(&sources, (1 << 41) - 512).is_ok());
        let extents = |extents| Source {
            extents,
            ..source("a", &[])
        };
        assert!(VolumeGroup::of_sources(&[extents(LARGEST)], 512).is_ok());
        assert!(VolumeGroup::of_sources(&[extents(LARGEST + 1)], 512).is_err());
    }
}
