//! Proofs that a program which is not ours checks: a formula in bits, and a log in VeriPB's format.
//!
//! Gocht and Nordstrom, "Certifying Parity Reasoning Efficiently Using Pseudo-Boolean Proofs", AAAI 2021; VeriPB 3 reads both
//! files, and trusts neither this room nor any solver.

mod tree;

use std::fmt::Write;

use crate::core::{Limits, Plan, Problem};
use crate::ip::backend::relaxation::Inequalities;
use crate::ip::backend::{Backend, Outcome};
use crate::ip::compile::Formulation;
use crate::ip::error::IpError;
use crate::ip::formula::Formula;
use crate::ip::hint::hint;
use crate::ip::program::Program;
use crate::ip::proof::tree::{Step, refute};
use crate::ip::text::write_formula;

/// A formula and the proof of what is claimed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The formula, as OPB.
    pub formula: String,
    /// The log, as VeriPB reads it.
    pub proof: String,
    /// Steps of the log.
    pub steps: usize,
    /// What the measure is more than the objective of the formula, which has no constants.
    pub constant: i128,
}

/// Proves that no plan costs less than `plan` by the first measure, or without one that there is no plan.
///
/// `None` where a limit ran out first, or the relaxation does not say enough.
///
/// # Errors
/// [`IpError::TooLarge`] and [`IpError::OtherShape`], as for every program; what a backend says.
pub fn prove(
    problem: &Problem,
    plan: Option<&Plan>,
    formulation: Formulation,
    backend: Backend,
    limits: &Limits,
) -> Result<Option<Logged>, IpError> {
    let compiled = crate::ip::compile::compile(problem, formulation, None, u64::MAX, limits)?;
    let program = &compiled.program;
    let formula = Formula::of(program, 0);
    let solution = match plan {
        None => None,
        Some(plan) => {
            let mut pinned = program.clone();
            let cost = crate::core::cost(problem, plan).0[0];
            pinned.pin(
                program.objectives[0].measure,
                i64::try_from(cost).unwrap_or(i64::MAX),
            );
            let start = hint(&compiled, plan);
            match backend.solve(&pinned, 0, Some(&start), limits)? {
                Outcome::Best(values) | Outcome::Feasible(values, _) => Some(values),
                Outcome::Infeasible | Outcome::Stopped(_) => return Ok(None),
            }
        }
    };
    let Some((inequalities, ids)) = inequalities(&formula, program, solution.as_deref()) else {
        return Ok(None);
    };
    let Some(steps) = refute(&inequalities, limits) else {
        return Ok(None);
    };
    let proof = log(&formula, program, solution.as_deref(), &ids, &steps);
    Ok(Some(Logged {
        formula: write_formula(program, 0, &formula),
        proof,
        steps: steps.len(),
        constant: formula.constant,
    }))
}

/// The constraints as inequalities, each with its number in the checker; and behind them that the objective is less than that
/// of the solution.
fn inequalities(
    formula: &Formula,
    program: &Program,
    solution: Option<&[i32]>,
) -> Option<(Inequalities, Vec<usize>)> {
    let mut rows = Vec::new();
    let mut ids = Vec::new();
    let mut id = 0;
    let from_zero = |terms: &[(usize, i128)], sign: i128| -> Vec<(usize, i128)> {
        terms
            .iter()
            .map(|&(bit, by)| (bit - 1, sign * by))
            .collect()
    };
    for (_, constraint) in &formula.constraints {
        match constraint.always() {
            Some(true) => continue,
            Some(false) => {
                rows.push((vec![(0, 1)], 1));
                rows.push((vec![(0, -1)], 0));
                ids.extend([id + 1, id + 2]);
                id += 2;
                continue;
            }
            None => {}
        }
        rows.push((from_zero(&constraint.terms, 1), constraint.right));
        id += 1;
        ids.push(id);
        if constraint.is_equal {
            rows.push((from_zero(&constraint.terms, -1), -constraint.right));
            id += 1;
            ids.push(id);
        }
    }
    if let Some(values) = solution {
        let value = program.measured(0, values) - formula.constant;
        rows.push((from_zero(&formula.objective, -1), 1 - value));
        ids.push(id + 1);
    }
    let variables = formula.count();
    Some((Inequalities { variables, rows }, ids))
}

/// The log, with its conclusion.
fn log(
    formula: &Formula,
    program: &Program,
    solution: Option<&[i32]>,
    ids: &[usize],
    steps: &[Step],
) -> String {
    let mut text = "pseudo-Boolean proof version 3.0\n".to_string();
    let of_formula = ids.len() - usize::from(solution.is_some());
    let _ = writeln!(text, "f {of_formula} ;");
    let assignment = solution.map(|values| assignment(formula, program, values));
    if let Some(words) = &assignment {
        let _ = writeln!(text, "soli {words} ;");
    }
    for step in steps {
        let decisions = match step {
            Step::Leaf { decisions, sum } => {
                text.push_str("pol");
                for (index, (row, by)) in sum.iter().enumerate() {
                    let plus = if index == 0 { "" } else { " +" };
                    let _ = write!(text, " {} {by} *{plus}", ids[*row]);
                }
                text.push_str(" ;\n");
                decisions
            }
            Step::Closed { decisions } => decisions,
        };
        text.push_str("rup");
        for (variable, is_one) in decisions {
            let not = if *is_one { "~" } else { "" };
            let _ = write!(text, " +1 {not}x{}", variable + 1);
        }
        text.push_str(" >= 1 ;\n");
    }
    text.push_str("output NONE ;\n");
    match (&assignment, solution) {
        (Some(words), Some(values)) => {
            let value = program.measured(0, values) - formula.constant;
            let _ = writeln!(text, "conclusion BOUNDS {value} : -1 {value} : {words} ;");
        }
        _ => text.push_str("conclusion BOUNDS INF : -1 INF ;\n"),
    }
    text.push_str("end pseudo-Boolean proof ;\n");
    text
}

/// Every variable as a literal that is true.
fn assignment(formula: &Formula, program: &Program, values: &[i32]) -> String {
    let mut words = vec!["~x1".to_string(); formula.count()];
    for ((column, value), &(first, end)) in program.columns.iter().zip(values).zip(&formula.columns)
    {
        let above = i64::from(*value) - i64::from(column.lower);
        for bit in first..end {
            let not = if above >> (bit - first) & 1 == 1 {
                ""
            } else {
                "~"
            };
            words[bit - 1] = format!("{not}x{bit}");
        }
    }
    words.join(" ")
}
