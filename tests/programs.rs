//! The integer programs: every formulation gives the answer that a slow oracle gives, from scratch
//! and from a known plan.
//!
//! The default run is short; `PROPTEST_CASES` sets how many problems each property is tried on.

mod common;

use std::collections::{BTreeMap, BTreeSet};

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

    /// What `--proof` proves something of, read back from its text and solved as it stands there.
    #[test]
    fn the_formula_in_bits_says_what_the_problem_says(problem in generate::problems()) {
        let best = oracle::best(&problem);
        for formulation in Formulation::ALL.into_iter().filter(|one| one.takes(&problem)) {
            let program = ip::compile(&problem, formulation, None);
            let Ok(program) = program else {
                continue;
            };
            let text = ip::write_opb(&program, 0);
            // The solver of floats may lose its way, which says nothing of the formula.
            let Ok(solved) = solved_in_bits(&text) else {
                continue;
            };
            let best = best.as_ref().map(|best| i64::try_from(best.0[0]).expect("small"));
            if text.contains("\n* relaxed, its values are bounds") {
                let is_bound = best.is_none_or(|best| solved.is_some_and(|solved| solved <= best));
                prop_assert!(is_bound, "{} says {:?}, best is {:?}", formulation, solved, best);
            } else {
                prop_assert_eq!(solved, best, "{}", formulation);
            }
        }
    }

    #[test]
    fn what_counts_alike_legs_and_sources_is_never_wrong(problem in alike_problems()) {
        judge_all(&problem)?;
    }
}

/// The least objective of an OPB text, with its constant part; `None` if it has no solution, an error if the solver's
/// breaks a row, or it comes to no end.
fn solved_in_bits(text: &str) -> Result<Option<i64>, String> {
    let mut problem = microlp::Problem::new(microlp::OptimizationDirection::Minimize);
    let terms = |line: &str| -> Vec<(usize, f64)> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let pairs = words.chunks_exact(2).map_while(|pair| {
            let bit = pair[1].strip_prefix('x')?.parse::<usize>().ok()?;
            Some((bit, pair[0].parse::<f64>().ok()?))
        });
        pairs.collect()
    };
    let count = text.split_whitespace().nth(2).expect("#variable= COUNT");
    let count: usize = count.parse().expect("a count");
    let objective = text.lines().find_map(|line| line.strip_prefix("min:"));
    let objective: BTreeMap<usize, f64> = terms(objective.expect("one")).into_iter().collect();
    let bits: Vec<microlp::Variable> = (1..=count)
        .map(|bit| problem.add_binary_var(objective.get(&bit).copied().unwrap_or(0.0)))
        .collect();
    type OpbRow<'t> = (
        &'t str,
        Vec<(microlp::Variable, f64)>,
        microlp::ComparisonOp,
        f64,
    );
    let mut rows: Vec<OpbRow<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with(['*', 'm'])) {
        let (left, right) = line.split_once('=').expect("a relation");
        let (left, sign) = match left.strip_suffix('>') {
            Some(left) => (left, microlp::ComparisonOp::Ge),
            None => (left, microlp::ComparisonOp::Eq),
        };
        let right = right.trim().trim_end_matches(';').trim();
        let right: f64 = right.parse().expect("a number");
        let terms: Vec<(microlp::Variable, f64)> = terms(left)
            .into_iter()
            .map(|(bit, by)| (bits[bit - 1], by))
            .collect();
        problem.add_constraint(terms.clone(), sign, right);
        rows.push((line, terms, sign, right));
    }
    let constant = text.lines().find_map(|line| {
        let (said, _) = line.strip_prefix("* ")?.split_once(" + the objective")?;
        said.split_once(" = ")?.1.parse::<i64>().ok()
    });
    let mut options = microlp::SolveOptions::default();
    // It can go round for ever.
    options.time_limit = Some(std::time::Duration::from_secs(5));
    match problem.solve_with(options) {
        Ok(outcome) if !outcome.is_optimal() => Err("it came to no end".to_string()),
        Ok(microlp::SolveOutcome::Solution(solution)) => {
            for (line, terms, sign, right) in rows {
                let terms = terms.iter();
                let left = terms.map(|(bit, by)| solution.var_value(*bit).round() * by);
                let left: f64 = left.sum();
                let holds = match sign {
                    microlp::ComparisonOp::Eq => left == right,
                    microlp::ComparisonOp::Ge | microlp::ComparisonOp::Le => left >= right,
                };
                if !holds {
                    return Err(line.to_string());
                }
            }
            #[allow(
                clippy::cast_possible_truncation,
                reason = "the objective is a small count"
            )]
            let value = solution.objective().round() as i64;
            Ok(Some(value + constant.unwrap_or(0)))
        }
        Ok(microlp::SolveOutcome::Interrupted(_)) => panic!("nothing interrupts it"),
        Err(microlp::Error::Infeasible) => Ok(None),
        Err(error) => panic!("{error}"),
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
        ..Source::default()
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
