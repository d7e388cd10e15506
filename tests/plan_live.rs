//! Plans, built by the real LVM2 where it is installed, and read back extent for extent.
//!
//! `EXTENTPLAN_LIVE_CASES` says how many cases to run (100 if it is not set), `EXTENTPLAN_LIVE_SEED`
//! where to start.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;

use extentplan::core::{
    Allocation, Limits, Plan, Problem, Segment, Separation, check, cost, joined,
};
use extentplan::lvm::{
    Dictionary, EntryPart, LogicalVolume, LvCommand, LvSegment, Settings, VolumeGroup, arranged,
    commands, existing, import, read_command,
};
use extentplan::solve::{Strategy, solve};
use serde_json::{Value, json};
use support::random::{self, Random};
use support::{array, first_group, group, ready_oracle, run, step};

/// A case on its way from a volume group to what LVM2 built.
struct Case {
    seed: u64,
    scenario: Value,
    before: VolumeGroup,
    lines: Vec<String>,
    problem: Problem,
    dictionary: Dictionary,
    plan: Plan,
    commands: Vec<LvCommand>,
}

/// What became of cases, for the figures at the end.
#[derive(Debug, Default)]
struct Figures {
    not_imported: usize,
    not_planned: usize,
    not_arranged: usize,
    not_printed: usize,
    built: usize,
    commands: usize,
    by_type: BTreeMap<String, usize>,
}

fn number_from(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a whole number"))
}

