//! What LVM2 did over a whole recording, beside the best: who places what, by type and by load.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use anyhow::anyhow;
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::compare::figures::rows;
use crate::cli::{input, output};
use crate::core::{Answer, Limits, printable};
use crate::lvm::replay::{RecordedPlacement, placements};
use crate::lvm::{LvCommand, Version, VolumeGroup, import};
use crate::solve::{Strategy, solve};

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
    pub(crate) requests: usize,
    /// What ended it before the end of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<&'static str>,
    /// The request is none that can be planned: LVM2 refuses its arguments, or it asks for nothing.
    pub(crate) not_planned: usize,
    /// Placed by both.
    pub(crate) both_place: usize,
    /// Placed by neither.
    pub(crate) neither_places: usize,
    /// A layout exists, and LVM2 refuses.
    pub(crate) only_best: usize,
    /// LVM2 places what the search found no layout for within its time, or what breaks a rule.
    pub(crate) only_lvm2: usize,
    /// A solver contradicted itself.
    pub(crate) failed: usize,
    /// Proven best, of those for which a layout was found.
    pub(crate) proven: usize,
    /// LVM2's layout leaves two legs on one disk.
    pub(crate) lvm2_shares_disks: usize,
    /// Segments that LVM2 has more than the best layout: how often.
    pub(crate) more_segments: BTreeMap<i64, usize>,
    /// Disks that LVM2 touches more: how often.
    pub(crate) more_disks: BTreeMap<i64, usize>,
    /// The planned ones by segment type.
    pub(crate) by_type: BTreeMap<String, Tally>,
    /// The planned ones by how full the group was before: `0-24 %` and so on.
    pub(crate) by_load: BTreeMap<String, Tally>,
}

/// What came of some of the requests.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Tally {
    /// How many.
    pub(crate) requests: usize,
    /// A layout exists, and LVM2 refuses.
    pub(crate) only_best: usize,
    /// LVM2's layout leaves two legs on one disk.
    pub(crate) lvm2_shares_disks: usize,
    /// LVM2's layout has more segments than the best.
    pub(crate) lvm2_has_more_segments: usize,
}

/// How a recording is compared.
pub(crate) struct Question<'a> {
    pub(crate) path: &'a std::path::Path,
    pub(crate) version: Version,
    /// Most time for each request.
    pub(crate) each: Duration,
    /// Most requests.
    pub(crate) first: Option<usize>,
}

/// Compares the requests of a recording.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn compared(question: &Question<'_>, limits: &Limits<'_>) -> anyhow::Result<Shares> {
    let name = input::name(question.path);
    let bytes = input::read_bytes(question.path)?;
    let steps = placements(std::io::Cursor::new(bytes), question.version)
        .map_err(|error| anyhow!("{name}: {error}"))?;
    let mut shares = Shares::default();
    for step in steps.take(question.first.unwrap_or(usize::MAX)) {
        if limits.is_over() {
            shares.stopped = Some(limits.ran_out().name());
            break;
        }
        let step = step.map_err(|error| anyhow!("{name}: {error}"))?;
        count(&step, question.each, limits, &mut shares);
    }
    Ok(shares)
}

/// The figures as JSON.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn json(shares: &Shares) -> anyhow::Result<String> {
    let recorded = RecordedComparison {
        schema: RecordedFormat::One,
        shares,
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&recorded)?))
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
    let is_only_best = theirs.is_none() && answer.plan().is_some();
    match (theirs.is_some(), answer.plan().is_some()) {
        (true, true) => shares.both_place += 1,
        (true, false) => shares.only_lvm2 += 1,
        (false, true) => shares.only_best += 1,
        (false, false) => shares.neither_places += 1,
    }
    let (mut has_shared, mut has_more) = (false, false);
    for row in rows(&step.group, &problem, &dictionary, theirs, answer.plan()) {
        let Some(lvm2) = row.lvm2 else { continue };
        shares.lvm2_shares_disks += usize::from(lvm2.shared_disks > 0);
        has_shared |= lvm2.shared_disks > 0;
        if let Some(best) = row.best {
            let more = |lvm2: u64, best: u64| lvm2.cast_signed() - best.cast_signed();
            let segments = more(lvm2.segments, best.segments);
            has_more |= segments > 0;
            *shares.more_segments.entry(segments).or_default() += 1;
            *shares
                .more_disks
                .entry(more(lvm2.disks, best.disks))
                .or_default() += 1;
        }
    }
    let kind = dictionary
        .entries
        .first()
        .map(|entry| entry.demand.kind.to_string());
    let by_type = shares.by_type.entry(kind.unwrap_or_default()).or_default();
    let by_load = shares.by_load.entry(load(&step.group)).or_default();
    for tally in [by_type, by_load] {
        tally.requests += 1;
        tally.only_best += usize::from(is_only_best);
        tally.lvm2_shares_disks += usize::from(has_shared);
        tally.lvm2_has_more_segments += usize::from(has_more);
    }
}

/// How full a group is, in quarters.
fn load(group: &VolumeGroup) -> String {
    let all = group.extent_count().max(1);
    let taken = (all - group.free_count().min(all)) * 4 / all;
    let quarter = taken.min(3) * 25;
    let end = if quarter == 75 { 100 } else { quarter + 24 };
    format!("{quarter}-{end} %")
}

/// The shares of all requests, by name.
pub(crate) fn shares_by_name(shares: &Shares) -> [(&'static str, usize); 9] {
    [
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
    ]
}

/// `part` of `all` in per cent.
pub(crate) fn per_cent(part: usize, all: usize) -> String {
    let per_mille = part * 1000 / all.max(1);
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// That the figures are not those of the whole recording.
pub(crate) fn stopped(shares: &Shares) -> Option<String> {
    let why = shares.stopped?;
    let count = shares.requests;
    Some(format!(
        "not the whole recording: it ended behind {count} requests, by the {why}"
    ))
}

/// The figures for people.
pub(crate) fn told(shares: &Shares) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["requests", "count", "share"]);
    for (name, count) in shares_by_name(shares) {
        table.add_row([
            name.to_string(),
            count.to_string(),
            per_cent(count, shares.requests),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n");
    if let Some(why) = stopped(shares) {
        let _ = writeln!(text, "\n{why}");
    }
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
    for (title, tallies) in [
        ("type", &shares.by_type),
        ("load of the group", &shares.by_load),
    ] {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header([
            title,
            "requests",
            "refused by LVM2 alone",
            "two legs on one disk",
            "more segments",
        ]);
        for (name, tally) in tallies {
            let counts = [
                tally.requests,
                tally.only_best,
                tally.lvm2_shares_disks,
                tally.lvm2_has_more_segments,
            ];
            let counts = counts.map(|count| count.to_string());
            table.add_row(std::iter::once(name.clone()).chain(counts));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let _ = writeln!(text, "\n{table}");
    }
    text
}
