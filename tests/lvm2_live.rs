//! Random commands run by the real LVM2 where it is installed, and replayed at once.
//!
//! `EXTENTPLAN_LIVE_CASES` says how many scenarios of each kind to run (100 if it is not set),
//! `EXTENTPLAN_LIVE_SEED` which.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use extentplan::core::{Area, Source};
use extentplan::lvm::replay::{Report, replay};
use extentplan::lvm::{Settings, Version, VolumeGroup, import, read_command};
use serde_json::{Value, json};
use support::{ready_oracle, run};

fn number_from(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a whole number"))
}

/// The version of LVM2 that the oracle runs: `ok: /usr/sbin/lvm, LVM 2.03.16(2)`.
fn installed(oracle: &Path) -> Version {
    let output = Command::new("python3").arg(oracle).arg("--check").output();
    let text = String::from_utf8(output.expect("python3 starts").stdout).expect("text");
    let version = text.trim().rsplit(' ').next().unwrap_or_default();
    version.parse().expect("a version of LVM2")
}

/// Scenarios that a generator beside the oracle makes.
fn generated(generator: &str, seed: u64, count: u64) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lvm2")
        .join(generator);
    let output = Command::new("python3")
        .arg(path)
        .args(["--seed", &seed.to_string(), "--count", &count.to_string()])
        .output()
        .expect("python3 starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let lines = text.lines().map(serde_json::from_str);
    lines
        .map(|line| line.expect("the generator writes JSON"))
        .collect()
}

/// Runs the scenarios of a generator on the real LVM2 and replays them.
fn replayed(generator: &str) -> Option<Report> {
    let oracle = ready_oracle()?;
    let count = number_from("EXTENTPLAN_LIVE_CASES", 100);
    let seed = number_from("EXTENTPLAN_LIVE_SEED", 2026);
    let scenarios = generated(generator, seed, count);
    let results = run(&oracle, &scenarios);
    let records = scenarios.iter().zip(&results);
    let lines = records.map(|(scenario, result)| {
        format!("{}\n", json!({ "scenario": scenario, "result": result }))
    });
    let recording = Cursor::new(lines.collect::<String>());
    Some(replay(recording, installed(&oracle)).expect("a recording"))
}

fn assert_same(report: Option<Report>) {
    let Some(report) = report else { return };
    eprintln!("{:?}", report.total);
    assert!(report.total.steps > 0 && report.total.refused < report.total.steps);
    assert!(
        report.is_clean(),
        "{:#?}\n{:#?}",
        report.differences,
        report.unsupported
    );
    // A refusal is worth little if its reason is another.
    assert_eq!(
        report.total.same_text, report.total.refused,
        "{:#?}",
        report.texts
    );
}

#[test]
fn creating_and_extending_comes_out_as_the_real_lvm2_does_it() {
    assert_same(replayed("gen.py"));
}

#[test]
fn converting_and_resizing_comes_out_as_the_real_lvm2_does_it() {
    assert_same(replayed("gen_changes.py"));
}

#[test]
fn pools_with_hardly_room_grow_as_the_real_lvm2_lets_them() {
    assert_same(replayed("gen_pools.py"));
}

#[test]
fn volumes_get_smaller_as_the_real_lvm2_makes_them() {
    assert_same(replayed("gen_reductions.py"));
}

/// Names of all letters, of all lengths at the border, and with all words that LVM2 might keep for itself.
fn names() -> Vec<String> {
    let letters: Vec<char> = (' '..='~').chain(['é', '\u{7f}', '\u{1b}']).collect();
    let mut names: Vec<String> = letters.iter().map(|letter| format!("x{letter}y")).collect();
    names.extend(letters.iter().map(|letter| format!("{letter}z")));
    for part in [
        "cdata",
        "cmeta",
        "corig",
        "cow",
        "cpool",
        "cvol",
        "extracted",
        "imeta",
        "iorig",
        "mimage",
        "mimagetmp",
        "mlog",
        "mlogtmp",
        "pmspare",
        "real",
        "rimage",
        "rmeta",
        "tdata",
        "tmeta",
        "tpool",
        "vdata",
        "vorigin",
        "vpool",
        "wcorig",
    ] {
        names.extend([format!("a_{part}"), format!("_{part}_0"), part.to_string()]);
    }
    for word in ["snapshot", "pvmove", "lvol"] {
        names.extend([word.to_string(), format!("{word}0"), format!("a{word}")]);
    }
    names.extend([".", "..", "...", ".-"].map(String::from));
    names.extend((100..132).map(|length| "n".repeat(length)));
    // A slash stands between group and volume, and is no part of a name.
    names.retain(|name| !name.contains('/'));
    names
}

#[test]
fn new_names_are_taken_and_refused_as_the_real_lvm2_does() {
    let Some(oracle) = ready_oracle() else { return };
    let cases: Vec<(String, &[&str])> = names()
        .into_iter()
        .flat_map(|name| {
            let linear: &[&str] = &["-l", "1"];
            let raid: &[&str] = &["--type", "raid1", "-m", "1", "-l", "1"];
            let is_long = name.len() >= 100;
            let kinds = if is_long {
                vec![linear, raid]
            } else {
                vec![linear]
            };
            kinds
                .into_iter()
                .map(move |options| (name.clone(), options))
        })
        .collect();
    let steps = cases.iter().map(|(name, options)| {
        let args: Vec<&str> = options.iter().copied().chain(["-n", name]).collect();
        json!({ "cmd": "lvcreate", "args": args })
    });
    // What is there is in the way of what is named alike.
    let scenarios: Vec<Value> = steps
        .map(|step| {
            json!({ "id": "names", "extent_size_kib": 4096,
                    "pvs": [{ "name": "p0", "extents": 10 }, { "name": "p1", "extents": 10 }],
                    "steps": [step] })
        })
        .collect();
    let results = run(&oracle, &scenarios);
    let sources = ["p0", "p1"].map(|name| Source {
        name: format!("/dev/{name}"),
        extents: 10,
        free: Area::new(0, 10).into_iter().collect(),
        tags: Default::default(),
        ..Source::default()
    });
    let mut group = VolumeGroup::of_sources(&sources, 4 << 20).expect("whole sectors");
    group.name = "orc_vg".to_string();
    let mut refused = 0;
    for ((name, options), result) in cases.iter().zip(&results) {
        let words = ["lvcreate"].iter().chain(options.iter()).copied();
        let words: Vec<String> = words.chain(["-n", name]).map(String::from).collect();
        let ours = read_command(&words)
            .is_ok_and(|command| import(&group, &[command], &Settings::default()).is_ok());
        let theirs = result["steps"][0]["ok"] == true;
        assert_eq!(ours, theirs, "{name:?} {options:?}: {result}");
        refused += usize::from(!theirs);
    }
    assert!(refused > 100 && refused < cases.len() - 100, "{refused}");
}
