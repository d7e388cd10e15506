//! `extentplan capacity`: how large, how many more, what to add, why not.

pub(crate) mod answer_json;
pub(crate) mod answer_text;
pub(crate) mod model;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args;

use crate::capacity::{
    self, Aftermath, Failure, Fit, Fixed, Held, Largest, More, Purchase, Repair, how_many, largest,
    what_to_add, which_fit, why_not,
};
use crate::cli::Outcome;
use crate::cli::capacity::model::{Asked, GroupModel};
use crate::cli::limits::LimitOptions;
use crate::cli::output;
use crate::cli::plan::outcome;
use crate::cli::pool::{Pool, PoolArguments};
use crate::cli::redundant;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task::{Requests, SettingsOptions, read_requests};
use crate::core::{Answer, Area, Limits, Problem, Size};
use crate::json;
use crate::lvm;
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
    #[command(flatten)]
    settings: SettingsOptions,
    #[command(flatten)]
    strategy: StrategyOptions,
    #[command(flatten)]
    limits: LimitOptions,
    /// Print JSON instead of text: one object with a key for each question
    #[arg(long)]
    json: bool,
    /// Requests as LVM2 commands: `-- lvcreate ARGS`, and again for more; the size may be left out
    #[arg(last = true, value_name = "COMMAND")]
    commands: Vec<String>,
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

