//! `extentplan compare`: what LVM2 would do beside the best.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{GroupTask, NotMade, Outcome, Task, outcome, verdict};
use crate::cli::limits::LimitOptions;
use crate::cli::so_far::SoFar;
use crate::cli::task_arguments::TaskArguments;
use crate::cli::{input, local, output, watch};
use crate::core::{
    Answer, Area, Areas, Bound, Cost, Cuts, Limits, Plan, Problem, Request, Segment, StopReason,
    joined, printable,
};
use crate::lvm::replay::{RecordedPlacement, placements};
use crate::lvm::{Dictionary, EntryPart, LvCommand, VolumeGroup, existing, import};
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
    #[arg(long, value_name = "COUNT")]
    first: Option<usize>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let path = arguments.task.pool_path();
    if is_recording(path)? {
        return compare_recording(arguments, path);
    }
    let is_json = arguments.json;
    watch::leave(Box::new(move |reason| {
        stopped(is_json, reason, "unknown\n")
    }));
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
    let so_far = Arc::new(SoFar::default());
    watch::leave(last_word(&task, &so_far, arguments.json));
    let answer = arguments.limits.run(|limits| {
        let found = |_: &Problem, plan: &Plan, cost: &Cost| so_far.hear(plan, cost);
        let bounded = |_: &Problem, bound: &Bound| so_far.hear_bound(bound);
        let limits = Limits {
            found: &found,
            bounded: &bounded,
            ..*limits
        };
        solve(&task.problem, &Strategy::default(), &limits).map_err(anyhow::Error::from)
    })?;
    so_far.conclude(answer.clone());
    let theirs = group.simulated();
    let rows = compared(&task, group, theirs.as_ref().ok(), answer.plan());
    if arguments.json {
        let comparison = Comparison {
            schema: ComparisonFormat::One,
            lvm2: Some(Lvm2 {
                version: group.settings.version.to_string(),
                refusal: theirs.as_ref().err().and_then(NotMade::refusal),
                unknown: theirs.as_ref().err().and_then(NotMade::unknown),
            }),
            best: verdict(&task.problem, &answer).trim_end().to_string(),
            stopped: None,
            volumes: rows,
        };
        output::print(&format!("{}\n", serde_json::to_string_pretty(&comparison)?))?;
    } else {
        output::print(&told(&task, group, theirs.as_ref().err(), &rows, &answer))?;
    }
    Ok(outcome(&answer))
}

/// What is said if a limit ends the run: how good the best plan so far is. What LVM2 does is missing.
fn last_word(task: &Arc<Task>, so_far: &Arc<SoFar>, is_json: bool) -> watch::LastWord {
    let (task, so_far) = (Arc::clone(task), Arc::clone(so_far));
    Box::new(move |reason| {
        let answer = so_far.answer(reason);
        stopped(is_json, reason, &verdict(&task.problem, &answer))
    })
}

/// An answer without a comparison: `best` says how good the best plan so far is.
fn stopped(is_json: bool, reason: StopReason, best: &str) -> anyhow::Result<(String, Outcome)> {
    let text = if is_json {
        let comparison = Comparison {
            schema: ComparisonFormat::One,
            lvm2: None,
            best: best.trim_end().to_string(),
            stopped: Some(reason.name()),
            volumes: Vec::new(),
        };
        format!("{}\n", serde_json::to_string_pretty(&comparison)?)
    } else {
        format!(
            "{best}{} before the layouts were compared\n",
            reason.as_end()
        )
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

/// What there is to say of the layout of one volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Figures {
    /// Intervals, or areas over all legs.
    segments: u64,
    /// Physical volumes that the legs touch.
    disks: u64,
    /// Physical volumes that hold extents of two legs that stand in for each other.
    shared_disks: u64,
}

/// One volume, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Row {
    /// Its name.
    volume: String,
    /// As LVM2 lays it out; null if it refuses.
    lvm2: Option<Figures>,
    /// As the best plan has it; null if there is none.
    best: Option<Figures>,
    /// Extents of the largest free area of the group afterwards, as LVM2 leaves it.
    largest_free_lvm2: Option<u64>,
    /// The same with the best plan.
    largest_free_best: Option<u64>,
}

fn compared(
    task: &Task,
    group: &GroupTask,
    theirs: Option<&VolumeGroup>,
    plan: Option<&Plan>,
) -> Vec<Row> {
    rows(&group.group, &task.problem, &group.dictionary, theirs, plan)
}

