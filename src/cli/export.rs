//! `extentplan export`: the integer program of a problem, for any solver.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;

use crate::ask::{Outcome, Task};
use crate::cli::input;
use crate::cli::output;
use crate::cli::task_arguments::TaskArguments;
use crate::core::{Measure, Plan};
use crate::ip::{self, Formulation};
use crate::json;

/// Prints the integer program of a problem, for any solver
///
/// A text has one measure to be minimised. The measures of an objective are solved one after another:
/// solve the first, then export the second with the first pinned to the value found.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    task: TaskArguments,
    /// The format of the text
    #[arg(long, value_name = "FORMAT", default_value = "lp")]
    format: ProgramFormat,
    /// The measure to be minimised; the first of the objective if not given
    #[arg(long, value_name = "MEASURE")]
    measure: Option<Measure>,
    /// No more of this measure than this value; can be given several times
    #[arg(long, value_name = "MEASURE=VALUE", value_parser = parse_pin)]
    pin: Vec<(Measure, i64)>,
    /// How the problem is put into columns and rows: areas (the definition), counted or bundles; the
    /// smallest that takes the problem if not given
    #[arg(long, value_name = "NAME")]
    formulation: Option<Formulation>,
    /// A plan in hand, as `plan --format json` prints it: what is worse by the first measure may be
    /// left out, which can make the program much smaller
    #[arg(long, value_name = "PLAN")]
    incumbent: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ProgramFormat {
    /// The LP format.
    Lp,
    /// The free MPS format.
    Mps,
    /// Pseudo-Boolean text: whole numbers as sums of bits.
    Opb,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let task = arguments.task.read()?;
    let incumbent = arguments.incumbent(&task)?;
    let problem = &task.problem;
    let formulation = arguments
        .formulation
        .unwrap_or_else(|| Formulation::of(problem));
    let mut program = ip::compile(problem, formulation, incumbent.as_ref())?;
    for &(measure, value) in &arguments.pin {
        arguments.position(&task, measure)?;
        program.pin(measure, value);
    }
    let position = match arguments.measure {
        None => 0,
        Some(measure) => arguments.position(&task, measure)?,
    };
    let text = match arguments.format {
        ProgramFormat::Lp => ip::write_lp(&program, position),
        ProgramFormat::Mps => ip::write_mps(&program, position),
        ProgramFormat::Opb => ip::write_opb(&program, position),
    };
    output::print(&text)?;
    Ok(Outcome::Yes)
}

impl Arguments {
    /// Where a measure stands in the objective.
    fn position(&self, task: &Task, measure: Measure) -> anyhow::Result<usize> {
        let objective = task.problem.objective();
        let found = objective.iter().position(|own| *own == measure);
        found.ok_or_else(|| {
            let names: Vec<&str> = objective.iter().map(|own| own.name()).collect();
            anyhow!(
                "`{measure}` is not in the objective, which is {}",
                names.join(", ")
            )
        })
    }

    fn incumbent(&self, task: &Task) -> anyhow::Result<Option<Plan>> {
        let Some(path) = &self.incumbent else {
            return Ok(None);
        };
        let name = input::name(path);
        let document = json::read_plan(&input::read_text(path)?, &task.problem);
        match document.map_err(|error| input::wrong(path, &error))?.plan {
            None => bail!("{name}: there is no plan in it"),
            plan => Ok(plan),
        }
    }
}

fn parse_pin(word: &str) -> Result<(Measure, i64), String> {
    let Some((measure, value)) = word.split_once('=') else {
        return Err(format!("`{word}` is no MEASURE=VALUE, such as segments=5"));
    };
    let number = value.parse().ok().filter(|number: &i64| *number >= 0);
    let number = number.ok_or_else(|| {
        format!(
            "`{value}` is no whole number from 0 to {}, as in segments=5",
            i64::MAX
        )
    })?;
    Ok((measure.parse()?, number))
}
