//! What is to be planned, as the command line says it.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use crate::cli::input;
use crate::cli::parts::Rest;
use crate::cli::pool::{InOrder, Pool, PoolArguments};
use crate::cli::settings::SettingsOptions;
use crate::cli::task::{Requests, Task, read_requests, typed, with_objective};
use crate::core::Measure;
use crate::json;
use crate::lvm;

/// The pool and the requests on the command line.
#[derive(Debug, Args)]
pub(crate) struct TaskArguments {
    #[command(flatten)]
    pool: PoolArguments,
    /// Requests: a JSON file of our own, or a script with LVM2's commands
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
            Some(path) => read_requests(path, &settings)?,
        };
        let mut steps = Vec::new();
        if let Requests::Commands(lines) = &requests {
            steps.extend(lines.iter().cloned());
        }
        steps.extend(typed(&self.commands, &settings)?);
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

    /// The words that ask `extentplan rearrange` for room for the same requests.
    pub(crate) fn room_question(&self) -> Vec<String> {
        room_question(&self.pool, self.requests.as_deref(), &self.commands)
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

/// The words that ask `extentplan rearrange` for room.
pub(crate) fn room_question(
    pool: &PoolArguments,
    requests: Option<&Path>,
    commands: &[String],
) -> Vec<String> {
    let mut words = pool.words();
    words.push("--room".to_string());
    words.extend(requests.map(|path| path.display().to_string()));
    if !commands.is_empty() {
        words.push("--".to_string());
        words.extend(commands.iter().cloned());
    }
    words
}
