//! What a report states besides its segments, sizes and counts in each of its rows, has to come to the same as they do.

use crate::core::{Areas, counted};
use crate::lvm::report::ReportError;
use crate::lvm::report::group::{Group, contradicts};
use crate::lvm::report::rows::Row;
use crate::lvm::report::segment::{Names, UNKNOWN_TYPE};
use crate::lvm::report::size::{self, SECTOR_BYTES};
use crate::lvm::{LogicalVolume, LvSegment, SegmentType, VolumeGroup};

/// Compares every size and count that a row states with `made`, which the segments of all rows make.
///
/// # Errors
/// The first that differs, with its place, and what there is instead.
pub(crate) fn check(
    group: &Group<'_>,
    names: &Names<'_, '_>,
    made: &VolumeGroup,
) -> Result<(), ReportError> {
    let free: Vec<u64> = made.free().iter().map(Areas::total).collect();
    let sizes = made.physical_volumes.iter().map(|disk| disk.extents);
    let (size_of_all, free_of_all) = (sizes.sum(), free.iter().sum());
    let stated = Stated {
        group,
        names,
        extent_bytes: u128::from(made.extent_size_sectors) * SECTOR_BYTES,
    };
    for row in &group.rows {
        let whole = format!("`{}`", made.name);
        stated.size(row, "vg_extent_size", 1, &whole)?;
        stated.size(row, "vg_size", size_of_all, &whole)?;
        stated.size(row, "vg_free", free_of_all, &whole)?;
        stated.count(row, "vg_extent_count", size_of_all, &whole)?;
        stated.count(row, "vg_free_count", free_of_all, &whole)?;
        if let Some(index) = names.physical.find(row) {
            let disk = &made.physical_volumes[index];
            let (extents, free, name) = (disk.extents, free[index], format!("`{}`", disk.device));
            stated.size(row, "pv_size", extents, &name)?;
            stated.size(row, "pv_free", free, &name)?;
            stated.size(row, "pv_used", extents - free, &name)?;
            stated.count(row, "pv_pe_count", extents, &name)?;
            stated.count(row, "pv_pe_alloc_count", extents - free, &name)?;
        }
        if let Some(index) = names.logical.find(row)
            && let Some(extents) = described(&made.logical_volumes[index])
        {
            let name = format!("`{}`", made.logical_volumes[index].name);
            stated.size(row, "lv_size", extents, &name)?;
        }
        if let Some(extents) = row.filled("seg_size_pe").and_then(|text| text.parse().ok()) {
            stated.size(row, "seg_size", extents, "a segment")?;
        }
    }
    Ok(())
}

/// The extents of a volume, where the report describes all of its segments, and none can have been reshaped: what
/// a reshape works in is no part of its size.
fn described(volume: &LogicalVolume) -> Option<u64> {
    let is_described = |segment: &LvSegment| {
        let is_striped_raid = |kind: SegmentType| kind.is_raid() && kind != SegmentType::Raid1;
        let kind = SegmentType::from_word(segment.base_type());
        segment.segment_type != UNKNOWN_TYPE && !kind.is_some_and(is_striped_raid)
    };
    let segments = &volume.segments;
    (!segments.is_empty() && segments.iter().all(is_described))
        .then(|| segments.iter().map(|segment| segment.extent_count).sum())
}

struct Stated<'g, 'r> {
    group: &'g Group<'r>,
    names: &'g Names<'g, 'r>,
    extent_bytes: u128,
}

impl Stated<'_, '_> {
    /// Compares a size, which may be rounded, with so many extents.
    fn size(&self, row: &Row<'_>, field: &str, extents: u64, of: &str) -> Result<(), ReportError> {
        let bytes = u128::from(extents) * self.extent_bytes;
        match row.filled(field) {
            Some(text) if !size::can_be(text, self.names.plain, bytes) => {
                Err(self.differs(text, field, extents, of))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Compares a count with so many extents.
    fn count(&self, row: &Row<'_>, field: &str, extents: u64, of: &str) -> Result<(), ReportError> {
        match row.filled(field) {
            Some(text) if text.parse() != Ok(extents) => {
                Err(self.differs(text, field, extents, of))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn differs(&self, text: &str, field: &str, extents: u64, of: &str) -> ReportError {
        let bytes = u128::from(extents) * self.extent_bytes;
        let extents = counted(extents, "extent");
        let what = format!(
            "`{field}` of {of} is `{text}`, and by the segments in the report it is {extents} ({bytes}B)"
        );
        contradicts(self.group, text, what)
    }
}
