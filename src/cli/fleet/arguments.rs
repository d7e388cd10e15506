//! The command lines of `extentplan fleet` and `extentplan shard`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::ask::CapacityQuestion;
use crate::cli::fleet::writer::{Form, parse_form};
use crate::cli::limits::{LimitOptions, parse_time};
use crate::cli::settings::SettingsOptions;
use crate::cli::strategy::StrategyOptions;
use crate::core::Measure;
use crate::fleet::FleetQuestion;

/// A question, of whom, and how.
#[derive(Debug, Args)]
pub(crate) struct Of<Q: Args> {
    /// Folders, files, and files with a pool on each line; `-` is standard input
    #[arg(value_name = "POOLS", required = true)]
    pub(crate) pools: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) question: Q,
    #[command(flatten)]
    pub(crate) options: RowOptions,
}

/// How each pool is asked, and how the rows are written.
#[derive(Debug, Args)]
pub(crate) struct RowOptions {
    #[command(flatten)]
    pub(crate) how: HowOptions,
    /// How to print the rows: text, jsonl (an object a line), csv, or, where it is built with that, parquet; the summary
    /// stands behind text, else on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = parse_form)]
    pub(crate) format: Form,
    /// Print the summary alone, as text
    #[arg(long, conflicts_with = "format")]
    pub(crate) summary: bool,
}

/// How each pool is asked.
#[derive(Debug, Args)]
pub(crate) struct HowOptions {
    /// Time for each volume group: `10s`, `500ms` [default: none]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) each: Option<Duration>,
    /// Leave out how long each took, so that rows of two runs can be compared
    #[arg(long)]
    pub(crate) no_seconds: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsOptions,
    #[command(flatten)]
    pub(crate) strategy: StrategyOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
}

/// What is asked, as the command line says it.
pub(crate) trait Asks {
    /// The question.
    fn question(&self) -> FleetQuestion;
}

/// Says what is unsafe.
#[derive(Debug, Args)]
pub(crate) struct AuditOf {
    /// A tag of physical volumes that fail together, such as those of one shelf; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

/// Says how large, or how many.
#[derive(Debug, Args)]
pub(crate) struct CapacityOf {
    /// How many of the request fit; stops counting at MOST
    #[arg(long, value_name = "MOST", num_args = 0..=1, default_missing_value = "1000", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// A request as an LVM2 command: `-- lvcreate ARGS`; without a size it is asked how large it can be
    #[arg(last = true, value_name = "COMMAND", required = true)]
    commands: Vec<String>,
}

/// Finds the best layout.
#[derive(Debug, Args)]
pub(crate) struct PlanOf {
    /// What is good, the most important first, such as `segments,sources`
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    objective: Vec<Measure>,
    /// Requests as LVM2 commands: `-- lvcreate ARGS`, and again for more
    #[arg(last = true, value_name = "COMMAND", required = true)]
    commands: Vec<String>,
}

/// Says whether all could be repaired.
#[derive(Debug, Args)]
pub(crate) struct SurviveOf {
    /// All disks of a tag fail together, instead of each disk alone
    #[arg(long, value_name = "TAG")]
    domain: Vec<String>,
}

impl Asks for AuditOf {
    fn question(&self) -> FleetQuestion {
        FleetQuestion::Audit(self.tags.clone())
    }
}

impl Asks for CapacityOf {
    fn question(&self) -> FleetQuestion {
        FleetQuestion::Capacity(CapacityQuestion {
            commands: divided(&self.commands),
            count: self.count,
            ..CapacityQuestion::default()
        })
    }
}

impl Asks for PlanOf {
    fn question(&self) -> FleetQuestion {
        FleetQuestion::Plan(divided(&self.commands), self.objective.clone())
    }
}

impl Asks for SurviveOf {
    fn question(&self) -> FleetQuestion {
        FleetQuestion::Survive(self.domain.clone())
    }
}

/// The commands, which `--` stands between.
fn divided(words: &[String]) -> Vec<Vec<String>> {
    let commands = words.split(|word| word == "--");
    let commands = commands.filter(|words| !words.is_empty());
    commands.map(<[String]>::to_vec).collect()
}
