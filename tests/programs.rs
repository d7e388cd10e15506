//! The integer programs: every answer on tiny problems of every kind is the one that trying every
//! plan gives.

mod tiny;

use std::collections::BTreeMap;

use extentplan::core::{Answer, Cost, Limits, Problem, check, cost};
use extentplan::ip::{self, Backend, Formulation, IpError};

use crate::tiny::{Numbers, best_cost, tiny_problem};

/// Problems that are tried. Set `TINY_FROM` and `TINY_COUNT` to try others, or more.
const COUNT: u64 = 1_000;

#[test]
fn tiny_problems_of_every_kind_get_the_answer_that_trying_every_plan_gives() {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let from: u64 = from_environment("TINY_FROM").unwrap_or(0);
    let count: u64 = from_environment("TINY_COUNT").unwrap_or(COUNT);
    let mut tally: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for seed in from..from + count {
        let Some(problem) = tiny_problem(&mut Numbers(seed)) else {
            continue;
        };
        let expected = best_cost(&problem);
        let mut known = None;
        for formulation in Formulation::ALL {
            if !formulation.takes(&problem) {
                continue;
            }
            // From the second formulation on, starting from the plan that the first one found.
            let limits = Limits::none();
            let answer = ip::plan_by(
                &problem,
                formulation,
                known.as_ref(),
                Backend::MicroLp,
                &limits,
            );
            let place = format!("seed {seed}, {formulation}: {problem:?}");
            let word = judge(&problem, &answer, expected.as_ref(), &place);
            *tally.entry((formulation.name(), word)).or_default() += 1;
            known = answer.ok().and_then(|answer| answer.plan().cloned());
        }
    }
    println!("{tally:?}");
    for formulation in Formulation::ALL.map(Formulation::name) {
        for (word, least) in [("best", 30), ("impossible", 10)] {
            let found = tally.get(&(formulation, word)).copied().unwrap_or(0);
            assert!(
                from > 0 || found >= least,
                "only {found} {word} by {formulation}"
            );
        }
    }
}

/// Whether an answer is true, given the cost of the best plan if there is a plan.
fn judge(
    problem: &Problem,
    answer: &Result<Answer, IpError>,
    expected: Option<&Cost>,
    place: &str,
) -> &'static str {
    match (answer, expected) {
        (
            Ok(Answer::Best {
                plan, cost: own, ..
            }),
            Some(expected),
        ) => {
            assert_eq!(check(problem, plan), [], "{place}");
            assert_eq!(*own, cost(problem, plan), "{place}");
            assert_eq!(own, expected, "{place} {plan:?}");
            "best"
        }
        (Ok(Answer::Impossible { .. }), None) => "impossible",
        // A relaxation may leave the question open, but its bounds have to hold.
        (Ok(Answer::Found { bound, cost, .. }), Some(expected)) => {
            assert!(expected <= cost && bound.0 <= expected.0, "{place}");
            "open"
        }
        (Ok(Answer::Unknown { bound, .. }), Some(expected)) => {
            assert!(bound.0 <= expected.0, "{place}");
            "open"
        }
        (Ok(Answer::Unknown { .. }), None) => "open",
        (answer, expected) => panic!("{answer:?} but {expected:?}, {place}"),
    }
}
