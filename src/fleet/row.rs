//! The answer of one pool as a row: for people, as JSON, and as CSV.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::ask::{Fault, Outcome, Short};
use crate::core::printable;
use crate::fleet::mirror::Candidate;
use crate::json;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// For people: columns.
    Text,
    /// A JSON object a line.
    JsonLines,
    /// A table with a head.
    Csv,
}

/// The answer of one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The host.
    pub host: String,
    /// The volume group.
    pub group: Option<String>,
    /// The answer in a word; `None` where there is an error.
    pub answer: Option<&'static str>,
    /// What it means to the exit code.
    pub outcome: Outcome,
    /// What the answer comes to, by name.
    pub value: BTreeMap<&'static str, u64>,
    /// What is proven of that.
    pub bound: BTreeMap<&'static str, u64>,
    /// The commands that build a plan.
    pub commands: Vec<String>,
    /// Extents of the pool.
    pub extents: Option<u64>,
    /// Of these, those that are free.
    pub free_extents: Option<u64>,
    /// Bytes of an extent.
    pub extent_bytes: Option<u64>,
    /// Why there is no answer.
    pub error: Option<String>,
    /// The file of an error.
    pub place: Option<String>,
    /// The line of an error.
    pub line: Option<u64>,
    /// The column of an error.
    pub column: Option<u64>,
    /// How long it took; not written where it is not wanted.
    pub took: Option<Duration>,
    /// The pool, where it may be the one that has room for the largest mirror; not written.
    pub(crate) mirror: Option<Box<Candidate>>,
}

/// A row as a line of JSON.
#[derive(Serialize, JsonSchema)]
struct RawRow<'a> {
    /// The host.
    host: &'a str,
    /// The volume group.
    #[serde(skip_serializing_if = "Option::is_none")]
    vg: Option<&'a str>,
    /// The answer in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'static str>,
    /// What the answer comes to: a cost, a size, counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    value: &'a BTreeMap<&'static str, u64>,
    /// What is proven of that: no plan costs less, no size is larger.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    bound: &'a BTreeMap<&'static str, u64>,
    /// The commands that build the plan.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    commands: &'a [String],
    /// Extents of the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    extents: Option<u64>,
    /// Of these, those that are free.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_extents: Option<u64>,
    /// Bytes of an extent.
    #[serde(skip_serializing_if = "Option::is_none")]
    extent_bytes: Option<u64>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// The file of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// The line of the error: of a fleet with a pool on each, or of the metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The column of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Number>")]
    seconds: Option<Box<RawValue>>,
}

/// The JSON Schema of a row.
#[must_use]
pub fn row_schema() -> String {
    json::written_schema_text::<RawRow<'_>>("extentplan/fleet-row/1")
}

/// The head of a table.
const COLUMNS: [&str; 12] = [
    "host",
    "vg",
    "answer",
    "value",
    "bound",
    "extents",
    "free_extents",
    "extent_bytes",
    "error",
    "line",
    "column",
    "seconds",
];

impl Row {
    /// The row of an answer.
    #[must_use]
    pub fn of_short(host: &str, short: Short) -> Row {
        let Short {
            answer,
            outcome,
            value,
            bound,
            commands,
        } = short;
        Row {
            answer: Some(answer),
            outcome,
            value,
            bound,
            commands,
            ..Row::empty(host)
        }
    }

    /// The row of what cannot be asked.
    #[must_use]
    pub fn of_fault(host: &str, fault: &Fault) -> Row {
        Row {
            error: Some(fault.in_one_line()),
            line: fault.line.map(|line| line as u64),
            column: fault.column.map(|column| column as u64),
            ..Row::empty(host)
        }
    }

    fn empty(host: &str) -> Row {
        Row {
            host: host.to_string(),
            group: None,
            answer: None,
            outcome: Outcome::LimitRanOut,
            value: BTreeMap::new(),
            bound: BTreeMap::new(),
            commands: Vec::new(),
            extents: None,
            free_extents: None,
            extent_bytes: None,
            error: None,
            place: None,
            line: None,
            column: None,
            took: None,
            mirror: None,
        }
    }

    /// How full the pool is, in thousandths; `None` where it has nothing, or that is not known.
    #[must_use]
    pub fn fill(&self) -> Option<u64> {
        let (all, free) = (self.extents?, self.free_extents?);
        let free = u128::from(free) * 1_000;
        let free = u64::try_from(free.checked_div(u128::from(all))?).ok()?;
        Some(1_000_u64.saturating_sub(free))
    }

