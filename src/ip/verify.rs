//! Whether a certificate, or a conflict, holds: those of the integer program by its rows, in whole numbers and without any
//! solver; all others as [`crate::core`] adds them up.

use std::collections::BTreeMap;

use crate::core::{
    self, Bound, BranchDecision, BranchReason, BranchStep, Branches, Certificate, Conflict, Limits,
    Problem, Refuted,
};
use crate::ip::compile::{Formulation, compile};
use crate::ip::formula::gcd;
use crate::ip::program::{Program, Row, Sense};
use crate::ip::proof::asked;

/// Adds up a conflict once more.
///
/// # Errors
/// [`Refuted`] if it does not hold.
pub fn verify(problem: &Problem, conflict: &Conflict) -> Result<(), Refuted> {
    if let Conflict::Branches(branches) = conflict {
        Rows::of(problem, &[], None)?.close(branches)
    } else {
        core::verify(problem, conflict)
    }
}

/// Whether entry `position` of a bound holds by a certificate, as [`core::verify_bound`] has it.
///
/// # Errors
/// [`Refuted`] if it does not hold.
pub fn verify_bound(
    problem: &Problem,
    bound: &Bound,
    position: usize,
    certificate: &Certificate,
) -> Result<(), Refuted> {
    match (certificate, bound.0.get(position)) {
        (Certificate::Branches(branches), Some(&least))
            if position < problem.objective().len() && least > 0 =>
        {
            Rows::of(problem, &bound.0[..position], Some(least))?.close(branches)
        }
        _ => core::verify_bound(problem, bound, position, certificate),
    }
}

fn refuted<T>(reason: String) -> Result<T, Refuted> {
    Err(Refuted { reason })
}

/// A sum of columns, each above its lower bound, that is at least, or exactly, a number.
struct AtLeast {
    terms: Vec<(usize, i128)>,
    is_equal: bool,
    right: i128,
}

/// A program whose rows are taken by name.
struct Rows {
    /// Per column the largest that it is above its lower bound.
    ranges: Vec<i64>,
    columns: BTreeMap<String, usize>,
    rows: BTreeMap<String, AtLeast>,
    /// That the measure is less than the bound, where there is one.
    bound: Option<AtLeast>,
}

impl Rows {
    /// The program with the measures before at most as they are pinned, and the next one less than `least`.
    fn of(problem: &Problem, pinned: &[u64], least: Option<u64>) -> Result<Rows, Refuted> {
        let problem = &asked(problem, least);
        let formulation = Formulation::of(problem);
        let compiled = compile(problem, formulation, None, u64::MAX, &Limits::none());
        let mut program = match compiled {
            Ok(compiled) => compiled.program,
            Err(error) => return refuted(format!("there is no integer program: {error}")),
        };
        program.pin_all(problem.objective(), pinned);
        let bound = least.map(|least| {
            let row = Row {
                name: String::new(),
                terms: program.objectives[pinned.len()].terms.clone(),
                sense: Sense::AtMost,
                right: i64::try_from(least).unwrap_or(i64::MAX).saturating_sub(1),
            };
            above_lower(&program, &row)
        });
        let ranges = program.columns.iter();
        let ranges = ranges.map(|column| i64::from(column.upper) - i64::from(column.lower));
        let names = program.columns.iter().enumerate();
        let rows = program.rows.iter();
        Ok(Rows {
            ranges: ranges.collect(),
            columns: names
                .map(|(index, column)| (column.name.clone(), index))
                .collect(),
            rows: rows
                .map(|row| (row.name.clone(), rounded(above_lower(&program, row))))
                .collect(),
            bound,
        })
    }

    /// Whether a tree leaves nothing.
    fn close(&self, branches: &Branches) -> Result<(), Refuted> {
        if let Some(column) = self.ranges.iter().position(|range| *range < 0) {
            return refuted(format!("column number {column} has no value"));
        }
        for (index, step) in branches.steps.iter().enumerate() {
            let wrong = |reason: String| Refuted {
                reason: format!("step {index}: {reason}"),
            };
            match &step.reason {
                BranchReason::Sum { rows, bound } => self.add_up(step, rows, *bound),
                BranchReason::Both(both) => resolve(&branches.steps[..index], step, *both),
            }
            .map_err(wrong)?;
        }
        match branches.steps.last() {
            Some(root) if root.decisions.is_empty() => Ok(()),
            Some(_) => refuted("its last step holds for some decisions alone".to_string()),
            None => refuted("a tree without steps".to_string()),
        }
    }

