//! The dual simplex method for columns between two bounds: every change of bounds goes on where the last one ended.
//!
//! Lemke, "The dual method of solving the linear programming problem", 1954; the ratio test passes bounds as in Maros, "A
//! generalized dual phase-2 simplex algorithm", EJOR 149 (2003). Any bounds of a column are finite, so that every basis can be
//! made dual feasible. The inverse of the basis is kept as it is: rows are few, columns may be many.

use crate::core::Limits;

/// What a number may be off, in units of the largest of its row.
const FEASIBLE: f64 = 1e-7;
/// The smallest number that is divided by.
const PIVOT: f64 = 1e-7;
/// Pivots between two looks at the limits, where basic values are counted anew, too.
const PIVOTS_PER_LOOK: usize = 32;

/// How it ended.
pub(super) enum Ended {
    /// The basis is optimal.
    Optimal,
    /// The objective is above what was asked for, whatever follows: a multiplier for each row.
    Above(Vec<f64>),
    /// There is no solution: a multiplier for each row.
    Infeasible(Vec<f64>),
    /// A limit ran out, or the numbers are not to be trusted.
    Stopped,
}

/// A row: columns with coefficients, and the right-hand side, which is the least or the only value.
pub(super) struct Line {
    pub(super) terms: Vec<(usize, f64)>,
    pub(super) right: f64,
    pub(super) is_equal: bool,
}

/// Columns, then one slack for each row.
pub(super) struct Simplex {
    columns: Vec<Vec<(usize, f64)>>,
    rows: Vec<Line>,
    costs: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    is_at_upper: Vec<bool>,
    /// Per row the basic variable.
    basis: Vec<usize>,
    is_basic: Vec<bool>,
    /// By rows.
    inverse: Vec<f64>,
    basic_values: Vec<f64>,
    reduced: Vec<f64>,
}

impl Simplex {
    /// Columns between 0 and 1, with a cost each.
    pub(super) fn new(rows: Vec<Line>, costs: Vec<f64>) -> Simplex {
        let (count, height) = (costs.len(), rows.len());
        let mut columns = vec![Vec::new(); count];
        for (index, row) in rows.iter().enumerate() {
            for &(column, by) in &row.terms {
                columns[column].push((index, by));
            }
        }
        let slack_upper = rows
            .iter()
            .map(|row| if row.is_equal { 0.0 } else { f64::INFINITY });
        let upper = vec![1.0; count].into_iter().chain(slack_upper).collect();
        let mut simplex = Simplex {
            columns,
            lower: vec![0.0; count + height],
            upper,
            is_at_upper: vec![false; count + height],
            basis: (count..count + height).collect(),
            is_basic: (0..count + height).map(|one| one >= count).collect(),
            inverse: vec![0.0; height * height],
            basic_values: vec![0.0; height],
            reduced: vec![0.0; count + height],
            rows,
            costs,
        };
        simplex.renew();
        simplex
    }

    /// Changes the bounds of a column.
    pub(super) fn bound(&mut self, column: usize, lower: f64, upper: f64) {
        self.lower[column] = lower;
        self.upper[column] = upper;
        self.place(column);
    }

    /// The value of a column.
    pub(super) fn values(&self) -> Vec<f64> {
        let count = self.columns.len();
        let mut values: Vec<f64> = (0..count).map(|column| self.at(column)).collect();
        for (&variable, &value) in self.basis.iter().zip(&self.basic_values) {
            if variable < count {
                values[variable] = value;
            }
        }
        values
    }

    /// The value of the objective.
    pub(super) fn objective(&self) -> f64 {
        let values = self.values();
        values
            .iter()
            .zip(&self.costs)
            .map(|(value, cost)| value * cost)
            .sum()
    }

