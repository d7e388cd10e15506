//! The rows of a report: the JSON taken out of whatever text surrounds it, fields as strings.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::lvm::report::ReportError;

/// One row of a report.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Which element of a `report` list it stands in, counted through the whole text.
    pub(crate) element: usize,
    /// Whether that element has a list of volume groups, as those of `fullreport` do.
    pub(crate) is_of_fullreport: bool,
    fields: BTreeMap<String, String>,
}

impl Row {
    /// A field, which may be empty.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(|value| value.trim())
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
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, ReportError> {
    let json = without_messages(text);
    let mut rows = Vec::new();
    let mut elements = 0;
    for document in serde_json::Deserializer::from_str(&json).into_iter::<Value>() {
        let document = document.map_err(|error| ReportError::NotJson {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        for element in report(&document)? {
            let lists = object(element, "an element of `report`")?;
            for (category, list) in lists {
                let Value::Array(list) = list else {
                    return Err(not_a_report(&format!("`{category}`"), list));
                };
                for row in list {
                    rows.push(Row {
                        element: elements,
                        is_of_fullreport: lists.contains_key("vg") && lists.len() > 1,
                        fields: fields(object(row, "a row")?),
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

fn report(document: &Value) -> Result<&[Value], ReportError> {
    match object(document, "the report")?.get("report") {
        Some(Value::Array(elements)) => Ok(elements),
        Some(other) => Err(not_a_report("`report`", other)),
        None => Err(ReportError::NotAReport {
            found: "an object without `report`".to_string(),
        }),
    }
}

fn object<'v>(value: &'v Value, what: &str) -> Result<&'v Map<String, Value>, ReportError> {
    value.as_object().ok_or_else(|| not_a_report(what, value))
}

fn not_a_report(what: &str, value: &Value) -> ReportError {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    ReportError::NotAReport {
        found: format!("{kind} as {what}"),
    }
}

/// The fields as the format `json` writes them; `json_std` has numbers, lists and null as such.
fn fields(row: &Map<String, Value>) -> BTreeMap<String, String> {
    let fields = row.iter();
    fields
        .map(|(field, value)| (field.clone(), flat(value)))
        .collect()
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
