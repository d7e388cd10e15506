//! `extentplan capacity`: how large, how many more, what to add, why not.

mod arguments;

pub(crate) use arguments::Arguments;

use anyhow::bail;

use crate::ask::{self, Capacity, CapacityAnswer, Outcome, Pool, Settled};
use crate::cli::capacity::arguments::CapacityFormat;
use crate::cli::made::made;
use crate::cli::output;
use crate::cli::{terminal, watch};
use crate::core::StopReason;
use crate::lvm;
use crate::scenario::Scenario;
use crate::show;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let format = arguments.format();
    watch::leave(Box::new(move |reason| last_word(format, reason)));
    let growing = match arguments.when {
        None => None,
        Some(months) => match arguments.pool.scenario()?.filter(Scenario::grows) {
            Some(scenario) => Some((scenario, u64::from(months))),
            None => bail!(
                "--when needs --scenario FILE with [[growth]], which says what grows and how fast"
            ),
        },
    };
    let (pool, settings) = arguments.pool.read_to_plan(&arguments.settings)?;
    let name = arguments.pool.name();
    let asked = Settled {
        pool,
        name: &name,
        settings,
    };
    let question = arguments.question(&asked.settings)?;
    let strategy = arguments.strategy.strategy();
    if let Some((scenario, months)) = growing {
        let file = arguments.pool.scenario_name();
        let outlook = arguments.limits.run(|limits| {
            let growing = (&scenario, file.as_str());
            Ok(ask::outlook(
                asked, &question, growing, months, &strategy, limits,
            )?)
        })?;
        output::print(&match arguments.format() {
            CapacityFormat::Text => outlook.text(terminal::style()),
            CapacityFormat::Json => outlook.json()?,
            CapacityFormat::Svg => show::drawing(&outlook.report(&made())),
            CapacityFormat::Html => show::page(&outlook.report(&made())),
        })?;
        return Ok(outlook.outcome());
    }
    if arguments.survive.is_some() {
        let survival = arguments.limits.run(|limits| {
            Ok(ask::survive(
                asked,
                &arguments.domain,
                &question,
                &strategy,
                limits,
            )?)
        })?;
        output::print(&match arguments.format() {
            CapacityFormat::Json => survival.json()?,
            CapacityFormat::Text => survival.text(),
            CapacityFormat::Svg => show::drawing(&survival.report(&made())),
            CapacityFormat::Html => show::page(&survival.report(&made())),
        })?;
        return Ok(survival.outcome());
    }
    if let Pool::Group(group) = &asked.pool {
        if let Some(refusal) = lvm::missing(group) {
            output::note(&format!(
                "what fits does so once no disk is missing; until then LVM2 says: {refusal}"
            ));
        }
        if let Err(refusal) = group.takes_disk("a new disk") {
            output::note(&format!("LVM2 takes no new disk now: {refusal}"));
        }
    }
    let capacity = Capacity::new(question, asked)?;
    let answer = arguments.limits.run(|limits| {
        let mut answer = capacity.answer(&strategy, limits)?;
        if let Some(words) = arguments.room_question() {
            answer.offer(&words, limits)?;
        }
        Ok(answer)
    })?;
    output::print(&match arguments.format() {
        CapacityFormat::Json => answer.json()?,
        CapacityFormat::Text => answer.text(),
        CapacityFormat::Svg => show::drawing(&answer.report(&made())),
        CapacityFormat::Html => show::page(&answer.report(&made())),
    })?;
    Ok(answer.outcome())
}

/// What is said if a limit, or the user, ends the run before the questions are answered.
fn last_word(format: CapacityFormat, reason: StopReason) -> anyhow::Result<(String, Outcome)> {
    let words = format!("unknown: {} before an answer\n", reason.as_end());
    let text = match format {
        CapacityFormat::Json => CapacityAnswer::json_of_none(reason)?,
        CapacityFormat::Text => words,
        CapacityFormat::Svg => show::drawing(&ask::unanswered(&words, &made())),
        CapacityFormat::Html => show::page(&ask::unanswered(&words, &made())),
    };
    Ok((text, Outcome::LimitRanOut))
}