    /// Pivots until the basis is optimal, or nothing is left at or below `most`.
    pub(super) fn solve(&mut self, most: f64, limits: &Limits<'_>) -> Ended {
        let longest = 200 + 20 * (self.rows.len() + self.columns.len());
        for pivot in 0..longest {
            if pivot % PIVOTS_PER_LOOK == 0 {
                if limits.is_over() {
                    return Ended::Stopped;
                }
                self.count_basic();
            }
            if self.objective() > most {
                return Ended::Above(self.prices());
            }
            let Some((row, is_below)) = self.leaving() else {
                return Ended::Optimal;
            };
            match self.pivot(row, is_below) {
                Some(true) => {}
                Some(false) => {
                    let sign = if is_below { -1.0 } else { 1.0 };
                    let ray = self.of_inverse(row).iter().map(|by| by * sign);
                    return Ended::Infeasible(ray.collect());
                }
                None => return Ended::Stopped,
            }
        }
        Ended::Stopped
    }

    /// What a row costs: the reduced cost of its slack.
    pub(super) fn prices(&self) -> Vec<f64> {
        self.reduced[self.columns.len()..].to_vec()
    }

    fn of_inverse(&self, row: usize) -> &[f64] {
        let height = self.rows.len();
        &self.inverse[row * height..(row + 1) * height]
    }

    /// A variable that is not basic, at the bound that its reduced cost asks for.
    fn place(&mut self, variable: usize) {
        if self.upper[variable].is_infinite() {
            self.is_at_upper[variable] = false;
        } else if self.reduced[variable].abs() > 1e-12 {
            self.is_at_upper[variable] = self.reduced[variable] < 0.0;
        }
    }

    fn at(&self, variable: usize) -> f64 {
        if self.is_at_upper[variable] {
            self.upper[variable]
        } else {
            self.lower[variable]
        }
    }

    /// The basic variable that is furthest outside its bounds.
    fn leaving(&self) -> Option<(usize, bool)> {
        let mut worst = None;
        let mut most = FEASIBLE;
        for (row, (&variable, &value)) in self.basis.iter().zip(&self.basic_values).enumerate() {
            let below = self.lower[variable] - value;
            let above = value - self.upper[variable];
            if below.max(above) > most {
                most = below.max(above);
                worst = Some((row, below > above));
            }
        }
        worst
    }

    /// What a basic variable changes by with each of the others.
    fn pivot_row(&self, row: usize) -> Vec<f64> {
        let count = self.columns.len();
        let mut all = vec![0.0; count + self.rows.len()];
        for (index, &by) in self.of_inverse(row).iter().enumerate() {
            if by != 0.0 {
                for &(column, coefficient) in &self.rows[index].terms {
                    all[column] += by * coefficient;
                }
                all[count + index] = -by;
            }
        }
        all
    }

