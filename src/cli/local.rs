//! The volume groups of this machine, by name: what `lvm` says of one, else its last backup. Both are only
//! read.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::cli::{input, output};
use crate::core::printable;
use crate::lvm;

/// Where LVM2 keeps the metadata of each group as of its last change.
const BACKUPS: &str = "/etc/lvm/backup";

/// What `lvm` is asked, in front of the name: everything, in the order of the metadata.
const REPORT: [&str; 10] = [
    "fullreport",
    "--all",
    "--reportformat",
    "json",
    "--units",
    "s",
    "--nosuffix",
    "--configreport",
    "pv",
    "-O",
];

/// The text of a pool: of a file, or where there is none of that name, of a volume group of this machine.
///
/// # Errors
/// If there is neither, or the file cannot be read.
pub(crate) fn pool_text(path: &Path) -> anyhow::Result<String> {
    match group_name(path) {
        Some(name) => group_text(name),
        None => input::read_pool(path),
    }
}

/// The name of a volume group that stands in the place of a file.
pub(crate) fn group_name(path: &Path) -> Option<&str> {
    let name = path.to_str()?;
    let is_group = name != "-" && lvm::is_group_name(name) && !path.exists();
    is_group.then_some(name)
}

fn group_text(name: &str) -> anyhow::Result<String> {
    let asked = match Command::new("lvm").args(REPORT).args(["", name]).output() {
        Ok(told) if told.status.success() => match String::from_utf8(told.stdout) {
            Ok(text) => {
                output::note(&format!(
                    "there is no file {name}: `lvm fullreport` was asked"
                ));
                return Ok(text);
            }
            Err(_) => "what it says is not UTF-8 text".to_string(),
        },
        Ok(told) => {
            let said = String::from_utf8_lossy(&told.stderr).into_owned();
            // What the library says of open files is not about the group.
            let lines = said.lines().map(str::trim);
            let lines =
                lines.filter(|line| !line.is_empty() && !line.starts_with("File descriptor"));
            printable(&lines.collect::<Vec<_>>().join("; ")).into_owned()
        }
        Err(error) => error.to_string(),
    };
    let backup = PathBuf::from(BACKUPS).join(name);
    match input::read_pool(&backup) {
        Ok(text) => {
            output::note(&format!(
                "there is no file {name}, and `lvm fullreport` fails ({asked}): {} was read, which is the group as \
                 of its last change",
                backup.display()
            ));
            Ok(text)
        }
        Err(error) => bail!(
            "there is no file {name}; asked for a volume group of that name, `lvm fullreport` fails ({asked}), and \
             there is no backup of it ({error:#})"
        ),
    }
}
