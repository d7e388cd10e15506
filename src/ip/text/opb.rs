//! A program as pseudo-Boolean text (OPB): every whole number as a sum of bits, for solvers and proof checkers that know
//! nothing else.
//!
//! Format: Roussel and Manquinho, "Input/Output Format and Solver Requirements for the Competitions of
//! Pseudo-Boolean Solvers", 2012.

use std::fmt::{self, Write};

use crate::ip::program::{Program, Row, Sense};
use crate::ip::text::write_heading;

/// The program as OPB, with the measure at `position` of its objective to be minimised.
///
/// A column is its lower bound and a sum of bits, each a variable; comments say which variables are which
/// column, and stand in front of each constraint with the name of its row. What the objective has to be increased by
/// is a comment too, as the format knows no constants.
///
/// # Panics
/// If the objective has no measure at `position`.
#[must_use]
pub fn write_opb(program: &Program, position: usize) -> String {
    let bits = Bits::of(program);
    let mut text = String::new();
    write_program(&mut text, program, &bits, position).expect("writing to a string does not fail");
    text
}

/// Which variables stand for which column.
struct Bits {
    /// Per column the first of its variables, counted from 1, and one past its last.
    columns: Vec<(usize, usize)>,
}

impl Bits {
    fn of(program: &Program) -> Bits {
        let mut next = 1;
        let columns = program.columns.iter().map(|column| {
            let range = i64::from(column.upper) - i64::from(column.lower);
            let width = range
                .max(0)
                .checked_ilog2()
                .map_or(0, |power| power as usize + 1);
            let first = next;
            next += width;
            (first, next)
        });
        Bits {
            columns: columns.collect(),
        }
    }

    /// How many variables there are; one at least, for what is always or never true.
    fn count(&self) -> usize {
        self.columns.last().map_or(1, |(_, end)| (end - 1).max(1))
    }

    /// A sum of columns as one of variables and a constant.
    fn sum(&self, program: &Program, terms: &[(usize, i64)]) -> (Vec<(usize, i128)>, i128) {
        let mut sum = Vec::new();
        let mut constant = 0;
        for &(column, coefficient) in terms {
            let coefficient = i128::from(coefficient);
            constant += coefficient * i128::from(program.columns[column].lower);
            let (first, end) = self.columns[column];
            sum.extend((first..end).map(|bit| (bit, coefficient << (bit - first))));
        }
        (sum, constant)
    }
}

fn write_program(
    text: &mut String,
    program: &Program,
    bits: &Bits,
    position: usize,
) -> fmt::Result {
    let mut constraints: Vec<(String, Constraint)> = Vec::new();
    for (index, column) in program.columns.iter().enumerate() {
        let (first, end) = bits.columns[index];
        let range = i128::from(column.upper) - i128::from(column.lower);
        if range < 0 || range + 1 != 1_i128 << (end - first) {
            let terms = (first..end)
                .map(|bit| (bit, -(1_i128 << (bit - first))))
                .collect();
            let at_most = Constraint::new(terms, false, -range);
            constraints.push((format!("upper_{}", column.name), at_most));
        }
    }
    for row in &program.rows {
        constraints.push((row.name.clone(), constraint(program, bits, row)));
    }
    let objective = &program.objectives[position];
    let (terms, constant) = bits.sum(program, &objective.terms);

    writeln!(
        text,
        "* #variable= {} #constraint= {}",
        bits.count(),
        constraints
            .iter()
            .map(|(_, one)| one.lines())
            .sum::<usize>()
    )?;
    write_heading(text, "*", program, position)?;
    for (column, (first, end)) in program.columns.iter().zip(&bits.columns) {
        match end - first {
            0 => writeln!(text, "* {} = {}", column.name, column.lower)?,
            1 => writeln!(text, "* {} = {} + x{first}", column.name, column.lower)?,
            _ => writeln!(
                text,
                "* {} = {} + x{first} + 2 x{} ..",
                column.name,
                column.lower,
                first + 1
            )?,
        }
    }
    if constant != 0 {
        writeln!(text, "* {} = {constant} + the objective", objective.measure)?;
    }
    text.push_str("min:");
    write_terms(text, &terms)?;
    text.push_str(" ;\n");
    for (name, constraint) in &constraints {
        writeln!(text, "* {name}")?;
        constraint.write(text)?;
    }
    Ok(())
}

/// A sum of variables that is at least, or exactly, a number.
struct Constraint {
    terms: Vec<(usize, i128)>,
    is_equal: bool,
    right: i128,
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

    /// Lines that it takes.
    fn lines(&self) -> usize {
        match self.always() {
            None => 1,
            Some(true) => 0,
            Some(false) => 2,
        }
    }

    /// Whether it holds, where it has no variable.
    fn always(&self) -> Option<bool> {
        let holds = if self.is_equal {
            self.right == 0
        } else {
            self.right <= 0
        };
        self.terms.is_empty().then_some(holds)
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        match self.always() {
            Some(true) => return Ok(()),
            // The format has no empty sums.
            Some(false) => return text.write_str("+1 x1 >= 1 ;\n-1 x1 >= 0 ;\n"),
            None => {}
        }
        write_terms(text, &self.terms)?;
        let sign = if self.is_equal { "=" } else { ">=" };
        writeln!(text, " {sign} {} ;", self.right)
    }
}

