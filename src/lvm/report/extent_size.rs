//! How large an extent is: stated, counted, or the only size that rounded sizes leave.

use crate::lvm::LARGEST;
use crate::lvm::report::group::Group;
use crate::lvm::report::size::{self, Plain, SECTOR_BYTES};
use crate::lvm::report::value::whole;
use crate::lvm::report::{MissingField, ReportError};

/// Extent sizes of LVM2 are powers of two or multiples of this many bytes.
const STEP_BYTES: u128 = 128 * 1024;

/// A size in the report, and the extents that it is.
type Counted<'g> = (&'static str, &'g str, u64);

/// The extent size in sectors; `whole_disks` are sizes of disks with their extents.
///
/// # Errors
/// Sizes that are rounded and leave several extent sizes.
pub(crate) fn extent_size(
    group: &Group<'_>,
    plain: Plain,
    whole_disks: &[(&str, u64)],
    missing: &mut Vec<MissingField>,
) -> Result<u64, ReportError> {
    let counted = counted(group, whole_disks)?;
    let mut inexact = None;
    for (field, text, count) in &counted {
        let why = match size::sectors(text, plain) {
            Ok(sectors) if sectors >= *count && sectors.is_multiple_of(*count) => {
                match sectors / count {
                    each if each <= LARGEST => return Ok(each),
                    _ => size::TOO_LARGE,
                }
            }
            Ok(_) => size::ROUNDED,
            Err(why) => why,
        };
        inexact.get_or_insert(ReportError::InexactSize {
            group: group.name.clone(),
            field: (*field).to_string(),
            found: (*text).to_string(),
            why,
        });
    }
    if let Some(each) = only_size(&counted) {
        return Ok(each);
    }
    match inexact {
        Some(error) => Err(error),
        None => {
            missing.push(MissingField {
                what: "its extent size",
                of: Vec::new(),
                option: "-o +vg_extent_size",
            });
            Ok(1)
        }
    }
}

/// The sizes of which the report says how many extents they are.
fn counted<'g>(
    group: &'g Group<'_>,
    whole_disks: &[(&'g str, u64)],
) -> Result<Vec<Counted<'g>>, ReportError> {
    let mut counted = Vec::new();
    for (size_field, count_field) in [
        ("vg_extent_size", None),
        ("vg_size", Some("vg_extent_count")),
        ("pv_size", Some("pv_pe_count")),
        ("seg_size", Some("seg_size_pe")),
    ] {
        let row = group.rows.iter().find(|row| {
            row.filled(size_field).is_some()
                && count_field.is_none_or(|field| row.filled(field).is_some())
        });
        let Some(row) = row else { continue };
        let count = match count_field {
            Some(field) => whole(row, field, &group.name)?.unwrap_or(0),
            None => 1,
        };
        counted.push((size_field, row.filled(size_field).unwrap_or(""), count));
    }
    let of_disks = whole_disks
        .iter()
        .map(|(size, count)| ("pv_size", *size, *count));
    counted.extend(of_disks);
    counted.retain(|(_, _, count)| *count > 0);
    Ok(counted)
}

/// The only extent size, in sectors, that LVM2 allows and that rounds to all of these sizes.
fn only_size(counted: &[Counted<'_>]) -> Option<u64> {
    let (mut least, mut most) = (SECTOR_BYTES, u128::from(LARGEST) * SECTOR_BYTES);
    for (_, text, count) in counted {
        let (low, high) = size::rounded_bytes(text)?;
        least = least.max(low.div_ceil(u128::from(*count)));
        most = most.min(high / u128::from(*count));
    }
    let first_step = least.div_ceil(STEP_BYTES).max(1) * STEP_BYTES;
    // Two are as many as a hundred.
    let steps = (0..2).map(|step| first_step + step * STEP_BYTES);
    let powers = (0..64).map(|power| SECTOR_BYTES << power);
    let powers = powers.filter(|bytes| !bytes.is_multiple_of(STEP_BYTES));
    let mut sizes = steps
        .chain(powers)
        .filter(|bytes| (least..=most).contains(bytes));
    let (only, None) = (sizes.next()?, sizes.next()) else {
        return None;
    };
    u64::try_from(only / SECTOR_BYTES).ok()
}
