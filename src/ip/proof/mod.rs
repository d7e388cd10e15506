//! Proofs that a program which is not ours checks: a formula in bits, and a log in VeriPB's format.
//!
//! Gocht and Nordstrom, "Certifying Parity Reasoning Efficiently Using Pseudo-Boolean Proofs", AAAI 2021; VeriPB 3 reads both
//! files, and trusts neither this room nor any solver.

mod branches;
mod count;
mod ground;
mod lemmas;
mod sums;
mod tree;

pub(crate) use crate::ip::proof::branches::{asked, branches};

use std::fmt::Write;

use crate::core::{Certificate, Conflict, Limits, Plan, Problem};
use crate::ip::backend::relaxation::{Inequality, Relaxation, Relaxed};
use crate::ip::backend::{Backend, Outcome};
use crate::ip::compile::{Compiled, Formulation};
use crate::ip::error::IpError;
use crate::ip::formula::Formula;
use crate::ip::hint::hint;
use crate::ip::program::Program;
use crate::ip::proof::count::Count;
use crate::ip::proof::ground::Ground;
use crate::ip::proof::lemmas::{Lemma, Why, lemmas};
use crate::ip::proof::sums::paid;
use crate::ip::proof::tree::{By, Step, refute};
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
    /// What the solution in it has of the measure, where there is one: a solver may know a better one than the plan.
    pub shown: Option<i128>,
}

/// What is claimed of a problem.
#[derive(Clone, Copy, Debug)]
pub enum Claim<'a> {
    /// There is no plan.
    Impossible {
        /// What is known of why not.
        why: &'a Conflict,
    },
    /// Of the plans that are no worse than the bound in the measures before, none has less of the measure at `position` than
    /// the bound says; `plan` is one of them.
    Least {
        /// Which measure of the objective.
        position: usize,
        /// A value for each measure up to that one.
        bound: &'a [u64],
        /// A plan that costs as much as the bound in the measures before.
        plan: &'a Plan,
        /// What is known of why.
        certificate: Option<&'a Certificate>,
    },
}

/// Of larger formulas no proof is looked for: neither this room nor the checker would come to an end.
const MOST_BYTES: u64 = 50_000_000;
/// Nodes of a tree after which what legs and requests cost is shown first.
const FEW_NODES: u64 = 300;
/// Rows of a program that is looked at as a whole before its parts are.
const FEW_ROWS: usize = 400;
/// Nodes of a tree that shows what one leg, or one request, costs.
const MOST_NODES_OF_A_LEMMA: u64 = 200_000;

/// Proves what is claimed.
///
/// `None` where a limit ran out first, or the relaxation does not say enough.
///
/// # Errors
/// [`IpError::TooLarge`] and [`IpError::OtherShape`], as for every program; what a backend says.
pub fn prove(
    problem: &Problem,
    claim: Claim<'_>,
    formulation: Formulation,
    backend: Backend,
    limits: &Limits,
) -> Result<Option<Logged>, IpError> {
    let mut compiled = crate::ip::compile::compile(problem, formulation, None, u64::MAX, limits)?;
    let (position, least, pinned, why) = match claim {
        Claim::Impossible { why } => (0, None, [].as_slice(), Why::Conflict(why)),
        Claim::Least {
            position,
            bound,
            certificate,
            ..
        } => {
            let program = &mut compiled.program;
            program.pin_all(problem.objective(), &bound[..position]);
            let least = Some(i128::from(bound[position]));
            let why = Why::Certificate(certificate);
            (position, least, &bound[..position], why)
        }
    };
    let program = &compiled.program;
    let formula = Formula::of(program, position);
    let found = formula.bytes();
    if found > MOST_BYTES {
        return Err(IpError::TooLarge {
            what: "bytes as a formula".to_string(),
            found,
            most: MOST_BYTES,
        });
    }
    let least = least.map(|least| least - formula.constant);
    let shown = match claim {
        Claim::Impossible { .. } => None,
        Claim::Least { plan, .. } => {
            let Some(values) = values(problem, &compiled, plan, position, backend, limits)? else {
                return Ok(None);
            };
            let value = program.measured(position, &values) - formula.constant;
            Some((value, assignment(&formula, program, &values)))
        }
    };
    let (ground, rows) = Ground::of(program, &formula, least.map(|least| least - 1));
    let mut log = Log::of(rows);
    let parts = || lemmas(problem, &compiled, pinned, why);
    let Some((mut ground, steps)) = refuted(ground, &mut log, parts, limits) else {
        return Ok(None);
    };
    let shown = least.zip(shown);
    Ok(Some(Logged {
        shown: shown
            .as_ref()
            .map(|(_, (value, _))| value + formula.constant),
        formula: write_formula(program, position, &formula),
        steps: log.steps + steps.len(),
        proof: log.ended(shown, &mut ground, &steps),
        constant: formula.constant,
    }))
}

