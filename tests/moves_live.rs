//! Moves, made by the real LVM2 where it is installed, and read back extent for extent.
//!
//! `EXTENTPLAN_MOVES_CASES` says how many cases to run (60 if it is not set), `EXTENTPLAN_MOVES_SEED` where to start.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;

use extentplan::core::{Goal, HeldPiece, Limits, Move, Policy, Rearrangement, Segment, Separation};
use extentplan::lvm::{MoveOptions, MoveState, PvMove, VolumeGroup, move_commands, move_state};
use extentplan::rearrange::{MoveAnswer, RearrangeError, balance, defragment, plan};
use extentplan::solve::Strategy;
use serde_json::{Value, json};
use support::random::{self, Random};
use support::{array, group_after, ready_oracle, run, settings};

/// Where each extent of each leg lies: by name, stripe and offset the source and the extent there.
type Places = BTreeMap<(String, usize, u64), (usize, u64)>;

struct Case {
    seed: u64,
    scenario: Value,
    goals: Vec<Goal>,
    moves: Vec<Move>,
    state: MoveState,
    commands: Vec<PvMove>,
}

#[derive(Debug, Default)]
struct Figures {
    not_movable: usize,
    best: usize,
    found: usize,
    impossible: usize,
    unknown: usize,
    without_commands: usize,
    nothing_to_move: usize,
    commands: usize,
    anywhere: usize,
}

fn number_from(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a whole number"))
}

fn goals(random: &mut Random, group: &VolumeGroup) -> Vec<Goal> {
    let count = group.physical_volumes.len() as u64;
    let some =
        |random: &mut Random| usize::try_from(random.between(0, count - 1)).expect("an index");
    let mut goals = Vec::new();
    if random.chance(60) {
        goals.push(Goal::Drain {
            source: some(random),
        });
    }
    if random.chance(30) {
        let source = some(random);
        let extents = random.between(1, group.physical_volumes[source].extents);
        if !goals.contains(&Goal::Drain { source }) {
            goals.push(Goal::Shrink { source, extents });
        }
    }
    if goals.is_empty() || random.chance(40) {
        goals.push(Goal::Heal);
    }
    goals
}

/// What is asked beside the goals: nothing, a balance, few segments, or an end that is drawn.
fn asked(
    random: &mut Random,
    state: &mut MoveState,
    seed: u64,
) -> Result<MoveAnswer, RearrangeError> {
    let (strategy, limits) = (Strategy::default(), Limits::none());
    let state = &mut state.state;
    match random.between(0, 4) {
        0 => {
            let found = balance(state, &strategy, &limits)?.level;
            let (held, of) = (found.held, found.of);
            state.goals.push(Goal::Level { held, of });
        }
        1 => {
            if random.chance(50) {
                state.goals.clear();
            }
            let is_meant: Vec<bool> = state.volumes.iter().map(|_| random.chance(80)).collect();
            let budget = random.chance(20).then(|| random.between(1, 20));
            let found = defragment(state, &is_meant, budget, &strategy, &limits)?;
            state.goals.extend(found.goals);
            return Ok(found.answer);
        }
        2 => state.goals = drawn(state, seed),
        _ => {}
    }
    plan(state, &strategy, &limits)
}

/// The extents of some volumes of each source are to lie there the other way round, run by run, from its first extent on.
fn drawn(state: &Rearrangement, seed: u64) -> Vec<Goal> {
    let is_drawn = |volume: usize| !(volume as u64 + seed).is_multiple_of(3);
    let mut goals = Vec::new();
    for (source, has) in state.sources.iter().enumerate() {
        let mut runs = Vec::new();
        let mut taken = has.free.clone();
        for (volume, held) in state.volumes.iter().enumerate() {
            for (leg, one) in held.legs.iter().enumerate() {
                let here = one.runs();
                let here = here.iter().filter(|run| run.place.source == source);
                for run in here {
                    let may_move = one.locked.is_none() && !state.closed.contains(&source);
                    if is_drawn(volume) && may_move {
                        taken = taken.union(&run.place.area.into());
                        runs.push((volume, leg, *run));
                    } else if is_drawn(volume) {
                        goals.push(Goal::Lie {
                            volume,
                            leg,
                            piece: *run,
                        });
                    }
                }
            }
        }
        runs.reverse();
        for (volume, leg, run) in runs {
            let mut rest = Some(run);
            while let Some(run) = rest {
                let Some(room) = taken.iter().next() else {
                    break;
                };
                let (to, _) = room.split(room.count().min(run.place.area.count()));
                taken = taken.difference(&to.into());
                let place = Segment { source, area: to };
                goals.push(Goal::Lie {
                    volume,
                    leg,
                    piece: HeldPiece { place, ..run },
                });
                let behind = run.place.area.split(to.count()).1;
                rest = behind.and_then(|area| run.within(area));
            }
        }
    }
    goals
}

