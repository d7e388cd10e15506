//! The integer programs: every answer on tiny problems of every kind is the one that trying every
//! plan gives.

mod tiny;

use extentplan::core::{Answer, Limits, check, cost};
use extentplan::ip::{self, Backend};

use crate::tiny::{Numbers, best_cost, tiny_problem};

#[test]
fn tiny_problems_of_every_kind_get_the_answer_that_trying_every_plan_gives() {
    let from: u64 = std::env::var("TINY_FROM")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let count: u64 = std::env::var("TINY_COUNT")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(400);
    let (mut best, mut none, mut open) = (0, 0, 0);
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
            (Ok(Answer::Impossible { .. }), None) => none += 1,
            (Ok(Answer::Found { bound, cost, .. }), Some(expected)) => {
                assert!(expected <= cost, "seed {seed}");
                assert!(bound.0 <= expected.0, "seed {seed}: {problem:?}");
                open += 1;
            }
            (Ok(Answer::Unknown { bound, .. }), Some(expected)) => {
                assert!(bound.0 <= expected.0, "seed {seed}: {problem:?}");
                open += 1;
            }
            (Ok(Answer::Unknown { .. }), None) => open += 1,
            (Err(error), _) if std::env::var("TINY_FROM").is_ok() => {
                println!("seed {seed}: {error}")
            }
            (answer, expected) => {
                panic!("seed {seed}: {answer:?} but {expected:?}\n{problem:?}")
            }
        }
    }
    println!("{best} best, {none} impossible, {open} open");
}
