//! What failures come to, as a report.

use crate::ask::Outcome;
use crate::ask::capacity::Survival;
use crate::ask::reports::capacity::repairs;
use crate::ask::reports::facts::{Made, facts, one_line};
use crate::ask::reports::pool::who_holds_what;
use crate::capacity::Aftermath;
use crate::show::{Finding, Report, Section, Table, Tone};

impl Survival {
    /// The failures as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let group = self.group();
        let extent_bytes = Some(group.extent_bytes());
        let mut tables = Vec::new();
        let mut rows = Vec::new();
        let mut reasons = Vec::new();
        for (name, words, after, takes) in self.told() {
            let verdict = match after {
                Aftermath::Lost { .. } => "loses data",
                _ if takes => "loses data",
                Aftermath::NoRoom { .. } => "no repair",
                Aftermath::Open => "unknown",
                Aftermath::Untouched | Aftermath::Repaired { .. } => "survived",
            };
            let words = words.join("; ");
            if matches!(verdict, "loses data" | "no repair") {
                reasons.push(format!("{name} fails: {words}"));
            }
            rows.push(vec![name.to_string(), verdict.to_string(), words]);
            if let Aftermath::NoRoom { add, .. } = after {
                let caption = format!("What to add before {name} fails, any one of these");
                tables.push(repairs(&caption, add, extent_bytes));
            }
        }
        let all = Table {
            caption: "The failures".to_string(),
            header: ["What fails", "Verdict", "What comes of it"]
                .map(str::to_string)
                .to_vec(),
            rows,
            is_behind: false,
        };
        tables.insert(0, all);
        let tone = match self.outcome() {
            // What is redundant is safe, and not all is redundant.
            Outcome::Yes if self.taking() > 0 => Tone::Open,
            Outcome::Yes => Tone::Good,
            Outcome::No => Tone::Bad,
            Outcome::LimitRanOut => Tone::Open,
        };
        Report {
            title: format!("What failures cost in {}", group.name),
            facts: facts(Some(group), extent_bytes, made),
            findings: vec![Finding {
                tone,
                words: one_line(&self.verdict()),
                reasons,
            }],
            sections: vec![
                Section {
                    heading: "Failures".to_string(),
                    tables,
                    ..Section::default()
                },
                who_holds_what(group),
            ],
            commands: Vec::new(),
            text: self.text(),
        }
    }
}
