//! What was planned, as a report.

use crate::ask::planned::{AllPlanned, Planned, UNSAFE_ONCE_BUILT};
use crate::ask::reports::facts::{Made, facts, one_line, within};
use crate::ask::reports::layouts::{Layout, pictures, table};
use crate::ask::verdict::verdict;
use crate::core::Answer;
use crate::show::{Figure, Finding, Report, Section, Tone};

impl AllPlanned {
    /// The answers as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let first = self.parts.first().map(|part| &part.task);
        let group = first
            .and_then(|task| task.group.as_ref())
            .map(|group| &group.group);
        let requests = self
            .parts
            .iter()
            .flat_map(|part| part.task.problem.requests());
        let names: Vec<&str> = requests.map(|request| request.name.as_str()).collect();
        let what = match self.parts.last().map(|part| &part.answer) {
            Some(Answer::Best { .. } | Answer::Found { .. }) => "Layout of",
            Some(Answer::Impossible { .. }) => "No layout for",
            Some(Answer::Unknown { .. }) | None => "No answer yet for",
        };
        let several = |at: usize| match self.are_several {
            true => format!("part {}: ", at + 1),
            false => String::new(),
        };
        let parts = || self.parts.iter().enumerate();
        let mut findings: Vec<Finding> = parts()
            .map(|(at, part)| part.finding(&several(at)))
            .collect();
        if let (Some(last), false) = (findings.last_mut(), self.notes.is_empty()) {
            last.reasons
                .extend(self.notes.iter().map(|note| format!("note: {note}")));
        }
        Report {
            title: format!("{what} {}{}", names_in_words(&names), within(group)),
            facts: facts(group, first.and_then(|task| task.extent_bytes), made),
            findings,
            sections: parts()
                .map(|(at, part)| part.section(&several(at)))
                .collect(),
            commands: self.parts.iter().flat_map(Planned::lines).collect(),
            text: self.text(),
        }
    }
}

/// Most names that a title has.
const MOST_NAMES: usize = 5;

fn names_in_words(names: &[&str]) -> String {
    match names.len() {
        0 => "nothing".to_string(),
        count if count > MOST_NAMES => {
            format!(
                "{} and {} more",
                names[..MOST_NAMES].join(", "),
                count - MOST_NAMES
            )
        }
        _ => names.join(", "),
    }
}

impl Planned {
    fn finding(&self, prefix: &str) -> Finding {
        let problem = &self.task.problem;
        let (tone, words) = match (&self.answer, problem.requests().is_empty()) {
            (_, true) => (Tone::Good, "nothing is placed".to_string()),
            (Answer::Best { .. }, _) => (Tone::Good, verdict(problem, &self.answer)),
            (Answer::Impossible { .. }, _) => (Tone::Bad, verdict(problem, &self.answer)),
            (Answer::Found { .. } | Answer::Unknown { .. }, _) => {
                (Tone::Open, verdict(problem, &self.answer))
            }
        };
        let mut reasons: Vec<String> = Vec::new();
        if let Some((layout, is_own)) = &self.beside.lvm2 {
            reasons.push(layout.in_a_line(problem, *is_own));
        }
        let faults = self.beside.faults.sentences.iter();
        reasons.extend(faults.map(|fault| format!("{UNSAFE_ONCE_BUILT}: {fault}")));
        reasons.extend(self.beside.offer.as_deref().map(one_line));
        if let Some(Err(error)) = &self.commands {
            reasons.push(format!("no commands: {error}"));
        }
        Finding {
            tone,
            words: format!("{prefix}{}", one_line(&words)),
            reasons,
        }
    }

    fn section(&self, prefix: &str) -> Section {
        let task = &self.task;
        let group = task.group.as_ref().map(|group| &group.group);
        let log_words = task.log_words();
        let layout = self.answer.plan().map(|plan| Layout {
            problem: &task.problem,
            plan,
            log_words: &log_words,
        });
        let heading = if layout.is_some() {
            "Before and after"
        } else {
            "What there is"
        };
        Section {
            heading: format!("{prefix}{heading}"),
            words: Vec::new(),
            figure: Some(Figure::Pictures(pictures(
                (task.before_words(), task.problem.sources()),
                group,
                &layout
                    .map(|layout| ("after", layout))
                    .into_iter()
                    .collect::<Vec<_>>(),
                task.extent_bytes,
            ))),
            tables: layout
                .map(|layout| table(layout, task.extent_bytes))
                .into_iter()
                .collect(),
        }
    }
}
