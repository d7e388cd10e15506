//! How large, how many more, what to add, why not, what a failure costs: as it is asked of a pool, and told.

pub(crate) mod answer_json;
pub(crate) mod answer_text;
mod answers;
pub(crate) mod apart;
mod model;
pub(crate) mod outlook;
pub(crate) mod raw;
pub(crate) mod repairs;
pub(crate) mod subject;
mod survive;
mod when;
mod when_json;
pub(crate) mod when_text;

pub use model::GroupModel;
pub use outlook::Outlook;
pub use subject::CapacityQuestion;
pub use survive::{Survival, survive};
pub use when::outlook;

use std::collections::BTreeMap;

use crate::ask::Outcome;
use crate::ask::capacity::answer_text::ended_by;
use crate::ask::capacity::answers::{Answers, ended};
use crate::ask::capacity::apart::apart_first;
use crate::ask::capacity::raw::RawAnswers;
use crate::ask::capacity::subject::Subject;
use crate::ask::fault::{Result, fault};
use crate::ask::pool::Settled;
use crate::ask::rearrange::offer;
use crate::ask::task::{Requests, Typed};
use crate::ask::verdict::outcome;
use crate::capacity::{Fit, Model, Purchase, how_many, largest, what_to_add, which_fit, why_not};
use crate::core::{Limits, StopReason};
use crate::solve::Strategy;

/// A question about capacity with its pool.
pub struct Capacity {
    question: CapacityQuestion,
    subject: Subject,
    purchase: Purchase,
}

/// What was found out about capacity.
pub struct CapacityAnswer {
    requests: Requests,
    commands: Vec<Vec<String>>,
    pub(crate) subject: Subject,
    pub(crate) answers: Answers,
    /// What ended the search, if a limit did.
    pub(crate) stopped: Option<StopReason>,
}

impl Capacity {
    /// A question, of a pool.
    ///
    /// # Errors
    /// If pool and requests do not go together, or nothing is requested.
    pub fn new(question: CapacityQuestion, asked: Settled<'_>) -> Result<Capacity> {
        let subject = question.subject(asked)?;
        let purchase = question.purchase(subject.extent_bytes)?;
        Ok(Capacity {
            question,
            subject,
            purchase,
        })
    }

    /// Answers it.
    ///
    /// # Errors
    /// If what was asked makes no sense, or of a contradiction inside the program.
    pub fn answer(self, strategy: &Strategy, limits: &Limits<'_>) -> Result<CapacityAnswer> {
        let answers = ask(
            &self.question,
            &self.subject,
            &self.purchase,
            strategy,
            limits,
        )?;
        Ok(CapacityAnswer {
            requests: self.question.requests,
            commands: self.question.commands,
            subject: self.subject,
            answers,
            stopped: ended(limits),
        })
    }
}

impl CapacityAnswer {
    /// The answer to a question that a limit ended before.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json_of_none(reason: StopReason) -> Result<String> {
        answer_json::write(&RawAnswers {
            stopped: Some(reason.name()),
            ..RawAnswers::default()
        })
    }

    /// One object with a key for each question that was asked.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json(&self) -> Result<String> {
        answer_json::write(&RawAnswers {
            stopped: self.stopped.map(StopReason::name),
            ..answer_json::export(&self.answers, self.subject.extent_bytes)?
        })
    }

    /// The answers for people.
    #[must_use]
    pub fn text(&self) -> String {
        answer_text::write(&self.subject, &self.answers) + &ended_by(self.stopped)
    }

    /// Sizes and counts by name, and what bounds them.
    pub(crate) fn numbers(&self) -> (BTreeMap<&'static str, u64>, BTreeMap<&'static str, u64>) {
        let (mut value, mut bound) = (BTreeMap::new(), BTreeMap::new());
        if let Some(largest) = &self.answers.largest {
            value.insert("extents", largest.extents);
            bound.insert("extents", largest.bound);
            if let Some(bytes) = self.subject.extent_bytes {
                value.insert("bytes", largest.extents.saturating_mul(bytes));
                bound.insert("bytes", largest.bound.saturating_mul(bytes));
            }
        }
        if let Some(more) = &self.answers.more {
            value.insert("count", more.count);
            if more.bound < u64::MAX {
                bound.insert("count", more.bound);
            }
        }
        (value, bound)
    }

    /// What the answers mean to the exit code.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        verdict(&self.answers)
    }

    /// Adds which moves make room, where requests do not fit together in a volume group; `words` are those that ask
    /// for them.
    ///
    /// # Errors
    /// If a command cannot be read.
    pub fn offer(&mut self, words: &[String], limits: &Limits<'_>) -> Result<()> {
        let (Some(Fit::Not(_)), Some((group, settings))) =
            (&self.answers.fits, &self.subject.group)
        else {
            return Ok(());
        };
        let steps = self.commands.iter();
        let steps = steps.map(|words| Typed::of_words(words, settings));
        let steps = steps.collect::<Result<Vec<_>>>()?.concat();
        if let Requests::Commands(steps) = self.requests.clone().and(steps)? {
            self.answers.offer = offer(group, settings, steps, words, limits);
        }
        self.stopped = ended(limits);
        Ok(())
    }
}

