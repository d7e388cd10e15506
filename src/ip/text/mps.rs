//! A program as text in the free MPS format, which every solver reads.

use std::fmt::{self, Write};

use crate::ip::program::{Program, Sense};
use crate::ip::text::{is_declared_integer, write_heading};

/// The program in the free MPS format, with the measure at `position` of its objective to be
/// minimised.
///
/// Numbers are written in full. The names in the legend are comments.
///
/// # Panics
/// If the objective has no measure at `position`.
#[must_use]
pub fn write_mps(program: &Program, position: usize) -> String {
    let mut text = String::new();
    write_program(&mut text, program, position).expect("writing to a string does not fail");
    text
}

fn write_program(text: &mut String, program: &Program, position: usize) -> fmt::Result {
    let objective = &program.objectives[position];
    let goal = objective.measure.name();
    write_heading(text, "*", program, position)?;
    writeln!(text, "NAME extentplan")?;
    writeln!(text, "ROWS")?;
    writeln!(text, " N {goal}")?;
    for row in &program.rows {
        let sign = match row.sense {
            Sense::AtMost => 'L',
            Sense::AtLeast => 'G',
            Sense::Equal => 'E',
        };
        writeln!(text, " {sign} {}", row.name)?;
    }
    // The format lists the program by columns.
    let mut by_column: Vec<Vec<(&str, i64)>> = vec![Vec::new(); program.columns.len()];
    for &(column, coefficient) in &objective.terms {
        by_column[column].push((goal, coefficient));
    }
    for row in &program.rows {
        for &(column, coefficient) in &row.terms {
            by_column[column].push((&row.name, coefficient));
        }
    }
    writeln!(text, "COLUMNS")?;
    let mut markers = 0;
    let mut is_integer = false;
    for (column, entries) in program.columns.iter().zip(&by_column) {
        if is_integer != is_declared_integer(column) {
            is_integer = !is_integer;
            let word = if is_integer { "INTORG" } else { "INTEND" };
            writeln!(text, " MARKER{markers} 'MARKER' '{word}'")?;
            markers += 1;
        }
        if entries.is_empty() {
            writeln!(text, " {} {goal} 0", column.name)?;
        }
        for (row, coefficient) in entries {
            writeln!(text, " {} {row} {coefficient}", column.name)?;
        }
    }
    if is_integer {
        writeln!(text, " MARKER{markers} 'MARKER' 'INTEND'")?;
    }
    writeln!(text, "RHS")?;
    for row in program.rows.iter().filter(|row| row.right != 0) {
        writeln!(text, " RHS {} {}", row.name, row.right)?;
    }
    writeln!(text, "BOUNDS")?;
    for column in &program.columns {
        writeln!(text, " LO BOUND {} {}", column.name, column.lower)?;
        writeln!(text, " UP BOUND {} {}", column.name, column.upper)?;
    }
    writeln!(text, "ENDATA")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::text::tests::sample;

    #[test]
    fn the_text_lists_rows_then_columns_then_bounds() {
        let expected = "\
* minimise segments; the measures in order: segments
* r0: request new\\nline
NAME extentplan
ROWS
 N segments
 G first
 E never
COLUMNS
 MARKER0 'MARKER' 'INTORG'
 one segments 0
 MARKER1 'MARKER' 'INTEND'
 x segments 1
 x first 3
 MARKER2 'MARKER' 'INTORG'
 y segments -5
 y first -1
 MARKER3 'MARKER' 'INTEND'
RHS
 RHS first 2
 RHS never 1
BOUNDS
 LO BOUND one 1
 UP BOUND one 1
 LO BOUND x 0
 UP BOUND x 7
 LO BOUND y 0
 UP BOUND y 1
ENDATA
";
        assert_eq!(write_mps(&sample(), 0), expected);
    }
}
