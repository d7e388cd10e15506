//! Answers about capacity as one JSON object, with a key for each question that was asked.

use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::capacity::{
    Aftermath, Failure, Fit, Layout, MinimalConflict, Refusal, Remedy, Repair, WhyNot,
};
use crate::cli::capacity::Answers;
use crate::cli::capacity::answer_text::{part_words, policy_name, remedy_words};
use crate::cli::capacity::subject::Subject;
use crate::core::{Answer, Areas, Problem, explain};
use crate::json as format;

/// The object as text.
///
/// # Errors
/// None that could be the user's fault: what is written is read back.
pub(crate) fn write(subject: &Subject, answers: &Answers) -> anyhow::Result<String> {
    let mut keys = Map::new();
    let bytes = |extents: u64| {
        subject
            .extent_bytes
            .map(|size| u128::from(size) * u128::from(extents))
    };
    let counted = |extents: u64| -> Map<String, Value> {
        let mut keys = Map::new();
        keys.insert("extents".to_string(), extents.into());
        if let Some(bytes) = bytes(extents).and_then(|bytes| u64::try_from(bytes).ok()) {
            keys.insert("bytes".to_string(), bytes.into());
        }
        keys
    };
    if let Some(largest) = &answers.largest {
        let mut object = counted(largest.extents);
        object.insert("proven".to_string(), largest.is_proven().into());
        object.insert("bound".to_string(), largest.bound.into());
        insert_layout(&mut object, largest.layout.as_ref())?;
        insert_beyond(&mut object, largest.beyond.as_ref());
        let simpler = largest.simpler.iter().map(|one| {
            let mut object = counted(one.extents);
            object.insert("proven".to_string(), one.is_proven.into());
            object.insert("segments".to_string(), one.segments.into());
            insert_layout(&mut object, Some(&one.layout))?;
            Ok(Value::from(object))
        });
        let simpler: anyhow::Result<Vec<Value>> = simpler.collect();
        object.insert("simpler".to_string(), simpler?.into());
        keys.insert("largest".to_string(), object.into());
    }
    if let Some(more) = &answers.more {
        let mut object = Map::new();
        object.insert("count".to_string(), more.count.into());
        object.insert("proven".to_string(), more.is_proven().into());
        if more.bound < u64::MAX {
            object.insert("bound".to_string(), more.bound.into());
        }
        insert_layout(&mut object, more.layout.as_ref())?;
        insert_beyond(&mut object, more.beyond.as_ref());
        keys.insert("more".to_string(), object.into());
    }
    if let Some((problem, answer)) = &answers.choice {
        keys.insert("choice".to_string(), plan(problem, answer)?);
    }
    if let Some(repairs) = &answers.add {
        keys.insert("add".to_string(), self::repairs(repairs)?);
    }
    match &answers.fits {
        Some(Fit::Fits) => {
            keys.insert("fits".to_string(), true.into());
        }
        Some(Fit::Open) => {
            keys.insert("fits".to_string(), Value::Null);
        }
        Some(Fit::Not(reason)) => {
            keys.insert("fits".to_string(), false.into());
            keys.insert("why".to_string(), why(reason)?);
        }
        None => {}
    }
    let text = serde_json::to_string_pretty(&Value::from(keys)).context("cannot write JSON")?;
    Ok(text + "\n")
}

/// What each failure comes to: `{"survive": [..]}`.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn survival(failures: &[(&Failure, &Aftermath)]) -> anyhow::Result<String> {
    let one = |(failure, after): &(&Failure, &Aftermath)| -> anyhow::Result<Value> {
        let mut object = Map::new();
        object.insert("failure".to_string(), failure.name.clone().into());
        let (state, volumes) = match after {
            Aftermath::Untouched => ("untouched", Vec::new()),
            Aftermath::Repaired { repaired, layout } => {
                insert_layout(&mut object, Some(layout))?;
                ("repaired", repaired.clone())
            }
            Aftermath::Lost { lost } => ("lost", lost.clone()),
            Aftermath::NoRoom {
                degraded,
                refusal,
                add,
            } => {
                let reason = explain(&refusal.problem, &refusal.why);
                object.insert("reason".to_string(), reason.into());
                object.insert("add".to_string(), repairs(add)?);
                ("no room", degraded.clone())
            }
            Aftermath::Open => ("unknown", Vec::new()),
        };
        object.insert("state".to_string(), state.into());
        object.insert("volumes".to_string(), volumes.into());
        Ok(object.into())
    };
    let list: anyhow::Result<Vec<Value>> = failures.iter().map(one).collect();
    let text = serde_json::to_string_pretty(&json!({ "survive": list? }));
    Ok(text.context("cannot write JSON")? + "\n")
}