/// The steps that show that some rows have no solution, and those rows: of a small program all of them, else what its
/// parts come to, and only then the whole again with these.
fn refuted(
    mut ground: Ground,
    log: &mut Log,
    parts: impl Fn() -> Vec<Lemma>,
    limits: &Limits<'_>,
) -> Option<(Ground, Vec<Step>)> {
    let few = limits.with_nodes(FEW_NODES);
    let of_formula = ground.inequalities.rows.len();
    if of_formula <= FEW_ROWS
        && let Some(steps) = refute(&ground, &few)
    {
        return Some((ground, steps));
    }
    for lemma in parts() {
        log.show(&mut ground, lemma, limits);
    }
    if let Some((sum, clause)) = paid(&ground, of_formula) {
        let by = By::Sum(sum);
        return Some((ground, vec![Step { clause, by }]));
    }
    let alone = ground.behind(of_formula);
    if let Some(steps) = refute(&alone, &few) {
        return Some((alone, steps));
    }
    let steps = refute(&ground, limits)?;
    Some((ground, steps))
}

/// The columns as the plan has them.
fn values(
    problem: &Problem,
    compiled: &Compiled,
    plan: &Plan,
    position: usize,
    backend: Backend,
    limits: &Limits,
) -> Result<Option<Vec<i32>>, IpError> {
    let mut pinned = compiled.program.clone();
    let cost = crate::core::cost(problem, plan);
    for (measure, value) in problem.objective().iter().zip(&cost.0).take(position + 1) {
        pinned.pin(*measure, i64::try_from(*value).unwrap_or(i64::MAX));
    }
    let start = hint(compiled, problem, plan);
    let columns = &compiled.program.columns;
    let mut hinted: Vec<i32> = columns.iter().map(|column| column.lower).collect();
    for &(column, value) in &start {
        hinted[column] = value;
    }
    let mut bounded = columns.iter().zip(&hinted);
    let is_bounded = bounded.all(|(column, value)| (column.lower..=column.upper).contains(value));
    // Where the plan says all of them, there is nothing to solve.
    if is_bounded && pinned.rows.iter().all(|row| row.holds(&hinted)) {
        return Ok(Some(hinted));
    }
    Ok(
        match backend.solve(&pinned, position, Some(&start), limits)? {
            Outcome::Best(values) | Outcome::Feasible(values, _) => Some(values),
            Outcome::Infeasible | Outcome::Stopped(_) => None,
        },
    )
}

/// A log, as far as it is written.
struct Log {
    text: String,
    /// The number of the last row.
    last: usize,
    /// Steps so far.
    steps: usize,
}

impl Log {
    /// Of a formula with so many rows.
    fn of(rows: usize) -> Log {
        Log {
            text: format!("pseudo-Boolean proof version 3.0\nf {rows} ;\n"),
            last: rows,
            steps: 0,
        }
    }

