//! A program as pseudo-Boolean text (OPB): every whole number as a sum of bits, for solvers and proof checkers that know
//! nothing else.
//!
//! Format: Roussel and Manquinho, "Input/Output Format and Solver Requirements for the Competitions of
//! Pseudo-Boolean Solvers", 2012.

use std::fmt::{self, Write};

use crate::ip::formula::{Constraint, Formula};
use crate::ip::program::Program;
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
    write_formula(program, position, &Formula::of(program, position))
}

/// The same of a formula that is at hand.
pub(crate) fn write_formula(program: &Program, position: usize, formula: &Formula) -> String {
    let mut text = String::new();
    write(&mut text, program, position, formula).expect("writing to a string does not fail");
    text
}

fn write(text: &mut String, program: &Program, position: usize, formula: &Formula) -> fmt::Result {
    writeln!(
        text,
        "* #variable= {} #constraint= {}",
        formula.count(),
        formula
            .constraints
            .iter()
            .map(|(_, one)| lines(one))
            .sum::<usize>()
    )?;
    write_heading(text, "*", program, position)?;
    for (column, (first, end)) in program.columns.iter().zip(&formula.columns) {
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
    if formula.constant != 0 {
        let measure = program.objectives[position].measure;
        writeln!(text, "* {measure} = {} + the objective", formula.constant)?;
    }
    text.push_str("min:");
    write_terms(text, &formula.objective)?;
    text.push_str(" ;\n");
    for (name, constraint) in &formula.constraints {
        writeln!(text, "* {name}")?;
        write_constraint(text, constraint)?;
    }
    Ok(())
}

/// Lines that a constraint takes.
fn lines(constraint: &Constraint) -> usize {
    match constraint.always() {
        None => 1,
        Some(true) => 0,
        Some(false) => 2,
    }
}

fn write_constraint(text: &mut String, constraint: &Constraint) -> fmt::Result {
    match constraint.always() {
        Some(true) => return Ok(()),
        // The format has no empty sums.
        Some(false) => return text.write_str("+1 x1 >= 1 ;\n-1 x1 >= 0 ;\n"),
        None => {}
    }
    write_terms(text, &constraint.terms)?;
    let sign = if constraint.is_equal { "=" } else { ">=" };
    writeln!(text, " {sign} {} ;", constraint.right)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Measure;
    use crate::ip::program::{Kind, Objective, Sense, Sum};
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
        let formula = Formula::of(&program, 0);
        let (objective, constant) = (&formula.objective, formula.constant);
        assert!(text.contains(&format!("* segments = {constant} + the objective")));
        let mut satisfied = 0;
        for values in 0_usize..1 << formula.count() {
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
                .zip(&formula.columns)
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
                assert_eq!(constant + total(objective), program.measured(0, &numbers));
            }
        }
        assert!(satisfied > 3, "{satisfied}");
    }
}
