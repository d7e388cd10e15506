//! What is to be planned: a pool and requests, in either vocabulary.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use crate::cli::input;
use crate::cli::output::{self, Lines};
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
    /// Why LVM2 would make no change to that, where it would not.
    pub(crate) refusal: Option<String>,
    /// What these changed.
    pub(crate) changed: Option<lvm::Changed>,
    /// What the user wants to run.
    pub(crate) commands: Vec<lvm::LvCommand>,
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

    /// Reads pool and requests.
    ///
    /// # Errors
    /// If either cannot be read, they do not go together, or there is no request.
    pub(crate) fn read(&self) -> anyhow::Result<Task> {
        let InOrder {
            pool,
            changed,
            settings,
        } = self.pool.read_in_order(&self.settings)?;
        let requests = match &self.requests {
            None => Requests::None,
            Some(path) => read_requests(path)?,
        };
        let mut commands = Vec::new();
        if let Requests::Commands(lines) = &requests {
            commands.extend(lines.iter().cloned());
        }
        for words in self.commands.split(|word| word == "--") {
            if !words.is_empty() {
                let origin = words.join(" ");
                let command = lvm::read_command(words);
                let command = command.map_err(|error| anyhow!("{origin}: {error}"))?;
                commands.push(Typed { origin, command });
            }
        }
        let mut task = match (pool, requests) {
            (Pool::Group(group), Requests::None | Requests::Commands(_)) => {
                of_group(group, changed, commands, settings)?
            }
            (pool, Requests::Native(text)) if commands.is_empty() => {
                let problem = json::read_requests(&text, pool.sources());
                let path = self.requests.as_deref().unwrap_or(Path::new("-"));
                native(json::Document {
                    problem: problem.map_err(|error| input::wrong(path, &error))?,
                    extent_bytes: pool.extent_bytes(),
                })
            }
            (Pool::Native(document), Requests::None) if commands.is_empty() => native(document),
            (Pool::Native(document), Requests::None | Requests::Commands(_)) => {
                of_group(self.pool.as_group(&document)?, None, commands, settings)?
            }
            (_, Requests::Native(_)) => {
                bail!("requests are given as a JSON file and as LVM2 commands; give one of them")
            }
        };
        if task.problem.requests().is_empty() {
            bail!(
                "{}: nothing is requested; give requests in a file, or as `-- lvcreate ARGS`",
                self.pool.name()
            );
        }
        if !self.objective.is_empty() {
            task.problem = task
                .problem
                .with_objective(self.objective.clone())
                .map_err(|defects| anyhow!("--objective: {}", joined(&defects)))?;
        }
        Ok(task)
    }
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
    pub(crate) command: lvm::LvCommand,
}

/// Commands that cannot be planned, with the one that is to blame as its user wrote it.
pub(crate) fn blamed(error: &lvm::ImportError, commands: &[Typed]) -> anyhow::Error {
    match error {
        lvm::ImportError::Command {
            position, error, ..
        } => anyhow!("{}: {error}", commands[*position].origin),
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
    let typed = script.commands.into_iter().map(|(line, command)| Typed {
        origin: format!("{name}: line {line}"),
        command,
    });
    Ok(Requests::Commands(typed.collect()))
}

fn native(document: json::Document) -> Task {
    Task {
        problem: document.problem,
        extent_bytes: document.extent_bytes,
        group: None,
    }
}

fn of_group(
    group: lvm::VolumeGroup,
    changed: Option<lvm::Changed>,
    typed: Vec<Typed>,
    settings: lvm::Settings,
) -> anyhow::Result<Task> {
    let refusal = missing(&group);
    if let (Some(refusal), None) = (&refusal, &changed) {
        bail!("{refusal}");
    }
    let commands: Vec<lvm::LvCommand> = typed.iter().map(|typed| typed.command.clone()).collect();
    let imported = lvm::import(&group, &commands, &settings);
    let (problem, dictionary) = imported.map_err(|error| blamed(&error, &typed))?;
    for note in &dictionary.notes {
        output::remark(&format!("note: {note}"));
    }
    Ok(Task {
        problem,
        extent_bytes: Some(group.extent_bytes()),
        group: Some(GroupTask {
            group,
            changed,
            refusal,
            commands,
            dictionary,
            settings,
        }),
    })
}

/// What LVM2 says of every change to a group of which a physical volume is missing.
fn missing(group: &lvm::VolumeGroup) -> Option<String> {
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
    /// What a scenario changes, as lines of a shell.
    pub(crate) fn lines_before(&self) -> impl Iterator<Item = &str> {
        let changed = self.changed.iter();
        changed.flat_map(|changed| changed.commands.iter().map(String::as_str))
    }

    /// The commands with all that LVM2 is to be told.
    ///
    /// # Errors
    /// What is wrong with one, in a sentence.
    pub(crate) fn spelled_out(&self) -> Result<Vec<lvm::LvCommand>, String> {
        let commands = lvm::spelled_out(&self.commands, &self.group, &self.dictionary);
        commands.map_err(|error| error.to_string())
    }

    /// The volume group after LVM2 ran the commands one after another, or its refusal.
    ///
    /// # Errors
    /// The refusal, in LVM2's words.
    pub(crate) fn simulated(&self) -> Result<lvm::VolumeGroup, String> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let commands = self.spelled_out()?;
        let after = lvm::simulate::simulate_all(&self.group, &commands, &self.settings);
        after.map_err(|refusal| refusal.to_string())
    }
}
