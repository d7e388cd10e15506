//! A program in the words of `good_lp`, scaled, and whole values back from its floats.

#[cfg(any(feature = "highs", feature = "cbc"))]
use good_lp::Solution;
use good_lp::constraint::{eq, geq, leq};
#[cfg(any(feature = "highs", feature = "cbc"))]
use good_lp::solvers::SolutionStatus;
#[cfg(any(feature = "highs", feature = "cbc"))]
use good_lp::variable::UnsolvedProblem;
use good_lp::{Constraint, Expression, ProblemVariables, Variable, variable};

use crate::core::StopReason;
use crate::ip::IpError;
use crate::ip::backend::Outcome;
use crate::ip::program::{Column, Kind, Program, Sense};

/// In which of several equal ways a program is put to a solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Columns that are not integer are counted in parts of their upper bound, and rows divided by their
    /// largest number: with counts of extents as they are, rows span six orders of magnitude and
    /// some solvers call a basis singular.
    Scaled,
    /// The same with the rows in the opposite order.
    Reversed,
    /// Numbers as they are, and raised columns integer: for solvers that scale by themselves.
    Plain,
    /// The same with the rows in the opposite order.
    PlainReversed,
}

impl Wording {
    /// All, in the order in which they are tried by a solver that some programs are too much for as they are
    /// worded. As they are comes first: an error of 10^-7, which solvers allow, is less of an extent
    /// than of a row that was divided by a million.
    pub(crate) const ALL: [Wording; 4] = [
        Wording::Plain,
        Wording::Scaled,
        Wording::PlainReversed,
        Wording::Reversed,
    ];
}

/// A program for `good_lp`.
pub(crate) struct Model {
    /// A variable for each column, in their order.
    pub(crate) variables: ProblemVariables,
    /// What to make small.
    pub(crate) objective: Expression,
    /// The rows.
    pub(crate) constraints: Vec<Constraint>,
    /// What reads a solution.
    pub(crate) reading: Reading,
}

impl Model {
    /// The program with the measure at `position` to be made small.
    pub(crate) fn new(program: &Program, position: usize, wording: Wording) -> Model {
        let is_scaled = match wording {
            Wording::Scaled | Wording::Reversed => true,
            Wording::Plain | Wording::PlainReversed => false,
        };
        let scale = |column| if is_scaled { scale(column) } else { 1.0 };
        let scales: Vec<f64> = program.columns.iter().map(scale).collect();
        let mut problem = ProblemVariables::new();
        let variables: Vec<Variable> = program
            .columns
            .iter()
            .zip(&scales)
            .map(|(column, scale)| {
                let (lower, upper) = (f64::from(column.lower), f64::from(column.upper));
                let bounded = variable().clamp(lower / scale, upper / scale);
                problem.add(match column.kind {
                    Kind::Integer => bounded.integer(),
                    Kind::Raised if !is_scaled => bounded.integer(),
                    Kind::Follows | Kind::Raised => bounded,
                })
            })
            .collect();
        let sum = |terms: &[(usize, i64)], divisor: f64| {
            let mut sum = Expression::with_capacity(terms.len());
            for &(column, coefficient) in terms {
                sum.add_mul(
                    float(coefficient) * scales[column] / divisor,
                    variables[column],
                );
            }
            sum
        };
        let mut constraints: Vec<Constraint> = program
            .rows
            .iter()
            .filter(|row| !row.terms.is_empty())
            .map(|row| {
                let sizes = row
                    .terms
                    .iter()
                    .map(|&(c, coefficient)| float(coefficient) * scales[c]);
                let largest = sizes.fold(float(row.right).abs(), |most, size| most.max(size.abs()));
                let divisor = if is_scaled { largest } else { 1.0 };
                let (left, right) = (sum(&row.terms, divisor), float(row.right) / divisor);
                match row.sense {
                    Sense::AtMost => leq(left, right),
                    Sense::AtLeast => geq(left, right),
                    Sense::Equal => eq(left, right),
                }
            })
            .collect();
        match wording {
            Wording::Scaled | Wording::Plain => {}
            Wording::Reversed | Wording::PlainReversed => constraints.reverse(),
        }
        let objective = sum(&program.objectives[position].terms, 1.0);
        Model {
            variables: problem,
            objective,
            constraints,
            reading: Reading {
                #[cfg(any(feature = "highs", feature = "cbc"))]
                variables,
                scales,
            },
        }
    }

    /// The parts, so that a backend of `good_lp` can take the problem and keep what reads its solution.
    #[cfg(any(feature = "highs", feature = "cbc"))]
    pub(crate) fn into_parts(self) -> (UnsolvedProblem, Vec<Constraint>, Reading) {
        let problem = self.variables.minimise(self.objective);
        (problem, self.constraints, self.reading)
    }
}

/// What it takes to read whole values out of a solution.
pub(crate) struct Reading {
    #[cfg(any(feature = "highs", feature = "cbc"))]
    variables: Vec<Variable>,
    scales: Vec<f64>,
}

