//! The rows of a report: the JSON taken out of whatever text surrounds it, fields as strings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::lvm::report::ReportError;
use crate::lvm::report::fields::{self, Field, Kept};

/// One row of a report, which it borrows from: a report of a large group has millions of fields.
#[derive(Clone, Debug)]
pub(crate) struct Row<'t> {
    /// Which element of a `report` list it stands in, counted through the whole text.
    pub(crate) element: usize,
    /// Whether that element has a list of volume groups, as those of `fullreport` do.
    pub(crate) is_of_fullreport: bool,
    /// The fields that anyone asks for.
    fields: Vec<Field<'t>>,
}

impl<'t> Row<'t> {
    /// A row of a table, the tables of a text counted from 0.
    pub(crate) fn of_table(table: usize, fields: Vec<Field<'t>>) -> Row<'t> {
        Row {
            element: table,
            is_of_fullreport: false,
            fields,
        }
    }

    /// A field, which may be empty.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        let number = fields::number_of(field)?;
        let mut fields = self.fields.iter();
        let found = fields.find(|field| field.number() == number)?;
        Some(found.text())
    }

    /// A field that is there and not empty.
    pub(crate) fn filled(&self, field: &str) -> Option<&str> {
        self.get(field).filter(|value| !value.is_empty())
    }
}

/// Whether the first key of the JSON in a text is one that LVM2's reports begin with.
pub(crate) fn sets_out(text: &str) -> bool {
    /// Enough for the brace, the longest of these keys and the colon.
    const ENOUGH: usize = 16;
    let mut start = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        if !is_message(line) {
            start.extend(line.split_whitespace().flat_map(str::chars).take(ENOUGH));
        }
        if start.len() >= ENOUGH {
            break;
        }
    }
    let inside = start.strip_prefix('{');
    let is_first = |key: &str| {
        let rest = inside.and_then(|inside| inside.strip_prefix(key));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    is_first("\"report\"") || is_first("\"log\"")
}

/// All rows of all reports in a text.
///
/// `json` is [without messages](without_messages).
pub(crate) fn rows(json: &str) -> Result<Vec<Row<'_>>, ReportError> {
    let mut rows = Vec::new();
    let mut elements = 0;
    for document in serde_json::Deserializer::from_str(json).into_iter::<&RawValue>() {
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
                    let kept: Kept<'_> =
                        serde_json::from_str(row.get()).map_err(|_| not_a_report("a row", row))?;
                    rows.push(Row {
                        element: elements,
                        is_of_fullreport,
                        fields: kept.0,
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
pub(crate) fn without_messages(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.lines().any(is_message) {
        return Cow::Borrowed(text);
    }
    text.split_inclusive('\n')
        .map(|line| if is_message(line) { "\n" } else { line })
        .collect::<String>()
        .into()
}

fn is_message(line: &str) -> bool {
    let line = line.trim_start();
    let is_word = line.starts_with(|letter: char| letter.is_alphabetic());
    is_word
        && !["true", "false", "null"]
            .iter()
            .any(|word| line.starts_with(word))
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
