//! How much is added month by month.

use std::fmt;

use crate::json::locate::Path;
use crate::scenario::raw::RawSize;
use crate::scenario::{Scenario, ScenarioError};

/// Parts of the whole that a percentage counts in: six decimals.
const PERCENT_PARTS: u64 = 100_000_000;

/// Bits behind the point of a size that grows by shares: what a month rounds up by is no more than such
/// a part of an extent.
const FRACTION_BITS: u32 = 32;

/// Something that grows every month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// What.
    pub what: Growing,
    /// How fast.
    pub rate: Rate,
    path: Path,
}

/// What grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Growing {
    /// A logical volume, or a request.
    Volume(String),
    /// The pool, by new volumes.
    Pool {
        /// The arguments of `lvcreate` that say what they look like; linear if left out.
        shape: Option<String>,
    },
}

/// How fast something grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// So many extents a month, as a fraction; of the sum what is begun counts.
    Extents {
        /// Above the line.
        numerator: u64,
        /// Below it; at least 1.
        denominator: u64,
    },
    /// A share of what there is at the start of the month, in hundred-millionths; of the sum what is begun
    /// counts.
    Share {
        /// Hundred-millionths.
        parts: u64,
    },
}

impl Rate {
    /// Extents more than `start` after so many months; `None` past 2^64 - 1.
    #[must_use]
    pub fn after(self, start: u64, months: u64) -> Option<u64> {
        match self {
            Rate::Extents {
                numerator,
                denominator,
            } => {
                let total = u128::from(numerator).checked_mul(u128::from(months))?;
                u64::try_from(total.div_ceil(u128::from(denominator.max(1)))).ok()
            }
            Rate::Share { parts } => {
                let (parts, whole) = (u128::from(parts), u128::from(PERCENT_PARTS));
                let begun = u128::from(start) << FRACTION_BITS;
                let mut size = begun;
                for _ in 0..months {
                    let more = (size / whole).checked_mul(parts)?;
                    let more = more.checked_add((size % whole * parts).div_ceil(whole))?;
                    if more == 0 {
                        break;
                    }
                    size = size.checked_add(more)?;
                    u64::try_from(size >> FRACTION_BITS).ok()?;
                }
                u64::try_from((size - begun).div_ceil(1 << FRACTION_BITS)).ok()
            }
        }
    }
}

impl fmt::Display for Rate {
    /// `2.5%`, or extents a month.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Rate::Extents {
                numerator,
                denominator: 1,
            } => write!(f, "{numerator} extents"),
            Rate::Extents {
                numerator,
                denominator,
            } => write!(f, "{numerator}/{denominator} extents"),
            Rate::Share { parts } => {
                let decimals = format!("{}.{:06}", parts / 1_000_000, parts % 1_000_000);
                let short = decimals.trim_end_matches('0').trim_end_matches('.');
                write!(f, "{short}%")
            }
        }
    }
}

impl Scenario {
    /// Everything that grows.
    ///
    /// # Errors
    /// [`ScenarioError`] for an amount that is none, is nothing, or has a unit where the pool says no
    /// size of an extent.
    pub fn growth(&self, extent_bytes: Option<u64>) -> Result<Vec<Growth>, ScenarioError> {
        let mut list = Vec::new();
        for (index, raw) in self.raw.growth.iter().enumerate() {
            let path = Path::key("growth").then_index(index);
            let rate = self.rate(&path.then_key("per_month"), &raw.per_month, extent_bytes)?;
            let what = match (&raw.volume, &raw.shape) {
                (Some(_), Some(_)) => {
                    let message = "a volume has a shape already; expected `volume` or `shape`";
                    return Err(self.fault(&path.then_key("shape"), message));
                }
                (Some(volume), None) => Growing::Volume(volume.clone()),
                (None, shape) => Growing::Pool {
                    shape: shape.clone(),
                },
            };
            list.push(Growth { what, rate, path });
        }
        Ok(list)
    }

