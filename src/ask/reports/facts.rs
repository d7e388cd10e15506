//! What a report says of itself and of what it is about.

use crate::lvm::VolumeGroup;
use crate::show::{self, Finding, Report, Tone};

/// When a report is made, as far as that is to be said.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The day, such as `2026-01-31`.
    pub on: Option<String>,
}

/// What a report is about: the group, if it is one, the day and the version.
pub(crate) fn facts(
    group: Option<&VolumeGroup>,
    extent_bytes: Option<u64>,
    made: &Made,
) -> Vec<(String, String)> {
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(group) = group {
        facts.push(("Volume group", group.name.clone()));
        if group.seqno > 0 {
            facts.push(("Metadata", format!("seqno {}", group.seqno)));
        }
        facts.push(("Policy", group.policy.name().to_string()));
        if !group.tags.is_empty() {
            let tags: Vec<String> = group.tags.iter().map(|tag| format!("@{tag}")).collect();
            facts.push(("Tags", tags.join(" ")));
        }
    }
    if let Some(size) = extent_bytes {
        facts.push(("Extent", show::bytes(1, size)));
    }
    if let Some(on) = &made.on {
        facts.push(("Date", on.clone()));
    }
    facts.push((
        "Made by",
        concat!("extentplan ", env!("CARGO_PKG_VERSION")).to_string(),
    ));
    facts
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

/// What is shown of a run that ended before its answer.
#[must_use]
pub fn unanswered(words: &str, made: &Made) -> Report {
    Report {
        title: "No answer yet".to_string(),
        facts: facts(None, None, made),
        findings: vec![finding(Tone::Open, one_line(words))],
        text: words.to_string(),
        ..Report::default()
    }
}

/// A text of several lines in one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An answer without reasons.
pub(crate) fn finding(tone: Tone, words: String) -> Finding {
    Finding {
        tone,
        words,
        reasons: Vec::new(),
    }
}

/// ` in vg0`, where that is known.
pub(crate) fn within(group: Option<&VolumeGroup>) -> String {
    group.map_or(String::new(), |group| format!(" in {}", group.name))
}
