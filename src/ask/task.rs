//! What is to be planned: a pool and requests, in either vocabulary.

use crate::ask::fault::{Fault, Result, fault};
use crate::core::{Measure, Problem, Request};
use crate::lvm;

/// A problem, and where it comes from.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is asked of the solver.
    pub problem: Problem,
    /// Those of its requests whose legs policy `anywhere` would let share disks, each as it is where they are kept apart:
    /// a layout of that kind comes first.
    pub apart: Vec<(usize, Request)>,
    /// Bytes of an extent, if they are known.
    pub extent_bytes: Option<u64>,
    /// The volume group and the commands that the problem was made of, if it was.
    pub group: Option<GroupTask>,
}

/// A volume group and commands on it.
#[derive(Clone, Debug)]
pub struct GroupTask {
    /// The volume group as it is, or would be after the changes of a scenario, by the names that volumes have once all is
    /// done.
    pub original: lvm::VolumeGroup,
    /// The same behind what comes before the requests.
    pub group: lvm::VolumeGroup,
    /// Why LVM2 would make no change to that, where it would not.
    pub refusal: Option<String>,
    /// What changes the group before the requests.
    pub before: Vec<lvm::Interlude>,
    /// What the user wants to run.
    pub commands: Vec<lvm::LvCommand>,
    /// Whether LVM2 would take it as it was typed, with its group and the names of devices.
    pub is_in_full: bool,
    /// In place of these, a conversion or the like.
    pub placing: Option<lvm::Placing>,
    /// What comes behind them, and bears on no extents.
    pub behind: Vec<lvm::Interlude>,
    /// How the two vocabularies go together.
    pub dictionary: lvm::Dictionary,
    /// How LVM2 behaves.
    pub settings: lvm::Settings,
}

/// Why LVM2 makes nothing of commands, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotMade {
    /// It refuses, in its words.
    Refused(String),
    /// It is not known what it does, and why not.
    Unknown(String),
}

impl NotMade {
    /// What a simulation ended with.
    #[must_use]
    pub fn of(error: lvm::simulate::SimulationError) -> NotMade {
        match error {
            lvm::simulate::SimulationError::Refused(refusal) => {
                NotMade::Refused(refusal.to_string())
            }
            lvm::simulate::SimulationError::Unsupported { what } => NotMade::Unknown(what),
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self {
            NotMade::Refused(words) => Some(words.clone()),
            NotMade::Unknown(_) => None,
        }
    }

    /// What is not known, if that is it.
    #[must_use]
    pub fn unknown(&self) -> Option<String> {
        match self {
            NotMade::Refused(_) => None,
            NotMade::Unknown(words) => Some(words.clone()),
        }
    }
}

/// A problem for which something else is good, where the user says so.
pub(crate) fn with_objective(problem: Problem, objective: &[Measure]) -> Result<Problem> {
    if objective.is_empty() {
        return Ok(problem);
    }
    let problem = problem.with_objective(objective.to_vec());
    problem.map_err(|defects| {
        let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
        fault!("--objective: {}", words.join("; "))
    })
}

/// Requests, in either vocabulary.
#[derive(Clone, Debug, Default)]
pub enum Requests {
    /// There are none beside those that the pool itself has.
    #[default]
    None,
    /// The text of a JSON file, and what messages call it.
    Native {
        /// The text.
        text: String,
        /// What messages call it.
        name: String,
    },
    /// Commands of LVM2.
    Commands(Vec<Typed>),
}

/// A command and how messages name it: the words themselves, or the file and the line.
#[derive(Clone, Debug)]
pub struct Typed {
    /// How messages name it.
    pub origin: String,
    pub(crate) step: lvm::TypedStep,
}

impl Typed {
    /// A command of LVM2 in words, the first of which is the program, as the one or the two that it comes to; settings say
    /// what it makes where it names no type.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_words(words: &[String], settings: &lvm::Settings) -> Result<Vec<Typed>> {
        let origin = words.join(" ");
        let steps = lvm::read_steps_by(words, settings);
        let steps = steps.map_err(|error| fault!("{origin}: {error}"))?;
        let typed = |step| Typed {
            origin: origin.clone(),
            step,
        };
        Ok(steps.into_iter().map(typed).collect())
    }
}

