//! The backend `highs`: HiGHS, by feature `highs`, built from the source that its crate bundles.

use good_lp::solvers::SolutionStatus;
use good_lp::{ResolutionError, Solution, SolverModel, WithInitialSolution, WithTimeLimit};

use crate::core::{Limits, StopReason};
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "highs";

/// Solves a program, with one thread and no gap, so that the same program has the same answer.
///
/// As the source of `good_lp` 1.15.3 has it:
/// * A limit that ends the search with nothing in hand comes as the sentence "NoSolutionFound".
/// * A node limit and a time limit come as one and the same status; the clock tells them apart.
/// * What is solved with a last gap of rounding errors is said to have met a gap that was allowed, and
///   none was: every measure is a whole number, so less than a whole one is nothing.
pub(crate) fn solve(
    program: &Program,
    position: usize,
    start: Option<&[(usize, i32)]>,
    limits: &Limits,
) -> Result<Outcome, IpError> {
    let (problem, constraints, reading) =
        Model::new(program, position, Wording::Plain).into_parts();
    let mut model = problem
        .using(good_lp::highs)
        .set_threads(1)
        .set_option("mip_rel_gap", 0.0);
    for constraint in constraints {
        model.add_constraint(constraint);
    }
    // `good_lp` fills up what a start leaves open with zeros, which is no solution.
    if let Some(values) = start.filter(|values| values.len() == program.columns.len()) {
        model = model.with_initial_solution(reading.initial(values));
    }
    if let Some(left) = (limits.remaining)() {
        model = model.with_time_limit(left.as_secs_f64());
    }
    // More nodes than HiGHS can count are no limit.
    if let Ok(nodes) = i32::try_from(limits.nodes) {
        model = model.set_option("mip_max_nodes", nodes);
    }
    let result = model.solve();
    let reason = if limits.is_over() {
        StopReason::Time
    } else {
        StopReason::Nodes
    };
    match result {
        Ok(solution) => {
            let is_near = matches!(solution.status(), SolutionStatus::GapLimit);
            match reading.outcome(program, NAME, &solution, reason)? {
                Outcome::Feasible(values, _) if is_near => Ok(Outcome::Best(values)),
                outcome => Ok(outcome),
            }
        }
        Err(ResolutionError::Infeasible) => Ok(Outcome::Infeasible),
        Err(ResolutionError::Other("NoSolutionFound")) => Ok(Outcome::Stopped(reason)),
        Err(error) => Err(IpError::Backend {
            backend: NAME,
            message: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::ip::backend::tests::market_split;

    #[test]
    fn time_that_runs_out_with_nothing_in_hand_is_no_error() {
        let end = Instant::now() + Duration::from_millis(300);
        let short = Limits {
            remaining: &|| Some(end.saturating_duration_since(Instant::now())),
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, None, &short);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Time)));
    }

    #[test]
    fn a_limit_of_nodes_ends_the_search_and_says_so() {
        let few = Limits {
            nodes: 5,
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, None, &few);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Nodes)));
    }
}
