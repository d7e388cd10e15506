//! Commands from scripts as people have them: those of LVM2 are read, others passed over.

use crate::core::is_printable;
use crate::lvm::command::control_flow::ControlFlow;
use crate::lvm::command::read::{read_command, read_step_by};
use crate::lvm::shell::{self, Runs, ShellCommand};
use crate::lvm::{CommandError, LvCommand, Program, ScriptError, Settings, TypedStep};

/// What a script comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The commands of LVM2, each with its line, counted from 1.
    pub steps: Vec<(usize, TypedStep)>,
    /// What was passed over, a sentence each.
    pub notes: Vec<String>,
}

/// Reads every command of a script: one a line, or several between `;` and `&&`, with comments, quotes and
/// lines that go on behind a backslash. What makes the pool, and what has nothing to do with it, is passed over.
///
/// # Errors
/// [`ScriptError`], which names the line; also if there is no command at all.
pub fn read_script(text: &str, settings: &Settings) -> Result<Script, ScriptError> {
    let at = |line, error| ScriptError::Line { line, error };
    let mut script = Script {
        steps: Vec::new(),
        notes: Vec::new(),
    };
    let mut flow = ControlFlow::default();
    for command in &cut(text)? {
        let program = program(&command.words);
        if !flow.reaches(command, program) {
            let words = command.words.join(" ");
            let line = command.line;
            script
                .notes
                .push(format!("line {line}: `{words}` is behind an `exit`"));
            continue;
        }
        match role(command) {
            Role::Read => {
                let read = certain(command)
                    .and_then(|()| flow.certain())
                    .and_then(|()| read_step_by(&command.words, settings));
                script.steps.push((
                    command.line,
                    read.map_err(|error| at(fault_line(command), error))?,
                ));
            }
            Role::Refused(error) => return Err(at(command.line, error)),
            Role::PassedOver(why) => {
                flow.passed_over(program);
                let words = command.words.join(" ");
                script
                    .notes
                    .push(format!("line {}: `{words}` {why}", command.line));
            }
        }
    }
    if script.steps.is_empty() {
        return Err(ScriptError::Empty);
    }
    Ok(script)
}

/// As [`read_script`], where every command has to be one that [`read_command`] reads.
///
/// # Errors
/// As [`read_script`], and for another command.
pub fn read_commands(text: &str) -> Result<Vec<(usize, LvCommand)>, ScriptError> {
    let mut commands = Vec::new();
    for command in &cut(text)? {
        let read = certain(command).and_then(|()| read_command(&command.words));
        let read = read.map_err(|error| ScriptError::Line {
            line: fault_line(command),
            error,
        })?;
        commands.push((command.line, read));
    }
    if commands.is_empty() {
        return Err(ScriptError::Empty);
    }
    Ok(commands)
}

fn cut(text: &str) -> Result<Vec<ShellCommand>, ScriptError> {
    shell::commands(text).map_err(|(line, error)| ScriptError::Line { line, error })
}

enum Role {
    /// It is one of LVM2.
    Read,
    /// It has no part in what is planned, for this reason.
    PassedOver(&'static str),
    /// What it does would have to be known.
    Refused(CommandError),
}

/// What a command of a script is to a plan.
fn role(command: &ShellCommand) -> Role {
    let is_read = |word: &str| Program::from_word(word).is_some();
    if let Some(word) = command
        .words
        .iter()
        .find(|word| !word.chars().all(is_printable))
    {
        let found = word.clone();
        return Role::Refused(CommandError::Unprintable { found });
    }
    match program(&command.words) {
        "pvcreate" | "vgcreate" => {
            Role::PassedOver("makes the pool, which is planned for as its file has it")
        }
        "vgs" | "lvs" | "pvs" | "vgdisplay" | "lvdisplay" | "pvdisplay" | "vgscan" | "pvscan"
        | "lvscan" | "lvmdiskscan" | "vgcfgbackup" => Role::PassedOver("places no extents"),
        // What LVM2 has besides is refused as it is read.
        program
            if ["lv", "vg", "pv"]
                .iter()
                .any(|word| program.starts_with(word)) =>
        {
            Role::Read
        }
        // In a condition or a loop it is not known whether, or how often, it runs.
        program if command.words.iter().any(|word| is_read(word)) => {
            Role::Refused(CommandError::Shell {
                found: format!("`{program}` in front of a command"),
            })
        }
        _ => Role::PassedOver("is no command of LVM2"),
    }
}

/// Refuses a command of which only a running shell knows what it says, or whether it runs.
fn certain(command: &ShellCommand) -> Result<(), CommandError> {
    if let Some((_, found)) = &command.fault {
        let found = found.clone();
        return Err(CommandError::Shell { found });
    }
    if command.runs == Runs::Instead {
        let found = "`||` in front of a command".to_string();
        return Err(CommandError::Shell { found });
    }
    Ok(())
}

/// The line that is to blame where a command cannot be read.
fn fault_line(command: &ShellCommand) -> usize {
    let fault = command.fault.as_ref();
    fault.map_or(command.line, |(line, _)| *line)
}

/// The program, without what may stand in front of it.
fn program(words: &[String]) -> &str {
    let mut words = words
        .iter()
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    let named = words.find(|word| !matches!(*word, "sudo" | "lvm"));
    named.unwrap_or_default()
}
