//! No plan, no reason and no bound leaves unchecked.

use crate::core::{Answer, Limits, Problem, check, cost};
use crate::ip::{verify, verify_bound};
use crate::solve::SolveError;
use crate::solve::state::State;

/// The answer, if its plan and its reason are right.
pub(crate) fn checked(
    problem: &Problem,
    answer: Answer,
    room: &'static str,
) -> Result<Answer, SolveError> {
    match &answer {
        Answer::Best {
            plan,
            cost: claimed,
            ..
        }
        | Answer::Found {
            plan,
            cost: claimed,
            ..
        } => {
            let violations = check(problem, plan);
            if !violations.is_empty() {
                return Err(SolveError::WrongPlan { room, violations });
            }
            let wrong = |claim: String| Err(SolveError::WrongClaim { room, claim });
            let counted = cost(problem, plan);
            if counted != *claimed {
                return wrong(format!(
                    "a cost of {:?}, counted {:?}",
                    claimed.0, counted.0
                ));
            }
            let bound = answer.lower_bound();
            if bound.is_above(&counted) {
                return wrong(format!(
                    "a bound of {:?}, but {:?} is known",
                    bound.0, counted.0
                ));
            }
        }
        Answer::Impossible { why } => {
            verify(problem, why).map_err(|refuted| SolveError::WrongReason { room, refuted })?;
        }
        Answer::Unknown { .. } => {}
    }
    Ok(answer)
}

/// Takes in what a room says, once it is checked, and tells of the plan that is the best by now.
pub(crate) fn take_in(
    state: &mut State,
    problem: &Problem,
    answer: Answer,
    room: &'static str,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    state.learn(problem, checked(problem, answer, room)?, room)?;
    if let Some((plan, cost)) = state.found() {
        (limits.found)(problem, plan, cost);
    }
    (limits.bounded)(problem, state.bound());
    Ok(())
}

/// The answer, if each of its certificates holds.
pub(crate) fn certified(problem: &Problem, answer: Answer) -> Result<Answer, SolveError> {
    let bound = answer.lower_bound();
    for (position, certificate) in answer.certificates().iter().enumerate() {
        if let Some(certificate) = certificate {
            verify_bound(problem, &bound, position, certificate).map_err(|refuted| {
                SolveError::WrongReason {
                    room: "search",
                    refuted,
                }
            })?;
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        Area, Bound, Certificate, Cost, Measure, Method, Plan, Request, Source, StopReason,
    };

    #[test]
    fn an_answer_whose_certificate_does_not_hold_is_refused() {
        let source = Source {
            name: "s".to_string(),
            extents: 8,
            free: Area::new(0, 8).into_iter().collect(),
            tags: Default::default(),
            ..Source::default()
        };
        let objective = vec![Measure::Segments];
        let problem = Problem::new(vec![source], vec![Request::linear("r", 4)], objective);
        let problem = problem.expect("no defects");
        let claiming = |bound: u64| Answer::Found {
            plan: Plan::default(),
            cost: Cost(vec![2]),
            bound: Bound(vec![bound]),
            method: Method::Greedy,
            stopped: StopReason::MethodEnds,
            certificates: vec![Some(Certificate::Counting { worth: 0 })],
        };
        assert!(certified(&problem, claiming(1)).is_ok());
        assert!(matches!(
            certified(&problem, claiming(2)),
            Err(SolveError::WrongReason { .. })
        ));
    }
}
