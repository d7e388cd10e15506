//! Moves as JSON. The JSON Schema is made from these types.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Number, Value};

use crate::ask::fault::Result;
use crate::ask::rearrange::room::Placed;
use crate::ask::rearrange::told::Told;
use crate::core::{Goal, Move, MoveCost, Rearrangement, Segment};
use crate::json;
use crate::rearrange::{Level, Measures, MoveAnswer, MoveBasis, Open};

/// The format of an answer about moves.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) enum MovesAnswer {
    #[serde(rename = "extentplan/moves/1")]
    One,
}

/// What is true of the goals.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawStatus {
    /// No moves that reach the goals cost less.
    Best,
    /// Moves that copy little; less might do, or fewer.
    Found,
    /// No moves reach the goals.
    Impossible,
    /// Neither moves nor a proof that there are none.
    Unknown,
}

/// An answer about moves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawMoves {
    /// The format of the answer.
    schema: MovesAnswer,
    /// What is true.
    status: RawStatus,
    /// What is wanted.
    goals: Vec<RawGoal>,
    /// What the moves cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<RawCost>,
    /// What no moves go below.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<RawCost>,
    /// What shows the bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<RawProof>,
    /// In how few segments volumes lie, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<RawSegments>,
    /// What the layout is like before and behind the moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    measures: Option<RawBeforeAfter>,
    /// Why there are no moves, or none were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The moves, in an order in which they can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    moves: Option<Vec<RawMove>>,
    /// Where room was asked for: where the requests go once the moves are made, as `extentplan plan` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Value>,
    /// What makes them on LVM2, and what the goals ask for behind them; lines of a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<Vec<String>>,
    /// Why there are no commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_commands: Option<String>,
    /// How long copying takes at the rate that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    copying_seconds: Option<u64>,
    /// How long the answer took.
    seconds: Number,
}

/// In how few segments volumes lie: runs of their legs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawSegments {
    /// As it is.
    before: u64,
    /// Behind the moves.
    after: u64,
    /// Fewer there cannot be, whatever is moved.
    fewest: u64,
    /// `[extents copied, segments]`: what less copying comes to, each point found with its moves.
    curve: Vec<(u64, u64)>,
}

/// Measures before and behind the moves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawBeforeAfter {
    before: RawMeasures,
    after: RawMeasures,
}

/// What a layout is like.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawMeasures {
    /// Runs of all legs.
    segments: u64,
    /// The highest share that is held of a disk: so many extents of so many.
    highest_fill: (u64, u64),
    /// Free areas.
    fragments: u64,
    /// Extents of the largest of them.
    largest_area: u64,
}

/// A goal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawGoal {
    /// A disk is emptied.
    Drain(String),
    /// A disk is shrunk.
    Shrink {
        /// The disk.
        source: String,
        /// The extents that remain.
        extents: u64,
        /// Where the size was left open: fewer cannot remain, whatever is moved.
        #[serde(skip_serializing_if = "Option::is_none")]
        bound: Option<u64>,
    },
    /// Nothing is to lie on so many extents of a disk from the first on.
    Clear(String, u64, u64),
    /// So many extents of a disk are to be free.
    Spare(String, u64),
    /// There is room for a request.
    Room(String),
    /// Legs are put apart, by disk and by these tags.
    Heal(Vec<String>),
    /// A part of a logical volume, from an extent of it or of its stripe on, lies at a place.
    Lie(String, u64, (String, u64, u64)),
    /// The legs of a logical volume lie in so many segments at most, all together.
    Segments(String, u64),
    /// Of each disk no more than such a share is held.
    Level {
        /// So many extents of so many.
        most: (u64, u64),
        /// The highest share as it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<(u64, u64)>,
        /// No moves come below.
        #[serde(skip_serializing_if = "Option::is_none")]
        bound: Option<(u64, u64)>,
    },
}

/// What moves cost.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct RawCost {
    /// Extents that are copied.
    copied: u64,
    /// Moves.
    moves: u64,
}

/// What shows the bound. Extents that may not stay where they are have to be copied, and each run of them takes a
/// move; who has to make way beside is searched.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct RawProof {
    /// What bounds the extents.
    copied: RawBy,
    /// What bounds the moves.
    moves: RawBy,
}

/// What a bound rests on.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RawBy {
    /// Extents, or runs, that may not stay where they are.
    Counting,
    /// What legs in one piece keep at the most, each at a price of its own.
    Prices,
    /// A search that is complete as far as the bound goes.
    Search,
}

/// A move: `[source, first extent, extents]` on either side.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RawMove {
    /// The logical volume that holds the extents.
    volume: String,
    /// Where they lie.
    from: (String, u64, u64),
    /// Where they go.
    to: (String, u64, u64),
}

/// The object as text.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn write(answer: &RawMoves) -> Result<String> {
    let text = serde_json::to_string_pretty(answer)?;
    Ok(text + "\n")
}

