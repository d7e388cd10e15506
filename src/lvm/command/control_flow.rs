//! Whether a command of a script runs, as far as its text says so.

use crate::lvm::CommandError;
use crate::lvm::shell::{Runs, ShellCommand};

/// Words that begin what runs under a condition, or again and again, and those that end it.
const OPENING: [&str; 8] = [
    "if", "while", "until", "for", "case", "select", "function", "{",
];
const CLOSING: [&str; 4] = ["fi", "done", "esac", "}"];
/// Words behind which nothing of a script runs.
const LEAVING: [&str; 3] = ["exit", "return", "exec"];
/// Programs that are run for what they do: where one fails the script is broken, which no plan has to foresee. Any other in
/// front of `&&` asks something.
const DOING: [&str; 24] = [
    "blkdiscard",
    "cd",
    "chmod",
    "chown",
    "cp",
    "dd",
    "echo",
    "install",
    "mkdir",
    "mkswap",
    "modprobe",
    "mount",
    "parted",
    "partprobe",
    "printf",
    "pvcreate",
    "set",
    "sgdisk",
    "sleep",
    "sync",
    "true",
    "udevadm",
    "vgcreate",
    "wipefs",
];

/// How far a script has come.
#[derive(Debug, Default)]
pub(crate) struct ControlFlow {
    /// What is open, the innermost last.
    open: Vec<String>,
    /// What the last command of a chain asked.
    asked: Option<String>,
    /// What may have left the script before.
    may_have_left: Option<String>,
    has_left: bool,
}

impl ControlFlow {
    /// Goes on to the next command; `false` if the script has ended before it.
    pub(crate) fn reaches(&mut self, command: &ShellCommand, program: &str) -> bool {
        if self.has_left {
            return false;
        }
        match command.runs {
            Runs::Always => self.asked = None,
            Runs::Behind => {}
            Runs::Instead => self.asked = Some("||".to_string()),
        }
        if OPENING.contains(&program) {
            self.open.push(program.to_string());
        }
        if CLOSING.contains(&program) {
            self.open.pop();
        }
        if LEAVING.contains(&program) {
            match (self.open.last(), &self.asked, command.runs) {
                (None, None, Runs::Always | Runs::Behind) => {
                    self.has_left = true;
                }
                // Where what is planned for fails, the script ends.
                (None, _, Runs::Instead) => {}
                _ => self.may_have_left = Some(program.to_string()),
            }
        }
        true
    }

    /// Behind a command that is none of LVM2: what it says decides whether what stands behind `&&` runs.
    pub(crate) fn passed_over(&mut self, program: &str) {
        if self.asked.is_none() && !DOING.contains(&program) && !program.starts_with("mkfs") {
            self.asked = Some(format!("{program} .. &&"));
        }
    }

    /// Refuses what may not run.
    ///
    /// # Errors
    /// [`CommandError::Shell`].
    pub(crate) fn certain(&self) -> Result<(), CommandError> {
        let found = match (self.open.last(), &self.asked, &self.may_have_left) {
            (Some(open), ..) => format!("`{open}` around a command"),
            (None, Some(asked), _) => format!("`{asked}` in front of a command"),
            (None, None, Some(left)) => format!("a command behind `{left}` under a condition"),
            (None, None, None) => return Ok(()),
        };
        Err(CommandError::Shell { found })
    }
}
