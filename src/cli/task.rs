//! What is to be planned: a pool and requests, in either vocabulary.

use std::path::Path;

use anyhow::{anyhow, bail};

use crate::cli::input;
use crate::cli::output::{self, Lines};
use crate::core::{Measure, Problem};
use crate::lvm;

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
    /// What changes the group before the requests.
    pub(crate) before: Vec<lvm::Interlude>,
    /// What the user wants to run.
    pub(crate) commands: Vec<lvm::LvCommand>,
    /// In place of these, a conversion or the like.
    pub(crate) placing: Option<lvm::Placing>,
    /// What comes behind them, and bears on no extents.
    pub(crate) behind: Vec<lvm::Interlude>,
    /// How the two vocabularies go together.
    pub(crate) dictionary: lvm::Dictionary,
    /// How LVM2 behaves.
    pub(crate) settings: lvm::Settings,
}

/// Why LVM2 makes nothing of commands, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotMade {
    /// It refuses, in its words.
    Refused(String),
    /// It is not known what it does, and why not.
    Unknown(String),
}

impl NotMade {
    /// What a simulation ended with.
    pub(crate) fn of(error: lvm::simulate::SimulationError) -> NotMade {
        match error {
            lvm::simulate::SimulationError::Refused(refusal) => {
                NotMade::Refused(refusal.to_string())
            }
            lvm::simulate::SimulationError::Unsupported { what } => NotMade::Unknown(what),
        }
    }

    /// The refusal, if it is one.
    pub(crate) fn refusal(&self) -> Option<String> {
        match self {
            NotMade::Refused(words) => Some(words.clone()),
            NotMade::Unknown(_) => None,
        }
    }

    /// What is not known, if that is it.
    pub(crate) fn unknown(&self) -> Option<String> {
        match self {
            NotMade::Refused(_) => None,
            NotMade::Unknown(words) => Some(words.clone()),
        }
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

/// Commands behind `--`, which also stands between them.
///
/// # Errors
/// What is wrong with the first that is.
pub(crate) fn typed(commands: &[String], settings: &lvm::Settings) -> anyhow::Result<Vec<Typed>> {
    let all = commands.split(|word| word == "--");
    let all = all.filter(|words| !words.is_empty()).map(|words| {
        let origin = words.join(" ");
        let step = lvm::read_step_by(words, settings);
        let step = step.map_err(|error| anyhow!("{origin}: {error}"))?;
        Ok(Typed { origin, step })
    });
    all.collect()
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

pub(crate) fn read_requests(path: &Path, settings: &lvm::Settings) -> anyhow::Result<Requests> {
    let text = input::read_text(path)?;
    let name = input::name(path);
    if text.trim().is_empty() {
        bail!("{name} is empty; expected requests as JSON, or lvcreate and lvextend lines");
    }
    if text.trim_start().starts_with('{') {
        return Ok(Requests::Native(text));
    }
    let script = lvm::read_script(&text, settings);
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

impl Task {
    /// Per request what `lvs` calls what goes with it as a whole; nothing where there is no group.
    pub(crate) fn log_words(&self) -> Vec<&'static str> {
        let group = self.group.as_ref();
        group.map_or(Vec::new(), |group| match &group.placing {
            Some(placing) => placing.log_words.clone(),
            None => group.dictionary.log_words(),
        })
    }
}

impl GroupTask {
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
    /// The refusal, in LVM2's words, or what is not known.
    pub(crate) fn simulated(&self) -> Result<lvm::VolumeGroup, NotMade> {
        if let Some(refusal) = &self.refusal {
            return Err(NotMade::Refused(refusal.clone()));
        }
        let commands = self.spelled_out().map_err(NotMade::Unknown)?;
        let after = lvm::simulate::simulate_all(&self.group, &commands, &self.settings);
        after.map_err(NotMade::of)
    }
}
