//! The rows of a report: the JSON taken out of whatever text surrounds it, fields as strings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::lvm::report::ReportError;

/// One row of a report.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Which element of a `report` list it stands in, counted through the whole text.
    pub(crate) element: usize,
    /// Whether that element has a list of volume groups, as those of `fullreport` do.
    pub(crate) is_of_fullreport: bool,
    /// By name; all rows share the names, of which there are few.
    fields: Vec<(Arc<str>, Box<str>)>,
}

impl Row {
    /// A field, which may be empty.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        let at = self
            .fields
            .binary_search_by(|(name, _)| (**name).cmp(field));
        at.ok().map(|at| self.fields[at].1.trim())
    }

    /// A field that is there and not empty.
    pub(crate) fn filled(&self, field: &str) -> Option<&str> {
        self.get(field).filter(|value| !value.is_empty())
    }
}

/// Whether the first key of the JSON in a text is one that LVM2's reports begin with.
pub(crate) fn sets_out(text: &str) -> bool {
    let json = without_messages(text);
    let inside = json.trim_start().strip_prefix('{').map(str::trim_start);
    let is_first = |key: &str| {
        let rest = inside.and_then(|inside| inside.strip_prefix(key));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    is_first("\"report\"") || is_first("\"log\"")
}

/// All rows of all reports in a text.
///
/// Only one row at a time is more than its text: a report has many times the room of what is read of it.
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, ReportError> {
    let json = without_messages(text);
    let mut rows = Vec::new();
    let mut names = BTreeSet::new();
    let mut elements = 0;
    for document in serde_json::Deserializer::from_str(&json).into_iter::<&RawValue>() {
        let document = document.map_err(|error| ReportError::NotJson {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        let document = object(document, "the report")?;
        let report = document.get("report").ok_or(ReportError::NotAReport {
            found: "an object without `report`".to_string(),
        })?;
        for element in list(report, "`report`")? {
            let lists = object(element, "an element of `report`")?;
            let is_of_fullreport = lists.contains_key("vg") && lists.len() > 1;
            for (category, rows_of_it) in &lists {
                for row in list(rows_of_it, &format!("`{category}`"))? {
                    let fields: BTreeMap<String, Value> =
                        serde_json::from_str(row.get()).map_err(|_| not_a_report("a row", row))?;
                    rows.push(Row {
                        element: elements,
                        is_of_fullreport,
                        fields: shared(fields, &mut names),
                    });
                }
            }
            elements += 1;
        }
    }
    if elements == 0 {
        return Err(ReportError::NotAReport {
            found: "no report".to_string(),
        });
    }
    Ok(rows)
}

/// The text with each line that cannot be one of JSON emptied: messages on standard error that a shell
/// mixed in. Lines keep their numbers.
fn without_messages(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_message = |line: &str| {
        let line = line.trim_start();
        let is_word = line.starts_with(|letter: char| letter.is_alphabetic());
        is_word
            && !["true", "false", "null"]
                .iter()
                .any(|word| line.starts_with(word))
    };
    text.split_inclusive('\n')
        .map(|line| if is_message(line) { "\n" } else { line })
        .collect()
}

fn object<'t>(
    value: &'t RawValue,
    what: &str,
) -> Result<BTreeMap<String, &'t RawValue>, ReportError> {
    serde_json::from_str(value.get()).map_err(|_| not_a_report(what, value))
}

fn list<'t>(value: &'t RawValue, what: &str) -> Result<Vec<&'t RawValue>, ReportError> {
    serde_json::from_str(value.get()).map_err(|_| not_a_report(what, value))
}

/// Something that is JSON, and of another kind than it should be.
fn not_a_report(what: &str, value: &RawValue) -> ReportError {
    let kind = match value.get().chars().next() {
        Some('n') => "null",
        Some('t' | 'f') => "true or false",
        Some('"') => "a string",
        Some('[') => "a list",
        Some('{') => "an object",
        Some(_) | None => "a number",
    };
    ReportError::NotAReport {
        found: format!("{kind} as {what}"),
    }
}

/// The fields as the format `json` writes them; `json_std` has numbers, lists and null as such.
fn shared(
    fields: BTreeMap<String, Value>,
    names: &mut BTreeSet<Arc<str>>,
) -> Vec<(Arc<str>, Box<str>)> {
    let one = |(name, value): (String, Value)| {
        let name = match names.get(name.as_str()) {
            Some(name) => Arc::clone(name),
            None => {
                let name: Arc<str> = name.into();
                names.insert(Arc::clone(&name));
                name
            }
        };
        (name, flat(&value).into_boxed_str())
    };
    fields.into_iter().map(one).collect()
}

fn flat(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(false) | Value::Object(_) => String::new(),
        Value::Bool(true) => "1".to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => string.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flat).collect();
            items.join(",")
        }
    }
}
