//! Random commands run by the real LVM2 where it is installed, and replayed at once.
//!
//! `EXTENTPLAN_LIVE_CASES` says how many scenarios of each kind to run (100 if it is not set),
//! `EXTENTPLAN_LIVE_SEED` which.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use extentplan::lvm::Version;
use extentplan::lvm::replay::{Report, replay};
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
