//! Conversions, snapshots, pools and caches, built by the real LVM2 where it is installed as they are printed, and
//! read back extent for extent.
//!
//! `EXTENTPLAN_LIVE_CASES` says how many scenarios to run (25 if it is not set), `EXTENTPLAN_LIVE_SEED` which;
//! `EXTENTPLAN_LIVE_TOLD` prints every case.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use extentplan::core::{Answer, Limits, Measure, Segment, check, joined};
use extentplan::lvm::{
    LvSegment, Placing, Settings, TypedStep, VolumeGroup, placed_by_lvm2, placing, read_step,
    steered,
};
use extentplan::solve::{Strategy, solve};
use serde_json::{Value, json};
use support::random::Random;
use support::{GROUP, array, group, ready_oracle, run, settings};

/// A command as it is printed, and the scenario that runs it.
struct Case {
    told: String,
    kind: String,
    scenario: Value,
    command: TypedStep,
    after: VolumeGroup,
}

/// What became of commands, by their kind.
#[derive(Debug, Default)]
struct Figures {
    counts: BTreeMap<String, BTreeMap<&'static str, usize>>,
}

impl Figures {
    fn count(&mut self, kind: &str, what: &'static str) {
        *self
            .counts
            .entry(kind.to_string())
            .or_default()
            .entry(what)
            .or_default() += 1;
    }

    fn total(&self, what: &str) -> usize {
        self.counts
            .values()
            .filter_map(|counts| counts.get(what))
            .sum()
    }

    fn told(&self) -> String {
        let line =
            |(kind, counts): (&String, &BTreeMap<&str, usize>)| format!("{kind}: {counts:?}\n");
        self.counts.iter().map(line).collect()
    }
}

fn scenarios(seed: &str, count: usize) -> Vec<Value> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lvm2/gen_conversions.py");
    let made = Command::new("python3")
        .arg(script)
        .args(["--seed", seed, "--count", &count.to_string()])
        .output()
        .expect("python3 starts");
    let text = String::from_utf8(made.stdout).expect("JSON is text");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// The words of a step of a scenario.
fn words(step: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let device = |word: String| match word.strip_prefix("@PV:") {
        Some(name) => format!("/dev/{}", name.replacen('@', "", 1)),
        None => word.replace("@VG@", GROUP),
    };
    let command = text(&step["cmd"]);
    let mut args: Vec<String> = array(&step["args"]).map(|arg| device(text(arg))).collect();
    let is_path = args
        .last()
        .is_some_and(|last| last.starts_with(&format!("{GROUP}/")));
    if command == "lvcreate" && !is_path {
        args.push(GROUP.to_string());
    }
    let volumes = array(&step["pvs"]).map(|volume| format!("/dev/{}", text(volume)));
    std::iter::once(command)
        .chain(args)
        .chain(volumes)
        .collect()
}

/// Whether the volume that a step is about has reshape space.
fn is_reshaped(group: &VolumeGroup, step: &Value) -> bool {
    let name = array(&step["args"]).last().and_then(Value::as_str);
    let name = name.and_then(|name| name.rsplit('/').next());
    let volume = name.and_then(|name| group.logical_volume(name));
    let last = volume.and_then(|volume| volume.segments.last());
    last.is_some_and(LvSegment::is_reshape_space)
}

/// A printed command as a step of the oracle.
fn step(typed: &TypedStep) -> Value {
    let mut words = typed.words.clone();
    let volumes = typed.given.arguments.len().saturating_sub(1);
    let volumes = words.split_off(words.len() - volumes);
    let volumes = volumes.iter().map(|word| word.trim_start_matches("/dev/"));
    let mut args = words.split_off(1);
    if words[0] == "lvcreate" && args.last().is_some_and(|last| last == GROUP) {
        args.pop();
    }
    let device = |arg: &String| match arg.strip_prefix("/dev/p") {
        Some(rest) => format!("@PV:p{rest}@"),
        None => arg.clone(),
    };
    let args: Vec<String> = args.iter().map(device).collect();
    json!({ "cmd": words[0], "args": args, "pvs": volumes.collect::<Vec<_>>() })
}