/// An answer alone.
pub(crate) fn plain(answer: &MoveAnswer, took: Duration) -> RawMoves {
    let (status, cost, bound, why) = match answer {
        MoveAnswer::Best { cost, .. } => (RawStatus::Best, Some(cost), Some(cost), None),
        MoveAnswer::Found { cost, bound, .. } => (RawStatus::Found, Some(cost), Some(bound), None),
        MoveAnswer::Impossible { why } => {
            (RawStatus::Impossible, None, None, Some(why.to_string()))
        }
        MoveAnswer::Unknown { bound, open, .. } => {
            let why = match open {
                Open::NoMoves { why } => {
                    let why = why.as_ref().map_or(String::new(), |why| format!(": {why}"));
                    format!("no moves were found{why}")
                }
                Open::NoOrder => "no order of the moves was found".to_string(),
                Open::Limit { stopped } => stopped.name().to_string(),
            };
            (RawStatus::Unknown, None, Some(bound), Some(why))
        }
    };
    let raw = |cost: &MoveCost| RawCost {
        copied: cost.copied,
        moves: cost.moves,
    };
    let proof = match answer {
        MoveAnswer::Best { proof, .. }
        | MoveAnswer::Found { proof, .. }
        | MoveAnswer::Unknown { proof, .. } => Some(*proof),
        MoveAnswer::Impossible { .. } => None,
    };
    let millis = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    RawMoves {
        schema: MovesAnswer::One,
        status,
        goals: Vec::new(),
        cost: cost.map(raw),
        bound: bound.map(raw),
        proof: proof.map(|proof| RawProof {
            copied: by(proof.copied),
            moves: by(proof.moves),
        }),
        segments: None,
        measures: None,
        why,
        moves: None,
        plan: None,
        commands: None,
        no_commands: None,
        copying_seconds: None,
        seconds: microseconds(millis),
    }
}

fn by(basis: MoveBasis) -> RawBy {
    match basis {
        MoveBasis::Counting => RawBy::Counting,
        MoveBasis::Prices => RawBy::Prices,
        MoveBasis::Search => RawBy::Search,
    }
}

/// Seconds with six decimals.
fn microseconds(count: u64) -> Number {
    let text = format!("{}.{:06}", count / 1_000_000, count % 1_000_000);
    text.parse().unwrap_or_else(|_| Number::from(0))
}

/// An answer with all that belongs to it.
pub(crate) fn export(told: &Told) -> RawMoves {
    let state = &told.subject.moves.state;
    let extent_bytes = told.subject.group.extent_bytes();
    let moves = told.answer.moves();
    let (commands, no_commands) = match &told.commands {
        Some(Ok(commands)) => (Some(commands.lines()), None),
        Some(Err(error)) => (None, Some(error.clone())),
        None => (None, None),
    };
    let seconds = moves.zip(told.subject.rate).map(|(moves, rate)| {
        let bytes = u128::from(MoveCost::of(moves).copied) * u128::from(extent_bytes);
        u64::try_from(bytes.div_ceil(u128::from(rate.max(1)))).unwrap_or(u64::MAX)
    });
    RawMoves {
        goals: state
            .goals
            .iter()
            .map(|goal| goal_of(told, goal))
            .chain(
                told.subject
                    .room
                    .iter()
                    .map(|typed| RawGoal::Room(typed.origin.clone())),
            )
            .collect(),
        moves: moves.map(|moves| moves.iter().map(|step| move_of(state, step)).collect()),
        segments: told.segments.as_ref().map(|found| RawSegments {
            before: found.before,
            after: found.after,
            fewest: found.fewest,
            curve: found
                .points()
                .iter()
                .map(|point| (point.copied, point.segments))
                .collect(),
        }),
        measures: told.measures.map(|[before, after]| RawBeforeAfter {
            before: raw_measures(before),
            after: raw_measures(after),
        }),
        plan: told.placed.as_ref().and_then(plan_of),
        commands,
        no_commands,
        copying_seconds: seconds,
        ..plain(&told.answer, told.took)
    }
}

fn goal_of(told: &Told, goal: &Goal) -> RawGoal {
    let state = &told.subject.moves.state;
    match *goal {
        Goal::Drain { source } => RawGoal::Drain(state.sources[source].name.clone()),
        Goal::Shrink { source, extents } => {
            let found = told.smallest.iter().find(|found| found.source == source);
            RawGoal::Shrink {
                source: state.sources[source].name.clone(),
                extents,
                bound: found.map(|found| found.bound),
            }
        }
        Goal::Clear { source, area } => {
            let name = state.sources[source].name.clone();
            RawGoal::Clear(name, area.start(), area.count())
        }
        Goal::Spare { source, extents } => {
            RawGoal::Spare(state.sources[source].name.clone(), extents)
        }
        Goal::Heal => RawGoal::Heal(state.domains.iter().cloned().collect()),
        Goal::Lie { volume, leg, piece } => {
            let leg = &state.volumes[volume].legs[leg];
            RawGoal::Lie(leg.name.clone(), piece.offset, place_of(state, piece.place))
        }
        Goal::Runs { volume, most } => RawGoal::Segments(state.volumes[volume].name.clone(), most),
        Goal::Level { held, of } => RawGoal::Level {
            most: (held, of),
            before: told.balanced.map(|found| share(found.before)),
            bound: told.balanced.map(|found| share(found.bound)),
        },
    }
}

/// A plan of requests as JSON; its text is read back so that it stands within the answer.
fn plan_of(placed: &Placed) -> Option<Value> {
    let text = json::write_answer(&placed.task.problem, &placed.answer, None);
    serde_json::from_str(&text).ok()
}

fn move_of(state: &Rearrangement, step: &Move) -> RawMove {
    RawMove {
        volume: state.volumes[step.volume].legs[step.leg].name.clone(),
        from: place_of(state, step.from),
        to: place_of(state, step.to),
    }
}

fn place_of(state: &Rearrangement, place: Segment) -> (String, u64, u64) {
    let name = state.sources[place.source].name.clone();
    (name, place.area.start(), place.area.count())
}

fn share(level: Level) -> (u64, u64) {
    (level.held, level.of)
}

fn raw_measures(measures: Measures) -> RawMeasures {
    RawMeasures {
        segments: measures.segments,
        highest_fill: share(measures.highest_fill),
        fragments: measures.fragments,
        largest_area: measures.largest_area,
    }
}
