//! Why a number of intervals is too few, or a number of sources: a tree of cases, each refuted by
//! itself.
//!
//! A case leaves out some sources and keeps others, until no more may be left out or kept, and then has
//! the lengths of all intervals in ever smaller boxes. Cases are looked at depth first, some at a time.

use crate::core::Limits;
use crate::search::parallel;
use crate::search::stripes::domains::Boxes;
use crate::search::stripes::node::{Case, Fate, Use};
use crate::search::stripes::order::Order;
use crate::search::stripes::pool::{Interval, Pool};
use crate::search::stripes::question::Question;
use crate::search::stripes::thresholds;

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
            let fates: Vec<Fate> =
                parallel::map(round, |case| case.look(question, is_root, limits));
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
