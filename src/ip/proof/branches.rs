//! A tree as a certificate: what [`crate::ip::verify`] adds up.

use std::borrow::Cow;

use crate::core::{
    BranchDecision, BranchReason, BranchStep, Branches, Limits, Measure, Problem, Request,
};
use crate::ip::compile::{Formulation, compile};
use crate::ip::formula::Formula;
use crate::ip::program::Program;
use crate::ip::proof::ground::{Ground, Literal, Reason};
use crate::ip::proof::tree::{By, Step, refute};

/// Largest program that a tree is looked for.
const MOST_COLUMNS: u64 = 1_500;
const MOST_ROWS: usize = 400;
/// Nodes of the tree.
const MOST_NODES: u64 = 1_000;
/// Rows, and nodes, together: the relaxation of a node takes the rows to the square.
const MOST_WORK: u64 = 1 << 24;

/// A tree that shows that of the plans that have no more than `pinned` in the measures before, none has less of the next one
/// than `least`; or without it, that there is no plan.
///
/// `None` where the integer program, or its tree, is too large for that, a limit ran out, or the relaxation does not say
/// enough.
pub(crate) fn branches(
    problem: &Problem,
    pinned: &[u64],
    least: Option<u64>,
    limits: &Limits<'_>,
) -> Option<Branches> {
    let areas = |request: &Request| -> u64 {
        let offered = problem.offered(request).into_iter();
        offered.map(|(_, areas)| areas.len() as u64).sum()
    };
    let cells = problem.requests().iter();
    let cells = cells.map(|request| areas(request).saturating_mul(request.legs() as u64));
    if cells.fold(0, u64::saturating_add) > MOST_COLUMNS {
        return None;
    }
    let problem = &asked(problem, least);
    let formulation = Formulation::of(problem);
    let compiled = compile(problem, formulation, None, MOST_COLUMNS, limits);
    let mut program = compiled.ok()?.program;
    let rows = program.rows.len();
    if rows > MOST_ROWS || program.columns.len() as u64 > MOST_COLUMNS {
        return None;
    }
    program.pin_all(problem.objective(), pinned);
    let formula = Formula::of(&program, pinned.len());
    let most = least.map(|least| i128::from(least) - formula.constant - 1);
    let (ground, _) = Ground::of(&program, &formula, most);
    let nodes = MOST_NODES.min(MOST_WORK / ((rows * rows) as u64).max(1));
    let steps = refute(&ground, &limits.with_nodes(nodes))?;
    let names = named(&formula);
    let steps = steps.iter().map(|step| export(&program, &names, step));
    let steps = steps.collect();
    Some(Branches { steps })
}

/// The problem whose program has the tree: whether there is a plan is the same for every objective, so it is asked for none.
pub(crate) fn asked(problem: &Problem, least: Option<u64>) -> Cow<'_, Problem> {
    match least {
        Some(_) => Cow::Borrowed(problem),
        None => {
            let any = problem.with_measures(vec![Measure::Shortfall]);
            Cow::Owned(any.expect("an objective of one measure is one"))
        }
    }
}

/// The rows of a formula's ground by name.
fn named(formula: &Formula) -> Vec<&str> {
    let rows = formula.owners.iter().zip(&formula.constraints);
    let rows = rows.filter(|(owner, (_, constraint))| match constraint.always() {
        Some(holds) => !holds,
        None => owner.is_none(),
    });
    rows.map(|(_, (name, _))| name.as_str()).collect()
}

fn export(program: &Program, names: &[&str], step: &Step) -> BranchStep {
    let decision = |literal: &Literal| BranchDecision {
        column: program.columns[literal.column].name.clone(),
        bit: literal.bit,
        is_one: literal.is_one,
    };
    BranchStep {
        decisions: step.clause.iter().map(decision).collect(),
        reason: match &step.by {
            By::Steps(steps) => BranchReason::Both(*steps),
            By::Sum(sum) => {
                let (mut rows, mut bound) = (Vec::new(), 0);
                for (reason, times) in sum {
                    match reason {
                        Reason::Row(row) => rows.push((names[*row].to_string(), *times)),
                        Reason::Objective => bound += times,
                        // What a column may be is known.
                        Reason::Upper(_) => {}
                    }
                }
                BranchReason::Sum { rows, bound }
            }
        },
    }
}
