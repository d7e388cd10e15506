//! Physical volumes as arguments: a device or a tag, with ranges of extents.

use std::fmt;

use crate::lvm::CommandError;
use crate::lvm::size::read_count;

/// One physical volume argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PvArgument {
    /// A device with the ranges to use; none: all of it.
    Device {
        /// Its name.
        name: String,
        /// The ranges in the order given.
        ranges: Vec<PeRange>,
    },
    /// All physical volumes with a tag, in the order of the volume group.
    Tag(String),
}

/// A range of extents of a physical volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeRange {
    /// The first extent.
    pub first: u64,
    /// The last extent, included; `None`: the last of the volume.
    pub last: Option<u64>,
}

impl PvArgument {
    /// A device, `:` and ranges `a-b`, `a-`, `-b`, `a` or `a+n`; or `@tag`.
    ///
    /// A colon or an at sign that belongs to the name is written with a backslash in front.
    ///
    /// # Errors
    /// A sentence that says what is expected.
    pub fn read(text: &str) -> Result<PvArgument, String> {
        if let Some(tag) = text.strip_prefix('@') {
            return match tag {
                "" => Err("a tag behind `@`".to_string()),
                _ => Ok(PvArgument::Tag(tag.to_string())),
            };
        }
        let mut name = String::new();
        let mut letters = text.chars();
        let mut ranges = None;
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => {
                    let escaped = letters.next();
                    if !matches!(escaped, Some(':' | '@')) {
                        name.push('\\');
                    }
                    name.extend(escaped);
                }
                ':' => {
                    ranges = Some(letters.as_str());
                    break;
                }
                _ => name.push(letter),
            }
        }
        if name.is_empty() {
            return Err("the name of a physical volume".to_string());
        }
        let ranges = match ranges {
            None => Vec::new(),
            Some(ranges) => ranges
                .split(':')
                .map(PeRange::read)
                .collect::<Result<_, _>>()?,
        };
        Ok(PvArgument::Device { name, ranges })
    }
}

impl fmt::Display for PvArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PvArgument::Tag(tag) => write!(f, "@{tag}"),
            PvArgument::Device { name, ranges } => {
                for letter in name.chars() {
                    if matches!(letter, ':' | '@') {
                        f.write_str("\\")?;
                    }
                    write!(f, "{letter}")?;
                }
                ranges.iter().try_for_each(|range| write!(f, ":{range}"))
            }
        }
    }
}

impl PeRange {
    fn read(text: &str) -> Result<PeRange, String> {
        const EXPECTED: &str = "ranges of extents behind `:`, such as 0-99, 100+50, 7- or 12";
        let number = |digits: &str| read_count(digits).map_err(|_| EXPECTED.to_string());
        if let Some((first, count)) = text.split_once('+') {
            let first = number(first)?;
            if count.is_empty() {
                return Ok(PeRange { first, last: None });
            }
            // LVM2 takes `a+0` for one extent.
            let more = number(count)?.saturating_sub(1);
            let last = first
                .checked_add(more)
                .ok_or_else(|| EXPECTED.to_string())?;
            let last = Some(last);
            return Ok(PeRange { first, last });
        }
        let Some((first, last)) = text.split_once('-') else {
            let first = number(text)?;
            let last = Some(first);
            return Ok(PeRange { first, last });
        };
        let first = if first.is_empty() { 0 } else { number(first)? };
        let last = match last {
            "" => None,
            digits => Some(number(digits)?),
        };
        if last.is_some_and(|last| last < first) {
            return Err("a range whose end is not before its start".to_string());
        }
        Ok(PeRange { first, last })
    }
}

impl fmt::Display for PeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            None => write!(f, "{}-", self.first),
            Some(last) => write!(f, "{}-{last}", self.first),
        }
    }
}

/// Arguments that are all physical volumes.
///
/// # Errors
/// [`CommandError::BadArgument`].
pub(crate) fn read_volumes(arguments: &[String]) -> Result<Vec<PvArgument>, CommandError> {
    let read = |argument: &String| {
        PvArgument::read(argument).map_err(|expected| CommandError::BadArgument {
            found: argument.clone(),
            expected,
        })
    };
    arguments.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_mean_what_they_mean_to_lvm2() {
        for (text, first, last) in [
            ("5-9", 5, Some(9)),
            ("5-", 5, None),
            ("-9", 0, Some(9)),
            ("-", 0, None),
            ("5", 5, Some(5)),
            ("5+10", 5, Some(14)),
            ("5+0", 5, Some(5)),
            ("5+", 5, None),
        ] {
            assert_eq!(PeRange::read(text), Ok(PeRange { first, last }), "{text}");
        }
        for text in [
            "",
            "x",
            "5x",
            "9-5",
            "5-9-10",
            "+5",
            "18446744073709551615+2",
        ] {
            assert!(PeRange::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "/dev/sda",
            "/dev/sda:0-9:20-",
            "@fast",
            r"/dev/disk/pci-0\:1:5-5",
        ] {
            let read = PvArgument::read(text).expect("a physical volume argument");
            assert_eq!(read.to_string(), text);
        }
        for text in ["", "@", ":0-9", "/dev/sda:", "/dev/sda::0"] {
            assert!(PvArgument::read(text).is_err(), "{text}");
        }
    }
}