fn places(state: &Rearrangement) -> Places {
    let mut places = Places::new();
    for volume in &state.volumes {
        for (stripe, leg) in volume.legs.iter().enumerate() {
            for piece in &leg.pieces {
                let area = piece.place.area;
                for (at, extent) in (area.start()..area.end()).enumerate() {
                    let key = (leg.name.clone(), stripe, piece.offset + at as u64);
                    places.insert(key, (piece.place.source, extent));
                }
            }
        }
    }
    places
}

/// Where everything lies once the moves are made, said without any of the code that makes them.
fn promised(state: &Rearrangement, moves: &[Move]) -> Places {
    let mut places = places(state);
    let mut at: BTreeMap<(usize, u64), (String, usize, u64)> = places
        .iter()
        .map(|(key, place)| (*place, key.clone()))
        .collect();
    for step in moves {
        for offset in 0..step.from.area.count() {
            let from = (step.from.source, step.from.area.start() + offset);
            let to = (step.to.source, step.to.area.start() + offset);
            let key = at.remove(&from).expect("it is held");
            assert!(at.insert(to, key.clone()).is_none(), "it is free");
            places.insert(key, to);
        }
    }
    places
}

/// Columns of one volume that share a source.
fn shared(state: &Rearrangement) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for volume in state
        .volumes
        .iter()
        .filter(|v| v.separation == Separation::Leg)
    {
        let mut sources: BTreeMap<usize, std::collections::BTreeSet<usize>> = BTreeMap::new();
        for leg in &volume.legs {
            for piece in &leg.pieces {
                sources
                    .entry(piece.place.source)
                    .or_default()
                    .insert(leg.column);
            }
        }
        let pairs = sources.values().map(|columns| columns.len() - 1).sum();
        counts.insert(volume.name.clone(), pairs);
    }
    counts
}

fn step(command: &PvMove) -> Value {
    let mut args = command.arguments();
    let devices = args.split_off(args.len() - 2);
    let devices = devices
        .iter()
        .map(|device| device.trim_start_matches("/dev/"));
    json!({ "cmd": "pvmove", "args": args, "pvs": devices.collect::<Vec<_>>() })
}

fn case(
    seed: u64,
    random: &mut Random,
    scenario: Value,
    result: &Value,
    figures: &mut Figures,
) -> Option<Case> {
    let group = group_after(&scenario, result);
    let goals = goals(random, &group);
    let options = MoveOptions {
        keep: Vec::new(),
        keep_policy: random.chance(70),
        domains: std::collections::BTreeSet::new(),
        most_moves: None,
    };
    let mut state = match move_state(&group, goals.clone(), &options) {
        Ok(state) => state,
        Err(error) => {
            figures.not_movable += 1;
            eprintln!("seed {seed}: {error}");
            return None;
        }
    };
    let answer = asked(random, &mut state, seed);
    let answer = answer.unwrap_or_else(|error| panic!("seed {seed}: {goals:?}: {error}"));
    match &answer {
        MoveAnswer::Best { .. } => figures.best += 1,
        MoveAnswer::Found { .. } => figures.found += 1,
        MoveAnswer::Impossible { .. } => figures.impossible += 1,
        MoveAnswer::Unknown { .. } => {
            figures.unknown += 1;
            eprintln!("seed {seed}: open: {goals:?}");
        }
    }
    let moves = answer.moves()?.to_vec();
    if moves.is_empty() {
        figures.nothing_to_move += 1;
        return None;
    }
    match move_commands(&group, &state, &moves, &settings(&scenario)) {
        Ok(commands) => Some(Case {
            seed,
            scenario,
            goals,
            moves,
            state,
            commands,
        }),
        Err(error) => {
            figures.without_commands += 1;
            eprintln!("seed {seed}: {error}");
            None
        }
    }
}

fn judged(case: &Case, result: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let steps: Vec<&Value> = array(&result["steps"]).collect();
    let first = steps.len() - case.commands.len();
    for (command, step) in case.commands.iter().zip(&steps[first..]) {
        if step["ok"] != Value::Bool(true) {
            errors.push(format!("{command}: {}", step["stderr"]));
        }
    }
    let options = MoveOptions::default();
    let before = shared(&case.state.state);
    let mut expected = promised(&case.state.state, &case.moves);
    for index in first..=steps.len() {
        let until = json!({ "steps": &result["steps"].as_array().expect("steps")[..index] });
        let group = group_after(&case.scenario, &until);
        let state = move_state(&group, case.goals.clone(), &options)
            .expect("as before")
            .state;
        for (volume, pairs) in shared(&state) {
            if pairs > before[&volume] {
                errors.push(format!(
                    "after step {index} legs of {volume} have come together"
                ));
            }
        }
        if index == steps.len() {
            for (key, place) in places(&state) {
                let wanted = expected.remove(&key);
                if wanted != Some(place) {
                    errors.push(format!("{key:?} is at {place:?}, promised {wanted:?}"));
                }
            }
        }
    }
    errors.extend(expected.keys().map(|key| format!("{key:?} is gone")));
    errors
}

