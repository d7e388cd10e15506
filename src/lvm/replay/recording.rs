//! The recordings of the oracle: scenarios with what the real LVM2 did, one JSON object a line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;

/// Most bytes of one line; a scenario with its result takes some kilobytes.
const MAX_LINE_BYTES: u64 = 1 << 28;

/// A recording that cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file cannot be read, or is no valid gzip.
    #[error("line {line}: cannot read on: {error}")]
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// Why.
        error: std::io::Error,
    },
    /// A line that is not what the oracle writes.
    #[error(
        "line {line}: found {error}; expected {{\"scenario\": .., \"result\": ..}} as the oracle \
         writes it with --with-input"
    )]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
    /// A line that is longer than any scenario.
    #[error("line {line}: longer than {MAX_LINE_BYTES} bytes")]
    TooLong {
        /// Counted from 1.
        line: usize,
    },
    /// Nothing in it.
    #[error("the recording is empty; expected one JSON object a line")]
    Empty,
}

/// One line: a scenario and its result.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// What was asked.
    pub scenario: Scenario,
    /// What came of it.
    pub result: Outcome,
}

/// A volume group and commands on it.
#[derive(Clone, Debug, Deserialize)]
pub struct Scenario {
    /// Its name.
    #[serde(default)]
    pub id: Value,
    /// Size of an extent.
    #[serde(default = "default_extent_size")]
    pub extent_size_kib: u32,
    /// The physical volumes, in order.
    pub pvs: Vec<RecordedVolume>,
    /// Tags of the group.
    #[serde(default)]
    pub vg_tags: Vec<String>,
    /// Policy of the group.
    #[serde(default)]
    pub vg_alloc: Option<String>,
    /// Settings, as `section/name`.
    #[serde(default)]
    pub config: Option<BTreeMap<String, Value>>,
    /// Whether volumes are active between the steps.
    #[serde(default)]
    pub active: bool,
    /// The commands.
    #[serde(default)]
    pub steps: Vec<RecordedStep>,
}

fn default_extent_size() -> u32 {
    4096
}

/// A physical volume.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedVolume {
    /// Its name, without `/dev/`.
    pub name: String,
    /// Its extents.
    pub extents: u32,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it may be allocated from.
    #[serde(default = "yes")]
    pub allocatable: bool,
    /// Start and length of what is in use beforehand.
    #[serde(default)]
    pub used: Option<Vec<(u32, u32)>>,
}

/// A count of extents or the like, which LVM2 holds in 32 bits.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    u32::deserialize(deserializer).map(u64::from)
}

fn yes() -> bool {
    true
}

/// A command.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedStep {
    /// Its name.
    pub cmd: String,
    /// Its options, and the logical volume it is about.
    #[serde(default)]
    pub args: Vec<String>,
    /// Its physical volumes.
    #[serde(default)]
    pub pvs: Option<Vec<String>>,
    /// The logical volume without which the step is left out.
    #[serde(default)]
    pub if_exists: Option<String>,
    /// Whether the arguments are passed on as they are.
    #[serde(default)]
    pub raw: bool,
}

/// What came of a scenario.
#[derive(Clone, Debug, Deserialize)]
pub struct Outcome {
    /// One for each step, fewer if the scenario ended early.
    #[serde(default)]
    pub steps: Vec<StepOutcome>,
}

/// What came of a command.
#[derive(Clone, Debug, Deserialize)]
pub struct StepOutcome {
    /// It was not run.
    #[serde(default)]
    pub skipped: bool,
    /// It succeeded.
    #[serde(default)]
    pub ok: bool,
    /// What it said on standard error.
    #[serde(default)]
    pub stderr: String,
    /// The layout afterwards; left out where nothing changed.
    #[serde(default)]
    pub layout: Option<RecordedLayout>,
}

/// Where everything lies.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct RecordedLayout {
    /// Logical volumes by name.
    pub lvs: BTreeMap<String, RecordedLogicalVolume>,
    /// Start and length of the free areas, by physical volume.
    pub free: BTreeMap<String, Vec<(u64, u64)>>,
}

/// A logical volume.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct RecordedLogicalVolume {
    /// Status words.
    #[serde(default)]
    pub status: Vec<String>,
    /// Words of its flags, which older versions do not know.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its policy, where it does not inherit.
    #[serde(default)]
    pub allocation_policy: Option<String>,
    /// Its segments.
    pub segments: Vec<RecordedSegment>,
}

/// A segment. Keys that are not named here come in `more`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct RecordedSegment {
    /// Its type.
    pub segtype: String,
    /// Its first logical extent.
    #[serde(deserialize_with = "count")]
    pub le_start: u64,
    /// Its logical extents.
    #[serde(deserialize_with = "count")]
    pub len: u64,
    /// Its parts on physical volumes.
    #[serde(default)]
    pub stripes: Vec<RecordedStripe>,
    /// Its parts on logical volumes: names, or pairs of name and first extent.
    #[serde(default)]
    pub subs: Vec<Value>,
    /// Numbers, such as `region_size`.
    #[serde(default)]
    pub attrs: BTreeMap<String, Value>,
    /// Names of other volumes, such as `mirror_log`.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// A part on a physical volume.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct RecordedStripe {
    /// Which.
    pub pv: String,
    /// First extent.
    #[serde(deserialize_with = "count")]
    pub pe_start: u64,
    /// How many.
    #[serde(deserialize_with = "count")]
    pub len: u64,
}

/// The lines of a recording, plain or compressed by gzip.
///
/// # Errors
/// [`RecordingError`], as the first line that cannot be read is met.
pub fn read_recording(
    file: impl Read + 'static,
) -> Result<impl Iterator<Item = Result<Record, RecordingError>>, RecordingError> {
    let mut file = BufReader::new(file);
    let unreadable = |error| RecordingError::Unreadable { line: 1, error };
    let is_gzip = file
        .fill_buf()
        .map_err(unreadable)?
        .starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn BufRead> = if is_gzip {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    Ok(Lines {
        plain,
        line: 0,
        is_over: false,
    })
}

struct Lines {
    plain: Box<dyn BufRead>,
    line: usize,
    is_over: bool,
}

impl Iterator for Lines {
    type Item = Result<Record, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            self.line += 1;
            let line = self.line;
            let mut text = Vec::new();
            let mut limited = (&mut self.plain).take(MAX_LINE_BYTES);
            match limited.read_until(b'\n', &mut text) {
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(RecordingError::Unreadable { line, error }));
                }
                Ok(0) => return None,
                Ok(_) if text.len() as u64 == MAX_LINE_BYTES => {
                    self.is_over = true;
                    return Some(Err(RecordingError::TooLong { line }));
                }
                Ok(_) if text.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let record = serde_json::from_slice(&text);
                    self.is_over = record.is_err();
                    return Some(record.map_err(|error| RecordingError::Malformed { line, error }));
                }
            }
        }
        None
    }
}
