//! What is to be planned: a pool and requests, in either vocabulary.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use crate::cli::input;
use crate::cli::output::{self, Lines};
use crate::cli::parts::Rest;
use crate::cli::pool::{InOrder, Pool, PoolArguments};
use crate::cli::settings::SettingsOptions;
use crate::core::{Measure, Problem};
use crate::json;
use crate::lvm;

/// The pool and the requests on the command line.
#[derive(Debug, Args)]
pub(crate) struct TaskArguments {
    #[command(flatten)]
    pool: PoolArguments,
    /// Requests: a JSON file of our own, or a text file with an lvcreate or lvextend line for each
    #[arg(value_name = "REQUESTS")]
    requests: Option<PathBuf>,
    /// What is good, the most important first, such as `segments,sources` or `balance,segments`
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    objective: Vec<Measure>,
    #[command(flatten)]
    settings: SettingsOptions,
    /// Requests as LVM2 commands: `-- lvcreate ARGS`, and again for more
    #[arg(last = true, value_name = "COMMAND")]
    commands: Vec<String>,
}

/// A problem, and where it comes from.
#[derive(Debug)]
pub(crate) struct Task {
    /// What is asked of the solver.
    pub(crate) problem: Problem,
    /// Bytes of an extent, if they are known.
    pub(crate) extent_bytes: Option<u64>,
    /// The volume group and the commands that the problem was made of, if it was.
    pub(crate) group: Option<GroupTask>,
}

/// A volume group and commands on it.
#[derive(Debug)]
pub(crate) struct GroupTask {
    /// The volume group as it is, or would be after the changes of a scenario.
    pub(crate) group: lvm::VolumeGroup,
    /// The same as the user typed it.
    pub(crate) typed: Vec<String>,
    /// Why LVM2 would make no change to that, where it would not.
    pub(crate) refusal: Option<String>,
    /// What changes the group before the requests.
    pub(crate) before: Vec<lvm::Interlude>,
    /// What the user wants to run.
    pub(crate) commands: Vec<lvm::LvCommand>,
    /// What comes behind them, and bears on no extents.
    pub(crate) behind: Vec<lvm::Interlude>,
    /// How the two vocabularies go together.
    pub(crate) dictionary: lvm::Dictionary,
    /// How LVM2 behaves.
    pub(crate) settings: lvm::Settings,
}

impl TaskArguments {
    /// The file of the pool.
    pub(crate) fn pool_path(&self) -> &Path {
        self.pool.path()
    }

    /// The LVM2 that is compared with.
    pub(crate) fn version(&self) -> lvm::Version {
        self.settings.version()
    }

    /// The file of the pool as messages name it.
    pub(crate) fn pool_name(&self) -> String {
        self.pool.name()
    }

    /// Reads pool and requests, which have to be planned as one.
    ///
    /// # Errors
    /// As [`TaskArguments::read_parts`], and if there are several parts.
    pub(crate) fn read(&self) -> anyhow::Result<Task> {
        let (task, rest) = self.read_parts()?;
        match rest.first() {
            Some(typed) => bail!(
                "{}: it is planned on what the commands before it leave; only `extentplan plan` goes that far",
                typed.origin
            ),
            None => Ok(task),
        }
    }

    /// Reads pool and requests: what is planned first, and the rest.
    ///
    /// # Errors
    /// If either cannot be read, they do not go together, or there is no request.
    pub(crate) fn read_parts(&self) -> anyhow::Result<(Task, Rest)> {
        let InOrder {
            pool,
            before,
            start,
            sized,
            settings,
        } = self.pool.read_in_order(&self.settings)?;
        let requests = match &self.requests {
            None => Requests::None,
            Some(path) => read_requests(path)?,
        };
        let mut steps = Vec::new();
        if let Requests::Commands(lines) = &requests {
            steps.extend(lines.iter().cloned());
        }
        for words in self.commands.split(|word| word == "--") {
            if !words.is_empty() {
                let origin = words.join(" ");
                let step = lvm::read_step(words);
                let step = step.map_err(|error| anyhow!("{origin}: {error}"))?;
                steps.push(Typed { origin, step });
            }
        }
        let objective = self.objective.clone();
        let group = match (pool, requests) {
            (Pool::Group(group), Requests::None | Requests::Commands(_)) => group,
            (pool, Requests::Native(text)) if steps.is_empty() => {
                let problem = json::read_requests(&text, pool.sources());
                let path = self.requests.as_deref().unwrap_or(Path::new("-"));
                let task = self.native(json::Document {
                    problem: problem.map_err(|error| input::wrong(path, &error))?,
                    extent_bytes: pool.extent_bytes(),
                });
                return Ok((task?, Rest::none(settings)));
            }
            (Pool::Native(document), Requests::None) if steps.is_empty() => {
                return Ok((self.native(document)?, Rest::none(settings)));
            }
            (Pool::Native(document), Requests::None | Requests::Commands(_)) => {
                self.pool.as_group(&document)?
            }
            (_, Requests::Native(_)) => {
                bail!("requests are given as a JSON file and as LVM2 commands; give one of them")
            }
        };
        if steps.is_empty() {
            return Err(self.nothing_requested());
        }
        let mut rest = Rest {
            start: Some(start.unwrap_or_else(|| lvm::Start::of(&group))),
            steps,
            at: 0,
            sized,
            settings,
            objective,
        };
        let task = rest.next_task(group, before)?;
        Ok((task, rest))
    }

