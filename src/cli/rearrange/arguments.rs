//! The command line of `extentplan rearrange`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::ask::RearrangeQuestion;
use crate::cli::limits::LimitOptions;
use crate::cli::pool::PoolArguments;
use crate::cli::settings::SettingsOptions;
use crate::cli::sizes::parse_rate;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task_arguments::{read_requests, typed};
use crate::cli::{input, local};
use crate::lvm;

/// Moves what exists: empties disks, shrinks them, puts legs apart, lays out as drawn, defragments, balances, makes room for requests, with
/// the least copying
///
/// Goals may be given together. The answer is a list of moves in an order in which each can be made, with the pvmove
/// commands for them, and behind them what the goals ask for.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) pool: PoolArguments,
    /// Empty a physical volume, so that it can leave the group; again for more
    #[arg(long, value_name = "PV")]
    pub(crate) drain: Vec<String>,
    /// Shrink a physical volume to a size, or to so many extents: what its extents hold, as `pvs` shows it;
    /// without one as far as moves go; again for more
    #[arg(long, value_name = "PV[=SIZE]")]
    pub(crate) shrink: Vec<String>,
    /// Put the legs of every RAID volume and mirror on disks of their own
    #[arg(long)]
    pub(crate) heal: bool,
    /// Lay everything out as another state of the group has it (LVM2 metadata or a report), or a plan of ours whose
    /// requests are logical volumes; what it does not name makes way
    #[arg(long, value_name = "LAYOUT")]
    pub(crate) to: Option<PathBuf>,
    /// Bring logical volumes into few segments, or all if none are named
    #[arg(long, value_name = "LV", num_args = 0..)]
    pub(crate) defragment: Option<Vec<String>>,
    /// How much may be copied for that: a size, or so many extents
    #[arg(long, value_name = "SIZE|EXTENTS", requires = "defragment")]
    pub(crate) budget: Option<String>,
    /// Fill the fullest disk as little as can be, as a share of its extents
    #[arg(long)]
    pub(crate) balance: bool,
    /// Make room for requests that do not fit as it stands: `--room -- lvcreate ARGS`, or a script with LVM2's
    /// commands; the commands that build them follow the moves
    #[arg(long, value_name = "SCRIPT", num_args = 0..=1)]
    pub(crate) room: Option<Option<PathBuf>>,
    /// Disks of a tag fail together, such as those of a rack: legs keep apart by it, too; again for more
    #[arg(long, value_name = "TAG")]
    pub(crate) domain: Vec<String>,
    /// Leave a logical volume where it is; again for more
    #[arg(long, value_name = "LV")]
    pub(crate) keep: Vec<String>,
    /// Let contiguous volumes be cut, and volumes that cling go to other disks, as pvmove itself would
    #[arg(long)]
    pub(crate) ignore_policy: bool,
    /// How many moves there may be where fewer would copy more: some thousands, unless this says so
    #[arg(long, value_name = "COUNT")]
    pub(crate) most_moves: Option<u64>,
    /// How much is copied in a second, such as `150M`: says how long the moves take
    #[arg(long, value_name = "SIZE", value_parser = parse_rate)]
    pub(crate) rate: Option<u64>,
    #[command(flatten)]
    pub(crate) settings: SettingsOptions,
    #[command(flatten)]
    pub(crate) strategy: StrategyOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// How to print the moves
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: MovesFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Requests for `--room` as LVM2 commands: `-- lvcreate ARGS`, and again for more
    #[arg(last = true, value_name = "COMMAND", requires = "room")]
    pub(crate) commands: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MovesFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A shell script that can be stopped and started again.
    Commands,
    /// The disks before and behind the moves, drawn.
    Svg,
    /// A page with that and the text.
    Html,
}

impl Arguments {
    pub(crate) fn format(&self) -> MovesFormat {
        if self.json {
            MovesFormat::Json
        } else {
            self.format
        }
    }

    /// What is asked, with the texts that it names.
    ///
    /// # Errors
    /// If one cannot be read.
    pub(crate) fn question(&self, settings: &lvm::Settings) -> anyhow::Result<RearrangeQuestion> {
        let room = match &self.room {
            None => None,
            Some(script) => {
                let requests = read_requests(script.as_deref(), settings)?;
                Some(requests.and(typed(&self.commands, settings)?)?)
            }
        };
        let to = match &self.to {
            None => None,
            Some(path) => Some((input::name(path), local::pool_text(path)?)),
        };
        Ok(RearrangeQuestion {
            drain: self.drain.clone(),
            shrink: self.shrink.clone(),
            heal: self.heal,
            to,
            defragment: self.defragment.clone(),
            budget: self.budget.clone(),
            balance: self.balance,
            room,
            domains: self.domain.clone(),
            keep: self.keep.clone(),
            ignore_policy: self.ignore_policy,
            most_moves: self.most_moves,
            rate: self.rate,
            is_changed: self.pool.scenario()?.is_some(),
        })
    }
}