    /// The tenth of its fill: 0 below 10 %, and 9 from 90 %.
    #[must_use]
    pub(crate) fn tenth(&self) -> Option<usize> {
        let (all, free) = (u128::from(self.extents?), u128::from(self.free_extents?));
        let tenth = (all.saturating_sub(free) * 10).checked_div(all)?;
        usize::try_from(tenth.min(9)).ok()
    }

    /// The row in a line, or, in text, several.
    #[must_use]
    pub fn written(&self, format: RowFormat) -> String {
        match format {
            RowFormat::Text => self.text(),
            RowFormat::JsonLines => self.json(),
            RowFormat::Csv => self.csv(),
        }
    }

    /// What stands in front of all rows.
    #[must_use]
    pub fn head(format: RowFormat) -> String {
        match format {
            RowFormat::Text | RowFormat::JsonLines => String::new(),
            RowFormat::Csv => COLUMNS.join(",") + "\n",
        }
    }

    fn json(&self) -> String {
        let raw = RawRow {
            host: &self.host,
            vg: self.group.as_deref(),
            answer: self.answer,
            value: &self.value,
            bound: &self.bound,
            commands: &self.commands,
            extents: self.extents,
            free_extents: self.free_extents,
            extent_bytes: self.extent_bytes,
            error: self.error.as_deref(),
            file: self.place.as_deref().filter(|_| self.error.is_some()),
            line: self.line,
            column: self.column,
            seconds: self.took.map(|took| {
                RawValue::from_string(seconds(took)).expect("digits with a point are a number")
            }),
        };
        serde_json::to_string(&raw).expect("keys are texts") + "\n"
    }

    fn csv(&self) -> String {
        let number =
            |number: Option<u64>| number.map_or(String::new(), |number| number.to_string());
        // Tables are looked at on terminals, too.
        let word = |word: &str| printable(word).into_owned();
        let fields = [
            word(&self.host),
            word(self.group.as_deref().unwrap_or_default()),
            self.answer.unwrap_or_default().to_string(),
            numbers(&self.value),
            numbers(&self.bound),
            number(self.extents),
            number(self.free_extents),
            number(self.extent_bytes),
            word(self.error.as_deref().unwrap_or_default()),
            number(self.line),
            number(self.column),
            self.took.map_or(String::new(), seconds),
        ];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&fields).expect("memory takes it");
        let bytes = writer.into_inner().expect("memory takes it");
        String::from_utf8(bytes).expect("made of texts")
    }

    fn text(&self) -> String {
        let host = printable(&self.host);
        let group = printable(self.group.as_deref().unwrap_or("-")).into_owned();
        let mut line = format!("{host:<16} {group:<8} ");
        match (&self.error, self.answer) {
            (Some(error), _) => line.push_str(&format!("error: {}", printable(error))),
            (None, answer) => {
                line.push_str(&format!("{:<10}", answer.unwrap_or_default()));
                if !self.value.is_empty() {
                    line.push_str(&format!(" {}", numbers(&self.value)));
                }
                if !self.bound.is_empty() && self.bound != self.value {
                    line.push_str(&format!(" bound {}", numbers(&self.bound)));
                }
            }
        }
        if let Some(took) = self.took {
            line.push_str(&format!(" {} s", seconds(took)));
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        for command in &self.commands {
            line.push_str(&format!("    {command}\n"));
        }
        line
    }
}

/// `name=number`, one behind the other.
pub(crate) fn numbers(numbers: &BTreeMap<&'static str, u64>) -> String {
    let words = numbers
        .iter()
        .map(|(name, number)| format!("{name}={number}"));
    words.collect::<Vec<_>>().join(" ")
}

fn seconds(took: Duration) -> String {
    format!("{}.{:06}", took.as_secs(), took.subsec_micros())
}

impl FromStr for RowFormat {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and those expected.
    fn from_str(word: &str) -> Result<RowFormat, String> {
        match word {
            "text" => Ok(RowFormat::Text),
            "jsonl" => Ok(RowFormat::JsonLines),
            "csv" => Ok(RowFormat::Csv),
            _ => Err(format!(
                "unknown format `{word}`; expected one of text, jsonl, csv"
            )),
        }
    }
}
