//! `extentplan check`: an independent verdict on a plan.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::ask::{self, Outcome};
use crate::cli::input;
use crate::cli::output;
use crate::json;
use crate::lvm::shell_quoted;

/// Says whether a plan is right for a problem and costs what it claims
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The problem; `-` is standard input
    #[arg(value_name = "PROBLEM")]
    problem: PathBuf,
    /// The plan, as `plan --format json` prints it
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if [&arguments.problem, &arguments.plan]
        .iter()
        .all(|path| path.as_os_str() == "-")
    {
        bail!("problem and plan are both standard input; expected a file for one of them");
    }
    let problem_text = input::read_text(&arguments.problem)?;
    if !problem_text.trim_start().starts_with('{') {
        bail!(
            "{} is no problem in JSON; expected what `extentplan plan {} --problem-out FILE -- ..` writes beside the plan",
            input::name(&arguments.problem),
            shell_quoted(&arguments.problem.display().to_string())
        );
    }
    let problem = json::read_problem(&problem_text)
        .map_err(|error| input::wrong(&arguments.problem, &error))?;
    let plan_text = input::read_text(&arguments.plan)?;
    let document = json::read_plan(&plan_text, &problem)
        .map_err(|error| input::wrong(&arguments.plan, &error))?;
    let verdict = ask::check(&problem, &document);
    output::print(&verdict.text())?;
    Ok(verdict.outcome())
}
