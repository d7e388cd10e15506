//! Everything that is claimed of a tiny problem is true, whoever claims it, whatever limit runs out.
//!
//! Problems have every key of the format and every order of some measures; the exhaustive oracle says
//! what is right. `EXTENTPLAN_CASES=334` times as many are the heavy tier.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::judge::judge;
use common::random::{Random, cases};
use common::{oracle, tiny};
use extentplan::core::{
    Answer, Area, Areas, Bound, Cost, Limits, Measure, Problem, Request, Separation, Shape, Size,
    Source, StopReason,
};
use extentplan::json::{read_problem, write_problem};
use extentplan::solve::{Strategy, solve};
use extentplan::{greedy, ip, search};
use rayon::prelude::*;

/// First seed of the problems; `EXTENTPLAN_SEED` has another.
fn first_seed() -> u64 {
    let given = std::env::var("EXTENTPLAN_SEED").ok();
    given.and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

#[test]
fn no_claim_about_a_tiny_problem_is_false() {
    let first = first_seed();
    let seeds = first..first + cases(300);
    let wrong: Vec<String> = seeds
        .into_par_iter()
        .filter_map(|seed| {
            let judged = catch_unwind(AssertUnwindSafe(|| judge_all(seed)));
            judged.err().map(|panic| {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_string()));
                format!("seed {seed}: {}", said.unwrap_or_default())
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong, the first of them:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n\n")
    );
}

/// What was not looked at may still be possible, so it counts for no bound. Here everything fits.
#[test]
fn a_bound_is_no_higher_because_time_ran_out() {
    let mut sources: Vec<Source> = (0..14)
        .map(|index| source(&format!("s{index}"), 100_000 + 7_919 * index % 83_000))
        .collect();
    sources.push(source("own", 1));
    let free: u64 = sources.iter().map(|source| source.extents).sum();
    let mut large = Request::linear("large", free / 3 / 6 * 6);
    large.shape = Shape {
        stripes: 3,
        copies: 2,
        parity: 0,
    };
    large.separation = Separation::Leg;
    large.value = Some(100);
    large.allowed = Some((0..14).map(|index| (index, None)).collect());
    let mut small = Request::linear("small", 1);
    small.allowed = Some(vec![(14, None)]);
    let problem = Problem::new(sources, vec![large, small], Vec::new()).expect("no defects");
    let whole = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
    assert_eq!(whole.cost().map(|cost| cost.0[0]), Some(0));
    for looks in (0..6).map(|power| (1 << power) - 1) {
        let (answer, _) = with_looks(&problem, looks);
        assert_eq!(
            answer.lower_bound().0.first().copied().unwrap_or(0),
            0,
            "{looks} looks"
        );
    }
}

/// A choice that leaves out as much as one that was looked at may need fewer segments: where time runs out
/// between the two, the first bounds nothing behind the value.
#[test]
fn a_choice_that_time_did_not_reach_may_cost_less_at_the_same_value() {
    let mut pieces = source("pieces", 10);
    pieces.free = (0..5).filter_map(|index| Area::new(2 * index, 1)).collect();
    let optional = |name, own: usize| Request {
        value: Some(1),
        allowed: Some(vec![(own, None), (2, None)]),
        ..Request::linear(name, 6)
    };
    // Each needs the one extent of the third source.
    let sources = vec![pieces, source("whole", 5), source("one", 1)];
    let requests = vec![optional("in_pieces", 0), optional("in_two", 1)];
    let objective = vec![Measure::Unserved, Measure::Segments];
    let problem = Problem::new(sources, requests, objective).expect("no defects");
    let best = Cost(vec![1, 2]);
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one_thread.expect("a thread").install(|| {
        // The choices are looked at last, shortly before all is done.
        let runs_out = |looks: &u64| with_looks(&problem, *looks).1;
        let powers = (0..16).rev().map(|power| 1 << power);
        let most = powers.fold(0, |most, more| {
            Some(most + more).filter(runs_out).unwrap_or(most)
        });
        for looks in most.saturating_sub(50)..=most {
            let (answer, _) = with_looks(&problem, looks);
            judge(&format!("{looks} looks"), &problem, &answer, Some(&best));
        }
    });
}

fn source(name: &str, extents: u64) -> Source {
    Source {
        name: name.to_string(),
        extents,
        free: Area::new(0, extents).map(Areas::from).unwrap_or_default(),
        tags: Default::default(),
        ..Source::default()
    }
}

/// What one request can have beside the sizes of those before it is not the most that it can have.
#[test]
fn sizes_that_were_taken_in_turn_bound_no_other_sizes() {
    let largest = |name| Request {
        size: Size::AtMost(6),
        ..Request::linear(name, 6)
    };
    let mut mirror = largest("mirror");
    mirror.shape.copies = 2;
    mirror.separation = Separation::Leg;
    let sources = vec![source("a", 3), source("b", 3)];
    let objective = vec![Measure::Shortfall, Measure::Segments];
    // The mirror first has 2 and leaves 2; the other one first has 4 and leaves 1, which is better.
    let requests = vec![mirror, largest("linear")];
    let problem = Problem::new(sources, requests, objective).expect("no defects");
    let best = oracle::best(&problem);
    assert_eq!(best.as_ref().map(|cost| cost.0[0]), Some(7));
    solved("solve", &problem, &Limits::none(), best.as_ref());
}

/// Everybody's answer to the problem of a seed, without limits and under some.
fn judge_all(seed: u64) {
    let problem = tiny::problem(seed);
    let text = write_problem(&problem, None);
    let read = read_problem(&text);
    assert_eq!(read.as_ref().ok(), Some(&problem), "{text}");
    let best = oracle::best(&problem);
    let random = &mut Random(seed);
    let none = Limits::none();

    let settings = greedy::Settings::default();
    judge(
        "greedy",
        &problem,
        &greedy::plan(&problem, &settings, &none),
        best.as_ref(),
    );
    // Each measure among the plans that are as good as the best in those before.
    let known = Bound(best.as_ref().map_or(Vec::new(), |best| best.0.clone()));
    let answers = [
        ("search", search::plan(&problem, None, &none)),
        (
            "prices",
            search::bound(&problem, None, &Bound::default(), &none),
        ),
        (
            "pinned prices",
            search::bound(&problem, None, &known, &none),
        ),
        (
            "improve",
            search::improve(
                &problem,
                None,
                &Bound::default(),
                search::Effort::Whole,
                &none,
            ),
        ),
    ];
    for (who, answer) in answers {
        judge(who, &problem, &answer, best.as_ref());
    }
    let answer = solved("solve", &problem, &none, best.as_ref());
    let is_open = matches!(
        answer,
        Answer::Found {
            stopped: StopReason::Time,
            ..
        } | Answer::Unknown {
            stopped: StopReason::Time,
            ..
        }
    );
    assert!(!is_open, "no limit of time was given\n{text}");

    under_limits(&problem, random, best.as_ref());
}

/// The answers where time, nodes or memory run out.
fn under_limits(problem: &Problem, random: &mut Random, best: Option<&Cost>) {
    let most = [0, 1, 8, 64, 512][usize::try_from(random.below(5)).expect("an index")];
    let (answer, ran_out) = with_looks(problem, random.between(0, most));
    judge("solve, a few looks at the clock", problem, &answer, best);
    if let (Answer::Found { stopped, .. } | Answer::Unknown { stopped, .. }, true) =
        (&answer, ran_out)
    {
        assert_eq!(
            *stopped,
            StopReason::Time,
            "{}",
            write_problem(problem, None)
        );
    }

    let started = Instant::now();
    let time =
        Duration::from_millis([0, 1, 5, 50][usize::try_from(random.below(4)).expect("an index")]);
    let remaining = || Some(time.saturating_sub(started.elapsed()));
    let of_time = Limits {
        remaining: &remaining,
        ..Limits::none()
    };
    solved("solve, little time", problem, &of_time, best);

    let of_work = Limits {
        nodes: [0, 1, 7, 100][usize::try_from(random.below(4)).expect("an index")],
        memory_bytes: [0, 1 << 10, 1 << 16, 1 << 30]
            [usize::try_from(random.below(4)).expect("an index")],
        seed: random.below(u64::MAX),
        ..Limits::none()
    };
    solved(
        "solve, few nodes and little memory",
        problem,
        &of_work,
        best,
    );
    let answer = search::plan(problem, None, &of_work);
    judge(
        "search, few nodes and little memory",
        problem,
        &answer,
        best,
    );
    match ip::plan(problem, None, ip::Backend::default(), &of_time) {
        Ok(answer) => judge("program, little time", problem, &answer, best),
        Err(
            ip::IpError::Backend { .. }
            | ip::IpError::Inexact { .. }
            | ip::IpError::TooLarge { .. },
        ) => {}
        Err(error) => panic!("program: {error}\n{}", write_problem(problem, None)),
    }
}

/// The answer by a clock that runs out once it was looked at so often, so at the same place in every run
/// of one thread; and whether it did.
fn with_looks(problem: &Problem, looks: u64) -> (Answer, bool) {
    let left = AtomicU64::new(looks);
    let is_told = AtomicBool::new(false);
    let remaining = || {
        let count = left.load(Ordering::Relaxed);
        left.store(count.saturating_sub(1), Ordering::Relaxed);
        is_told.fetch_or(count == 0, Ordering::Relaxed);
        Some(Duration::from_secs(count.min(1)))
    };
    let limits = Limits {
        remaining: &remaining,
        ..Limits::none()
    };
    let answer = solve(problem, &Strategy::default(), &limits)
        .unwrap_or_else(|error| panic!("{error}\n{}", write_problem(problem, None)));
    (answer, is_told.into_inner())
}

fn solved(who: &str, problem: &Problem, limits: &Limits<'_>, best: Option<&Cost>) -> Answer {
    let answer = solve(problem, &Strategy::default(), limits)
        .unwrap_or_else(|error| panic!("{who}: {error}\n{}", write_problem(problem, None)));
    judge(who, problem, &answer, best);
    answer
}
