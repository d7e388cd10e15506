//! `extentplan shard`: one shard of a fleet, lines in and rows out, as job engines run it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::ask::Outcome;
use crate::cli::fleet::arguments::{Asks, AuditOf, CapacityOf, HowOptions, PlanOf, SurviveOf};
use crate::cli::fleet::run::{Rows, ask_all};
use crate::cli::fleet::writer::Form;
use crate::cli::output;
use crate::fleet::RowFormat;

/// Reads pools from standard input, a line each, and writes a row for each at once: a part of a fleet as one job
///
/// Lines and rows are those of `extentplan fleet ... --format jsonl`; rows come in the order of the lines, and each is
/// written as soon as those before it are. A shard that was ended in the middle has left whole rows. One thread is used
/// unless --threads says otherwise.
///
/// Exit codes are those of `extentplan fleet`, except that a pool which cannot be asked is a row like others: then it ends with 1.
#[derive(Debug, Args)]
pub(crate) struct ShardArguments {
    #[command(subcommand)]
    command: ShardCommand,
}

#[derive(Debug, Subcommand)]
enum ShardCommand {
    /// Says what is unsafe
    Audit(Box<Question<AuditOf>>),
    /// Says how large a volume can be, how many fit, or whether one fits
    Capacity(Box<Question<CapacityOf>>),
    /// Finds the best layout for the same request in each
    Plan(Box<Question<PlanOf>>),
    /// Says whether all could be repaired in place after the failure of any one disk
    Survive(Box<Question<SurviveOf>>),
}

#[derive(Debug, Args)]
struct Question<Q: Args> {
    #[command(flatten)]
    question: Q,
    #[command(flatten)]
    how: HowOptions,
}

pub(crate) fn run(arguments: &ShardArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        ShardCommand::Audit(asked) => shard(&asked.question, &asked.how),
        ShardCommand::Capacity(asked) => shard(&asked.question, &asked.how),
        ShardCommand::Plan(asked) => shard(&asked.question, &asked.how),
        ShardCommand::Survive(asked) => shard(&asked.question, &asked.how),
    }
}

fn shard(asks: &dyn Asks, how: &HowOptions) -> anyhow::Result<Outcome> {
    let rows = Rows {
        form: Form::Lines(RowFormat::JsonLines),
        are_flushed: true,
    };
    let threads = how.limits.threads().unwrap_or(1);
    let pools = [PathBuf::from("-")];
    let done = ask_all(&pools, &asks.question(), how, rows, threads)?;
    match done.outcome {
        // The job is done: its rows are all there.
        Err(error) if done.summary.errors() > 0 => {
            output::note(&error.to_string());
            Ok(Outcome::No)
        }
        outcome => outcome,
    }
}
