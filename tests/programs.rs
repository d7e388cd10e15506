//! The integer programs: every answer on tiny problems of every kind is the one that trying every
//! plan gives.

mod tiny;

use extentplan::core::{Answer, Limits, check, cost};
use extentplan::ip::{self, Backend};

use crate::tiny::{Numbers, best_cost, tiny_problem};

/// Problems that are tried. Set `TINY_FROM` and `TINY_COUNT` to try others, or more.
const COUNT: u64 = 1_200;

#[test]
fn tiny_problems_of_every_kind_get_the_answer_that_trying_every_plan_gives() {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let from: u64 = from_environment("TINY_FROM").unwrap_or(0);
    let count: u64 = from_environment("TINY_COUNT").unwrap_or(COUNT);
    let (mut best, mut impossible, mut open) = (0, 0, 0);
    for seed in from..from + count {
        let Some(problem) = tiny_problem(&mut Numbers(seed)) else {
            continue;
        };
        let expected = best_cost(&problem);
        let answer = ip::plan(&problem, None, Backend::MicroLp, &Limits::none());
        match (answer, expected) {
            (
                Ok(Answer::Best {
                    plan, cost: own, ..
                }),
                Some(expected),
            ) => {
                assert_eq!(check(&problem, &plan), [], "seed {seed}");
                assert_eq!(own, cost(&problem, &plan), "seed {seed}");
                assert_eq!(own, expected, "seed {seed}: {problem:?} {plan:?}");
                best += 1;
            }
            (Ok(Answer::Impossible { .. }), None) => impossible += 1,
            // A relaxation may leave the question open, but its bounds have to hold.
            (Ok(Answer::Found { bound, cost, .. }), Some(expected)) => {
                assert!(expected <= cost, "seed {seed}: {problem:?}");
                assert!(bound.0 <= expected.0, "seed {seed}: {problem:?}");
                open += 1;
            }
            (Ok(Answer::Unknown { bound, .. }), Some(expected)) => {
                assert!(bound.0 <= expected.0, "seed {seed}: {problem:?}");
                open += 1;
            }
            (Ok(Answer::Unknown { .. }), None) => open += 1,
            (answer, expected) => {
                panic!("seed {seed}: {answer:?} but {expected:?}\n{problem:?}")
            }
        }
    }
    println!("{best} best, {impossible} impossible, {open} open");
    assert!(
        from > 0 || (best > 200 && impossible > 50),
        "too few problems were problems"
    );
}
