//! `extentplan replay`: recorded runs of the real LVM2, replayed.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::Outcome;
use crate::cli::{input, output};
use crate::core::printable;
use crate::lvm::Version;
use crate::lvm::replay::{Difference, Report, Tally, replay};

/// Replays recorded runs of the real LVM2 and compares the outcome of every step
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The recording, plain or compressed by gzip; `-` is standard input
    #[arg(value_name = "RECORDING")]
    recording: PathBuf,
    /// The version of LVM2 that was recorded
    #[arg(long, value_name = "VERSION", default_value_t = Version::NEWEST)]
    lvm2: Version,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// The format of the answer.
#[derive(Serialize, JsonSchema)]
enum ReplayFormat {
    #[serde(rename = "extentplan/replay/1")]
    One,
}

/// The report as a program reads it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Replayed<'a> {
    /// The format of the answer.
    schema: ReplayFormat,
    /// What came of it.
    #[serde(flatten)]
    report: &'a Report,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let name = input::name(&arguments.recording);
    let bytes = input::read_bytes(&arguments.recording)?;
    let report = replay(std::io::Cursor::new(bytes), arguments.lvm2)
        .map_err(|error| anyhow!("{name}: {error}"))?;
    if arguments.json {
        let replayed = Replayed {
            schema: ReplayFormat::One,
            report: &report,
        };
        let text = serde_json::to_string_pretty(&replayed).context("cannot write the report")?;
        output::print(&format!("{text}\n"))?;
    } else {
        output::print(&told(&report))?;
    }
    Ok(if report.is_clean() {
        Outcome::Yes
    } else {
        Outcome::No
    })
}

/// How many steps of each list are named; JSON has them all.
const NAMED: usize = 10;

/// The report for people; its last line is the sum.
fn told(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "command",
        "type",
        "steps",
        "agree",
        "differ",
        "unsupported",
        "refused",
        "same text",
    ]);
    for (command, kinds) in &report.rows {
        for (kind, tally) in kinds {
            table.add_row(row(command, kind, *tally));
        }
    }
    table.add_row(row("all", "", report.total));
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n");
    for (title, list) in [
        ("differs", &report.differences),
        ("unsupported", &report.unsupported),
        ("other text", &report.texts),
    ] {
        for difference in list.iter().take(NAMED) {
            text.push('\n');
            text.push_str(&named(title, difference));
        }
    }
    let Tally {
        steps,
        agree,
        differ,
        unsupported,
        ..
    } = report.total;
    let _ = writeln!(
        text,
        "\nsteps {steps} agree {agree} differ {differ} unsupported {unsupported}"
    );
    text
}

fn row(command: &str, kind: &str, tally: Tally) -> Vec<String> {
    let counts = [
        tally.steps,
        tally.agree,
        tally.differ,
        tally.unsupported,
        tally.refused,
        tally.same_text,
    ];
    let words = [command, kind].map(|word| printable(word).into_owned());
    let mut cells = words.to_vec();
    cells.extend(counts.iter().map(usize::to_string));
    cells
}

fn named(title: &str, difference: &Difference) -> String {
    let Difference {
        scenario,
        step,
        command,
        what,
    } = difference;
    let [scenario, command, what] = [scenario, command, what].map(|text| printable(text));
    format!("{title}: scenario {scenario}, step {step}: {command}\n  {what}\n")
}
