//! Questions about requests whose legs policy `anywhere` would let share disks, as they are where these are kept apart.

use crate::ask::apart::all_apart;
use crate::ask::fault::Result;
use crate::capacity::{Change, Model};
use crate::core::Problem;

/// A model with its legs kept apart.
struct KeptApart<'m> {
    model: &'m dyn Model,
    problem: Problem,
}

impl Model for KeptApart<'_> {
    fn problem(&self) -> &Problem {
        &self.problem
    }

    fn changed(&self, request: usize, changes: &[Change]) -> Option<Problem> {
        let problem = self.model.changed(request, changes)?;
        Some(all_apart(&problem).unwrap_or(problem))
    }

    fn repeated(&self, request: usize, count: u64) -> Option<Problem> {
        let problem = self.model.repeated(request, count)?;
        Some(all_apart(&problem).unwrap_or(problem))
    }

    fn drops(&self, request: usize) -> Vec<u64> {
        self.model.drops(request)
    }

    fn fewest_stripes(&self, request: usize) -> u64 {
        self.model.fewest_stripes(request)
    }
}

/// What is different where legs share disks, as policy `anywhere` lets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// The answer is that of legs that lie apart; there is as much as this where they share disks.
    More(u64),
    /// Nothing fits with legs that lie apart: those of the answer share disks.
    Needed,
}

/// The answer to a question with legs that lie apart, as a plan has them wherever there is one, else as they are asked for;
/// `amount` is how much an answer comes to.
///
/// # Errors
/// Those of `ask`.
pub(crate) fn apart_first<T>(
    model: &dyn Model,
    ask: impl Fn(&dyn Model) -> Result<T>,
    amount: impl Fn(&T) -> u64,
) -> Result<(T, Option<Sharing>)> {
    let Some(problem) = all_apart(model.problem()) else {
        return Ok((ask(model)?, None));
    };
    let apart = ask(&KeptApart { model, problem })?;
    let shared = ask(model)?;
    Ok(match (amount(&apart), amount(&shared)) {
        (0, 0) => (shared, None),
        (0, _) => (shared, Some(Sharing::Needed)),
        (least, most) => (apart, (most > least).then_some(Sharing::More(most))),
    })
}
