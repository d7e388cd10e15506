//! A program as text in the LP format, which nearly every solver reads.

use std::fmt::{self, Write};

use crate::ip::program::{Column, ONE, Program, Sense};
use crate::ip::text::{is_declared_integer, write_heading};

/// Longest line; some readers stop at 255 characters.
const WIDTH: usize = 200;

/// The program in the LP format, with the measure at `position` of its objective to be minimised.
///
/// Numbers are written in full. The names in the legend are comments.
///
/// # Panics
/// If the objective has no measure at `position`.
#[must_use]
pub fn write_lp(program: &Program, position: usize) -> String {
    let mut text = String::new();
    write_program(&mut text, program, position).expect("writing to a string does not fail");
    text
}

fn write_program(text: &mut String, program: &Program, position: usize) -> fmt::Result {
    let objective = &program.objectives[position];
    write_heading(text, "\\", program, position)?;
    writeln!(text, "Minimize")?;
    write_sum(
        text,
        &format!(" {}:", objective.measure),
        &objective.terms,
        program,
        "",
    )?;
    writeln!(text, "Subject To")?;
    for row in &program.rows {
        let sign = match row.sense {
            Sense::AtMost => "<=",
            Sense::AtLeast => ">=",
            Sense::Equal => "=",
        };
        let end = format!(" {sign} {}", row.right);
        write_sum(text, &format!(" {}:", row.name), &row.terms, program, &end)?;
    }
    writeln!(text, "Bounds")?;
    for column in &program.columns {
        writeln!(
            text,
            " {} <= {} <= {}",
            column.lower, column.name, column.upper
        )?;
    }
    let integers: Vec<&Column> = program
        .columns
        .iter()
        .filter(|column| is_declared_integer(column))
        .collect();
    if !integers.is_empty() {
        writeln!(text, "General")?;
        for column in integers {
            writeln!(text, " {}", column.name)?;
        }
    }
    writeln!(text, "End")
}

/// One row: name, terms, comparison, over as many lines as it takes.
fn write_sum(
    text: &mut String,
    name: &str,
    terms: &[(usize, i64)],
    program: &Program,
    end: &str,
) -> fmt::Result {
    let mut line = name.to_string();
    // The format has no empty sums.
    let nothing = [(ONE, 0)];
    let terms = if terms.is_empty() { &nothing } else { terms };
    for &(column, coefficient) in terms {
        let sign = if coefficient < 0 { '-' } else { '+' };
        let name = &program.columns[column].name;
        let term = match coefficient.unsigned_abs() {
            1 => format!(" {sign} {name}"),
            size => format!(" {sign} {size} {name}"),
        };
        if line.len() + term.len() > WIDTH {
            writeln!(text, "{line}")?;
            line = " ".to_string();
        }
        line.push_str(&term);
    }
    writeln!(text, "{line}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::program::Sum;
    use crate::ip::text::tests::sample;

    #[test]
    fn the_text_has_every_part_in_whole_numbers() {
        let expected = "\
\\ minimise segments; the measures in order: segments
\\ r0: request new\\nline
Minimize
 segments: + x - 5 y
Subject To
 first: + 3 x - y >= 2
 never: + 0 one = 1
Bounds
 1 <= one <= 1
 0 <= x <= 7
 0 <= y <= 1
General
 one
 y
End
";
        assert_eq!(write_lp(&sample(), 0), expected);
    }

    #[test]
    fn long_sums_are_broken_into_lines_that_readers_take() {
        let mut program = sample();
        let columns: Vec<usize> = (0..100)
            .map(|index| program.choice(format!("choice_{index}")))
            .collect();
        let sum: Sum = columns.into_iter().collect();
        program.row("long".to_string(), sum, Sense::AtMost, Sum::number(5));
        assert!(write_lp(&program, 0).lines().all(|line| line.len() <= 255));
    }
}
