//! From the path of a value to its place in TOML text. Only errors pay for it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::json::locate::{Path, Step};

/// Where the value at the end of a path stands, in bytes; the last value on the way that is there, if the
/// rest is not.
pub(crate) fn span_of(text: &str, path: &Path) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let mut span = document.span();
    let mut value: Option<&DeValue<'_>> = None;
    for step in path.steps() {
        let table = match value {
            None => Some(document.get_ref()),
            Some(value) => value.as_table(),
        };
        let next = match step {
            Step::Key(key) => table.and_then(|table| table.get(key.as_str())),
            Step::Index(index) => value
                .and_then(DeValue::as_array)
                .and_then(|array| array.get(*index)),
        };
        let Some(next) = next else {
            break;
        };
        span = next.span();
        value = Some(next.get_ref());
    }
    Some(span)
}
