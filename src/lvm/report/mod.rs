//! LVM2's reports, JSON or tables, to [`VolumeGroup`]s.
//!
//! Four steps: `rows` takes the rows out of JSON and `table` out of tables, whatever stands between them, and `fields` what is asked for out of a row; `group` tells
//! which rows are about which volume group, volume and segment; `size` reads sizes in any unit;
//! `assemble` makes a volume group of it, with the `status` of each volume and what it is `related` to; `disk` checks that what is held and what is free adds up, and `agree`
//! that what the report states besides comes to the same.

mod agree;
mod assemble;
mod disk;
mod error;
mod extent_size;
mod fields;
mod group;
mod related;
mod rows;
mod segment;
mod size;
mod status;
mod table;
mod value;

pub use error::{MissingField, ReportError};

use crate::lvm::VolumeGroup;

/// Reads the volume groups of a JSON report (`json` or `json_std`) or of tables as LVM2 prints them, or of several behind each other.
///
/// `lvm fullreport -a --reportformat json` holds everything; without `-a` hidden volumes have no
/// names, and what lies on them has segments without parts. `pvs --segments` is enough with
/// `-o +lv_name,vg_extent_size`. Sizes may be in any unit that says its name; numbers without one are
/// taken for bytes or sectors, by the start of the first extent. Messages that a shell mixed into the
/// report are skipped.
///
/// `pvs -v --segments` is a table that holds enough for new volumes, and so are `vgs -v`, `pvs` and `lvs -a -o+devices`
/// together where their sizes leave one number of extents; with `lvs -a -v --segments -o +seg_pe_ranges,seg_size_pe,seg_start_pe,metadata_devices` behind it
/// for those that are there, too. Rounded sizes leave one extent size, or the report has to say it.
///
/// A report is sorted by name: the order of the physical volumes in the metadata, in which LVM2
/// allocates, is lost, unless it was taken with `--configreport pv -O ''`.
///
/// # Errors
/// A text that is no report; a report that does not hold enough, with the option that would add what is
/// missing; sizes that are rounded; rows that contradict each other.
pub fn read_reports(text: &str) -> Result<Vec<VolumeGroup>, ReportError> {
    let json = rows::without_messages(text);
    let (text, rows) = if table::sets_out(text) {
        (text, table::rows(text)?)
    } else {
        (&*json, rows::rows(&json)?)
    };
    let groups = group::groups(text, &rows)?;
    if groups.is_empty() {
        return Err(ReportError::NoVolumeGroup);
    }
    groups.iter().map(assemble::assemble).collect()
}

/// What a text is that is almost a table, and how it becomes one.
#[must_use]
pub fn almost_table(text: &str) -> Option<&'static str> {
    table::almost(text)
}

/// Whether a text sets out as a JSON object with a `report` in it, or as a table, behind messages.
///
/// Says nothing about whether [`read_reports`] can read it.
#[must_use]
pub fn looks_like_report(text: &str) -> bool {
    rows::sets_out(text) || table::sets_out(text)
}
