//! Plans, built by the real LVM2 where it is installed, and read back extent for extent.
//!
//! `EXTENTPLAN_LIVE_CASES` says how many cases to run (100 if it is not set), `EXTENTPLAN_LIVE_SEED`
//! where to start.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use extentplan::core::{Cost, Limits, Plan, Problem, check, cost};
use extentplan::lvm::simulate::simulate_all;
use extentplan::lvm::{
    Dictionary, LvCommand, VolumeGroup, import, in_few_commands, plan_made, read_command,
    spelled_out,
};
use extentplan::solve::{Strategy, solve};
use serde_json::Value;
use support::built::{Planned, differences, shared};
use support::random::{self, Random};
use support::sizes::difference;
use support::{after, array, ready_oracle, run, settings, step};

/// A case on its way from a volume group to what LVM2 built.
struct Case {
    seed: u64,
    scenario: Value,
    lines: Vec<String>,
    planned: Planned,
    commands: Vec<LvCommand>,
}

/// What became of cases, for the figures at the end.
#[derive(Debug, Default)]
struct Figures {
    not_imported: usize,
    not_planned: usize,
    not_arranged: usize,
    not_printed: usize,
    typed: usize,
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

/// Who makes the plan of a case, if there is one; or what is wrong with the planner.
type Planner = dyn Fn(&Problem, &mut Random) -> Result<Option<Plan>, String>;

/// Runs cases from their volume group to what LVM2 built; panics with all that are not what was
/// planned.
fn live(seed: u64, count: u64, planner: &Planner) -> Figures {
    let Some(oracle) = ready_oracle() else {
        return Figures::default();
    };
    let mut figures = Figures::default();
    let mut wrong = Vec::new();
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(CHUNK) {
        chunk(&oracle, seeds, planner, &mut figures, &mut wrong);
    }
    assert!(wrong.is_empty(), "{figures:#?}\n{}", wrong.join("\n\n"));
    figures
}

/// Cases that are held in memory at a time.
const CHUNK: usize = 500;

fn chunk(
    oracle: &PathBuf,
    seeds: &[u64],
    planner: &Planner,
    figures: &mut Figures,
    wrong: &mut Vec<String>,
) {
    let mut randoms: Vec<Random> = seeds.iter().map(|seed| Random(*seed)).collect();
    let scenarios: Vec<Value> = randoms.iter_mut().map(random::scenario).collect();
    let results = run(oracle, &scenarios);
    let mut cases = Vec::new();
    for (((seed, random), scenario), result) in
        seeds.iter().zip(&mut randoms).zip(scenarios).zip(results)
    {
        match case(*seed, random, scenario, &result, planner, figures) {
            Ok(case) => cases.extend(case),
            Err(error) => wrong.push(format!("seed {seed}: {error}")),
        }
    }
    let scenarios: Vec<Value> = cases.iter().map(|case| case.scenario.clone()).collect();
    let results = run(oracle, &scenarios);
    for (case, result) in cases.iter().zip(&results) {
        let errors = judged(case, result);
        if errors.is_empty() {
            figures.built += 1;
            figures.commands += case.commands.len();
            for entry in &case.planned.dictionary.entries {
                let key = format!("{:?} {}", entry.part, entry.demand.kind);
                *figures.by_type.entry(key).or_default() += 1;
            }
        } else {
            let printed: Vec<String> = case.commands.iter().map(LvCommand::to_string).collect();
            wrong.push(format!(
                "seed {}: {:?}\n{}\n{}",
                case.seed,
                case.lines,
                printed.join("\n"),
                errors.join("\n")
            ));
        }
    }
}

/// Plans a case and prints its commands; `None` where there is nothing to build, with a count of why.
fn case(
    seed: u64,
    random: &mut Random,
    mut scenario: Value,
    result: &Value,
    planner: &Planner,
    figures: &mut Figures,
) -> Result<Option<Case>, String> {
    let (before, layout) = after(&scenario, result);
    let lines = random::requests(random, &scenario, &layout);
    let asked: Vec<LvCommand> = lines.iter().map(|line| read(line)).collect();
    let (problem, dictionary) = match import(&before, &asked, &settings(&scenario)) {
        Ok(imported) => imported,
        Err(error) => {
            figures.not_imported += 1;
            eprintln!("seed {seed}: {lines:?}: {error}");
            return Ok(None);
        }
    };
    let plan = planner(&problem, random).map_err(|error| format!("{lines:?}: {error}"))?;
    let Some(plan) = plan else {
        figures.not_planned += 1;
        return Ok(None);
    };
    let price = cost(&problem, &plan);
    // Half of the cases are built as they were typed where LVM2's own layout is as good.
    let typed = seed
        .is_multiple_of(2)
        .then(|| as_typed(&problem, &before, &dictionary, &asked, &price))
        .flatten();
    figures.typed += usize::from(typed.is_some());
    let built = typed.map_or_else(
        || in_few_commands(&problem, &before, &dictionary, &plan),
        Ok,
    );
    let (plan, commands) = match built {
        Ok(built) => built,
        Err(error) => {
            figures.not_printed += 1;
            eprintln!("seed {seed}: {lines:?}: {error}");
            return Ok(None);
        }
    };
    let violations = check(&problem, &plan);
    if !violations.is_empty() || cost(&problem, &plan) > price {
        figures.not_arranged += 1;
        eprintln!("seed {seed}: {lines:?}: {violations:?}");
        return Ok(None);
    }
    let together = shared(&problem, &plan);
    if !together.is_empty() {
        return Err(format!("{lines:?}: {together:?}"));
    }
    let steps = scenario["steps"].as_array_mut().expect("steps");
    steps.extend(commands.iter().map(step));
    Ok(Some(Case {
        seed,
        scenario,
        lines,
        planned: Planned {
            before,
            problem,
            dictionary,
            plan,
        },
        commands,
    }))
}

/// What LVM2 makes of the commands as they were typed, where that is as good.
fn as_typed(
    problem: &Problem,
    before: &VolumeGroup,
    dictionary: &Dictionary,
    asked: &[LvCommand],
    price: &Cost,
) -> Option<(Plan, Vec<LvCommand>)> {
    let after = simulate_all(before, asked, &dictionary.settings).ok()?;
    let plan = plan_made(before, &after, problem, dictionary)?;
    let is_as_good = check(problem, &plan).is_empty() && cost(problem, &plan) <= *price;
    let commands = spelled_out(asked, before, dictionary).ok()?;
    is_as_good.then_some((plan, commands))
}

/// What LVM2 refused, or else built otherwise.
fn judged(case: &Case, result: &Value) -> Vec<String> {
    let steps: Vec<&Value> = array(&result["steps"]).collect();
    let Some(before) = steps.len().checked_sub(case.commands.len()) else {
        return vec![format!("the oracle stopped: {result}")];
    };
    for (command, step) in case.commands.iter().zip(&steps[before..]) {
        if step["ok"] != true {
            return vec![format!("refused: {command}\n{}", step["stderr"])];
        }
    }
    let (built, _) = after(&case.scenario, result);
    differences(&case.planned, &built)
}

#[test]
fn a_request_comes_to_the_size_that_lvm2_makes() {
    let Some(oracle) = ready_oracle() else { return };
    let (seed, count) = slice();
    let mut wrong = Vec::new();
    let mut compared = 0;
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(CHUNK) {
        let mut randoms: Vec<Random> = seeds.iter().map(|seed| Random(*seed)).collect();
        let mut scenarios: Vec<Value> = randoms.iter_mut().map(random::scenario).collect();
        let results = run(&oracle, &scenarios);
        let mut asked = Vec::new();
        for ((random, scenario), result) in randoms.iter_mut().zip(&mut scenarios).zip(&results) {
            let (before, layout) = after(scenario, result);
            let lines = random::requests(random, scenario, &layout);
            let command = read(&lines[0]);
            let steps = scenario["steps"].as_array_mut().expect("steps");
            steps.push(step(&command));
            asked.push((before, command));
        }
        let results = run(&oracle, &scenarios);
        for (((before, command), scenario), result) in asked.iter().zip(&scenarios).zip(&results) {
            let last = array(&result["steps"]).last().expect("a step");
            // A pool that grows by its metadata alone has no size of its own to compare.
            let has_size = command.size.is_some();
            if last["ok"] == true && has_size {
                let (built, _) = after(scenario, result);
                compared += 1;
                if let Some(error) = difference(before, &built, command, &settings(scenario)) {
                    wrong.push(format!("{scenario}\n{command}: {error}"));
                }
            }
        }
    }
    eprintln!("{compared} compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
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
