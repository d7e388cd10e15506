//! What a proof starts from: the rows of a formula, each with its number in the checker, as sums of columns.

use crate::ip::backend::relaxation::{Column, Inequalities, Inequality};
use crate::ip::formula::Formula;
use crate::ip::program::Program;

/// A decision: that a bit of a column is 1, or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) column: usize,
    pub(crate) bit: u32,
    pub(crate) is_one: bool,
}

/// What stands in a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Row(usize),
    /// That a column is not above its range, where its bits do not say so.
    Upper(usize),
    /// That the objective is less than claimed.
    Objective,
}

/// The rows, with what the checker calls them.
pub(crate) struct Ground {
    pub(crate) inequalities: Inequalities,
    /// Per column its first variable, counted from 1, and one past its last.
    pub(crate) bits: Vec<(usize, usize)>,
    /// Per column the number of the row that bounds it, where there is one.
    pub(crate) uppers: Vec<Option<usize>>,
    /// Per row its number; an equality has two, the other is the next.
    numbers: Vec<usize>,
    /// The number of what is said of the objective.
    pub(crate) of_objective: usize,
}

impl Ground {
    /// The formula of a program, and that its objective is at most a number.
    ///
    /// Returned with how many rows the formula has.
    pub(crate) fn of(program: &Program, formula: &Formula, most: Option<i128>) -> (Ground, usize) {
        // Columns by their first variables.
        let mut by_variable = vec![usize::MAX; formula.count() + 1];
        for (column, &(first, end)) in formula.columns.iter().enumerate() {
            if first < end {
                by_variable[first] = column;
            }
        }
        let of_columns = |terms: &[(usize, i128)]| -> Vec<(usize, i128)> {
            let first = terms.iter().map(|&(bit, by)| (by_variable[bit], by));
            first.filter(|one| one.0 != usize::MAX).collect()
        };
        let mut uppers = vec![None; program.columns.len()];
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        let mut count = 0;
        for (owner, constraint) in formula.owners.iter().zip(&formula.constraints) {
            let (_, constraint) = constraint;
            let always = constraint.always();
            if always == Some(true) {
                continue;
            }
            let number = count + 1;
            // What never holds is written as two rows that contradict each other.
            let is_double = constraint.is_equal || always == Some(false);
            count = number + usize::from(is_double);
            if let (Some(column), None) = (owner, always) {
                uppers[*column] = Some(number);
                continue;
            }
            numbers.push(number);
            rows.push(Inequality {
                terms: of_columns(&constraint.terms),
                is_equal: constraint.is_equal && always.is_none(),
                right: if always.is_none() {
                    constraint.right
                } else {
                    1
                },
            });
        }
        let columns = program.columns.iter();
        let columns = columns.map(|column| Column {
            range: (i64::from(column.upper) - i64::from(column.lower)).max(0),
        });
        let ground = Ground {
            inequalities: Inequalities {
                columns: columns.collect(),
                rows,
                objective: most.map(|most| (of_columns(&formula.objective), most)),
            },
            bits: formula.columns.clone(),
            uppers,
            numbers,
            of_objective: count + 1,
        };
        (ground, count)
    }

    /// The rows that speak of some columns alone, and that another sum is at most a number.
    pub(crate) fn of_block(
        &self,
        is_inside: &[bool],
        terms: &[(usize, i128)],
        most: i128,
    ) -> Ground {
        let mut ground = Ground {
            inequalities: Inequalities {
                columns: self.inequalities.columns.clone(),
                rows: Vec::new(),
                objective: Some((terms.to_vec(), most)),
            },
            bits: self.bits.clone(),
            uppers: self.uppers.clone(),
            numbers: Vec::new(),
            of_objective: self.of_objective,
        };
        for (row, number) in self.inequalities.rows.iter().zip(&self.numbers) {
            if row.terms.iter().all(|(column, _)| is_inside[*column]) {
                ground.inequalities.rows.push(row.clone());
                ground.numbers.push(*number);
            }
        }
        ground
    }

    /// The rows behind the first ones alone.
    pub(crate) fn behind(&self, first: usize) -> Ground {
        Ground {
            inequalities: Inequalities {
                columns: self.inequalities.columns.clone(),
                rows: self.inequalities.rows[first..].to_vec(),
                objective: self.inequalities.objective.clone(),
            },
            bits: self.bits.clone(),
            uppers: self.uppers.clone(),
            numbers: self.numbers[first..].to_vec(),
            of_objective: self.of_objective,
        }
    }

    /// One more row, which the checker calls so.
    pub(crate) fn push(&mut self, row: Inequality, number: usize) {
        self.inequalities.rows.push(row);
        self.numbers.push(number);
    }

    /// Forgets all but the first rows.
    pub(crate) fn keep(&mut self, first: usize) {
        self.inequalities.rows.truncate(first);
        self.numbers.truncate(first);
    }

    /// A sum of columns as the checker reads it.
    pub(crate) fn sum(&self, terms: &[(usize, i128)]) -> String {
        let bits = terms.iter().flat_map(|&(column, by)| {
            let (first, end) = self.bits[column];
            (first..end).map(move |bit| format!("{:+} x{bit}", by << (bit - first)))
        });
        bits.collect::<Vec<String>>().join(" ")
    }

    /// A reason so many times, as the checker reads it.
    pub(crate) fn times(&self, reason: Reason, by: i64) -> String {
        match reason {
            Reason::Row(row) => {
                let (number, next) = (self.numbers[row], self.numbers[row] + 1);
                let inequality = &self.inequalities.rows[row];
                if inequality.terms.is_empty() {
                    format!("{number} {next} + {by} *")
                } else if by < 0 {
                    format!("{next} {} *", -by)
                } else {
                    format!("{number} {by} *")
                }
            }
            Reason::Upper(column) => format!("{} {by} *", self.uppers[column].unwrap_or(0)),
            Reason::Objective => format!("{} {by} *", self.of_objective),
        }
    }

    /// How the checker calls the opposite of a decision.
    pub(crate) fn opposite(&self, literal: Literal) -> String {
        let not = if literal.is_one { "~" } else { "" };
        format!(
            "{not}x{}",
            self.bits[literal.column].0 + literal.bit as usize
        )
    }
}
