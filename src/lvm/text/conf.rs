//! The settings of a text in the grammar of `lvm.conf`, whole or a part of one.

use serde_json::Value as Json;

use crate::lvm::text::error::TextError;
use crate::lvm::text::grammar::{self, Content, Section, Value, ValueKind};

/// The settings of a text as `section/name` with their values, in order; the last of a name counts.
///
/// # Errors
/// The first place that does not follow the grammar.
pub(crate) fn settings(text: &str) -> Result<Vec<(String, Json)>, TextError> {
    let text = text.trim_start_matches('\u{feff}');
    let file = grammar::file(text).map_err(|fault| TextError::new(text, fault))?;
    let mut settings = Vec::new();
    collect(&file, "", &mut settings);
    Ok(settings)
}

fn collect(section: &Section<'_>, path: &str, settings: &mut Vec<(String, Json)>) {
    for entry in &section.entries {
        let name = format!("{path}{}", entry.key);
        match &entry.content {
            Content::Section(inner) => collect(inner, &format!("{name}/"), settings),
            Content::Value(value) => settings.push((name, json(value))),
        }
    }
}

fn json(value: &Value<'_>) -> Json {
    match &value.kind {
        ValueKind::Integer(number) => Json::from(*number),
        ValueKind::Decimal(text) => Json::from(*text),
        ValueKind::Text(text) => Json::from(text.as_ref()),
        ValueKind::List(values) => values.iter().map(json).collect(),
    }
}
