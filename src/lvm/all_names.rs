//! Every name in a volume group: checked, or made such that it can be shown.
//!
//! All fields are named, so that whoever adds one has to say what it is.

use std::borrow::Cow;

use crate::core::printable;
use crate::lvm::names::Named;
use crate::lvm::{LogicalVolume, LvSegment, NameError, Part, PhysicalVolume, VolumeGroup};

/// Checks every name in a volume group, so that whatever is said of it can be printed, and whatever is
/// to be run on it can be typed.
///
/// # Errors
/// [`NameError`] for the first name that is none.
pub fn check_names(group: &VolumeGroup) -> Result<(), NameError> {
    let VolumeGroup {
        name,
        id,
        seqno: _,
        max_volumes: _,
        max_disks: _,
        system_id,
        extent_size_sectors: _,
        status,
        policy: _,
        tags,
        physical_volumes,
        logical_volumes,
        historical_volumes,
        unsaid: _,
    } = group;
    Named::VolumeGroup.check(name)?;
    Named::Word.check(id)?;
    Named::Word.check(system_id)?;
    each(Named::Word, status)?;
    each(Named::Tag, tags)?;
    physical_volumes.iter().try_for_each(physical_names)?;
    logical_volumes.iter().try_for_each(logical_names)?;
    each(Named::Word, historical_volumes)
}

fn physical_names(volume: &PhysicalVolume) -> Result<(), NameError> {
    let PhysicalVolume {
        key,
        device,
        id,
        extents: _,
        allocatable: _,
        missing: _,
        tags,
    } = volume;
    Named::PhysicalVolume.check(key)?;
    Named::PhysicalVolume.check(device)?;
    Named::Word.check(id)?;
    each(Named::Tag, tags)
}

fn logical_names(volume: &LogicalVolume) -> Result<(), NameError> {
    let LogicalVolume {
        name,
        id,
        status,
        policy: _,
        tags,
        segments,
    } = volume;
    Named::LogicalVolume.check(name)?;
    Named::Word.check(id)?;
    each(Named::Word, status)?;
    each(Named::Tag, tags)?;
    segments.iter().try_for_each(segment_names)
}

fn segment_names(segment: &LvSegment) -> Result<(), NameError> {
    let LvSegment {
        start_extent: _,
        extent_count: _,
        segment_type,
        parts,
        numbers,
        strings,
    } = segment;
    Named::Word.check(segment_type)?;
    for part in parts {
        match part {
            Part::Logical { volume, start: _ } => Named::LogicalVolume.check(volume)?,
            Part::Physical {
                volume: _,
                start: _,
            } => {}
        }
    }
    each(Named::Word, numbers.keys())?;
    each(Named::Word, strings.keys())?;
    each(Named::Word, strings.values())
}

fn each(named: Named, names: impl IntoIterator<Item: AsRef<str>>) -> Result<(), NameError> {
    let mut names = names.into_iter();
    names.try_for_each(|name| named.check(name.as_ref()))
}

impl VolumeGroup {
    /// The group with every name as it can be shown: what is not printable is escaped.
    ///
    /// For looking at alone: to LVM2 these are other names.
    #[must_use]
    pub fn printable(self) -> VolumeGroup {
        let VolumeGroup {
            name,
            id,
            seqno,
            max_volumes,
            max_disks,
            system_id,
            extent_size_sectors,
            status,
            policy,
            tags,
            physical_volumes,
            logical_volumes,
            historical_volumes,
            unsaid,
        } = self;
        VolumeGroup {
            name: clean(name),
            id: clean(id),
            seqno,
            max_volumes,
            max_disks,
            system_id: clean(system_id),
            extent_size_sectors,
            status: status.into_iter().map(clean).collect(),
            policy,
            tags: tags.into_iter().map(clean).collect(),
            physical_volumes: physical_volumes.into_iter().map(printable_disk).collect(),
            logical_volumes: logical_volumes.into_iter().map(printable_volume).collect(),
            historical_volumes: historical_volumes.into_iter().map(clean).collect(),
            unsaid,
        }
    }
}

fn printable_disk(volume: PhysicalVolume) -> PhysicalVolume {
    let PhysicalVolume {
        key,
        device,
        id,
        extents,
        allocatable,
        missing,
        tags,
    } = volume;
    PhysicalVolume {
        key: clean(key),
        device: clean(device),
        id: clean(id),
        extents,
        allocatable,
        missing,
        tags: tags.into_iter().map(clean).collect(),
    }
}

fn printable_volume(volume: LogicalVolume) -> LogicalVolume {
    let LogicalVolume {
        name,
        id,
        status,
        policy,
        tags,
        segments,
    } = volume;
    LogicalVolume {
        name: clean(name),
        id: clean(id),
        status: status.into_iter().map(clean).collect(),
        policy,
        tags: tags.into_iter().map(clean).collect(),
        segments: segments.into_iter().map(printable_segment).collect(),
    }
}

fn printable_segment(segment: LvSegment) -> LvSegment {
    let LvSegment {
        start_extent,
        extent_count,
        segment_type,
        parts,
        numbers,
        strings,
    } = segment;
    let part = |part| match part {
        Part::Logical { volume, start } => Part::Logical {
            volume: clean(volume),
            start,
        },
        Part::Physical { volume, start } => Part::Physical { volume, start },
    };
    LvSegment {
        start_extent,
        extent_count,
        segment_type: clean(segment_type),
        parts: parts.into_iter().map(part).collect(),
        numbers: numbers
            .into_iter()
            .map(|(key, value)| (clean_key(key), value))
            .collect(),
        strings: strings
            .into_iter()
            .map(|(key, value)| (clean_key(key), clean(value)))
            .collect(),
    }
}

fn clean_key(key: Cow<'static, str>) -> Cow<'static, str> {
    match printable(&key) {
        Cow::Borrowed(_) => key,
        Cow::Owned(shown) => Cow::Owned(shown),
    }
}

fn clean(name: String) -> String {
    match printable(&name) {
        Cow::Borrowed(_) => name,
        Cow::Owned(shown) => shown,
    }
}
