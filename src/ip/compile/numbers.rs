//! Counts as numbers of a program, and how many columns it has room for.

use crate::ip::IpError;

/// Most columns that a program may have; beyond, no solver of this crate gets anywhere, and the
/// program alone would fill the memory of a small machine.
pub(crate) const MOST_COLUMNS: u64 = 1 << 22;

/// A count as an upper bound of a column.
pub(crate) fn bound(what: &str, count: u64) -> Result<i32, IpError> {
    i32::try_from(count).map_err(|_| IpError::TooLarge {
        what: what.to_string(),
        found: count,
        most: u64::from(i32::MAX.unsigned_abs()),
    })
}

/// A count as a coefficient or right-hand side.
pub(crate) fn whole(what: &str, count: u64) -> Result<i64, IpError> {
    /// Room for sums of a few such numbers within 64 bits.
    const MOST: u64 = 1 << 60;
    let small = (count <= MOST).then_some(count);
    small
        .and_then(|count| i64::try_from(count).ok())
        .ok_or_else(|| IpError::TooLarge {
            what: what.to_string(),
            found: count,
            most: MOST,
        })
}
