//! Answers about capacity, as a report.

use crate::ask::capacity::CapacityAnswer;
use crate::ask::capacity::answer_text::{ended_by, part_words, shared_words};
use crate::ask::capacity::repairs::{RepairRow, repair_rows};
use crate::ask::reports::facts::{Made, facts, finding, one_line, within};
use crate::ask::reports::layouts::{Layout, pictures, table};
use crate::ask::verdict::verdict;
use crate::capacity::{Fit, Largest, More, Refusal, Repair};
use crate::core::{Answer, Plan, Problem, explain};
use crate::show::{self, BarRow, Bars, Figure, Finding, Report, Section, Table, Tone};

impl CapacityAnswer {
    /// The answers as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let group = self.subject.group.as_ref().map(|(group, _)| group);
        let extent_bytes = self.subject.extent_bytes;
        let mut report = Report {
            title: format!("Capacity{}", within(group).replacen(" in ", " of ", 1)),
            facts: facts(group, extent_bytes, made),
            text: self.text(),
            ..Report::default()
        };
        let answers = &self.answers;
        if let Some(largest) = &answers.largest {
            self.largest(largest, &mut report);
        }
        if let Some(more) = &answers.more {
            self.more(more, &mut report);
        }
        if let Some((problem, answer)) = &answers.choice {
            let tone = match answer {
                Answer::Best { .. } => Tone::Good,
                Answer::Impossible { .. } => Tone::Bad,
                Answer::Found { .. } | Answer::Unknown { .. } => Tone::Open,
            };
            report
                .findings
                .push(finding(tone, one_line(&verdict(problem, answer))));
            report.sections.extend(
                answer
                    .plan()
                    .map(|plan| self.drawn("Which fit together", problem, plan)),
            );
        }
        self.fits(&mut report);
        if let Some(repairs) = answers.add.as_ref().filter(|repairs| !repairs.is_empty()) {
            let first = &repair_rows(repairs, extent_bytes)[0].words;
            report.findings.push(finding(
                Tone::Open,
                format!("with this added all requests fit: {first}"),
            ));
            report.sections.push(of_repairs(
                "What to add, any one of these",
                repairs,
                extent_bytes,
            ));
        } else if answers.add.is_some() && !matches!(answers.fits, Some(Fit::Fits)) {
            report.findings.push(finding(
                Tone::Open,
                "no addition was found with which all requests fit".to_string(),
            ));
        }
        if !report
            .sections
            .iter()
            .any(|section| matches!(section.figure, Some(Figure::Pictures(_))))
        {
            report.sections.push(Section {
                heading: "What there is".to_string(),
                figure: Some(Figure::Pictures(pictures(
                    ("before", self.subject.asked.model().problem().sources()),
                    group,
                    &[],
                    extent_bytes,
                ))),
                ..Section::default()
            });
        }
        if let (Some(last), Some(_)) = (report.findings.last_mut(), self.stopped) {
            last.reasons.push(one_line(&ended_by(self.stopped)));
        }
        report
    }

    /// Reasons, with what is different where legs share disks.
    fn with_sharing(
        &self,
        mut reasons: Vec<String>,
        amount: impl Fn(u64) -> String,
    ) -> Vec<String> {
        let words = self
            .answers
            .sharing
            .map(|sharing| shared_words(sharing, amount));
        reasons.extend(words);
        reasons
    }

    fn largest(&self, largest: &Largest, report: &mut Report) {
        let name = &self.subject.asked.model().problem().requests()[self.subject.request].name;
        let size = |extents| show::extents(extents, self.subject.extent_bytes);
        let (tone, proof) = match largest.is_proven() {
            true if largest.extents == 0 => (Tone::Bad, "proven".to_string()),
            true => (Tone::Good, "proven".to_string()),
            false => (
                Tone::Open,
                format!("not proven; nothing above {} fits", size(largest.bound)),
            ),
        };
        report.findings.push(Finding {
            tone,
            words: format!("largest {name}: {}, {proof}", size(largest.extents)),
            reasons: self.with_sharing(
                beyond("one extent more for each leg", largest.beyond.as_ref()),
                size,
            ),
        });
        if let Some(layout) = &largest.layout {
            report
                .sections
                .push(self.drawn("The largest", &layout.problem, layout.plan()));
        }
        if largest.simpler.is_empty() {
            return;
        }
        let all = BarRow {
            label: "the largest".to_string(),
            value: largest.extents,
            words: size(largest.extents),
            tone: Tone::Good,
        };
        let simpler = largest.simpler.iter().map(|simpler| BarRow {
            label: match simpler.segments {
                1 => "in 1 segment".to_string(),
                count => format!("in {count} segments"),
            },
            value: simpler.extents,
            words: size(simpler.extents),
            tone: if simpler.is_proven {
                Tone::Good
            } else {
                Tone::Open
            },
        });
        report.sections.push(Section {
            heading: "Simpler layouts".to_string(),
            figure: Some(Figure::Bars(Bars {
                caption: "How large it can be in fewer segments".to_string(),
                rows: std::iter::once(all).chain(simpler).collect(),
            })),
            ..Section::default()
        });
    }

    fn more(&self, more: &More, report: &mut Report) {
        let (tone, proof) = if more.is_proven() {
            (
                if more.count == 0 {
                    Tone::Bad
                } else {
                    Tone::Good
                },
                "proven".to_string(),
            )
        } else if more.bound == u64::MAX {
            (Tone::Open, "counted no further".to_string())
        } else {
            (
                Tone::Open,
                format!("not proven; no more than {} fit", more.bound),
            )
        };
        report.findings.push(Finding {
            tone,
            words: format!("how many fit: {}, {proof}", more.count),
            reasons: self.with_sharing(beyond("one more", more.beyond.as_ref()), |count| {
                count.to_string()
            }),
        });
        if let Some(layout) = &more.layout {
            report
                .sections
                .push(self.drawn("As many as fit", &layout.problem, layout.plan()));
        }
    }

    fn fits(&self, report: &mut Report) {
        match &self.answers.fits {
            Some(Fit::Fits) => report
                .findings
                .push(finding(Tone::Good, "all requests fit".to_string())),
            Some(Fit::Open) => {
                let words = "unknown: neither a plan nor a proof that there is none";
                report.findings.push(finding(Tone::Open, words.to_string()));
            }
            Some(Fit::Not(why)) => {
                let problem = &why.refusal.problem;
                let mut reasons = part_words(problem, &why.conflict);
                reasons.extend(self.answers.offer.as_deref().map(one_line));
                report.findings.push(Finding {
                    tone: Tone::Bad,
                    words: format!("does not fit: {}", explain(problem, &why.refusal.why)),
                    reasons,
                });
                if !why.repairs.is_empty() {
                    let heading = "What would help, each planned anew";
                    report.sections.push(of_repairs(
                        heading,
                        &why.repairs,
                        self.subject.extent_bytes,
                    ));
                }
            }
            None => {}
        }
    }

    fn drawn(&self, heading: &str, problem: &Problem, plan: &Plan) -> Section {
        let extent_bytes = self.subject.extent_bytes;
        let group = self.subject.group.as_ref().map(|(group, _)| group);
        let log_words = self.subject.asked.log_words();
        let layout = Layout {
            problem,
            plan,
            log_words,
        };
        Section {
            heading: heading.to_string(),
            figure: Some(Figure::Pictures(pictures(
                ("before", problem.sources()),
                group,
                &[("after", layout)],
                extent_bytes,
            ))),
            tables: vec![table(layout, extent_bytes)],
            ..Section::default()
        }
    }
}

fn beyond(what: &str, refusal: Option<&Refusal>) -> Vec<String> {
    let words = |refusal: &Refusal| format!("{what}: {}", explain(&refusal.problem, &refusal.why));
    refusal.map(words).into_iter().collect()
}

fn of_repairs(heading: &str, list: &[Repair], extent_bytes: Option<u64>) -> Section {
    Section {
        heading: heading.to_string(),
        tables: vec![repairs(heading, list, extent_bytes)],
        ..Section::default()
    }
}

/// Repairs as rows of words.
pub(crate) fn repairs(caption: &str, repairs: &[Repair], extent_bytes: Option<u64>) -> Table {
    let row = |(at, row): (usize, RepairRow)| {
        let less = if row.is_smallest { "no" } else { "perhaps" };
        vec![(at + 1).to_string(), row.words, less.to_string()]
    };
    Table {
        caption: caption.to_string(),
        header: ["", "What", "Would less do"].map(str::to_string).to_vec(),
        rows: repair_rows(repairs, extent_bytes)
            .into_iter()
            .enumerate()
            .map(row)
            .collect(),
        is_behind: false,
    }
}
