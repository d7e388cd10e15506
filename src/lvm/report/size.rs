//! Sizes as reports print them: a number, perhaps rounded, perhaps with a unit.

/// The unit of numbers that do not say one (`--nosuffix`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// `--units b`.
    Bytes,
    /// `--units s`.
    Sectors,
}

/// A sector, in bytes.
pub(crate) const SECTOR_BYTES: u128 = 512;

/// Why a size is not exact.
pub(crate) const ROUNDED: &str = "it is rounded";
/// Why an extent cannot have a size.
pub(crate) const TOO_LARGE: &str = "LVM2 counts its sectors in 32 bits";
const NO_UNIT: &str = "its unit cannot be told";
const NO_NUMBER: &str = "it is no number";

/// A size in sectors, or why it is not known.
///
/// # Errors
/// One of the reasons above, in words for a message.
pub(crate) fn sectors(text: &str, plain: Plain) -> Result<u64, &'static str> {
    let text = text.trim();
    if text.starts_with(['<', '>', '~']) {
        return Err(ROUNDED);
    }
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let unit_bytes = match (unit.trim(), number.contains('.')) {
        ("", false) => match plain {
            Plain::Bytes => 1,
            Plain::Sectors => SECTOR_BYTES,
        },
        (unit, _) => unit_bytes(unit).ok_or(NO_UNIT)?,
    };
    // Digits without the point are the number times a power of ten.
    let digits: u128 = format!("{whole}{fraction}")
        .parse()
        .map_err(|_| NO_NUMBER)?;
    let scale = u32::try_from(fraction.len())
        .ok()
        .and_then(|places| 10_u128.checked_pow(places))
        .ok_or(NO_NUMBER)?;
    let scaled = digits.checked_mul(unit_bytes).ok_or(NO_NUMBER)?;
    let sector = scale.checked_mul(SECTOR_BYTES).ok_or(NO_NUMBER)?;
    if !scaled.is_multiple_of(sector) {
        return Err(ROUNDED);
    }
    u64::try_from(scaled / sector).map_err(|_| NO_NUMBER)
}

/// The least and the most bytes that a size of this text can have: LVM2 rounds to the last digit that it
/// prints, and says `<` or `>` in front where that is more or less than the size.
pub(crate) fn rounded_bytes(text: &str) -> Option<(u128, u128)> {
    let text = text.trim();
    let number = text.trim_start_matches(['<', '>', '~']);
    let end = number.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = number.split_at(end);
    let unit_bytes = unit_bytes(unit.trim())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    // In halves of the last digit.
    let bytes = |halves: u128| halves.checked_mul(unit_bytes);
    let (halves, half) = (digits.checked_mul(2)?, 2 * scale);
    let low = if text.starts_with('>') {
        bytes(halves)? / half + 1
    } else {
        bytes(halves.saturating_sub(1))?.div_ceil(half)
    };
    let high = if text.starts_with('<') {
        bytes(halves)?.div_ceil(half).checked_sub(1)?
    } else {
        bytes(halves.checked_add(1)?)? / half
    };
    Some((low, high))
}

/// Whether a size of this text can be so many bytes; true where its unit cannot be told.
pub(crate) fn can_be(text: &str, plain: Plain, bytes: u128) -> bool {
    match between(text, plain) {
        Some((low, high)) => (low..=high).contains(&bytes),
        // The unit cannot be told, or a number without one cannot be read.
        None => !is_plain(text),
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The least and the most bytes that a size of this text can be.
fn between(text: &str, plain: Plain) -> Option<(u128, u128)> {
    if !is_plain(text) {
        return rounded_bytes(text);
    }
    let bytes = u128::from(sectors(text, plain).ok()?) * SECTOR_BYTES;
    Some((bytes, bytes))
}

/// How many extents a size of this text is, where it leaves one number.
pub(crate) fn extents(text: &str, plain: Plain, extent_sectors: u64) -> Option<u64> {
    let extent = u128::from(extent_sectors) * SECTOR_BYTES;
    let (low, high) = between(text, plain)?;
    let (least, most) = (low.div_ceil(extent), high / extent);
    (least == most).then_some(least)?.try_into().ok()
}

/// The bytes of a unit: powers of 1024 in lower case, of 1000 in upper case, as LVM2 has it.
fn unit_bytes(unit: &str) -> Option<u128> {
    let mut letters = unit.chars();
    let (letter, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    let base: u128 = if letter.is_ascii_lowercase() {
        1024
    } else {
        1000
    };
    match letter.to_ascii_lowercase() {
        'b' => Some(1),
        's' => Some(SECTOR_BYTES),
        power => {
            let power = "kmgtpe".find(power)? + 1;
            base.checked_pow(u32::try_from(power).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_mebibytes_are_8192_sectors_in_every_exact_unit() {
        for text in [
            "4194304B",
            "8192S",
            "4096.00k",
            "4.00m",
            " 4.00m ",
            "4m",
            "0.00390625g",
        ] {
            assert_eq!(sectors(text, Plain::Bytes), Ok(8192), "{text}");
        }
        assert_eq!(sectors("4194304", Plain::Bytes), Ok(8192));
        assert_eq!(sectors("8192", Plain::Sectors), Ok(8192));
        assert_eq!(sectors("0 ", Plain::Bytes), Ok(0));
    }

    #[test]
    fn a_rounded_size_is_one_of_those_that_round_to_it() {
        let gibibyte = 1_u128 << 30;
        assert_eq!(
            rounded_bytes("1.00g"),
            Some((gibibyte * 995 / 1000 + 1, gibibyte * 1005 / 1000))
        );
        assert_eq!(
            rounded_bytes("<2.00m"),
            Some(((2 << 20) - 5242, (2 << 20) - 1))
        );
        assert_eq!(
            rounded_bytes(">2m"),
            Some(((2 << 20) + 1, (2 << 20) + (1 << 19)))
        );
        assert_eq!(rounded_bytes("0 "), None);
        assert_eq!(
            rounded_bytes("999999999999999999999999999999999999999e"),
            None
        );
    }

    #[test]
    fn a_rounded_size_is_extents_where_it_leaves_one_number() {
        let extents = |text: &str| extents(text, Plain::Bytes, 8192);
        assert_eq!(extents("240.00m"), Some(60));
        assert_eq!(extents("0.04g"), None);
        assert_eq!(extents("<3.91g"), Some(1000));
        assert_eq!(extents("3.86g"), None);
        assert_eq!(extents("0"), Some(0));
        assert_eq!(extents("41943040"), Some(10));
        assert_eq!(extents("2.00m"), None);
        assert_eq!(extents("1.00U"), None);
    }

    #[test]
    fn what_lvm2_rounds_is_not_exact() {
        // What LVM2 prints of the same size with other units.
        for text in ["<4.00m", "4.19M", "4194.30K", "<0.01g"] {
            assert_eq!(sectors(text, Plain::Bytes), Err(ROUNDED), "{text}");
        }
        assert_eq!(sectors("1.00U", Plain::Bytes), Err(NO_UNIT));
        assert_eq!(sectors("4096.00", Plain::Bytes), Err(NO_UNIT));
        for text in [
            "",
            "m",
            "1.2.3m",
            "9".repeat(60).as_str(),
            "99999999999999e",
        ] {
            assert!(sectors(text, Plain::Bytes).is_err(), "{text}");
        }
    }
}
