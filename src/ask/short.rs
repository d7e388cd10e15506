//! An answer in a word and a few numbers, as one row among those of many pools.

use std::collections::BTreeMap;

use crate::ask::capacity::{CapacityAnswer, Survival};
use crate::ask::planned::{AllPlanned, Planned};
use crate::ask::verdict::outcome;
use crate::ask::{Outcome, audit_outcome};
use crate::core::{Answer, Measure};
use crate::lvm::{Audit, Severity};

/// An answer in a word and a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The word.
    pub answer: &'static str,
    /// What it means to the exit code.
    pub outcome: Outcome,
    /// What the answer comes to, by name.
    pub value: BTreeMap<&'static str, u64>,
    /// What is proven of these: of a cost that none is less, of a size that none is larger.
    pub bound: BTreeMap<&'static str, u64>,
    /// The commands that build it, if any do.
    pub commands: Vec<String>,
}

impl Short {
    /// An audit in short.
    #[must_use]
    pub fn of_audit(audit: &Audit) -> Short {
        let count = |severity| {
            let findings = audit.findings.iter();
            let same = findings.filter(|finding| finding.severity() == severity);
            same.count() as u64
        };
        let (answer, outcome) = match audit_outcome("", audit) {
            Ok(Outcome::No) => ("unsafe", Outcome::No),
            Ok(Outcome::Yes) => ("safe", Outcome::Yes),
            // The report leaves out what would have to be known.
            Ok(Outcome::LimitRanOut) | Err(_) => ("not judged", Outcome::LimitRanOut),
        };
        let value = [
            ("unsafe", count(Severity::Unsafe)),
            ("poor", count(Severity::Poor)),
            ("notes", count(Severity::Note)),
            ("volumes", audit.volumes as u64),
        ];
        Short {
            answer,
            outcome,
            value: value.into(),
            bound: BTreeMap::new(),
            commands: Vec::new(),
        }
    }
}

impl AllPlanned {
    /// The answers in short: the worst of them, with costs and bounds added up.
    #[must_use]
    pub fn short(&self) -> Short {
        let mut value = BTreeMap::new();
        let mut bound = BTreeMap::new();
        for part in &self.parts {
            let objective = part.task.problem.objective();
            let add = |to: &mut BTreeMap<&'static str, u64>, numbers: &[u64]| {
                for (measure, number) in objective.iter().zip(numbers) {
                    *to.entry(Measure::name(*measure)).or_default() += number;
                }
            };
            if let Some(cost) = part.answer.cost() {
                add(&mut value, &cost.0);
            }
            add(&mut bound, &part.answer.lower_bound().0);
        }
        let worst = |part: &&Planned| match outcome(&part.answer) {
            Outcome::No => 2,
            Outcome::LimitRanOut => 1,
            Outcome::Yes => 0,
        };
        let answer = match self.parts.iter().max_by_key(worst).map(|part| &part.answer) {
            Some(Answer::Impossible { .. }) => "impossible",
            Some(Answer::Unknown { .. }) | None => "unknown",
            Some(Answer::Found { .. }) => "found",
            Some(Answer::Best { .. }) if self.parts.iter().any(is_found) => "found",
            Some(Answer::Best { .. }) => "best",
        };
        let commands = self.parts.iter().flat_map(Planned::lines).collect();
        Short {
            answer,
            outcome: self.outcome(),
            value,
            bound,
            commands,
        }
    }
}

fn is_found(part: &Planned) -> bool {
    matches!(part.answer, Answer::Found { .. })
}

impl CapacityAnswer {
    /// The answers in short.
    #[must_use]
    pub fn short(&self) -> Short {
        let outcome = self.outcome();
        let (value, bound) = self.numbers();
        Short {
            answer: match outcome {
                Outcome::Yes => "fits",
                Outcome::No => "impossible",
                Outcome::LimitRanOut => "unknown",
            },
            outcome,
            value,
            bound,
            commands: Vec::new(),
        }
    }
}

impl Survival {
    /// What the failures come to in short.
    #[must_use]
    pub fn short(&self) -> Short {
        let outcome = self.outcome();
        Short {
            answer: match outcome {
                Outcome::Yes => "survives",
                Outcome::No => "breaks",
                Outcome::LimitRanOut => "unknown",
            },
            outcome,
            value: self.numbers(),
            bound: BTreeMap::new(),
            commands: Vec::new(),
        }
    }
}
