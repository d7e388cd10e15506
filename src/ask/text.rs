//! Bytes of a file as text: unpacked where they were packed.

use std::io::Read;

use crate::ask::fault::{Result, fault};
use crate::ask::unpack::unpacking;
use crate::lvm;

/// Most bytes of one input: metadata of the largest volume groups has some tens of MiB.
pub(crate) const MOST_BYTES: u64 = 1 << 30;

/// The text of bytes that `name` has in messages, without a byte order mark; what gzip or zstd packed is unpacked.
///
/// # Errors
/// If they are more than 1 GiB, cannot be unpacked or are not UTF-8.
pub fn text(bytes: Vec<u8>, name: &str) -> Result<String> {
    let mut text = strict(unpacked(bytes, name)?, name, "text")?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// The text of a pool: as [`text`], but LVM2 metadata may have some bytes that are not UTF-8, as its comments and
/// descriptions may be in another encoding; its names are ASCII.
///
/// # Errors
/// As [`text`].
pub fn pool_text(bytes: Vec<u8>, name: &str) -> Result<String> {
    let bytes = match String::from_utf8(unpacked(bytes, name)?) {
        Ok(text) => return Ok(text),
        Err(problem) => problem.into_bytes(),
    };
    let lossy = String::from_utf8_lossy(&bytes);
    if lvm::looks_like_metadata(&lossy) {
        Ok(lossy.into_owned())
    } else {
        strict(bytes, name, "LVM2 metadata, a JSON report or a problem")
    }
}

fn strict(bytes: Vec<u8>, name: &str, expected: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|problem| {
        let at = problem.utf8_error().valid_up_to();
        let bytes = problem.as_bytes();
        let mut kinds = UNREAD.iter();
        match kinds.find(|(start, ..)| bytes.starts_with(start)) {
            Some((_, what, remedy)) => fault!("{name}: {what}; expected {expected} ({remedy})"),
            None => fault!("{name}: byte {at} is not UTF-8; expected {expected}"),
        }
    })
}

/// How files begin that are not read, what they are, and what helps.
const UNREAD: [(&[u8], &str, &str); 6] = [
    (
        b"\xff\xfe",
        "UTF-16 text",
        "`iconv -f utf-16 -t utf-8` makes UTF-8 of it",
    ),
    (
        b"\xfe\xff",
        "UTF-16 text",
        "`iconv -f utf-16 -t utf-8` makes UTF-8 of it",
    ),
    (
        b"\xfd7zXZ",
        "packed by xz",
        "`unxz` unpacks it; gzip and zstd are read as they are",
    ),
    (
        b"BZh",
        "packed by bzip2",
        "`bunzip2` unpacks it; gzip and zstd are read as they are",
    ),
    (
        b"PK\x03\x04",
        "packed by zip",
        "`unzip` unpacks it; gzip and zstd are read as they are",
    ),
    (b"\x7fELF", "a program", "a report or metadata is text"),
];

fn unpacked(bytes: Vec<u8>, name: &str) -> Result<Vec<u8>> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(fault!("{name} is larger than 1 GiB"));
    }
    let mut unpacked = Vec::new();
    let read = unpacking(bytes.as_slice())
        .and_then(|packed| packed.take(MOST_BYTES + 1).read_to_end(&mut unpacked));
    read.map_err(|error| fault!("cannot unpack {name}: {error}"))?;
    if unpacked.len() as u64 > MOST_BYTES {
        return Err(fault!("{name} is larger than 1 GiB when unpacked"));
    }
    Ok(unpacked)
}
