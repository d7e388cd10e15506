//! Bounds that are true for every class of problems, whoever plans it.

mod apart;
pub(crate) mod counts;
pub(crate) mod cut;
pub(crate) mod leftover;

use crate::core::{Answer, Bound, Conflict, Limits, Problem};
use crate::search::verdict;

/// Why there is no plan, where sums alone say so.
pub(crate) fn conflict(problem: &Problem, limits: &Limits<'_>) -> Option<Conflict> {
    cut::of_all(problem, limits).or_else(|| apart::conflict(problem, limits))
}

/// The answer with the bound that counting gives, if that is higher than its own.
pub(crate) fn raised(problem: &Problem, mut answer: Answer) -> Answer {
    let raise = |bound: &mut Bound| {
        let counted = verdict::bound(problem, &counts::lower(problem));
        if *bound < counted {
            *bound = counted;
        }
    };
    match &mut answer {
        Answer::Unknown { bound, .. } | Answer::Found { bound, .. } => raise(bound),
        Answer::Best { .. } | Answer::Impossible { .. } => {}
    }
    answer.best_if_bound_met()
}
