//! An answer about moves, as it is told.

use std::time::Duration;

use crate::cli::rearrange::room::Placed;
use crate::cli::rearrange::subject::Subject;
use crate::lvm::{AfterMoves, MoveStep};
use crate::rearrange::{Balanced, MoveAnswer, Smallest};

/// An answer with what belongs to it.
pub(crate) struct Told<'s> {
    pub(crate) subject: &'s Subject,
    pub(crate) answer: MoveAnswer,
    /// How small sources can be made for which no size was given.
    pub(crate) smallest: Vec<Smallest>,
    /// How low the highest fill can be, where that was asked for.
    pub(crate) balanced: Option<Balanced>,
    /// Where room was asked for and there are moves, what is placed once they are made.
    pub(crate) placed: Option<Placed>,
    /// Where there are moves, what makes them, or why nothing does.
    pub(crate) commands: Option<Result<Commands, String>>,
    pub(crate) took: Duration,
    /// Bytes a second.
    pub(crate) rate: Option<u64>,
}

/// What makes the moves, and what the goals ask for behind them.
pub(crate) struct Commands {
    pub(crate) moves: Vec<MoveStep>,
    pub(crate) after: Vec<AfterMoves>,
}

impl Commands {
    /// All of them, as lines of a shell.
    pub(crate) fn lines(&self) -> Vec<String> {
        let moves = self.moves.iter().map(|step| step.command.to_string());
        moves
            .chain(self.after.iter().map(|step| step.line.clone()))
            .collect()
    }
}
