//! The backend `microlp`: pure Rust, for programs of up to about a hundred choices.

use std::time::Duration;

use good_lp::{ResolutionError, SolverModel, WithInitialSolution, WithTimeLimit};

use crate::core::{Limits, StopReason};
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "microlp";

/// Most time for one measure, limit or not: microlp keeps every open node with its basis in memory and
/// has no bound on it, and what it does not prove in some seconds it does not prove in an hour.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Solves a program. There is no limit of nodes: `good_lp` does not pass one on.
///
/// On some small programs microlp 0.6 gives up with "Singular matrix". The same program in other
/// words, and without a start, takes another path through the bases, so that is tried before the
/// error is passed on.
pub(crate) fn solve(
    program: &Program,
    position: usize,
    start: Option<&[(usize, i32)]>,
    limits: &Limits,
) -> Result<Outcome, IpError> {
    let others = [
        Wording::Reversed,
        Wording::Plain,
        Wording::PlainReversed,
        Wording::Scaled,
    ];
    let first = solve_worded(program, position, start, limits, Wording::Scaled);
    others.into_iter().fold(first, |result, wording| {
        result.or_else(|error| match error {
            IpError::Backend { .. } | IpError::Inexact { .. } => {
                solve_worded(program, position, None, limits, wording)
            }
            IpError::TooLarge { .. }
            | IpError::OtherShape { .. }
            | IpError::Contradiction { .. }
            | IpError::WrongPlan { .. }
            | IpError::OtherCost { .. } => Err(error),
        })
    })
}

fn solve_worded(
    program: &Program,
    position: usize,
    start: Option<&[(usize, i32)]>,
    limits: &Limits,
    wording: Wording,
) -> Result<Outcome, IpError> {
    let (problem, constraints, reading) = Model::new(program, position, wording).into_parts();
    let mut model = problem.using(good_lp::microlp);
    for constraint in constraints {
        model.add_constraint(constraint);
    }
    if let Some(values) = start {
        model = model.with_initial_solution(reading.initial(values));
    }
    let left = (limits.remaining)().map_or(MOST_TIME, |left| left.min(MOST_TIME));
    match model.with_time_limit(left.as_secs_f64()).solve() {
        Ok(solution) => reading.outcome(program, NAME, &solution, StopReason::Time),
        Err(error) => without_solution(error),
    }
}

/// What the lack of a solution means. That time ran out with nothing in hand comes as a sentence.
fn without_solution(error: ResolutionError) -> Result<Outcome, IpError> {
    match error {
        ResolutionError::Infeasible => Ok(Outcome::Infeasible),
        ResolutionError::Other(sentence) if sentence.starts_with("Time limit") => {
            Ok(Outcome::Stopped(StopReason::Time))
        }
        other => Err(IpError::Backend {
            backend: NAME,
            message: other.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_sentence_is_an_error() {
        let error = without_solution(ResolutionError::Other("Singular matrix"));
        assert!(matches!(
            error,
            Err(IpError::Backend {
                backend: "microlp",
                ..
            })
        ));
    }
}