/// What a command is, in a word or two.
fn kind(typed: &TypedStep) -> String {
    let given = &typed.given;
    let options = given.options.iter();
    let telling = [
        "type",
        "replace",
        "repair",
        "raidintegrity",
        "snapshot",
        "virtualsize",
        "thinpool",
        "mirrors",
        "stripes",
        "stripesize",
    ];
    let mut names: Vec<String> = options
        .filter(|(name, _)| telling.contains(name))
        .map(|(name, value)| {
            if *name == "type" {
                value.clone()
            } else {
                format!("--{name}")
            }
        })
        .collect();
    names.sort();
    format!("{} {}", typed.program, names.join(" "))
}

/// Where all volumes lie, by name.
fn places(group: &VolumeGroup) -> BTreeMap<&str, Vec<Segment>> {
    let place = |segments: &[LvSegment]| {
        let pieces = segments.iter().flat_map(LvSegment::physical);
        let pieces: Vec<Segment> = pieces
            .map(|(source, area)| Segment { source, area })
            .collect();
        joined(&pieces)
    };
    let volumes = group.logical_volumes.iter();
    volumes
        .filter(|volume| volume.name != "orc_used")
        .map(|volume| (volume.name.as_str(), place(&volume.segments)))
        .filter(|(_, place)| !place.is_empty())
        .collect()
}

/// A command as it is printed, and the group that it is to leave.
type Printed = (TypedStep, VolumeGroup);

/// What a step is planned as; what is wrong with that is an error.
fn planned(
    before: &VolumeGroup,
    asked: &Placing,
    settings: &Settings,
    was_placed: bool,
    random: &mut Random,
) -> Result<(&'static str, Option<Printed>), String> {
    let objective = match random.between(0, 3) {
        0 => vec![Measure::Balance, Measure::Segments],
        1 => vec![Measure::Fragments],
        2 => vec![Measure::LargestArea, Measure::Sources],
        _ => Vec::new(),
    };
    let problem = match objective.is_empty() {
        true => asked.problem.clone(),
        false => asked
            .problem
            .clone()
            .with_objective(objective)
            .expect("measures"),
    };
    let own = placed_by_lvm2(before, asked, &asked.typed, settings).ok();
    let own = own.and_then(|made| made.plan);
    let own_rules = own.as_ref().map(|plan| check(&problem, plan));
    let limits = Limits {
        nodes: 20_000,
        ..Limits::none()
    };
    let answer = solve(&problem, &Strategy::default(), &limits).expect("a solver");
    let (plan, cost, is_best) = match &answer {
        Answer::Best { plan, cost, .. } => (plan, cost, true),
        Answer::Found { plan, cost, .. } => (plan, cost, false),
        Answer::Impossible { .. } => {
            if own_rules.as_ref().is_some_and(Vec::is_empty) {
                return Err("impossible, but LVM2 places it by all rules".to_string());
            }
            return Ok((
                if was_placed {
                    "impossible, lvm2 unsafe"
                } else {
                    "impossible"
                },
                None,
            ));
        }
        Answer::Unknown { .. } => return Ok(("open", None)),
    };
    if let (true, Some(own), Some(rules)) = (is_best, &own, &own_rules)
        && rules.is_empty()
        && extentplan::core::cost(&problem, own) < *cost
    {
        return Err(format!("best costs {cost:?}, LVM2's own less"));
    }
    match steered(before, asked, &problem, (plan, cost), settings) {
        Ok((plan, command, after)) => {
            let broken = check(&problem, &plan);
            if !broken.is_empty() {
                return Err(format!("{broken:?}"));
            }
            let how = match command.words == asked.typed.words {
                true => "as typed",
                false => "steered",
            };
            Ok((how, Some((command, after))))
        }
        Err(error) => {
            if std::env::var("EXTENTPLAN_LIVE_TOLD").is_ok() {
                eprintln!(
                    "{:?}\n  {cost:?} {plan:?}\n  own {own:?}\n  {error}",
                    problem.objective()
                );
            }
            Ok(("not steered", None))
        }
    }
}

