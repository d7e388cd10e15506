//! What a proof is made of: the linear relaxation of inequalities over variables from 0 to 1, and multipliers that show that
//! it has no solution.
//!
//! Multipliers: Farkas, "Theorie der einfachen Ungleichungen", 1902. Floats stay here; what is made of the numbers that come
//! out is added up in whole ones.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome, Variable};

use crate::core::Limits;

/// Sums of variables, counted from 0, each at least a number.
pub(crate) struct Inequalities {
    pub(crate) variables: usize,
    pub(crate) rows: Vec<(Vec<(usize, i128)>, i128)>,
}

/// What the relaxation says.
pub(crate) enum Relaxed {
    /// A solution: each variable in thousandths.
    Values(Vec<u32>),
    /// There is none.
    Infeasible,
    /// The solver cannot say, or a limit ran out.
    Unknown,
}

/// The relaxation with some variables fixed.
pub(crate) fn relaxed(
    inequalities: &Inequalities,
    fixed: &[Option<bool>],
    limits: &Limits,
) -> Relaxed {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let variables: Vec<Variable> = fixed
        .iter()
        .map(|value| {
            let bounds = value.map_or((0.0, 1.0), |is_one| {
                let value = f64::from(u8::from(is_one));
                (value, value)
            });
            problem.add_var(0.0, bounds)
        })
        .collect();
    for (terms, right) in &inequalities.rows {
        let terms: Vec<(Variable, f64)> = terms
            .iter()
            .map(|&(variable, by)| (variables[variable], float(by)))
            .collect();
        problem.add_constraint(terms, ComparisonOp::Ge, float(*right));
    }
    match solved(&problem, limits) {
        Ok(Some(values)) => Relaxed::Values(
            variables
                .iter()
                .map(|&variable| thousandths(values.var_value(variable)))
                .collect(),
        ),
        Ok(None) => Relaxed::Unknown,
        Err(microlp::Error::Infeasible) => Relaxed::Infeasible,
        Err(_) => Relaxed::Unknown,
    }
}

/// One multiplier for each row, such that the sum of the rows is violated whatever the free variables are; the
/// largest is about 2^40. `None` where the solver finds none.
pub(crate) fn multipliers(
    inequalities: &Inequalities,
    fixed: &[Option<bool>],
    limits: &Limits,
) -> Option<Vec<i64>> {
    // How far the right-hand side is beyond the most that the left-hand side can be.
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let size = |terms: &[(usize, i128)]| {
        let largest = terms.iter().map(|(_, by)| by.unsigned_abs()).max();
        float(i128::try_from(largest.unwrap_or(1)).unwrap_or(i128::MAX))
    };
    let mut columns: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); inequalities.variables];
    let mut rows = Vec::new();
    for (terms, right) in &inequalities.rows {
        // In units of its largest coefficient, so that all multipliers are of one kind.
        let unit = size(terms);
        let of_fixed: i128 = terms
            .iter()
            .filter(|(variable, _)| fixed[*variable] == Some(true))
            .map(|(_, by)| by)
            .sum();
        let row = problem.add_var(float(right - of_fixed) / unit, (0.0, f64::INFINITY));
        for &(variable, by) in terms {
            if fixed[variable].is_none() {
                columns[variable].push((row, float(by) / unit));
            }
        }
        rows.push((row, unit));
    }
    for column in columns.iter().filter(|column| !column.is_empty()) {
        let most = problem.add_var(-1.0, (0.0, f64::INFINITY));
        let mut terms = vec![(most, 1.0)];
        terms.extend(column.iter().map(|&(row, by)| (row, -by)));
        problem.add_constraint(terms, ComparisonOp::Ge, 0.0);
    }
    let all: Vec<(Variable, f64)> = rows.iter().map(|&(row, _)| (row, 1.0)).collect();
    problem.add_constraint(all, ComparisonOp::Le, 1.0);
    let values = solved(&problem, limits).ok()??;
    let values: Vec<f64> = rows
        .iter()
        .map(|&(row, unit)| values.var_value(row).max(0.0) / unit)
        .collect();
    let largest = values.iter().copied().fold(0.0, f64::max);
    (largest > 0.0).then(|| {
        values
            .iter()
            .map(|value| whole(value / largest * SCALE))
            .collect()
    })
}

/// What the largest multiplier becomes.
const SCALE: f64 = (1_u64 << 40) as f64;

fn solved(problem: &Problem, limits: &Limits) -> Result<Option<microlp::Solution>, microlp::Error> {
    let mut options = SolveOptions::default();
    options.time_limit = (limits.remaining)();
    match problem.solve_with(options)? {
        SolveOutcome::Solution(solution) => Ok(Some(solution)),
        SolveOutcome::Interrupted(_) => Ok(None),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "what the relaxation says is added up again in whole numbers"
)]
fn float(number: i128) -> f64 {
    number as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and 1000"
)]
fn thousandths(value: f64) -> u32 {
    (value.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "it is between 0 and the scale"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}