#[test]
fn moves_land_where_they_were_promised_and_bring_no_legs_together() {
    let Some(oracle) = ready_oracle() else {
        return;
    };
    let seed = number_from("EXTENTPLAN_MOVES_SEED", 900_000);
    let count = number_from("EXTENTPLAN_MOVES_CASES", 60);
    let mut figures = Figures::default();
    let mut wrong = Vec::new();
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(500) {
        let mut randoms: Vec<Random> = seeds.iter().map(|seed| Random(*seed)).collect();
        let scenarios = randoms.iter_mut().map(|random| {
            let mut scenario = random::scenario(random);
            scenario["show_used"] = json!(true);
            scenario
        });
        let scenarios: Vec<Value> = scenarios.collect();
        let results = run(&oracle, &scenarios);
        let mut cases = Vec::new();
        for (((seed, random), scenario), result) in
            seeds.iter().zip(&mut randoms).zip(scenarios).zip(&results)
        {
            cases.extend(case(*seed, random, scenario, result, &mut figures));
        }
        let with_moves: Vec<Value> = cases
            .iter()
            .map(|case| {
                let mut scenario = case.scenario.clone();
                let steps = scenario["steps"].as_array_mut().expect("steps");
                steps.extend(case.commands.iter().map(step));
                scenario
            })
            .collect();
        for (case, result) in cases.iter().zip(run(&oracle, &with_moves)) {
            figures.commands += case.commands.len();
            let freed = case
                .commands
                .iter()
                .filter(|command| command.policy.is_some());
            figures.anywhere += freed.count();
            let errors = judged(case, &result);
            if !errors.is_empty() {
                let lines: Vec<String> = case.commands.iter().map(PvMove::to_string).collect();
                wrong.push(format!(
                    "seed {}: {:?}\n{}\n{}",
                    case.seed,
                    case.goals,
                    lines.join("\n"),
                    errors.join("\n")
                ));
            }
        }
    }
    eprintln!("{figures:#?}");
    assert!(wrong.is_empty(), "{figures:#?}\n{}", wrong.join("\n\n"));
    assert!(figures.best > 0 && figures.commands > 0, "{figures:#?}");
}

/// The pieces of a stripe that lie behind each other are two to LVM2 where the other stripe is cut.
#[test]
fn a_run_that_goes_on_in_another_segment_moves_as_one() {
    let Some(oracle) = ready_oracle() else {
        return;
    };
    let disk = |name: &str| json!({ "name": name, "extents": 20 });
    let scenario = json!({
        "show_used": true,
        "pvs": [disk("p0"), disk("p1"), disk("p2"), disk("p3")],
        "steps": [
            { "cmd": "lvcreate", "args": ["-i", "2", "-l", "6", "-n", "s"], "pvs": ["p0:0-2", "p1:0-2"] },
            { "cmd": "lvextend", "args": ["-l", "+6", "s"], "pvs": ["p0:3-5", "p2:0-2"] },
        ]
    });
    let before = run(&oracle, std::slice::from_ref(&scenario)).remove(0);
    let group = group_after(&scenario, &before);
    let goals = vec![Goal::Drain { source: 0 }];
    let state = move_state(&group, goals.clone(), &MoveOptions::default()).expect("movable");
    let answer = plan(&state.state, &Strategy::default(), &Limits::none()).expect("an answer");
    let moves = answer.moves().expect("moves").to_vec();
    let commands = move_commands(&group, &state, &moves, &settings(&scenario)).expect("commands");
    assert_eq!(commands.len(), 1, "{commands:?}");
    let mut with_moves = scenario.clone();
    let steps = with_moves["steps"].as_array_mut().expect("steps");
    steps.extend(commands.iter().map(step));
    let result = run(&oracle, &[with_moves]).remove(0);
    let case = Case {
        seed: 0,
        scenario,
        goals,
        moves,
        state,
        commands,
    };
    assert_eq!(judged(&case, &result), Vec::<String>::new());
}

#[test]
fn policies_of_groups_are_those_that_moves_keep() {
    let kept = [Policy::Contiguous, Policy::Cling, Policy::Normal];
    for (word, policy) in ["contiguous", "cling", "normal"].into_iter().zip(kept) {
        let scenario = json!({
            "pvs": [{ "name": "p0", "extents": 9, "used": [[0, 4]] }], "vg_alloc": word, "steps": []
        });
        let group = support::first_group(&scenario);
        let options = MoveOptions {
            keep_policy: true,
            ..MoveOptions::default()
        };
        let state = move_state(&group, Vec::new(), &options)
            .expect("movable")
            .state;
        assert_eq!(state.volumes[0].policy, policy);
    }
}
