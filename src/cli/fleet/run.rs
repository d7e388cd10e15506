//! Asks all pools of a fleet on all threads, and writes their rows.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use crate::ask::Outcome;
use crate::cli::fleet::arguments::{Asks, HowOptions, RowOptions};
use crate::cli::fleet::progress::Progress;
use crate::cli::output;
use crate::core::Limits;
use crate::fleet::{
    FleetQuestion, Item, LargestMirror, Manner, Row, RowFormat, Sources, Summary, ask_each,
};
use crate::search::in_order;

/// Groups of pools that are read ahead of the rows that are written.
const WINDOW: usize = 512;
/// Pools that one thread audits before it tells of them: an audit is so quick that to wake who waits for it takes a tenth
/// of that time.
const TOGETHER: usize = 8;

/// How rows are written.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// In which format.
    pub(crate) format: RowFormat,
    /// Whether each is written at once.
    pub(crate) are_flushed: bool,
    /// Whether they are written at all.
    pub(crate) are_written: bool,
}

/// What came of it.
pub(crate) struct Done {
    /// The counts.
    pub(crate) summary: Summary,
    /// What it means to the exit code.
    pub(crate) outcome: anyhow::Result<Outcome>,
}

pub(crate) fn run(
    pools: &[PathBuf],
    asks: &dyn Asks,
    options: &RowOptions,
) -> anyhow::Result<Outcome> {
    let rows = Rows {
        format: options.format,
        are_flushed: false,
        are_written: !options.summary,
    };
    let threads = options.how.limits.threads().unwrap_or(0);
    let done = ask_all(pools, &asks.question(), &options.how, rows, threads)?;
    if done.summary.rows() == 0
        && done
            .outcome
            .as_ref()
            .is_ok_and(|told| *told == Outcome::Yes)
    {
        bail!(
            "there was no volume group to ask; expected metadata, reports, or a fleet with a pool on each line"
        );
    }
    let summary = done.summary.text();
    match (options.format, options.summary) {
        (_, true) => output::print(&summary)?,
        (RowFormat::Text, false) => output::print(&format!("\n{summary}"))?,
        (RowFormat::JsonLines | RowFormat::Csv, false) => output::remark(summary.trim_end()),
    }
    done.outcome
}

/// Asks every pool, and writes a row for each.
///
/// # Errors
/// If a file is not there, the question is wrong, or rows cannot be written.
pub(crate) fn ask_all(
    pools: &[PathBuf],
    question: &FleetQuestion,
    how: &HowOptions,
    rows: Rows,
    threads: usize,
) -> anyhow::Result<Done> {
    question.check()?;
    let sources = Sources::new(pools)?;
    let conf = how.settings.conf()?;
    let settings = how.settings.question(conf.as_ref());
    let strategy = how.strategy.strategy();
    let started = Instant::now();
    let clock = || started.elapsed();
    let mirrors = LargestMirror::default();
    let manner = Manner {
        settings: &settings,
        strategy: &strategy,
        time: how.each,
        clock: &clock,
        mirrors: (!rows.are_flushed).then_some(&mirrors),
    };
    let limits = how.limits.limits();
    let mut progress = Progress::new(&sources);
    let mut writer = Writer::new(rows);
    let mut summary = Summary::default();
    let mut written: anyhow::Result<()> = writer.put(&Row::head(rows.format));
    let mut is_over = false;
    let together = match question {
        FleetQuestion::Audit(_) if !rows.are_flushed => TOGETHER,
        FleetQuestion::Audit(_)
        | FleetQuestion::Capacity(_)
        | FleetQuestion::Plan(..)
        | FleetQuestion::Survive(_) => 1,
    };
    let mut sources = sources;
    let groups = std::iter::from_fn(move || {
        let group: Vec<Item> = sources.by_ref().take(together).collect();
        (!group.is_empty()).then_some(group)
    });
    let work = |group: Vec<Item>| -> Vec<Row> {
        let rows = group.into_iter();
        rows.flat_map(|item| ask_each(item, question, &manner, &limits))
            .collect()
    };
    in_order(threads, WINDOW, groups, work, |told| {
        // What was cut short by then is no answer.
        is_over = limits.is_over();
        if is_over {
            return ControlFlow::Break(());
        }
        for mut row in told {
            summary.add(&mut row);
            if how.no_seconds {
                row.took = None;
            }
            let put = progress.beside(|| writer.put(&row.written(rows.format)));
            if let Err(error) = put {
                written = Err(error);
                return ControlFlow::Break(());
            }
        }
        progress.show(&summary);
        ControlFlow::Continue(())
    })
    .context("cannot start the worker threads")?;
    summary.settle(&strategy, &limits);
    progress.end();
    written?;
    writer.flush()?;
    let outcome = outcome(&summary, is_over, &limits);
    Ok(Done { summary, outcome })
}

fn outcome(summary: &Summary, is_over: bool, limits: &Limits<'_>) -> anyhow::Result<Outcome> {
    if is_over {
        let reason = limits.ran_out().as_end();
        output::remark(&format!("{reason} behind {} rows", summary.rows()));
        return Ok(Outcome::LimitRanOut);
    }
    let of_rows = || anyhow!("{} of {} rows are errors", summary.errors(), summary.rows());
    summary.outcome().ok_or_else(of_rows)
}

/// Writes rows, several together where that is quicker and nobody waits for them.
struct Writer {
    rows: Rows,
    text: String,
    flushed: Instant,
}

impl Writer {
    fn new(rows: Rows) -> Writer {
        Writer {
            rows,
            text: String::new(),
            flushed: Instant::now(),
        }
    }

    fn put(&mut self, text: &str) -> anyhow::Result<()> {
        const BLOCK: usize = 1 << 16;
        const PAUSE: Duration = Duration::from_millis(100);
        if !self.rows.are_written || text.is_empty() {
            return Ok(());
        }
        self.text.push_str(text);
        let is_due =
            self.rows.are_flushed || self.text.len() >= BLOCK || self.flushed.elapsed() >= PAUSE;
        if is_due { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        if !self.text.is_empty() {
            output::print(&self.text)?;
            self.text.clear();
        }
        self.flushed = Instant::now();
        Ok(())
    }
}
