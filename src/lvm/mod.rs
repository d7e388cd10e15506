//! LVM2: the only place where its words and those of `core` meet.

mod volume_group;

pub use volume_group::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};
