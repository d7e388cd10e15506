//! What is to be planned, as the command line says it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use crate::ask::{Parts, Requests, Rest, Task, Typed};
use crate::cli::input;
use crate::cli::output;
use crate::cli::pool::PoolArguments;
use crate::cli::settings::SettingsOptions;
use crate::core::Measure;
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

    /// The LVM2 that is asked for.
    pub(crate) fn asked_version(&self) -> Option<lvm::Version> {
        self.settings.asked_version()
    }

    /// What is said beside the pool and the version, if anything is.
    pub(crate) fn beside_the_pool(&self) -> Option<String> {
        let option = self.pool.words().get(1).map(|word| format!("`{word}`"));
        let requests = self.requests.iter();
        let requests = requests.map(|path| format!("requests from `{}`", path.display()));
        let objective = (!self.objective.is_empty()).then(|| "`--objective`".to_string());
        let setting = self
            .settings
            .has_conf()
            .then(|| "a setting of lvm.conf".to_string());
        let command = self
            .commands
            .first()
            .map(|word| format!("the command `{word}`"));
        let all = option.into_iter().chain(requests).chain(objective);
        all.chain(setting).chain(command).next()
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
        let in_order = self.pool.read_in_order(&self.settings)?;
        let settings = in_order.settings();
        let requests = read_requests(self.requests.as_deref(), settings)?;
        let requests = requests.and(typed(&self.commands, settings)?)?;
        let objective = self.objective.clone();
        let parts = Parts::of(&self.pool.name(), in_order, requests, objective)?;
        for note in &parts.notes {
            output::note(note);
        }
        Ok((parts.first, parts.rest))
    }

    /// The words that ask `extentplan rearrange` for room for the same requests.
    pub(crate) fn room_question(&self) -> Option<Vec<String>> {
        let requests = self.requests.as_deref();
        room_question(&self.pool, requests, &self.settings, &self.commands)
    }
}

/// The requests of a file, if there is one.
///
/// # Errors
/// If it cannot be read, or a command in it.
pub(crate) fn read_requests(
    path: Option<&Path>,
    settings: &lvm::Settings,
) -> anyhow::Result<Requests> {
    let Some(path) = path else {
        return Ok(Requests::None);
    };
    let text = input::read_text(path)?;
    let (requests, notes) = Requests::read(text, &input::name(path), settings)?;
    for note in notes {
        output::note(&note);
    }
    Ok(requests)
}

/// Commands behind `--`, which also stands between them.
///
/// # Errors
/// What is wrong with the first that is.
pub(crate) fn typed(commands: &[String], settings: &lvm::Settings) -> anyhow::Result<Vec<Typed>> {
    let all = commands.split(|word| word == "--");
    let all = all.filter(|words| !words.is_empty());
    let all: anyhow::Result<Vec<_>> = all
        .map(|words| Ok(Typed::of_words(words, settings)?))
        .collect();
    Ok(all?.concat())
}

/// The words that ask `extentplan rearrange` for room; none where they could not be typed again, as something comes
/// from standard input.
pub(crate) fn room_question(
    pool: &PoolArguments,
    requests: Option<&Path>,
    settings: &SettingsOptions,
    commands: &[String],
) -> Option<Vec<String>> {
    let is_input = |path: &Path| path == Path::new("-");
    if is_input(pool.path()) || requests.is_some_and(is_input) {
        return None;
    }
    let mut words = pool.words();
    words.extend(settings.words());
    words.push("--room".to_string());
    words.extend(requests.map(|path| path.display().to_string()));
    if !commands.is_empty() {
        words.push("--".to_string());
        words.extend(commands.iter().cloned());
    }
    Some(words)
}
