//! Capacity questions, held against plain scans and against what their answers claim.

use std::collections::BTreeSet;

use extentplan::capacity::{
    self, Aftermath, Change, Edit, Failure, Fit, Fixed, Group, Held, Model, Part, Prefer, Purchase,
    Redundant, Remedy, Repair, edited,
};
use extentplan::core::{
    Answer, Area, Areas, Companion, Cuts, Limits, Log, Measure, Place, Policy, Problem, Request,
    Segment, Separation, Shape, Size, Source, check,
};
use extentplan::solve::{Strategy, solve, verify};

fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

fn source(name: &str, extents: u64, free: &[(u64, u64)], tags: &[&str]) -> Source {
    Source {
        name: name.to_string(),
        extents,
        free: free
            .iter()
            .map(|&(start, count)| area(start, count))
            .collect(),
        tags: tags.iter().map(ToString::to_string).collect(),
        ..Source::default()
    }
}

/// Sources `a`, `b`, ... that are free from end to end.
fn empty(sizes: &[u64]) -> Vec<Source> {
    let names = 'a'..='z';
    let pairs = names.zip(sizes);
    pairs
        .map(|(name, &size)| source(&name.to_string(), size, &[(0, size)], &[]))
        .collect()
}

fn request(name: &str, extents: u64, stripes: u64, copies: u64, parity: u64) -> Request {
    let mut request = Request::linear(name, extents);
    request.shape = Shape {
        stripes,
        copies,
        parity,
    };
    request
}

fn raid(name: &str, extents: u64, stripes: u64, copies: u64, parity: u64) -> Request {
    let mut request = request(name, extents, stripes, copies, parity);
    request.separation = Separation::Leg;
    request.metadata = Some(Companion {
        extents: 1,
        place: Place::Front,
    });
    request
}

fn striped(name: &str, extents: u64, stripes: u64) -> Request {
    let mut request = request(name, extents, stripes, 1, 0);
    request.cuts = Cuts::Together;
    request
}

fn problem(sources: Vec<Source>, requests: Vec<Request>) -> Problem {
    Problem::new(sources, requests, Vec::new()).expect("well formed")
}

fn largest(problem: &Problem) -> capacity::Largest {
    let model = Fixed(problem.clone());
    capacity::largest(&model, 0, &Strategy::default(), &Limits::none()).expect("no contradiction")
}

/// Any plan, or why there is none.
fn fits(problem: &Problem) -> Answer {
    let anything = vec![Measure::Shortfall];
    let problem = problem.clone().with_objective(anything).expect("a measure");
    solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradiction")
}

fn why_not(problem: &Problem, held: &[Held]) -> capacity::WhyNot {
    let model = Fixed(problem.clone());
    let purchase = Purchase::default();
    let fit = capacity::why_not(
        &model,
        held,
        &purchase,
        &Strategy::default(),
        &Limits::none(),
    );
    match fit.expect("no contradiction") {
        Fit::Not(why) => *why,
        Fit::Fits | Fit::Open => panic!("expected a refusal"),
    }
}

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// A small pool with used gaps, tags and all kinds of shapes and policies.
fn drawn(seed: u64) -> Problem {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let sources = (0..2 + dice.roll(4)).map(|index| {
        let mut free = Vec::new();
        let mut at = dice.roll(2);
        for _ in 0..1 + dice.roll(3) {
            let count = 1 + dice.roll(9);
            free.push((at, count));
            at += count + 1 + dice.roll(3);
        }
        let tag = ["red", "blue"][usize::try_from(dice.roll(2)).expect("small")];
        source(&format!("s{index}"), at + 3, &free, &[tag])
    });
    let sources: Vec<Source> = sources.collect();
    let count = sources.len() as u64;
    let shapes = [(1, 1, 0), (2, 1, 0), (1, 2, 0), (2, 1, 1), (3, 1, 0)];
    let (stripes, copies, parity) = loop {
        let shape = shapes[usize::try_from(dice.roll(5)).expect("small")];
        if shape.0 * shape.1 + shape.2 <= count {
            break shape;
        }
    };
    let mut one = match dice.roll(3) {
        0 => raid("r", stripes, stripes, copies, parity),
        1 => request("r", stripes, stripes, copies, parity),
        _ => striped("r", stripes, stripes),
    };
    let policies = [
        Policy::Normal,
        Policy::Normal,
        Policy::Cling,
        Policy::Contiguous,
        Policy::Anywhere,
    ];
    one.policy = policies[usize::try_from(dice.roll(5)).expect("small")];
    if dice.roll(4) == 0 && copies == 2 {
        one.partition_by_tags = sources.iter().flat_map(|s| s.tags.clone()).collect();
    }
    problem(sources, vec![one])
}