/// What the answers are about.
pub(crate) struct Subject {
    pub(crate) asked: Asked,
    /// Index of the request that the largest size and the count are about.
    pub(crate) request: usize,
    pub(crate) extent_bytes: Option<u64>,
    held: Vec<Held>,
    /// Whether the size of the request is the question.
    is_open: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.survive.is_some() {
        return survive(arguments);
    }
    let subject = arguments.subject()?;
    let purchase = arguments.purchase(subject.extent_bytes)?;
    let strategy = arguments.strategy.strategy();
    let answers = arguments
        .limits
        .run(|limits| ask(arguments, &subject, &purchase, &strategy, limits))?;
    let text = if arguments.json {
        answer_json::write(&subject, &answers)?
    } else {
        answer_text::write(&subject, &answers)
    };
    output::print(&text)?;
    Ok(verdict(&answers))
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

/// What the failure of any one disk, or of all disks of any one tag, would come to.
fn survive(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Pool::Group(group) = arguments.pool.read(&arguments.settings.read()?)? else {
        bail!(
            "{}: --survive needs a volume group, which says what is redundant",
            arguments.pool.name()
        );
    };
    if !arguments.commands.is_empty() || arguments.requests.is_some() {
        bail!("--survive is about the volumes there are; it takes no requests");
    }
    let extent_bytes = Some(group.extent_bytes());
    let purchase = arguments.purchase(extent_bytes)?;
    let strategy = arguments.strategy.strategy();
    let mut sources = lvm::sources(&group);
    for (source, volume) in sources.iter_mut().zip(&group.physical_volumes) {
        if !volume.allocatable || volume.missing {
            source.free = crate::core::Areas::none();
        }
    }
    let problem = Problem::new(sources, Vec::new(), Vec::new())
        .map_err(|defects| anyhow!("{}: {defects:?}", arguments.pool.name()))?;
    let volumes = redundant::redundant(&group);
    let failures = redundant::failures(&group, &arguments.domain);
    let aftermath = arguments.limits.run(|limits| {
        let result = capacity::survive(&problem, &volumes, &failures, &purchase, &strategy, limits);
        Ok(result?)
    })?;
    let pairs: Vec<(&Failure, &Aftermath)> = failures.iter().zip(&aftermath).collect();
    let text = if arguments.json {
        answer_json::survival(&pairs)?
    } else {
        answer_text::survival(volumes.len(), &pairs, extent_bytes)
    };
    output::print(&text)?;
    let is_no =
        |after: &Aftermath| matches!(after, Aftermath::Lost { .. } | Aftermath::NoRoom { .. });
    Ok(if aftermath.iter().any(is_no) {
        Outcome::No
    } else if aftermath
        .iter()
        .any(|after| matches!(after, Aftermath::Open))
    {
        Outcome::LimitRanOut
    } else {
        Outcome::Yes
    })
}

/// What the answers mean to the exit code: a no outweighs an open question, and that a yes.
fn verdict(answers: &Answers) -> Outcome {
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
    fn subject(&self) -> anyhow::Result<Subject> {
        let settings = self.settings.read()?;
        let pool = self.pool.read(&settings)?;
        let extent_bytes = pool.extent_bytes();
        let requests = match &self.requests {
            None => Requests::None,
            Some(path) => read_requests(path)?,
        };
        let (mut commands, open) = self.commands()?;
        if let Requests::Commands(lines) = &requests {
            commands.splice(0..0, lines.iter().cloned());
        }
        let is_native = match (&requests, &pool) {
            (Requests::Native(_), _) => true,
            (Requests::None, Pool::Native(_)) => commands.is_empty(),
            (Requests::None | Requests::Commands(_), _) => false,
        };
        if is_native && !commands.is_empty() {
            bail!("requests are given as a JSON file and as LVM2 commands; give one of them");
        }
        let mut held = Vec::new();
        let asked = if is_native {
            let problem = match (requests, pool) {
                (Requests::Native(text), pool) => json::read_requests(&text, pool.sources())
                    .map_err(|error| anyhow!("the requests: {error}"))?,
                (_, Pool::Native(document)) => document.problem,
                (_, Pool::Group(_)) => bail!("there are no requests"),
            };
            Asked::Native(Fixed(problem))
        } else {
            let group = match pool {
                Pool::Group(group) => group,
                Pool::Native(document) => {
                    let extent_bytes = document
                        .extent_bytes
                        .context("`extent_bytes` is missing; LVM2 commands need it")?;
                    lvm::VolumeGroup::of_sources(document.problem.sources(), extent_bytes)?
                }
            };
            held = held_extents(&group);
            let model = GroupModel::new(group, &commands, settings);
            Asked::Group(Box::new(model.map_err(|error| anyhow!("{error}"))?))
        };
        let problem = asked.model().problem();
        let request = self.asked_request(problem)?;
        let at_most = matches!(problem.requests()[request].size, Size::AtMost(_));
        Ok(Subject {
            is_open: open || at_most,
            request,
            extent_bytes,
            held,
            asked,
        })
    }

    fn asked_request(&self, problem: &Problem) -> anyhow::Result<usize> {
        let requests = problem.requests();
        match &self.request {
            None if requests.is_empty() => bail!(
                "{}: nothing is requested; give requests in a file, or as `-- lvcreate ARGS`",
                self.pool.name()
            ),
            None => Ok(0),
            Some(name) => {
                let found = requests.iter().position(|request| request.name == *name);
                found.with_context(|| format!("--request {name}: there is no such request"))
            }
        }
    }

    /// The commands behind `--`, those without a size with the smallest, and whether there is one.
    fn commands(&self) -> anyhow::Result<(Vec<lvm::LvCommand>, bool)> {
        let mut commands = Vec::new();
        let mut is_open = false;
        for words in self.commands.split(|word| word == "--") {
            if words.is_empty() {
                continue;
            }
            let command = match lvm::read_command(words) {
                Err(lvm::CommandError::Missing { command, what }) if what.contains("-L") => {
                    is_open = true;
                    let smallest = match command {
                        lvm::Verb::Create | lvm::Verb::Convert | lvm::Verb::Change => "1",
                        lvm::Verb::Extend => "+1",
                    };
                    let mut sized = words.to_vec();
                    sized.insert(1, "-l".to_string());
                    sized.insert(2, smallest.to_string());
                    lvm::read_command(&sized)
                }
                other => other,
            };
            commands.push(command.map_err(|error| anyhow!("{}: {error}", words.join(" ")))?);
        }
        Ok((commands, is_open))
    }

    fn purchase(&self, extent_bytes: Option<u64>) -> anyhow::Result<Purchase> {
        let sizes = self.disk.iter().map(|word| {
            let extents = disk_extents(word, extent_bytes);
            extents.with_context(|| format!("--disk {word}"))
        });
        Ok(Purchase {
            sizes: sizes.collect::<anyhow::Result<_>>()?,
            tags: self
                .tag
                .iter()
                .map(|tag| tag.trim_start_matches('@').to_string())
                .collect(),
        })
    }
}

/// Sectors that LVM2 keeps for its metadata at the start of a disk.
const DISK_OVERHEAD_SECTORS: u64 = 2048;

/// The extents of a disk of a size.
fn disk_extents(word: &str, extent_bytes: Option<u64>) -> anyhow::Result<u64> {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().context("more than 2^64 - 1 extents");
    }
    let extent_bytes = extent_bytes.context("the pool does not say how large an extent is")?;
    let size = lvm::SizeArgument::read_size(word)
        .map_err(|expected| anyhow!("found `{word}`, expected {expected}"))?;
    let lvm::Amount::Sectors(sectors) = size.amount else {
        bail!("expected a size such as 4T");
    };
    let extents = sectors.saturating_sub(DISK_OVERHEAD_SECTORS) / (extent_bytes / 512).max(1);
    if extents == 0 {
        bail!("it holds not even one extent");
    }
    Ok(extents)
}

/// Who holds which extents: hidden volumes count for the visible ones that lie on them.
fn held_extents(group: &lvm::VolumeGroup) -> Vec<Held> {
    let mut held: BTreeMap<(String, usize), Vec<Area>> = BTreeMap::new();
    for (volume, owners) in group.logical_volumes.iter().zip(lvm::owners(group)) {
        let holder = owners.join(" and ");
        let segments = volume.segments.iter().flat_map(lvm::LvSegment::physical);
        for (source, area) in segments {
            held.entry((holder.clone(), source)).or_default().push(area);
        }
    }
    held.into_iter()
        .map(|((holder, source), areas)| Held {
            holder,
            source,
            areas: areas.into_iter().collect(),
        })
        .collect()
}
