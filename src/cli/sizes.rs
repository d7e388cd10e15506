//! Sizes as LVM2 writes them, as options.

use crate::ask;

/// Bytes a second; more than none.
pub(crate) fn parse_rate(word: &str) -> Result<u64, String> {
    ask::rate(word).map_err(|fault| fault.to_string())
}
