//! Sizes as LVM2's commands spell them: extents, sizes with units, percentages, signs.

use std::fmt;

/// Sectors in a mebibyte, LVM2's unit where none is given.
const MEBIBYTE_SECTORS: u64 = 2048;

/// What is expected where a size is nothing.
pub(crate) const NOT_ZERO: &str = "more than 0";

/// The value of `-l`, `-L` or `--poolmetadatasize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeArgument {
    /// Whether it is added or taken away.
    pub sign: Sign,
    /// How much.
    pub amount: Amount,
}

impl SizeArgument {
    /// Extents, without a sign.
    #[must_use]
    pub fn extents(extents: u64) -> SizeArgument {
        SizeArgument {
            sign: Sign::Absolute,
            amount: Amount::Extents(extents),
        }
    }

    /// Extents to add.
    #[must_use]
    pub fn more_extents(extents: u64) -> SizeArgument {
        SizeArgument {
            sign: Sign::Plus,
            amount: Amount::Extents(extents),
        }
    }

    /// The option of `lvcreate` and `lvextend` that takes such a value.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self.amount {
            Amount::Sectors(_) => "-L",
            Amount::Extents(_) | Amount::Percent { .. } => "-l",
        }
    }

    /// The value of `-l`: a whole number, or a percentage with what it is of.
    ///
    /// # Errors
    /// A sentence that says what is expected.
    pub fn read_extents(text: &str) -> Result<SizeArgument, String> {
        const EXPECTED: &str =
            "a whole number of extents, or a percentage such as 100%FREE, 50%VG or 25%PVS";
        let (sign, unsigned) = split_sign(text);
        let (digits, word) = match unsigned.split_once('%') {
            Some((digits, word)) => (digits, Some(word)),
            None => (unsigned, None),
        };
        let count = whole_number(digits).map_err(|wrong| wrong.or(EXPECTED))?;
        let amount = match word {
            // LVM2 takes what does not fit its 32 bits for the most that does.
            None => Amount::Extents(count.min(u64::from(u32::MAX))),
            Some(word) => Amount::Percent {
                percent: count,
                of: PercentOf::from_word(word).ok_or_else(|| EXPECTED.to_string())?,
            },
        };
        if count == 0 {
            return Err(NOT_ZERO.to_string());
        }
        Ok(SizeArgument { sign, amount })
    }

    /// The value of `-L`: a number, perhaps with a fraction, and a unit; mebibytes without.
    ///
    /// # Errors
    /// A sentence that says what is expected.
    pub fn read_size(text: &str) -> Result<SizeArgument, String> {
        let (sign, unsigned) = split_sign(text);
        let sectors = read_sectors(unsigned, MEBIBYTE_SECTORS)?;
        if sectors == 0 {
            return Err(NOT_ZERO.to_string());
        }
        let amount = Amount::Sectors(sectors);
        Ok(SizeArgument { sign, amount })
    }
}

impl fmt::Display for SizeArgument {
    /// As the command takes it: `+40`, `100%FREE`, `2048s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sign {
            Sign::Absolute => "",
            Sign::Plus => "+",
            Sign::Minus => "-",
        })?;
        match self.amount {
            Amount::Extents(extents) => write!(f, "{extents}"),
            Amount::Sectors(sectors) => write!(f, "{sectors}s"),
            Amount::Percent { percent, of } => write!(f, "{percent}%{}", of.name()),
        }
    }
}

/// What a size does to the size there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It is the new size.
    Absolute,
    /// It is added.
    Plus,
    /// It is taken away.
    Minus,
}

/// How much, in the unit that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Logical extents.
    Extents(u64),
    /// Sectors of 512 bytes; what a size with a unit comes to, rounded down as LVM2 does.
    Sectors(u64),
    /// A share of something.
    Percent {
        /// The percentage; may be above 100.
        percent: u64,
        /// What it is a percentage of.
        of: PercentOf,
    },
}

/// What a percentage is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PercentOf {
    /// The volume group.
    VolumeGroup,
    /// The free extents of the volume group.
    Free,
    /// The physical volumes that are given.
    PhysicalVolumes,
    /// The logical volume as it is.
    LogicalVolume,
    /// The origin of a snapshot.
    Origin,
}

impl PercentOf {
    /// The word behind the percent sign.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PercentOf::VolumeGroup => "VG",
            PercentOf::Free => "FREE",
            PercentOf::PhysicalVolumes => "PVS",
            PercentOf::LogicalVolume => "LV",
            PercentOf::Origin => "ORIGIN",
        }
    }

    /// LVM2 takes any beginning of the word, in either case.
    fn from_word(word: &str) -> Option<PercentOf> {
        let word = word.to_ascii_uppercase();
        let all = [
            PercentOf::VolumeGroup,
            PercentOf::Free,
            PercentOf::PhysicalVolumes,
            PercentOf::LogicalVolume,
            PercentOf::Origin,
        ];
        let found = all.into_iter().find(|of| of.name().starts_with(&word));
        // `FR` is free extents to LVM2, and `FRE` it does not know.
        found.filter(|_| !word.is_empty() && word != "FRE")
    }
}

