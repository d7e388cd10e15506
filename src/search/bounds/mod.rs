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

/// The answer with a bound for every measure: where its own says less than counting does, or nothing, what counting
/// gives.
pub(crate) fn raised(problem: &Problem, mut answer: Answer) -> Answer {
    match &mut answer {
        Answer::Unknown { bound, .. } | Answer::Found { bound, .. } => {
            *bound = measure_by_measure(problem, bound, |_, least, _| least);
        }
        Answer::Best { .. } | Answer::Impossible { .. } => {}
    }
    answer.best_if_bound_met()
}

/// A bound for every measure, each among the plans that are no worse in those before: what is known, what counting
/// gives, and what `more` makes of it, which is told the measure's position, that value, and those before.
pub(crate) fn measure_by_measure(
    problem: &Problem,
    known: &Bound,
    more: impl Fn(usize, u64, &[u64]) -> u64,
) -> Bound {
    let counted = counts::lower(problem);
    let mut values: Vec<u64> = Vec::new();
    for (position, &measure) in problem.objective().iter().enumerate() {
        // An entry of a list holds where those before it do.
        let heard = known.0.get(position).copied();
        let heard = heard.filter(|_| known.0.starts_with(&values));
        let counted = verdict::entry(problem, &counted, measure, &values);
        let least = more(position, heard.unwrap_or(0).max(counted), &values);
        values.push(least);
    }
    Bound(values)
}
