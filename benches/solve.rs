//! Times each way to an answer over the library of models: `greedy`, `search`, the integer program, all
//! together, `capacity`, and reading and writing.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use extentplan::capacity::{self, Fixed};
use extentplan::core::{Limits, Problem};
use extentplan::greedy;
use extentplan::ip::{self, Backend, Formulation};
use extentplan::json;
use extentplan::search;
use extentplan::solve::{Strategy, solve};

/// A problem by its name, with its text.
struct Model {
    name: String,
    text: String,
    problem: Problem,
}

/// The problems of a tier, by name.
fn tier(name: &str) -> Vec<Model> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models")
        .join(name);
    let entries = fs::read_dir(&folder).expect("a folder of models");
    let mut models: Vec<Model> = entries
        .filter_map(|entry| {
            let path = entry.expect("an entry").path();
            let file = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let name = file.strip_suffix(".json")?.to_string();
            let text = fs::read_to_string(&path).expect("a model can be read");
            // An answer is no problem.
            let problem = json::read_problem(&text).ok()?;
            Some(Model {
                name,
                text,
                problem,
            })
        })
        .collect();
    models.sort_by(|a, b| a.name.cmp(&b.name));
    models
}

/// The whole easy tier in one go, and each problem of the medium tier.
fn bench(criterion: &mut Criterion) {
    let (easy, medium) = (tier("easy"), tier("medium"));
    each(criterion, "greedy", &easy, &medium, |problem| {
        black_box(greedy::plan(
            problem,
            &greedy::Settings::default(),
            &Limits::none(),
        ));
    });
    each(criterion, "search", &easy, &medium, |problem| {
        black_box(within_a_second(|limits| {
            search::plan(problem, None, limits)
        }));
    });
    each(criterion, "solve", &easy, &medium, |problem| {
        let answer = within_a_second(|limits| solve(problem, &Strategy::default(), limits));
        black_box(answer).expect("no contradictions");
    });
    each(criterion, "compile", &easy, &medium, |problem| {
        let formulation = Formulation::of(problem);
        // Counts past 31 bits are refused, which takes no time.
        let _ = black_box(ip::compile(problem, formulation, None));
    });
    // A general solver takes the rest too long to be timed.
    each(criterion, "program", &easy, &[], |problem| {
        let _ = black_box(within_a_second(|limits| {
            ip::plan(problem, None, Backend::MicroLp, limits)
        }));
    });
    each(criterion, "largest", &easy, &[], |problem| {
        let model = Fixed(problem.clone());
        let last = problem.requests().len() - 1;
        let _ = black_box(within_a_second(|limits| {
            capacity::largest(&model, last, &Strategy::default(), limits)
        }));
    });
    let texts = |group: &[Model]| -> Vec<String> { group.iter().map(|m| m.text.clone()).collect() };
    let mut group = criterion.benchmark_group("json");
    let all: Vec<String> = [texts(&easy), texts(&medium), texts(&tier("hard"))].concat();
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            for text in &all {
                black_box(json::read_problem(text)).expect("read before");
            }
        });
    });
    group.bench_function("write", |bencher| {
        bencher.iter(|| {
            for model in easy.iter().chain(&medium) {
                black_box(json::write_problem(&model.problem, None));
            }
        });
    });
    group.finish();
}

/// What is not proven in a second is timed as a second.
fn within_a_second<T>(run: impl FnOnce(&Limits<'_>) -> T) -> T {
    let end = Instant::now() + Duration::from_secs(1);
    run(&Limits {
        remaining: &|| Some(end.saturating_duration_since(Instant::now())),
        ..Limits::none()
    })
}

fn each(
    criterion: &mut Criterion,
    name: &str,
    together: &[Model],
    alone: &[Model],
    run: impl Fn(&Problem),
) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(300));
    group.measurement_time(Duration::from_secs(2));
    group.bench_function("easy", |bencher| {
        bencher.iter(|| together.iter().for_each(|model| run(&model.problem)));
    });
    for model in alone {
        group.bench_function(&model.name, |bencher| bencher.iter(|| run(&model.problem)));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
