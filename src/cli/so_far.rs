//! What is known of a task while it is being solved.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::core::{Answer, Bound, Cost, Limits, Method, Plan, Problem, StopReason};

/// The best plan and the best bound so far, and the answer once there is one.
#[derive(Default)]
pub(crate) struct SoFar {
    best: Mutex<Option<(Plan, Cost)>>,
    bound: Mutex<Bound>,
    answer: Mutex<Option<Answer>>,
}

impl SoFar {
    /// Does some work within limits, and hears of the plans and bounds that it tells of on its way.
    pub(crate) fn listening<R>(
        &self,
        limits: &Limits<'_>,
        work: impl FnOnce(&Limits<'_>) -> R,
    ) -> R {
        let found = |problem: &Problem, plan: &Plan, cost: &Cost| {
            self.hear(plan, cost);
            (limits.found)(problem, plan, cost);
        };
        let bounded = |problem: &Problem, bound: &Bound| {
            self.hear_bound(bound);
            (limits.bounded)(problem, bound);
        };
        work(&Limits {
            found: &found,
            bounded: &bounded,
            ..*limits
        })
    }

    /// Hears of a plan that is better than the one before.
    pub(crate) fn hear(&self, plan: &Plan, cost: &Cost) {
        *locked(&self.best) = Some((plan.clone(), cost.clone()));
    }

    /// Hears of a bound, which may be better than the one before.
    pub(crate) fn hear_bound(&self, bound: &Bound) {
        let mut held = locked(&self.bound);
        if *held < *bound {
            held.clone_from(bound);
        }
    }

    /// Hears of the answer.
    pub(crate) fn conclude(&self, answer: Answer) {
        *locked(&self.answer) = Some(answer);
    }

    /// What is true by now, where a limit ends the search.
    pub(crate) fn answer(&self, stopped: StopReason) -> Answer {
        if let Some(answer) = locked(&self.answer).take() {
            return answer;
        }
        let bound = locked(&self.bound).clone();
        let answer = match locked(&self.best).take() {
            None => Answer::Unknown { bound, stopped },
            Some((plan, cost)) => Answer::Found {
                plan,
                cost,
                bound,
                method: Method::Candidates,
                stopped,
                certificates: Vec::new(),
            },
        };
        answer.best_if_bound_met()
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
