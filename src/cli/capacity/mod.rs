//! `extentplan capacity`: how large, how many more, what to add, why not.

pub(crate) mod answer_json;
pub(crate) mod answer_text;
pub(crate) mod model;
mod raw;
mod subject;
mod survive;
mod when;
mod when_json;
mod when_text;

pub use model::GroupModel;
pub use raw::capacity_schema;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::capacity::{
    self, Fit, Largest, More, Purchase, Repair, how_many, largest, what_to_add, which_fit, why_not,
};
use crate::cli::Outcome;
use crate::cli::capacity::raw::RawAnswers;
use crate::cli::capacity::subject::Subject;
use crate::cli::limits::LimitOptions;
use crate::cli::output;
use crate::cli::plan::outcome;
use crate::cli::pool::PoolArguments;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task::SettingsOptions;
use crate::cli::watch;
use crate::core::{Answer, Limits, Problem, StopReason};
use crate::solve::Strategy;

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
    pool: PoolArguments,
    /// Requests: a JSON file of our own, or a text file with an lvcreate or lvextend line for each
    #[arg(value_name = "REQUESTS")]
    requests: Option<PathBuf>,
    /// The request that --count and the largest size are about [default: the first]
    #[arg(long, value_name = "NAME")]
    request: Option<String>,
    /// How many of the request fit; stops counting at MOST
    #[arg(long, value_name = "MOST", num_args = 0..=1, default_missing_value = "1000")]
    count: Option<u64>,
    /// Which of the requests fit together, as much value or as many requests as can be
    #[arg(long, value_name = "WHAT")]
    prefer: Option<Prefer>,
    /// What to add so that all requests fit
    #[arg(long)]
    add: bool,
    /// A size of new disks that can be bought, such as `4T`, or extents as a plain number; LVM2's 1 MiB
    /// for its own metadata is taken off a size with a unit. Implies --add
    #[arg(long, value_name = "SIZE")]
    disk: Vec<String>,
    /// A tag of the new disks
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Why the requests do not fit, and what would help
    #[arg(long)]
    why: bool,
    /// Whether every RAID volume and mirror could be repaired in place if any one disk failed
    #[arg(long, value_name = "DISKS", value_parser = clap::value_parser!(u8).range(1..=1),
          conflicts_with_all = ["count", "prefer", "add", "why"])]
    survive: Option<u8>,
    /// With --survive: all disks of a tag fail together, instead of each disk alone
    #[arg(long, value_name = "TAG", requires = "survive")]
    domain: Vec<String>,
    /// The month in which growth no longer fits, looking ahead so many; --scenario says what grows
    #[arg(long, value_name = "MONTHS", num_args = 0..=1, default_missing_value = "60",
          value_parser = clap::value_parser!(u16).range(1..=1200),
          conflicts_with_all = ["count", "prefer", "add", "why", "survive"])]
    when: Option<u16>,
    #[command(flatten)]
    settings: SettingsOptions,
    #[command(flatten)]
    strategy: StrategyOptions,
    #[command(flatten)]
    limits: LimitOptions,
    /// How to print it; a drawing is for --when
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: CapacityFormat,
    /// Short for `--format json`: one object with a key for each question
    #[arg(long)]
    json: bool,
    /// Requests as LVM2 commands: `-- lvcreate ARGS`, and again for more; the size may be left out
    #[arg(last = true, value_name = "COMMAND")]
    commands: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum CapacityFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A chart of the months.
    Svg,
}

/// What is better where not everything fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Prefer {
    /// The most value.
    Value,
    /// The most requests.
    Count,
}

/// Everything that was found out; `None` where it was not asked.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) largest: Option<Largest>,
    pub(crate) more: Option<More>,
    pub(crate) choice: Option<(Problem, Answer)>,
    pub(crate) fits: Option<Fit>,
    pub(crate) add: Option<Vec<Repair>>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let is_json = arguments.format() == CapacityFormat::Json;
    watch::leave(Box::new(move |reason| last_word(is_json, reason)));
    if let Some(months) = arguments.when {
        return when::run(arguments, u64::from(months));
    }
    if arguments.format() == CapacityFormat::Svg {
        bail!("--format svg is a chart of months; expected --when beside it");
    }
    if arguments.survive.is_some() {
        return survive::run(arguments);
    }
    let subject = arguments.subject()?;
    let purchase = arguments.purchase(subject.extent_bytes)?;
    let strategy = arguments.strategy.strategy();
    let (answers, stopped) = arguments
        .limits
        .run_and_say(|limits| ask(arguments, &subject, &purchase, &strategy, limits))?;
    let text = match arguments.format() {
        CapacityFormat::Json => answer_json::write(&RawAnswers {
            stopped: stopped.map(StopReason::name),
            ..answer_json::export(&answers, subject.extent_bytes)?
        })?,
        CapacityFormat::Text | CapacityFormat::Svg => {
            answer_text::write(&subject, &answers) + &ended_by(stopped)
        }
    };
    output::print(&text)?;
    Ok(verdict(&answers, stopped))
}