fn rows(
    before: &VolumeGroup,
    problem: &Problem,
    dictionary: &Dictionary,
    theirs: Option<&VolumeGroup>,
    plan: Option<&Plan>,
) -> Vec<Row> {
    let free = before.free();
    let largest_theirs = theirs.map(|group| longest(&group.free()));
    let largest_best = plan.map(|plan| {
        let mut left = free.clone();
        for segment in plan.segments() {
            left[segment.source] = left[segment.source].difference(&segment.area.into());
        }
        longest(&left)
    });
    let mut rows = Vec::new();
    for (index, entry) in dictionary.entries.iter().enumerate() {
        if entry.part == EntryPart::Spare {
            continue;
        }
        let request = &problem.requests()[index];
        let redundant = entry.demand.copies > 1 || entry.demand.parity() > 0;
        let theirs = theirs.and_then(|group| existing(group, &entry.name).ok());
        let theirs = theirs.map(|volume| {
            let legs = volume.legs.iter().map(|leg| segments_of(leg)).collect();
            figures(request, legs, redundant)
        });
        let best = plan.and_then(|plan| plan.allocations[index].as_ref());
        let best = best.map(|allocation| {
            let legs = allocation.legs.iter().enumerate().map(|(leg, new)| {
                let had = request.grows.as_ref().and_then(|legs| legs.get(leg));
                had.into_iter().flatten().chain(new).copied().collect()
            });
            figures(request, legs.collect(), redundant)
        });
        rows.push(Row {
            volume: entry.name.clone(),
            lvm2: theirs,
            best,
            largest_free_lvm2: largest_theirs,
            largest_free_best: largest_best,
        });
    }
    rows
}

fn segments_of(leg: &[(usize, Area)]) -> Vec<Segment> {
    let segments = leg.iter();
    segments
        .map(|&(source, area)| Segment { source, area })
        .collect()
}

fn longest(free: &[Areas]) -> u64 {
    free.iter().map(Areas::longest).max().unwrap_or(0)
}

fn figures(request: &Request, legs: Vec<Vec<Segment>>, redundant: bool) -> Figures {
    let legs: Vec<Vec<Segment>> = legs.iter().map(|leg| joined(leg)).collect();
    let segments = match request.cuts {
        Cuts::Apart => legs.iter().map(Vec::len).sum::<usize>(),
        Cuts::Together => {
            let mut starts = BTreeSet::new();
            for leg in &legs {
                let mut offset = 0;
                for segment in leg {
                    starts.insert(offset);
                    offset += segment.area.count();
                }
            }
            starts.len()
        }
    };
    let mut legs_on: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (leg, segments) in legs.iter().enumerate() {
        for segment in segments {
            legs_on.entry(segment.source).or_default().insert(leg);
        }
    }
    let shared = legs_on.values().filter(|legs| redundant && legs.len() > 1);
    Figures {
        segments: segments as u64,
        disks: legs_on.len() as u64,
        shared_disks: shared.count() as u64,
    }
}

fn told(
    task: &Task,
    group: &GroupTask,
    why_not: Option<&NotMade>,
    rows: &[Row],
    answer: &Answer,
) -> String {
    let mut text = String::new();
    let version = group.settings.version;
    let _ = match why_not {
        None => writeln!(text, "LVM2 {version}: places it"),
        Some(NotMade::Unknown(what)) => {
            writeln!(text, "LVM2 {version}: what it does is not known: {what}")
        }
        Some(NotMade::Refused(refusal)) => writeln!(
            text,
            "LVM2 {version}: refuses: {}",
            refusal.replace('\n', " / ")
        ),
    };
    text.push_str(&verdict(&task.problem, answer));
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["volume", "", "LVM2", "best"]);
    let number = |value: Option<u64>| value.map_or_else(|| "-".to_string(), |v| v.to_string());
    for row in rows {
        let pick =
            |get: fn(&Figures) -> u64| (row.lvm2.as_ref().map(get), row.best.as_ref().map(get));
        for (index, (name, (theirs, best))) in [
            ("segments", pick(|figures| figures.segments)),
            ("disks touched", pick(|figures| figures.disks)),
            ("disks with two legs", pick(|figures| figures.shared_disks)),
            (
                "largest free area left",
                (row.largest_free_lvm2, row.largest_free_best),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let volume = if index == 0 { row.volume.as_str() } else { "" };
            table.add_row([
                volume.to_string(),
                name.to_string(),
                number(theirs),
                number(best),
            ]);
        }
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(text, "\n{table}");
    text
}

/// The format of the answer for a recording.
#[derive(Serialize, JsonSchema)]
enum RecordedFormat {
    #[serde(rename = "extentplan/recorded-comparison/1")]
    One,
}

/// What came of a recording, as a program reads it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RecordedComparison<'a> {
    /// The format of the answer.
    schema: RecordedFormat,
    /// How the requests came out.
    #[serde(flatten)]
    shares: &'a Shares,
}

/// What came of a whole recording.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Shares {
    /// Requests that were compared.
    requests: usize,
    /// The request is none that can be planned: LVM2 refuses its arguments, or it asks for nothing.
    not_planned: usize,
    /// Placed by both.
    both_place: usize,
    /// Placed by neither.
    neither_places: usize,
    /// A layout exists, and LVM2 refuses.
    only_best: usize,
    /// LVM2 places what the search found no layout for within its time, or what breaks a rule.
    only_lvm2: usize,
    /// A solver contradicted itself.
    failed: usize,
    /// Proven best, of those for which a layout was found.
    proven: usize,
    /// LVM2's layout leaves two legs on one disk.
    lvm2_shares_disks: usize,
    /// Segments that LVM2 has more than the best layout: how often.
    more_segments: BTreeMap<i64, usize>,
    /// Disks that LVM2 touches more: how often.
    more_disks: BTreeMap<i64, usize>,
}

