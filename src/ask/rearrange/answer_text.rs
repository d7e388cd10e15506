//! Moves for people.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::ask::rearrange::room::Placed;
use crate::ask::rearrange::told::{Segments, Told, may_be_less};
use crate::ask::verdict::verdict as plan_verdict;
use crate::core::{Goal, Move, MoveCost, Segment};
use crate::rearrange::{self, Level, MoveAnswer, MoveBasis, MoveProof, Open};
use crate::show;

/// The answer, the moves and the commands.
pub(crate) fn write(told: &Told) -> String {
    let mut text = goals(told);
    text.push_str(&verdict(told));
    let Some(moves) = told.answer.moves() else {
        return text;
    };
    if let Some(rate) = told.subject.rate {
        let bytes =
            u128::from(MoveCost::of(moves).copied) * u128::from(told.subject.group.extent_bytes());
        let seconds = bytes.div_ceil(u128::from(rate.max(1)));
        let _ = writeln!(
            text,
            "  about {} at {}/s",
            show::time(seconds),
            show::bytes(1, rate)
        );
    }
    if let Some(found) = &told.segments {
        text.push_str("\ncopied       segments\n");
        for point in found.points() {
            let _ = writeln!(text, "  {:<10} {}", point.copied, point.segments);
        }
    }
    if let Some([before, after]) = &told.measures {
        let changes = [
            format!("segments {} -> {}", before.segments, after.segments),
            format!(
                "highest fill {} -> {}",
                percent(before.highest_fill),
                percent(after.highest_fill)
            ),
            format!("free areas {} -> {}", before.fragments, after.fragments),
            format!("largest {} -> {}", before.largest_area, after.largest_area),
        ];
        text.push('\n');
        text.push_str(&show::wrapped("", ", ", changes.into_iter()));
    }
    if !moves.is_empty() {
        text.push_str("\nmoves\n");
    }
    for step in moves {
        text.push_str(&show::wrapped("  ", "  ", line(told, step).into_iter()));
    }
    for line in torn(told) {
        text.push('\n');
        text.push_str(&show::wrapped(
            "",
            " ",
            format!("note: {line}").split(' ').map(str::to_string),
        ));
    }
    if let Some(placed) = &told.placed {
        let (task, answer) = (&placed.task, &placed.answer);
        text.push_str("\nthen there is room: ");
        text.push_str(plan_verdict(&task.problem, answer).trim_start());
        if let Some(plan) = answer.plan() {
            text.push('\n');
            text.push_str(&show::layout(
                &task.problem,
                plan,
                task.extent_bytes,
                &task.log_words(),
            ));
        }
    }
    match &told.commands {
        Some(Ok(commands)) => {
            text.push_str(match told.subject.is_changed {
                true => "\ncommands, behind the changes of the scenario\n",
                false => "\ncommands\n",
            });
            for line in commands.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        Some(Err(error)) => {
            let _ = writeln!(text, "\nno commands: {error}");
        }
        None => {}
    }
    text
}

/// A move: what goes, from where to where, and how much.
fn line(told: &Told, step: &Move) -> [String; 3] {
    let state = &told.subject.moves.state;
    let place = |place: Segment| format!("{}:{}", state.sources[place.source].name, place.area);
    let bytes = Some(told.subject.group.extent_bytes());
    [
        what(told, step),
        format!("{} -> {}", place(step.from), place(step.to)),
        show::extents(step.from.area.count(), bytes),
    ]
}

/// What moves by its name, and by the one that `pvmove` is given where that is another.
pub(crate) fn what(told: &Told, step: &Move) -> String {
    let moves = &told.subject.moves;
    let name = &moves.state.volumes[step.volume].legs[step.leg].name;
    let (_, said) = &moves.names[step.volume][step.leg];
    match name == said {
        true => name.clone(),
        false => format!("{name} (of {said})"),
    }
}

/// What is contiguous, and in pieces on the way, a line each.
pub(crate) fn torn(told: &Told) -> Vec<String> {
    let state = &told.subject.moves.state;
    let moves = told.answer.moves().unwrap_or_default();
    let torn = rearrange::torn(state, moves).into_iter();
    let line = |(volume, (first, last)): (usize, (usize, usize))| {
        format!(
            "`{}` is contiguous, and lies in pieces from move {} until behind move {}: if the moves are stopped there, go on \
             with them",
            state.volumes[volume].name,
            first + 1,
            last + 1
        )
    };
    torn.map(line).collect()
}

/// What is wanted, a line for each goal.
pub(crate) fn goals(told: &Told) -> String {
    let state = &told.subject.moves.state;
    let extents = |count| show::extents(count, Some(told.subject.group.extent_bytes()));
    let mut text = String::new();
    let mut drawn: BTreeSet<&str> = BTreeSet::new();
    for goal in &state.goals {
        let line = match *goal {
            Goal::Drain { source } => format!("empty {}", state.sources[source].name),
            Goal::Shrink {
                source,
                extents: left,
            } => {
                let found = told.smallest.iter().find(|found| found.source == source);
                let said = found.map_or(String::new(), |found| match found.bound == left {
                    true if found.is_counted => ", the least, proven by counting".to_string(),
                    true => ", the least, proven: one less is impossible".to_string(),
                    false => format!(
                        ", as far as moves were found; no moves leave fewer than {}",
                        found.bound
                    ),
                });
                let has = state.sources[source].extents;
                format!(
                    "shrink {} from {has} to {}{said}",
                    state.sources[source].name,
                    extents(left)
                )
            }
            Goal::Clear { source, area } => {
                format!("clear {}:{area}", state.sources[source].name)
            }
            Goal::Spare {
                source,
                extents: wanted,
            } => format!("free {} of {}", extents(wanted), state.sources[source].name),
            Goal::Heal => {
                let domains: Vec<String> =
                    state.domains.iter().map(|tag| format!("@{tag}")).collect();
                match domains.is_empty() {
                    true => "put legs on disks of their own".to_string(),
                    false => format!("put legs apart by {}", domains.join(", ")),
                }
            }
            Goal::Level { held, of } => {
                let said = told.balanced.map_or(String::new(), |found| {
                    let before = percent(found.before);
                    let proof = match (found.level == found.bound, found.is_counted) {
                        (true, true) => "the least, proven by counting".to_string(),
                        (true, false) => "the least, proven: a lower one is impossible".to_string(),
                        (false, _) => format!("no moves come below {}", percent(found.bound)),
                    };
                    format!(" instead of {before}, {proof}")
                });
                let level = percent(Level { held, of });
                format!("fill no disk above {level} ({held} of {of} extents){said}")
            }
            Goal::Lie { volume, .. } => {
                drawn.insert(state.volumes[volume].name.as_str());
                continue;
            }
            Goal::Runs { .. } => continue,
        };
        text.push_str(&show::wrapped("", " ", line.split(' ').map(str::to_string)));
    }
    if !drawn.is_empty() {
        let volumes = if drawn.len() == 1 {
            "volume"
        } else {
            "volumes"
        };
        let _ = writeln!(text, "lay out {} {volumes} as drawn", drawn.len());
    }
    if let Some(found) = &told.segments {
        let proof = match found.after == found.fewest {
            true => "the fewest, proven by counting".to_string(),
            false => format!("fewer than {} are impossible", found.fewest),
        };
        let line = format!(
            "bring volumes into few segments: {} instead of {}, {proof}",
            found.after, found.before
        );
        text.push_str(&show::wrapped("", " ", line.split(' ').map(str::to_string)));
    }
    for typed in &told.subject.room {
        let keeps_apart = told.placed.as_ref().is_some_and(Placed::keeps_apart);
        let how = match keeps_apart {
            true => ", legs apart",
            false => "",
        };
        let line = format!("room for {}{how}", typed.origin);
        text.push_str(&show::wrapped("", " ", line.split(' ').map(str::to_string)));
    }
    text
}

/// The answer in a line or two.
pub(crate) fn verdict(told: &Told) -> String {
    let extent_bytes = Some(told.subject.group.extent_bytes());
    let costs = |cost: &MoveCost| {
        format!(
            "copied {}, moves {}",
            show::extents(cost.copied, extent_bytes),
            cost.moves
        )
    };
    let words = match &told.answer {
        MoveAnswer::Best { cost, proof, .. } => {
            format!("best: {} - {}", costs(cost), proven(proof))
        }
        MoveAnswer::Found { cost, stopped, .. }
            if told.segments.as_ref().is_some_and(Segments::is_open) =>
        {
            format!(
                "found: {} - there may be fewer segments, or as many for less: {stopped}",
                costs(cost)
            )
        }
        MoveAnswer::Found { cost, stopped, .. }
            if may_be_less(&told.smallest, told.balanced.as_ref()) =>
        {
            let what = match told.balanced {
                Some(_) => "a lower fill",
                None => "a smaller size",
            };
            format!(
                "found: {} - {what} is not proven impossible: {stopped}",
                costs(cost)
            )
        }
        MoveAnswer::Found {
            cost,
            bound,
            proof,
            stopped,
            ..
        } if cost.copied == bound.copied => format!(
            "found: {} - copied proven by {}; moves at least {} (by {}), not proven: {stopped}",
            costs(cost),
            by(proof.copied),
            bound.moves,
            by(proof.moves)
        ),
        MoveAnswer::Found {
            cost,
            bound,
            proof,
            stopped,
            ..
        } => format!(
            "found: {} - at least {} is copied (by {}), not proven: {stopped}",
            costs(cost),
            show::extents(bound.copied, extent_bytes),
            by(proof.copied)
        ),
        MoveAnswer::Impossible { why } => format!("impossible: {why}"),
        MoveAnswer::Unknown { bound, open, .. } => {
            let more = match bound.copied {
                0 => String::new(),
                _ => format!("; no moves cost less than {}", costs(bound)),
            };
            format!("{}{more}", self::open(open))
        }
    };
    show::wrapped("", " ", words.split(' ').map(str::to_string))
}

fn by(basis: MoveBasis) -> &'static str {
    match basis {
        MoveBasis::Counting => "counting",
        MoveBasis::Prices => "prices",
        MoveBasis::Search => "search",
    }
}

fn proven(proof: &MoveProof) -> String {
    match proof.copied == proof.moves {
        true => format!("proven by {}", by(proof.copied)),
        false => format!(
            "proven: copied by {}, moves by {}",
            by(proof.copied),
            by(proof.moves)
        ),
    }
}

/// What keeps an answer open.
pub(crate) fn open(open: &Open) -> String {
    match open {
        Open::NoMoves { why } => {
            let why = why
                .as_ref()
                .map_or(String::new(), |why| format!(" ({why})"));
            format!(
                "unknown: what has to move does not fit into what is free now{why}, and no moves were found that make \
                 way for it"
            )
        }
        Open::NoOrder => {
            "unknown: no order of the moves that lead there was found; that there is none is not proven".to_string()
        }
        Open::Limit { stopped } => format!("unknown: {} before there were moves", stopped.as_end()),
    }
}

/// A share for people, rounded up to a tenth.
fn percent(level: Level) -> String {
    let tenths = (u128::from(level.held) * 1_000).div_ceil(u128::from(level.of.max(1)));
    format!("{}.{} %", tenths / 10, tenths % 10)
}
