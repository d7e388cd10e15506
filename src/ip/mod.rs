//! Integer programs: a problem compiled to columns and rows, solved by any of several backends,
//! decoded, and checked; and the same program as text for other solvers.
//!
//! `models/FORMULATION.md` says what every column and row means. This room knows no other way to
//! find a plan.

mod backend;
mod compile;
mod decode;
mod error;
mod formula;
mod hint;
mod program;
mod proof;
mod text;
mod verify;

pub use backend::Backend;
pub use compile::Formulation;
pub use error::IpError;
pub use program::{Column, Kind, Objective, Program, Row, Sense};
pub(crate) use proof::branches;
pub use proof::{Claim, Logged, prove};
pub use text::{write_lp, write_mps, write_opb};
pub use verify::{verify, verify_bound};

use crate::core::{
    Answer, Bound, Conflict, Cost, Limits, Method, Plan, Problem, Proof, StopReason, check, cost,
};
use crate::ip::backend::Outcome;
use crate::ip::compile::Compiled;

/// The integer program of a problem: what is solved and what is exported.
///
/// With an incumbent, a plan that is right, the program may leave out plans that are worse by the
/// first measure; that can make it much smaller.
///
/// # Errors
/// [`IpError::TooLarge`]; [`IpError::OtherShape`] if the formulation does not take the problem;
/// [`IpError::WrongPlan`] if the incumbent is not right.
pub fn compile(
    problem: &Problem,
    formulation: Formulation,
    incumbent: Option<&Plan>,
) -> Result<Program, IpError> {
    must_be_right(problem, incumbent, true)?;
    Ok(compile::compile(problem, formulation, incumbent, u64::MAX, &Limits::none())?.program)
}

/// Plans by integer program, measure by measure, each found value pinned before the next.
///
/// What a backend says is rounded, put into every row again in whole numbers, decoded, checked by
/// [`check`] and its cost counted by [`cost`]. Where the program is only a relaxation, the answer is
/// best only if the plan costs exactly what the relaxation says.
///
/// The formulation is [`Formulation::of`] the problem.
///
/// # Errors
/// Any [`IpError`]; a mismatch is an error, never an answer.
pub fn plan(
    problem: &Problem,
    incumbent: Option<&Plan>,
    backend: Backend,
    limits: &Limits,
) -> Result<Answer, IpError> {
    plan_by(
        problem,
        Formulation::of(problem),
        incumbent,
        backend,
        limits,
    )
}

/// Plans as [`plan`] does, by a formulation of the caller's choice.
///
/// # Errors
/// Any [`IpError`]; [`IpError::OtherShape`] if the formulation does not take the problem.
pub fn plan_by(
    problem: &Problem,
    formulation: Formulation,
    incumbent: Option<&Plan>,
    backend: Backend,
    limits: &Limits,
) -> Result<Answer, IpError> {
    must_be_right(problem, incumbent, true)?;
    let mut proven: Vec<u64> = Vec::new();
    let mut compiled = match compile::compile(
        problem,
        formulation,
        incumbent,
        backend.most_columns(),
        limits,
    ) {
        Ok(compiled) => compiled,
        Err(IpError::Stopped { reason }) => {
            return Ok(stopped(problem, incumbent.cloned(), proven, reason));
        }
        Err(error) => return Err(error),
    };
    if !limits.allow_bytes(u128::from(memory_bytes(&compiled.program))) {
        return Ok(stopped(
            problem,
            incumbent.cloned(),
            proven,
            StopReason::Memory,
        ));
    }
    let mut start = incumbent.map(|plan| hint::hint(&compiled, problem, plan));
    let mut best: Option<Vec<i32>> = None;
    for position in 0..compiled.program.objectives.len() {
        let measure = compiled.program.objectives[position].measure;
        let least = least(&compiled.program, position);
        let is_met = |values: &Vec<i32>| compiled.program.measured(position, values) == least;
        let outcome = match best.take_if(|values| is_met(values)) {
            Some(values) => Outcome::Best(values),
            None if !suits_floats(&compiled.program, position) => {
                Outcome::Stopped(StopReason::MethodEnds)
            }
            None => match backend.solve(&compiled.program, position, start.as_deref(), limits) {
                // What was proven of the measures before stays proven.
                Err(IpError::Backend { .. } | IpError::Inexact { .. }) if position > 0 => {
                    Outcome::Stopped(StopReason::MethodEnds)
                }
                outcome => outcome?,
            },
        };
        match outcome {
            Outcome::Best(values) => {
                let value = compiled.program.measured(position, &values);
                let value = u64::try_from(value).map_err(|_| IpError::OtherCost {
                    measure,
                    program: value,
                    plan: 0,
                })?;
                proven.push(value);
                if let Ok(value) = i64::try_from(value) {
                    compiled.program.pin(measure, value);
                }
                start = Some(values.iter().copied().enumerate().collect());
                best = Some(values);
            }
            Outcome::Infeasible if best.is_none() && incumbent.is_none() => {
                let why = Conflict::Program {
                    rows: compiled.program.rows.len() as u64,
                    columns: compiled.program.columns.len() as u64,
                };
                return Ok(Answer::Impossible { why });
            }
            Outcome::Infeasible => {
                let backend = backend.name();
                return Err(IpError::Contradiction { backend, measure });
            }
            Outcome::Feasible(values, reason) => {
                let found = decoded(problem, &compiled, &values)?;
                let better = better_of(problem, found, incumbent);
                return Ok(stopped(problem, better, proven, reason));
            }
            Outcome::Stopped(reason) => {
                let found = match &best {
                    Some(values) => decoded(problem, &compiled, values)?,
                    None => None,
                };
                let better = better_of(problem, found, incumbent);
                return Ok(stopped(problem, better, proven, reason));
            }
        }
    }
    let values = best.unwrap_or_else(|| vec![1; compiled.program.columns.len()]);
    let found = decoded(problem, &compiled, &values)?;
    finished(problem, &compiled.program, found, incumbent, proven)
}

