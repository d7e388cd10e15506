//! An integer program as a value: columns, rows and measures, in whole numbers only.

use crate::core::Measure;

/// Which values a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every whole number between its bounds.
    Integer,
    /// The same, but a solver may treat it as continuous: once all integer columns are fixed, the
    /// corners of what is left are whole numbers (the rows form a network).
    Follows,
    /// Every whole number too, and rows only keep it from being too small, with coefficients of one
    /// sign. A solver may treat it as continuous: the least whole number that the rows allow, once
    /// all others are known, is the value of the smallest real one rounded up.
    Raised,
}

/// One decision.
///
/// The bounds are 32 bits by type and there is no column without them, because the solvers silently
/// cap or refuse anything wider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Unique; letters, digits and `_`, so that every file format takes it.
    pub name: String,
    /// Least value.
    pub lower: i32,
    /// Largest value.
    pub upper: i32,
    /// Which values there are between the two.
    pub kind: Kind,
}

/// How the terms of a row compare with its right-hand side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// At most.
    AtMost,
    /// At least.
    AtLeast,
    /// Equal.
    Equal,
}

/// One rule: a sum of columns with whole coefficients, compared with a whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Unique; starts with the name under which `models/FORMULATION.md` explains it.
    pub name: String,
    /// Column index and coefficient, ascending by column, no zeros.
    pub terms: Vec<(usize, i64)>,
    /// The comparison.
    pub sense: Sense,
    /// The right-hand side.
    pub right: i64,
}

impl Row {
    /// Whether whole values, one per column, satisfy the row.
    #[must_use]
    pub fn holds(&self, values: &[i32]) -> bool {
        let left = evaluate(&self.terms, values);
        let right = i128::from(self.right);
        match self.sense {
            Sense::AtMost => left <= right,
            Sense::AtLeast => left >= right,
            Sense::Equal => left == right,
        }
    }
}

/// A measure of the objective as a sum of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    /// What is measured.
    pub measure: Measure,
    /// Column index and coefficient, ascending by column, no zeros.
    pub terms: Vec<(usize, i64)>,
}

/// An integer program: find values that satisfy every row and make the measures small, one after
/// another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The decisions. Column 0 is fixed to 1, so that measures may have a constant part.
    pub columns: Vec<Column>,
    /// The rules.
    pub rows: Vec<Row>,
    /// The measures, in the order of the problem's objective.
    pub objectives: Vec<Objective>,
    /// Why a solution may stand for no plan, or cost less than its plan does; `None` if the program
    /// says exactly what the problem asks. The values of a relaxed program are still bounds.
    pub relaxed: Option<&'static str>,
    /// What the numbers in the names stand for, a line each.
    pub legend: Vec<String>,
}

/// Index of the column that is fixed to 1.
pub(crate) const ONE: usize = 0;

impl Program {
    /// A program with nothing in it but the column that is fixed to 1.
    pub(crate) fn new() -> Program {
        Program {
            columns: vec![Column {
                name: "one".to_string(),
                lower: 1,
                upper: 1,
                kind: Kind::Integer,
            }],
            rows: Vec::new(),
            objectives: Vec::new(),
            relaxed: None,
            legend: Vec::new(),
        }
    }

    /// Adds a column and returns its index.
    pub(crate) fn column(&mut self, name: String, lower: i32, upper: i32, kind: Kind) -> usize {
        self.columns.push(Column {
            name,
            lower,
            upper,
            kind,
        });
        self.columns.len() - 1
    }

    /// Adds a column that is 0 or 1 and returns its index.
    pub(crate) fn choice(&mut self, name: String) -> usize {
        self.column(name, 0, 1, Kind::Integer)
    }

    /// Adds the row `left` compared with `right`, unless it holds for any values.
    pub(crate) fn row(&mut self, name: String, left: Sum, sense: Sense, right: Sum) {
        let mut all = left;
        all.subtract(&right);
        let constant = all.constant;
        let row = Row {
            name,
            terms: all.merged(),
            sense,
            right: -constant,
        };
        if !self.always_holds(&row) {
            self.rows.push(row);
        }
    }

