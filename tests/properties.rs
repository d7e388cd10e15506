//! What holds for every problem, tried on generated ones.
//!
//! The default run is short; `PROPTEST_CASES` sets how many problems each property is tried on.

mod common;

use std::collections::BTreeMap;

use common::judge::judge;
use common::{generate, oracle};
use extentplan::core::{Limits, Measure, Problem, Size};
use extentplan::{greedy, ip, search};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Problems per property, unless the environment says otherwise.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 64;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn greedy_plans_are_right_and_never_better_than_the_best(problem in generate::problems()) {
        let answer = greedy::plan(&problem, &greedy::Settings::default());
        judge("greedy", &problem, &answer, oracle::best(&problem).as_ref());
    }

    #[test]
    fn search_is_never_wrong(problem in generate::problems()) {
        let answer = search::plan(&problem, None, &Limits::none());
        judge("search", &problem, &answer, oracle::best(&problem).as_ref());
    }

    #[test]
    fn the_integer_program_is_never_wrong(problem in generate::problems()) {
        let answer = ip::plan(&problem, None, ip::Backend::MicroLp, &Limits::none());
        let answer = answer.map_err(|error| TestCaseError::fail(error.to_string()))?;
        judge("program", &problem, &answer, oracle::best(&problem).as_ref());
    }
}

/// A generator that only makes dull problems would prove nothing.
#[test]
fn generated_problems_are_of_every_kind() {
    const COUNT: usize = 400;
    let problems = some_problems(COUNT);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for kind in problems.iter().flat_map(kinds) {
        *seen.entry(kind).or_default() += 1;
    }
    let mut expected: Vec<String> = Measure::ALL.map(|m| format!("measure {m}")).to_vec();
    let words = "Contiguous Cling ClingByTags Normal Anywhere, Segment Leg None, Together Apart, \
                 metadata Front, metadata OwnSource, metadata AnySource, log OwnSource, \
                 log AnySource, one leg, several legs, several requests, optional, at most, grows, \
                 sources, ranges, avoid, partition";
    expected.extend(words.split(", ").flat_map(|part| {
        let is_list = part.starts_with(char::is_uppercase);
        let words: Vec<&str> = if is_list {
            part.split(' ').collect()
        } else {
            vec![part]
        };
        words.into_iter().map(str::to_string)
    }));
    for kind in expected {
        let count = seen.get(&kind).copied().unwrap_or(0);
        assert!(
            count >= COUNT / 50,
            "only {count} of {COUNT} problems have `{kind}`"
        );
    }
    let refused = problems
        .iter()
        .filter(|p| oracle::best(p).is_none())
        .count();
    assert!(
        (COUNT / 10..COUNT / 2).contains(&refused),
        "{refused} of {COUNT} have no plan"
    );
}

/// A fixed list of problems, the same in every run.
fn some_problems(count: usize) -> Vec<Problem> {
    let mut runner = TestRunner::deterministic();
    let strategy = generate::problems();
    let problem = |_| {
        strategy
            .new_tree(&mut runner)
            .expect("can be generated")
            .current()
    };
    (0..count).map(problem).collect()
}

/// Words for what is in a problem.
fn kinds(problem: &Problem) -> Vec<String> {
    let mut kinds: Vec<String> = problem
        .objective()
        .iter()
        .map(|m| format!("measure {m}"))
        .collect();
    if problem.requests().len() > 1 {
        kinds.push("several requests".to_string());
    }
    for request in problem.requests() {
        kinds.push(format!("{:?}", request.policy));
        kinds.push(format!("{:?}", request.separation));
        kinds.push(format!("{:?}", request.cuts));
        kinds.extend(request.metadata.map(|m| format!("metadata {:?}", m.place)));
        kinds.extend(request.log.map(|log| format!("log {:?}", log.place)));
        for (is_there, kind) in [
            (request.legs() == 1, "one leg"),
            (request.legs() > 1, "several legs"),
            (request.value.is_some(), "optional"),
            (matches!(request.size, Size::AtMost(_)), "at most"),
            (request.grows.is_some(), "grows"),
            (request.allowed.is_some(), "sources"),
            (
                request.allowed.iter().flatten().any(|(_, r)| r.is_some()),
                "ranges",
            ),
            (!request.avoid.is_empty(), "avoid"),
            (!request.partition_by_tags.is_empty(), "partition"),
        ] {
            kinds.extend(is_there.then(|| kind.to_string()));
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
