//! `extentplan plan`: the best layout for requests, its proof, and the commands that build it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::bail;
use clap::Args;

use crate::ask::{self, AllPlanned, Outcome, Planned, Task, verdict};
use crate::cli::limits::LimitOptions;
use crate::cli::made::made;
use crate::cli::output::{self, Format};
use crate::cli::proof;
use crate::cli::so_far::SoFar;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task_arguments::TaskArguments;
use crate::cli::{terminal, watch};
use crate::core::{Answer, Bound, Limits, Problem};
use crate::json;
use crate::show::{self, MapStyle};
use crate::solve::{Strategy, solve};

/// Finds the best layout for requests and proves it best, or proves that there is none
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    task: TaskArguments,
    #[command(flatten)]
    strategy: StrategyOptions,
    #[command(flatten)]
    limits: LimitOptions,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write pool and requests to this file, as a problem that `check`, `export` and `plan` read
    #[arg(long, value_name = "FILE")]
    problem_out: Option<PathBuf>,
    /// Write BASE.opb and BASE.pbp, a proof of the answer that the program `veripb` checks; half of a
    /// time limit is kept for it
    #[arg(long, value_name = "BASE")]
    proof: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let format = if arguments.json {
        Format::Json
    } else {
        arguments.format
    };
    let started = Instant::now();
    watch::leave(nothing_read(format, started));
    let (task, mut rest) = arguments.task.read_parts()?;
    let are_several = rest.first().is_some();
    if format == Format::Commands && task.group.is_none() {
        bail!(
            "--format commands needs a volume group; {} is none",
            arguments.task.pool_name()
        );
    }
    if let Some(base) = &arguments.proof {
        if are_several {
            bail!("--proof writes one proof; what is asked for is planned in parts");
        }
        proof::clear(base, arguments.problem_out.as_deref())?;
    }
    if let Some(path) = &arguments.problem_out {
        if are_several {
            bail!("--problem-out writes one problem; what is asked for is planned in parts");
        }
        output::save(path, &json::write_problem(&task.problem, task.extent_bytes))?;
    }
    let is_open = !task.apart.is_empty();
    let mut noted = 0;
    let done = ask::plan(task, &mut rest, |task, done, rest| {
        for note in &done.notes[noted..] {
            output::note(note);
        }
        noted = done.notes.len();
        let mut part = planned(arguments, task, done, format, started)?;
        if let (Format::Text, Answer::Impossible { .. }, false, Some(words)) = (
            format,
            &part.answer,
            are_several,
            arguments.task.room_question(),
        ) {
            arguments.limits.run(|limits| {
                part.offer(rest, &words, limits);
                Ok(())
            })?;
        }
        if let (Format::Commands, Some(Err(error))) = (format, &part.commands) {
            bail!("{error}");
        }
        if rest.first().is_some() {
            let mut done = done.clone();
            done.parts.push(part.clone());
            watch::leave(unfinished(done, format));
        }
        Ok(part)
    })?;
    if format == Format::Commands {
        for fault in done.faults() {
            output::note(&format!("unsafe once it is built: {fault}"));
        }
    }
    if let (Some(path), [part], true) = (&arguments.problem_out, done.parts.as_slice(), is_open) {
        // By now it is known which legs can be kept apart.
        let task = &part.task;
        output::save(path, &json::write_problem(&task.problem, task.extent_bytes))?;
    }
    output::print(&written(&done, format))?;
    if let (Some(base), [part]) = (&arguments.proof, done.parts.as_slice()) {
        arguments.limits.run(|limits| {
            let backend = arguments.strategy.backend();
            proof::write(base, &part.task.problem, &part.answer, backend, limits)
        })?;
    }
    match (rest.first(), done.outcome()) {
        // A plan that is not built has no group for what comes behind it.
        (Some(typed), Outcome::Yes) => {
            output::note(&format!(
                "{} and what is behind it is not planned",
                typed.origin
            ));
            Ok(Outcome::LimitRanOut)
        }
        (_, outcome) => Ok(outcome),
    }
}

