//! The months to come, as a report.

use crate::ask::capacity::Outlook;
use crate::ask::capacity::answer_text::{ended_by, part_words};
use crate::ask::capacity::outlook::bought_until;
use crate::ask::capacity::repairs::repair_rows;
use crate::ask::capacity::when_text;
use crate::ask::reports::capacity::repairs;
use crate::ask::reports::facts::{Made, facts, one_line};
use crate::core::explain;
use crate::lvm::VolumeGroup;
use crate::show::{Figure, Finding, MapStyle, Month, Months, Report, Section, Tone};

impl Outlook {
    /// The months as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let group: Option<&VolumeGroup> = None;
        let mut about = facts(group, self.extent_bytes, made);
        about.insert(0, ("Growth".to_string(), self.growth.join("; ")));
        if let Some(name) = &self.group {
            about.insert(0, ("Volume group".to_string(), name.clone()));
        }
        let mut reasons = Vec::new();
        let mut tables = Vec::new();
        let tone = match &self.forecast.fails {
            Some(failing) => {
                if let Some(refusal) = &failing.refusal {
                    reasons.push(explain(&refusal.problem, &refusal.why));
                    if let Some(conflict) = &failing.conflict {
                        reasons.extend(part_words(&refusal.problem, conflict));
                    }
                }
                if let Some(first) = repair_rows(&failing.add, self.extent_bytes).first() {
                    let until = bought_until(failing.month);
                    reasons.push(format!("until month {until} it lasts with {}", first.words));
                    tables.push(repairs(
                        &format!("What makes it last until month {until}, any one of these"),
                        &failing.add,
                        self.extent_bytes,
                    ));
                }
                Tone::Bad
            }
            None if self.forecast.is_proven() => Tone::Good,
            None => Tone::Open,
        };
        reasons.extend(self.stopped.map(|_| one_line(&ended_by(self.stopped))));
        let months = (1u64..)
            .zip(&self.forecast.months)
            .map(|(number, month)| Month {
                number,
                asked: month.needed,
                fits: self.fits(number),
            });
        let within = self
            .group
            .as_ref()
            .map_or(String::new(), |name| format!(" of {name}"));
        Report {
            title: format!("How long the space{within} lasts"),
            facts: about,
            findings: vec![Finding {
                tone,
                words: one_line(&when_text::verdict(self)),
                reasons,
            }],
            sections: vec![Section {
                heading: "Growth month by month".to_string(),
                words: Vec::new(),
                figure: Some(Figure::Months(Months {
                    months: months.collect(),
                    limit: self.free(),
                    extent_bytes: self.extent_bytes,
                })),
                tables,
            }],
            commands: Vec::new(),
            text: self.text(MapStyle::plain()),
        }
    }
}
