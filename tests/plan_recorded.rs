//! What the real LVM2 refused, or placed with two legs on one disk, planned and then built by it.
//!
//! Goes through a recording of the oracle. Every request of it that was refused, or that left a RAID
//! volume or mirror with two legs on one physical volume, is planned from the very group that LVM2
//! met; the printed commands are run by the real LVM2, and what it built is read back.
//! `EXTENTPLAN_RECORDED_SCENARIOS` says how many scenarios to go through (60 if it is not set).

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;
#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use extentplan::core::{Answer, Limits, check};
use extentplan::lvm::{
    AllocationPolicy, LvCommand, SegmentType, VolumeGroup, existing, import, in_few_commands,
    read_command,
};
use extentplan::solve::{Strategy, solve};
use serde_json::Value;
use support::built::{Planned, differences, shared};
use support::{after, array, first_group, group, ready_oracle, run, settings, step, text};

/// Most time for one request; the figures of a loaded machine may say `open` more often.
const EACH: Duration = Duration::from_secs(10);

/// Why a request is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Refused,
    Unsafe,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// LVM2 refuses the arguments whatever the layout, and so do we.
    NoQuestionOfPlace,
    Impossible,
    Built,
    NotPrinted,
    Open,
}

/// A plan for a request, with the scenario that leads to it and builds it.
struct Case {
    reason: Reason,
    told: String,
    scenario: Value,
    commands: Vec<LvCommand>,
    planned: Planned,
}

/// The command of a step as its user would type it; `None` for other commands.
fn command(step: &Value) -> Option<Result<LvCommand, String>> {
    let program = text(&step["cmd"]);
    let mut words: Vec<String> = std::iter::once(program)
        .chain(array(&step["args"]).map(text))
        .map(|word| word.replace("@VG@", support::GROUP))
        .collect();
    match program {
        "lvcreate" => words.push(support::GROUP.to_string()),
        "lvextend" => {
            let name = words.pop()?;
            words.push(format!("{}/{name}", support::GROUP));
        }
        _ => return None,
    }
    words.extend(array(&step["pvs"]).map(|volume| text(volume).to_string()));
    Some(read_command(&words).map_err(|error| error.to_string()))
}

/// Whether a RAID volume or mirror has two legs on one physical volume though it was not asked to.
fn is_unsafe(after: &VolumeGroup, command: &LvCommand) -> bool {
    let Some(name) = &command.name else {
        return false;
    };
    let Ok(made) = existing(after, name) else {
        return false;
    };
    let stored = after.logical_volume(name).map(|volume| volume.policy);
    let inherit = AllocationPolicy::Inherit;
    let mut policies = [command.policy, stored, Some(after.policy)]
        .into_iter()
        .flatten();
    let policy = policies.find(|policy| *policy != inherit);
    let is_redundant = made.kind == SegmentType::Mirror || made.kind.is_raid();
    if policy == Some(AllocationPolicy::Anywhere) || !is_redundant {
        return false;
    }
    let legs: Vec<Vec<usize>> = made
        .legs
        .iter()
        .zip(&made.metadata)
        .map(|(leg, metadata)| {
            leg.iter()
                .chain(metadata)
                .map(|(source, _)| *source)
                .collect()
        })
        .collect();
    legs.iter().enumerate().any(|(index, leg)| {
        let mut others = legs[..index].iter();
        others.any(|other| other.iter().any(|source| leg.contains(source)))
    })
}

