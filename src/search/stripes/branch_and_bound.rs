//! Why a number of intervals is too few, or a number of sources: a tree of cases, each refuted by
//! itself.
//!
//! A case leaves out some sources and keeps others, until no more may be left out or kept, and then has
//! the lengths of all intervals in ever smaller boxes. Cases are looked at depth first, some at a time.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::stripes::domains::Boxes;
use crate::search::stripes::lagrangian::{Goal, PARTS};
use crate::search::stripes::node::{Case, Fate, Use};
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::thresholds;

/// What is decided first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Which sources are left out.
    Sources,
    /// The lengths of intervals, as long as they are wide open: whole sources tell more of them than single
    /// areas, where sources are many and intervals few.
    Lengths,
}

impl Order {
    /// The orders that are worth it, the better one for a bound that is far off first.
    pub(crate) fn worth_it(count: usize, sources: usize) -> &'static [Order] {
        /// Intervals, and sources for each.
        const MOST_COUNT: usize = 6;
        const SOURCES: usize = 5;
        if count <= MOST_COUNT && sources > SOURCES * count {
            &[Order::Lengths, Order::Sources]
        } else {
            &[Order::Sources]
        }
    }

    /// Whether counting what sources serve says enough of wide boxes, and prices would take longer than they
    /// save.
    pub(crate) fn is_counted_only(self, count: usize) -> bool {
        /// Intervals.
        const MOST_COUNT: usize = 2;
        self == Order::Lengths && count <= MOST_COUNT
    }
}

/// What became of an attempt to refute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refutation {
    /// No layout has so few intervals on so few sources.
    Refuted,
    /// This one has.
    Packed(Vec<Interval>),
    /// One may have.
    Open,
}

/// A refutation that goes on where it stopped.
pub(crate) struct Attempt {
    /// What is asked; nothing if it is too large to be looked at.
    question: Option<Question>,
    open: Vec<Case>,
    /// Cases looked at so far.
    seen: u64,
}

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

impl Attempt {
    /// To show that `count` intervals on at most `most_sources` sources cannot have `extents`.
    pub(crate) fn of(
        pool: &Pool,
        count: usize,
        extents: u64,
        most_sources: usize,
        order: Order,
    ) -> Attempt {
        let question = Question::of(pool, count, extents, most_sources);
        let question = question.map(|question| Question { order, ..question });
        let root = question.as_ref().and_then(|question| {
            let most = thresholds::of_all(pool, count, extents);
            let most: Result<Vec<i64>, _> = most.into_iter().map(i64::try_from).collect();
            let whether = if question.left_out == 0 {
                Use::Kept
            } else {
                Use::Open
            };
            Some(Case {
                boxes: Boxes::below(&most.ok()?),
                prices: vec![question.first_price(); count],
                source_prices: None,
                uses: vec![whether; question.sources.len()],
            })
        });
        Attempt {
            question: question.filter(|_| root.is_some()),
            open: root.into_iter().collect(),
            seen: 0,
        }
    }

    /// Looks at `cases` more cases.
    pub(crate) fn go_on(&mut self, cases: u64, limits: &Limits<'_>) -> Refutation {
        /// Cases that are looked at in parallel; fixed, so that their count is the same for any number
        /// of threads.
        const PER_ROUND: usize = 64;
        let Some(question) = &self.question else {
            return Refutation::Open;
        };
        let end = self.seen.saturating_add(cases);
        while !self.open.is_empty() {
            if self.seen >= end || limits.is_over() {
                return Refutation::Open;
            }
            let granted = usize::try_from(end - self.seen).unwrap_or(usize::MAX);
            let rest = self.open.len().saturating_sub(PER_ROUND.min(granted));
            let round = self.open.split_off(rest);
            let is_root = self.seen == 0;
            self.seen += round.len() as u64;
            let fates: Vec<Fate> = round
                .into_par_iter()
                .map(|case| case.look(question, is_root, limits))
                .collect();
            for fate in fates {
                match fate {
                    Fate::Refuted => {}
                    Fate::Split(cases) => self.open.extend(cases),
                    Fate::Packed(intervals) => return Refutation::Packed(intervals),
                    Fate::Open => {
                        self.question = None;
                        return Refutation::Open;
                    }
                }
            }
        }
        Refutation::Refuted
    }
}

impl Question {
    /// `None` if the tables would be too large, or the numbers for 64 bits.
    fn of(pool: &Pool, count: usize, extents: u64, most_sources: usize) -> Option<Question> {
        /// No volume manager has sources of more extents; it leaves room for sums and prices.
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
    fn first_price(&self) -> i64 {
        let pieces = self.count * self.pool.legs;
        self.areas.get(pieces).map_or(0, |area| area.0) * PARTS / 2
    }
}
