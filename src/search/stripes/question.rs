//! What a refutation is asked: whether some intervals on some sources can have some extents.

use std::cmp::Reverse;

use crate::search::stripes::order::Order;
use crate::search::stripes::pool::Pool;
use crate::search::stripes::prices_of_pieces::{Goal, PARTS};

/// Whether some intervals on some sources can have some extents.
pub(crate) struct Question {
    pub(crate) pool: Pool,
    pub(crate) count: usize,
    pub(crate) extents: i64,
    pub(crate) goal: Goal,
    /// Sources that have to be left out.
    pub(crate) left_out: usize,
    pub(crate) order: Order,
    /// Lengths of all areas, longest first, each with its source as an index into `sources`.
    pub(crate) areas: Vec<(i64, usize)>,
    /// Of each source that has something its index in the pool.
    pub(crate) sources: Vec<usize>,
    /// Per such source the lengths of its areas.
    pub(crate) lengths: Vec<Vec<i64>>,
}

impl Question {
    /// `None` if the tables would be too large, or the numbers for 64 bits.
    pub(crate) fn of(
        pool: &Pool,
        count: usize,
        extents: u64,
        most_sources: usize,
    ) -> Option<Question> {
        /// More are not counted: it leaves room for sums and prices.
        const MOST_EXTENTS: u64 = 1 << 40;
        /// Steps through the tables of a bound that take some ten milliseconds.
        const MOST_STEPS: usize = 1 << 24;
        let legs = pool.legs as u64;
        let all = pool.lengths.iter().sum::<u64>();
        if all.max(extents.checked_mul(legs)?) > MOST_EXTENTS {
            return None;
        }
        let (mut areas, mut sources, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (index, range) in pool.sources.iter().enumerate() {
            let of_source = &pool.lengths[range.clone()];
            let of_source = of_source.iter().filter(|length| **length > 0);
            let of_source: Result<Vec<i64>, _> =
                of_source.map(|&length| i64::try_from(length)).collect();
            let of_source = of_source.ok()?;
            if !of_source.is_empty() {
                areas.extend(of_source.iter().map(|&length| (length, sources.len())));
                sources.push(index);
                lengths.push(of_source);
            }
        }
        areas.sort_unstable_by_key(|&(length, source)| (Reverse(length), source));
        let pieces = count.checked_mul(pool.legs)?;
        if pieces.checked_mul(areas.len())? > MOST_STEPS {
            return None;
        }
        let (legs, extents) = (i64::try_from(legs).ok()?, i64::try_from(extents).ok()?);
        Some(Question {
            pool: pool.clone(),
            count,
            extents,
            goal: Goal {
                legs,
                wanted: legs * extents * PARTS,
                highest: areas.first().map_or(0, |longest| longest.0) * PARTS,
            },
            left_out: sources.len().saturating_sub(most_sources),
            order: Order::Sources,
            areas,
            sources,
            lengths,
        })
    }

    /// About what the shortest useful piece has, for a start.
    pub(crate) fn first_price(&self) -> i64 {
        let pieces = self.count * self.pool.legs;
        self.areas.get(pieces).map_or(0, |area| area.0) * PARTS / 2
    }
}