impl Reading {
    /// Whole values of some columns as an initial solution.
    #[cfg(feature = "highs")]
    pub(crate) fn initial(&self, values: &[(usize, i32)]) -> Vec<(Variable, f64)> {
        let start = self.start(values).into_iter();
        start
            .map(|(column, value)| (self.variables[column], value))
            .collect()
    }

    /// The same by column.
    pub(crate) fn start(&self, values: &[(usize, i32)]) -> Vec<(usize, f64)> {
        let pairs = values.iter();
        pairs
            .map(|&(column, value)| (column, f64::from(value) / self.scales[column]))
            .collect()
    }

    /// What a solution says: its values, rounded, each row evaluated again in whole numbers.
    ///
    /// A backend that stopped, for the reason given, may hand out numbers that are no solution; then it
    /// has none.
    ///
    /// # Errors
    /// [`IpError::Inexact`] if values that are called optimal break a row, or a raised column has more than the
    /// solver counted with, so that less may be possible.
    #[cfg(any(feature = "highs", feature = "cbc"))]
    pub(crate) fn outcome(
        &self,
        program: &Program,
        backend: &'static str,
        solution: &impl Solution,
        reason: StopReason,
    ) -> Result<Outcome, IpError> {
        let values = self.variables.iter();
        let values: Vec<f64> = values.map(|variable| solution.value(*variable)).collect();
        let stopped = match solution.status() {
            SolutionStatus::Optimal => None,
            SolutionStatus::TimeLimit | SolutionStatus::GapLimit => Some(reason),
        };
        self.judged(program, backend, &values, stopped)
    }

    /// The same of values in the order of the columns, which are called optimal unless the backend
    /// stopped for a reason.
    ///
    /// # Errors
    /// As [`Reading::outcome`].
    pub(crate) fn judged(
        &self,
        program: &Program,
        backend: &'static str,
        values: &[f64],
        stopped: Option<StopReason>,
    ) -> Result<Outcome, IpError> {
        let pairs = values.iter().zip(&self.scales);
        let real: Vec<(f64, f64)> = pairs
            .map(|(value, scale)| (value * scale, *scale))
            .collect();
        let mut values: Vec<i32> = real.iter().map(|&(value, _)| round(value)).collect();
        program.raise(&mut values);
        let lines = program.columns.iter().zip(&values).zip(&real);
        let mut raised = lines.filter(|((column, _), _)| column.kind == Kind::Raised);
        if let (None, Some(((column, _), _))) = (
            stopped,
            raised.find(|((_, value), real)| f64::from(**value) > proven(**real)),
        ) {
            return Err(IpError::Inexact {
                backend,
                broken: column.name.clone(),
            });
        }
        match (stopped, program.broken_by(&values)) {
            (None, None) => Ok(Outcome::Best(values)),
            (None, Some(name)) => Err(IpError::Inexact {
                backend,
                broken: name.to_string(),
            }),
            (Some(reason), None) => Ok(Outcome::Feasible(values, reason)),
            (Some(reason), Some(_)) => Ok(Outcome::Stopped(reason)),
        }
    }
}

/// What a raised column has at least, if its real value, with the units of its variable, is the least: a value
/// that a solver takes for a whole number, or a row that it takes to be satisfied, may hide one unit more.
fn proven((value, scale): (f64, f64)) -> f64 {
    /// What solvers allow a whole number to be off.
    const OF_WHOLE: f64 = 1e-6;
    /// What they allow a row to be broken.
    const OF_ROW: f64 = 1e-7;
    (value - OF_WHOLE.max(OF_ROW * scale)).ceil()
}

/// Units of a column in one unit of its variable.
fn scale(column: &Column) -> f64 {
    match column.kind {
        Kind::Integer => 1.0,
        Kind::Follows | Kind::Raised => f64::from(column.upper.max(1)),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "past 2^53 a solver works on a rounded number; its values are checked in integers"
)]
fn float(number: i64) -> f64 {
    number as f64
}

/// The nearest whole number; what is no number becomes one that no bound allows.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and the bounds of the column are checked afterwards"
)]
fn round(value: f64) -> i32 {
    if value.is_nan() {
        return i32::MIN;
    }
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::program::Sum;

    #[test]
    fn a_raised_column_has_no_more_than_the_solver_counted_with() {
        let judged = |size: i64, least: i64, real: f64| {
            let mut program = Program::new();
            let fill = program.column("fill".to_string(), 0, 100, Kind::Raised);
            let left = Sum::times(fill, size);
            program.row("r".to_string(), left, Sense::AtLeast, Sum::number(least));
            let reading = Reading {
                #[cfg(any(feature = "highs", feature = "cbc"))]
                variables: Vec::new(),
                scales: vec![1.0; 2],
            };
            reading.judged(&program, "solver", &[1.0, real], None)
        };
        assert_eq!(judged(2, 7, 3.5), Ok(Outcome::Best(vec![1, 4])));
        assert_eq!(judged(1, 4, 4.000_000_1), Ok(Outcome::Best(vec![1, 4])));
        let hidden = judged(1_000_000, 3_000_001, 3.000_000_5);
        assert!(matches!(hidden, Err(IpError::Inexact { .. })), "{hidden:?}");
    }
}
