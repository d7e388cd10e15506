//! How few intervals, which cut all legs at once, hold what the legs need.
//!
//! The pieces of an interval are all of one length, on sources of their own. So the longest `k` intervals are no
//! longer than pieces for `k` intervals can be found everywhere; and pieces, counted as degrees of areas, have
//! a price that says how much each area gives.
//!
//! # Source
//! Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974).

use std::cmp::Reverse;

use crate::core::proof::question::{Question, Wanted};
use crate::core::{Cuts, Measure, Refuted, Separation};

/// Largest number that a certificate may have: products with all extents then fit.
const MOST: u64 = 1 << 40;
/// Intervals whose lengths are bounded one by one.
const MOST_INTERVALS: u64 = 1 << 10;

/// Prices in parts of an extent.
pub(super) struct Degrees {
    pub(super) removed: u64,
    pub(super) piece: u64,
    pub(super) own: u64,
    pub(super) parts: u64,
}

/// The fewest intervals of the one request.
pub(super) fn least(question: &Question<'_>, degrees: &Degrees) -> Result<u64, Refuted> {
    let refuted = |reason: &str| {
        Err(Refuted {
            reason: reason.to_string(),
        })
    };
    let wanted = match question.wanted.as_slice() {
        [wanted] if wanted.is_required && question.measure == Measure::Segments => wanted,
        _ => return refuted("degrees count the segments of one request"),
    };
    let request = wanted.request;
    if request.cuts != Cuts::Together || request.separation() == Separation::None {
        return refuted("degrees are of legs that are cut together, on sources of their own");
    }
    let numbers = [degrees.piece, degrees.own, degrees.parts];
    if degrees.parts == 0 || numbers.iter().any(|number| *number > MOST) {
        return refuted("a price is too high to be added up");
    }
    if degrees.removed >= wanted.legs {
        return refuted("no leg is left");
    }
    let lengths = longest_intervals(wanted);
    let counted = lengths.len() as u64;
    // What all legs go on with makes no interval.
    let spared = u64::from(wanted.growing_legs() > 0);
    Ok(by_prices(wanted, degrees, &lengths)
        .max(counted)
        .saturating_sub(spared))
}

/// What the longest interval has at the most, the second, and so on, until all have enough.
fn longest_intervals(wanted: &Wanted<'_>) -> Vec<u64> {
    let can_be = |count: u64, length: u64| {
        let offered = wanted.offered.iter();
        let pieces = offered.map(|(_, areas)| {
            let pieces = areas.iter().map(|area| area.count() / length);
            pieces.fold(0, u64::saturating_add).min(count)
        });
        pieces.fold(0, u64::saturating_add) >= count.saturating_mul(wanted.legs)
    };
    let mut lengths: Vec<u64> = Vec::new();
    let mut missing = wanted.least;
    while missing > 0 && (lengths.len() as u64) < MOST_INTERVALS {
        let count = lengths.len() as u64 + 1;
        let (mut low, mut high) = (0, lengths.last().copied().unwrap_or(wanted.most));
        while low < high {
            let tried = low + (high - low).div_ceil(2);
            match can_be(count, tried) {
                true => low = tried,
                false => high = tried - 1,
            }
        }
        if low == 0 {
            break;
        }
        lengths.push(low);
        missing = missing.saturating_sub(low);
    }
    lengths
}

fn by_prices(wanted: &Wanted<'_>, degrees: &Degrees, lengths: &[u64]) -> u64 {
    let parts = i128::from(degrees.parts);
    let (piece, own) = (i128::from(degrees.piece), i128::from(degrees.own));
    // Without the largest sources the same intervals serve so many legs fewer, at the least.
    let mut sources: Vec<_> = wanted.offered.iter().map(|(_, areas)| areas).collect();
    sources.sort_by_key(|areas| Reverse(areas.total()));
    let left = sources.into_iter();
    let left = left.skip(usize::try_from(degrees.removed).unwrap_or(usize::MAX));
    let areas = left.flat_map(|areas| areas.iter());
    let most = wanted.most;
    let parted = areas.map(|area| i128::from(area.count().min(most)) * parts);
    let mut areas: Vec<i128> = parted.collect();
    areas.sort_unstable();
    let legs = wanted.legs - degrees.removed;
    let longest = lengths
        .first()
        .map_or(i128::MAX, |length| i128::from(*length) * parts);
    // What areas from one on are worth, ascending.
    let mut worth = vec![0i128; areas.len() + 1];
    for (index, &area) in areas.iter().enumerate().rev() {
        let mut best = worth[index + 1] + several(area, piece, parts, lengths);
        let gain = area.min(longest) - piece;
        let others = worth[index + 1..].iter();
        for (count, behind) in others.enumerate().take(usize::try_from(legs).unwrap_or(0)) {
            best = best.max((count as i128 + 1) * gain - own + behind);
        }
        worth[index] = best;
    }
    let need = i128::from(wanted.least) * i128::from(legs) * parts;
    let missing = (need - worth[0]).max(0);
    let of_interval = i128::from(legs) * piece + own;
    let least = (missing + of_interval - 1).checked_div(of_interval);
    u64::try_from(least.unwrap_or(0)).unwrap_or(0)
}

/// What an area of two pieces or more is worth at most: each is in an interval of its own.
fn several(area: i128, piece: i128, parts: i128, lengths: &[u64]) -> i128 {
    if lengths.len() as u64 == MOST_INTERVALS {
        return (area - 2 * piece).max(0);
    }
    let (mut best, mut held) = (0, 0);
    for (index, &length) in lengths.iter().enumerate() {
        held += i128::from(length) * parts;
        if index > 0 {
            best = best.max(area.min(held) - (index as i128 + 1) * piece);
        }
        if held >= area {
            break;
        }
    }
    if held < area {
        let pieces = (lengths.len() as i128 + 1).max(2);
        best = best.max(area - pieces * piece);
    }
    best
}
