//! The backend `microlp`: microlp 0.7, pure Rust, for programs of up to some hundred choices.

use std::collections::HashMap;

use good_lp::IntoAffineExpression;
use microlp::{
    ComparisonOp, OptimizationDirection, ResumeOptions, SolveOptions, SolveOutcome, Variable,
};

use crate::core::{Limits, StopReason};
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "microlp";

/// Most pivots for one measure, times the columns and rows of the program: some two to twelve seconds. microlp
/// keeps every open node with its basis in memory and has no bound on it. Of 238 problems that were put
/// to it without a plan it proved 145 in one second, six in five, one in seven, and the others in none
/// of five to ten. Pivots, unlike seconds, end every run at the same place.
const MOST_WORK: u64 = 1 << 27;
/// The same for all programs of one answer, where no clock ends it: a series of them may have dozens.
const MOST_WORK_OF_ALL: u64 = 1 << 28;

/// Pivots that a node costs beside its own: its basis is factorised, and kept.
const PIVOTS_OF_NODE: u64 = 8;

/// Columns that a program is expected to have, at most, to be put together for microlp. The largest of those
/// that it proved has 3,044; of 10 with more, some got a plan. With 8,315 the first relaxation, which nothing
/// but a clock can end, takes some ten seconds.
pub(crate) const MOST_COLUMNS: u64 = 1 << 14;

/// Nodes between two looks at the limits, times the columns and rows: some hundredths of a second.
const WORK_PER_LOOK: u64 = 1 << 16;

/// Solves a program.
///
/// `good_lp` puts it into words. What it would give them to is microlp 0.6, without nodes and without a search that
/// is taken up again; so they are read out of it here.
///
/// microlp gives up where it cannot trust its own pivots. The same program in other words, and without
/// a start, takes another path through the bases, so that is tried before the error is passed on.
pub(crate) fn solve(
    program: &Program,
    position: usize,
    start: Option<&[(usize, i32)]>,
    limits: &Limits,
) -> Result<Outcome, IpError> {
    let [first, others @ ..] = Wording::ALL;
    let first = solve_worded(program, position, start, limits, first);
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
    let before = limits.steps_with(0);
    let may_go_on = |work: u64| {
        let of_all = before.saturating_add(work);
        work <= MOST_WORK && ((limits.remaining)().is_some() || of_all <= MOST_WORK_OF_ALL)
    };
    if !may_go_on(0) {
        return Ok(Outcome::Stopped(StopReason::MethodEnds));
    }
    let model = Model::new(program, position, wording);
    let (problem, variables) = translated(&model);
    let lines = (program.columns.len() + program.rows.len()).max(1) as u64;
    let nodes_per_look = (WORK_PER_LOOK / lines).max(16);
    let nodes = |solved: u64| Some(nodes_per_look.min(limits.nodes.saturating_sub(solved)));
    let mut options = SolveOptions::default();
    options.time_limit = (limits.remaining)();
    options.node_limit = nodes(0);
    options.warm_start = start.map(|values| {
        let start = model.reading.start(values).into_iter();
        start
            .map(|(column, value)| (variables[column], value))
            .collect()
    });
    let mut outcome = match problem.solve_with(options) {
        Ok(outcome) => outcome,
        Err(error) => return without_solution(error),
    };
    while !outcome.is_optimal() {
        let done = outcome.stats();
        let has_work = may_go_on(work(&done, lines));
        if limits.is_over() || !limits.allow_nodes(done.nodes_solved + 1) || !has_work {
            break;
        }
        let mut options = ResumeOptions::default();
        options.time_limit = (limits.remaining)();
        options.node_limit = nodes(done.nodes_solved);
        outcome = match outcome.resume_with(options) {
            Ok(outcome) => outcome,
            Err(error) => return without_solution(error),
        };
    }
    limits.steps_with(work(&outcome.stats(), lines));
    let stopped = (!outcome.is_optimal()).then(|| limits.ran_out());
    match (outcome, stopped) {
        (SolveOutcome::Solution(solution), stopped) => {
            let values = variables.iter();
            let values: Vec<f64> = values.map(|one| solution.var_value(*one)).collect();
            model.reading.judged(program, NAME, &values, stopped)
        }
        (SolveOutcome::Interrupted(_), stopped) => {
            Ok(Outcome::Stopped(stopped.unwrap_or(StopReason::MethodEnds)))
        }
    }
}

/// Pivots, times the columns and rows that each goes through.
fn work(done: &microlp::Stats, lines: u64) -> u64 {
    let pivots = done.lp_iterations + PIVOTS_OF_NODE * done.nodes_solved;
    pivots.saturating_mul(lines)
}

/// The words of `good_lp` in those of microlp, with a variable for each column.
fn translated(model: &Model) -> (microlp::Problem, Vec<Variable>) {
    let costs: HashMap<_, f64> = (&model.objective).linear_coefficients().collect();
    let mut problem = microlp::Problem::new(OptimizationDirection::Minimize);
    let mut names = HashMap::new();
    let variables = model.variables.iter_variables_with_def();
    let variables = variables.map(|(column, definition)| {
        let cost = costs.get(&column).copied().unwrap_or(0.0);
        let (lower, upper) = (definition.get_min(), definition.get_max());
        let variable = if definition.is_integer() {
            problem.add_integer_var(cost, (whole(lower), whole(upper)))
        } else {
            problem.add_var(cost, (lower, upper))
        };
        names.insert(column, variable);
        variable
    });
    let variables: Vec<Variable> = variables.collect();
    for constraint in &model.constraints {
        let comparison = if constraint.is_equality() {
            ComparisonOp::Eq
        } else {
            ComparisonOp::Le
        };
        let expression = constraint.expression();
        let terms = expression.linear_coefficients();
        let terms = terms.map(|(column, coefficient)| (names[&column], coefficient));
        let terms: Vec<(Variable, f64)> = terms.collect();
        problem.add_constraint(terms, comparison, -expression.constant());
    }
    (problem, variables)
}

/// A bound of an integer column, which is a whole number of 32 bits by type.
#[allow(
    clippy::cast_possible_truncation,
    reason = "it was an i32 before it was a float"
)]
fn whole(bound: f64) -> i32 {
    bound as i32
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
    use std::time::{Duration, Instant};

    use super::*;
    use crate::core::Spent;
    use crate::ip::backend::tests::market_split;

    #[test]
    fn time_that_runs_out_with_nothing_in_hand_is_no_error() {
        let end = Instant::now() + Duration::from_millis(100);
        let short = Limits {
            remaining: &|| Some(end.saturating_duration_since(Instant::now())),
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, None, &short);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Time)));
    }

    #[test]
    fn a_limit_of_nodes_ends_the_search_and_says_so() {
        let spent = Spent::default();
        let few = Limits {
            nodes: 5,
            spent: Some(&spent),
            ..Limits::none()
        };
        let outcome = solve(&market_split(), 0, None, &few);
        assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Nodes)));
    }

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
