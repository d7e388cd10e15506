//! Files and standard input as text, with errors that name the file.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::output::Lines;
use crate::core::printable;
use crate::json;

/// Most bytes of one input: metadata of the largest volume groups has some tens of MiB.
const MOST_BYTES: u64 = 1 << 30;

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// If it cannot be read, is larger than 1 GiB or is not UTF-8; each names the file.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    text(read_unpacked(path)?, path)
}

fn text(bytes: Vec<u8>, path: &Path) -> anyhow::Result<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(problem) => {
            let at = problem.utf8_error().valid_up_to();
            bail!(
                "{}: byte {at} is not UTF-8 text; expected LVM2 metadata, a JSON report or a problem",
                name(path)
            )
        }
    }
}

/// As [`read_text`], but takes a text with some bytes that are not UTF-8 where `may_be_other` agrees:
/// LVM2 metadata may have comments and descriptions in another encoding, its names are ASCII.
pub(crate) fn read_lenient(
    path: &Path,
    may_be_other: impl Fn(&str) -> bool,
) -> anyhow::Result<String> {
    let bytes = match String::from_utf8(read_unpacked(path)?) {
        Ok(text) => return Ok(text),
        Err(problem) => problem.into_bytes(),
    };
    let lossy = String::from_utf8_lossy(&bytes);
    if may_be_other(&lossy) {
        Ok(lossy.into_owned())
    } else {
        text(bytes, path)
    }
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
    read.with_context(|| format!("cannot read {}", name(path)))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{} is larger than 1 GiB", name(path));
    }
    Ok(bytes)
}

/// Reads a file, or standard input for `-`, as bytes; what gzip compressed is unpacked.
///
/// # Errors
/// As [`read_bytes`], also of what is unpacked.
fn read_unpacked(path: &Path) -> anyhow::Result<Vec<u8>> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let bytes = read_bytes(path)?;
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let packed = flate2::read::MultiGzDecoder::new(bytes.as_slice());
    let read = packed.take(MOST_BYTES + 1).read_to_end(&mut unpacked);
    read.with_context(|| format!("cannot unpack {}", name(path)))?;
    if unpacked.len() as u64 > MOST_BYTES {
        bail!("{} is larger than 1 GiB when unpacked", name(path));
    }
    Ok(unpacked)
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
    let name = name(path);
    let lines = error.lines().into_iter();
    Lines(lines.map(|line| format!("{name}: {line}")).collect()).into()
}

/// The file as messages name it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_string()
    } else {
        printable(&path.display().to_string()).into_owned()
    }
}
