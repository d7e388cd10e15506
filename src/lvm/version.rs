//! Versions of LVM2, and what differs between them.

use std::fmt;
use std::str::FromStr;

/// A version of LVM2: 2.03 and the number behind it.
///
/// The placement of extents has not changed over these versions; what is refused has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

impl Version {
    /// The newest that is known.
    pub const NEWEST: Version = Version(42);

    /// `--fs` and `--fsmode` say what becomes of a file system. Since 2.03.17.
    #[must_use]
    pub(crate) fn knows_file_systems(self) -> bool {
        self >= Version(17)
    }

    /// RAID layouts with two legs on one physical volume are refused. Since 2.03.22.
    #[must_use]
    pub fn refuses_shared_legs(self) -> bool {
        self >= Version(22)
    }

    /// RAID volumes by percentage with fewer extents per image than images are refused, instead of
    /// failing on metadata that makes no sense. Since 2.03.36.
    #[must_use]
    pub fn refuses_short_legs(self) -> bool {
        self >= Version(36)
    }

    /// What 2.03.40 was seen to do and 2.03.16 not, with no release notes to date it:
    ///
    /// * a request without a single allocatable physical volume fails as such, not by the count of
    ///   free extents;
    /// * `lvextend` leaves unusable physical volumes among its arguments to the allocator, so that
    ///   `%PVS` counts them;
    /// * `lvextend` that ends up with nothing to add fails.
    #[must_use]
    pub fn is_after_2_03_16(self) -> bool {
        self > Version(16)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "2.03.{}", self.0)
    }
}

impl FromStr for Version {
    type Err = String;

    /// `2.03.16`, or what `lvm version` prints: `2.03.16(2) (2022-05-18)`.
    ///
    /// # Errors
    /// A sentence with what was found and what is expected.
    fn from_str(text: &str) -> Result<Version, String> {
        let wrong = || format!("`{text}` is no version of LVM2; expected one such as 2.03.16");
        let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
        let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
        let numbers: Result<Vec<u32>, _> = text[..end].split('.').map(str::parse).collect();
        match numbers.map_err(|_| wrong())?.as_slice() {
            [2, 3, patch] if *patch <= Version::NEWEST.0 => Ok(Version(*patch)),
            [_, _, _] => Err(format!(
                "version {text} of LVM2 is not known; known are 2.03.0 to {}",
                Version::NEWEST
            )),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let version = |text: &str| text.parse::<Version>().expect("a version");
        assert!(version("2.03.9") < version("2.03.16(2) (2022-05-18)"));
        assert!(!version("2.03.21").refuses_shared_legs());
        assert!(version("2.03.40").refuses_short_legs());
        assert_eq!(version("2.03.22").to_string(), "2.03.22");
        for wrong in ["", "2", "2.03", "3.1.4", "two"] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }
}
