//! A program as text for other solvers: what the formats have in common.

mod lp;
mod mps;
mod opb;

use std::fmt::{self, Write};

pub use lp::write_lp;
pub use mps::write_mps;
pub(crate) use opb::write_formula;
pub use opb::write_opb;

use crate::ip::program::{Column, Kind, Program};

/// What the text is, as comments: the measure at `position` of all, whether its values are only
/// bounds, what the numbers in the names stand for.
fn write_heading(
    text: &mut String,
    comment: &str,
    program: &Program,
    position: usize,
) -> fmt::Result {
    let names: Vec<&str> = program
        .objectives
        .iter()
        .map(|one| one.measure.name())
        .collect();
    let goal = names[position];
    writeln!(
        text,
        "{comment} minimise {goal}; the measures in order: {}",
        names.join(", ")
    )?;
    if let Some(reason) = program.relaxed {
        writeln!(text, "{comment} relaxed, its values are bounds: {reason}")?;
    }
    for line in &program.legend {
        writeln!(text, "{comment} {}", line.escape_default())?;
    }
    Ok(())
}

/// Whether a column is declared integer. One that follows is whole by itself; one that is raised is
/// not, and a reader of the text does not know how to raise it.
fn is_declared_integer(column: &Column) -> bool {
    match column.kind {
        Kind::Integer | Kind::Raised => true,
        Kind::Follows => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Measure;
    use crate::ip::program::{Objective, Sense, Sum};

    /// A program with a bit of everything.
    pub(crate) fn sample() -> Program {
        let mut program = Program::new();
        let x = program.column("x".to_string(), 0, 7, Kind::Follows);
        let y = program.choice("y".to_string());
        let mut sum = Sum::times(x, 3);
        sum.add(y, -1);
        program.row("first".to_string(), sum, Sense::AtLeast, Sum::number(2));
        let (nothing, one) = (Sum::default(), Sum::number(1));
        program.row("never".to_string(), nothing, Sense::Equal, one);
        program.objectives.push(Objective {
            measure: Measure::Segments,
            terms: vec![(x, 1), (y, -5)],
        });
        program.legend.push("r0: request new\nline".to_string());
        program
    }

    #[test]
    fn a_relaxation_says_so_in_every_format() {
        let mut program = sample();
        program.relaxed = Some("no reason");
        for write in [write_lp, write_mps, write_opb] {
            let text = write(&program, 0);
            assert!(
                text.contains("relaxed, its values are bounds: no reason"),
                "{text}"
            );
        }
    }
}
