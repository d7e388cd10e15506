//! The command line of `extentplan capacity`.

use std::path::PathBuf;

use clap::Args;

use crate::ask::CapacityQuestion;
use crate::capacity;
use crate::cli::limits::LimitOptions;
use crate::cli::pool::PoolArguments;
use crate::cli::settings::SettingsOptions;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task_arguments::{read_requests, room_question};
use crate::lvm;

/// Says how large a volume can be, how many more fit, what to add, and why something does not fit
///
/// What is asked follows from the arguments. A command without a size (`-- lvcreate --type raid5 -i 3`),
/// or a request with a size "at most", asks how large it can be. `--count` asks how often it fits.
/// Requests with sizes ask whether they fit together, and if not, why and what would help. `--add`,
/// `--disk` and `--why` ask for that alone. Several questions may be asked at once.
///
/// Exit codes: 0 something fits, or was found; 1 proven that it does not; 3 a limit ran out first.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) pool: PoolArguments,
    /// Requests: a JSON file of our own, or a text file with an lvcreate or lvextend line for each
    #[arg(value_name = "REQUESTS")]
    pub(crate) requests: Option<PathBuf>,
    /// The request that --count and the largest size are about [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) request: Option<String>,
    /// How many of the request fit; stops counting at MOST
    #[arg(long, value_name = "MOST", num_args = 0..=1, default_missing_value = "1000", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Which of the requests fit together, as much value or as many requests as can be
    #[arg(long, value_name = "WHAT")]
    pub(crate) prefer: Option<Prefer>,
    /// What to add so that all requests fit
    #[arg(long)]
    pub(crate) add: bool,
    /// A size of new disks that can be bought, such as `4T`, or extents as a plain number; LVM2's 1 MiB
    /// for its own metadata is taken off a size with a unit. Implies --add
    #[arg(long, value_name = "SIZE")]
    pub(crate) disk: Vec<String>,
    /// A tag of the new disks
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Why the requests do not fit, and what would help
    #[arg(long)]
    pub(crate) why: bool,
    /// Whether every RAID volume and mirror could be repaired in place if any one disk failed
    #[arg(long, value_name = "DISKS", value_parser = one_disk,
          conflicts_with_all = ["count", "prefer", "add", "why"])]
    pub(crate) survive: Option<u8>,
    /// With --survive: all disks of a tag fail together, instead of each disk alone
    #[arg(long, value_name = "TAG", requires = "survive")]
    pub(crate) domain: Vec<String>,
    /// The month in which growth no longer fits, looking ahead so many; --scenario says what grows
    #[arg(long, value_name = "MONTHS", num_args = 0..=1, default_missing_value = "60",
          value_parser = clap::value_parser!(u16).range(1..=1200),
          conflicts_with_all = ["count", "prefer", "add", "why", "survive"])]
    pub(crate) when: Option<u16>,
    #[command(flatten)]
    pub(crate) settings: SettingsOptions,
    #[command(flatten)]
    pub(crate) strategy: StrategyOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: CapacityFormat,
    /// Short for `--format json`: one object with a key for each question
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Requests as LVM2 commands: `-- lvcreate ARGS`, and again for more; the size may be left out
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CapacityFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A drawing; of --when a chart of the months.
    Svg,
    /// A page with the drawing and the text.
    Html,
}

/// What is better where not everything fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Prefer {
    /// The most value.
    Value,
    /// The most requests.
    Count,
}

impl Arguments {
    pub(crate) fn format(&self) -> CapacityFormat {
        if self.json {
            CapacityFormat::Json
        } else {
            self.format
        }
    }

    /// What is asked, with the requests of the file.
    ///
    /// # Errors
    /// If that cannot be read.
    pub(crate) fn question(&self, settings: &lvm::Settings) -> anyhow::Result<CapacityQuestion> {
        let commands = self.commands.split(|word| word == "--");
        let commands = commands.filter(|words| !words.is_empty());
        Ok(CapacityQuestion {
            requests: read_requests(self.requests.as_deref(), settings)?,
            commands: commands.map(<[String]>::to_vec).collect(),
            request: self.request.clone(),
            count: self.count,
            prefer: self.prefer.map(|prefer| match prefer {
                Prefer::Value => capacity::Prefer::Value,
                Prefer::Count => capacity::Prefer::Count,
            }),
            add: self.add,
            disks: self.disk.clone(),
            tags: self.tag.clone(),
            why: self.why,
        })
    }

    /// The words that ask for room for what does not fit; none where nobody reads them.
    pub(crate) fn room_question(&self) -> Option<Vec<String>> {
        let requests = self.requests.as_deref();
        (!self.json)
            .then(|| room_question(&self.pool, requests, &self.settings, &self.commands))
            .flatten()
    }
}

/// How many disks fail at a time.
fn one_disk(word: &str) -> Result<u8, String> {
    match word {
        "1" => Ok(1),
        _ => Err(
            "expected 1: repairs in place are planned for one disk that fails at a time"
                .to_string(),
        ),
    }
}