/// Commands that cannot be planned, with the one that is to blame as its user wrote it.
pub(crate) fn blamed(error: &lvm::ImportError, origins: &[String]) -> Fault {
    match error {
        lvm::ImportError::Command {
            position, error, ..
        } => fault!("{}: {error}", origins[*position]).of_request(*position),
        lvm::ImportError::Defects(defects) => defects.clone().into(),
        lvm::ImportError::NoCommands | lvm::ImportError::Name(_) => fault!("{error}"),
    }
}

/// Whether a brace is one of a shell: a blank and a command stand behind it, where JSON has a key.
fn is_block(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_command = |word: &str| {
        let begins = word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/');
        begins && !word.contains(':')
    };
    words.next() == Some("{") && words.next().is_some_and(is_command)
}

impl Requests {
    /// The requests of a text that `name` has in messages, and what is to be noted.
    ///
    /// # Errors
    /// If it is empty, or a script with a command that cannot be read.
    pub fn read(
        text: String,
        name: &str,
        settings: &lvm::Settings,
    ) -> Result<(Requests, Vec<String>)> {
        if text.trim().is_empty() {
            return Err(fault!(
                "{name} is empty; expected requests as JSON, or lvcreate and lvextend lines"
            ));
        }
        if text.trim_start().starts_with('{') && !is_block(&text) {
            let name = name.to_string();
            return Ok((Requests::Native { text, name }, Vec::new()));
        }
        let script = lvm::read_script(&text, settings);
        let script = script.map_err(|error| Fault::script(name, &error))?;
        let notes = script.notes.iter();
        let notes = notes.map(|note| format!("{name}: {note}; passed over"));
        let typed = script.steps.into_iter().map(|(line, step)| Typed {
            origin: format!("{name}: line {line}"),
            step,
        });
        Ok((Requests::Commands(typed.collect()), notes.collect()))
    }

    /// These, and commands behind them.
    ///
    /// # Errors
    /// If these are no commands.
    pub fn and(self, more: Vec<Typed>) -> Result<Requests> {
        match self {
            requests if more.is_empty() => Ok(requests),
            Requests::None => Ok(Requests::Commands(more)),
            Requests::Commands(mut steps) => {
                steps.extend(more);
                Ok(Requests::Commands(steps))
            }
            Requests::Native { .. } => Err(fault!(
                "requests are given as a JSON file and as LVM2 commands; give one of them"
            )),
        }
    }
}

impl Task {
    /// What the sources without the requests are called: commands in front of these, or a scenario, may change them first.
    pub(crate) fn before_words(&self) -> &'static str {
        let group = self.group.as_ref();
        match group.is_some_and(|group| !group.before.is_empty()) {
            true => "before, behind the commands that come first",
            false => "before",
        }
    }

    /// Per request what `lvs` calls what goes with it as a whole; nothing where there is no group.
    #[must_use]
    pub fn log_words(&self) -> Vec<&'static str> {
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
    pub fn spelled_out(&self) -> Result<Vec<lvm::LvCommand>, String> {
        let commands = lvm::spelled_out(&self.commands, &self.group, &self.dictionary);
        commands.map_err(|error| error.to_string())
    }

    /// The volume group after LVM2 ran the commands one after another, or its refusal.
    ///
    /// # Errors
    /// The refusal, in LVM2's words, or what is not known.
    pub fn simulated(&self) -> Result<lvm::VolumeGroup, NotMade> {
        if let Some(refusal) = &self.refusal {
            return Err(NotMade::Refused(refusal.clone()));
        }
        let commands = self.spelled_out().map_err(NotMade::Unknown)?;
        let after = lvm::simulate::simulate_all(&self.group, &commands, &self.settings);
        after.map_err(NotMade::of)
    }
}
