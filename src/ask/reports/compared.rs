//! LVM2's layout beside the best, as pictures.

use crate::ask::lvm2_layout::{Lvm2Layout, Lvm2Outcome};
use crate::ask::reports::facts::{Made, facts, one_line, within};
use crate::ask::reports::layouts::{Layout, pictures};
use crate::ask::task::Task;
use crate::ask::verdict::verdict;
use crate::core::Answer;
use crate::show::{Figure, Finding, Report, Section, Table, Tone};

/// What LVM2 makes of a task beside an answer, as a report; `figures` are the numbers of both, and `text` the same for a
/// terminal.
#[must_use]
pub fn compare_report(
    task: &Task,
    answer: &Answer,
    figures: Table,
    text: String,
    made: &Made,
) -> Report {
    let group = task.group.as_ref();
    let lvm2 = group.map(|group| Lvm2Layout::of(group, &task.problem));
    let before = group.map(|group| &group.group);
    let log_words = task.log_words();
    let layout = |plan| Layout {
        problem: &task.problem,
        plan,
        log_words: &log_words,
    };
    let mut layouts = Vec::new();
    let mut findings = Vec::new();
    if let Some(lvm2) = &lvm2 {
        let (tone, plan) = match &lvm2.outcome {
            Lvm2Outcome::Not(why) if why.unknown().is_some() => (Tone::Open, None),
            Lvm2Outcome::Not(_) => (Tone::Bad, None),
            Lvm2Outcome::Places {
                faults,
                broken,
                plan,
                ..
            } => {
                let is_fine = faults.is_empty() && broken.is_none();
                (if is_fine { Tone::Good } else { Tone::Bad }, plan.as_ref())
            }
        };
        layouts.extend(plan.map(|(plan, _)| ("as LVM2 places it", layout(plan))));
        findings.push(Finding {
            tone,
            words: lvm2.in_a_line(&task.problem, false),
            reasons: Vec::new(),
        });
    }
    layouts.extend(answer.plan().map(|plan| ("the best layout", layout(plan))));
    findings.push(Finding {
        tone: match answer {
            Answer::Best { .. } => Tone::Good,
            Answer::Impossible { .. } => Tone::Bad,
            Answer::Found { .. } | Answer::Unknown { .. } => Tone::Open,
        },
        words: one_line(&verdict(&task.problem, answer)),
        reasons: Vec::new(),
    });
    Report {
        title: format!("LVM2's layout beside the best{}", within(before)),
        facts: facts(before, task.extent_bytes, made),
        findings,
        sections: vec![Section {
            heading: "Both layouts".to_string(),
            figure: Some(Figure::Pictures(pictures(
                (task.before_words(), task.problem.sources()),
                before,
                &layouts,
                task.extent_bytes,
            ))),
            tables: vec![figures],
            ..Section::default()
        }],
        commands: Vec::new(),
        text,
    }
}
