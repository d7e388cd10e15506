//! An answer in a line or two, and as an exit code.

use std::collections::BTreeSet;

use crate::ask::Outcome;
use crate::core::{Allocation, Answer, Bound, Certificate, Cost, Measure, Plan, Problem, explain};
use crate::show;

/// What an answer means to the exit code.
#[must_use]
pub fn outcome(answer: &Answer) -> Outcome {
    match answer {
        Answer::Best { .. } | Answer::Found { .. } => Outcome::Yes,
        Answer::Impossible { .. } => Outcome::No,
        Answer::Unknown { .. } => Outcome::LimitRanOut,
    }
}

/// The answer in a line or two: what it is, what it costs, why it is so.
#[must_use]
pub fn verdict(problem: &Problem, answer: &Answer) -> String {
    let objective = problem.objective();
    let words = match answer {
        Answer::Best {
            plan,
            cost,
            method,
            proof,
            ..
        } => format!(
            "best: {}{} - proven: {}, found by {method}",
            show::costs(objective, &cost.0),
            counted_twice(problem, plan),
            proofs(objective, answer, proof.name())
        ),
        Answer::Found {
            plan,
            cost,
            bound,
            method,
            stopped,
            ..
        } => format!(
            "found: {}{} - found by {method}, not proven best: {stopped}; {}",
            show::costs(objective, &cost.0),
            counted_twice(problem, plan),
            gap(objective, cost, bound, answer)
        ),
        Answer::Impossible { why } => format!("impossible: {}", explain(problem, why)),
        Answer::Unknown { bound, stopped } => format!(
            "unknown: neither a plan nor a proof that there is none: {stopped}{}",
            if bound.0.is_empty() {
                String::new()
            } else {
                format!("; no plan is below {}", show::costs(objective, &bound.0))
            }
        ),
    };
    show::wrapped("", " ", words.split(' ').map(str::to_string))
}

/// How many sources it is in all, where some count for several requests.
fn counted_twice(problem: &Problem, plan: &Plan) -> String {
    let allocations = || plan.allocations.iter().flatten();
    let of = |allocation: &Allocation| -> BTreeSet<usize> {
        let segments = allocation.legs.iter().flatten();
        segments.map(|segment| segment.source).collect()
    };
    let counted: usize = allocations().map(|one| of(one).len()).sum();
    let all: BTreeSet<usize> = allocations().flat_map(of).collect();
    if counted == all.len() || !problem.objective().contains(&Measure::Sources) {
        return String::new();
    }
    format!(" (counted per request: {} in all)", all.len())
}

/// By what each measure is proven: by a certificate, or by nothing but a search that ended as it says.
fn proofs(objective: &[Measure], answer: &Answer, ended: &str) -> String {
    let by = |index: usize| match certificate(answer, index) {
        Some(certificate) => certificate.name().to_string(),
        None => format!("search ({ended})"),
    };
    let all: Vec<String> = (0..objective.len()).map(by).collect();
    if all.windows(2).all(|pair| pair[0] == pair[1]) {
        return format!("by {}", all.first().map_or("nothing", String::as_str));
    }
    let named = objective.iter().zip(all);
    let words: Vec<String> = named
        .map(|(measure, by)| format!("{measure} by {by}"))
        .collect();
    words.join(", ")
}

fn certificate(answer: &Answer, position: usize) -> Option<&Certificate> {
    answer.certificates().get(position)?.as_ref()
}

/// How far the plan may be from the best.
fn gap(objective: &[Measure], cost: &Cost, bound: &Bound, answer: &Answer) -> String {
    let mut words = Vec::new();
    for (index, measure) in objective.iter().enumerate() {
        let (value, lower) = (cost.0[index], bound.0.get(index).copied());
        words.push(match lower {
            Some(lower) => format!(
                "{measure} at least {lower} (gap {}, by {})",
                value.saturating_sub(lower),
                certificate(answer, index).map_or("search", Certificate::name)
            ),
            None => format!("{measure} not bounded"),
        });
        // Later bounds hold only where the earlier measures are tight.
        if lower != Some(value) {
            break;
        }
    }
    words.join(", ")
}
