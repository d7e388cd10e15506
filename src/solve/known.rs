//! The best plan that was found on the way to an answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::core::{Answer, Bound, Cost, Limits, Method, Plan, Problem, StopReason, check, cost};

/// The best plan so far, of the whole problem.
pub(crate) struct Known<'a> {
    problem: &'a Problem,
    /// Who asked for the answer, and is told of what is better than before.
    asked: &'a Limits<'a>,
    best: Mutex<Option<(Plan, Cost)>>,
}

impl<'a> Known<'a> {
    /// Nothing is known.
    pub(crate) fn new(problem: &'a Problem, asked: &'a Limits<'a>) -> Known<'a> {
        Known {
            problem,
            asked,
            best: Mutex::new(None),
        }
    }

    /// Hears of a plan of the problem, or of one that it was taken apart into: that counts if it is right
    /// for the whole.
    pub(crate) fn hear(&self, part: &Problem, plan: &Plan, value: &Cost) {
        let whole = self.problem;
        let value = if std::ptr::eq(part, whole) {
            value.clone()
        } else if plan.allocations.len() == whole.requests().len() && check(whole, plan).is_empty()
        {
            cost(whole, plan)
        } else {
            return;
        };
        let mut best = self.best();
        if best.as_ref().is_none_or(|(_, known)| value < *known) {
            (self.asked.found)(whole, plan, &value);
            *best = Some((plan.clone(), value));
        }
    }

    /// Hears of a bound of the problem; those of its parts are no bounds of the whole.
    pub(crate) fn hear_bound(&self, part: &Problem, bound: &Bound) {
        if std::ptr::eq(part, self.problem) {
            (self.asked.bounded)(part, bound);
        }
    }

    /// The answer that a limit ended, with the best plan there was in place of a worse one or of none.
    pub(crate) fn better_than(&self, answer: Answer, stopped: StopReason) -> Answer {
        let Some((plan, value)) = self.best().clone() else {
            return answer;
        };
        let bound = match &answer {
            Answer::Unknown { bound, .. } => bound.clone(),
            Answer::Found { cost, bound, .. } if value < *cost => bound.clone(),
            Answer::Best { .. } | Answer::Found { .. } | Answer::Impossible { .. } => {
                return answer;
            }
        };
        let better = Answer::Found {
            plan,
            cost: value,
            bound,
            method: Method::Candidates,
            stopped,
            certificates: Vec::new(),
        };
        better.best_if_bound_met()
    }

    fn best(&self) -> MutexGuard<'_, Option<(Plan, Cost)>> {
        self.best.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Measure, Request, Source};

    fn problem(requests: Vec<Request>) -> Problem {
        let sources = (0..2).map(|index| Source {
            name: format!("s{index}"),
            extents: 10,
            free: crate::core::Area::new(0, 10).into_iter().collect(),
            tags: Default::default(),
            ..Source::default()
        });
        let objective = vec![Measure::Segments];
        Problem::new(sources.collect(), requests, objective).expect("no defects")
    }

    fn plan_of(problem: &Problem) -> (Plan, Cost) {
        let answer = crate::search::plan(problem, None, &Limits::none());
        let plan = answer.plan().expect("there is room").clone();
        let value = cost(problem, &plan);
        (plan, value)
    }

    #[test]
    fn a_plan_found_on_the_way_is_the_answer_where_a_limit_leaves_none() {
        let problem = problem(vec![Request::linear("r", 5)]);
        let limits = Limits::none();
        let known = Known::new(&problem, &limits);
        let (plan, value) = plan_of(&problem);
        known.hear(&problem.clone(), &plan, &value);
        let bound = Bound::default();
        let stopped = StopReason::Time;
        let answer = known.better_than(Answer::Unknown { bound, stopped }, stopped);
        assert_eq!(answer.plan(), Some(&plan));
    }

    #[test]
    fn a_plan_of_a_part_is_no_plan_of_the_whole() {
        let part = problem(vec![Request::linear("r", 5)]);
        let whole = problem(vec![Request::linear("r", 6)]);
        let limits = Limits::none();
        let known = Known::new(&whole, &limits);
        let (plan, value) = plan_of(&part);
        known.hear(&part, &plan, &value);
        let bound = Bound::default();
        let stopped = StopReason::Time;
        let answer = known.better_than(Answer::Unknown { bound, stopped }, stopped);
        assert_eq!(answer.plan(), None);
    }
}
