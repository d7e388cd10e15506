//! The backend `microlp`: pure Rust, for programs of up to about a hundred choices.

use good_lp::SolverModel;
use microlp::{OptimizationDirection, ResumeOptions, SolveOptions, SolveOutcome, Variable};

use crate::core::{Limits, StopReason};
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::{Column, Program};

/// Name in messages.
const NAME: &str = "microlp";

/// Most pivots for one measure, times the columns and rows of the program: some five seconds. microlp keeps
/// every open node with its basis in memory and has no bound on it, and what it does not prove in
/// that time it does not prove in an hour. Pivots, unlike seconds, end every run at the same place.
const MOST_WORK: u64 = 1 << 26;

/// Columns above which a program is not given to microlp at all: the first relaxation alone, which nothing
/// but a clock can end, takes minutes from there on.
pub(crate) const MOST_COLUMNS: u64 = 1 << 14;

/// Nodes between two looks at the limits, times the columns and rows: some hundredths of a second.
const WORK_PER_LOOK: u64 = 1 << 16;

/// Solves a program. `good_lp` puts it into words; microlp is called by itself, since `good_lp` passes
/// on neither nodes nor a search that is taken up again.
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
            | IpError::Stopped { .. }
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
    let is_empty = |column: &Column| column.lower > column.upper;
    if program.columns.iter().any(is_empty) {
        return Ok(Outcome::Infeasible);
    }
    let (problem, constraints, reading) = Model::new(program, position, wording).into_parts();
    let mut model = problem.using(good_lp::microlp);
    for constraint in constraints {
        model.add_constraint(constraint);
    }
    let variables = variables(program.columns.len());
    let lines = (program.columns.len() + program.rows.len()).max(1) as u64;
    let nodes_per_look = (WORK_PER_LOOK / lines).max(16);
    let mut options = SolveOptions::default();
    options.time_limit = (limits.remaining)();
    options.node_limit = Some(nodes_per_look);
    options.warm_start = start.map(|values| {
        let start = reading.start(values).into_iter();
        start
            .map(|(column, value)| (variables[column], value))
            .collect()
    });
    let mut outcome = match model.as_inner().solve_with(options) {
        Ok(outcome) => outcome,
        Err(error) => return without_solution(error),
    };
    while !outcome.is_optimal() {
        let done = outcome.stats();
        let has_work = done.lp_iterations.saturating_mul(lines) <= MOST_WORK;
        if limits.is_over() || !limits.allow_nodes(done.nodes_solved + 1) || !has_work {
            break;
        }
        let mut options = ResumeOptions::default();
        options.time_limit = (limits.remaining)();
        options.node_limit = Some(nodes_per_look);
        outcome = match outcome.resume_with(options) {
            Ok(outcome) => outcome,
            Err(error) => return without_solution(error),
        };
    }
    let stopped = (!outcome.is_optimal()).then(|| limits.ran_out());
    match (outcome, stopped) {
        (SolveOutcome::Solution(solution), stopped) => {
            let values = variables.iter();
            let values: Vec<f64> = values.map(|one| solution.var_value_raw(*one)).collect();
            reading.judged(program, NAME, &values, stopped)
        }
        (SolveOutcome::Interrupted(_), stopped) => {
            Ok(Outcome::Stopped(stopped.unwrap_or(StopReason::MethodEnds)))
        }
    }
}

/// The names by which microlp calls so many columns: it numbers them in their order.
fn variables(count: usize) -> Vec<Variable> {
    let mut names = microlp::Problem::new(OptimizationDirection::Minimize);
    (0..count).map(|_| names.add_var(0.0, (0.0, 0.0))).collect()
}

/// What the lack of a solution means.
fn without_solution(error: microlp::Error) -> Result<Outcome, IpError> {
    match error {
        microlp::Error::Infeasible => Ok(Outcome::Infeasible),
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
    fn what_is_not_infeasible_is_an_error() {
        let error = without_solution(microlp::Error::InternalError("Singular matrix".to_string()));
        assert!(matches!(
            error,
            Err(IpError::Backend {
                backend: "microlp",
                ..
            })
        ));
        let none = without_solution(microlp::Error::Infeasible);
        assert_eq!(none, Ok(Outcome::Infeasible));
    }
}