fn live(seed: &str, count: usize) -> Figures {
    let mut figures = Figures::default();
    let Some(oracle) = ready_oracle() else {
        return figures;
    };
    let is_told = std::env::var("EXTENTPLAN_LIVE_TOLD").is_ok();
    let scenarios = scenarios(seed, count);
    let results = run(&oracle, &scenarios);
    let mut cases: Vec<Case> = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for (scenario, result) in scenarios.iter().zip(&results) {
        let mut random = Random(cases.len() as u64 + 77);
        let mut settings = settings(scenario);
        settings.version = "2.03.16".parse().expect("a version");
        let mut layout = json!({ "lvs": {} });
        for (index, (step_given, outcome)) in array(&scenario["steps"])
            .zip(array(&result["steps"]))
            .enumerate()
        {
            let before = group(scenario, &layout);
            if let Some(new) = outcome.get("layout") {
                layout = new.clone();
            }
            let words = words(step_given);
            let grows_reshaped = words[0] == "lvextend" && is_reshaped(&before, step_given);
            let is_about = grows_reshaped || matches!(words[0].as_str(), "lvconvert" | "lvcreate");
            if !is_about || outcome["skipped"] == true {
                continue;
            }
            let typed = match read_step(&words) {
                Ok(typed) => typed,
                Err(error) => {
                    figures.count(&words[0], "not read");
                    if is_told {
                        eprintln!("not read: {words:?}: {error}");
                    }
                    continue;
                }
            };
            if typed.program.name() == "lvcreate"
                && !matches!(typed.step, extentplan::lvm::Step::AsGiven)
            {
                continue;
            }
            let kind = kind(&typed);
            let told = format!("{} step {index}: {}", scenario["id"], typed.line());
            let asked = match placing(&before, &typed, &settings) {
                Ok(Some(asked)) => asked,
                Ok(None) => {
                    figures.count(&kind, "places nothing");
                    continue;
                }
                Err(error) => {
                    let is_ok = outcome["ok"] == true;
                    figures.count(&kind, if is_ok { "not covered" } else { "refused" });
                    if is_told {
                        eprintln!("{told}: {is_ok}: {error}");
                    }
                    continue;
                }
            };
            let was_placed = outcome["ok"] == true;
            match planned(&before, &asked, &settings, was_placed, &mut random) {
                Err(error) => wrong.push(format!("{told}: {error}")),
                Ok((what, None)) => {
                    figures.count(&kind, what);
                    if is_told {
                        eprintln!("{told}: {what}: {}", outcome["stderr"]);
                    }
                }
                Ok((what, Some((command, after)))) => {
                    figures.count(&kind, what);
                    let mut scenario = scenario.clone();
                    let steps = scenario["steps"].as_array_mut().expect("steps");
                    steps.truncate(index);
                    steps.push(step(&command));
                    cases.push(Case {
                        told,
                        kind,
                        scenario,
                        command,
                        after,
                    });
                }
            }
        }
    }
    let scenarios: Vec<Value> = cases.iter().map(|case| case.scenario.clone()).collect();
    let results = run(&oracle, &scenarios);
    for (case, result) in cases.iter().zip(&results) {
        let last = array(&result["steps"]).last().cloned().unwrap_or_default();
        let line = case.command.line();
        if last["ok"] != true {
            let said = last["stderr"].as_str().unwrap_or_default().to_string();
            let is_of_activity = said.contains("active");
            figures.count(
                &case.kind,
                if is_of_activity {
                    "refused for activity"
                } else {
                    "REFUSED"
                },
            );
            if !is_of_activity {
                wrong.push(format!("{}\n  {line}\n  refused: {said}", case.told));
            }
            continue;
        }
        let built = group(&case.scenario, &last["layout"]);
        let (expected, found) = (places(&case.after), places(&built));
        if expected == found {
            figures.count(&case.kind, "built");
        } else {
            figures.count(&case.kind, "OTHERWISE");
            wrong.push(format!(
                "{}\n  {line}\n  planned {expected:?}\n  built {found:?}",
                case.told
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        figures.told(),
        wrong.join("\n\n")
    );
    figures
}

#[test]
fn what_is_printed_for_conversions_is_built_extent_for_extent() {
    let count = std::env::var("EXTENTPLAN_LIVE_CASES").ok();
    let count = count.map_or(25, |text| text.parse().expect("a whole number"));
    let seed = std::env::var("EXTENTPLAN_LIVE_SEED").unwrap_or_else(|_| "live".to_string());
    let figures = live(&seed, count);
    println!("{}", figures.told());
    if figures.counts.is_empty() {
        return;
    }
    assert!(figures.total("built") > count / 2, "{}", figures.told());
}
