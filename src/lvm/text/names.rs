//! Where in a metadata text a name stands. Only errors pay for it.

use crate::lvm::text::error::Span;
use crate::lvm::text::grammar::{Content, Section, Value, ValueKind};

/// The first key or string that is the name.
pub(crate) fn span_of(section: &Section, name: &str) -> Option<Span> {
    section.entries.iter().find_map(|entry| {
        if entry.key == name {
            return Some(entry.key_span.clone());
        }
        match &entry.content {
            Content::Section(inner) => span_of(inner, name),
            Content::Value(value) => in_value(value, name),
        }
    })
}

fn in_value(value: &Value, name: &str) -> Option<Span> {
    match &value.kind {
        ValueKind::Text(text) => (text == name).then(|| value.span.clone()),
        ValueKind::List(items) => items.iter().find_map(|item| in_value(item, name)),
        ValueKind::Integer(_) | ValueKind::Decimal(_) => None,
    }
}