fn compare_recording(arguments: &Arguments, path: &std::path::Path) -> anyhow::Result<Outcome> {
    let name = input::name(path);
    let bytes = input::read_bytes(path)?;
    let version = arguments.task.version();
    let each = Duration::from_millis(arguments.each);
    let shares = arguments.limits.run(|limits| {
        let steps = placements(std::io::Cursor::new(bytes), version)
            .map_err(|error| anyhow!("{name}: {error}"))?;
        let mut shares = Shares::default();
        for step in steps.take(arguments.first.unwrap_or(usize::MAX)) {
            if limits.is_over() {
                break;
            }
            let step = step.map_err(|error| anyhow!("{name}: {error}"))?;
            count(&step, each, limits, &mut shares);
        }
        Ok(shares)
    })?;
    if arguments.json {
        let recorded = RecordedComparison {
            schema: RecordedFormat::One,
            shares: &shares,
        };
        output::print(&format!("{}\n", serde_json::to_string_pretty(&recorded)?))?;
    } else {
        output::print(&told_shares(&shares))?;
    }
    Ok(if shares.failed == 0 {
        Outcome::Yes
    } else {
        Outcome::No
    })
}

/// Solves one request of a recording and counts how LVM2 compares.
fn count(step: &RecordedPlacement, each: Duration, limits: &Limits, shares: &mut Shares) {
    shares.requests += 1;
    let commands: &[LvCommand] = std::slice::from_ref(&step.command);
    let Ok((problem, dictionary)) = import(&step.group, commands, &step.settings) else {
        shares.not_planned += 1;
        return;
    };
    let started = std::time::Instant::now();
    let remaining = || {
        let own = each.saturating_sub(started.elapsed());
        Some((limits.remaining)().map_or(own, |left| left.min(own)))
    };
    let own = Limits {
        remaining: &remaining,
        ..*limits
    };
    let answer = match solve(&problem, &Strategy::default(), &own) {
        Ok(answer) => answer,
        Err(error) => {
            // A mistake of ours, caught by the checks of `solve`: it is named, counted and not hidden
            // by what the others come to.
            output::remark(&format!(
                "scenario {}, step {}: {}",
                printable(&step.scenario),
                step.step,
                printable(&error.to_string())
            ));
            shares.failed += 1;
            return;
        }
    };
    let theirs = step.outcome.as_ref().ok();
    shares.proven += usize::from(matches!(answer, Answer::Best { .. }));
    match (theirs.is_some(), answer.plan().is_some()) {
        (true, true) => shares.both_place += 1,
        (true, false) => shares.only_lvm2 += 1,
        (false, true) => shares.only_best += 1,
        (false, false) => shares.neither_places += 1,
    }
    for row in rows(&step.group, &problem, &dictionary, theirs, answer.plan()) {
        let Some(lvm2) = row.lvm2 else { continue };
        shares.lvm2_shares_disks += usize::from(lvm2.shared_disks > 0);
        if let Some(best) = row.best {
            let more = |lvm2: u64, best: u64| lvm2.cast_signed() - best.cast_signed();
            *shares
                .more_segments
                .entry(more(lvm2.segments, best.segments))
                .or_default() += 1;
            *shares
                .more_disks
                .entry(more(lvm2.disks, best.disks))
                .or_default() += 1;
        }
    }
}

fn told_shares(shares: &Shares) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["requests", "count", "share"]);
    let all = shares.requests.max(1);
    for (name, count) in [
        ("all", shares.requests),
        ("not planned (refused arguments)", shares.not_planned),
        ("placed by both", shares.both_place),
        ("placed by neither", shares.neither_places),
        ("refused by LVM2, though a layout exists", shares.only_best),
        ("placed by LVM2 alone", shares.only_lvm2),
        ("not solved: a solver contradicts itself", shares.failed),
        ("proven best", shares.proven),
        (
            "two legs on one disk in LVM2's layout",
            shares.lvm2_shares_disks,
        ),
    ] {
        let per_mille = count * 1000 / all;
        table.add_row([
            name.to_string(),
            count.to_string(),
            format!("{}.{} %", per_mille / 10, per_mille % 10),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n");
    for (title, counts) in [
        ("segments", &shares.more_segments),
        ("disks", &shares.more_disks),
    ] {
        let _ = writeln!(
            text,
            "\n{title} that LVM2's layout has more than the best: how often"
        );
        for (more, count) in counts {
            let _ = writeln!(text, "  {more:+5}  {count}");
        }
    }
    text
}
