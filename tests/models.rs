//! The library of problems, each solved in every way and compared with what is known of it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::judge::judge;
use common::oracle;
use extentplan::core::{Answer, Cost, Limits, Measure, Problem, Size};
use extentplan::greedy;
use extentplan::ip::{Backend, IpError};
use extentplan::json::{read_problem, write_problem};
use extentplan::solve::{SolveError, Strategy, solve};
use serde_json::Value;

/// A problem with what is known of it.
struct Model {
    name: String,
    problem: Problem,
    /// The least cost; `None` if there is no plan.
    best: Option<Cost>,
    known_by: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// The models of a tier, by name.
fn models(tier: &str) -> Vec<Model> {
    let entries = fs::read_dir(folder().join(tier)).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let is_problem = |path: &&PathBuf| !path.to_string_lossy().ends_with(".answer.json");
    let models: Vec<Model> = paths
        .iter()
        .filter(is_problem)
        .map(|path| read(path))
        .collect();
    assert_eq!(models.len() * 2, paths.len(), "each problem has one answer");
    models
}

fn read(path: &Path) -> Model {
    let text = |path: &Path| {
        let text = fs::read_to_string(path);
        text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let name = path
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let problem = read_problem(&text(path)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let answer = text(&path.with_extension("answer.json"));
    let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    let best = match answer["status"].as_str() {
        Some("impossible") => None,
        Some("best") => {
            let known = |measure: &Measure| answer["cost"][measure.name()].as_u64();
            let cost: Option<Vec<u64>> = problem.objective().iter().map(known).collect();
            Some(Cost(
                cost.unwrap_or_else(|| panic!("{name}: a measure is missing")),
            ))
        }
        other => panic!("{name}: status {other:?}"),
    };
    let known_by = answer["known_by"]
        .as_str()
        .expect("says how it is known")
        .to_string();
    assert!(answer["why"].is_string(), "{name}: says why");
    Model {
        name,
        problem,
        best,
        known_by,
    }
}

/// Each way to a plan alone, each solver of this build, and all together.
fn strategies() -> Vec<(String, Strategy)> {
    let nothing = Strategy {
        greedy: None,
        search: false,
        program: None,
    };
    let greedy = Strategy {
        greedy: Some(greedy::Settings::default()),
        ..nothing.clone()
    };
    let search = Strategy {
        search: true,
        ..nothing.clone()
    };
    let programs = Backend::ALL.iter().map(|backend| Strategy {
        program: Some(*backend),
        ..nothing.clone()
    });
    let named = programs.zip(Backend::ALL);
    let mut all = vec![
        ("greedy".to_string(), greedy),
        ("search".to_string(), search),
        ("all".to_string(), Strategy::default()),
    ];
    all.extend(named.map(|(strategy, backend)| (format!("program by {backend}"), strategy)));
    all
}

/// What a strategy says of a model within some seconds; nothing if its numbers are too large for it.
fn answered(model: &Model, strategy: &Strategy, seconds: u64) -> Option<Answer> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let limits = Limits {
        remaining: &|| Some(end.saturating_duration_since(Instant::now())),
        ..Limits::none()
    };
    match solve(&model.problem, strategy, &limits) {
        Ok(answer) => Some(answer),
        Err(SolveError::Program(IpError::TooLarge { .. })) => None,
        Err(error) => panic!("{}: {error}", model.name),
    }
}

fn is_decided(answer: &Answer) -> bool {
    match answer {
        Answer::Best { .. } | Answer::Impossible { .. } => true,
        Answer::Found { .. } | Answer::Unknown { .. } => false,
    }
}

#[test]
fn no_strategy_contradicts_a_known_answer() {
    for model in models("easy") {
        for (name, strategy) in strategies() {
            if let Some(answer) = answered(&model, &strategy, 10) {
                let who = format!("{}, {name}", model.name);
                judge(&who, &model.problem, &answer, model.best.as_ref());
            }
        }
    }
}

#[test]
fn all_together_decide_every_easy_problem() {
    let open: Vec<String> = models("easy")
        .into_iter()
        .filter(|model| !answered(model, &Strategy::default(), 10).is_some_and(|a| is_decided(&a)))
        .map(|model| model.name)
        .collect();
    assert!(open.is_empty(), "not decided: {open:?}");
}

/// Whatever says it is known by trying everything is tried here, and whatever else is small enough.
#[test]
fn the_oracle_agrees_with_every_answer_that_it_can_reach() {
    const MOST_EXTENTS: u64 = 10;
    let mut reached = 0;
    for model in models("easy") {
        let free: u64 = model
            .problem
            .sources()
            .iter()
            .map(|source| source.free.total())
            .sum();
        let wants_much = |size: Size| size.wanted() > MOST_EXTENTS;
        let is_tiny = free <= MOST_EXTENTS
            && !model
                .problem
                .requests()
                .iter()
                .any(|request| wants_much(request.size));
        if is_tiny || model.known_by.starts_with("exhaustive") {
            assert_eq!(oracle::best(&model.problem), model.best, "{}", model.name);
            reached += 1;
        }
    }
    assert!(reached >= 10, "only {reached}");
}

#[test]
fn every_model_is_written_as_it_is_read() {
    for model in models("easy") {
        let written = write_problem(&model.problem, None);
        assert_eq!(
            read_problem(&written).as_ref(),
            Ok(&model.problem),
            "{}",
            model.name
        );
    }
}

#[test]
fn the_readme_lists_every_model() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README is there");
    for model in models("easy") {
        let cost = model.best.as_ref().map(|Cost(values)| {
            values
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(" / ")
        });
        let start = format!("| `{}` |", model.name);
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row for {}", model.name));
        let cell = format!("| {} |", cost.as_deref().unwrap_or("impossible"));
        assert!(row.contains(&cell), "{row}: expected {cell}");
    }
}
