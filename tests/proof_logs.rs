//! Proofs for VeriPB: of the easy models, checked by `veripb` where it is installed.

use std::fs;
use std::process::Command;

use extentplan::core::{Answer, Limits, Problem};
use extentplan::ip::{self, Backend, Formulation};
use extentplan::json::read_document;
use extentplan::solve::{Strategy, solve};

/// The easy models by name.
fn models() -> Vec<(String, Problem)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/easy");
    let entries = fs::read_dir(folder).expect("the models");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.ends_with(".json") && !name.contains(".answer."))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(format!("{folder}/{name}")).expect("a model");
            let document = read_document(&text).expect("a problem");
            (name, document.problem)
        })
        .collect()
}

#[test]
fn the_easy_models_are_proven_to_another_program() {
    let has_checker = Command::new("veripb").arg("--version").output().is_ok();
    if !has_checker {
        eprintln!(
            "veripb is not installed (cargo install veripb --locked): proofs are written and not checked"
        );
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let (formula, proof) = (folder.path().join("p.opb"), folder.path().join("p.pbp"));
    let limits = Limits {
        nodes: 2_000,
        ..Limits::none()
    };
    let mut open = Vec::new();
    let mut written = 0;
    let mut refused = [0, 0];
    let mut best = 0;
    for (name, problem) in models() {
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        let plan = match &answer {
            Answer::Best { plan, .. } => {
                best += 1;
                Some(plan)
            }
            Answer::Impossible { .. } => None,
            Answer::Found { .. } | Answer::Unknown { .. } => panic!("{name} is easy"),
        };
        let backend = Backend::default();
        match ip::prove(&problem, plan, Formulation::of(&problem), backend, &limits) {
            Ok(Some(logged)) => {
                written += 1;
                if !has_checker {
                    continue;
                }
                fs::write(&formula, &logged.formula).expect("written");
                fs::write(&proof, &logged.proof).expect("written");
                let checked = Command::new("veripb").args([&formula, &proof]).output();
                let checked = checked.expect("it is installed");
                let said = String::from_utf8_lossy(&checked.stdout).into_owned();
                assert!(
                    said.contains("VERIFIED BOUNDS"),
                    "{name}: {said}{}",
                    String::from_utf8_lossy(&checked.stderr)
                );
                let spoiled = [without_sums(&logged.proof), one_more(&logged.proof)];
                for (text, refused) in spoiled.iter().zip(&mut refused) {
                    fs::write(&proof, text).expect("written");
                    let checked = Command::new("veripb").args([&formula, &proof]).output();
                    *refused += usize::from(!checked.expect("it is installed").status.success());
                }
            }
            Ok(None) | Err(_) => open.push(name),
        }
    }
    assert!(written >= 65, "{written} written; open: {open:?}");
    eprintln!("{written} proofs, open: {open:?}; spoiled and refused: {refused:?}");
    if has_checker {
        // Some follow from the formula by unit propagation alone.
        assert!(refused[0] * 4 > written, "{refused:?} of {written}");
        assert!(refused[1] + open.len() >= best, "{refused:?} of {best}");
    }
}

/// The proof without its sums of rows.
fn without_sums(proof: &str) -> String {
    let lines = proof.lines().filter(|line| !line.starts_with("pol"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The proof with a conclusion of one more.
fn one_more(proof: &str) -> String {
    let line = |line: &str| {
        let Some(rest) = line.strip_prefix("conclusion BOUNDS ") else {
            return format!("{line}\n");
        };
        let (bound, rest) = rest.split_once(' ').expect("a bound");
        match bound.parse::<i64>() {
            Ok(bound) => format!("conclusion BOUNDS {} {rest}\n", bound + 1),
            Err(_) => format!("{line}\n"),
        }
    };
    proof.lines().map(line).collect()
}
