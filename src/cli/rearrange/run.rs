//! Asks for moves, and prints them.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::cli::Outcome;
use crate::cli::output;
use crate::cli::rearrange::arguments::{Arguments, MovesFormat};
use crate::cli::rearrange::room::Placed;
use crate::cli::rearrange::subject::Subject;
use crate::cli::rearrange::told::{Commands, Segments, Told};
use crate::cli::rearrange::{answer_json, answer_pictures, answer_text};
use crate::cli::watch;
use crate::core::{Answer, Goal, Limits, Move, MoveCost, Problem, StopReason};
use crate::lvm::{self, AfterMoves};
use crate::rearrange::{self, Balanced, Level, MoveAnswer, MoveBasis, MoveProof, Open, Smallest};
use crate::solve::Strategy;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let format = arguments.format();
    watch::leave(Box::new(move |reason| {
        last_word(format, reason, started.elapsed())
    }));
    let mut subject = arguments.subject()?;
    if format == MovesFormat::Commands && subject.is_changed {
        bail!(
            "--format commands is for the group as it is; make the changes of the scenario, and ask again"
        );
    }
    let strategy = arguments.strategy.strategy();
    let Found {
        answer,
        smallest,
        balanced,
        segments,
        placed: found,
    } = arguments
        .limits
        .run(|limits| ask(&mut subject, &strategy, limits))?;
    let placed = match (answer.moves(), found) {
        (Some(moves), Some(found)) => Some(subject.placed(moves, found)?),
        _ => None,
    };
    let commands = answer
        .moves()
        .map(|moves| commands(&subject, moves, placed.as_ref()));
    let measured = |moves| rearrange::measures(&subject.moves.state, moves);
    let measures = answer
        .moves()
        .filter(|moves| !moves.is_empty())
        .map(|moves| [measured(&[] as &[Move]), measured(moves)]);
    let told = Told {
        placed,
        commands,
        answer,
        smallest,
        balanced,
        segments,
        measures,
        took: started.elapsed(),
        rate: arguments.rate,
        subject: &subject,
    };
    if let (MovesFormat::Commands, Some(Err(error))) = (format, &told.commands) {
        bail!("{error}");
    }
    let text = match format {
        MovesFormat::Text => answer_text::write(&told),
        MovesFormat::Json => answer_json::write(&answer_json::export(&told))?,
        MovesFormat::Svg => answer_pictures::drawing(&told),
        MovesFormat::Html => answer_pictures::page(&told),
        MovesFormat::Commands => match &told.commands {
            Some(Ok(commands)) => {
                for line in answer_text::torn(&told) {
                    output::remark(&format!("note: {line}"));
                }
                lvm::move_script(&told.subject.group, &commands.moves, &commands.after)
            }
            Some(Err(_)) | None => {
                output::remark(answer_text::verdict(&told).trim_end());
                String::new()
            }
        },
    };
    output::print(&text)?;
    Ok(match told.answer {
        MoveAnswer::Best { .. } | MoveAnswer::Found { .. } => Outcome::Yes,
        MoveAnswer::Impossible { .. } => Outcome::No,
        MoveAnswer::Unknown { .. } => Outcome::LimitRanOut,
    })
}

/// What is said if a limit, or the user, ends the run before there are moves.
fn last_word(
    format: MovesFormat,
    stopped: StopReason,
    took: Duration,
) -> anyhow::Result<(String, Outcome)> {
    let answer = MoveAnswer::Unknown {
        bound: MoveCost::default(),
        proof: MoveProof {
            copied: MoveBasis::Counting,
            moves: MoveBasis::Counting,
        },
        open: Open::Limit { stopped },
    };
    let text = match format {
        MovesFormat::Json => answer_json::write(&answer_json::plain(&answer, took))?,
        MovesFormat::Text => format!("{}\n", answer_text::open(&Open::Limit { stopped })),
        MovesFormat::Commands | MovesFormat::Svg | MovesFormat::Html => {
            output::remark(&answer_text::open(&Open::Limit { stopped }));
            String::new()
        }
    };
    Ok((text, Outcome::LimitRanOut))
}

/// What comes of a question.
struct Found {
    answer: MoveAnswer,
    /// Sizes that were left open.
    smallest: Vec<Smallest>,
    balanced: Option<Balanced>,
    segments: Option<Segments>,
    /// What is placed behind the moves.
    placed: Option<(Problem, Answer)>,
}

/// Finds the sizes that are left open, one after another, then the moves.
fn ask(subject: &mut Subject, strategy: &Strategy, limits: &Limits<'_>) -> anyhow::Result<Found> {
    if let (Some(&source), false) = (subject.open_sizes.first(), subject.room.is_empty()) {
        let name = &subject.moves.state.sources[source].name;
        bail!("--shrink {name} beside --room needs a size: --shrink {name}=SIZE");
    }
    let mut smallest = Vec::new();
    for source in std::mem::take(&mut subject.open_sizes) {
        let found = rearrange::smallest(&subject.moves.state, source, strategy, limits)?;
        let extents = found.extents;
        subject
            .moves
            .state
            .goals
            .push(Goal::Shrink { source, extents });
        smallest.push(found);
    }
    let mut balanced = None;
    if subject.balances {
        let found = rearrange::balance(&subject.moves.state, strategy, limits)?;
        let Level { held, of } = found.level;
        subject.moves.state.goals.push(Goal::Level { held, of });
        balanced = Some(found);
    }
    if let Some(is_meant) = &subject.defragments {
        let (state, budget) = (&subject.moves.state, subject.budget);
        let found = rearrange::defragment(state, is_meant, budget, strategy, limits)?;
        subject.moves.state.goals.extend(found.goals);
        return Ok(Found {
            answer: found.answer,
            smallest,
            balanced,
            segments: Some(Segments {
                before: found.before,
                after: found.after,
                fewest: found.fewest,
                curve: found.curve,
            }),
            placed: None,
        });
    }
    if subject.room.is_empty() {
        let answer = rearrange::plan(&subject.moves.state, strategy, limits)?;
        return Ok(Found {
            answer,
            smallest,
            balanced,
            segments: None,
            placed: None,
        });
    }
    let room = subject.make_room(strategy, limits)?;
    Ok(Found {
        answer: room.answer,
        smallest,
        balanced,
        segments: None,
        placed: room.placed,
    })
}

fn commands(
    subject: &Subject,
    moves: &[Move],
    placed: Option<&Placed>,
) -> Result<Commands, String> {
    let (group, state) = (&subject.group, &subject.moves);
    let steps = lvm::move_steps(group, state, moves, &subject.settings);
    let mut after = AfterMoves::of(group, &state.state.goals);
    if let Some(placed) = placed {
        after.extend(placed.steps()?);
    }
    Ok(Commands {
        moves: steps.map_err(|error| error.to_string())?,
        after,
    })
}
