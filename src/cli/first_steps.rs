//! What to type next: without arguments, behind an error, below the help of a subcommand.

use std::ffi::OsString;
use std::fmt::Write;

use crate::guide::{EXAMPLES, TASKS};

/// What is said where nothing was typed but the name of the program.
pub(crate) const WITHOUT_ARGUMENTS: &str = "\
extentplan plans where storage goes, and proves that there is no better place.

to try it
  extentplan examples                                writes volume groups into the folder examples
  extentplan show examples/segments.vg               what is there
  extentplan plan examples/three-disks.vg -- lvcreate -i 2 -l 240 -n data

with a volume group of yours
  vgcfgbackup -f vg0.vg vg0                          as root, on its machine; or take /etc/lvm/backup/vg0
  extentplan audit vg0.vg                            what is unsafe in it
  extentplan plan vg0.vg -- lvcreate ARGS            the best layout, and the commands for it

more
  extentplan help tasks                              a guide by task: LVM refuses, take a disk out, ..
  extentplan --help                                  all subcommands";

/// The tasks of the guide, a line each.
pub(crate) fn tasks() -> String {
    let mut text = String::from("tasks; `extentplan help NAME` shows what to do\n");
    for task in TASKS {
        let _ = writeln!(text, "  {:<11} {}", task.name, task.title());
    }
    text
}

/// The examples of a subcommand, as they stand below its help.
pub(crate) fn examples_of(name: &str) -> String {
    let mut text = String::from("Examples:");
    let of_subcommand = EXAMPLES
        .iter()
        .filter(|(subcommand, _)| *subcommand == name);
    for example in of_subcommand.flat_map(|(_, examples)| *examples) {
        let _ = write!(text, "\n  # {}\n  {}", example.purpose, example.command);
    }
    text
}

/// Where to read on behind an error: about the subcommand that was typed.
pub(crate) fn after_an_error(words: &[OsString]) -> String {
    let is_one = |word: &&str| EXAMPLES.iter().any(|(name, _)| name == word);
    let typed = words
        .iter()
        .skip(1)
        .filter_map(|word| word.to_str())
        .find(is_one);
    match typed {
        Some(name) => format!(
            "for examples, try `extentplan help {name}`; for a guide by task, `extentplan help tasks`"
        ),
        None => "for a guide by task, try `extentplan help tasks`".to_string(),
    }
}
