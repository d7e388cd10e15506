//! What is known of a problem while one room after another is asked, or one problem of a series.

use crate::core::{Answer, Bound, Conflict, Cost, Method, Plan, Problem, Proof, StopReason, cost};
use crate::solve::SolveError;

/// The best plan so far, the best bound so far, and a proof if there is one.
#[derive(Debug, Default)]
pub(crate) struct State {
    found: Option<(Plan, Cost, Method)>,
    bound: Bound,
    proof: Option<Proof>,
    why: Option<Conflict>,
    stopped: Option<StopReason>,
}

impl State {
    /// The best plan so far.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.found.as_ref().map(|(plan, _, _)| plan)
    }

    /// What the best plan so far costs.
    pub(crate) fn cost(&self) -> Option<&Cost> {
        self.found().map(|(_, cost)| cost)
    }

    /// The best plan so far, with its cost.
    pub(crate) fn found(&self) -> Option<(&Plan, &Cost)> {
        self.found.as_ref().map(|(plan, cost, _)| (plan, cost))
    }

    /// The best bound so far.
    pub(crate) fn bound(&self) -> &Bound {
        &self.bound
    }

    /// Whether nothing remains to be found out.
    pub(crate) fn is_settled(&self) -> bool {
        self.why.is_some() || self.proof.is_some() || self.meets_bound()
    }

    fn meets_bound(&self) -> bool {
        self.cost().is_some_and(|cost| self.bound.is_met_by(cost))
    }

    /// Takes in what a room says, all of it checked except that it agrees with what is known.
    pub(crate) fn learn(
        &mut self,
        problem: &Problem,
        answer: Answer,
        room: &'static str,
    ) -> Result<(), SolveError> {
        let contradiction = |claim: String| Err(SolveError::WrongClaim { room, claim });
        match answer {
            Answer::Best {
                plan,
                cost,
                method,
                proof,
                certificates: _,
            } => {
                if let Some((_, known, _)) = &self.found
                    && *known < cost
                {
                    return contradiction(format!(
                        "best at {:?}, but {:?} is known",
                        cost.0, known.0
                    ));
                }
                if self.bound.is_above(&cost) {
                    return contradiction(format!(
                        "best at {:?}, but {:?} is a bound",
                        cost.0, self.bound.0
                    ));
                }
                self.bound = Bound(cost.0.clone());
                self.keep(plan, cost, method);
                self.proof = Some(proof);
            }
            Answer::Found {
                plan,
                cost,
                bound,
                method,
                stopped,
                certificates: _,
            } => {
                self.keep(plan, cost, method);
                self.raise(bound);
                self.stop(stopped);
            }
            Answer::Impossible { why } => {
                if self.found.is_some() {
                    return contradiction("impossible, but a plan is known".to_string());
                }
                self.why = Some(why);
            }
            Answer::Unknown { bound, stopped } => {
                self.raise(bound);
                self.stop(stopped);
            }
        }
        match self.cost() {
            Some(cost) if self.bound.is_above(cost) => contradiction(format!(
                "a bound of {:?}, but {:?} is known",
                self.bound.0, cost.0
            )),
            Some(_) | None => {
                debug_assert!(self.bound.0.len() <= problem.objective().len());
                Ok(())
            }
        }
    }

    /// Takes in the plan of an answer to another problem of the series, if it has one, at what it costs
    /// here, and why it was not proven best there. What was proven there is the caller's to judge.
    pub(crate) fn take_plan(&mut self, problem: &Problem, answer: Answer, kept: Option<&[usize]>) {
        let (plan, method) = match answer {
            Answer::Best { plan, method, .. } => (plan, method),
            Answer::Found {
                plan,
                method,
                stopped,
                ..
            } => {
                self.stop(stopped);
                (plan, method)
            }
            Answer::Unknown { stopped, .. } => return self.stop(stopped),
            Answer::Impossible { .. } => return,
        };
        let plan = match kept {
            Some(kept) => widened(problem, plan, kept),
            None => plan,
        };
        let cost = cost(problem, &plan);
        self.keep(plan, cost, method);
    }

    /// Keeps the better plan; of equals the first, so that the order of rooms decides.
    fn keep(&mut self, plan: Plan, cost: Cost, method: Method) {
        if self.cost().is_none_or(|known| cost < *known) {
            self.found = Some((plan, cost, method));
        }
    }

    /// Keeps the higher bound. Entries hold one after another, so the higher list is the better one.
    pub(crate) fn raise(&mut self, bound: Bound) {
        if bound > self.bound {
            self.bound = bound;
        }
    }

    /// Remembers why something was left open: of several reasons the first limit that ran out.
    fn stop(&mut self, reason: StopReason) {
        if self
            .stopped
            .is_none_or(|known| known == StopReason::MethodEnds)
        {
            self.stopped = Some(reason);
        }
    }

    /// What is true by now. Which limit ended it, if one did, is said of the whole answer.
    pub(crate) fn answer(self) -> Answer {
        let stopped = self.stopped.unwrap_or(StopReason::MethodEnds);
        if let Some(why) = self.why {
            return Answer::Impossible { why };
        }
        match (self.found, self.proof) {
            (Some((plan, cost, method)), Some(proof)) => Answer::Best {
                plan,
                cost,
                method,
                proof,
                certificates: Vec::new(),
            },
            (Some((plan, cost, method)), None) => {
                let found = Answer::Found {
                    plan,
                    cost,
                    bound: self.bound,
                    method,
                    stopped,
                    certificates: Vec::new(),
                };
                found.best_if_bound_met()
            }
            (None, _) => Answer::Unknown {
                bound: self.bound,
                stopped,
            },
        }
    }
}

/// A plan of a smaller problem as one of the whole: `kept` has the whole's index of each request.
fn widened(problem: &Problem, plan: Plan, kept: &[usize]) -> Plan {
    let mut allocations = vec![None; problem.requests().len()];
    for (allocation, &index) in plan.allocations.into_iter().zip(kept) {
        allocations[index] = allocation;
    }
    Plan { allocations }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Measure, Request, Source};

    fn is_settled_by(cost: &[u64], bound: &[u64]) -> bool {
        let source = Source {
            name: "s".to_string(),
            extents: 1,
            free: Default::default(),
            tags: Default::default(),
            ..Source::default()
        };
        let objective = vec![Measure::Segments, Measure::LargestArea];
        let problem = Problem::new(vec![source], vec![Request::linear("r", 1)], objective);
        let found = Answer::Found {
            plan: Plan::default(),
            cost: Cost(cost.to_vec()),
            bound: Bound(bound.to_vec()),
            method: Method::Greedy,
            stopped: StopReason::MethodEnds,
            certificates: Vec::new(),
        };
        let mut state = State::default();
        let learned = state.learn(&problem.expect("no defects"), found, "a room");
        learned.expect("no contradiction");
        state.is_settled()
    }

    #[test]
    fn a_measure_that_nothing_is_known_of_is_at_least_zero() {
        assert!(is_settled_by(&[2, 0], &[2]));
        assert!(is_settled_by(&[0, 0], &[]));
        assert!(!is_settled_by(&[2, 1], &[2]));
        assert!(!is_settled_by(&[2, 0], &[1, 0]));
    }
}
