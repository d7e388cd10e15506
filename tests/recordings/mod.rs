//! Recorded runs of the real LVM2, in `tests/lvm2/recordings`; what is not there fails the test.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// A recording, compressed as it is.
#[track_caller]
pub fn open(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lvm2/recordings")
        .join(name);
    File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a recording: a scenario with its result each.
#[track_caller]
pub fn lines(name: &str) -> impl Iterator<Item = String> {
    let lines = BufReader::new(MultiGzDecoder::new(open(name))).lines();
    lines.map(|line| line.expect("text"))
}
