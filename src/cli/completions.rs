//! `extentplan completions`: what a shell needs to complete the command line.

use clap::Args;
use clap_complete::Shell;

use crate::ask::Outcome;
use crate::cli::output;

/// Prints the completions for a shell, to be put where it looks for them
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut program: clap::Command) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "extentplan", &mut script);
    output::print(&String::from_utf8(script)?)?;
    Ok(Outcome::Yes)
}