    /// Whether the bounds of the columns alone make the row hold.
    fn always_holds(&self, row: &Row) -> bool {
        let (mut least, mut most) = (0i128, 0i128);
        for &(column, coefficient) in &row.terms {
            let column = &self.columns[column];
            let ends = [column.lower, column.upper]
                .map(|bound| i128::from(bound) * i128::from(coefficient));
            least += ends[0].min(ends[1]);
            most += ends[0].max(ends[1]);
        }
        let right = i128::from(row.right);
        match row.sense {
            Sense::AtMost => most <= right,
            Sense::AtLeast => least >= right,
            Sense::Equal => least == right && most == right,
        }
    }

    /// The value of the measure at `position` of the objective.
    pub(crate) fn measured(&self, position: usize, values: &[i32]) -> i128 {
        evaluate(&self.objectives[position].terms, values)
    }

    /// Pins a measure: no solution may have more of it than `value`.
    ///
    /// So the next measure is made small among the solutions that are best by this one.
    pub fn pin(&mut self, measure: Measure, value: i64) {
        let found = self
            .objectives
            .iter()
            .find(|objective| objective.measure == measure);
        if let Some(objective) = found {
            let row = Row {
                name: format!("pin_{measure}"),
                terms: objective.terms.clone(),
                sense: Sense::AtMost,
                right: value,
            };
            self.rows.push(row);
        }
    }

    /// Keeps the first measures of an objective at most at their values.
    pub(crate) fn pin_all(&mut self, objective: &[Measure], values: &[u64]) {
        for (measure, &value) in objective.iter().zip(values) {
            self.pin(*measure, i64::try_from(value).unwrap_or(i64::MAX));
        }
    }

    /// Sets each column that is raised to the least value that the rows allow, given the others.
    pub(crate) fn raise(&self, values: &mut [i32]) {
        for (index, column) in self.columns.iter().enumerate() {
            if column.kind != Kind::Raised {
                continue;
            }
            values[index] = 0;
            let mut least = i128::from(column.lower);
            for row in &self.rows {
                let own = row.terms.iter().find(|(other, _)| *other == index);
                let Some(coefficient) = own.map(|(_, coefficient)| i128::from(*coefficient)) else {
                    continue;
                };
                // others - size x value <= right, or the same with both signs turned.
                let size = match row.sense {
                    Sense::AtMost => -coefficient,
                    Sense::AtLeast => coefficient,
                    Sense::Equal => 0,
                };
                let missing = (evaluate(&row.terms, values) - i128::from(row.right)).abs();
                if size > 0 && !row.holds(values) {
                    least = least.max((missing + size - 1) / size);
                }
            }
            // A value out of range breaks a bound, which is found out next.
            values[index] = i32::try_from(least).unwrap_or(i32::MAX);
        }
    }

    /// The first row that the values break, or the first column that they leave its bounds in.
    pub(crate) fn broken_by(&self, values: &[i32]) -> Option<&str> {
        let outside = self
            .columns
            .iter()
            .zip(values)
            .find(|(column, value)| **value < column.lower || column.upper < **value);
        let row = self.rows.iter().find(|row| !row.holds(values));
        let column = outside.map(|(column, _)| column.name.as_str());
        column.or(row.map(|row| row.name.as_str()))
    }
}

fn evaluate(terms: &[(usize, i64)], values: &[i32]) -> i128 {
    let products = terms
        .iter()
        .map(|&(column, coefficient)| i128::from(coefficient) * i128::from(values[column]));
    products.sum()
}

/// A sum of columns and a constant, while a row is put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    terms: Vec<(usize, i64)>,
    constant: i64,
}

impl Sum {
    /// A number.
    pub(crate) fn number(constant: i64) -> Sum {
        let terms = Vec::new();
        Sum { terms, constant }
    }

    /// A column.
    pub(crate) fn of(column: usize) -> Sum {
        Sum::times(column, 1)
    }

    /// A column times a coefficient.
    pub(crate) fn times(column: usize, coefficient: i64) -> Sum {
        let terms = vec![(column, coefficient)];
        let constant = 0;
        Sum { terms, constant }
    }

    /// The columns, each as often as it was added, with what it is multiplied by.
    pub(crate) fn terms(&self) -> &[(usize, i64)] {
        &self.terms
    }

    /// What is added to the columns.
    pub(crate) fn constant(&self) -> i64 {
        self.constant
    }

    /// Adds a column times a coefficient.
    pub(crate) fn add(&mut self, column: usize, coefficient: i64) {
        self.terms.push((column, coefficient));
    }