/// Plans one request; `Err` is what became of it where there is nothing to build.
fn planned(
    reason: Reason,
    before: VolumeGroup,
    command: &LvCommand,
    scenario: &Value,
    index: usize,
) -> Result<Case, (Fate, String)> {
    let told = format!("{} step {}: {command}", scenario["id"], index + 1);
    let settings = settings(scenario);
    let asked = std::slice::from_ref(command);
    let (problem, dictionary) = import(&before, asked, &settings)
        .map_err(|error| (Fate::NoQuestionOfPlace, format!("{told}: {error}")))?;
    let started = Instant::now();
    let remaining = || Some(EACH.saturating_sub(started.elapsed()));
    let limits = Limits {
        remaining: &remaining,
        ..Limits::none()
    };
    let answer = solve(&problem, &Strategy::default(), &limits);
    let plan = match answer.unwrap_or_else(|error| panic!("{told}: {error}")) {
        Answer::Best { plan, .. } | Answer::Found { plan, .. } => plan,
        Answer::Impossible { .. } => return Err((Fate::Impossible, told)),
        Answer::Unknown { .. } => return Err((Fate::Open, told)),
    };
    let (plan, commands) = in_few_commands(&problem, &before, &dictionary, &plan)
        .map_err(|error| (Fate::NotPrinted, format!("{told}: {error}")))?;
    assert_eq!(check(&problem, &plan), Vec::new(), "{told}");
    assert_eq!(shared(&problem, &plan), Vec::<String>::new(), "{told}");
    let mut scenario = scenario.clone();
    let steps = scenario["steps"].as_array_mut().expect("steps");
    steps.truncate(index);
    steps.extend(commands.iter().map(step));
    Ok(Case {
        reason,
        told,
        scenario,
        commands,
        planned: Planned {
            before,
            problem,
            dictionary,
            plan,
        },
    })
}

#[test]
fn what_lvm2_refused_or_placed_unsafely_is_built_where_a_layout_exists() {
    let (Some(oracle), count) = (
        ready_oracle(),
        std::env::var("EXTENTPLAN_RECORDED_SCENARIOS"),
    ) else {
        return;
    };
    let count = count.map_or(60, |count| count.parse().expect("a whole number"));
    let lines = recordings::lines("random-2000.jsonl.gz").take(count);
    let records: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line).expect("JSON"))
        .collect();
    let mut fates: BTreeMap<(Reason, Fate), usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for record in &records {
        let scenario = &record["scenario"];
        let mut before = first_group(scenario);
        let steps = array(&scenario["steps"]).zip(array(&record["result"]["steps"]));
        for (index, (step, outcome)) in steps.enumerate() {
            let layout = outcome.get("layout");
            let after = layout.map_or_else(|| before.clone(), |layout| group(scenario, layout));
            let asked = command(step).filter(|_| outcome["skipped"] != true);
            if let Some(asked) = asked {
                let reason = match (&asked, outcome["ok"] == true) {
                    (_, false) => Some(Reason::Refused),
                    (Ok(asked), true) => is_unsafe(&after, asked).then_some(Reason::Unsafe),
                    (Err(error), true) => panic!("{}: {error}", scenario["id"]),
                };
                if let Some(reason) = reason {
                    let case = match &asked {
                        Ok(asked) => planned(reason, before.clone(), asked, scenario, index),
                        Err(error) => Err((Fate::NoQuestionOfPlace, error.clone())),
                    };
                    match case {
                        Ok(case) => cases.push(case),
                        Err((fate, told)) => {
                            eprintln!("{reason:?} {fate:?} {told}");
                            *fates.entry((reason, fate)).or_default() += 1;
                        }
                    }
                }
            }
            before = after;
        }
    }
    let scenarios: Vec<Value> = cases.iter().map(|case| case.scenario.clone()).collect();
    let mut wrong = Vec::new();
    for (case, result) in cases.iter().zip(run(&oracle, &scenarios)) {
        let steps: Vec<&Value> = array(&result["steps"]).collect();
        let ours = &steps[steps.len().saturating_sub(case.commands.len())..];
        let refused = case
            .commands
            .iter()
            .zip(ours)
            .find(|(_, step)| step["ok"] != true);
        if let Some((command, step)) = refused {
            wrong.push(format!("{}\n{command}\n{}", case.told, step["stderr"]));
            continue;
        }
        let (built, _) = after(&case.scenario, &result);
        let found = differences(&case.planned, &built);
        if found.is_empty() {
            *fates.entry((case.reason, Fate::Built)).or_default() += 1;
        } else {
            wrong.push(format!("{}\n{}", case.told, found.join("\n")));
        }
    }
    eprintln!("{fates:#?}");
    assert!(
        !cases.is_empty(),
        "the recording has requests that LVM2 refuses"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
