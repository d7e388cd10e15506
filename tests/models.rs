//! The library of problems, each solved in every way and compared with what is known of it.
//!
//! The default run gives the easy tier to every strategy and the medium tier a second each;
//! `EXTENTPLAN_MODEL_SECONDS=10` gives so many seconds to each problem of the medium and the hard
//! tier, and wants every medium one decided.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::judge::judge;
use common::oracle;
use extentplan::core::{Answer, Cost, Limits, Measure, Problem, Size};
use extentplan::greedy;
use extentplan::ip::{self, Backend, Formulation, IpError};
use extentplan::json::{read_problem, write_problem};
use extentplan::solve::{SolveError, Strategy, solve};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

/// A problem with what is known of it.
struct Model {
    name: String,
    /// The problem's file.
    path: PathBuf,
    problem: Problem,
    known: Known,
    known_by: String,
    /// The command that prints the problem, if one did.
    made_by: Option<String>,
}

/// What is known of the best plan.
#[derive(Debug)]
enum Known {
    /// It costs this.
    Best(Cost),
    /// There is none.
    Impossible,
    /// It costs no less than the bound, which has the measures up to the first that is not proven;
    /// and if there are costs, a plan has them.
    Envelope {
        bound: Vec<u64>,
        cost: Option<Vec<u64>>,
    },
}

impl Model {
    /// The least cost; `None` if there is no plan.
    ///
    /// # Panics
    /// If neither is proven.
    fn best(&self) -> Option<&Cost> {
        match &self.known {
            Known::Best(cost) => Some(cost),
            Known::Impossible => None,
            Known::Envelope { .. } => panic!("{}: nobody knows", self.name),
        }
    }

    /// What the README says of it.
    fn cell(&self) -> String {
        let all = |values: Vec<String>| values.join(" / ");
        match &self.known {
            Known::Impossible => "impossible".to_string(),
            Known::Best(Cost(values)) => all(values.iter().map(u64::to_string).collect()),
            Known::Envelope { bound, cost } => {
                let at = |position: usize| cost.as_ref().map(|values| values[position]);
                let pairs = bound
                    .iter()
                    .enumerate()
                    .map(|(position, bound)| match at(position) {
                        Some(cost) if cost == *bound => cost.to_string(),
                        Some(cost) => format!("[{bound}, {cost}]"),
                        None => format!("[{bound}, -]"),
                    });
                all(pairs.collect())
            }
        }
    }
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
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
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
    let objective = problem.objective();
    let values = |key: &str| -> Vec<u64> {
        let known = |measure: &Measure| answer[key][measure.name()].as_u64();
        objective.iter().map_while(known).collect()
    };
    let known = match answer["status"].as_str() {
        Some("impossible") => Known::Impossible,
        Some("best") => {
            let cost = values("cost");
            assert_eq!(cost.len(), objective.len(), "{name}: a measure is missing");
            Known::Best(Cost(cost))
        }
        Some("envelope") => {
            let (bound, cost) = (values("bound"), values("cost"));
            assert!(!bound.is_empty(), "{name}: has a bound");
            let is_known = cost.len() == bound.len();
            assert!(is_known || cost.is_empty(), "{name}: costs and bounds");
            Known::Envelope {
                bound,
                cost: is_known.then_some(cost),
            }
        }
        other => panic!("{name}: status {other:?}"),
    };
    let known_by = answer["known_by"]
        .as_str()
        .expect("says how it is known")
        .to_string();
    assert!(answer["why"].is_string(), "{name}: says why");
    let made_by = answer["made_by"].as_str().map(str::to_string);
    Model {
        name,
        path: path.to_path_buf(),
        problem,
        known,
        known_by,
        made_by,
    }
}

/// Each way to a plan alone, each solver of this build, and all together.
fn strategies() -> Vec<(String, Strategy)> {
    let nothing = Strategy {
        greedy: None,
        search: false,
        program: None,
        walks_on: false,
        certify: true,
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
                judge(&who, &model.problem, &answer, model.best());
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
            assert_eq!(
                oracle::best(&model.problem).as_ref(),
                model.best(),
                "{}",
                model.name
            );
            reached += 1;
        }
    }
    assert!(reached >= 10, "only {reached}");
}

/// Tiers whose problems are made by rule.
const MADE: [&str; 2] = ["medium", "hard"];

/// Seconds that the environment gives to each problem of the tiers above.
fn given_seconds() -> Option<u64> {
    let seconds = std::env::var("EXTENTPLAN_MODEL_SECONDS").ok()?;
    Some(seconds.parse().expect("a number of seconds"))
}

