//! `extentplan manual`: the manual page of the program or of a subcommand.

use anyhow::bail;
use clap::Args;
use clap_mangen::roff::{Roff, bold, roman};

use crate::ask::Outcome;
use crate::cli::help::subcommand;
use crate::cli::output;
use crate::guide::EXAMPLES;

/// Prints a manual page: `extentplan manual plan | man -l -`
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The subcommand; the program itself if not given
    subcommand: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, mut program: clap::Command) -> anyhow::Result<Outcome> {
    // Gives subcommands the names under which they are called.
    program.build();
    let name = arguments.subcommand.join(" ");
    let Some(described) = subcommand(&mut program, &arguments.subcommand).cloned() else {
        bail!(
            "no subcommand `{name}`; expected one of {}",
            names(&program)
        );
    };
    let mut page = Vec::new();
    let examples = examples(&name);
    // They have a section of their own, line by line.
    let described = described.after_long_help(None);
    clap_mangen::Man::new(described).render(&mut page)?;
    examples.to_writer(&mut page)?;
    output::print(&String::from_utf8(page)?)?;
    Ok(Outcome::Yes)
}

/// The section of examples: of a subcommand, or of the program, which has the first of each.
fn examples(subcommand: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXAMPLES"]);
    for (name, examples) in EXAMPLES {
        let shown = match subcommand {
            "" => examples.get(..1).unwrap_or_default(),
            wanted if wanted == *name => examples,
            _ => continue,
        };
        for example in shown {
            section.control("TP", []);
            section.text([roman(example.purpose)]);
            section.text([bold(example.command)]);
        }
    }
    section.text([]);
    section
}

fn names(program: &clap::Command) -> String {
    let names: Vec<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    names.join(", ")
}