    /// Shows a lemma, if it can be, and adds it to the rows.
    fn show(&mut self, ground: &mut Ground, lemma: Lemma, limits: &Limits<'_>) {
        let Lemma {
            terms,
            least,
            is_inside,
        } = lemma;
        let by_relaxation = || relaxed(ground, &is_inside, &terms, limits);
        let least = least.or_else(by_relaxation).filter(|least| *least > 0);
        let Some(least) = least else {
            return;
        };
        let (few, more) = (FEW_NODES, MOST_NODES_OF_A_LEMMA);
        let mut block = ground.of_block(&is_inside, &terms, least - 1);
        let mut count = None;
        let mut steps = refute(&block, &limits.with_nodes(few));
        if steps.is_none() {
            // Whoever can be no more than are needed is counted: so many, and no others.
            count = Count::of(ground, &terms, least - 1).filter(|count| {
                relaxed(ground, &is_inside, &count.terms(1), limits) == Some(count.most)
            });
            if let Some(count) = &count {
                let fewest = Lemma {
                    terms: count.terms(1),
                    least: None,
                    is_inside: is_inside.clone(),
                };
                let shown = ground.inequalities.rows.len();
                self.show(ground, fewest, limits);
                block = ground.of_block(&is_inside, &terms, least - 1);
                // It is for this alone.
                ground.keep(shown);
                // Behind what is assumed.
                block.push(count.row(), self.last + 2);
            }
            steps = refute(&block, &limits.with_nodes(more));
        }
        let Some(steps) = steps else {
            return;
        };
        self.open(&mut block, &terms, least);
        if let Some(count) = &count {
            let _ = writeln!(self.text, "pol {} ;", count.divided(&block));
            self.last += 1;
        }
        self.write(&block, &steps);
        self.close();
        let row = Inequality {
            terms,
            is_equal: false,
            right: least,
        };
        ground.push(row, self.last);
    }

    /// Assumes that a sum is less than a number: that gets the next number.
    fn open(&mut self, ground: &mut Ground, terms: &[(usize, i128)], least: i128) {
        let _ = writeln!(self.text, "pbc {} >= {least} : subproof", ground.sum(terms));
        self.last += 1;
        ground.of_objective = self.last;
    }

    /// It is not: that gets the next number.
    fn close(&mut self) {
        self.text.push_str("qed pbc : -1 ;\n");
        self.last += 1;
    }

    fn write(&mut self, ground: &Ground, steps: &[Step]) {
        // Of each step the number of its clause.
        let mut numbers: Vec<usize> = Vec::new();
        for step in steps {
            let from = match &step.by {
                By::Sum(sum) => {
                    self.text.push_str("pol");
                    for (index, &(reason, by)) in sum.iter().enumerate() {
                        let plus = if index == 0 { "" } else { " +" };
                        let _ = write!(self.text, " {}{plus}", ground.times(reason, by));
                    }
                    self.text.push_str(" ;\n");
                    self.last += 1;
                    self.last.to_string()
                }
                By::Steps([first, second]) => format!("{} {}", numbers[*first], numbers[*second]),
            };
            self.text.push_str("rup");
            for &literal in &step.clause {
                let _ = write!(self.text, " +1 {}", ground.opposite(literal));
            }
            let _ = writeln!(self.text, " >= 1 : {from} ~ ;");
            self.last += 1;
            numbers.push(self.last);
        }
        self.steps += steps.len();
    }

    /// With its conclusion: `shown` are the least value of the objective, and the value and the literals of a solution.
    fn ended(
        mut self,
        shown: Option<(i128, (i128, String))>,
        ground: &mut Ground,
        steps: &[Step],
    ) -> String {
        let objective = ground.inequalities.objective.as_ref();
        let terms = objective.map(|(terms, _)| terms.clone());
        if let (Some((least, _)), Some(terms)) = (&shown, terms) {
            self.open(ground, &terms, *least);
        }
        self.write(ground, steps);
        if shown.is_some() {
            self.close();
        }
        let mut text = self.text;
        text.push_str("output NONE ;\n");
        match shown {
            Some((least, (value, literals))) => {
                let _ = writeln!(
                    text,
                    "conclusion BOUNDS {least} : -1 {value} : {literals} ;"
                );
            }
            None => text.push_str("conclusion BOUNDS INF : -1 INF ;\n"),
        }
        text.push_str("end pseudo-Boolean proof ;\n");
        text
    }
}

/// What a sum is at the least by the relaxation of the rows of some columns alone, rounded up.
fn relaxed(
    ground: &Ground,
    is_inside: &[bool],
    terms: &[(usize, i128)],
    limits: &Limits<'_>,
) -> Option<i128> {
    let block = ground.of_block(is_inside, terms, i128::MAX);
    let Relaxed::Open { objective, .. } = Relaxation::of(&block.inequalities).ask(limits) else {
        return None;
    };
    // Some thousandths are no more than an error.
    Some(i128::from(objective - 5).div_euclid(1000) + 1)
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
