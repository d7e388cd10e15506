//! A program in bits: every whole number a sum of variables that are 0 or 1, every row at least a number.

use crate::ip::program::{Program, Row, Sense};

/// A program in bits, with one of its measures to be minimised. Variables are counted from 1.
pub(crate) struct Formula {
    /// Per column the first of its variables, and one past its last.
    pub(crate) columns: Vec<(usize, usize)>,
    /// Each with the name of its row.
    pub(crate) constraints: Vec<(String, Constraint)>,
    /// Per constraint the column that it bounds, where it is no row of the program.
    pub(crate) owners: Vec<Option<usize>>,
    pub(crate) objective: Vec<(usize, i128)>,
    /// What the measure is more than the objective.
    pub(crate) constant: i128,
}

/// A sum of variables that is at least, or exactly, a number.
pub(crate) struct Constraint {
    pub(crate) terms: Vec<(usize, i128)>,
    pub(crate) is_equal: bool,
    pub(crate) right: i128,
}

impl Formula {
    /// The program with the measure at `position` of its objective.
    ///
    /// A column is its lower bound and a sum of bits.
    pub(crate) fn of(program: &Program, position: usize) -> Formula {
        let mut next = 1;
        let columns = program.columns.iter().map(|column| {
            let range = i64::from(column.upper) - i64::from(column.lower);
            let width = range.max(0).checked_ilog2();
            let first = next;
            next += width.map_or(0, |power| power as usize + 1);
            (first, next)
        });
        let columns: Vec<(usize, usize)> = columns.collect();
        let mut constraints = Vec::new();
        let mut owners = Vec::new();
        for (index, (column, &(first, end))) in program.columns.iter().zip(&columns).enumerate() {
            let range = i128::from(column.upper) - i128::from(column.lower);
            if range < 0 || range + 1 != 1_i128 << (end - first) {
                let terms = (first..end).map(|bit| (bit, -(1_i128 << (bit - first))));
                let at_most = Constraint::new(terms.collect(), false, -range);
                constraints.push((format!("upper_{}", column.name), at_most));
                owners.push(Some(index));
            }
        }
        for row in &program.rows {
            constraints.push((row.name.clone(), of_row(program, &columns, row)));
            owners.push(None);
        }
        let (objective, constant) = sum(program, &columns, &program.objectives[position].terms);
        Formula {
            columns,
            constraints,
            owners,
            objective,
            constant,
        }
    }

    /// About how long it is as text.
    pub(crate) fn bytes(&self) -> u64 {
        /// Letters of a number with its variable.
        const PER_TERM: u64 = 12;
        let terms = self
            .constraints
            .iter()
            .map(|(_, one)| one.terms.len() as u64);
        PER_TERM * terms.sum::<u64>()
    }

    /// How many variables there are; one at least, for what is never true.
    pub(crate) fn count(&self) -> usize {
        self.columns.last().map_or(1, |(_, end)| (end - 1).max(1))
    }
}

impl Constraint {
    /// Divided by what all coefficients have in common.
    fn new(terms: Vec<(usize, i128)>, is_equal: bool, right: i128) -> Constraint {
        let terms: Vec<(usize, i128)> = terms.into_iter().filter(|(_, by)| *by != 0).collect();
        let common = terms
            .iter()
            .fold(0, |common, (_, by)| gcd(common, by.abs()));
        if common <= 1 || (is_equal && right % common != 0) {
            return Constraint {
                terms,
                is_equal,
                right,
            };
        }
        Constraint {
            terms: terms
                .into_iter()
                .map(|(bit, by)| (bit, by / common))
                .collect(),
            is_equal,
            // Rounded up: the sum is a whole number.
            right: right.div_euclid(common) + i128::from(right.rem_euclid(common) != 0),
        }
    }

    /// Whether it holds, where it has no variable.
    pub(crate) fn always(&self) -> Option<bool> {
        let holds = if self.is_equal {
            self.right == 0
        } else {
            self.right <= 0
        };
        self.terms.is_empty().then_some(holds)
    }
}

fn of_row(program: &Program, columns: &[(usize, usize)], row: &Row) -> Constraint {
    let (mut terms, constant) = sum(program, columns, &row.terms);
    let mut right = i128::from(row.right) - constant;
    if row.sense == Sense::AtMost {
        terms.iter_mut().for_each(|(_, by)| *by = -*by);
        right = -right;
    }
    Constraint::new(terms, row.sense == Sense::Equal, right)
}

/// A sum of columns as one of variables and a constant.
fn sum(
    program: &Program,
    columns: &[(usize, usize)],
    terms: &[(usize, i64)],
) -> (Vec<(usize, i128)>, i128) {
    let mut sum = Vec::new();
    let mut constant = 0;
    for &(column, coefficient) in terms {
        let coefficient = i128::from(coefficient);
        constant += coefficient * i128::from(program.columns[column].lower);
        let (first, end) = columns[column];
        sum.extend((first..end).map(|bit| (bit, coefficient << (bit - first))));
    }
    (sum, constant)
}

/// The greatest common divisor (Euclid).
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
