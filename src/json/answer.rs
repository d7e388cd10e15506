//! Answers: from what a planner says to the text of a plan file.

use std::time::Duration;

use crate::core::{Allocation, Answer, Bound, Cost, Measure, Plan, Problem, Segment};
use crate::json::certificate::export_why;
use crate::json::plan::{
    PlanFormat, RawAllocation, RawAllocator, RawPlan, RawProofs, RawValues, Status,
};
use crate::json::problem_text::{compact, export_segment, lines};
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

/// What may stand beside an answer.
#[derive(Clone, Debug, Default)]
pub struct BesideAnswer {
    /// How long it took.
    pub took: Option<Duration>,
    /// What is unsafe once its plan is built, and was not before, a sentence each.
    pub faults: Vec<String>,
    /// The commands that build its plan in the order in which they have to be run, or why there are none;
    /// none where the pool takes no commands.
    pub commands: Option<Result<Vec<String>, String>>,
    /// What the allocator that the pool has makes of the same requests.
    pub allocator: Option<Allocator>,
}

/// What the allocator that a pool has makes of requests.
#[derive(Clone, Debug)]
pub struct Allocator {
    /// Its name and version.
    pub name: String,
    /// Why it places nothing, in its words.
    pub refusal: Option<String>,
    /// Why it is not known what it does.
    pub unknown: Option<String>,
    /// What is unsafe about its layout, a sentence each.
    pub faults: Vec<String>,
    /// The first rule of the requests that its layout breaks.
    pub broken: Option<String>,
    /// What its layout costs, measure by measure, where it keeps all rules.
    pub cost: Option<Vec<(Measure, u64)>>,
    /// Whether the plan is its layout.
    pub is_plan: bool,
}

/// Writes an answer and what stands beside it.
#[must_use]
pub fn write_answer_with(problem: &Problem, answer: &Answer, beside: BesideAnswer) -> String {
    let BesideAnswer {
        took,
        faults,
        commands,
        allocator,
    } = beside;
    let mut raw = export(problem, answer, took);
    raw.faults = faults;
    match commands {
        Some(Ok(commands)) => raw.commands = Some(commands),
        Some(Err(reason)) => raw.no_commands = Some(reason),
        None => {}
    }
    raw.allocator = allocator.map(|allocator| RawAllocator {
        name: allocator.name,
        refusal: allocator.refusal,
        unknown: allocator.unknown,
        faults: allocator.faults,
        broken: allocator.broken,
        cost: allocator.cost.map(|values| {
            let values = values.into_iter();
            RawValues(
                values
                    .map(|(measure, value)| (measure.into(), Count(value)))
                    .collect(),
            )
        }),
        is_plan: allocator.is_plan,
    });
    write(raw)
}

/// Puts written answers together that come one after another, each on what those before it leave.
#[must_use]
pub fn plans_text(answers: &[String]) -> String {
    format!(
        "{{ \"schema\": \"extentplan/plans/1\", \"parts\": [\n{}] }}\n",
        answers.join(",\n")
    )
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
    let faults = (!raw.faults.is_empty()).then(|| lines(raw.faults.iter()));
    keys.extend(faults.map(|faults| ("faults", faults)));
    let commands = raw.commands.map(|commands| lines(commands.iter()));
    keys.extend(commands.map(|commands| ("commands", commands)));
    let reason = raw.no_commands.map(|reason| compact(&reason));
    keys.extend(reason.map(|reason| ("no_commands", reason)));
    let allocator = raw.allocator.map(|allocator| compact(&allocator));
    keys.extend(allocator.map(|allocator| ("allocator", allocator)));
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
        faults: Vec::new(),
        commands: None,
        no_commands: None,
        allocator: None,
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