/// The answers as the user wants them. Where commands are wanted and there are none, why not goes to
/// standard error.
fn written(planned: &AllPlanned, format: Format) -> String {
    match format {
        Format::Json => planned.json(),
        Format::Text => planned.text(),
        Format::Commands => planned.script().unwrap_or_else(|| {
            for part in &planned.parts {
                output::remark(verdict(&part.task.problem, &part.answer).trim_end());
                if let Some(Err(error)) = &part.commands {
                    output::remark(&format!("no commands: {error}"));
                }
            }
            String::new()
        }),
        Format::Svg => show::drawing(&planned.report(&made())),
        Format::Html => show::page(&planned.report(&made())),
    }
}

/// Plans one part behind others.
fn planned(
    arguments: &Arguments,
    task: &Arc<Task>,
    done: &AllPlanned,
    format: Format,
    started: Instant,
) -> anyhow::Result<Planned> {
    let solved = |task: &Arc<Task>| solved(arguments, task, done, format, started);
    let (task, answer) = ask::safest(task, solved)?;
    let mut part = Planned::of(&task, answer, &|| started.elapsed())?;
    if let Format::Text | Format::Html = format {
        part.draw(match format {
            Format::Text => terminal::style(),
            Format::Json | Format::Commands | Format::Svg | Format::Html => MapStyle::plain(),
        });
    }
    Ok(part)
}

/// Solves one part behind others.
fn solved(
    arguments: &Arguments,
    task: &Arc<Task>,
    done: &AllPlanned,
    format: Format,
    started: Instant,
) -> anyhow::Result<Answer> {
    let strategy = Strategy {
        walks_on: true,
        ..arguments.strategy.strategy()
    };
    let so_far = Arc::new(SoFar::default());
    watch::leave(last_word(task, &so_far, done.clone(), format, started));
    let answer = arguments.limits.run(|limits| {
        let work = |limits: &Limits<'_>| {
            so_far.listening(limits, |limits| {
                solve(&task.problem, &strategy, limits).map_err(anyhow::Error::from)
            })
        };
        // The other half is the proof's.
        match arguments.proof {
            Some(_) => limits.in_half_of_the_time(work),
            None => work(limits),
        }
    })?;
    so_far.conclude(answer.clone());
    Ok(answer)
}

/// What is said if a limit ends the run before the task is read.
fn nothing_read(format: Format, started: Instant) -> watch::LastWord {
    Box::new(move |stopped| {
        let answer = Answer::Unknown {
            bound: Bound::default(),
            stopped,
        };
        let nothing = Problem::new(Vec::new(), Vec::new(), Vec::new());
        let nothing = nothing.expect("nothing has no defect");
        let words = verdict(&nothing, &answer);
        let text = match format {
            Format::Json => json::write_answer(&nothing, &answer, Some(started.elapsed())),
            Format::Text => words,
            Format::Svg => show::drawing(&ask::unanswered(&words, &made())),
            Format::Html => show::page(&ask::unanswered(&words, &made())),
            Format::Commands => {
                output::remark(words.trim_end());
                String::new()
            }
        };
        Ok((text, Outcome::LimitRanOut))
    })
}

/// What is said if a limit ends the run: the best plan so far, behind the parts that are planned. Pictures are
/// left out.
fn last_word(
    task: &Arc<Task>,
    so_far: &Arc<SoFar>,
    mut done: AllPlanned,
    format: Format,
    started: Instant,
) -> watch::LastWord {
    let (task, so_far) = (Arc::clone(task), Arc::clone(so_far));
    Box::new(move |reason| {
        let answer = so_far.answer(reason);
        let has_plan = answer.plan().is_some();
        let took = started.elapsed();
        done.parts.push(Planned::so_far(task, answer, reason, took));
        let outcome = match format {
            Format::Commands if has_plan => Outcome::LimitRanOut,
            _ if done.are_several => Outcome::LimitRanOut,
            Format::Text | Format::Json | Format::Commands | Format::Svg | Format::Html => {
                done.outcome()
            }
        };
        Ok((written(&done, format), outcome))
    })
}

/// What is said if a limit ends the run between two parts.
fn unfinished(done: AllPlanned, format: Format) -> watch::LastWord {
    Box::new(move |_| {
        let text = match format {
            // Half of what was asked for is not run.
            Format::Commands => String::new(),
            Format::Text | Format::Json | Format::Svg | Format::Html => written(&done, format),
        };
        Ok((text, Outcome::LimitRanOut))
    })
}
