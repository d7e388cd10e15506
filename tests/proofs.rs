//! Certificates of bounds: whatever they say, none that holds is above the best that an exhaustive search
//! finds.

mod common;

use common::oracle;
use common::random::{Random, cases};
use common::tiny;
use extentplan::core::{Bound, Certificate, Measure, Prices, Problem, Separation, verify_bound};

/// Certificates of nothing in particular: what they come to has to be true all the same.
fn any_certificate(random: &mut Random, problem: &Problem, position: usize) -> Certificate {
    if random.below(4) == 0 {
        return Certificate::Counting {
            worth: random.below(4),
        };
    }
    if random.below(3) == 0 {
        return Certificate::Degrees {
            removed: random.below(2),
            piece: random.below(8),
            own: random.below(8),
            parts: 1 + random.below(3),
        };
    }
    let is_counted = |measure: Measure| measure.adds_up();
    let objective = problem.objective()[..position].iter();
    let weights = objective.map(|measure| match is_counted(*measure) {
        true => random.below(3) * random.below(20),
        false => 0,
    });
    let mut weights: Vec<u64> = weights.collect();
    weights.push(12);
    let mut prices = Prices {
        weights,
        ..Prices::default()
    };
    let most = 1 + random.below(8);
    for (source, of) in problem.sources().iter().enumerate() {
        for area in of.free.iter() {
            let price = random.below(most + 1);
            prices.areas.push((source, area.start(), price));
        }
    }
    for (index, request) in problem.requests().iter().enumerate() {
        if request.separation() == Separation::Leg && random.below(2) == 0 {
            for source in 0..problem.sources().len() {
                if request.grows.is_none() {
                    prices.touches.push((index, source, random.below(8)));
                }
            }
        }
        for tag in request
            .partition_by_tags
            .iter()
            .filter(|_| request.grows.is_none())
        {
            prices.tags.push((index, tag.clone(), random.below(8)));
        }
    }
    Certificate::Prices(prices)
}

#[test]
fn no_certificate_holds_for_more_than_the_best() {
    let (mut met, mut all) = (0, 0);
    for seed in 0..cases(3_000) {
        let problem = tiny::problem(seed);
        let Some(best) = oracle::best(&problem) else {
            continue;
        };
        let mut random = Random(seed);
        for (position, measure) in problem.objective().iter().enumerate() {
            let mut claim = best.0[..=position].to_vec();
            let mut is_met = false;
            for _ in 0..8 {
                let certificate = any_certificate(&mut random, &problem, position);
                claim[position] = best.0[position] + 1;
                let above = verify_bound(&problem, &Bound(claim.clone()), position, &certificate);
                assert!(
                    above.is_err(),
                    "seed {seed}: {measure} {} is best, not more: {certificate:?}\n{problem:?}",
                    best.0[position]
                );
                claim[position] = best.0[position];
                is_met |=
                    verify_bound(&problem, &Bound(claim.clone()), position, &certificate).is_ok();
            }
            all += 1;
            met += u32::from(is_met);
        }
    }
    assert!(met * 2 > all, "{met} of {all}");
    println!("{met} of {all}");
}
