//! `extentplan capacity`: how large, how many more, what to add, why not.

pub(crate) mod answer_json;
pub(crate) mod answer_text;
mod answers;
mod arguments;
pub(crate) mod model;
mod outlook;
mod raw;
mod subject;
mod survive;
mod when;
mod when_json;
mod when_text;

pub(crate) use arguments::Arguments;
pub use model::GroupModel;
pub(crate) use raw::RawAnswers;

use std::path::Path;

use anyhow::bail;

use crate::capacity::{self, Fit, Purchase, how_many, largest, what_to_add, which_fit, why_not};
use crate::cli::Outcome;
use crate::cli::capacity::answer_text::ended_by;
use crate::cli::capacity::answers::Answers;
use crate::cli::capacity::arguments::{CapacityFormat, Prefer};
use crate::cli::capacity::subject::Subject;
use crate::cli::output;
use crate::cli::rearrange::offer;
use crate::cli::task::{self, Requests, read_requests};
use crate::cli::task_arguments::room_question;
use crate::cli::verdict::outcome;
use crate::cli::watch;
use crate::core::{Limits, StopReason};
use crate::solve::Strategy;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let is_json = arguments.format() == CapacityFormat::Json;
    watch::leave(Box::new(move |reason| last_word(is_json, reason)));
    if let Some(months) = arguments.when {
        return when::run(arguments, u64::from(months));
    }
    if arguments.format() == CapacityFormat::Svg {
        bail!("--format svg is a chart of months; expected --when beside it");
    }
    if arguments.survive.is_some() {
        return survive::run(arguments);
    }
    let subject = arguments.subject()?;
    let purchase = arguments.purchase(subject.extent_bytes)?;
    let strategy = arguments.strategy.strategy();
    let (answers, stopped) = arguments
        .limits
        .run_and_say(|limits| ask(arguments, &subject, &purchase, &strategy, limits))?;
    let text = match arguments.format() {
        CapacityFormat::Json => answer_json::write(&RawAnswers {
            stopped: stopped.map(StopReason::name),
            ..answer_json::export(&answers, subject.extent_bytes)?
        })?,
        CapacityFormat::Text | CapacityFormat::Svg => {
            answer_text::write(&subject, &answers) + &ended_by(stopped)
        }
    };
    output::print(&text)?;
    Ok(verdict(&answers))
}

/// What is said if a limit, or the user, ends the run before the questions are answered.
fn last_word(is_json: bool, reason: StopReason) -> anyhow::Result<(String, Outcome)> {
    let text = if is_json {
        answer_json::write(&RawAnswers {
            stopped: Some(reason.name()),
            ..RawAnswers::default()
        })?
    } else {
        format!("unknown: {} before an answer\n", reason.as_end())
    };
    Ok((text, Outcome::LimitRanOut))
}

fn ask(
    arguments: &Arguments,
    subject: &Subject,
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> anyhow::Result<Answers> {
    let model = subject.asked.model();
    let request = subject.request;
    let mut answers = Answers::default();
    let wants_add = arguments.add || !arguments.disk.is_empty();
    if let Some(most) = arguments.count {
        if subject.is_open {
            bail!("--count needs a size: how many of what?");
        }
        answers.more = Some(how_many(model, request, most, strategy, limits)?);
    }
    if let Some(prefer) = arguments.prefer {
        let prefer = match prefer {
            Prefer::Value => capacity::Prefer::Value,
            Prefer::Count => capacity::Prefer::Count,
        };
        answers.choice = Some(which_fit(model.problem(), prefer, strategy, limits)?);
    }
    if wants_add {
        let added = what_to_add(model.problem(), purchase, strategy, limits)?;
        // Where all fits already that is the answer.
        answers.fits = added.is_none().then_some(Fit::Fits);
        answers.add = Some(added.unwrap_or_default());
    }
    let is_default = arguments.count.is_none() && arguments.prefer.is_none() && !wants_add;
    if arguments.why || (is_default && !subject.is_open) {
        answers.fits = Some(why_not(model, &subject.held, purchase, strategy, limits)?);
        if matches!(answers.fits, Some(Fit::Not(_))) {
            answers.offer = offered(arguments, subject, limits)?;
        }
    } else if is_default {
        answers.largest = Some(largest(model, request, strategy, limits)?);
    }
    Ok(answers)
}

/// The moves that make room for what is requested.
fn offered(
    arguments: &Arguments,
    subject: &Subject,
    limits: &Limits<'_>,
) -> anyhow::Result<Option<String>> {
    let Some((group, settings)) = subject.group.as_ref().filter(|_| !arguments.json) else {
        return Ok(None);
    };
    if arguments.requests.as_deref() == Some(Path::new("-")) {
        return Ok(None);
    }
    let mut typed = match arguments
        .requests
        .as_deref()
        .map(|path| read_requests(path, settings))
        .transpose()?
    {
        Some(Requests::Commands(lines)) => lines,
        Some(Requests::None | Requests::Native(_)) | None => Vec::new(),
    };
    typed.extend(task::typed(&arguments.commands, settings)?);
    let requests = arguments.requests.as_deref();
    let question = room_question(&arguments.pool, requests, &arguments.commands);
    Ok(offer(group, settings, typed, &question, limits))
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
