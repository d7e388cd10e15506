//! The options of LVM2's commands, and how a command line is taken apart into them.

pub(crate) mod listed;
pub(crate) mod meaning;
pub(crate) mod table;

use crate::lvm::command::options::meaning::{Meaning, Planned};
use crate::lvm::command::options::table::{OptionRow, rows};
use crate::lvm::{CommandError, Given, Program};

/// What a command is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be planned, or to be passed through beside what is.
    Plan,
    /// To be compared with what LVM2 did, refusals included.
    Replay,
}

/// Whether a command takes an option, by its long name, that does not bear on where extents go.
pub(crate) fn is_kept_by(program: Program, long: &str) -> bool {
    rows(program).any(|row| row.long == long && row.meaning == Meaning::Kept)
}

/// An option as it was used.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) row: &'static OptionRow,
    /// Its value; empty where it takes none.
    pub(crate) value: String,
    /// The words that it was typed in.
    pub(crate) words: Vec<String>,
}

impl Used {
    /// What it decides, if it does.
    pub(crate) fn planned(&self) -> Option<Planned> {
        match self.row.meaning {
            Meaning::Plans(planned) => Some(planned),
            Meaning::Converts | Meaning::Kept | Meaning::NotPlanned(_) => None,
        }
    }

    /// A value that is none for it.
    pub(crate) fn bad(&self, expected: &str) -> CommandError {
        CommandError::BadValue {
            option: self.row.name(),
            found: self.value.clone(),
            expected: expected.to_string(),
        }
    }
}

/// A command line taken apart.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine {
    pub(crate) program: Program,
    pub(crate) options: Vec<Used>,
    pub(crate) arguments: Vec<String>,
}

impl CommandLine {
    /// The same by the names of the options.
    pub(crate) fn given(&self) -> Given {
        let options = self.options.iter();
        Given {
            options: options
                .map(|used| (used.row.long, used.value.clone()))
                .collect(),
            arguments: self.arguments.clone(),
        }
    }

    /// Refuses what is not planned.
    ///
    /// # Errors
    /// [`CommandError::NotPlanned`] about the first such option.
    pub(crate) fn check_planned(&self) -> Result<(), CommandError> {
        for used in &self.options {
            if let Meaning::NotPlanned(reason) = used.row.meaning {
                return Err(CommandError::NotPlanned {
                    command: self.program,
                    what: format!("option {}", used.row.name()),
                    reason,
                });
            }
        }
        Ok(())
    }

    /// That something has to be given, and is not.
    pub(crate) fn missing(&self, what: &'static str) -> CommandError {
        let command = self.program;
        CommandError::Missing { command, what }
    }

    /// The option that decides something, if it is given.
    pub(crate) fn option(&self, planned: Planned) -> Option<&Used> {
        let mut options = self.options.iter();
        options.find(|used| used.planned() == Some(planned))
    }
}

/// Splits the words behind a command's name into options and positional arguments.
///
/// As with LVM2, options and arguments may come in any order, short options may be joined
/// (`-an`, `-l100%FREE`, `-vy`), long ones shortened as far as they stay clear, and values given with
/// `=`; behind `--` every word is an argument.
///
/// # Errors
/// [`CommandError`] for an option that the command does not have, that has no value or one too many,
/// that is not supported, or that is ambiguous.
pub(crate) fn split(program: Program, words: &[String]) -> Result<CommandLine, CommandError> {
    let mut used = Vec::new();
    let mut arguments = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            arguments.extend(words.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            used.push(long_option(program, word, long, &mut words)?);
        } else if let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            short_options(program, cluster, &mut words, &mut used)?;
        } else {
            arguments.push(word.clone());
        }
    }
    for (index, one) in used.iter().enumerate() {
        // LVM2 lets only these come twice.
        let may_repeat = matches!(
            one.row.long,
            "verbose"
                | "debug"
                | "quiet"
                | "force"
                | "addtag"
                | "deltag"
                | "replace"
                | "rebuild"
                | "writemostly"
        );
        let is_again = used[..index]
            .iter()
            .any(|other| other.row.long == one.row.long);
        if is_again && !may_repeat {
            let option = one.row.name();
            return Err(CommandError::Repeated { option });
        }
    }
    Ok(CommandLine {
        program,
        options: used,
        arguments,
    })
}

fn long_option<'a>(
    program: Program,
    word: &str,
    long: &str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<Used, CommandError> {
    let (name, given) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    let row = find_long(program, name)?;
    let mut words = vec![word.to_string()];
    let value = match (row.takes_value, given) {
        (false, None) => String::new(),
        (false, Some(value)) => {
            let option = row.name();
            return Err(CommandError::UnexpectedValue { option, value });
        }
        (true, Some(value)) => value,
        (true, None) => {
            let value = next_value(row, rest)?;
            words.push(value.clone());
            value
        }
    };
    Ok(Used { row, value, words })
}

/// The option of a name or of the beginning of one.
fn find_long(program: Program, name: &str) -> Result<&'static OptionRow, CommandError> {
    // LVM2 spells many of its options with dashes, too: `--stripe-size` is `--stripesize`.
    let plain: String = name.chars().filter(|&letter| letter != '-').collect();
    if let Some(row) = rows(program).find(|row| row.long == plain) {
        return Ok(row);
    }
    let begun: Vec<&OptionRow> = rows(program)
        .filter(|row| !plain.is_empty() && row.long.starts_with(&plain))
        .collect();
    match begun.as_slice() {
        [row] => Ok(row),
        [] => Err(CommandError::UnknownOption {
            command: program,
            option: format!("--{name}"),
        }),
        several => Err(CommandError::AmbiguousOption {
            option: format!("--{name}"),
            candidates: several.iter().map(|row| row.name()).collect(),
        }),
    }
}

fn short_options<'a>(
    program: Program,
    cluster: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    used: &mut Vec<Used>,
) -> Result<(), CommandError> {
    let mut letters = cluster.chars();
    while let Some(letter) = letters.next() {
        let row = rows(program)
            .find(|row| row.short == Some(letter))
            .ok_or_else(|| CommandError::UnknownOption {
                command: program,
                option: format!("-{letter}"),
            })?;
        let flag = format!("-{letter}");
        if !row.takes_value {
            let (value, words) = (String::new(), vec![flag]);
            used.push(Used { row, value, words });
            continue;
        }
        let joined = letters.as_str();
        let (value, words) = if joined.is_empty() {
            let value = next_value(row, rest)?;
            (value.clone(), vec![flag, value])
        } else {
            (joined.to_string(), vec![format!("{flag}{joined}")])
        };
        used.push(Used { row, value, words });
        return Ok(());
    }
    Ok(())
}

fn next_value<'a>(
    row: &OptionRow,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<String, CommandError> {
    let missing = || CommandError::MissingValue { option: row.name() };
    rest.next().cloned().ok_or_else(missing)
}
