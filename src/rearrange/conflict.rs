//! Why no moves at all reach the goals, in numbers that can be counted.

use std::fmt;

use crate::core::counted;

/// Why no moves reach the goals.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoveConflict {
    /// What may not move lies where it may not stay.
    Locked {
        /// The leg.
        leg: String,
        /// Why it may not move.
        why: String,
        /// Where it lies.
        source: String,
        /// How many extents of it.
        extents: u64,
    },
    /// Two legs that may not move share a source or a domain.
    LockedTogether {
        /// The volume.
        volume: String,
        /// The source or the domain.
        place: String,
    },
    /// More leaves than is free elsewhere.
    Room {
        /// Where it leaves from.
        sources: Vec<String>,
        /// Extents that may not stay.
        leaving: u64,
        /// Extents that are free where they may go.
        free: u64,
    },
    /// More columns keep apart than there are sources, or domains, left for them.
    Apart {
        /// The volume.
        volume: String,
        /// Its columns.
        columns: u64,
        /// What they keep apart by: sources, or domains.
        by: &'static str,
        /// How many are left.
        left: u64,
    },
    /// Legs have nowhere to be but on sources that are too small for them, whoever makes way.
    CutOff {
        /// The legs.
        legs: Vec<String>,
        /// The only sources for what is counted of them.
        sources: Vec<String>,
        /// What of the legs has to be there.
        extents: u64,
        /// What may be there.
        room: u64,
    },
    /// On too few sources a run can be made free that a leg in one piece fits into.
    NoRuns {
        /// The request.
        request: String,
        /// Its legs.
        legs: u64,
        /// How long each is.
        extents: u64,
    },
    /// The end that is drawn cannot be one.
    Drawn {
        /// What of it.
        what: String,
    },
    /// What lies elsewhere than it is to has nowhere to move to: nothing is free.
    Full {
        /// Extents that lie elsewhere.
        misplaced: u64,
    },
    /// Nothing that can be counted: no way to lay out what is held keeps the rules, by a search that is complete.
    NoEnd {
        /// Its branches.
        branches: u64,
    },
    /// Nothing that can be counted: none of the states that moves lead to is one that is wanted; all were visited.
    NoWay {
        /// How many there are.
        states: u64,
    },
}

impl fmt::Display for MoveConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MoveConflict::Locked {
                leg,
                why,
                source,
                extents,
            } => write!(
                f,
                "{} of `{leg}` on {source} may not move: {why}",
                counted(*extents, "extent")
            ),
            MoveConflict::LockedTogether { volume, place } => {
                write!(f, "two legs of `{volume}` on {place} may not move")
            }
            MoveConflict::Room {
                sources,
                leaving,
                free,
            } => write!(
                f,
                "{} {} {}; {free} {} free where they may go: {} short",
                counted(*leaving, "extent"),
                if *leaving == 1 { "leaves" } else { "leave" },
                sources.join(" and "),
                if *free == 1 { "is" } else { "are" },
                leaving.saturating_sub(*free)
            ),
            MoveConflict::Apart {
                volume,
                columns,
                by,
                left,
            } => write!(
                f,
                "`{volume}` has {columns} legs that keep apart; {left} {by} are left for them"
            ),
            MoveConflict::CutOff {
                legs,
                sources,
                extents,
                room,
            } => {
                let legs: Vec<String> = legs.iter().map(|leg| format!("`{leg}`")).collect();
                write!(
                    f,
                    "{} of {} can only be on {}, with room for {room}: {} short, whoever makes way",
                    counted(*extents, "extent"),
                    some_of(&legs),
                    some_of(sources),
                    extents.saturating_sub(*room)
                )
            }
            MoveConflict::NoRuns {
                request,
                legs,
                extents,
            } => write!(
                f,
                "`{request}` takes {legs} runs of {} on different sources; whatever is moved, there are \
                 fewer sources with such a run that nothing locked lies in",
                counted(*extents, "extent")
            ),
            MoveConflict::Drawn { what } => write!(f, "as it is drawn {what}"),
            MoveConflict::Full { misplaced } => write!(
                f,
                "{misplaced} extents are to lie elsewhere, and none is free that anything may be moved to"
            ),
            MoveConflict::NoEnd { branches } => write!(
                f,
                "no layout of what is held keeps the rules, whoever makes way: the search is complete after \
                 {branches} branches"
            ),
            MoveConflict::NoWay { states } => write!(
                f,
                "moves lead to {states} different states, and none is one that is wanted: all were visited"
            ),
        }
    }
}

/// Some names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = &names[..names.len().min(SHOWN)];
    let more = names.len() - shown.len();
    match (shown, more) {
        ([], _) => "none".to_string(),
        ([one], 0) => one.clone(),
        ([all @ .., last], 0) => format!("{} and {last}", all.join(", ")),
        (shown, more) => format!("{} and {more} others", shown.join(", ")),
    }
}
