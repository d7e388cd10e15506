//! An audit as a report.

use std::collections::BTreeMap;

use crate::ask::audit::{details, kind, ordered, sentence, volumes};
use crate::ask::reports::facts::{Made, facts, finding};
use crate::ask::reports::pool::who_holds_what;
use crate::lvm::{Audit, Finding as Fault, Severity, VolumeGroup};
use crate::show::{self, BarRow, Bars, Figure, Finding, Report, Section, Table, Tone};

/// Most findings that stand out; all are in the table.
const MOST_FINDINGS: usize = 12;

/// What is unsafe or poor in a group, as a report; `text` is the same for a terminal.
#[must_use]
pub fn audit_report(group: &VolumeGroup, audit: &Audit, text: String, made: &Made) -> Report {
    let bytes = Some(group.extent_bytes());
    let (faults, bounded) = ordered(audit);
    let mut findings: Vec<Finding> = faults
        .iter()
        .take(MOST_FINDINGS)
        .map(|fault| of_fault(fault, bytes))
        .collect();
    if faults.is_empty() {
        findings.push(finding(
            Tone::Good,
            "nothing unsafe or poor was found".to_string(),
        ));
    }
    if faults.len() > findings.len() {
        let more = faults.len() - findings.len();
        findings.push(finding(
            Tone::Open,
            format!("{more} more findings are in the table"),
        ));
    }
    let mut counts: BTreeMap<(Severity, &str), u64> = BTreeMap::new();
    for fault in faults.iter().chain(&bounded) {
        *counts.entry((fault.severity(), kind(fault))).or_default() += 1;
    }
    let bars = counts.into_iter().map(|((severity, kind), count)| BarRow {
        label: kind.to_string(),
        value: count,
        words: count.to_string(),
        tone: tone(severity),
    });
    let row = |fault: &&Fault| {
        let lines = details(fault)
            .into_iter()
            .map(|(head, words)| format!("{head} {}", words.join(" ")));
        let lines = lines.collect::<Vec<_>>().join("; ");
        vec![
            word(fault.severity()).to_string(),
            sentence(fault, bytes),
            lines,
        ]
    };
    let mut sections = vec![Section {
        heading: "Findings".to_string(),
        words: vec![format!(
            "{}, {} free",
            volumes(audit),
            show::extents(audit.free_extents, bytes)
        )],
        figure: (!audit.findings.is_empty()).then(|| {
            Figure::Bars(Bars {
                caption: "How many there are of each kind".to_string(),
                rows: bars.collect(),
            })
        }),
        tables: (!audit.findings.is_empty())
            .then(|| Table {
                caption: "All findings".to_string(),
                header: ["How bad", "What", "Where"].map(str::to_string).to_vec(),
                rows: faults.iter().chain(&bounded).map(row).collect(),
                is_behind: true,
            })
            .into_iter()
            .collect(),
    }];
    sections.push(who_holds_what(group));
    Report {
        title: format!("Audit of volume group {}", audit.group),
        facts: facts(Some(group), bytes, made),
        findings,
        sections,
        commands: Vec::new(),
        text,
    }
}

fn of_fault(fault: &Fault, bytes: Option<u64>) -> Finding {
    let lines = details(fault)
        .into_iter()
        .map(|(head, words)| format!("{head}: {}", words.join(" ")));
    Finding {
        tone: tone(fault.severity()),
        words: format!("{}: {}", word(fault.severity()), sentence(fault, bytes)),
        reasons: lines.collect(),
    }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Unsafe => Tone::Bad,
        Severity::Poor | Severity::Note => Tone::Open,
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Unsafe => "unsafe",
        Severity::Poor => "poor",
        Severity::Note => "note",
    }
}
