//! Whether an answer is true, given the least cost that there is.

use extentplan::core::{Answer, Bound, Cost, Problem, check, cost};
use extentplan::json::write_problem;
use extentplan::solve::verify;

/// Every plan is right and costs what is stated; "best" is the least cost, "impossible" is so and its
/// reason adds up, and no bound is above the least cost.
///
/// `best` is the least cost, `None` where there is no plan.
///
/// # Panics
/// If the answer is not true: that is how a test says so.
pub fn judge(who: &str, problem: &Problem, answer: &Answer, best: Option<&Cost>) {
    let shown = || {
        format!(
            "{who}: {answer:#?}\nleast cost: {best:?}\n{}",
            write_problem(problem, None)
        )
    };
    if let (Some(plan), Some(stated)) = (answer.plan(), answer.cost()) {
        assert_eq!(check(problem, plan), [], "{}", shown());
        assert_eq!(cost(problem, plan), *stated, "{}", shown());
        assert!(best.is_some_and(|best| best <= stated), "{}", shown());
    }
    match answer {
        Answer::Best { cost, .. } => assert_eq!(Some(cost), best, "{}", shown()),
        Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => {
            assert!(best.is_none_or(|best| is_below(bound, best)), "{}", shown());
        }
        Answer::Impossible { why } => {
            assert_eq!(best, None, "{}", shown());
            assert_eq!(verify(problem, why), Ok(()), "{}", shown());
        }
    }
}

/// An entry of a bound only holds where all before it are met.
fn is_below(Bound(bound): &Bound, Cost(cost): &Cost) -> bool {
    let parting = bound.iter().zip(cost).find(|(bound, cost)| bound != cost);
    parting.is_none_or(|(bound, cost)| bound < cost)
}
