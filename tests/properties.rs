//! What holds for every problem, tried on generated ones.
//!
//! The default run is short; `PROPTEST_CASES` sets how many problems each property is tried on.

mod common;

use std::collections::BTreeMap;

use common::judge::judge;
use common::{generate, oracle};
use extentplan::core::{Answer, Area, Areas, Limits, Measure, Problem, Request, Size, Source};
use extentplan::json::write_problem;
use extentplan::solve::{Strategy, solve};
use extentplan::{greedy, ip, search};
use proptest::prelude::{
    ProptestConfig, TestCaseError, any, prop_assert, prop_assert_eq, proptest,
};
use proptest::sample::Index;
use proptest::strategy::Strategy as _;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Problems per property, unless the environment says otherwise.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 24;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn greedy_plans_are_right_and_never_better_than_the_best(problem in generate::problems()) {
        let answer = greedy::plan(&problem, &greedy::Settings::default(), &Limits::none());
        judge("greedy", &problem, &answer, oracle::best(&problem).as_ref());
    }

    #[test]
    fn search_is_never_wrong_whatever_the_seed(problem in generate::problems(), seed in any::<u64>()) {
        let limits = Limits { seed, ..Limits::none() };
        let answer = search::plan(&problem, None, &limits);
        judge("search", &problem, &answer, oracle::best(&problem).as_ref());
    }

    #[test]
    fn the_integer_program_is_never_wrong(problem in generate::problems()) {
        let answer = ip::plan(&problem, None, ip::Backend::MicroLp, &Limits::none());
        let answer = answer.map_err(|error| TestCaseError::fail(error.to_string()))?;
        judge("program", &problem, &answer, oracle::best(&problem).as_ref());
    }

    #[test]
    fn all_together_are_never_wrong(problem in generate::problems()) {
        judge("solve", &problem, &solved(&problem), oracle::best(&problem).as_ref());
    }

    #[test]
    fn the_number_of_threads_changes_nothing(problem in generate::problems()) {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads can be had").install(|| solved(&problem))
        };
        let one = with(1);
        for threads in 2..=8 {
            prop_assert_eq!(&with(threads), &one, "{} threads", threads);
        }
    }

    #[test]
    fn the_order_and_the_names_of_sources_do_not_matter(problem in generate::problems(), turn in 1usize..4) {
        let (one, other) = (solved(&problem), solved(&turned(&problem, turn)));
        prop_assert_eq!(one.cost(), other.cost());
    }

    #[test]
    fn the_order_of_requests_does_not_matter(problem in generate::problems()) {
        let requests = problem.requests().iter().rev().cloned().collect();
        let reversed = rebuilt(problem.sources().to_vec(), requests, &problem);
        let (one, other) = (solved(&problem), solved(&reversed));
        prop_assert_eq!(one.cost(), other.cost());
    }

    #[test]
    fn more_free_extents_never_cost_more(problem in generate::problems(), which in any::<Index>(), count in 1u64..4) {
        // Measures of what is left over may well become worse.
        let measures = problem.objective().iter();
        let objective: Vec<Measure> = measures.filter(|measure| measure.adds_up()).copied().collect();
        let with_free = |sources: Vec<Source>| {
            Problem::new(sources, problem.requests().to_vec(), objective.clone()).expect("no new defects")
        };
        let mut larger = problem.sources().to_vec();
        let source = which.get(&larger).extents;
        let index = which.index(larger.len());
        larger[index].extents += count;
        let more = Areas::from(Area::new(source, count).expect("not empty"));
        larger[index].free = larger[index].free.union(&more);
        let before = solved(&with_free(problem.sources().to_vec()));
        let after = solved(&with_free(larger));
        if let Some(before) = before.cost() {
            prop_assert!(after.cost().is_some_and(|after| after <= before), "{before:?} {after:?}");
        }
    }
}

/// The answer with everything there is.
fn solved(problem: &Problem) -> Answer {
    solve(problem, &Strategy::default(), &Limits::none()).unwrap_or_else(|error| {
        panic!("{error}\n{}", write_problem(problem, None));
    })
}

/// A problem with the objective of another.
fn rebuilt(sources: Vec<Source>, requests: Vec<Request>, like: &Problem) -> Problem {
    Problem::new(sources, requests, like.objective().to_vec()).expect("no new defects")
}

/// The same problem with the sources in another order, under other names.
fn turned(problem: &Problem, turn: usize) -> Problem {
    let count = problem.sources().len();
    let mut sources = problem.sources().to_vec();
    sources.rotate_left(turn % count);
    for (index, source) in sources.iter_mut().enumerate() {
        source.name = format!("source {}", count - index);
    }
    let moved = |source: usize| (source + count - turn % count) % count;
    let mut requests = problem.requests().to_vec();
    for request in &mut requests {
        for segment in request.grows.iter_mut().flatten().flatten() {
            segment.source = moved(segment.source);
        }
        for (source, _) in request.allowed.iter_mut().flatten() {
            *source = moved(*source);
        }
        request.cling_sources = request.cling_sources.iter().map(|&s| moved(s)).collect();
        for avoidance in &mut request.avoid {
            avoidance.sources = avoidance.sources.iter().map(|&s| moved(s)).collect();
        }
    }
    rebuilt(sources, requests, problem)
}

/// Never wrong is easy for those who never say anything. What is left open is a measure such as
/// `balance` that is not the first one.
#[test]
fn nearly_all_tiny_problems_are_decided() {
    const COUNT: usize = 100;
    let is_decided = |problem: &Problem| match solved(problem) {
        Answer::Best { .. } | Answer::Impossible { .. } => true,
        Answer::Found { .. } | Answer::Unknown { .. } => false,
    };
    let problems = some_problems(COUNT);
    let decided = problems
        .iter()
        .filter(|problem| is_decided(problem))
        .count();
    assert!(
        decided * 100 >= COUNT * 90,
        "only {decided} of {COUNT} are decided"
    );
}

/// A generator that only makes dull problems would prove nothing.
#[test]
fn generated_problems_are_of_every_kind() {
    const COUNT: usize = 300;
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
            (problem.goes_by_area_tags(request), "tags of areas"),
            (!request.area_tags.is_empty(), "areas by tag"),
            (!request.cling_sources.is_empty(), "preferred sources"),
        ] {
            kinds.extend(is_there.then(|| kind.to_string()));
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
