//! The backend `microlp`: pure Rust, for programs of up to about a hundred choices.

use std::time::Duration;

use good_lp::{ResolutionError, SolverModel, WithInitialSolution, WithTimeLimit};

use crate::core::Limits;
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "microlp";

/// Most time for one measure, limit or not: microlp keeps every open node with its basis in memory and
/// has no bound on it, and what it does not prove in some seconds it does not prove in an hour.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Solves a program.
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
        Ok(solution) => reading.outcome(program, NAME, &solution),
        Err(error) => without_solution(error),
    }
}

/// What the lack of a solution means. That time ran out with nothing in hand comes as a sentence.
fn without_solution(error: ResolutionError) -> Result<Outcome, IpError> {
    match error {
        ResolutionError::Infeasible => Ok(Outcome::Infeasible),
        ResolutionError::Other(sentence) if sentence.starts_with("Time limit") => {
            Ok(Outcome::Stopped)
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
    use crate::core::Measure;
    use crate::ip::program::{Kind, Objective, Sense, Sum};

    /// Fewest things of 7 and 4 that add up to 29.
    fn coins() -> Program {
        let mut program = Program::new();
        let sevens = program.column("sevens".to_string(), 0, i32::MAX, Kind::Integer);
        let fours = program.column("fours".to_string(), 0, i32::MAX, Kind::Integer);
        let mut sum = Sum::times(sevens, 7);
        sum.add(fours, 4);
        program.row("sum".to_string(), sum, Sense::Equal, Sum::number(29));
        program.objectives.push(Objective {
            measure: Measure::Segments,
            terms: vec![(sevens, 1), (fours, 1)],
        });
        program
    }

    #[test]
    fn the_widest_bounds_that_a_column_can_have_are_taken() {
        let outcome = solve(&coins(), 0, None, &Limits::none());
        assert_eq!(outcome, Ok(Outcome::Best(vec![1, 3, 2])));
    }

    #[test]
    fn a_start_does_not_change_the_answer() {
        let outcome = solve(&coins(), 0, Some(&[(1, 3), (2, 2)]), &Limits::none());
        assert_eq!(outcome, Ok(Outcome::Best(vec![1, 3, 2])));
    }

    #[test]
    fn what_has_no_solution_is_infeasible() {
        let mut program = coins();
        program.pin(Measure::Segments, 4);
        assert_eq!(
            solve(&program, 0, None, &Limits::none()),
            Ok(Outcome::Infeasible)
        );
    }

    #[test]
    fn no_time_is_no_answer_and_no_error() {
        let none = Limits {
            remaining: &|| Some(Duration::ZERO),
            ..Limits::none()
        };
        assert_eq!(solve(&coins(), 0, None, &none), Ok(Outcome::Stopped));
    }

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