/// The answer once every measure is proven.
fn finished(
    problem: &Problem,
    program: &Program,
    found: Option<Plan>,
    incumbent: Option<&Plan>,
    proven: Vec<u64>,
) -> Result<Answer, IpError> {
    let bound = Cost(proven);
    if let Some(plan) = found {
        let own = cost(problem, &plan);
        if own == bound {
            return Ok(Answer::Best {
                plan,
                cost: own,
                method: Method::Program,
                proof: Proof::ProgramSolved,
                certificates: Vec::new(),
            });
        }
        // A relaxation may promise too much, but nothing costs less than a bound.
        if program.relaxed.is_none() || own < bound {
            let pairs = bound.0.iter().zip(&own.0).enumerate();
            let (position, (program, plan)) = pairs
                .into_iter()
                .find(|(_, (a, b))| a != b)
                .expect("the costs differ");
            return Err(IpError::OtherCost {
                measure: problem.objective()[position],
                program: i128::from(*program),
                plan: *plan,
            });
        }
        let better = better_of(problem, Some(plan), incumbent);
        return Ok(stopped(problem, better, bound.0, StopReason::MethodEnds));
    }
    Ok(stopped(
        problem,
        incumbent.cloned(),
        bound.0,
        StopReason::MethodEnds,
    ))
}

/// The answer when something is left unproven.
fn stopped(problem: &Problem, plan: Option<Plan>, proven: Vec<u64>, reason: StopReason) -> Answer {
    let bound = Bound(proven);
    match plan {
        None => Answer::Unknown {
            bound,
            stopped: reason,
        },
        Some(plan) => {
            let cost = cost(problem, &plan);
            if bound.0 == cost.0 {
                return Answer::Best {
                    plan,
                    cost,
                    method: Method::Program,
                    proof: Proof::ProgramSolved,
                    certificates: Vec::new(),
                };
            }
            Answer::Found {
                plan,
                cost,
                bound,
                method: Method::Program,
                stopped: reason,
                certificates: Vec::new(),
            }
        }
    }
}

fn better_of(problem: &Problem, found: Option<Plan>, incumbent: Option<&Plan>) -> Option<Plan> {
    match (found, incumbent) {
        (Some(found), Some(incumbent)) => {
            let is_better = cost(problem, &found) <= cost(problem, incumbent);
            Some(if is_better { found } else { incumbent.clone() })
        }
        (found, incumbent) => found.or_else(|| incumbent.cloned()),
    }
}

/// The plan that values stand for, checked.
fn decoded(
    problem: &Problem,
    compiled: &Compiled,
    values: &[i32],
) -> Result<Option<Plan>, IpError> {
    let plan = decode::decode(compiled, problem, values);
    must_be_right(problem, plan.as_ref(), false)?;
    Ok(plan)
}

fn must_be_right(problem: &Problem, plan: Option<&Plan>, is_given: bool) -> Result<(), IpError> {
    let violations = plan.map(|plan| check(problem, plan)).unwrap_or_default();
    if violations.is_empty() {
        return Ok(());
    }
    Err(IpError::WrongPlan {
        is_given,
        violations,
    })
}

/// Whether sums of rows and of a measure leave a backend, which counts in floats of 53 bits, enough of them
/// for what its errors add up to. What it says of larger ones is no proof.
fn suits_floats(program: &Program, position: usize) -> bool {
    /// Largest sum; 13 bits are left.
    const MOST: u128 = 1 << 40;
    let largest = |terms: &[(usize, i64)]| -> u128 {
        let terms = terms.iter().map(|&(column, coefficient)| {
            let column = &program.columns[column];
            let reach = column.lower.unsigned_abs().max(column.upper.unsigned_abs());
            u128::from(coefficient.unsigned_abs()) * u128::from(reach)
        });
        terms.sum()
    };
    let mut rows = program.rows.iter();
    largest(&program.objectives[position].terms) <= MOST
        && rows.all(|row| largest(&row.terms).max(row.right.unsigned_abs().into()) <= MOST)
}

/// What the bounds of the columns alone allow for a measure.
fn least(program: &Program, position: usize) -> i128 {
    let terms = program.objectives[position].terms.iter();
    let least = terms.map(|&(column, coefficient)| {
        let column = &program.columns[column];
        let end = if coefficient > 0 {
            column.lower
        } else {
            column.upper
        };
        i128::from(coefficient) * i128::from(end)
    });
    least.sum()
}

/// Roughly what solving a program takes: the rows, and a dense basis would be worse.
fn memory_bytes(program: &Program) -> u64 {
    /// Bytes per number of a row, over the program, the backend's copies and its factors.
    const PER_TERM: u64 = 256;
    /// Bytes per column or row.
    const PER_LINE: u64 = 1_024;
    let terms: u64 = program.rows.iter().map(|row| row.terms.len() as u64).sum();
    let lines = (program.rows.len() + program.columns.len()) as u64;
    terms * PER_TERM + lines * PER_LINE
}