fn constraint(program: &Program, bits: &Bits, row: &Row) -> Constraint {
    let (mut terms, constant) = bits.sum(program, &row.terms);
    let mut right = i128::from(row.right) - constant;
    if row.sense == Sense::AtMost {
        terms.iter_mut().for_each(|(_, by)| *by = -*by);
        right = -right;
    }
    Constraint::new(terms, row.sense == Sense::Equal, right)
}

fn write_terms(text: &mut String, terms: &[(usize, i128)]) -> fmt::Result {
    for (index, (bit, by)) in terms.iter().enumerate() {
        let blank = if index == 0 && !text.ends_with(':') {
            ""
        } else {
            " "
        };
        write!(text, "{blank}{by:+} x{bit}")?;
    }
    Ok(())
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Measure;
    use crate::ip::program::{Kind, Objective, Sum};
    use crate::ip::text::tests::sample;

    #[test]
    fn the_text_has_every_part_as_sums_of_bits() {
        let expected = "\
* #variable= 4 #constraint= 3
* minimise segments; the measures in order: segments
* r0: request new\\nline
* one = 1
* x = 0 + x1 + 2 x2 ..
* y = 0 + x4
min: +1 x1 +2 x2 +4 x3 -5 x4 ;
* first
+3 x1 +6 x2 +12 x3 -1 x4 >= 2 ;
* never
+1 x1 >= 1 ;
-1 x1 >= 0 ;
";
        assert_eq!(write_opb(&sample(), 0), expected);
    }

    /// The variables of a line with their coefficients, its sign and its right-hand side.
    fn read(line: &str) -> (Vec<(usize, i128)>, &str, i128) {
        let words: Vec<&str> = line.trim_end_matches(" ;").split(' ').collect();
        let (terms, end) = words.split_at(words.len() - 2);
        let terms = terms.chunks(2).map(|pair| {
            let bit = pair[1].trim_start_matches('x').parse().expect("a variable");
            (bit, pair[0].parse().expect("a coefficient"))
        });
        (terms.collect(), end[0], end[1].parse().expect("a number"))
    }

    #[test]
    fn bits_satisfy_the_text_exactly_where_their_numbers_satisfy_the_rows() {
        let mut program = Program::new();
        let columns = [
            program.column("a".to_string(), 2, 7, Kind::Integer),
            program.column("b".to_string(), -3, 1, Kind::Follows),
            program.choice("c".to_string()),
            program.column("d".to_string(), 4, 4, Kind::Integer),
        ];
        let sum = |by: [i64; 4]| {
            let mut sum = Sum::default();
            for (column, by) in columns.into_iter().zip(by) {
                sum.add(column, by);
            }
            sum
        };
        for (name, by, sense, right) in [
            ("most", [2, -4, 6, 2], Sense::AtMost, 27),
            ("least", [1, 1, -3, 0], Sense::AtLeast, 1),
            ("equal", [2, 2, 4, 1], Sense::Equal, 16),
        ] {
            program.row(name.to_string(), sum(by), sense, Sum::number(right));
        }
        program.objectives.push(Objective {
            measure: Measure::Segments,
            terms: sum([1, 2, -1, 5]).into_measure(),
        });
        let text = write_opb(&program, 0);
        let constraints: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with('*') && !line.starts_with("min"))
            .map(read)
            .collect();
        let bits = Bits::of(&program);
        let (objective, constant) = bits.sum(&program, &program.objectives[0].terms);
        assert!(text.contains(&format!("* segments = {constant} + the objective")));
        let mut satisfied = 0;
        for values in 0_usize..1 << bits.count() {
            let bit = |bit: usize| i128::from(values >> (bit - 1) & 1 == 1);
            let total = |terms: &[(usize, i128)]| -> i128 {
                terms.iter().map(|(one, by)| by * bit(*one)).sum()
            };
            let holds = constraints.iter().all(|(terms, sign, right)| match *sign {
                "=" => total(terms) == *right,
                _ => total(terms) >= *right,
            });
            let numbers: Vec<i32> = program
                .columns
                .iter()
                .zip(&bits.columns)
                .map(|(column, (first, end))| {
                    let above = (*first..*end)
                        .map(|one| bit(one) << (one - first))
                        .sum::<i128>();
                    column.lower + i32::try_from(above).expect("small")
                })
                .collect();
            let in_bounds = program
                .columns
                .iter()
                .zip(&numbers)
                .all(|(column, number)| (column.lower..=column.upper).contains(number));
            let fits = in_bounds && program.rows.iter().all(|row| row.holds(&numbers));
            assert_eq!(holds, fits, "{numbers:?}\n{text}");
            if fits {
                satisfied += 1;
                assert_eq!(constant + total(&objective), program.measured(0, &numbers));
            }
        }
        assert!(satisfied > 3, "{satisfied}");
    }
}
