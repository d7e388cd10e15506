//! What moves to an end cost at the least: what is misplaced, and once more an extent of each closed circle.

use crate::core::{Limits, MoveCost, Rearrangement};
use crate::rearrange::exact::cycles::Cycles;
use crate::rearrange::exact::exchange::exchanges;
use crate::rearrange::exact::tasks::Task;
use crate::rearrange::{MoveBasis, MoveProof};

/// What has to be copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Least {
    /// Extents that lie elsewhere than in the end.
    misplaced: u64,
    /// Extents that are copied twice: one of each closed cycle, or what columns that wait for each other come to.
    twice: u64,
    /// Runs that take a move of their own in a plan that copies no more.
    runs: u64,
    /// Extents that one move can copy.
    at_once: u64,
}

/// What the moves of some runs come to.
pub(crate) fn least(state: &Rearrangement, tasks: &[Task], limits: &Limits<'_>) -> Least {
    let cycles = Cycles::of(tasks, limits);
    let exchanged = exchanges(state, tasks);
    let beside = match exchanged.is_empty() {
        true => 0,
        false => cycles.untouched(tasks, |volume| exchanged.contains_key(&volume)),
    };
    let exchanged = exchanged.values().sum::<u64>() + beside;
    let misplaced = tasks.iter().map(Task::count).fold(0, u64::saturating_add);
    let twice = exchanged.max(u64::from(cycles.count));
    Least {
        misplaced,
        twice,
        runs: runs(tasks, twice),
        at_once: at_once(state),
    }
}

/// Each run takes a move of its own, but for those of which all may be copied twice.
fn runs(tasks: &[Task], twice: u64) -> u64 {
    let mut lengths: Vec<u64> = tasks.iter().map(Task::count).collect();
    lengths.sort_unstable();
    let mut left = twice;
    let spared = lengths.iter().take_while(|length| {
        let fits = **length <= left;
        left = left.saturating_sub(**length);
        fits
    });
    (lengths.len() - spared.count()) as u64
}

/// No move copies more than is free, or than a source has: nothing that moves makes more of it free.
fn at_once(state: &Rearrangement) -> u64 {
    let sources = state.sources.iter().enumerate();
    let open = sources.filter(|(index, _)| !state.closed.contains(index));
    let (mut free, mut longest) = (0u64, 0);
    for (_, source) in open {
        free = free.saturating_add(source.free.total());
        longest = source.extents.max(longest);
    }
    free.min(longest).max(1)
}

impl Least {
    /// What no moves go below.
    pub(crate) fn cost(&self) -> MoveCost {
        self.beside(MoveCost::default())
    }

    /// Beside runs of others that take so many moves.
    fn beside(&self, others: MoveCost) -> MoveCost {
        let own = self.misplaced.saturating_add(self.twice);
        let copied = own.saturating_add(others.copied);
        let moves = self.runs.saturating_add(others.moves);
        MoveCost {
            copied,
            moves: moves.max(copied.div_ceil(self.at_once)),
        }
    }

    pub(crate) fn proof(&self) -> MoveProof {
        MoveProof {
            copied: MoveBasis::Counting,
            moves: MoveBasis::Counting,
        }
    }

    /// With what is to be copied of others; a search for places says nothing about moves that go round by others.
    pub(crate) fn with(&self, bound: MoveCost, proof: MoveProof) -> (MoveCost, MoveProof) {
        let moves = match proof.moves {
            MoveBasis::Counting => bound.moves,
            MoveBasis::Search | MoveBasis::Prices => 0,
        };
        let cost = self.beside(MoveCost { moves, ..bound });
        let proof = MoveProof {
            copied: proof.copied,
            ..self.proof()
        };
        (cost, proof)
    }
}
