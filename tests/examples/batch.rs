//! A batch: many requests of one pool are placed together or not at all, and each by itself.

use std::error::Error;

use extentplan::core::{Answer, Area, Limits, Problem, Request, Shape, Source};
use extentplan::solve::{Strategy, solve};

fn main() -> Result<(), Box<dyn Error>> {
    let sources: Vec<Source> = (0..6u64)
        .map(|index| Source {
            name: format!("disk{index}"),
            extents: 1_000,
            free: Area::new(0, 1_000 - 50 * index).into_iter().collect(),
            tags: Default::default(),
            ..Source::default()
        })
        .collect();
    let requests = (0..8u64).map(|index| Request {
        shape: Shape {
            stripes: 2,
            ..Request::linear("", 1).shape
        },
        ..Request::linear(&format!("volume{index}"), 500 + 20 * index)
    });
    let requests: Vec<Request> = requests.collect();
    let (strategy, limits) = (Strategy::default(), Limits::none());
    let together = Problem::new(sources.clone(), requests.clone(), Vec::new())?;
    if let Answer::Best { cost, .. } = solve(&together, &strategy, &limits)? {
        println!(
            "together: {:?} of {:?}, proven",
            cost.0,
            together.objective()
        );
    }
    for request in requests {
        let name = request.name.clone();
        let alone = Problem::new(sources.clone(), vec![request], Vec::new())?;
        if let Answer::Best { cost, .. } = solve(&alone, &strategy, &limits)? {
            println!("{name} alone: {:?}, proven", cost.0);
        }
    }
    Ok(())
}

#[test]
fn runs() {
    main().expect("the example runs");
}
