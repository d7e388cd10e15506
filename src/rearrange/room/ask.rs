//! Tries: goals with room for requests, the moves for them, and whether the requests then fit.

use crate::core::{Answer, Areas, Goal, Limits, Move, MoveCost, Problem, Rearrangement, Size};
use crate::rearrange::request::no_problem;
use crate::rearrange::room::answer::{Room, open, proof};
use crate::rearrange::{MoveAnswer, MoveBasis, RearrangeError, plan};
use crate::solve::{Strategy, solve};

/// What is asked of each try, and the best so far.
pub(crate) struct Asked<'a> {
    state: &'a Rearrangement,
    after: &'a dyn Fn(&[Move]) -> Result<Problem, RearrangeError>,
    strategy: &'a Strategy,
    limits: &'a Limits<'a>,
    best: Option<Found>,
    /// How large the requests are as it stands, which the bound is about: a share of what is free may come to another
    /// size once something moves.
    sizes: Vec<Size>,
    /// What the goals alone come to.
    goals_alone: Option<MoveAnswer>,
}

struct Found {
    moves: Vec<Move>,
    goals: Vec<Goal>,
    problem: Problem,
    placed: Answer,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(
        state: &'a Rearrangement,
        after: &'a dyn Fn(&[Move]) -> Result<Problem, RearrangeError>,
        now: &Problem,
        strategy: &'a Strategy,
        limits: &'a Limits<'a>,
    ) -> Asked<'a> {
        Asked {
            state,
            after,
            strategy,
            limits,
            best: None,
            sizes: sizes(now),
            goals_alone: None,
        }
    }

    /// What the best try copies.
    pub(crate) fn best(&self) -> Option<u64> {
        let moves = self.best.as_ref().map(|found| &found.moves);
        moves.map(|moves| MoveCost::of(moves).copied)
    }

    /// Whether the goals alone say all there is to say.
    pub(crate) fn is_decided(&self) -> bool {
        let is_impossible = matches!(self.goals_alone, Some(MoveAnswer::Impossible { .. }));
        self.best.is_some() || is_impossible
    }

    /// Tries goals beside those that are given.
    pub(crate) fn with(&mut self, goals: &[Goal]) -> Result<(), RearrangeError> {
        let mut state = self.state.clone();
        state.goals.extend(goals);
        let answer = plan(&state, self.strategy, self.limits)?;
        let moves = answer.moves().map(<[Move]>::to_vec);
        if goals.is_empty() {
            self.goals_alone = Some(answer);
        }
        let Some(moves) = moves else { return Ok(()) };
        let copied = MoveCost::of(&moves).copied;
        if self.best().is_some_and(|best| best <= copied) {
            return Ok(());
        }
        let problem = beside((self.after)(&moves)?, self.state)?;
        if !goals.is_empty() && sizes(&problem) != self.sizes {
            return Ok(());
        }
        let placed = solve(&problem, self.strategy, self.limits)?;
        if placed.plan().is_none() {
            return Ok(());
        }
        self.best = Some(Found {
            moves,
            goals: state.goals,
            problem,
            placed,
        });
        Ok(())
    }

    /// What is known in the end, for a bound on all moves.
    pub(crate) fn answer(self, bound: MoveCost, basis: MoveBasis) -> Room {
        let limits = self.limits;
        let Some(found) = self.best else {
            let answer = match self.goals_alone {
                Some(answer @ MoveAnswer::Impossible { .. }) => answer,
                _ => MoveAnswer::Unknown {
                    bound,
                    proof: proof(bound, basis),
                    open: open(limits),
                },
            };
            return Room {
                answer,
                goals: self.state.goals.clone(),
                placed: None,
            };
        };
        let cost = MoveCost::of(&found.moves);
        let (bound, proof) = match &self.goals_alone {
            // The goals alone bound all, and may be enough.
            Some(MoveAnswer::Best {
                cost: own, proof, ..
            }) if own.copied >= bound.copied => (*own, *proof),
            Some(
                MoveAnswer::Found {
                    bound: own, proof, ..
                }
                | MoveAnswer::Unknown {
                    bound: own, proof, ..
                },
            ) if own.copied >= bound.copied => (*own, *proof),
            _ => (bound, proof(bound, basis)),
        };
        let answer = match cost == bound {
            true => MoveAnswer::Best {
                moves: found.moves,
                cost,
                proof,
            },
            false => MoveAnswer::Found {
                moves: found.moves,
                cost,
                bound,
                proof,
                stopped: limits.ran_out(),
            },
        };
        Room {
            answer,
            goals: found.goals,
            placed: Some((found.problem, found.placed)),
        }
    }
}

fn sizes(problem: &Problem) -> Vec<Size> {
    let requests = problem.requests().iter();
    requests.map(|request| request.size).collect()
}

/// A problem in which nothing is offered where the goals let nothing lie.
fn beside(problem: Problem, state: &Rearrangement) -> Result<Problem, RearrangeError> {
    let barred = state.barred();
    if barred.iter().all(Areas::is_empty) {
        return Ok(problem);
    }
    let mut sources = problem.sources().to_vec();
    for (source, barred) in sources.iter_mut().zip(&barred) {
        source.free = source.free.difference(barred);
    }
    let requests = problem.requests().to_vec();
    let problem = Problem::new(sources, requests, problem.objective().to_vec());
    problem.map_err(|defects| no_problem(&defects))
}
