//! The type of a new volume whose command names none, as settings have it.

use crate::lvm::{LvCommand, SegmentType, Settings, TypeArgument, Verb};

/// Names the type of what `lvcreate -m` makes where settings say another one than LVM2 does by itself.
pub(crate) fn name_type(command: &mut LvCommand, settings: &Settings) {
    if command.verb != Verb::Create || command.segment_type.is_some() {
        return;
    }
    let by_itself = command.created_type();
    let kind = match by_itself {
        SegmentType::Raid1 => settings.mirror_type,
        SegmentType::Raid10 => settings.striped_mirror_type,
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => return,
    };
    if kind != by_itself {
        command.segment_type = Some(TypeArgument::plain(kind));
    }
}
