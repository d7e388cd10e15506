//! `extentplan fleet`: the same question of many volume groups.

mod arguments;
mod place;
mod progress;
mod run;
mod shard;
mod writer;

use clap::{Args, Subcommand};

use crate::ask::Outcome;
use crate::cli::fleet::arguments::{AuditOf, CapacityOf, Of, PlanOf, SurviveOf};

pub(crate) use shard::ShardArguments;
pub(crate) use shard::run as run_shard;

/// Asks the same question of many volume groups, and says what it comes to
///
/// POOLS are folders with metadata files or reports (HOST.vg, or HOST/VG as in copies of /etc/lvm/backup), such files, and
/// files with a pool on each line: an object with `host`, `tags` and `metadata` (the text) or `pool` (an object), a problem
/// or a report; where it is built with `--features parquet`, tables with these as columns, too. gzip and zstd are unpacked;
/// `-` is standard input. Each group gives a row, in the order of the input, whatever the number of threads; what cannot be
/// read or asked is a row with an error and its place.
///
/// Exit codes: 0 all is well; 1 of some group a proven no (unsafe, impossible, breaks); 2 some could not be asked, or the
/// command line is wrong; 3 a limit ran out, or Ctrl-C ended it, with what was done so far.
#[derive(Debug, Args)]
pub(crate) struct FleetArguments {
    #[command(subcommand)]
    command: FleetCommand,
}

#[derive(Debug, Subcommand)]
enum FleetCommand {
    /// Says what is unsafe
    Audit(Box<Of<AuditOf>>),
    /// Says how large a volume can be, how many fit, or whether one fits
    Capacity(Box<Of<CapacityOf>>),
    /// Finds the best layout for the same request in each
    Plan(Box<Of<PlanOf>>),
    /// Says whether all could be repaired in place after the failure of any one disk
    Survive(Box<Of<SurviveOf>>),
    Place(Box<place::PlaceArguments>),
}

pub(crate) fn run(arguments: &FleetArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        FleetCommand::Audit(asked) => run::run(&asked.pools, &asked.question, &asked.options),
        FleetCommand::Capacity(asked) => run::run(&asked.pools, &asked.question, &asked.options),
        FleetCommand::Plan(asked) => run::run(&asked.pools, &asked.question, &asked.options),
        FleetCommand::Survive(asked) => run::run(&asked.pools, &asked.question, &asked.options),
        FleetCommand::Place(arguments) => place::run(arguments),
    }
}