/// An answer as a plan file has it.
fn plan(problem: &Problem, answer: &Answer) -> anyhow::Result<Value> {
    let text = format::write_answer(problem, answer, None);
    serde_json::from_str(&text).context("a plan is JSON")
}

fn insert_layout(object: &mut Map<String, Value>, layout: Option<&Layout>) -> anyhow::Result<()> {
    if let Some(layout) = layout {
        object.insert("plan".to_string(), plan(&layout.problem, &layout.answer)?);
    }
    Ok(())
}

fn insert_beyond(object: &mut Map<String, Value>, beyond: Option<&Refusal>) {
    if let Some(beyond) = beyond {
        let words = explain(&beyond.problem, &beyond.why);
        object.insert("beyond".to_string(), words.into());
    }
}

fn why(reason: &WhyNot) -> anyhow::Result<Value> {
    let problem = &reason.refusal.problem;
    Ok(json!({
        "reason": explain(problem, &reason.refusal.why),
        "conflict": conflict(problem, &reason.conflict),
        "repairs": repairs(&reason.repairs)?,
    }))
}

/// The parts of a conflict within a problem.
pub(crate) fn conflict(problem: &Problem, conflict: &MinimalConflict) -> Value {
    let source = |index: usize| problem.sources()[index].name.clone();
    let request = |index: usize| problem.requests()[index].name.clone();
    let sources: Vec<String> = conflict.sources().into_iter().map(source).collect();
    let legs = conflict.legs().into_iter();
    let legs: Vec<Value> = legs
        .map(|(index, legs)| json!({ "request": request(index), "legs": legs }))
        .collect();
    let rules = conflict.rules().into_iter();
    let rules: Vec<Value> = rules
        .map(|(index, rule)| json!({ "request": request(index), "rule": rule.name() }))
        .collect();
    let words: Vec<String> = part_words(problem, conflict);
    json!({
        "sources": sources,
        "legs": legs,
        "rules": rules,
        "minimal": conflict.is_minimal,
        "reason": explain(&conflict.refusal.problem, &conflict.refusal.why),
        "words": words,
    })
}

/// Repairs in their order.
pub(crate) fn repairs(repairs: &[Repair]) -> anyhow::Result<Value> {
    let list: anyhow::Result<Vec<Value>> = repairs.iter().map(repair).collect();
    Ok(list?.into())
}

fn repair(repair: &Repair) -> anyhow::Result<Value> {
    let areas = |areas: &Areas| -> Vec<Value> {
        areas
            .iter()
            .map(|area| json!([area.start(), area.count()]))
            .collect()
    };
    let mut object = match &repair.remedy {
        Remedy::Grow { sources } => {
            let grow: Map<String, Value> = sources
                .iter()
                .map(|(name, extents)| (name.clone(), Value::from(*extents)))
                .collect();
            json!({ "kind": "grow", "sources": grow })
        }
        Remedy::GrowAny { tag, .. } => json!({ "kind": "grow_any", "tag": tag }),
        Remedy::Add { extents, tags } => {
            json!({ "kind": "add", "disks": extents, "tags": tags })
        }
        Remedy::Free {
            holder,
            source,
            areas: freed,
        } => json!({ "kind": "free", "volume": holder, "source": source, "areas": areas(freed) }),
        Remedy::Policy { request, from, to } => json!({
            "kind": "policy",
            "request": request,
            "from": policy_name(*from),
            "to": policy_name(*to),
        }),
        Remedy::Stripes { request, from, to } => {
            json!({ "kind": "stripes", "request": request, "from": from, "to": to })
        }
        Remedy::Shrink { request, from, to } => {
            json!({ "kind": "shrink", "request": request, "from": from, "to": to })
        }
        Remedy::Drop { request } => json!({ "kind": "drop", "request": request }),
    };
    if let Some(object) = object.as_object_mut() {
        object.insert("extents".to_string(), repair.remedy.extents().into());
        object.insert("smallest".to_string(), repair.is_smallest.into());
        object.insert(
            "words".to_string(),
            remedy_words(&repair.remedy, None).into(),
        );
        insert_layout(object, Some(&repair.layout))?;
    }
    Ok(object)
}
