//! Answers about capacity as one JSON object, with a key for each question that was asked.

use serde_json::value::RawValue;

use crate::ask::capacity::answer_text::part_words;
use crate::ask::capacity::answers::Answers;
use crate::ask::capacity::apart::Sharing;
use crate::ask::capacity::raw::{
    RawAnswers, RawConflict, RawLargest, RawLayout, RawLegs, RawMore, RawRemedy, RawRepair,
    RawRule, RawSharing, RawSimpler, RawWhyNot,
};
use crate::ask::capacity::repairs::{policy_name, remedy_words};
use crate::ask::fault::Result;
use crate::capacity::{
    Fit, Largest, Layout, MinimalConflict, More, Refusal, Remedy, Repair, WhyNot,
};
use crate::core::{Answer, Area, Problem, explain};
use crate::json as format;

/// The object as text.
///
/// # Errors
/// None that could be the user's fault: what is written is read back.
pub(crate) fn write(answers: &RawAnswers) -> Result<String> {
    let text = serde_json::to_string_pretty(answers)?;
    Ok(text + "\n")
}

/// The answers in the shape of the file.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn export(answers: &Answers, extent_bytes: Option<u64>) -> Result<RawAnswers> {
    let scale = Scale(extent_bytes);
    let mut raw = RawAnswers::default();
    if let Some(found) = &answers.largest {
        raw.largest = Some(scale.largest(found)?);
    }
    if let Some(found) = &answers.more {
        raw.more = Some(more(found)?);
    }
    raw.sharing = answers.sharing.map(|sharing| match sharing {
        Sharing::More(most) => RawSharing {
            needed: false,
            most: Some(most),
        },
        Sharing::Needed => RawSharing {
            needed: true,
            most: None,
        },
    });
    if let Some((problem, answer)) = &answers.choice {
        raw.choice = Some(plan(problem, answer)?);
    }
    if let Some(found) = &answers.add {
        raw.add = Some(scale.repairs(found)?);
    }
    match &answers.fits {
        Some(Fit::Fits) => raw.fits = Some(Some(true)),
        Some(Fit::Open) => raw.fits = Some(None),
        Some(Fit::Not(why)) => {
            raw.fits = Some(Some(false));
            raw.why = Some(scale.why(why)?);
        }
        None => {}
    }
    Ok(raw)
}

/// How many bytes an extent has, if that is known.
#[derive(Clone, Copy)]
pub(crate) struct Scale(pub(crate) Option<u64>);

impl Scale {
    /// The bytes of a count, where they are known and a number.
    pub(crate) fn bytes(self, extents: u64) -> Option<u64> {
        self.0?.checked_mul(extents)
    }

    fn largest(self, largest: &Largest) -> Result<RawLargest> {
        let simpler = largest.simpler.iter().map(|one| {
            Ok(RawSimpler {
                extents: one.extents,
                bytes: self.bytes(one.extents),
                segments: one.segments,
                proven: one.is_proven,
                plan: layout(&one.layout)?,
            })
        });
        Ok(RawLargest {
            extents: largest.extents,
            bytes: self.bytes(largest.extents),
            proven: largest.is_proven(),
            bound: largest.bound,
            beyond: largest.beyond.as_ref().map(words),
            plan: largest.layout.as_ref().map(layout).transpose()?,
            simpler: simpler.collect::<Result<_>>()?,
        })
    }

    fn why(self, why: &WhyNot) -> Result<RawWhyNot> {
        Ok(RawWhyNot {
            reason: words(&why.refusal),
            conflict: conflict(&why.refusal.problem, &why.conflict),
            repairs: self.repairs(&why.repairs)?,
        })
    }

    /// Repairs in their order.
    pub(crate) fn repairs(self, repairs: &[Repair]) -> Result<Vec<RawRepair>> {
        let one = |repair: &Repair| {
            let extents = repair.remedy.extents();
            Ok(RawRepair {
                remedy: remedy(&repair.remedy),
                extents,
                bytes: self.bytes(extents),
                smallest: repair.is_smallest,
                words: remedy_words(&repair.remedy, repair.layout.problem.sources(), self.0),
                plan: layout(&repair.layout)?,
            })
        };
        repairs.iter().map(one).collect()
    }
}

fn more(more: &More) -> Result<RawMore> {
    Ok(RawMore {
        count: more.count,
        proven: more.is_proven(),
        bound: (more.bound < u64::MAX).then_some(more.bound),
        beyond: more.beyond.as_ref().map(words),
        plan: more.layout.as_ref().map(layout).transpose()?,
    })
}

/// A refusal in a sentence.
pub(crate) fn words(refusal: &Refusal) -> String {
    explain(&refusal.problem, &refusal.why)
}

/// A layout as a plan file has it.
pub(crate) fn layout(layout: &Layout) -> Result<RawLayout> {
    plan(&layout.problem, &layout.answer)
}

fn plan(problem: &Problem, answer: &Answer) -> Result<RawLayout> {
    let text = format::write_answer(problem, answer, None);
    let value = RawValue::from_string(text.trim_end().to_string());
    Ok(RawLayout(value?))
}

/// The parts of a conflict within a problem.
pub(crate) fn conflict(problem: &Problem, conflict: &MinimalConflict) -> RawConflict {
    let request = |index: usize| problem.requests()[index].name.clone();
    let legs = conflict.legs().into_iter();
    let rules = conflict.rules().into_iter();
    let sources = conflict.sources().into_iter();
    RawConflict {
        sources: sources
            .map(|index| problem.sources()[index].name.clone())
            .collect(),
        legs: legs
            .map(|(index, legs)| RawLegs {
                request: request(index),
                legs,
            })
            .collect(),
        rules: rules
            .map(|(index, rule)| RawRule {
                request: request(index),
                rule: rule.name(),
            })
            .collect(),
        minimal: conflict.is_minimal,
        reason: words(&conflict.refusal),
        words: part_words(problem, conflict),
    }
}

fn remedy(remedy: &Remedy) -> RawRemedy {
    match remedy.clone() {
        Remedy::Grow { sources, twins } => RawRemedy::Grow {
            sources: sources.into_iter().collect(),
            twins,
        },
        Remedy::GrowAny { tag, .. } => RawRemedy::GrowAny { tag },
        Remedy::Add { extents, tags } => RawRemedy::Add {
            disks: extents,
            tags,
        },
        Remedy::Free {
            holder,
            source,
            areas,
        } => RawRemedy::Free {
            volume: holder,
            source,
            areas: areas
                .iter()
                .map(|area: Area| (area.start(), area.count()))
                .collect(),
        },
        Remedy::Policy { request, from, to } => RawRemedy::Policy {
            request,
            from: policy_name(from),
            to: policy_name(to),
        },
        Remedy::Stripes { request, from, to } => RawRemedy::Stripes { request, from, to },
        Remedy::Shrink { request, from, to } => RawRemedy::Shrink { request, from, to },
        Remedy::Drop { request } => RawRemedy::Drop { request },
    }
}
