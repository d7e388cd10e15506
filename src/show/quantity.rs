//! Counts of extents as people read them: with the bytes they stand for.

use crate::core::Measure;

/// `240 extents (960.00 MiB)`; without a size per extent only the count.
#[must_use]
pub fn extents(count: u64, extent_bytes: Option<u64>) -> String {
    let noun = if count == 1 { "extent" } else { "extents" };
    match extent_bytes {
        None => format!("{count} {noun}"),
        Some(size) => format!("{count} {noun} ({})", bytes(count, size)),
    }
}

/// The bytes of `count` extents of `extent_bytes` each, in the largest binary unit that leaves at
/// least 1, rounded down to two decimals: a size that is shown always fits.
#[must_use]
pub fn bytes(count: u64, extent_bytes: u64) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    let total = u128::from(count) * u128::from(extent_bytes);
    let mut unit = 0;
    let mut size = 1u128;
    while unit + 1 < UNITS.len() && total / size >= 1024 {
        size *= 1024;
        unit += 1;
    }
    if unit == 0 {
        return format!("{total} B");
    }
    let hundredths = total % size * 100 / size;
    format!("{}.{hundredths:02} {}", total / size, UNITS[unit])
}

/// A time for people, rounded up where it is less than two hours.
#[must_use]
pub fn time(seconds: u128) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        7_200..172_800 => format!("{}.{} h", seconds / 3_600, seconds % 3_600 / 360),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Measures with their values: `segments 3, sources 2`.
#[must_use]
pub fn costs(objective: &[Measure], values: &[u64]) -> String {
    let pairs = objective.iter().zip(values);
    let words: Vec<String> = pairs
        .map(|(measure, value)| format!("{measure} {value}"))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded_down_in_the_largest_unit() {
        assert_eq!(bytes(0, 4096), "0 B");
        assert_eq!(bytes(1, 512), "512 B");
        assert_eq!(bytes(240, 4 << 20), "960.00 MiB");
        assert_eq!(bytes(256, 4 << 20), "1.00 GiB");
        assert_eq!(bytes(1023 * 1024 + 1023, 1), "1023.99 KiB");
        assert_eq!(bytes(u64::MAX, u64::MAX), "281474976710655.99 YiB");
    }

    #[test]
    fn one_extent_is_singular() {
        assert_eq!(extents(1, None), "1 extent");
        assert_eq!(extents(2, Some(1024)), "2 extents (2.00 KiB)");
    }
}
