//! How search grows: each family of generated problems at three sizes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use extentplan::core::Limits;
use extentplan::generate::{Family, Settings, generate};
use extentplan::search;

/// A problem of the family over about so many sources.
fn settings(family: Family, sources: u64) -> Settings {
    let usual = Settings::new(family, 1);
    let legs = (sources / 5).max(2);
    match family {
        // Sources are as many as the legs need.
        Family::Planted => Settings {
            legs: sources / usual.each,
            ..usual
        },
        Family::Triplets => Settings {
            legs: sources / 3,
            ..usual
        },
        Family::Racks => Settings {
            sources,
            legs,
            racks: sources / 3,
            ..usual
        },
        Family::Contiguous | Family::Batch => Settings {
            sources,
            requests: sources / 2,
            load: 500,
            ..usual
        },
        Family::Raid | Family::Stripes | Family::Profiles | Family::Full => Settings {
            sources,
            legs,
            ..usual
        },
    }
}

fn bench(criterion: &mut Criterion) {
    for family in Family::ALL {
        let mut group = criterion.benchmark_group(format!("search, family {}", family.name()));
        group.sample_size(10);
        group.warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(2));
        for sources in [12, 24, 60] {
            let problem = generate(&settings(family, sources)).expect("the numbers go together");
            group.bench_function(BenchmarkId::from_parameter(sources), |bencher| {
                bencher.iter(|| {
                    // What is not proven in a second is timed as a second.
                    let end = Instant::now() + Duration::from_secs(1);
                    let limits = Limits {
                        remaining: &|| Some(end.saturating_duration_since(Instant::now())),
                        ..Limits::none()
                    };
                    black_box(search::plan(&problem, None, &limits))
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