#[test]
fn the_largest_size_is_that_of_a_plain_scan() {
    let mut sizes = BTreeSet::new();
    let mut unproven = 0;
    for seed in 0..150 {
        let problem = drawn(seed);
        let stripes = problem.requests()[0].shape.stripes;
        let model = Fixed(problem.clone());
        let mut best = 0;
        for leg in 1..130 {
            let extents = leg * stripes;
            let Some(trial) = model.changed(0, &[Change::Extents(extents)]) else {
                break;
            };
            match fits(&trial) {
                Answer::Best { .. } | Answer::Found { .. } => best = extents,
                Answer::Impossible { .. } => {}
                Answer::Unknown { .. } => panic!("seed {seed}: {extents} extents are open"),
            }
        }
        let found = largest(&problem);
        if !found.is_proven() {
            assert!(
                found.extents <= best && best <= found.bound,
                "seed {seed}: {problem:?}"
            );
            unproven += 1;
            continue;
        }
        assert_eq!(found.extents, best, "seed {seed}: {problem:?}");
        if let Some(layout) = &found.layout {
            assert_eq!(layout.problem.requests()[0].size, Size::Exactly(best));
            assert_eq!(check(&layout.problem, layout.plan()), Vec::new());
        }
        if let Some(beyond) = &found.beyond {
            assert_eq!(beyond.problem.requests()[0].size.wanted(), best + stripes);
            verify(&beyond.problem, &beyond.why).expect("the certificate adds up");
        }
        sizes.insert(best);
    }
    assert!(sizes.len() > 12, "the draws are too much alike: {sizes:?}");
    assert!(unproven <= 3, "{unproven} of 150 are open");
}

#[test]
fn copies_keep_sources_for_the_legs_of_later_ones() {
    let count = |sources: Vec<Source>, request: Request| {
        let model = Fixed(problem(sources, vec![request]));
        let found = capacity::how_many(&model, 0, 1000, &Strategy::default(), &Limits::none());
        let found = found.expect("no contradiction");
        assert!(found.is_proven(), "{} of {}", found.count, found.bound);
        found.count
    };
    // Ten times three legs: the sources take 5 + 6 + 7 + 6 + 2 + 5 of them.
    let mut mirror = request("x", 1, 1, 3, 0);
    mirror.separation = Separation::Leg;
    mirror.policy = Policy::Cling;
    assert_eq!(count(empty(&[5, 6, 7, 6, 2, 5]), mirror), 10);
    // Two times five legs of two extents: 2 + 1 + 4 + 1 + 3 + 3 places, two of a source count.
    let mut raid6 = raid("x", 3, 3, 1, 2);
    raid6.policy = Policy::Cling;
    assert_eq!(count(empty(&[4, 3, 9, 3, 7, 6]), raid6), 2);
    // No leg begins in an area of one extent, which its metadata would fill.
    let crumbs = |name| source(name, 11, &[(0, 1), (2, 1), (4, 1), (6, 2), (9, 1)], &[]);
    let raid1 = raid("x", 1, 1, 2, 0);
    assert_eq!(count(vec![crumbs("a"), crumbs("b"), crumbs("c")], raid1), 1);
}

#[test]
fn no_more_fit_than_are_proven_to_be_the_most() {
    let mut counts = Vec::new();
    for seed in 0..60 {
        let drawn = drawn(seed);
        let stripes = drawn.requests()[0].shape.stripes;
        let model = Fixed(drawn.clone());
        let Some(small) = model.changed(0, &[Change::Extents((1 + seed % 3) * stripes)]) else {
            continue;
        };
        let model = Fixed(small);
        let found = capacity::how_many(&model, 0, 1000, &Strategy::default(), &Limits::none());
        let found = found.expect("no contradiction");
        if let Some(layout) = &found.layout {
            assert_eq!(layout.problem.requests().len() as u64, found.count);
            assert_eq!(check(&layout.problem, layout.plan()), Vec::new());
        }
        if found.is_proven() {
            let more = model.repeated(0, found.count + 1).expect("a problem");
            let quick = Strategy {
                program: None,
                ..Strategy::default()
            };
            let answer = solve(&more, &quick, &Limits::none()).expect("no contradiction");
            assert!(
                answer.plan().is_none(),
                "seed {seed}: one more than {} fits",
                found.count
            );
        }
        assert!(found.count <= found.bound, "seed {seed}");
        counts.push((found.count, found.is_proven()));
    }
    let proven = counts.iter().filter(|(_, is_proven)| *is_proven).count();
    assert!(proven * 3 >= counts.len() * 2, "{counts:?}");
}

