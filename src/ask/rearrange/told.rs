//! An answer about moves, as it is told.

use std::time::Duration;

use crate::ask::rearrange::room::Placed;
use crate::ask::rearrange::subject::Subject;
use crate::lvm::{AfterMoves, MoveStep};
use crate::rearrange::{Balanced, Measures, MoveAnswer, Point, Smallest};

/// An answer with what belongs to it.
pub struct Told {
    pub(crate) subject: Subject,
    pub(crate) answer: MoveAnswer,
    /// How small sources can be made for which no size was given.
    pub(crate) smallest: Vec<Smallest>,
    /// How low the highest fill can be, where that was asked for.
    pub(crate) balanced: Option<Balanced>,
    /// In how few segments volumes lie behind the moves, where that was asked for.
    pub(crate) segments: Option<Segments>,
    /// What the layout is like before and behind the moves.
    pub(crate) measures: Option<[Measures; 2]>,
    /// Where room was asked for and there are moves, what is placed once they are made.
    pub(crate) placed: Option<Placed>,
    /// Where there are moves, what makes them, or why nothing does.
    pub(crate) commands: Option<Result<Commands, String>>,
    pub(crate) took: Duration,
}

/// Whether a size or a fill that was looked for may be less: then no moves are best.
pub(crate) fn may_be_less(smallest: &[Smallest], balanced: Option<&Balanced>) -> bool {
    smallest.iter().any(Smallest::is_open) || balanced.is_some_and(Balanced::is_open)
}

/// In how few segments volumes lie.
pub(crate) struct Segments {
    pub(crate) before: u64,
    pub(crate) after: u64,
    /// Fewer there cannot be.
    pub(crate) fewest: u64,
    /// What less copying comes to.
    pub(crate) curve: Vec<Point>,
}

impl Segments {
    /// Whether there may be fewer.
    pub(crate) fn is_open(&self) -> bool {
        self.after > self.fewest
    }

    /// The curve with few points: about as far from each other as segments go, both ends among them.
    pub(crate) fn points(&self) -> Vec<Point> {
        const SHOWN: u64 = 12;
        let (Some(first), Some(last)) = (self.curve.first(), self.curve.last()) else {
            return Vec::new();
        };
        let height = first.segments.saturating_sub(last.segments);
        let mut shown: Vec<Point> = Vec::new();
        for point in &self.curve {
            let step = first.segments.saturating_sub(point.segments) * SHOWN / height.max(1);
            if step >= shown.len() as u64 || point == last {
                shown.push(*point);
            }
        }
        shown
    }
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
