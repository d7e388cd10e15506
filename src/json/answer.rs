//! Answers: from what a planner says to the text of a plan file.

use std::time::Duration;

use crate::core::{Allocation, Answer, Bound, Cost, Plan, Problem, Segment};
use crate::json::certificate::export_why;
use crate::json::plan::{PlanFormat, RawAllocation, RawPlan, RawProofs, RawValues, Status};
use crate::json::problem::{compact, export_segment, lines};
use crate::json::proof::export_proofs;
use crate::json::raw::{Count, RawMeasure};

/// Writes an answer: one line for each key, and for each allocation.
///
/// `took` is how long it took, where the caller wants that in the file; without it the same answer
/// is the same text.
#[must_use]
pub fn write_answer(problem: &Problem, answer: &Answer, took: Option<Duration>) -> String {
    write(export(problem, answer, took))
}

/// Writes an answer, and with it the commands that build its plan in the order in which they have to be
/// run, or why there are none.
#[must_use]
pub fn write_answer_and_commands(
    problem: &Problem,
    answer: &Answer,
    took: Option<Duration>,
    commands: Result<&[String], &str>,
) -> String {
    let mut raw = export(problem, answer, took);
    match commands {
        Ok(commands) => raw.commands = Some(commands.to_vec()),
        Err(reason) => raw.no_commands = Some(reason.to_string()),
    }
    write(raw)
}

fn write(raw: RawPlan) -> String {
    let mut keys = vec![
        ("schema", compact(&raw.schema)),
        ("status", compact(&raw.status)),
    ];
    let optional = [
        ("cost", raw.cost.map(|values| compact(&values))),
        ("bound", raw.bound.map(|values| compact(&values))),
        ("method", raw.method.map(|name| compact(&name))),
        ("proof", raw.proof.map(|name| compact(&name))),
        ("stopped", raw.stopped.map(|name| compact(&name))),
        ("seconds", raw.seconds.map(|seconds| compact(&seconds))),
        ("why", raw.why.map(|why| compact(&why))),
    ];
    let given = optional.into_iter();
    keys.extend(given.filter_map(|(key, value)| Some((key, value?))));
    keys.push(("allocations", lines(raw.allocations.iter())));
    let commands = raw.commands.map(|commands| lines(commands.iter()));
    keys.extend(commands.map(|commands| ("commands", commands)));
    let reason = raw.no_commands.map(|reason| compact(&reason));
    keys.extend(reason.map(|reason| ("no_commands", reason)));
    let keys: Vec<String> = keys
        .into_iter()
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .collect();
    format!("{{ {} }}\n", keys.join(",\n  "))
}

fn export(problem: &Problem, answer: &Answer, took: Option<Duration>) -> RawPlan {
    let mut raw = RawPlan {
        schema: PlanFormat::One,
        status: Status::Unknown,
        cost: None,
        bound: None,
        method: None,
        proof: None,
        stopped: None,
        seconds: took.map(|took| took.as_secs_f64()),
        why: None,
        allocations: Vec::new(),
        commands: None,
        no_commands: None,
    };
    let values = |values: &[u64]| {
        let measures = problem.objective().iter().map(|&m| RawMeasure::from(m));
        Some(RawValues(
            measures.zip(values.iter().copied().map(Count)).collect(),
        ))
    };
    match answer {
        Answer::Best {
            plan,
            cost: Cost(cost),
            method,
            proof: _,
            certificates: _,
        } => {
            raw.status = Status::Best;
            raw.cost = values(cost);
            raw.bound = values(cost);
            raw.method = Some(method.name().to_string());
            raw.allocations = export_plan(problem, plan);
        }
        Answer::Found {
            plan,
            cost: Cost(cost),
            bound: Bound(bound),
            method,
            stopped,
            certificates: _,
        } => {
            raw.status = Status::Found;
            raw.cost = values(cost);
            raw.bound = values(bound);
            raw.method = Some(method.name().to_string());
            raw.stopped = Some(stopped.name().to_string());
            raw.allocations = export_plan(problem, plan);
        }
        Answer::Impossible { why } => {
            raw.status = Status::Impossible;
            raw.why = Some(export_why(problem, why));
        }
        Answer::Unknown {
            bound: Bound(bound),
            stopped,
        } => {
            raw.status = Status::Unknown;
            raw.bound = values(bound);
            raw.stopped = Some(stopped.name().to_string());
        }
    }
    let proofs = export_proofs(problem, answer);
    raw.proof = (!proofs.is_empty()).then_some(RawProofs(proofs));
    raw
}

fn export_plan(problem: &Problem, plan: &Plan) -> Vec<RawAllocation> {
    let pairs = problem.requests().iter().zip(&plan.allocations);
    let placed = pairs.filter_map(|(request, allocation)| Some((request, allocation.as_ref()?)));
    let segment = |segment: &Segment| export_segment(problem.sources(), segment);
    let export = |name: &str, allocation: &Allocation| RawAllocation {
        request: name.to_string(),
        legs: allocation
            .legs
            .iter()
            .map(|leg| leg.iter().map(segment).collect())
            .collect(),
        metadata: allocation.metadata.iter().map(segment).collect(),
        logs: allocation.logs.iter().map(segment).collect(),
    };
    placed
        .map(|(request, allocation)| export(&request.name, allocation))
        .collect()
}