fn read(line: &str) -> LvCommand {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    read_command(&words).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The group that a scenario's steps leave, and the last layout.
fn after(scenario: &Value, result: &Value) -> (VolumeGroup, Value) {
    let layouts = array(&result["steps"]).filter_map(|step| step.get("layout"));
    match layouts.last() {
        Some(layout) => (group(scenario, layout), layout.clone()),
        None => (first_group(scenario), json!({ "lvs": {} })),
    }
}

fn stretches(volume: &LogicalVolume) -> Vec<Segment> {
    let segments = volume.segments.iter().flat_map(LvSegment::physical);
    let segments: Vec<Segment> = segments
        .map(|(source, area)| Segment { source, area })
        .collect();
    joined(&segments)
}

fn to_segments(stretches: &[(usize, extentplan::core::Area)]) -> Vec<Segment> {
    let segments = stretches.iter();
    segments
        .map(|&(source, area)| Segment { source, area })
        .collect()
}

/// What LVM2 built otherwise than planned.
fn differences(case: &Case, built: &VolumeGroup) -> Vec<String> {
    let mut wrong = Vec::new();
    let pairs = case.dictionary.entries.iter().zip(&case.plan.allocations);
    for (index, (entry, allocation)) in pairs.enumerate() {
        let Some(allocation) = allocation else {
            continue;
        };
        let mut differs = |what: String, expected: Vec<Segment>, found: Vec<Segment>| {
            if joined(&expected) != joined(&found) {
                wrong.push(format!("{what}: planned {expected:?}, built {found:?}"));
            }
        };
        if entry.part == EntryPart::Spare {
            let had = case.before.logical_volume(&entry.name).map(stretches);
            let had = had.unwrap_or_default();
            let expected = [had, allocation.legs[0].clone()].concat();
            let found = built.logical_volume(&entry.name).map(stretches);
            differs(entry.name.clone(), expected, found.unwrap_or_default());
            continue;
        }
        let data = if entry.demand.kind.is_pool() {
            entry.leg_name(0)
        } else {
            entry.name.clone()
        };
        let made = match existing(built, &data) {
            Ok(made) => made,
            Err(error) => {
                wrong.push(format!("{data}: {error}"));
                continue;
            }
        };
        let grows = case.problem.requests()[index].grows.clone();
        for (leg, planned) in allocation.legs.iter().enumerate() {
            let had = existing(&case.before, &data).ok();
            let had = had.filter(|had| grows.is_some() && leg < had.legs.len());
            let had = had.map(|had| to_segments(&had.legs[leg]));
            let expected = [had.unwrap_or_default(), planned.clone()].concat();
            let found = made.legs.get(leg).map(|leg| to_segments(leg));
            differs(
                format!("{data} leg {leg}"),
                expected,
                found.unwrap_or_default(),
            );
        }
        for (leg, planned) in allocation.metadata.iter().enumerate() {
            let found = to_segments(&made.metadata[leg]);
            differs(entry.metadata_name(leg), vec![*planned], found);
        }
        for planned in &allocation.logs {
            let found = built.logical_volume(&entry.log_name()).map(stretches);
            differs(entry.log_name(), vec![*planned], found.unwrap_or_default());
        }
    }
    for volume in &case.before.logical_volumes {
        let is_asked = |name: &str| {
            let mut entries = case.dictionary.entries.iter();
            entries.any(|entry| {
                volume.name.starts_with(name) && entry.name == name || {
                    volume.name.starts_with(&entry.name)
                }
            })
        };
        if !is_asked(&volume.name) {
            let now = built.logical_volume(&volume.name);
            if now.map(|now| &now.segments) != Some(&volume.segments) {
                wrong.push(format!("{} was to stay as it is", volume.name));
            }
        }
    }
    wrong
}

/// Legs of RAID volumes and mirrors that newly share a physical volume, against the request.
fn shared(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    for (request, allocation) in problem.requests().iter().zip(&plan.allocations) {
        let Some(Allocation { legs, metadata, .. }) = allocation else {
            continue;
        };
        if request.separation() != Separation::Leg {
            continue;
        }
        for (first, leg) in legs.iter().enumerate() {
            for (second, other) in legs.iter().enumerate().skip(first + 1) {
                let of = |leg: &[Segment], index: usize| -> Vec<usize> {
                    let companions = metadata.get(index);
                    leg.iter().chain(companions).map(|s| s.source).collect()
                };
                let others = of(other, second);
                if of(leg, first).iter().any(|source| others.contains(source)) {
                    wrong.push(format!("{}: legs {first} and {second}", request.name));
                }
            }
        }
    }
    wrong
}

/// Who makes the plan of a case, if there is one; or what is wrong with the planner.
type Planner = dyn Fn(&Problem, &mut Random) -> Result<Option<Plan>, String>;

/// Runs cases from their volume group to what LVM2 built; panics where that is not what was planned.
fn live(seed: u64, count: u64, planner: &Planner) -> Figures {
    let Some(oracle) = ready_oracle() else {
        return Figures::default();
    };
    let mut figures = Figures::default();
    let seeds: Vec<u64> = (seed..seed + count).collect();
    let mut randoms: Vec<Random> = seeds.iter().map(|seed| Random(*seed)).collect();
    let scenarios: Vec<Value> = randoms.iter_mut().map(random::scenario).collect();
    let results = run(&oracle, &scenarios);
    let mut cases = Vec::new();
    for (((seed, random), scenario), result) in
        seeds.iter().zip(&mut randoms).zip(scenarios).zip(results)
    {
        let (before, layout) = after(&scenario, &result);
        let lines = random::requests(random, &scenario, &layout);
        let asked: Vec<LvCommand> = lines.iter().map(|line| read(line)).collect();
        let settings = Settings::default();
        let (problem, dictionary) = match import(&before, &asked, &settings) {
            Ok(imported) => imported,
            Err(error) => {
                figures.not_imported += 1;
                eprintln!("seed {seed}: {lines:?}: {error}");
                continue;
            }
        };
        let plan = planner(&problem, random)
            .unwrap_or_else(|error| panic!("seed {seed}: {lines:?}: {error}"));
        let Some(plan) = plan else {
            figures.not_planned += 1;
            continue;
        };
        let price = cost(&problem, &plan);
        let plan = match arranged(&before, &dictionary, &plan) {
            Ok(plan) => plan,
            Err(error) => {
                figures.not_printed += 1;
                eprintln!("seed {seed}: {lines:?}: {error}");
                continue;
            }
        };
        let violations = check(&problem, &plan);
        if !violations.is_empty() || cost(&problem, &plan) > price {
            figures.not_arranged += 1;
            eprintln!("seed {seed}: {lines:?}: {violations:?}");
            continue;
        }
        assert_eq!(shared(&problem, &plan), Vec::<String>::new(), "seed {seed}");
        let commands = commands(&before, &dictionary, &plan)
            .unwrap_or_else(|error| panic!("seed {seed}: {lines:?}: {error}"));
        let mut scenario = scenario;
        let steps = scenario["steps"].as_array_mut().expect("steps");
        steps.extend(commands.iter().map(step));
        cases.push(Case {
            seed: *seed,
            scenario,
            before,
            lines,
            problem,
            dictionary,
            plan,
            commands,
        });
    }
    let scenarios: Vec<Value> = cases.iter().map(|case| case.scenario.clone()).collect();
    let results = run(&oracle, &scenarios);
    for (case, result) in cases.iter().zip(&results) {
        let steps: Vec<&Value> = array(&result["steps"]).collect();
        let ours = &steps[steps.len() - case.commands.len()..];
        for (command, step) in case.commands.iter().zip(ours) {
            assert_eq!(
                step["ok"], true,
                "seed {}: {:?}\n{command}\n{}",
                case.seed, case.lines, step["stderr"]
            );
        }
        let (built, _) = after(&case.scenario, result);
        let wrong = differences(case, &built);
        let printed: Vec<String> = case.commands.iter().map(LvCommand::to_string).collect();
        assert!(
            wrong.is_empty(),
            "seed {}: {:?}\n{}\n{}",
            case.seed,
            case.lines,
            printed.join("\n"),
            wrong.join("\n")
        );
        figures.built += 1;
        figures.commands += case.commands.len();
        for entry in &case.dictionary.entries {
            let key = format!("{:?} {}", entry.part, entry.demand.kind);
            *figures.by_type.entry(key).or_default() += 1;
        }
    }
    figures
}

/// Where to start and how many cases to run.
fn slice() -> (u64, u64) {
    (
        number_from("EXTENTPLAN_LIVE_SEED", 1),
        number_from("EXTENTPLAN_LIVE_CASES", 100),
    )
}

#[test]
fn whatever_layout_is_printed_is_built_extent_for_extent() {
    let (seed, count) = slice();
    let figures = live(seed, count, &|problem, random| {
        Ok(random::layout(problem, random))
    });
    eprintln!("{figures:#?}");
}

#[test]
fn every_best_plan_is_built_extent_for_extent() {
    let (seed, count) = slice();
    let solved = |problem: &Problem, _: &mut Random| {
        // By nodes, not by time: the same cases make the same plans.
        let limits = Limits {
            nodes: 20_000,
            ..Limits::none()
        };
        let strategy = Strategy {
            program: None,
            ..Strategy::default()
        };
        let answer = solve(problem, &strategy, &limits);
        let answer = answer.map_err(|error| {
            format!(
                "{error}\n{}",
                extentplan::json::write_problem(problem, None)
            )
        })?;
        Ok(answer.plan().cloned())
    };
    let figures = live(seed, count, &solved);
    eprintln!("{figures:#?}");
}