/// What is said if a limit, or the user, ends the run before the questions are answered.
fn last_word(is_json: bool, reason: StopReason) -> anyhow::Result<(String, Outcome)> {
    let text = if is_json {
        answer_json::write(&RawAnswers {
            stopped: Some(reason.name()),
            ..RawAnswers::default()
        })?
    } else {
        format!("unknown: {} before an answer\n", reason.as_end())
    };
    Ok((text, Outcome::LimitRanOut))
}

/// A line on what ended the search, if something did.
fn ended_by(stopped: Option<StopReason>) -> String {
    stopped.map_or_else(String::new, |reason| {
        let end = reason.as_end();
        format!("{end}; what is not proven might be better without that\n")
    })
}

fn ask(
    arguments: &Arguments,
    subject: &Subject,
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> anyhow::Result<Answers> {
    let model = subject.asked.model();
    let request = subject.request;
    let mut answers = Answers::default();
    let wants_add = arguments.add || !arguments.disk.is_empty();
    if let Some(most) = arguments.count {
        if subject.is_open {
            bail!("--count needs a size: how many of what?");
        }
        answers.more = Some(how_many(model, request, most, strategy, limits)?);
    }
    if let Some(prefer) = arguments.prefer {
        let prefer = match prefer {
            Prefer::Value => capacity::Prefer::Value,
            Prefer::Count => capacity::Prefer::Count,
        };
        answers.choice = Some(which_fit(model.problem(), prefer, strategy, limits)?);
    }
    if wants_add {
        answers.add = Some(what_to_add(model.problem(), purchase, strategy, limits)?);
    }
    let is_default = arguments.count.is_none() && arguments.prefer.is_none() && !wants_add;
    if arguments.why || (is_default && !subject.is_open) {
        answers.fits = Some(why_not(model, &subject.held, purchase, strategy, limits)?);
    } else if is_default {
        answers.largest = Some(largest(model, request, strategy, limits)?);
    }
    Ok(answers)
}

/// What the answers mean to the exit code: a no outweighs an open question, and that a yes.
fn verdict(answers: &Answers, stopped: Option<StopReason>) -> Outcome {
    let of_count = |count: u64, bound: u64| match (count, bound) {
        (0, 0) => Outcome::No,
        (0, _) => Outcome::LimitRanOut,
        (_, _) => Outcome::Yes,
    };
    let mut outcomes = Vec::new();
    outcomes.extend(
        answers
            .largest
            .as_ref()
            .map(|one| of_count(one.extents, one.bound)),
    );
    outcomes.extend(
        answers
            .more
            .as_ref()
            .map(|one| of_count(one.count, one.bound)),
    );
    outcomes.extend(answers.choice.as_ref().map(|(_, answer)| outcome(answer)));
    outcomes.extend(answers.add.as_ref().map(|repairs| match stopped {
        Some(_) if repairs.is_empty() => Outcome::LimitRanOut,
        Some(_) | None => Outcome::Yes,
    }));
    outcomes.extend(answers.fits.as_ref().map(|fit| match fit {
        Fit::Fits => Outcome::Yes,
        Fit::Not(_) => Outcome::No,
        Fit::Open => Outcome::LimitRanOut,
    }));
    if outcomes.contains(&Outcome::No) {
        Outcome::No
    } else if outcomes.contains(&Outcome::LimitRanOut) {
        Outcome::LimitRanOut
    } else {
        Outcome::Yes
    }
}

impl Arguments {
    fn format(&self) -> CapacityFormat {
        if self.json {
            CapacityFormat::Json
        } else {
            self.format
        }
    }
}
