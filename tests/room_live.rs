//! Room for requests, made and built by the real LVM2 where it is installed, and read back extent for extent.
//!
//! `EXTENTPLAN_ROOM_CASES` says how many cases to run (40 if it is not set), `EXTENTPLAN_ROOM_SEED` where to start.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;

use extentplan::core::{Limits, Move, Problem};
use extentplan::lvm::simulate::simulate_all;
use extentplan::lvm::{
    Dictionary, ImportError, LvCommand, LvSegment, MoveOptions, VolumeGroup, group_after_moves,
    import, in_few_commands, move_commands, move_state, read_command,
};
use extentplan::rearrange::{MoveAnswer, RearrangeError, room};
use extentplan::solve::Strategy;
use serde_json::{Value, json};
use support::random::{self, Random};
use support::{array, group_after, ready_oracle, run, settings, step};

struct Case {
    seed: u64,
    scenario: Value,
    lines: Vec<String>,
    /// All of them, as they are printed.
    printed: Vec<String>,
    expected: VolumeGroup,
}

#[derive(Debug, Default)]
struct Figures {
    not_asked: usize,
    fits: usize,
    impossible: usize,
    open: usize,
    copied_the_least: usize,
    copied_more: usize,
    not_printed: usize,
    moves: usize,
    commands: usize,
}

fn number_from(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a whole number"))
}

/// By volume where its extents lie, in its order.
fn stretches(group: &VolumeGroup) -> BTreeMap<&str, Vec<(usize, u64)>> {
    let volumes = group.logical_volumes.iter().map(|volume| {
        let parts = volume.segments.iter().flat_map(LvSegment::physical);
        let extents = parts.flat_map(|(source, area)| {
            (area.start()..area.end()).map(move |extent| (source, extent))
        });
        (volume.name.as_str(), extents.collect())
    });
    let held = volumes.filter(|(_, extents): &(&str, Vec<(usize, u64)>)| !extents.is_empty());
    held.collect()
}

fn case(
    seed: u64,
    random: &mut Random,
    mut scenario: Value,
    result: &Value,
    figures: &mut Figures,
) -> Option<Case> {
    let group = group_after(&scenario, result);
    let layout = array(&result["steps"])
        .filter_map(|step| step.get("layout"))
        .last();
    let lines = random::requests(random, &scenario, layout.unwrap_or(&Value::Null));
    let read = |line: &String| {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        read_command(&words).expect("a command")
    };
    let asked: Vec<LvCommand> = lines.iter().map(read).collect();
    let told = settings(&scenario);
    let options = MoveOptions {
        keep_policy: random.chance(70),
        ..MoveOptions::default()
    };
    let state = move_state(&group, Vec::new(), &options).ok()?;
    let imported = |moves: &[Move]| -> Result<(VolumeGroup, Problem, Dictionary), ImportError> {
        let group = group_after_moves(&group, &state, moves, &told).expect("LVM2 moves it");
        let (problem, dictionary) = import(&group, &asked, &told)?;
        Ok((group, problem, dictionary))
    };
    if imported(&[]).is_err() {
        figures.not_asked += 1;
        return None;
    }
    let after = |moves: &[Move]| {
        let imported = imported(moves).map(|(_, problem, _)| problem);
        imported.map_err(|error| RearrangeError::NoProblem {
            what: error.to_string(),
        })
    };
    let strategy = Strategy {
        program: None,
        certify: false,
        ..Strategy::default()
    };
    let limits = Limits::none().with_nodes(1 << 16);
    let found = room(&state.state, &after, &strategy, &limits);
    let found = found.unwrap_or_else(|error| panic!("seed {seed}: {lines:?}: {error}"));
    match &found.answer {
        MoveAnswer::Impossible { .. } => figures.impossible += 1,
        MoveAnswer::Unknown { .. } => {
            figures.open += 1;
            eprintln!("seed {seed}: open: {lines:?}");
        }
        MoveAnswer::Best { cost, .. } if cost.copied == 0 => figures.fits += 1,
        MoveAnswer::Best { .. } => figures.copied_the_least += 1,
        MoveAnswer::Found { cost, bound, .. } if cost.copied == bound.copied => {
            figures.copied_the_least += 1;
        }
        MoveAnswer::Found { cost, bound, .. } => {
            figures.copied_more += 1;
            eprintln!(
                "seed {seed}: {} of {}: {lines:?}",
                cost.copied, bound.copied
            );
        }
    }
    let moves = found.answer.moves().filter(|moves| !moves.is_empty())?;
    let (moved, problem, dictionary) = imported(moves).expect("as before");
    let (_, placed) = found.placed.expect("it is placed");
    let plan = placed.plan().expect("a plan");
    let built = in_few_commands(&problem, &moved, &dictionary, plan);
    let Ok((_, commands)) = built else {
        figures.not_printed += 1;
        return None;
    };
    let expected = simulate_all(&moved, &commands, &told).expect("as it was tried");
    let pvmoves = move_commands(&group, &state, moves, &told).expect("commands");
    let steps = scenario["steps"].as_array_mut().expect("steps");
    steps.extend(pvmoves.iter().map(|command| {
        let mut args = command.arguments();
        let devices = args.split_off(args.len() - 2);
        let devices: Vec<&str> = devices
            .iter()
            .map(|device| device.trim_start_matches("/dev/"))
            .collect();
        json!({ "cmd": "pvmove", "args": args, "pvs": devices })
    }));
    steps.extend(commands.iter().map(step));
    figures.moves += pvmoves.len();
    figures.commands += commands.len();
    let moves = pvmoves.iter().map(ToString::to_string);
    Some(Case {
        seed,
        scenario,
        lines,
        printed: moves
            .chain(commands.iter().map(ToString::to_string))
            .collect(),
        expected,
    })
}

