//! What people ran into with LVM2 and its neighbours, and what a planner should have told them.

use std::collections::BTreeSet;

use extentplan::capacity::{
    Fit, Fixed, Purchase, Remedy, WhyNot, how_many, largest, what_to_add, why_not,
};
use extentplan::core::{
    Area, Companion, Cuts, Limits, Place, Problem, Request, Segment, Separation, Shape, Source,
};
use extentplan::solve::Strategy;

/// Extents of 4 MiB in a GiB.
const GIB: u64 = 256;

/// Sources `a`, `b`, ... of which so many extents at the end are free.
fn sources(free: &[(u64, u64)]) -> Vec<Source> {
    let source = |(name, &(extents, free)): (char, &(u64, u64))| Source {
        name: name.to_string(),
        extents,
        free: Area::between(extents - free, extents).into_iter().collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    ('a'..='z').zip(free).map(source).collect()
}

fn empty(sizes: &[u64]) -> Vec<Source> {
    let all: Vec<(u64, u64)> = sizes.iter().map(|&size| (size, size)).collect();
    sources(&all)
}

fn striped(extents: u64, stripes: u64) -> Request {
    let mut request = Request::linear("striped", extents);
    request.shape.stripes = stripes;
    request.cuts = Cuts::Together;
    request
}

fn raid(extents: u64, stripes: u64, copies: u64, parity: u64) -> Request {
    let mut request = Request::linear("raid", extents);
    request.shape = Shape {
        stripes,
        copies,
        parity,
    };
    request.separation = Separation::Leg;
    request.metadata = Some(Companion {
        extents: 1,
        place: Place::Front,
    });
    request
}

fn problem(sources: Vec<Source>, request: Request) -> Problem {
    Problem::new(sources, vec![request], Vec::new()).expect("well formed")
}

fn why(problem: Problem) -> WhyNot {
    let strategy = Strategy::default();
    let purchase = Purchase::default();
    let fit = why_not(&Fixed(problem), &[], &purchase, &strategy, &Limits::none());
    match fit.expect("no contradiction") {
        Fit::Not(why) => *why,
        Fit::Fits | Fit::Open => panic!("expected a refusal"),
    }
}

fn remedies(why: &WhyNot) -> Vec<&Remedy> {
    why.repairs.iter().map(|repair| &repair.remedy).collect()
}

fn grow(source: &str, extents: u64) -> Remedy {
    Remedy::Grow {
        sources: vec![(source.to_string(), extents)],
        twins: Vec::new(),
    }
}

fn new_disks(extents: &[u64]) -> Remedy {
    Remedy::Add {
        extents: extents.to_vec(),
        tags: BTreeSet::new(),
    }
}

#[test]
fn story_3_a_stripe_that_is_249_extents_short_on_one_disk() {
    let small_and_large = [135, 2688];
    let why = why(problem(empty(&small_and_large), striped(768, 2)));
    assert_eq!(why.conflict.sources(), [0], "only the small disk binds");
    assert!(remedies(&why).contains(&&grow("a", 249)));
    let with_third = problem(empty(&[135, 2688, 7680]), striped(768, 2));
    let fit = why_not(
        &Fixed(with_third),
        &[],
        &Purchase::default(),
        &Strategy::default(),
        &Limits::none(),
    );
    assert!(matches!(fit, Ok(Fit::Fits)));
}

#[test]
fn story_4_a_full_stripe_needs_two_new_disks_or_one_stripe() {
    let pool = sources(&[(100, 0), (100, 0), (100, 100)]);
    let why = why(problem(pool, striped(100, 2)));
    let remedies = remedies(&why);
    assert!(remedies.contains(&&new_disks(&[50])), "{remedies:?}");
    let linear = Remedy::Stripes {
        request: "striped".to_string(),
        from: 2,
        to: 1,
    };
    assert_eq!(remedies[0], &linear);
}

#[test]
fn story_5_a_raid5_that_grows_needs_room_for_all_its_legs() {
    let mut request = raid(40, 2, 1, 1);
    request.metadata = None;
    let leg = |source| Segment {
        source,
        area: Area::new(0, 100).expect("not empty"),
    };
    request.grows = Some((0..3).map(|source| vec![leg(source)]).collect());
    let pool = sources(&[(100, 0), (100, 0), (100, 0), (100, 100)]);
    let why = why(problem(pool, request));
    assert!(why.conflict.legs().iter().any(|&(_, legs)| legs >= 2));
    let remedies = remedies(&why);
    assert!(remedies.contains(&&new_disks(&[20, 20])), "{remedies:?}");
}

#[test]
fn story_6_three_equal_disks_are_used_up_by_three_mirrors() {
    let pool = problem(empty(&[100, 100, 100]), raid(49, 1, 2, 0));
    let more = how_many(&Fixed(pool), 0, 100, &Strategy::default(), &Limits::none());
    let more = more.expect("no contradiction");
    assert_eq!((more.count, more.is_proven()), (3, true));
}

#[test]
fn story_8_five_extents_are_not_enough_for_four_images() {
    let pool = problem(empty(&[1, 1, 1, 2]), raid(3, 3, 1, 1));
    let found = largest(
        &Fixed(pool.clone()),
        0,
        &Strategy::default(),
        &Limits::none(),
    );
    let found = found.expect("no contradiction");
    assert_eq!((found.extents, found.is_proven()), (0, true));
    let why = why(pool);
    let three = Remedy::Grow {
        sources: ["a", "b", "c"].map(|name| (name.to_string(), 1)).to_vec(),
        twins: Vec::new(),
    };
    assert!(
        remedies(&why).contains(&&three),
        "eight are needed: {:?}",
        remedies(&why)
    );
}

#[test]
fn story_10_a_stripe_over_1_2_and_5_gib_holds_6() {
    let pool = problem(empty(&[GIB, 2 * GIB, 5 * GIB]), striped(2, 2));
    let found = largest(&Fixed(pool), 0, &Strategy::default(), &Limits::none());
    let found = found.expect("no contradiction");
    assert_eq!((found.extents, found.is_proven()), (6 * GIB, true));
}

#[test]
fn story_12_the_largest_mirror_and_how_many_of_10_gib() {
    let pool = |extents| problem(empty(&[100 * GIB, 100 * GIB]), raid(extents, 1, 2, 0));
    let strategy = Strategy::default();
    let found = largest(&Fixed(pool(1)), 0, &strategy, &Limits::none());
    let found = found.expect("no contradiction");
    assert_eq!((found.extents, found.is_proven()), (100 * GIB - 1, true));
    let more = how_many(&Fixed(pool(10 * GIB)), 0, 100, &strategy, &Limits::none());
    let more = more.expect("no contradiction");
    assert_eq!(
        (more.count, more.is_proven()),
        (9, true),
        "metadata takes the tenth"
    );
}

#[test]
fn story_18_seven_extents_less_are_all_that_is_wrong() {
    let why = why(problem(empty(&[238_460]), Request::linear("osd", 238_467)));
    let less = Remedy::Shrink {
        request: "osd".to_string(),
        from: 238_467,
        to: 238_460,
    };
    assert!(remedies(&why).contains(&&less));
    assert!(remedies(&why).contains(&&grow("a", 7)));
}

#[test]
fn story_19_a_20_gib_disk_holds_5119_extents() {
    let why = why(problem(
        empty(&[20 * GIB - 1]),
        Request::linear("root", 20 * GIB),
    ));
    assert!(
        why.repairs
            .iter()
            .all(|repair| repair.remedy.extents() == 1),
        "one is missing"
    );
    assert!(why.repairs.iter().all(|repair| repair.is_smallest));
}

#[test]
fn story_20_the_smallest_disk_for_a_set_of_volumes() {
    let requests = [("boot", 64), ("root", 1280), ("home", 2560)];
    let requests = requests.map(|(name, extents)| Request::linear(name, extents));
    let pool = Problem::new(empty(&[0]), requests.to_vec(), Vec::new()).expect("well formed");
    let purchase = Purchase::default();
    let added = what_to_add(&pool, &purchase, &Strategy::default(), &Limits::none());
    let added = added.expect("no contradiction").expect("it does not fit");
    let disk = added.iter().find(|one| one.remedy == new_disks(&[3904]));
    assert!(disk.expect("a disk of exactly that size").is_smallest);
}
