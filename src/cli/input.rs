//! Files and standard input as text, with errors that name the file.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};

use crate::ask::{self, Fault};
use crate::core::printable;
use crate::json;
use crate::lvm::Program;

/// Most bytes of one input: metadata of the largest volume groups has some tens of MiB.
const MOST_BYTES: u64 = 1 << 30;

/// The files that were read, by their full names.
static READ: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether a file is one of those that were read, which nothing may be written over.
pub(crate) fn was_read(path: &Path) -> bool {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    std::fs::canonicalize(path).is_ok_and(|path| read.contains(&path))
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// If it cannot be read, is larger than 1 GiB or is not UTF-8; each names the file.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    Ok(ask::text(read_bytes(path)?, &name(path))?)
}

/// As [`read_text`], but takes LVM2 metadata with some bytes that are not UTF-8.
pub(crate) fn read_pool(path: &Path) -> anyhow::Result<String> {
    Ok(ask::pool_text(read_bytes(path)?, &name(path))?)
}

/// Reads a file, or standard input for `-`, as bytes.
///
/// # Errors
/// If it cannot be read or is larger than 1 GiB; both name the file.
pub(crate) fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| {
        let cannot = format!("cannot read {}", name(path));
        match Program::from_word(&name(path)) {
            Some(command) => format!("{}; {cannot}", not_divided(command.name())),
            None => cannot,
        }
    })?;
    if let Ok(path) = std::fs::canonicalize(path) {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.push(path);
    }
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{} is larger than 1 GiB", name(path));
    }
    Ok(bytes)
}

/// That a command of LVM2 stands where a file would.
pub(crate) fn not_divided(command: &str) -> String {
    format!("{command} is a request: put `--` in front of it, as in `... POOL -- {command} ...`")
}

/// The first bytes of a file, at most `count`.
///
/// # Errors
/// If it cannot be read; names the file.
pub(crate) fn read_start(path: &Path, count: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(count).read_to_end(&mut bytes));
    read.with_context(|| format!("cannot read {}", name(path)))?;
    Ok(bytes)
}

/// What is wrong with a JSON file, a line for each fault with the name of the file in front.
pub(crate) fn wrong(path: &Path, error: &json::ReadError) -> anyhow::Error {
    Fault::json(&name(path), error).into()
}

/// The file as messages name it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_string()
    } else {
        printable(&path.display().to_string()).into_owned()
    }
}
