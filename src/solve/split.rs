//! An objective around one measure that takes a series of problems: what comes before it, and after.

use crate::core::{Answer, Cost, Measure, Problem};
use crate::solve::series::anything;

/// The measures before and after the one at a position.
pub(crate) struct Split {
    pub(crate) before: Vec<Measure>,
    pub(crate) after: Vec<Measure>,
}

impl Split {
    pub(crate) fn at(problem: &Problem, position: usize) -> Split {
        let (before, rest) = problem.objective().split_at(position);
        Split {
            before: before.to_vec(),
            after: rest.iter().skip(1).copied().collect(),
        }
    }

    /// What has to be at its best before the measure counts.
    pub(crate) fn first(&self) -> Vec<Measure> {
        or_anything(self.before.clone())
    }

    /// The objective without the measure.
    pub(crate) fn others(&self) -> Vec<Measure> {
        or_anything([self.before.as_slice(), self.after.as_slice()].concat())
    }

    /// The best values of the measures before, out of those for [`Split::first`].
    pub(crate) fn values(&self, target: &[u64]) -> Vec<u64> {
        target[..self.before.len().min(target.len())].to_vec()
    }

    /// What a bound for [`Split::others`] says of the measures after, if those before are at their
    /// best in it.
    pub(crate) fn behind(&self, target: &[u64], bound: &[u64]) -> Vec<u64> {
        let is_met = bound.starts_with(&self.values(target));
        let behind = bound.get(self.before.len()..).filter(|_| is_met);
        let is_asked = !self.after.is_empty();
        behind
            .filter(|_| is_asked)
            .map_or_else(Vec::new, <[u64]>::to_vec)
    }
}

fn or_anything(measures: Vec<Measure>) -> Vec<Measure> {
    if measures.is_empty() {
        anything()
    } else {
        measures
    }
}

/// Whether a problem of a series still has a plan at the best values of the measures before.
pub(crate) enum Fits {
    /// It has.
    Yes,
    /// It is proven not to.
    No,
    /// It is not known.
    Open,
}

/// What an answer for the measures of [`Split::first`] says, given their best values.
pub(crate) fn fits(answer: &Answer, target: &[u64]) -> Fits {
    if let Answer::Impossible { .. } = answer {
        return Fits::No;
    }
    if answer.cost().is_some_and(|cost| cost.0 == target) {
        return Fits::Yes;
    }
    if answer.lower_bound().is_above(&Cost(target.to_vec())) {
        Fits::No
    } else {
        Fits::Open
    }
}
