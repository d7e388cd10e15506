//! The backend `cbc`: COIN-OR's CBC, by feature `cbc`, from the library that the system has.

use good_lp::solvers::SolutionStatus;
use good_lp::{ResolutionError, Solution, SolverModel};

use crate::core::{Limits, StopReason};
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "cbc";

/// Solves a program.
///
/// Found by trying CBC 2.10.8 through `good_lp` 1.15.3:
/// * Some programs come back as solved by a search that "was not launched" and proved nothing, with
///   values that break rows, after CBC has printed its prompt for commands and found standard input at
///   its end. They may have solutions or none, so they are put in other words, and what no wording
///   decides is an error. A program with this backend is best run with standard input closed.
/// * From a start that is optimal already it says that the relaxation is infeasible and hands out other
///   values. So it gets no start.
/// * `good_lp` rounds its time limit up to whole seconds, so it is set here. Out of time it hands out the
///   values of a relaxation as if they were a solution; reading them finds that out.
/// * Out of nodes it has nothing to hand out.
pub(crate) fn solve(
    program: &Program,
    position: usize,
    limits: &Limits,
) -> Result<Outcome, IpError> {
    for wording in Wording::ALL {
        if let Some(outcome) = solve_worded(program, position, limits, wording)? {
            return Ok(outcome);
        }
    }
    Err(failed("the search was not launched"))
}

/// `None` if CBC decided nothing.
fn solve_worded(
    program: &Program,
    position: usize,
    limits: &Limits,
    wording: Wording,
) -> Result<Option<Outcome>, IpError> {
    let (problem, constraints, reading) = Model::new(program, position, wording).into_parts();
    let mut model = problem.using(good_lp::coin_cbc);
    for constraint in constraints {
        model.add_constraint(constraint);
    }
    if let Some(left) = (limits.remaining)() {
        model.set_parameter("sec", &format!("{:.3}", left.as_secs_f64()));
    }
    // More nodes than CBC can count are no limit.
    if let Ok(nodes) = i32::try_from(limits.nodes) {
        model.set_parameter("maxNodes", &nodes.to_string());
    }
    match model.solve() {
        Ok(solution) => {
            let is_optimal = matches!(solution.status(), SolutionStatus::Optimal);
            if is_optimal && !solution.model().is_proven_optimal() {
                return Ok(None);
            }
            reading
                .outcome(program, NAME, &solution, StopReason::Time)
                .map(Some)
        }
        Err(ResolutionError::Infeasible) => Ok(Some(Outcome::Infeasible)),
        // Out of time is a status of its own, and nodes are all else that is limited.
        Err(ResolutionError::Other("Stopped")) => Ok(Some(Outcome::Stopped(StopReason::Nodes))),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: impl std::fmt::Display) -> IpError {
    IpError::Backend {
        backend: NAME,
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::ip::backend::tests::market_split;

    #[test]
    fn time_that_runs_out_with_nothing_in_hand_is_no_error() {
        let start = Instant::now();
        let end = start + Duration::from_millis(300);
        let short = Limits {
            remaining: &|| Some(end.saturating_duration_since(Instant::now())),
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, &short);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Time)));
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_limit_of_nodes_ends_the_search_and_says_so() {
        let few = Limits {
            nodes: 5,
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, &few);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Nodes)));
    }
}
