//! Asks for moves, and prints them.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::ask::{self, Outcome, Rearrange, Settled, Told};
use crate::cli::made::made;
use crate::cli::output;
use crate::cli::rearrange::arguments::{Arguments, MovesFormat};
use crate::cli::watch;
use crate::core::StopReason;
use crate::show;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let format = arguments.format();
    watch::leave(Box::new(move |reason| {
        last_word(format, reason, started.elapsed())
    }));
    let (pool, settings) = arguments.pool.read_to_command(&arguments.settings)?;
    let name = arguments.pool.name();
    let asked = Settled {
        pool,
        name: &name,
        settings,
    };
    let rearrange = Rearrange::new(arguments.question(&asked.settings)?, asked)?;
    for note in rearrange.notes() {
        output::note(note);
    }
    if format == MovesFormat::Commands && rearrange.is_changed() {
        bail!(
            "--format commands is for the group as it is; make the changes of the scenario, and ask again"
        );
    }
    let strategy = arguments.strategy.strategy();
    let told = arguments
        .limits
        .run(|limits| Ok(rearrange.answer(&strategy, limits, &|| started.elapsed())?))?;
    let text = match format {
        MovesFormat::Text => told.text(),
        MovesFormat::Json => told.json()?,
        MovesFormat::Svg => show::drawing(&told.report(&made())),
        MovesFormat::Html => show::page(&told.report(&made())),
        MovesFormat::Commands => match told.script()? {
            Some((script, notes)) => {
                for note in notes {
                    output::note(&note);
                }
                script
            }
            None => {
                output::remark(told.verdict().trim_end());
                String::new()
            }
        },
    };
    output::print(&text)?;
    Ok(told.outcome())
}

/// What is said if a limit, or the user, ends the run before there are moves.
fn last_word(
    format: MovesFormat,
    stopped: StopReason,
    took: Duration,
) -> anyhow::Result<(String, Outcome)> {
    let page = || ask::unanswered(&Told::text_of_none(stopped), &made());
    let text = match format {
        MovesFormat::Json => Told::json_of_none(stopped, took)?,
        MovesFormat::Text => format!("{}\n", Told::text_of_none(stopped)),
        MovesFormat::Svg => show::drawing(&page()),
        MovesFormat::Html => show::page(&page()),
        MovesFormat::Commands => {
            output::remark(&Told::text_of_none(stopped));
            String::new()
        }
    };
    Ok((text, Outcome::LimitRanOut))
}
