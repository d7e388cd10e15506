//! Values of fields: whole numbers, yes or no, tags.

use std::collections::BTreeSet;

use crate::lvm::LARGEST;
use crate::lvm::report::ReportError;
use crate::lvm::report::rows::Row;

/// A field as a count of extents; nothing where it is absent or empty.
pub(crate) fn whole(row: &Row<'_>, field: &str, what: &str) -> Result<Option<u64>, ReportError> {
    let Some(text) = row.filled(field) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| *number <= LARGEST);
    number.map(Some).ok_or_else(|| ReportError::NotANumber {
        field: field.to_string(),
        what: format!("`{what}`"),
        found: text.to_string(),
    })
}

/// Whether a yes-or-no field says yes: a word or 1.
pub(crate) fn is_true(value: &str) -> bool {
    !matches!(value, "" | "0" | "-1" | "unknown" | "no" | "n")
}

pub(crate) fn tags(text: Option<&str>) -> BTreeSet<String> {
    let words = text.unwrap_or("").split(',').filter(|tag| !tag.is_empty());
    words.map(str::to_string).collect()
}