    /// Lets a basic variable go to its bound; `Some(false)` where nothing takes its place, so that there is no solution.
    fn pivot(&mut self, row: usize, is_below: bool) -> Option<bool> {
        let leaving = self.basis[row];
        let alphas = self.pivot_row(row);
        let sign = if is_below { -1.0 } else { 1.0 };
        let mut candidates = Vec::new();
        for (variable, &alpha) in alphas.iter().enumerate() {
            if self.is_basic[variable] || self.upper[variable] <= self.lower[variable] {
                continue;
            }
            let toward = sign * alpha;
            let helps = if self.is_at_upper[variable] {
                toward < -1e-9
            } else {
                toward > 1e-9
            };
            if helps {
                let ratio = self.reduced[variable].abs() / alpha.abs();
                candidates.push((ratio, variable, alpha));
            }
        }
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.2.abs().total_cmp(&a.2.abs())));
        let goal = if is_below {
            self.lower[leaving]
        } else {
            self.upper[leaving]
        };
        let mut slope = (self.basic_values[row] - goal).abs();
        let mut flipped = 0;
        for &(_, variable, alpha) in &candidates {
            slope -= alpha.abs() * (self.upper[variable] - self.lower[variable]);
            if slope < FEASIBLE / 2.0 {
                break;
            }
            flipped += 1;
        }
        if flipped == candidates.len() {
            return Some(false);
        }
        // Of those that are as good the one with the largest number.
        let as_good = candidates[flipped..].iter();
        let as_good = as_good.take_while(|one| one.0 <= candidates[flipped].0 + 1e-10);
        let &(_, entering, alpha) = as_good.max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))?;
        if alpha.abs() < PIVOT {
            return None;
        }
        self.flip(candidates[..flipped].iter().map(|one| one.1));
        let column = self.times_inverse(entering);
        let step = (self.basic_values[row] - goal) / alpha;
        for (value, by) in self.basic_values.iter_mut().zip(&column) {
            *value -= step * by;
        }
        self.basic_values[row] = self.at(entering) + step;
        let step = self.reduced[entering] / alpha;
        for (reduced, by) in self.reduced.iter_mut().zip(&alphas) {
            *reduced -= step * by;
        }
        self.reduced[entering] = 0.0;
        self.reduced[leaving] = -step;
        self.exchange(row, &column);
        self.basis[row] = entering;
        self.is_basic[entering] = true;
        self.is_basic[leaving] = false;
        self.is_at_upper[leaving] = !is_below;
        Some(true)
    }

    /// Lets variables go from one bound to the other.
    fn flip(&mut self, variables: impl Iterator<Item = usize>) {
        let mut change = vec![0.0; self.rows.len()];
        let mut is_any = false;
        for variable in variables {
            let before = self.at(variable);
            self.is_at_upper[variable] = !self.is_at_upper[variable];
            let by = self.at(variable) - before;
            // A slack has one bound, so that it is a column.
            for &(row, coefficient) in &self.columns[variable] {
                change[row] += by * coefficient;
            }
            is_any = true;
        }
        if is_any {
            let by = self.inverse_times(&change);
            for (value, by) in self.basic_values.iter_mut().zip(by) {
                *value -= by;
            }
        }
    }

    fn inverse_times(&self, vector: &[f64]) -> Vec<f64> {
        let used: Vec<(usize, f64)> = vector
            .iter()
            .copied()
            .enumerate()
            .filter(|one| one.1 != 0.0)
            .collect();
        let product = |row| {
            let of = self.of_inverse(row);
            used.iter().map(|&(index, by)| of[index] * by).sum()
        };
        (0..self.rows.len()).map(product).collect()
    }

    /// The column of a variable, seen from the basis.
    fn times_inverse(&self, variable: usize) -> Vec<f64> {
        let count = self.columns.len();
        let slack = [(variable.wrapping_sub(count), -1.0)];
        let terms = self
            .columns
            .get(variable)
            .map_or(&slack[..], |terms| &terms[..]);
        let product = |row| {
            let of = self.of_inverse(row);
            terms.iter().map(|&(index, by)| of[index] * by).sum()
        };
        (0..self.rows.len()).map(product).collect()
    }

    /// The inverse with another column in the basis.
    fn exchange(&mut self, row: usize, column: &[f64]) {
        let height = self.rows.len();
        let (start, end) = (row * height, (row + 1) * height);
        for by in &mut self.inverse[start..end] {
            *by /= column[row];
        }
        let own = self.of_inverse(row).iter().copied().enumerate();
        let own: Vec<(usize, f64)> = own.filter(|one| one.1 != 0.0).collect();
        for (other, &by) in column.iter().enumerate() {
            if other != row && by != 0.0 {
                let line = &mut self.inverse[other * height..(other + 1) * height];
                for &(index, of) in &own {
                    line[index] -= by * of;
                    if line[index].abs() < 1e-13 {
                        line[index] = 0.0;
                    }
                }
            }
        }
    }

    /// The basic values from all others.
    fn count_basic(&mut self) {
        let mut rest: Vec<f64> = self.rows.iter().map(|row| row.right).collect();
        for (column, terms) in self.columns.iter().enumerate() {
            let value = self.at(column);
            if !self.is_basic[column] && value != 0.0 {
                for &(row, by) in terms {
                    rest[row] -= by * value;
                }
            }
        }
        self.basic_values = self.inverse_times(&rest);
    }

    /// Begins again with the slacks as the basis: what errors have added up to is gone.
    pub(super) fn renew(&mut self) {
        let (count, height) = (self.columns.len(), self.rows.len());
        self.inverse.fill(0.0);
        for row in 0..height {
            self.inverse[row * height + row] = -1.0;
            self.basis[row] = count + row;
        }
        for variable in 0..count + height {
            self.is_basic[variable] = variable >= count;
            self.reduced[variable] = self.costs.get(variable).copied().unwrap_or(0.0);
            self.place(variable);
        }
    }
}