/// A size in sectors: a number with an optional fraction, and one of `bBsSkKmMgGtTpPeE`.
///
/// Upper and lower case are the same, powers of 1024; `kb` and `KiB` are `k`. Bytes have to be whole
/// sectors; a fraction of a sector is dropped otherwise. Without a unit the number counts
/// `default_sectors`.
///
/// # Errors
/// A sentence that says what is expected.
pub(crate) fn read_sectors(text: &str, default_sectors: u64) -> Result<u64, String> {
    const EXPECTED: &str = "a size such as 512m, 1.5g or 2TiB (units b, s, k, m, g, t, p, e)";
    if text.contains('%') {
        return Err(format!(
            "{EXPECTED}; shares are given with -l, such as 50%FREE"
        ));
    }
    const TOO_LARGE: &str = "less than 16 EiB";
    let is_numeric = |letter: char| letter.is_ascii_digit() || letter == '.';
    let end = text.find(|letter| !is_numeric(letter));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.to_ascii_lowercase();
    let mut letters = unit.chars();
    let letter = letters.next();
    if !matches!(letters.as_str(), "" | "b" | "ib") {
        return Err(EXPECTED.to_string());
    }
    let unit_bytes: u128 = match letter {
        None => u128::from(default_sectors) << 9,
        Some('b') => 1,
        Some('s') => 1 << 9,
        Some('k') => 1 << 10,
        Some('m') => 1 << 20,
        Some('g') => 1 << 30,
        Some('t') => 1 << 40,
        Some('p') => 1 << 50,
        Some('e') => 1 << 60,
        Some(_) => return Err(EXPECTED.to_string()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(EXPECTED.to_string());
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let whole = whole_number(whole).map_err(|wrong| wrong.or(TOO_LARGE))?;
    let bytes = u128::from(whole)
        .checked_mul(unit_bytes)
        .and_then(|bytes| bytes.checked_add(fraction_of(fraction, unit_bytes)))
        .filter(|&bytes| u64::try_from(bytes).is_ok())
        .ok_or_else(|| TOO_LARGE.to_string())?;
    if letter == Some('b') && !bytes.is_multiple_of(512) {
        return Err("a multiple of 512 bytes".to_string());
    }
    Ok(u64::try_from(bytes >> 9).expect("bytes fit 64 bits"))
}

/// `0.digits` of a unit, rounded down. Digits past the eighteenth are worth less than a byte in any
/// unit and are dropped.
fn fraction_of(digits: &str, unit: u128) -> u128 {
    let mut scale = 1;
    let mut value = 0;
    for digit in digits.bytes().take(18) {
        value = value * 10 + u128::from(digit - b'0');
        scale *= 10;
    }
    value * unit / scale
}

fn split_sign(text: &str) -> (Sign, &str) {
    match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (Sign::Plus, rest),
        (None, Some(rest)) => (Sign::Minus, rest),
        (None, None) => (Sign::Absolute, text),
    }
}

/// What keeps text from being a whole number.
enum WrongNumber {
    NotDigits,
    TooLarge,
}

impl WrongNumber {
    fn or(self, expected: &str) -> String {
        match self {
            WrongNumber::NotDigits => expected.to_string(),
            WrongNumber::TooLarge => "a number below 2^64".to_string(),
        }
    }
}

fn whole_number(text: &str) -> Result<u64, WrongNumber> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WrongNumber::NotDigits);
    }
    text.parse().map_err(|_| WrongNumber::TooLarge)
}

/// A whole number, such as a count of stripes.
///
/// # Errors
/// A sentence that says what is expected.
pub(crate) fn read_count(text: &str) -> Result<u64, String> {
    whole_number(text).map_err(|wrong| wrong.or("a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sectors(text: &str) -> Result<u64, String> {
        read_sectors(text, MEBIBYTE_SECTORS)
    }

    #[test]
    fn units_are_powers_of_1024_in_either_case() {
        for (text, expected) in [
            ("10", 20480),
            ("10M", 20480),
            ("10mb", 20480),
            ("10MiB", 20480),
            ("8192b", 16),
            ("8192s", 8192),
            ("1.5g", 3 << 20),
            (".5G", 1 << 20),
            ("1.", 2048),
            ("1t", 1 << 31),
            ("1P", 1 << 41),
            ("15.5e", 31 << 50),
            // 209.7 sectors.
            ("0.0001g", 209),
        ] {
            assert_eq!(sectors(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn sizes_that_are_none_are_refused() {
        for text in [
            "",
            ".",
            "g",
            "1.2.3",
            "1,5g",
            "10x",
            "10mx",
            "1e2",
            "-5",
            "8b",
            "16e",
            "0x10",
            "99999999999999999999",
            "18446744073709551615k",
        ] {
            assert!(sectors(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_go_by_the_beginning_of_the_word() {
        for (text, of) in [
            ("50%F", PercentOf::Free),
            ("50%free", PercentOf::Free),
            ("50%V", PercentOf::VolumeGroup),
            ("50%PVS", PercentOf::PhysicalVolumes),
            ("50%l", PercentOf::LogicalVolume),
            ("50%ORIGIN", PercentOf::Origin),
        ] {
            let amount = Amount::Percent { percent: 50, of };
            let sign = Sign::Absolute;
            assert_eq!(
                SizeArgument::read_extents(text),
                Ok(SizeArgument { sign, amount }),
                "{text}"
            );
        }
        for text in [
            "50%", "50%X", "50%FREEX", "1.5", "10m", "0", "0%FREE", "-", "%FREE",
        ] {
            assert!(SizeArgument::read_extents(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["40", "+40", "-3", "100%FREE", "+50%PVS"] {
            let read = SizeArgument::read_extents(text).expect("an argument of -l");
            assert_eq!(read.to_string(), text);
        }
    }
}