    fn native(&self, document: json::Document) -> anyhow::Result<Task> {
        if document.problem.requests().is_empty() {
            return Err(self.nothing_requested());
        }
        Ok(Task {
            problem: with_objective(document.problem, &self.objective)?,
            extent_bytes: document.extent_bytes,
            group: None,
        })
    }

    fn nothing_requested(&self) -> anyhow::Error {
        anyhow!(
            "{}: nothing is requested; give requests in a file, or as `-- lvcreate ARGS`",
            self.pool.name()
        )
    }
}

/// A problem for which something else is good, where the user says so.
pub(crate) fn with_objective(problem: Problem, objective: &[Measure]) -> anyhow::Result<Problem> {
    if objective.is_empty() {
        return Ok(problem);
    }
    let problem = problem.with_objective(objective.to_vec());
    problem.map_err(|defects| anyhow!("--objective: {}", joined(&defects)))
}

/// Requests as a file holds them.
pub(crate) enum Requests {
    /// There is no file.
    None,
    /// The text of a JSON file.
    Native(String),
    /// The commands of a script.
    Commands(Vec<Typed>),
}

/// A command and how messages name it: the words themselves, or the file and the line.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) origin: String,
    pub(crate) step: lvm::TypedStep,
}

impl Typed {
    /// The command as its user typed it, or where a file has it, as it would be typed.
    pub(crate) fn words(&self) -> String {
        if self.origin.contains(": line ") {
            self.step.line()
        } else {
            self.origin.clone()
        }
    }
}

/// Commands that cannot be planned, with the one that is to blame as its user wrote it.
pub(crate) fn blamed(error: &lvm::ImportError, origins: &[String]) -> anyhow::Error {
    match error {
        lvm::ImportError::Command {
            position, error, ..
        } => anyhow!("{}: {error}", origins[*position]),
        lvm::ImportError::Defects(defects) => {
            Lines(defects.iter().map(ToString::to_string).collect()).into()
        }
        lvm::ImportError::NoCommands | lvm::ImportError::Name(_) => anyhow!("{error}"),
    }
}

pub(crate) fn read_requests(path: &Path) -> anyhow::Result<Requests> {
    let text = input::read_text(path)?;
    let name = input::name(path);
    if text.trim().is_empty() {
        bail!("{name} is empty; expected requests as JSON, or lvcreate and lvextend lines");
    }
    if text.trim_start().starts_with('{') {
        return Ok(Requests::Native(text));
    }
    let script = lvm::read_script(&text);
    let script = script.map_err(|error| anyhow!("{name}: {error}"))?;
    for note in &script.notes {
        output::remark(&format!("note: {name}: {note}; passed over"));
    }
    let typed = script.steps.into_iter().map(|(line, step)| Typed {
        origin: format!("{name}: line {line}"),
        step,
    });
    Ok(Requests::Commands(typed.collect()))
}

/// What LVM2 says of every change to a group of which a physical volume is missing.
pub(crate) fn missing(group: &lvm::VolumeGroup) -> Option<String> {
    let disk = group.physical_volumes.iter().find(|disk| disk.missing)?;
    Some(format!(
        "Cannot change VG {} while PVs are missing. ({} is missing: bring it back, or see vgreduce \
         --removemissing)",
        group.name, disk.device
    ))
}

fn joined(defects: &[crate::core::Defect]) -> String {
    let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
    words.join("; ")
}

impl GroupTask {
    /// The volume group after LVM2 ran the commands one after another, or its refusal.
    ///
    /// # Errors
    /// The refusal, in LVM2's words.
    pub(crate) fn simulated(&self) -> Result<lvm::VolumeGroup, String> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let after = lvm::simulate::simulate_all(&self.group, &self.commands, &self.settings);
        after.map_err(|refusal| refusal.to_string())
    }
}
