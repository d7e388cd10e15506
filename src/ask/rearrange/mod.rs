//! Moves that empty disks, shrink them, put legs apart or make room: as they are asked for, and told.

pub(crate) mod answer_json;
pub(crate) mod answer_text;
mod offer;
mod room;
mod subject;
mod to;
mod told;

pub(crate) use offer::offer;
pub use subject::RearrangeQuestion;
pub use told::Told;

use std::time::Duration;

use crate::ask::Outcome;
use crate::ask::fault::{Result, fault};
use crate::ask::pool::Settled;
use crate::ask::rearrange::room::Placed;
use crate::ask::rearrange::subject::Subject;
use crate::ask::rearrange::told::{Commands, Segments, may_be_less};
use crate::core::{Answer, Goal, Limits, Move, MoveCost, Problem, StopReason};
use crate::lvm::{self, AfterMoves};
use crate::rearrange::{self, Balanced, Level, MoveAnswer, MoveBasis, MoveProof, Open, Smallest};
use crate::solve::Strategy;

/// A question about moves, with its volume group.
pub struct Rearrange(Subject);

impl Rearrange {
    /// A question, of a volume group.
    ///
    /// # Errors
    /// If the pool is none, or what is wanted of it cannot be asked.
    pub fn new(question: RearrangeQuestion, asked: Settled<'_>) -> Result<Rearrange> {
        let mut subject = question.subject(asked)?;
        if !subject.room.is_empty() {
            if let Some(&source) = subject.open_sizes.first() {
                let name = &subject.moves.state.sources[source].name;
                return Err(fault!(
                    "--shrink {name} beside --room needs a size: --shrink {name}=SIZE"
                ));
            }
            let (_, notes) = subject.task(&subject.group)?;
            subject.notes.extend(notes);
        }
        Ok(Rearrange(subject))
    }

    /// What is to be noted, a sentence each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.0.notes
    }

    /// Whether a scenario has changed the group, which is not there to be rearranged then.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.0.is_changed
    }

    /// Answers it; `took` says how long that took.
    ///
    /// # Errors
    /// Of a contradiction inside the program.
    pub fn answer(
        self,
        strategy: &Strategy,
        limits: &Limits<'_>,
        took: &dyn Fn() -> Duration,
    ) -> Result<Told> {
        let Rearrange(mut subject) = self;
        let Found {
            answer,
            smallest,
            balanced,
            segments,
            placed: found,
        } = ask(&mut subject, strategy, limits)?;
        let placed = match (answer.moves(), found) {
            (Some(moves), Some(found)) => Some(subject.placed(moves, found)?),
            _ => None,
        };
        let commands = answer
            .moves()
            .map(|moves| commands(&subject, moves, placed.as_ref()));
        let state = &subject.moves.state;
        let measures = answer
            .moves()
            .filter(|moves| !moves.is_empty())
            .map(|moves| {
                let before = rearrange::measures(state, &[], &[]);
                [before, rearrange::measures(state, moves, &state.goals)]
            });
        Ok(Told {
            placed,
            commands,
            answer,
            smallest,
            balanced,
            segments,
            measures,
            took: took(),
            subject,
        })
    }
}

/// What is true of a question that a limit ended before there are moves.
fn nothing(stopped: StopReason) -> MoveAnswer {
    MoveAnswer::Unknown {
        bound: MoveCost::default(),
        proof: MoveProof {
            copied: MoveBasis::Counting,
            moves: MoveBasis::Counting,
        },
        open: Open::Limit { stopped },
    }
}

impl Told {
    /// The answer to a question that a limit ended before, as JSON.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json_of_none(stopped: StopReason, took: Duration) -> Result<String> {
        answer_json::write(&answer_json::plain(&nothing(stopped), took))
    }

    /// The same for people, in a sentence.
    #[must_use]
    pub fn text_of_none(stopped: StopReason) -> String {
        answer_text::open(&Open::Limit { stopped })
    }

    /// The answer as JSON.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json(&self) -> Result<String> {
        answer_json::write(&answer_json::export(self))
    }

    /// The answer for people.
    #[must_use]
    pub fn text(&self) -> String {
        answer_text::write(self)
    }

    /// The answer in a sentence or two.
    #[must_use]
    pub fn verdict(&self) -> String {
        answer_text::verdict(self)
    }

    /// A script that makes the moves and can be stopped and started again, with what is to be noted about it; none
    /// where there are no moves.
    ///
    /// # Errors
    /// Why there are no commands.
    pub fn script(&self) -> Result<Option<(String, Vec<String>)>> {
        let Some(commands) = &self.commands else {
            return Ok(None);
        };
        let commands = commands.as_ref().map_err(|error| fault!("{error}"))?;
        let script = lvm::move_script(&self.subject.group, &commands.moves, &commands.after);
        Ok(Some((script, answer_text::torn(self))))
    }

    /// What the answer means to the exit code.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.answer {
            MoveAnswer::Best { .. } | MoveAnswer::Found { .. } => Outcome::Yes,
            MoveAnswer::Impossible { .. } => Outcome::No,
            MoveAnswer::Unknown { .. } => Outcome::LimitRanOut,
        }
    }
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

/// Finds the sizes that are left open, one after another, then the moves. Moves to what may not be the least are not best.
fn ask(subject: &mut Subject, strategy: &Strategy, limits: &Limits<'_>) -> Result<Found> {
    let found = ask_in_order(subject, strategy, limits)?;
    Ok(
        match may_be_less(&found.smallest, found.balanced.as_ref()) {
            true => Found {
                answer: found.answer.of_open_goal(limits.ran_out()),
                ..found
            },
            false => found,
        },
    )
}

fn ask_in_order(subject: &mut Subject, strategy: &Strategy, limits: &Limits<'_>) -> Result<Found> {
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
) -> std::result::Result<Commands, String> {
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