fn judged(case: &Case, result: &Value) -> Vec<String> {
    let steps: Vec<&Value> = array(&result["steps"]).collect();
    let first = steps.len() - case.printed.len();
    for (command, step) in case.printed.iter().zip(&steps[first..]) {
        if step["ok"] != Value::Bool(true) {
            return vec![format!("{command}: {}", step["stderr"])];
        }
    }
    let built = group_after(&case.scenario, result);
    let (built, mut expected) = (stretches(&built), stretches(&case.expected));
    let mut wrong = Vec::new();
    for (name, extents) in built {
        let promised = expected.remove(name);
        if promised.as_ref() != Some(&extents) {
            wrong.push(format!("{name}: promised {promised:?}, found {extents:?}"));
        }
    }
    wrong.extend(expected.keys().map(|name| format!("{name} is not there")));
    wrong
}

#[test]
fn what_has_room_made_for_it_is_built_as_promised_and_all_else_lies_where_it_was_moved() {
    let Some(oracle) = ready_oracle() else {
        return;
    };
    let seed = number_from("EXTENTPLAN_ROOM_SEED", 970_000);
    let count = number_from("EXTENTPLAN_ROOM_CASES", 40);
    let mut figures = Figures::default();
    let mut wrong = Vec::new();
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(200) {
        let mut randoms: Vec<Random> = seeds.iter().map(|seed| Random(*seed)).collect();
        let scenarios = randoms.iter_mut().map(|random| {
            let mut scenario = random::scenario(random);
            scenario["show_used"] = json!(true);
            scenario
        });
        let scenarios: Vec<Value> = scenarios.collect();
        let results = run(&oracle, &scenarios);
        let all = seeds.iter().zip(&mut randoms).zip(scenarios).zip(&results);
        let cases = all.filter_map(|(((seed, random), scenario), result)| {
            case(*seed, random, scenario, result, &mut figures)
        });
        let cases: Vec<Case> = cases.collect();
        let scenarios: Vec<Value> = cases.iter().map(|case| case.scenario.clone()).collect();
        for (case, result) in cases.iter().zip(run(&oracle, &scenarios)) {
            let errors = judged(case, &result);
            if !errors.is_empty() {
                wrong.push(format!(
                    "seed {}: {:?}\n{}\n{}",
                    case.seed,
                    case.lines,
                    case.printed.join("\n"),
                    errors.join("\n")
                ));
            }
        }
    }
    eprintln!("{figures:#?}");
    assert!(wrong.is_empty(), "{figures:#?}\n{}", wrong.join("\n\n"));
}