    /// Adds another sum times a factor.
    pub(crate) fn add_sum(&mut self, other: &Sum, factor: i64) {
        self.constant += other.constant * factor;
        let terms = other.terms.iter();
        self.terms
            .extend(terms.map(|&(column, coefficient)| (column, coefficient * factor)));
    }

    /// Subtracts another sum.
    pub(crate) fn subtract(&mut self, other: &Sum) {
        self.add_sum(other, -1);
    }

    /// The sum times a factor.
    pub(crate) fn scaled(&self, factor: i64) -> Sum {
        let mut sum = Sum::default();
        sum.add_sum(self, factor);
        sum
    }

    /// Whether there is no column in it and the number is 0.
    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty() && self.constant == 0
    }

    /// The terms with the constant as a multiple of the column that is fixed to 1.
    pub(crate) fn into_measure(mut self) -> Vec<(usize, i64)> {
        if self.constant != 0 {
            self.terms.push((ONE, self.constant));
        }
        self.merged()
    }

    /// The terms ascending by column, each column once, no zeros.
    fn merged(mut self) -> Vec<(usize, i64)> {
        self.terms.sort_unstable_by_key(|&(column, _)| column);
        let mut merged: Vec<(usize, i64)> = Vec::with_capacity(self.terms.len());
        for (column, coefficient) in self.terms {
            match merged.last_mut() {
                Some((last, sum)) if *last == column => *sum += coefficient,
                Some(_) | None => merged.push((column, coefficient)),
            }
        }
        merged.retain(|&(_, coefficient)| coefficient != 0);
        merged
    }
}

impl FromIterator<usize> for Sum {
    /// Each column once.
    fn from_iter<I: IntoIterator<Item = usize>>(columns: I) -> Sum {
        let terms = columns.into_iter().map(|column| (column, 1)).collect();
        Sum { terms, constant: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_moves_numbers_right_and_columns_left() {
        let mut program = Program::new();
        let x = program.choice("x".to_string());
        let y = program.choice("y".to_string());
        let mut left = Sum::times(x, 3);
        left.add_sum(&Sum::number(5), 1);
        left.add(y, 2);
        let mut right = Sum::times(x, 1);
        right.add(y, 2);
        right.add_sum(&Sum::number(6), 1);
        program.row("r".to_string(), left, Sense::AtMost, right);
        let row = &program.rows[0];
        assert_eq!((row.terms.as_slice(), row.right), ([(x, 2)].as_slice(), 1));
        assert!(row.holds(&[1, 0, 1]) && !row.holds(&[1, 1, 0]));
    }

    #[test]
    fn rows_that_bounds_imply_are_left_out_and_others_kept() {
        let mut program = Program::new();
        let x = program.choice("x".to_string());
        program.row(
            "implied".to_string(),
            Sum::of(x),
            Sense::AtMost,
            Sum::number(1),
        );
        program.row(
            "kept".to_string(),
            Sum::of(x),
            Sense::AtLeast,
            Sum::number(1),
        );
        program.row(
            "never".to_string(),
            Sum::default(),
            Sense::AtLeast,
            Sum::number(1),
        );
        let names: Vec<&str> = program.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["kept", "never"]);
        assert_eq!(program.broken_by(&[1, 1]), Some("never"));
        assert_eq!(program.broken_by(&[1, 2]), Some("x"));
    }

    #[test]
    fn a_raised_column_is_as_small_as_its_rows_allow() {
        let mut program = Program::new();
        let x = program.choice("x".to_string());
        let fill = program.column("fill".to_string(), 0, 100, Kind::Raised);
        for (name, part, whole) in [("a", 10, 3), ("b", 9, 3), ("c", 1, 7)] {
            let right = Sum::times(fill, whole);
            program.row(name.to_string(), Sum::times(x, part), Sense::AtMost, right);
        }
        let mut values = [1, 1, 77];
        program.raise(&mut values);
        assert_eq!((values, program.broken_by(&values)), ([1, 1, 4], None));
        values[x] = 0;
        program.raise(&mut values);
        assert_eq!(values[fill], 0);
    }

    #[test]
    fn rows_are_evaluated_beyond_64_bits() {
        let row = Row {
            name: "wide".to_string(),
            terms: vec![(0, i64::MAX), (1, i64::MAX)],
            sense: Sense::AtMost,
            right: 0,
        };
        assert!(!row.holds(&[i32::MAX, i32::MAX]));
        assert!(row.holds(&[i32::MAX, -i32::MAX]));
    }
}
