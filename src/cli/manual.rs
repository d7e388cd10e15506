//! `extentplan manual`: the manual page of the program or of a subcommand.

use anyhow::anyhow;
use clap::Args;

use crate::ask::Outcome;
use crate::cli::output;

/// Prints a manual page: `extentplan manual plan | man -l -`
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The subcommand; the program itself if not given
    subcommand: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, mut program: clap::Command) -> anyhow::Result<Outcome> {
    // Gives subcommands the names under which they are called.
    program.build();
    let described = match &arguments.subcommand {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                anyhow!(
                    "no subcommand `{name}`; expected one of {}",
                    names(&program)
                )
            })?
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(described).render(&mut page)?;
    output::print(&String::from_utf8(page)?)?;
    Ok(Outcome::Yes)
}

fn names(program: &clap::Command) -> String {
    let names: Vec<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    names.join(", ")
}
