//! Legs that policy `anywhere` would let share disks: layouts that keep copies and parity apart come first.

use std::sync::Arc;

use crate::ask::task::Task;
use crate::core::{Answer, Problem, Request};

/// Those of the requests whose legs policy `anywhere` would let share disks, each as it is where they are kept apart.
pub(crate) fn kept_apart(problem: &Problem) -> Vec<(usize, Request)> {
    let requests = problem.requests().iter().enumerate();
    requests
        .filter_map(|(index, request)| Some((index, request.kept_apart()?)))
        .collect()
}

/// The problem with all such legs kept apart; none where there are none.
pub(crate) fn all_apart(problem: &Problem) -> Option<Problem> {
    let apart = kept_apart(problem);
    let with_these = with_requests(problem, &apart.iter().collect::<Vec<_>>());
    (!apart.is_empty()).then_some(with_these)
}

/// Solves a task with all legs apart; where that is proven impossible, with those of as many requests apart as can be, one
/// after another in their order. The task that comes with the answer is what was solved.
///
/// # Errors
/// Those of `solve`.
pub fn safest<E>(
    task: &Arc<Task>,
    mut solve: impl FnMut(&Arc<Task>) -> Result<Answer, E>,
) -> Result<(Arc<Task>, Answer), E> {
    let all: Vec<&(usize, Request)> = task.apart.iter().collect();
    let whole = with(task, &all);
    let answer = solve(&whole)?;
    if all.is_empty() || !is_impossible(&answer) {
        return Ok((whole, answer));
    }
    let mut kept: Vec<&(usize, Request)> = Vec::new();
    let mut best = None;
    let several = all.into_iter().filter(|_| task.apart.len() > 1);
    for one in several {
        kept.push(one);
        let tried = with(task, &kept);
        match solve(&tried)? {
            answer if is_impossible(&answer) => drop(kept.pop()),
            answer => best = Some((tried, answer)),
        }
    }
    match best {
        Some(best) => Ok(best),
        None => Ok((Arc::clone(task), solve(task)?)),
    }
}

fn is_impossible(answer: &Answer) -> bool {
    matches!(answer, Answer::Impossible { .. })
}

/// The task with some of its requests as they are where their legs are kept apart.
fn with(task: &Arc<Task>, kept: &[&(usize, Request)]) -> Arc<Task> {
    if kept.is_empty() {
        return Arc::clone(task);
    }
    Arc::new(Task {
        problem: with_requests(&task.problem, kept),
        apart: Vec::new(),
        ..Task::clone(task)
    })
}

fn with_requests(problem: &Problem, kept: &[&(usize, Request)]) -> Problem {
    let mut requests = problem.requests().to_vec();
    for (index, request) in kept {
        requests[*index].clone_from(request);
    }
    let problem = problem.with_requests(requests, problem.objective().to_vec());
    problem.expect("rules that are kept apart are right where they are not")
}