    /// The error that what grows there cannot be asked about.
    #[must_use]
    pub fn cannot_grow(&self, growth: &Growth, message: &str) -> ScenarioError {
        let key = match &growth.what {
            Growing::Volume(_) => "volume",
            Growing::Pool { shape: Some(_) } => "shape",
            Growing::Pool { shape: None } => "per_month",
        };
        self.fault(&growth.path.then_key(key), message)
    }

    /// The error that it grows faster than can be counted.
    #[must_use]
    pub fn grows_too_fast(&self, growth: &Growth, message: &str) -> ScenarioError {
        self.fault(&growth.path.then_key("per_month"), message)
    }

    pub(crate) fn rate(
        &self,
        path: &Path,
        amount: &RawSize,
        extent_bytes: Option<u64>,
    ) -> Result<Rate, ScenarioError> {
        let rate = match amount {
            RawSize::Extents(extents) => Rate::Extents {
                numerator: *extents,
                denominator: 1,
            },
            RawSize::Words(words) => match words.strip_suffix('%') {
                Some(percent) => Rate::Share {
                    parts: parts_of(percent.trim()).ok_or_else(|| {
                        let expected = "a percentage with at most six decimals, such as \"2.5%\"";
                        self.fault(path, format!("found \"{words}\"; expected {expected}"))
                    })?,
                },
                None => {
                    let numerator = self.sectors(path, words)?;
                    let extent_bytes = extent_bytes.ok_or_else(|| {
                        let expected =
                            "extents or a percentage, as the pool says no size of an extent";
                        self.fault(path, format!("found \"{words}\"; expected {expected}"))
                    })?;
                    Rate::Extents {
                        numerator,
                        denominator: (extent_bytes / 512).max(1),
                    }
                }
            },
        };
        match rate {
            Rate::Extents { numerator: 0, .. } | Rate::Share { parts: 0 } => {
                Err(self.fault(path, "found 0; expected more than nothing"))
            }
            Rate::Extents { .. } | Rate::Share { .. } => Ok(rate),
        }
    }
}

/// Hundred-millionths of a percentage such as `2.5`.
fn parts_of(percent: &str) -> Option<u64> {
    let (whole, decimals) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 6 {
        return None;
    }
    let padded: String = decimals.chars().chain("000000".chars()).take(6).collect();
    let decimals: u64 = padded.parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000_000)?
        .checked_add(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_counts_what_is_begun_and_compounds_percentages() {
        let half = Rate::Extents {
            numerator: 5,
            denominator: 2,
        };
        let months = |rate: Rate, start| [1, 2, 3].map(|month| rate.after(start, month));
        assert_eq!(months(half, 7), [Some(3), Some(5), Some(8)]);
        let tenth = Rate::Share {
            parts: PERCENT_PARTS / 10,
        };
        // 100, 110, 121, 133.1.
        assert_eq!(months(tenth, 100), [Some(10), Some(21), Some(34)]);
        assert_eq!(tenth.after(100, 10_000), None);
        // 21 * 1.025^12 is 28.24: what a month begins is not rounded up each time.
        let slow = Rate::Share { parts: 2_500_000 };
        assert_eq!(slow.after(21, 12), Some(8));
        assert_eq!(tenth.after(0, u64::MAX), Some(0));
        assert_eq!(tenth.to_string(), "10%");
        assert_eq!(Rate::Share { parts: 2_500_000 }.to_string(), "2.5%");
    }

    #[test]
    fn percentages_have_six_decimals_at_most() {
        assert_eq!(parts_of("2.5"), Some(2_500_000));
        assert_eq!(parts_of("100"), Some(PERCENT_PARTS));
        assert_eq!(parts_of("0.000001"), Some(1));
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "0.0000001",
            "1e3",
            "99999999999999",
        ] {
            assert_eq!(parts_of(wrong), None, "{wrong}");
        }
    }
}
