//! `extentplan generate`: what it prints is a problem, and what is said of a family holds.

mod common;

use assert_cmd::Command;
use common::judge::judge;
use extentplan::core::{Answer, Cost, Limits, Problem, cost};
use extentplan::json::read_problem;
use extentplan::solve::{Strategy, solve};
use predicates::str::contains;

fn generate(words: &str) -> Command {
    let mut command = Command::cargo_bin("extentplan").expect("the program is built");
    command.arg("generate").args(words.split(' '));
    command
}

fn generated(words: &str) -> Problem {
    let output = generate(words).output().expect("runs");
    assert!(
        output.status.success(),
        "{words}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    read_problem(&String::from_utf8(output.stdout).expect("text")).expect("a problem")
}

fn answer(problem: &Problem) -> Answer {
    solve(problem, &Strategy::default(), &Limits::none()).expect("no contradictions")
}

#[test]
fn every_family_prints_a_problem_that_can_be_answered() {
    for family in ["a", "b", "c", "d", "e", "f", "p", "t", "z"] {
        let sizes = match family {
            // The extents of a leg, of which each source takes a part.
            "p" | "t" => "--legs 2 --largest 1000",
            "b" | "e" => "--sources 5 --areas 2 --requests 2 --load 600 --smallest 20 --largest 60",
            "z" => "--sources 5 --areas 2 --legs 2 --smallest 20 --largest 60",
            _ => "--sources 5 --areas 2 --legs 2 --load 600 --smallest 20 --largest 60",
        };
        let problem = generated(&format!("{family} --seed 3 {sizes}"));
        let answer = answer(&problem);
        // Nothing is known of the cost but what the plan itself says.
        let found: Option<Cost> = answer.plan().map(|plan| cost(&problem, plan));
        judge(family, &problem, &answer, found.as_ref());
    }
}

#[test]
fn planted_triplets_have_a_plan_with_every_source_used() {
    let problem = generated("t --legs 6 --seed 2 --largest 1000");
    let plan = answer(&problem);
    assert_eq!(plan.cost(), Some(&Cost(vec![18, 18])));
}

#[test]
fn planted_legs_have_a_plan_with_slack_and_in_several_areas_too() {
    for words in ["--each 5", "--slack 40", "--areas 3", "--each 3 --areas 2"] {
        let problem = generated(&format!("p --legs 3 --largest 3000 --seed 4 {words}"));
        let answer = answer(&problem);
        assert!(answer.plan().is_some(), "{words}: {answer:?}");
    }
}

#[test]
fn one_family_and_seed_is_one_text() {
    let print = || generate("f --seed 9").output().expect("runs").stdout;
    assert_eq!(print(), print());
}

/// The library of models and everyone's benchmarks count on the same bytes in every release.
#[test]
fn the_bytes_of_a_problem_stay_as_they_are() {
    let words =
        "d --seed 7 --sources 3 --racks 2 --both 1 --legs 2 --areas 2 --smallest 9 --largest 20";
    let printed = generate(words).output().expect("runs").stdout;
    insta::assert_snapshot!(String::from_utf8(printed).expect("text"), @r#"
    { "schema": "extentplan/problem/1",
      "sources": [
        {"name":"s0","extents":1013,"free":[[15,12]],"tags":["rack0"]},
        {"name":"s1","extents":621,"free":[[5,13],[102,2]],"tags":["rack0","rack1"]},
        {"name":"s2","extents":390,"free":[[27,18]],"tags":["rack0"]}
      ],
      "requests": [
        {"name":"data","extents":13,"copies":2,"policy":"normal","separation":"leg","cuts":"apart","partition_by_tags":["rack0","rack1"]}
      ],
      "objective": ["sources"] }
    "#);
}

#[test]
fn what_makes_no_problem_is_refused() {
    generate("y")
        .assert()
        .code(2)
        .stderr(contains("unknown family `y`"));
    generate("c --legs 0")
        .assert()
        .code(2)
        .stderr(contains("the number of legs is 0; expected 1 to"));
    generate("c --legs 50")
        .assert()
        .code(2)
        .stderr(contains("the number of legs is 50; expected 1 to 12"));
    generate("a --requests 5").assert().code(2).stderr(contains(
        "family a has no use for --requests, which is for b, e",
    ));
    generate("d --racks 1 --legs 1 --both 1")
        .assert()
        .code(2)
        .stderr(contains(
            "the number of sources in two racks is 1; expected 0 to 0",
        ));
    generate("p --largest 999")
        .assert()
        .code(2)
        .stderr(contains("the largest source is 999; expected 1000 to"));
}