#[test]
fn more_free_extents_never_lower_an_answer() {
    for seed in 0..40 {
        let before = drawn(seed);
        let first = &before.sources()[0];
        let grown = Edit::ResizeSource {
            source: first.name.clone(),
            extents: first.extents + 1 + seed % 4,
        };
        let after = edited(&before, &[grown]).expect("growing is possible");
        assert!(
            largest(&before).extents <= largest(&after).extents,
            "seed {seed}"
        );
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    for seed in [3, 14, 15] {
        let problem = drawn(seed);
        let (one, other) = (largest(&problem), largest(&problem));
        assert_eq!(one.extents, other.extents);
        let plan = |largest: &capacity::Largest| largest.layout.as_ref().map(|l| l.plan().clone());
        assert_eq!(plan(&one), plan(&other));
    }
}

/// Makes every draw too large by one stripe row or more.
fn refused(seed: u64) -> Option<Problem> {
    let problem = drawn(seed);
    let stripes = problem.requests()[0].shape.stripes;
    let extents = largest(&problem).extents + stripes * (1 + seed % 3);
    Fixed(problem).changed(0, &[Change::Extents(extents)])
}

#[test]
fn every_conflict_is_one_and_none_without_any_of_its_parts() {
    let mut kinds = BTreeSet::new();
    for seed in 0..80 {
        let Some(problem) = refused(seed) else {
            continue;
        };
        let conflict = capacity::minimal_conflict(&problem, &Strategy::default(), &Limits::none());
        let conflict = conflict.expect("no contradiction").expect("it is refused");
        assert!(conflict.is_minimal, "seed {seed}");
        let kept: BTreeSet<Part> = conflict.parts.iter().copied().collect();
        let alone = capacity::restricted(&problem, &kept).expect("a problem");
        let answer = fits(&alone);
        assert!(
            matches!(answer, Answer::Impossible { .. }),
            "seed {seed}: {answer:?}"
        );
        verify(&conflict.refusal.problem, &conflict.refusal.why).expect("it adds up");
        for part in &conflict.parts {
            let mut fewer = kept.clone();
            fewer.remove(part);
            let lifted = capacity::restricted(&problem, &fewer).expect("a problem");
            assert!(
                fits(&lifted).plan().is_some(),
                "seed {seed}: {part:?} is not needed"
            );
            kinds.insert(match part {
                Part::Rule(_, rule) => rule.name(),
                Part::Leg(..) => "leg",
                Part::Source(_) => "source",
            });
        }
    }
    for kind in ["leg", "source", "separation", "policy", "metadata"] {
        assert!(kinds.contains(kind), "no conflict has a {kind}: {kinds:?}");
    }
}

#[test]
fn a_request_that_fits_by_itself_is_no_part_of_a_conflict_that_another_is() {
    // Metadata and all, the mirror alone needs 22 of 20.
    let requests = vec![request("small", 3, 1, 1, 0), raid("large", 10, 1, 2, 0)];
    let problem = Problem::new(empty(&[10, 10]), requests, Vec::new()).expect("valid");
    let conflict = capacity::minimal_conflict(&problem, &Strategy::default(), &Limits::none());
    let conflict = conflict.expect("no contradiction").expect("it is refused");
    assert!(conflict.is_minimal);
    let legs = conflict.legs();
    assert!(legs.iter().all(|(request, _)| *request == 1), "{legs:?}");
}

/// Makes a repair by hand: the problem that results.
fn repaired(problem: &Problem, repair: &Repair) -> Problem {
    let size = |name: &str| {
        let mut sources = problem.sources().iter();
        sources
            .find(|source| source.name == name)
            .expect("there")
            .extents
    };
    let grow = |(name, more): &(String, u64)| Edit::ResizeSource {
        source: name.clone(),
        extents: size(name) + more,
    };
    let change = |request: &String, change| Edit::Request {
        request: request.clone(),
        change,
    };
    let edits: Vec<Edit> = match &repair.remedy {
        Remedy::Grow { sources, .. } => sources.iter().map(grow).collect(),
        Remedy::GrowAny { tag, extents } => {
            let mut sources = problem.sources().iter().rev();
            let last = sources
                .find(|source| source.tags.contains(tag))
                .expect("tagged");
            vec![grow(&(last.name.clone(), *extents))]
        }
        Remedy::Add { extents, tags } => extents
            .iter()
            .enumerate()
            .map(|(number, &extents)| Edit::AddSource {
                source: format!("bought{number}"),
                extents,
                tags: tags.clone(),
            })
            .collect(),
        Remedy::Free {
            holder,
            source,
            areas,
        } => vec![Edit::Free {
            source: source.clone(),
            areas: areas.clone(),
            holder: holder.clone(),
        }],
        Remedy::Policy { request, to, .. } => vec![change(request, Change::Policy(*to))],
        Remedy::Stripes { request, to, .. } => vec![change(request, Change::Stripes(*to))],
        Remedy::Shrink { request, to, .. } => vec![change(request, Change::Extents(*to))],
        Remedy::Drop { request } => vec![Edit::DropRequest {
            request: request.clone(),
        }],
    };
    edited(problem, &edits).expect("a repair can be made")
}

/// One less of what a repair takes, where that can be counted.
fn one_less(repair: &Repair) -> Option<Repair> {
    let mut less = repair.clone();
    match &mut less.remedy {
        Remedy::Grow { sources, .. } if sources.len() == 1 => sources[0].1 -= 1,
        Remedy::Shrink { to, .. } => *to += 1,
        Remedy::Free { areas, .. } if areas.len() == 1 && areas.total() > 1 => {
            let all = areas.iter().next().expect("one");
            *areas = area(all.start() + 1, all.count() - 1).into();
        }
        Remedy::Add { extents, .. } if extents.len() == 1 => extents[0] -= 1,
        Remedy::Grow { .. }
        | Remedy::GrowAny { .. }
        | Remedy::Add { .. }
        | Remedy::Free { .. }
        | Remedy::Policy { .. }
        | Remedy::Stripes { .. }
        | Remedy::Drop { .. } => return None,
    }
    (less.remedy.extents() > 0).then_some(less)
}

#[test]
fn every_repair_works_and_the_smallest_are_the_smallest() {
    let mut kinds = BTreeSet::new();
    for seed in 0..50 {
        let Some(problem) = refused(seed) else {
            continue;
        };
        let held: Vec<Held> = problem
            .sources()
            .iter()
            .enumerate()
            .map(|(source, one)| {
                let all: Areas = area(0, one.extents).into();
                Held {
                    holder: "somebody".to_string(),
                    source,
                    areas: all.difference(&one.free),
                }
            })
            .collect();
        let why = why_not(&problem, &held);
        let takes: Vec<u64> = why
            .repairs
            .iter()
            .map(|repair| repair.remedy.extents())
            .collect();
        assert!(!why.repairs.is_empty(), "seed {seed}");
        for repair in &why.repairs {
            let layout = &repair.layout;
            assert_eq!(check(&layout.problem, layout.plan()), Vec::new());
            let after = repaired(&problem, repair);
            assert!(
                fits(&after).plan().is_some(),
                "seed {seed}: {:?}",
                repair.remedy
            );
            let stripes = problem.requests()[0].shape.stripes;
            if let (true, Some(mut less)) = (repair.is_smallest, one_less(repair)) {
                if let Remedy::Shrink { to, .. } = &mut less.remedy {
                    *to += stripes - 1;
                }
                let before = repaired(&problem, &less);
                assert!(
                    fits(&before).plan().is_none(),
                    "seed {seed}: {:?}",
                    less.remedy
                );
            }
            kinds.insert(
                format!("{:?}", repair.remedy)
                    .split(' ')
                    .next()
                    .map(String::from),
            );
        }
        let counted = takes.iter().filter(|&&extents| extents > 0);
        assert!(counted.is_sorted(), "seed {seed}: {takes:?}");
    }
    assert!(kinds.len() >= 7, "{kinds:?}");
}

#[test]
fn metadata_that_shrinks_with_size_does_not_hide_the_largest() {
    /// A log of 10 extents up to 99, of 2 from 100 on.
    struct Jagged(Problem);
    impl Model for Jagged {
        fn problem(&self) -> &Problem {
            &self.0
        }
        fn changed(&self, request: usize, changes: &[Change]) -> Option<Problem> {
            let plain = Fixed(self.0.clone()).changed(request, changes)?;
            let mut requests = plain.requests().to_vec();
            let extents = if requests[0].size.wanted() < 100 {
                10
            } else {
                2
            };
            requests[0].log = Some(Log {
                extents,
                count: 1,
                place: Place::AnySource,
            });
            Problem::new(plain.sources().to_vec(), requests, Vec::new()).ok()
        }
        fn repeated(&self, request: usize, count: u64) -> Option<Problem> {
            Fixed(self.0.clone()).repeated(request, count)
        }
        fn drops(&self, _request: usize) -> Vec<u64> {
            vec![100]
        }
    }
    for (free, expected) in [(104, 102), (102, 100), (101, 91), (105, 103), (10, 0)] {
        let base = problem(empty(&[free]), vec![Request::linear("r", 1)]);
        let found = capacity::largest(&Jagged(base), 0, &Strategy::default(), &Limits::none());
        let found = found.expect("no contradiction");
        assert_eq!(
            (found.extents, found.is_proven()),
            (expected, true),
            "{free} free"
        );
    }
}

#[test]
fn a_simpler_layout_is_offered_below_the_largest() {
    let sources = vec![
        source("a", 100, &[(0, 40), (50, 30)], &[]),
        source("b", 100, &[(0, 20)], &[]),
    ];
    let found = largest(&problem(sources, vec![Request::linear("r", 1)]));
    assert_eq!(found.extents, 90);
    let simpler: Vec<(u64, u64, bool)> = found
        .simpler
        .iter()
        .map(|one| (one.extents, one.segments, one.is_proven))
        .collect();
    assert_eq!(simpler, [(70, 2, true), (40, 1, true)]);
}

#[test]
fn the_most_value_and_the_most_requests_differ() {
    let mut requests = vec![
        Request::linear("large", 100),
        Request::linear("one", 50),
        Request::linear("two", 50),
    ];
    requests[0].value = Some(10);
    let problem = problem(empty(&[100]), requests);
    let placed = |prefer| {
        let (_, answer) =
            capacity::which_fit(&problem, prefer, &Strategy::default(), &Limits::none())
                .expect("no contradiction");
        let plan = answer.plan().expect("something fits").clone();
        plan.allocations
            .iter()
            .map(Option::is_some)
            .collect::<Vec<_>>()
    };
    assert_eq!(placed(Prefer::Value), [true, false, false]);
    assert_eq!(placed(Prefer::Count), [false, true, true]);
}

#[test]
fn a_request_without_a_value_counts_one() {
    let mut requests = vec![Request::linear("one", 60), Request::linear("two", 60)];
    requests.push(Request::linear("none", 60));
    requests[2].value = Some(0);
    let problem = problem(empty(&[100]), requests);
    let (_, answer) = capacity::which_fit(
        &problem,
        Prefer::Value,
        &Strategy::default(),
        &Limits::none(),
    )
    .expect("no contradiction");
    assert_eq!(answer.cost().map(|cost| cost.0[0]), Some(1));
}

#[test]
fn purchases_are_the_fewest_or_the_cheapest() {
    // Two legs of 101: one source is there already, so one of 400 will do, or two of 60.
    let problem = problem(empty(&[150]), Vec::new());
    let mut requests = vec![Request::linear("r", 250)];
    requests[0].policy = Policy::Normal;
    let problem = Problem::new(problem.sources().to_vec(), requests, Vec::new()).expect("fine");
    let purchase = Purchase {
        sizes: vec![400, 60],
        tags: ["rack3".to_string()].into(),
    };
    let added = capacity::what_to_add(&problem, &purchase, &Strategy::default(), &Limits::none());
    let added = added.expect("no contradiction").expect("it does not fit");
    let bought: Vec<Vec<u64>> = added
        .iter()
        .filter_map(|repair| match &repair.remedy {
            Remedy::Add { extents, .. } => Some(extents.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(bought, [vec![60, 60], vec![400]]);
    assert!(added.iter().all(|repair| repair.is_smallest));
    let new = added
        .last()
        .expect("several")
        .layout
        .problem
        .sources()
        .last();
    assert!(new.expect("it is there").tags.contains("rack3"));
}

fn two_images(leg: u64) -> Redundant {
    let piece = |source, start, count| Segment {
        source,
        area: area(start, count),
    };
    Redundant {
        name: "data".to_string(),
        legs: vec![
            vec![piece(0, 0, 1), piece(0, 1, leg)],
            vec![piece(1, 0, 1), piece(1, 1, leg)],
        ],
        leg_extents: leg,
        metadata_extents: 1,
        groups: vec![Group {
            legs: [0, 1].into(),
            tolerates: 1,
        }],
        policy: Policy::Normal,
        closed: BTreeSet::new(),
    }
}

#[test]
fn a_failure_is_survived_only_where_the_lost_legs_have_a_place() {
    let pool = |spare: u64| {
        let mut sources = vec![
            source("a", 100, &[(51, 49)], &[]),
            source("b", 100, &[(51, 49)], &[]),
        ];
        sources.push(source("c", 100, &[(0, spare)], &[]));
        problem(sources, Vec::new())
    };
    let fails = |sources: &[usize]| Failure {
        name: "it".to_string(),
        sources: sources.iter().copied().collect(),
    };
    let failures = [fails(&[0]), fails(&[2]), fails(&[0, 1])];
    let ask = |spare| {
        capacity::survive(
            &pool(spare),
            &[two_images(50)],
            &failures,
            &Purchase::default(),
            &Strategy::default(),
            &Limits::none(),
        )
        .expect("no contradiction")
    };
    let enough = ask(51);
    assert!(matches!(&enough[0], Aftermath::Repaired { repaired, .. } if repaired == &["data"]));
    assert!(matches!(enough[1], Aftermath::Untouched));
    assert!(matches!(&enough[2], Aftermath::Lost { lost } if lost == &["data"]));
    let short = ask(50);
    let Aftermath::NoRoom { add, refusal, .. } = &short[0] else {
        panic!("expected no room: {:?}", short[0]);
    };
    verify(&refusal.problem, &refusal.why).expect("it adds up");
    let remedies: Vec<&Remedy> = add.iter().map(|repair| &repair.remedy).collect();
    // One extent for the metadata and 50 for the data; 50 are there.
    let grow = Remedy::Grow {
        sources: vec![("c".to_string(), 1)],
        twins: Vec::new(),
    };
    assert!(remedies.contains(&&grow), "{remedies:?}");
}

#[test]
fn a_closed_source_takes_no_repair_however_much_it_grows() {
    let sources = vec![
        source("a", 100, &[(51, 49)], &[]),
        source("b", 100, &[(51, 49)], &[]),
        source("c", 100, &[(0, 100)], &[]),
    ];
    let closed = Redundant {
        closed: [2].into(),
        ..two_images(50)
    };
    let failure = Failure {
        name: "a".to_string(),
        sources: [0].into(),
    };
    let after = capacity::survive(
        &problem(sources, Vec::new()),
        &[closed],
        &[failure],
        &Purchase::default(),
        &Strategy::default(),
        &Limits::none(),
    );
    let after = after.expect("no contradiction");
    let Aftermath::NoRoom { add, .. } = &after[0] else {
        panic!("expected no room: {after:?}");
    };
    let remedies: Vec<&Remedy> = add.iter().map(|repair| &repair.remedy).collect();
    assert!(
        matches!(remedies.as_slice(), [Remedy::Add { extents, .. }] if extents == &[51]),
        "{remedies:?}"
    );
}

#[test]
fn a_forecast_finds_the_first_month_and_a_purchase_that_lasts() {
    let at = |month: u64| {
        let requests = vec![Request::linear("r", 10 * month)];
        Problem::new(empty(&[60, 45]), requests, vec![Measure::Segments]).ok()
    };
    let purchase = Purchase {
        sizes: vec![100],
        tags: BTreeSet::new(),
    };
    let seen = capacity::forecast(&at, 36, &purchase, &Strategy::default(), &Limits::none());
    let seen = seen.expect("no contradiction");
    assert_eq!(seen.lasts, 10);
    assert!(seen.is_proven());
    assert_eq!(seen.months[3].needed, Some(40));
    let failing = seen.fails.expect("it fails some day");
    assert_eq!(failing.month, 11);
    // Month 22 has to fit: 220 extents, 105 there.
    let bought = failing.add.iter().find_map(|repair| match &repair.remedy {
        Remedy::Add { extents, .. } => Some(extents.clone()),
        _ => None,
    });
    assert_eq!(bought, Some(vec![100, 100]));
}
