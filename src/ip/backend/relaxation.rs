//! What a proof is made of: the linear relaxation of inequalities, and multipliers that show that it has no solution.
//!
//! Multipliers: Farkas, "Theorie der einfachen Ungleichungen", 1902. Floats stay in this room; what is made of the numbers that
//! come out is added up in whole ones.

use crate::core::Limits;
use crate::ip::backend::simplex::{Ended, Line, Simplex};

/// A whole number from 0 to `range`.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) range: i64,
}

/// A sum of columns that is at least, or exactly, a number.
#[derive(Clone)]
pub(crate) struct Inequality {
    pub(crate) terms: Vec<(usize, i128)>,
    pub(crate) is_equal: bool,
    pub(crate) right: i128,
}

/// What is to have no solution.
pub(crate) struct Inequalities {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Inequality>,
    /// A sum of columns, and what it is at the most.
    pub(crate) objective: Option<(Vec<(usize, i128)>, i128)>,
}

/// What the relaxation says.
pub(crate) enum Relaxed {
    /// A solution.
    Open {
        /// Columns whose values are not whole: rounded down, and the rest in thousandths, from 1 to 999.
        fractions: Vec<(usize, i64, u32)>,
        /// The objective, in thousandths.
        objective: i64,
    },
    /// There is none.
    Closed(Multipliers),
    /// The solver cannot say, or a limit ran out.
    Unknown,
}

/// One multiplier for each row, and one for the objective, such that their sum is violated.
pub(crate) struct Multipliers {
    rows: Vec<f64>,
    objective: f64,
}

/// The relaxation, which goes on where the last question ended.
pub(crate) struct Relaxation {
    simplex: Simplex,
    /// What the rows are counted in.
    units: Vec<f64>,
    ranges: Vec<f64>,
    most: f64,
    has_objective: bool,
}

/// How far above what is allowed the objective goes before it is enough.
const BEYOND: f64 = 0.02;
/// What is more than an error.
const MORE: f64 = 1e-5;
/// What is more than an error where nothing else is.
const LITTLE: f64 = 1e-8;

impl Relaxation {
    pub(crate) fn of(inequalities: &Inequalities) -> Relaxation {
        let ranges = inequalities.columns.iter();
        let ranges: Vec<f64> = ranges.map(|column| float(column.range.into())).collect();
        let mut units = Vec::new();
        let lines = inequalities.rows.iter().map(|row| {
            let terms = row
                .terms
                .iter()
                .map(|&(column, by)| (column, float(by) * ranges[column]));
            let terms: Vec<(usize, f64)> = terms.filter(|one| one.1 != 0.0).collect();
            let unit = terms.iter().map(|one| one.1.abs()).fold(0.0, f64::max);
            let unit = if unit > 0.0 { unit } else { 1.0 };
            units.push(unit);
            Line {
                terms: terms
                    .into_iter()
                    .map(|(column, by)| (column, by / unit))
                    .collect(),
                right: float(row.right) / unit,
                is_equal: row.is_equal,
            }
        });
        let lines = lines.collect();
        // Small costs that differ keep the simplex method from going round.
        let small = if inequalities.objective.is_some() {
            1e-8
        } else {
            1e-3
        };
        let mut costs: Vec<f64> = (0..ranges.len())
            .map(|column| small * spread(column))
            .collect();
        let mut most = f64::INFINITY;
        if let Some((terms, at_most)) = &inequalities.objective {
            for &(column, by) in terms {
                costs[column] += float(by) * ranges[column];
            }
            most = float(*at_most);
        }
        Relaxation {
            simplex: Simplex::new(lines, costs),
            units,
            ranges,
            most,
            has_objective: inequalities.objective.is_some(),
        }
    }

    /// Keeps a column between two values.
    pub(crate) fn bound(&mut self, column: usize, lower: i64, upper: i64) {
        let range = self.ranges[column].max(1.0);
        let (lower, upper) = (float(lower.into()), float(upper.into()));
        self.simplex.bound(column, lower / range, upper / range);
    }

    /// What is left within the bounds.
    pub(crate) fn ask(&mut self, limits: &Limits<'_>) -> Relaxed {
        match self.simplex.solve(self.most + BEYOND, limits) {
            Ended::Above(rows) => self.closed(rows, 1.0),
            Ended::Infeasible(rows) => self.closed(rows, 0.0),
            Ended::Stopped => Relaxed::Unknown,
            Ended::Optimal => {
                let objective = self.simplex.objective();
                if self.has_objective && objective > self.most + MORE {
                    return self.closed(self.simplex.prices(), 1.0);
                }
                // Where nothing else is open, what looks like an error is what sums of large numbers differ by.
                let mut fractions = self.fractions(MORE);
                if fractions.is_empty() {
                    fractions = self.fractions(LITTLE);
                }
                Relaxed::Open {
                    fractions,
                    objective: whole(objective * 1000.0),
                }
            }
        }
    }

    /// Columns whose values are further from whole numbers.
    fn fractions(&self, than: f64) -> Vec<(usize, i64, u32)> {
        let values = self.simplex.values();
        let values = values.iter().zip(&self.ranges).enumerate();
        let fractions = values.filter_map(|(column, (value, range))| {
            let value = (value * range).max(0.0);
            let down = (value + than).floor();
            let rest = value - down;
            (rest > than).then(|| (column, whole(down), thousandths(rest)))
        });
        fractions.collect()
    }

    /// Begins again from nothing.
    pub(crate) fn renew(&mut self) {
        self.simplex.renew();
    }

    fn closed(&self, rows: Vec<f64>, objective: f64) -> Relaxed {
        let rows = rows.iter().zip(&self.units).map(|(by, unit)| by / unit);
        Relaxed::Closed(Multipliers {
            rows: rows.collect(),
            objective,
        })
    }
}

impl Multipliers {
    /// As whole numbers: the objective's, or else the largest, becomes `scale`.
    pub(crate) fn whole(&self, scale: i64, by_objective: bool) -> (Vec<(usize, i64)>, i64) {
        let largest = self.rows.iter().map(|by| by.abs()).fold(0.0, f64::max);
        let unit = if by_objective {
            self.objective
        } else {
            largest.max(self.objective)
        };
        if unit <= 0.0 {
            return (Vec::new(), 0);
        }
        let scaled = |by: f64| whole((by / unit * float(scale.into())).round());
        let rows = self.rows.iter().map(|&by| scaled(by)).enumerate();
        (
            rows.filter(|one| one.1 != 0).collect(),
            scaled(self.objective),
        )
    }
}

/// Some number between 1 and 2 for each index.
fn spread(index: usize) -> f64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44;
    1.0 + float(mixed.into()) / float(1 << 20)
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
    reason = "it is between 1 and 999"
)]
fn thousandths(value: f64) -> u32 {
    (value * 1000.0).round().clamp(1.0, 999.0) as u32
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "what is too large for it becomes the largest, and is added up again"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}
