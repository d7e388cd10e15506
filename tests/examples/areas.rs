//! Areas to a proven plan: extents wherever they fit, in as few pieces as can be, within ten seconds.

use std::error::Error;
use std::time::Duration;

use extentplan::core::{Answer, Area, Limits, Policy, Problem, Request, Source};
use extentplan::solve::{Strategy, solve};

fn main() -> Result<(), Box<dyn Error>> {
    let source = |name: &str, free: &[(u64, u64)]| Source {
        name: name.to_string(),
        extents: 250,
        free: free
            .iter()
            .filter_map(|&(start, count)| Area::new(start, count))
            .collect(),
        tags: Default::default(),
        ..Source::default()
    };
    let sources = vec![
        source("left", &[(0, 40), (90, 70)]),
        source("right", &[(10, 60), (200, 50)]),
    ];
    let request = Request {
        policy: Policy::Anywhere,
        ..Request::linear("data", 130)
    };
    let problem = Problem::new(sources, vec![request], Vec::new())?;
    let clock = Limits::within(Duration::from_secs(10));
    match solve(&problem, &Strategy::default(), &clock.limits())? {
        Answer::Best { plan, cost, .. } => {
            println!("{} segments, and no plan has fewer", cost.0[0]);
            for segment in &plan.allocations[0]
                .as_ref()
                .ok_or("nothing is optional")?
                .legs[0]
            {
                println!(
                    "{} {}",
                    problem.sources()[segment.source].name,
                    segment.area
                );
            }
        }
        other => println!("{other:?}"),
    }
    Ok(())
}

#[test]
fn runs() {
    main().expect("the example runs");
}