    /// Whether a sum of rows is more than what all columns come to at the most, with the decisions of a step.
    fn add_up(&self, step: &BranchStep, rows: &[(String, i64)], bound: i64) -> Result<(), String> {
        let mut totals: BTreeMap<usize, i128> = BTreeMap::new();
        let mut right = 0_i128;
        let mut add = |row: &AtLeast, times: i64| {
            for &(column, by) in &row.terms {
                let total = totals.entry(column).or_default();
                *total = by
                    .checked_mul(times.into())
                    .and_then(|by| total.checked_add(by))?;
            }
            right = row
                .right
                .checked_mul(times.into())
                .and_then(|by| right.checked_add(by))?;
            Some(())
        };
        let too_large = "its sum is too large to be added up";
        for (name, times) in rows {
            let row = self.rows.get(name);
            let row = row.ok_or_else(|| format!("the integer program has no row `{name}`"))?;
            if *times < 0 && !row.is_equal {
                return Err(format!(
                    "row `{name}` is no equality, and is taken {times} times"
                ));
            }
            add(row, *times).ok_or(too_large)?;
        }
        match &self.bound {
            _ if bound == 0 => {}
            Some(less) if bound > 0 => add(less, bound).ok_or(too_large)?,
            Some(_) => return Err(format!("the bound is taken {bound} times")),
            None => return Err("nothing is bounded".to_string()),
        }
        let mut decided: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for BranchDecision {
            column,
            bit,
            is_one,
        } in &step.decisions
        {
            let index = self.columns.get(column);
            let index = *index.ok_or_else(|| format!("the program has no column `{column}`"))?;
            let width = self.ranges[index]
                .checked_ilog2()
                .map_or(0, |high| high + 1);
            if *bit >= width {
                return Err(format!("column `{column}` has no bit {bit}"));
            }
            let (ones, zeros) = decided.entry(index).or_default();
            *(if *is_one { ones } else { zeros }) |= 1 << bit;
        }
        let mut most = 0_i128;
        for (column, total) in totals {
            let range = self.ranges[column];
            let (ones, zeros) = decided.get(&column).copied().unwrap_or_default();
            let all = range.checked_ilog2().map_or(0, |high| (2_i64 << high) - 1);
            let end = if total > 0 {
                range.min(all & !zeros)
            } else {
                ones
            };
            let reached = total
                .checked_mul(end.into())
                .and_then(|by| most.checked_add(by));
            most = reached.ok_or(too_large)?;
        }
        match right > most {
            true => Ok(()),
            false => Err(format!(
                "its rows ask for {right}, and the columns give up to {most}"
            )),
        }
    }
}

/// Whether a step follows from two before it.
fn resolve(before: &[BranchStep], step: &BranchStep, both: [usize; 2]) -> Result<(), String> {
    let at = |index: usize| {
        let found = before.get(index);
        found.ok_or_else(|| format!("it rests on step {index}, which is not before it"))
    };
    let (one, other) = (at(both[0])?, at(both[1])?);
    let opposite = |decision: &BranchDecision| BranchDecision {
        is_one: !decision.is_one,
        ..decision.clone()
    };
    let left_open = |decision: &&BranchDecision| !step.decisions.contains(*decision);
    let open: Vec<BranchDecision> = one.decisions.iter().filter(left_open).cloned().collect();
    let left: Vec<BranchDecision> = other.decisions.iter().filter(left_open).cloned().collect();
    let closes = match (open.as_slice(), left.as_slice()) {
        // One of them says as much by itself.
        ([], _) | (_, []) => true,
        ([one], [other]) => opposite(one) == *other,
        _ => false,
    };
    match closes {
        true => Ok(()),
        false => Err(format!(
            "it does not follow from steps {} and {}",
            both[0], both[1]
        )),
    }
}

/// A row over what columns are above their lower bounds.
fn above_lower(program: &Program, row: &Row) -> AtLeast {
    let sign = if row.sense == Sense::AtMost { -1 } else { 1 };
    let mut right = sign * i128::from(row.right);
    let mut terms = Vec::new();
    for &(column, coefficient) in &row.terms {
        let by = sign * i128::from(coefficient);
        let bounds = &program.columns[column];
        right -= by * i128::from(bounds.lower);
        if bounds.upper != bounds.lower {
            terms.push((column, by));
        }
    }
    AtLeast {
        terms,
        is_equal: row.sense == Sense::Equal,
        right,
    }
}

/// The row without what its coefficients have in common; its right side, as a sum of whole numbers, is rounded up: Gomory,
/// "Outline of an algorithm for integer solutions to linear programs", 1958.
fn rounded(mut row: AtLeast) -> AtLeast {
    let common = row
        .terms
        .iter()
        .fold(0, |common, (_, by)| gcd(common, by.abs()));
    if common > 1 && !(row.is_equal && row.right % common != 0) {
        row.terms.iter_mut().for_each(|(_, by)| *by /= common);
        let rest = row.right.rem_euclid(common);
        row.right = row.right.div_euclid(common) + i128::from(rest != 0);
    }
    if row.terms.is_empty() && row.is_equal {
        // What never holds is more than nothing.
        row.right = row.right.abs();
    }
    row
}
