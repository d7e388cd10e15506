//! Asks all pools of a fleet on all threads, and writes their rows.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};

use crate::ask::Outcome;
use crate::cli::fleet::arguments::{Asks, HowOptions, RowOptions};
use crate::cli::fleet::progress::Progress;
use crate::cli::fleet::writer::{Form, Writer};
use crate::cli::output;
use crate::core::{Limits, counted};
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
    /// In which form.
    pub(crate) form: Form,
    /// Whether each is written at once.
    pub(crate) are_flushed: bool,
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
        form: if options.summary {
            Form::None
        } else {
            options.format
        },
        are_flushed: false,
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
    match rows.form {
        Form::None => output::print(&summary)?,
        Form::Lines(RowFormat::Text) => output::print(&format!("\n{summary}"))?,
        Form::Lines(RowFormat::JsonLines | RowFormat::Csv) => output::remark(summary.trim_end()),
        #[cfg(feature = "parquet")]
        Form::Parquet => output::remark(summary.trim_end()),
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
    let sources = Sources::new(pools)?;
    let conf = how.settings.conf()?;
    let settings = how.settings.question(conf.as_ref());
    question.check(&settings)?;
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
    let mut writer = Writer::new(rows.form, rows.are_flushed)?;
    let mut summary = Summary::default();
    let mut written: anyhow::Result<()> = Ok(());
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
            let put = progress.beside(|| writer.put(row));
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
    writer.finish()?;
    let outcome = outcome(&summary, is_over, &limits);
    Ok(Done { summary, outcome })
}

fn outcome(summary: &Summary, is_over: bool, limits: &Limits<'_>) -> anyhow::Result<Outcome> {
    if is_over {
        let reason = limits.ran_out().as_end();
        output::remark(&format!("{reason} behind {} rows", summary.rows()));
        return Ok(Outcome::LimitRanOut);
    }
    let of_rows = || {
        let rows = counted(summary.rows(), "row");
        let verb = if summary.errors() == 1 {
            "is an error"
        } else {
            "are errors"
        };
        anyhow!("{} of {rows} {verb}", summary.errors())
    };
    summary.outcome().ok_or_else(of_rows)
}
