//! Times `greedy` and `solve` over the library of models.

use std::fs;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use extentplan::core::{Limits, Problem};
use extentplan::greedy;
use extentplan::json;
use extentplan::solve::{Strategy, solve};

/// Every problem below `models`, by its path there.
fn problems() -> Vec<(String, Problem)> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut files = Vec::new();
    collect(&models, &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a model can be read");
        let problem = json::read_problem(&text).ok()?;
        let name = file.strip_prefix(&models).expect("below models").display();
        Some((name.to_string(), problem))
    };
    files.into_iter().filter_map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of models") {
        let path = entry.expect("an entry").path();
        let name = path.to_string_lossy();
        let is_problem = name.ends_with(".json") && !name.ends_with(".answer.json");
        if path.is_dir() {
            collect(&path, files);
        } else if is_problem && !name.contains("schema") {
            files.push(path);
        }
    }
}

fn bench(criterion: &mut Criterion) {
    let problems = problems();
    let mut group = criterion.benchmark_group("greedy");
    for (name, problem) in &problems {
        group.bench_function(name, |bencher| {
            bencher.iter(|| greedy::plan(problem, &greedy::Settings::default()));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("solve");
    group.sample_size(10);
    for (name, problem) in &problems {
        group.bench_function(name, |bencher| {
            bencher.iter(|| solve(problem, &Strategy::default(), &Limits::none()));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