#[test]
fn larger_models_are_not_contradicted_either() {
    let given = given_seconds();
    let tiers = if given.is_some() {
        &MADE[..]
    } else {
        &MADE[..1]
    };
    let mut open = Vec::new();
    for tier in tiers {
        for model in models(tier) {
            let answer = answered(&model, &Strategy::default(), given.unwrap_or(1));
            let answer = answer.expect("whatever is too large for a program is not for all");
            judge_known(&model, &answer);
            if !is_decided(&answer) {
                open.push(format!("{tier}/{}", model.name));
            }
        }
    }
    println!("not decided: {open:?}");
    let medium = open.iter().filter(|name| name.starts_with("medium/"));
    assert!(
        given.is_none() || medium.count() == 0,
        "not decided: {open:?}"
    );
}

/// As [`judge`], also where only an envelope is known.
fn judge_known(model: &Model, answer: &Answer) {
    match &model.known {
        Known::Best(_) | Known::Impossible => {
            judge(&model.name, &model.problem, answer, model.best());
        }
        Known::Envelope { bound, cost } => {
            // The answer is right in itself ..
            let own = match answer {
                Answer::Impossible { .. } => None,
                Answer::Best { .. } | Answer::Found { .. } => answer.cost().cloned(),
                Answer::Unknown { .. } => cost.clone().map(Cost),
            };
            judge(&model.name, &model.problem, answer, own.as_ref());
            // .. and no better than the bound; nor is its bound above what is known.
            let stated = answer.cost().map(|Cost(values)| &values[..bound.len()]);
            assert!(
                stated.is_none_or(|stated| stated >= &bound[..]),
                "{}",
                model.name
            );
            if let Some(cost) = cost {
                let lower = answer.lower_bound().0;
                let length = lower.len().min(cost.len());
                assert!(
                    lower[..length] <= cost[..length],
                    "{}: {lower:?}",
                    model.name
                );
                let is_no = matches!(answer, Answer::Impossible { .. });
                assert!(!is_no, "{}: a plan is known", model.name);
            }
        }
    }
}

#[test]
fn every_model_that_is_made_by_rule_is_made_again() {
    for model in MADE.into_iter().flat_map(models) {
        let command = model
            .made_by
            .unwrap_or_else(|| panic!("{}: by what?", model.name));
        let mut words = command.split(' ');
        assert_eq!(words.next(), Some("extentplan"), "{}", model.name);
        let mut made = assert_cmd::Command::cargo_bin("extentplan").expect("the program is built");
        let printed = made.args(words).output().expect("runs").stdout;
        let kept = fs::read(&model.path).expect("readable");
        assert!(
            printed == kept,
            "{}: `{command}` prints another problem",
            model.name
        );
    }
}

/// `EXTENTPLAN_REFRESH=1` writes them again.
#[test]
fn the_programs_that_are_kept_are_those_that_are_exported() {
    let mut kept = 0;
    for model in MADE.into_iter().flat_map(models) {
        let path = model.path.with_extension("mps.gz");
        if !path.exists() {
            continue;
        }
        let program = ip::compile(&model.problem, Formulation::of(&model.problem), None);
        let text = ip::write_mps(&program.expect("small enough"), 0);
        if std::env::var_os("EXTENTPLAN_REFRESH").is_some() {
            let file = fs::File::create(&path).expect("writable");
            let mut packed = GzEncoder::new(file, Compression::best());
            packed.write_all(text.as_bytes()).expect("writable");
            packed.finish().expect("writable");
        }
        let mut old = String::new();
        let file = fs::File::open(&path).expect("readable");
        GzDecoder::new(file)
            .read_to_string(&mut old)
            .expect("packed text");
        assert!(
            old == text,
            "{}: EXTENTPLAN_REFRESH=1 writes the new one",
            path.display()
        );
        kept += 1;
    }
    assert!(kept >= 30, "only {kept}");
}

#[test]
fn every_model_is_written_as_it_is_read() {
    for model in ["easy", "medium", "hard"].into_iter().flat_map(models) {
        let written = write_problem(&model.problem, None);
        let read = read_problem(&written);
        assert_eq!(read.as_ref(), Ok(&model.problem), "{}", model.name);
    }
}

#[test]
fn the_readme_lists_every_model() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README is there");
    for model in ["easy", "medium", "hard"].into_iter().flat_map(models) {
        let start = format!("| `{}` |", model.name);
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row for {}", model.name));
        let cell = format!("| {} |", model.cell());
        assert!(row.contains(&cell), "{row}: expected {cell}");
    }
}
