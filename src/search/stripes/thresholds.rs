//! How long the shortest of so many intervals can be.
//!
//! If as many intervals are all of some length at least, each source finds pieces of that length for as many
//! of them as its areas hold, each interval once. The intervals of a layout, in falling order, are therefore
//! each no longer than a number that counting finds.

use crate::core::Limits;
use crate::search::stripes::pool::Pool;

/// The most that the first, the second, .. longest interval of a layout can have.
pub(crate) struct Thresholds {
    lengths: Vec<u64>,
    /// Whether they have what is asked for together.
    is_enough: bool,
}

impl Thresholds {
    /// As many as it takes to have `extents`.
    pub(crate) fn of(pool: &Pool, extents: u64, limits: &Limits<'_>) -> Thresholds {
        /// More take long, and say little.
        const MOST: usize = 1 << 12;
        let mut lengths: Vec<u64> = Vec::new();
        let mut sum = 0;
        while sum < extents && lengths.len() < MOST && !limits.is_over() {
            let count = lengths.len() as u64 + 1;
            let most = lengths
                .last()
                .copied()
                .unwrap_or(extents)
                .min(extents / count);
            let length = longest(pool, count, most);
            if length == 0 {
                break;
            }
            sum += length;
            lengths.push(length);
        }
        Thresholds {
            lengths,
            is_enough: sum >= extents,
        }
    }

    /// All that it takes to have what is asked for, if they are known.
    pub(crate) fn lengths(&self) -> Option<&[u64]> {
        self.is_enough.then_some(&self.lengths)
    }

    /// No layout has fewer intervals.
    pub(crate) fn least_intervals(&self) -> usize {
        self.lengths.len()
    }
}

/// The most that each of `count` intervals can have.
pub(crate) fn of_all(pool: &Pool, count: usize, extents: u64) -> Vec<u64> {
    let mut most = Vec::with_capacity(count);
    let mut last = extents;
    for rank in 1..=count as u64 {
        last = longest(pool, rank, last.min(extents / rank));
        most.push(last);
    }
    most
}

/// The greatest length, up to `most`, for which there are pieces for `count` intervals.
fn longest(pool: &Pool, count: u64, most: u64) -> u64 {
    let fits = |length: u64| {
        let of_sources = pool.sources.iter().map(|areas| {
            let pieces = pool.lengths[areas.clone()].iter().map(|area| area / length);
            pieces.sum::<u64>().min(count)
        });
        of_sources.sum::<u64>() >= pool.legs as u64 * count
    };
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
