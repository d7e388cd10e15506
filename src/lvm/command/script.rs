//! Commands from scripts as people have them: those of LVM2 are read, others passed over.

use crate::core::is_printable;
use crate::lvm::command::checksums::read_steps_by;
use crate::lvm::command::control_flow::ControlFlow;
use crate::lvm::command::read::read_command;
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
                    .and_then(|()| read_steps_by(behind_prefix(&command.words), settings));
                let read = read.map_err(|error| at(fault_line(command), error))?;
                let steps = read.into_iter().map(|step| (command.line, step));
                script.steps.extend(steps);
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
        let read = certain(command).and_then(|()| read_command(behind_prefix(&command.words)));
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

/// Programs that run what they are given as a text.
const RUNNING_TEXT: [&str; 8] = ["sh", "bash", "dash", "ksh", "zsh", "eval", "ssh", "su"];

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
    let names = |text: &String| {
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.find(|word| is_read(word)).map(str::to_string)
    };
    let runs_text = RUNNING_TEXT.contains(&program(&command.words));
    let mut texts = command
        .words
        .iter()
        .filter(|_| runs_text)
        .chain([&command.hidden]);
    if let Some(word) = texts.find_map(names) {
        let found = format!("`{word}` in a text that is run, or read");
        return Role::Refused(CommandError::Shell { found });
    }
    match program(&command.words) {
        "pvcreate" | "vgcreate" => {
            Role::PassedOver("makes a pool; the one that is planned for is as its file has it")
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

/// The words of a command without those in front of it that change nothing about what it does: who runs it, in which language,
/// whether its time is taken.
fn behind_prefix(words: &[String]) -> &[String] {
    let mut rest = words;
    while let [first, behind @ ..] = rest {
        rest = match first.rsplit('/').next().unwrap_or(first) {
            "sudo" | "doas" => behind_flags(behind),
            "env" | "time" | "command" => behind,
            _ if is_setting(first) => behind,
            _ => break,
        };
    }
    if rest.is_empty() { words } else { rest }
}

/// What stands behind the flags of `sudo`.
fn behind_flags(words: &[String]) -> &[String] {
    match words {
        [flag, rest @ ..] if matches!(flag.as_str(), "-n" | "-E" | "-H" | "-S" | "-A" | "--") => {
            behind_flags(rest)
        }
        [flag, _, rest @ ..] if matches!(flag.as_str(), "-u" | "-g") => behind_flags(rest),
        _ => words,
    }
}

/// Whether a word sets a variable that LVM2 does not go by: most of those that begin with its name say where its settings are.
fn is_setting(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_named = !name.is_empty() && name.chars().all(is_name);
    is_named && (!name.starts_with("LVM_") || name == "LVM_SUPPRESS_FD_WARNINGS")
}

/// The program, without what may stand in front of it.
fn program(words: &[String]) -> &str {
    let mut words = behind_prefix(words)
        .iter()
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    let named = words.find(|word| !matches!(*word, "sudo" | "lvm"));
    named.unwrap_or_default()
}
