//! The day of a report.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::ask::Made;

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Today, by UTC; where `SOURCE_DATE_EPOCH` says another time that, so that the same input gives the same page.
pub(crate) fn made() -> Made {
    let said = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .map(|since| since.as_secs())
    };
    Made {
        on: said.or_else(now).map(day),
    }
}

/// The day of a time in seconds since 1970, in the Gregorian calendar.
///
/// # Source
/// Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, `civil_from_days`.
fn day(seconds: u64) -> String {
    // Days since 1 March of the year 0: leap days end the years.
    let days = seconds / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(seconds), expected);
        }
    }
}