fn ask(
    question: &CapacityQuestion,
    subject: &Subject,
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answers> {
    let model = subject.asked.model();
    let request = subject.request;
    let mut answers = Answers::default();
    let wants_add = question.add || !question.disks.is_empty();
    if let Some(most) = question.count {
        if subject.is_open {
            return Err(fault!("--count needs a size: how many of what?"));
        }
        let ask = |model: &dyn Model| Ok(how_many(model, request, most, strategy, limits)?);
        let (more, sharing) = apart_first(model, ask, |more| more.count)?;
        (answers.more, answers.sharing) = (Some(more), sharing);
    }
    if let Some(prefer) = question.prefer {
        answers.choice = Some(which_fit(model.problem(), prefer, strategy, limits)?);
    }
    if wants_add {
        let added = what_to_add(model.problem(), purchase, strategy, limits)?;
        // Where all fits already that is the answer.
        answers.fits = added.is_none().then_some(Fit::Fits);
        answers.add = Some(added.unwrap_or_default());
    }
    let is_default = question.count.is_none() && question.prefer.is_none() && !wants_add;
    if question.why || (is_default && !subject.is_open) {
        answers.fits = Some(why_not(model, &subject.held, purchase, strategy, limits)?);
    } else if is_default {
        let ask = |model: &dyn Model| Ok(largest(model, request, strategy, limits)?);
        let (largest, sharing) = apart_first(model, ask, |largest| largest.extents)?;
        (answers.largest, answers.sharing) = (Some(largest), sharing);
    }
    Ok(answers)
}

/// What the answers mean to the exit code: a no outweighs an open question, and that a yes.
fn verdict(answers: &Answers) -> Outcome {
    let of_count = |count: u64, bound: u64| match (count, bound) {
        (0, 0) => Outcome::No,
        (0, _) => Outcome::LimitRanOut,
        (_, _) => Outcome::Yes,
    };
    let mut outcomes = Vec::new();
    outcomes.extend(
        answers
            .largest
            .as_ref()
            .map(|one| of_count(one.extents, one.bound)),
    );
    outcomes.extend(
        answers
            .more
            .as_ref()
            .map(|one| of_count(one.count, one.bound)),
    );
    outcomes.extend(answers.choice.as_ref().map(|(_, answer)| outcome(answer)));
    let fits = matches!(answers.fits, Some(Fit::Fits));
    outcomes.extend(answers.add.as_ref().map(|repairs| {
        if repairs.is_empty() && !fits {
            Outcome::LimitRanOut
        } else {
            Outcome::Yes
        }
    }));
    outcomes.extend(answers.fits.as_ref().map(|fit| match fit {
        Fit::Fits => Outcome::Yes,
        Fit::Not(_) => Outcome::No,
        Fit::Open => Outcome::LimitRanOut,
    }));
    if outcomes.contains(&Outcome::No) {
        Outcome::No
    } else if outcomes.contains(&Outcome::LimitRanOut) {
        Outcome::LimitRanOut
    } else {
        Outcome::Yes
    }
}
