//! Marks of a scale at round numbers.

use maud::{Markup, html};

use crate::show::quantity::bytes;

/// Most steps of a scale: so many labels stand side by side on a narrow page.
const MOST_STEPS: u64 = 4;

/// Marks from 0 on: each a count of extents, and what it is called. The last is at most `largest`.
pub(crate) fn ticks(largest: u64, extent_bytes: Option<u64>) -> Vec<(u64, String)> {
    let step = match extent_bytes {
        None => decimal(largest.div_ceil(MOST_STEPS).max(1)),
        Some(_) => largest
            .div_ceil(MOST_STEPS)
            .max(1)
            .checked_next_power_of_two()
            .unwrap_or(u64::MAX),
    };
    let label = |count: u64| match extent_bytes {
        None => count.to_string(),
        Some(_) if count == 0 => "0".to_string(),
        Some(size) => {
            let words = bytes(count, size);
            words.replacen(".00 ", " ", 1)
        }
    };
    (0..=MOST_STEPS)
        .filter_map(|number| number.checked_mul(step))
        .filter(|&count| count <= largest)
        .map(|count| (count, label(count)))
        .collect()
}

/// A scale below bars: what is marked on it, as counts of the whole length and what each is called.
#[derive(Debug)]
pub(crate) struct Scale {
    /// What it counts, where the marks do not say so.
    pub(crate) words: &'static str,
    pub(crate) whole: u64,
    pub(crate) marks: Vec<(u64, String)>,
}

impl Scale {
    /// The scale of bars that all count the same extents, the longest of them `largest`.
    pub(crate) fn of_extents(largest: u64, extent_bytes: Option<u64>) -> Scale {
        Scale {
            words: "",
            whole: largest,
            marks: ticks(largest, extent_bytes),
        }
    }

    /// The scale of bars that are each the whole of what they show.
    pub(crate) fn of_shares() -> Scale {
        let marks = (0..=MOST_STEPS).map(|step| 100 / MOST_STEPS * step);
        Scale {
            words: "share of each group's sum",
            whole: 100,
            marks: marks.map(|count| (count, format!("{count} %"))).collect(),
        }
    }

    /// The marks, in per cent of the width that they are given.
    pub(crate) fn drawn(&self) -> Markup {
        html! {
            @for (count, label) in &self.marks {
                @let place = share(*count, self.whole);
                line class="limit" x1=(place) x2=(place) y1="0" y2="5" stroke="#000000" {}
                text class="ink" x=(place) y="19" text-anchor=(anchor(*count, self.whole)) { (label) }
            }
        }
    }
}

/// The next of 1, 2, 5, 10, 20, 50, ...
fn decimal(least: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for step in [1, 2, 5] {
            match power.checked_mul(step) {
                Some(step) if step < least => {}
                Some(step) => return step,
                None => return u64::MAX,
            }
        }
        let Some(next) = power.checked_mul(10) else {
            return u64::MAX;
        };
        power = next;
    }
}

/// `part` of `whole` in per cent, as an attribute: three decimals.
pub(crate) fn share(part: u64, whole: u64) -> String {
    let thousandths = u128::from(part) * 100_000 / u128::from(whole.max(1));
    format!("{}.{:03}%", thousandths / 1_000, thousandths % 1_000)
}

/// How much of it is taken, in whole per cent; full is only what is full.
pub(crate) fn fill(extents: u64, free: u64) -> u64 {
    let taken = u128::from(extents.saturating_sub(free)) * 100;
    u64::try_from(taken / u128::from(extents.max(1))).unwrap_or(100)
}

/// Labels at an end do not reach past it.
fn anchor(count: u64, largest: u64) -> &'static str {
    match (count, u128::from(count) * 10 > u128::from(largest) * 9) {
        (0, _) => "start",
        (_, true) => "end",
        (_, false) => "middle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_few() {
        let counts = |largest, size| -> Vec<u64> {
            let marks = ticks(largest, size);
            marks.into_iter().map(|(count, _)| count).collect()
        };
        assert_eq!(counts(0, None), [0]);
        assert_eq!(counts(7, None), [0, 2, 4, 6]);
        assert_eq!(counts(2_560, Some(4 << 20)), [0, 1_024, 2_048]);
        assert_eq!(ticks(256, Some(4 << 20))[4].1, "1 GiB");
        assert!(ticks(u64::MAX, Some(u64::MAX)).len() <= 5);
        assert!(ticks(u64::MAX, None).len() <= 5);
    }

    #[test]
    fn shares_are_exact_to_a_thousandth() {
        assert_eq!(share(1, 3), "33.333%");
        assert_eq!(share(u64::MAX, u64::MAX), "100.000%");
        assert_eq!(fill(1_000, 1), 99);
        assert_eq!(fill(0, 0), 0);
    }
}
