//! `extentplan compare`: what LVM2 would do beside the best.

mod figures;
mod recorded;
mod recorded_report;

pub(crate) use recorded::RecordedComparison;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{self, GroupTask, NotMade, Outcome, Task, compare_report, outcome, verdict};
use crate::cli::compare::figures::{Figures, Row, compared};
use crate::cli::limits::LimitOptions;
use crate::cli::made::made;
use crate::cli::so_far::SoFar;
use crate::cli::task_arguments::TaskArguments;
use crate::cli::{input, local, output, watch};
use crate::core::{Answer, StopReason, printable};
use crate::show;
use crate::solve::{Strategy, solve};

/// Puts LVM2's layout beside the best one for the same requests
///
/// In place of a pool a recording may be given: then every request of it is compared, and the shares
/// are printed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    task: TaskArguments,
    #[command(flatten)]
    limits: LimitOptions,
    /// Most time to search for each request of a recording, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200)]
    each: u64,
    /// Compare only the first requests of a recording
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    first: Option<u64>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: CompareFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum CompareFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A drawing.
    Svg,
    /// A page with the drawing and the text.
    Html,
}

impl Arguments {
    fn format(&self) -> CompareFormat {
        if self.json {
            CompareFormat::Json
        } else {
            self.format
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let path = arguments.task.pool_path();
    if is_recording(path)? {
        return compare_recording(arguments, path);
    }
    let format = arguments.format();
    watch::leave(Box::new(move |reason| stopped(format, reason, "unknown\n")));
    let task = Arc::new(arguments.task.read()?);
    let Some(group) = &task.group else {
        bail!(
            "compare needs a volume group or a recording; {} is neither",
            arguments.task.pool_name()
        );
    };
    if group.placing.is_some() {
        bail!(
            "conversions and what lies on other volumes are compared by `extentplan plan`, which says what LVM2 does"
        );
    }
    let (task, answer) = ask::safest(&task, |task| solved(arguments, task, format))?;
    let theirs = group.simulated();
    let rows = compared(&task, group, theirs.as_ref().ok(), answer.plan());
    let text = || told(&task, group, theirs.as_ref().err(), &rows, &answer);
    let report = |text| compare_report(&task, &answer, table(&rows), text, &made());
    output::print(&match format {
        CompareFormat::Text => text(),
        CompareFormat::Svg => show::drawing(&report(String::new())),
        CompareFormat::Html => show::page(&report(text())),
        CompareFormat::Json => {
            let comparison = Comparison {
                schema: ComparisonFormat::One,
                lvm2: Some(Lvm2 {
                    version: group.settings.version.to_string(),
                    refusal: theirs.as_ref().err().and_then(NotMade::refusal),
                    unknown: theirs.as_ref().err().and_then(NotMade::unknown),
                }),
                best: verdict(&task.problem, &answer).trim_end().to_string(),
                stopped: None,
                volumes: rows.clone(),
            };
            format!("{}\n", serde_json::to_string_pretty(&comparison)?)
        }
    })?;
    Ok(outcome(&answer))
}

/// The best layout of one task.
fn solved(
    arguments: &Arguments,
    task: &Arc<Task>,
    format: CompareFormat,
) -> anyhow::Result<Answer> {
    let so_far = Arc::new(SoFar::default());
    watch::leave(last_word(task, &so_far, format));
    let answer = arguments.limits.run(|limits| {
        so_far.listening(limits, |limits| {
            solve(&task.problem, &Strategy::default(), limits).map_err(anyhow::Error::from)
        })
    })?;
    so_far.conclude(answer.clone());
    Ok(answer)
}

/// What is said if a limit ends the run: how good the best plan so far is. What LVM2 does is missing.
fn last_word(task: &Arc<Task>, so_far: &Arc<SoFar>, format: CompareFormat) -> watch::LastWord {
    let (task, so_far) = (Arc::clone(task), Arc::clone(so_far));
    Box::new(move |reason| {
        let answer = so_far.answer(reason);
        stopped(format, reason, &verdict(&task.problem, &answer))
    })
}

/// An answer without a comparison: `best` says how good the best plan so far is.
fn stopped(
    format: CompareFormat,
    reason: StopReason,
    best: &str,
) -> anyhow::Result<(String, Outcome)> {
    let words = || {
        format!(
            "{best}{} before the layouts were compared\n",
            reason.as_end()
        )
    };
    let text = match format {
        CompareFormat::Json => {
            let comparison = Comparison {
                schema: ComparisonFormat::One,
                lvm2: None,
                best: best.trim_end().to_string(),
                stopped: Some(reason.name()),
                volumes: Vec::new(),
            };
            format!("{}\n", serde_json::to_string_pretty(&comparison)?)
        }
        CompareFormat::Text => words(),
        CompareFormat::Svg => show::drawing(&ask::unanswered(&words(), &made())),
        CompareFormat::Html => show::page(&ask::unanswered(&words(), &made())),
    };
    Ok((text, Outcome::LimitRanOut))
}

/// A recording is compressed, or begins with a scenario.
fn is_recording(path: &std::path::Path) -> anyhow::Result<bool> {
    if path == std::path::Path::new("-") || local::group_name(path).is_some() {
        return Ok(false);
    }
    let start = input::read_start(path, 4096)?;
    let text = String::from_utf8_lossy(&start);
    Ok(start.starts_with(&[0x1f, 0x8b]) || text.trim_start().starts_with("{\"scenario\""))
}

/// The format of the answer for a volume group.
#[derive(Serialize, JsonSchema)]
enum ComparisonFormat {
    #[serde(rename = "extentplan/comparison/1")]
    One,
}

/// LVM2's layout beside the best.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Comparison {
    /// The format of the answer.
    schema: ComparisonFormat,
    /// What LVM2 does; absent if that was not asked before a limit ended the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    lvm2: Option<Lvm2>,
    /// How good the best plan is, and why none is better.
    best: String,
    /// What ended the run before the layouts were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<&'static str>,
    /// The volumes, in the order of the requests.
    volumes: Vec<Row>,
}

/// What LVM2 does.
#[derive(Serialize, JsonSchema)]
struct Lvm2 {
    /// The version that was asked.
    version: String,
    /// Why it places nothing, in its words; null if it does.
    refusal: Option<String>,
    /// Why it is not known what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
}

fn told(
    task: &Task,
    group: &GroupTask,
    why_not: Option<&NotMade>,
    rows: &[Row],
    answer: &Answer,
) -> String {
    let told = match why_not {
        None => "places it".to_string(),
        Some(NotMade::Unknown(what)) => format!("what it does is not known: {what}"),
        Some(NotMade::Refused(refusal)) => format!("refuses: {}", refusal.replace('\n', " / ")),
    };
    let head = format!("LVM2 {}: ", group.settings.version);
    let mut text = show::wrapped(&head, " ", told.split(' ').map(str::to_string));
    text.push_str(&verdict(&task.problem, answer));
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(HEADER);
    for cells in rows.iter().flat_map(cells) {
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(text, "\n{table}");
    text
}

const HEADER: [&str; 4] = ["volume", "", "LVM2", "best"];

/// A volume as rows of words, one for each figure.
fn cells(row: &Row) -> Vec<[String; 4]> {
    let number = |value: Option<u64>| value.map_or_else(|| "-".to_string(), |v| v.to_string());
    let pick = |get: fn(&Figures) -> u64| (row.lvm2.as_ref().map(get), row.best.as_ref().map(get));
    let figures = [
        ("segments", pick(|figures| figures.segments)),
        ("disks touched", pick(|figures| figures.disks)),
        ("disks with two legs", pick(|figures| figures.shared_disks)),
        (
            "largest free area left",
            (row.largest_free_lvm2, row.largest_free_best),
        ),
    ];
    let mut cells: Vec<[String; 4]> = Vec::new();
    for (name, (theirs, best)) in figures {
        let volume = if cells.is_empty() {
            row.volume.as_str()
        } else {
            ""
        };
        cells.push([
            volume.to_string(),
            name.to_string(),
            number(theirs),
            number(best),
        ]);
    }
    cells
}

/// The same for a page.
fn table(rows: &[Row]) -> show::Table {
    show::Table {
        caption: "Both layouts in numbers".to_string(),
        header: HEADER.map(str::to_string).to_vec(),
        rows: rows.iter().flat_map(cells).map(Vec::from).collect(),
        is_behind: false,
    }
}

fn compare_recording(arguments: &Arguments, path: &std::path::Path) -> anyhow::Result<Outcome> {
    let name = arguments.task.pool_name();
    if let Some(word) = arguments.task.beside_the_pool() {
        bail!("{name} is a recording, whose own requests are compared: there is no use for {word}");
    }
    let Some(version) = arguments.task.asked_version() else {
        bail!(
            "{name} does not say which LVM2 was recorded; expected `--lvm2 VERSION`, such as `--lvm2 2.03.16`"
        );
    };
    let question = recorded::Question {
        path,
        version,
        each: Duration::from_millis(arguments.each),
        first: arguments
            .first
            .and_then(|first| usize::try_from(first).ok()),
    };
    let shares = arguments
        .limits
        .run(|limits| recorded::compared(&question, limits))?;
    let report = || {
        let file = path.file_name().map_or(path.as_os_str(), |name| name);
        let name = printable(&file.to_string_lossy()).into_owned();
        let version = question.version.to_string();
        recorded_report::report(&shares, &name, &version, arguments.each, &made())
    };
    output::print(&match arguments.format() {
        CompareFormat::Text => recorded::told(&shares),
        CompareFormat::Json => recorded::json(&shares)?,
        CompareFormat::Svg => show::drawing(&report()),
        CompareFormat::Html => show::page(&report()),
    })?;
    Ok(match (shares.failed, shares.stopped) {
        (1.., _) => Outcome::No,
        (0, Some(_)) => Outcome::LimitRanOut,
        (0, None) => Outcome::Yes,
    })
}
