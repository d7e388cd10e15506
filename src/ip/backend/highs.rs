//! The backend `highs`: HiGHS, by feature `highs`, built from the source that its crate bundles.

use good_lp::{ResolutionError, SolverModel, WithInitialSolution, WithTimeLimit};

use crate::core::Limits;
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::backend::model::{Model, Wording};
use crate::ip::program::Program;

/// Name in messages.
const NAME: &str = "highs";

/// Solves a program, with one thread and no gap, so that the same program has the same answer.
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
    match model.solve() {
        Ok(solution) => reading.outcome(program, NAME, &solution),
        Err(ResolutionError::Infeasible) => Ok(Outcome::Infeasible),
        Err(error) => Err(IpError::Backend {
            backend: NAME,
            message: error.to_string(),
        }),
    }
}
