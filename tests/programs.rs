//! The integer programs: every formulation gives the answer that a slow oracle gives, from scratch
//! and from a known plan.
//!
//! The default run is short; `PROPTEST_CASES` sets how many problems each property is tried on.

mod common;

use std::collections::BTreeSet;

use common::judge::judge;
use common::{generate, oracle};
use extentplan::core::{
    Area, Areas, Companion, Cuts, Measure, Place, Policy, Problem, Request, Separation, Shape,
    Size, Source,
};
use extentplan::core::{Limits, Plan};
use extentplan::ip::{self, Backend, Formulation};
use proptest::prelude::*;
use proptest::sample::select;

/// Problems per property, unless the environment says otherwise.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 32;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_definition_is_never_wrong(problem in generate::problems()) {
        judge_all(&problem)?;
    }

    #[test]
    fn what_counts_alike_legs_and_sources_is_never_wrong(problem in alike_problems()) {
        judge_all(&problem)?;
    }
}

/// Asks every formulation and every backend that takes the problem; each starts from the plan that
/// the one before it found.
fn judge_all(problem: &Problem) -> Result<(), TestCaseError> {
    let best = oracle::best(problem);
    let mut known: Option<Plan> = None;
    for formulation in Formulation::ALL {
        for backend in Backend::ALL {
            if !formulation.takes(problem) {
                continue;
            }
            let limits = Limits::none();
            let answer = ip::plan_by(problem, formulation, known.as_ref(), *backend, &limits);
            let answer = answer.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let who = format!("{formulation} by {backend}");
            judge(&who, problem, &answer, best.as_ref());
            known = answer.plan().cloned().or(known);
        }
    }
    Ok(())
}

/// Most free and most wanted extents that the oracle takes in its stride.
const MOST_FREE: u64 = 9;
const MOST_WANTED: u64 = 6;

/// Problems of the shapes that have a formulation of their own: whole legs over sources of few kinds,
/// and contiguous legs.
fn alike_problems() -> impl Strategy<Value = Problem> {
    let kinds = prop::collection::vec(prop::collection::vec(1u64..=2, 1..=2), 2);
    let sources = (
        kinds,
        prop::collection::vec((0usize..2, select(vec!["x", "y", ""])), 2..=5),
    );
    let shape = select(vec![(1, 1, 0), (1, 2, 0), (1, 2, 0), (2, 1, 1), (1, 3, 0)]);
    let policy = select(vec![Policy::Normal, Policy::Normal, Policy::Contiguous]);
    let separation = select(vec![Separation::Leg, Separation::Leg, Separation::Segment]);
    let measures = select(vec![
        vec![Measure::Segments],
        vec![Measure::Sources],
        vec![Measure::Segments, Measure::Sources],
        vec![Measure::Sources, Measure::Segments],
    ]);
    let asked = (
        shape,
        1u64..=4,
        policy,
        separation,
        any::<bool>(),
        prop::bool::weighted(0.3),
    );
    (sources, asked, measures).prop_filter_map("defects", |((kinds, sources), asked, measures)| {
        let source =
            |(index, (kind, tag)): (usize, &(usize, &str))| source(index, &kinds[*kind], tag);
        let sources: Vec<Source> = sources.iter().enumerate().map(source).collect();
        let request = request(asked, &sources);
        let free: u64 = sources.iter().map(|source| source.free.total()).sum();
        if free > MOST_FREE || request.total_extents()? > MOST_WANTED {
            return None;
        }
        Problem::new(sources, vec![request], measures).ok()
    })
}

/// A source with free areas of these lengths, one used extent between them.
fn source(index: usize, lengths: &[u64], tag: &str) -> Source {
    let mut start = 0;
    let mut free = Vec::new();
    for length in lengths {
        free.extend(Area::new(start, *length));
        start += length + 1;
    }
    Source {
        name: format!("s{index}"),
        extents: start,
        free: free.into_iter().collect::<Areas>(),
        tags: [tag]
            .into_iter()
            .filter(|tag| !tag.is_empty())
            .map(str::to_string)
            .collect(),
    }
}

type Asked = ((u64, u64, u64), u64, Policy, Separation, bool, bool);

fn request(asked: Asked, sources: &[Source]) -> Request {
    let ((stripes, copies, parity), leg, policy, separation, has_metadata, is_parted) = asked;
    let tags: BTreeSet<String> = sources
        .iter()
        .flat_map(|source| source.tags.clone())
        .collect();
    Request {
        size: Size::Exactly(stripes * leg),
        shape: Shape {
            stripes,
            copies,
            parity,
        },
        metadata: has_metadata.then_some(Companion {
            extents: 1,
            place: Place::Front,
        }),
        policy,
        separation,
        cuts: Cuts::Apart,
        partition_by_tags: if is_parted { tags } else { BTreeSet::new() },
        ..Request::linear("r", 1)
    }
}

/// The properties would prove little of a formulation that never gets a problem.
#[test]
fn every_formulation_gets_its_share_of_problems() {
    const COUNT: usize = 200;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..COUNT {
        let tree = alike_problems()
            .new_tree(&mut runner)
            .expect("can be generated");
        let problem = proptest::strategy::ValueTree::current(&tree);
        if Formulation::of(&problem) == Formulation::Bundles {
            taken += 1;
            refused += usize::from(oracle::best(&problem).is_none());
        }
    }
    assert!(taken > COUNT / 4, "only {taken} of {COUNT} are for bundles");
    assert!(
        refused > taken / 10 && refused < taken,
        "{refused} of {taken} have no plan"
    );
}
