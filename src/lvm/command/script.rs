//! Commands from scripts as people have them: those that place extents are read, others passed over.

use crate::core::is_printable;
use crate::lvm::command::read::read_command;
use crate::lvm::shell::{self, ShellCommand};
use crate::lvm::{CommandError, LvCommand, ScriptError, Verb};

/// What a script comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The commands that place extents, each with its line, counted from 1.
    pub commands: Vec<(usize, LvCommand)>,
    /// What was passed over, a sentence each.
    pub notes: Vec<String>,
}

/// Reads every command of a script: one a line, or several between `;` and `&&`, with comments, quotes and
/// lines that go on behind a backslash. What makes the pool, and what has nothing to do with it, is passed over.
///
/// # Errors
/// [`ScriptError`], which names the line; also if there is no command at all.
pub fn read_script(text: &str) -> Result<Script, ScriptError> {
    read(text, Others::PassedOver)
}

/// As [`read_script`], where every command has to be one that places extents.
///
/// # Errors
/// As [`read_script`], and for another command.
pub fn read_commands(text: &str) -> Result<Vec<(usize, LvCommand)>, ScriptError> {
    read(text, Others::Refused).map(|script| script.commands)
}

/// What becomes of commands that have no part in what is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    PassedOver,
    Refused,
}

fn read(text: &str, others: Others) -> Result<Script, ScriptError> {
    let at = |line, error| ScriptError::Line { line, error };
    let found = shell::commands(text).map_err(|(line, error)| at(line, error))?;
    let mut script = Script {
        commands: Vec::new(),
        notes: Vec::new(),
    };
    for command in &found {
        match role(command) {
            Role::Planned => {
                let read = planned(command).map_err(|(line, error)| at(line, error))?;
                script.commands.push((command.line, read));
            }
            Role::Refused(error) => return Err(at(command.line, error)),
            Role::PassedOver(_) if others == Others::Refused => {
                let found = program(&command.words).to_string();
                return Err(at(command.line, CommandError::UnknownCommand { found }));
            }
            Role::PassedOver(why) => {
                let words = command.words.join(" ");
                script
                    .notes
                    .push(format!("line {}: `{words}` {why}", command.line));
            }
        }
    }
    if script.commands.is_empty() {
        return Err(ScriptError::Empty);
    }
    Ok(script)
}

enum Role {
    /// It places extents.
    Planned,
    /// It has no part in what is planned, for this reason.
    PassedOver(&'static str),
    /// What it does would have to be known.
    Refused(CommandError),
}

/// What a command of a script is to a plan.
fn role(command: &ShellCommand) -> Role {
    let program = program(&command.words);
    let is_verb =
        |word: &str| word == "lvresize" || Verb::ALL.iter().any(|verb| verb.name() == word);
    if let Some(word) = command
        .words
        .iter()
        .find(|word| !word.chars().all(is_printable))
    {
        let found = word.clone();
        return Role::Refused(CommandError::Unprintable { found });
    }
    match program {
        program if is_verb(program) => Role::Planned,
        "pvcreate" | "vgcreate" => {
            Role::PassedOver("makes the pool, which is planned for as its file has it")
        }
        "vgs" | "lvs" | "pvs" | "vgdisplay" | "lvdisplay" | "pvdisplay" | "vgscan" | "pvscan"
        | "lvscan" | "vgcfgbackup" => Role::PassedOver("places no extents"),
        "vgextend" | "vgreduce" | "pvresize" => Role::Refused(CommandError::ChangesPool {
            found: program.to_string(),
        }),
        program
            if ["lv", "vg", "pv"]
                .iter()
                .any(|word| program.starts_with(word)) =>
        {
            Role::Refused(CommandError::UnknownCommand {
                found: program.to_string(),
            })
        }
        // In a condition or a loop it is not known whether, or how often, it runs.
        program if command.words.iter().any(|word| is_verb(last(word))) => {
            Role::Refused(CommandError::Shell {
                found: format!("`{program}` in front of a command"),
            })
        }
        _ => Role::PassedOver("is no command of LVM2"),
    }
}

/// A command that is planned, where it surely runs as it stands.
fn planned(command: &ShellCommand) -> Result<LvCommand, (usize, CommandError)> {
    if let Some((line, found)) = &command.fault {
        let found = found.clone();
        return Err((*line, CommandError::Shell { found }));
    }
    if command.is_alternative {
        let found = "`||` in front of a command".to_string();
        return Err((command.line, CommandError::Shell { found }));
    }
    read_command(&command.words).map_err(|error| (command.line, error))
}

/// The program, without what may stand in front of it.
fn program(words: &[String]) -> &str {
    let mut words = words.iter().map(|word| last(word));
    let named = words.find(|word| !matches!(*word, "sudo" | "lvm"));
    named.unwrap_or_default()
}

/// The last part of a path.
fn last(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
