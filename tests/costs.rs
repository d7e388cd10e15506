//! What each measure reads off a plan: the smallest plans on which it can be counted by hand.

use std::collections::BTreeSet;

use extentplan::core::{
    Allocation, Area, Areas, Cost, Cuts, Measure, Plan, Problem, Request, Segment, Shape, Size,
    Source, check, cost,
};

fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

fn segment(source: usize, start: u64, count: u64) -> Segment {
    Segment {
        source,
        area: area(start, count),
    }
}

/// A source with these free runs, as start and count.
fn source(name: &str, extents: u64, free: &[(u64, u64)]) -> Source {
    let free = free.iter().map(|&(start, count)| area(start, count));
    Source {
        name: name.to_string(),
        extents,
        free: free.collect::<Areas>(),
        tags: BTreeSet::new(),
        ..Source::default()
    }
}

fn legs(legs: &[&[Segment]]) -> Option<Allocation> {
    Some(Allocation {
        legs: legs.iter().map(|leg| leg.to_vec()).collect(),
        ..Allocation::default()
    })
}

/// What one measure says of a plan that is right.
fn measured(
    measure: Measure,
    sources: Vec<Source>,
    requests: Vec<Request>,
    allocations: Vec<Option<Allocation>>,
) -> u64 {
    let problem = Problem::new(sources, requests, vec![measure]).expect("no defects");
    let plan = Plan { allocations };
    assert_eq!(check(&problem, &plan), []);
    let Cost(values) = cost(&problem, &plan);
    assert_eq!(values.len(), 1);
    values[0]
}

/// Two sources of ten extents, of which the first two are in use.
fn two() -> Vec<Source> {
    vec![source("a", 10, &[(2, 8)]), source("b", 10, &[(2, 8)])]
}

/// Two legs of two extents each.
fn pair(cuts: Cuts) -> Request {
    Request {
        shape: Shape {
            stripes: 2,
            copies: 1,
            parity: 0,
        },
        cuts,
        ..Request::linear("r", 4)
    }
}

#[test]
fn unserved_adds_up_the_values_of_what_is_left_out() {
    let valued = |name: &str, value| Request {
        value: Some(value),
        ..Request::linear(name, 1)
    };
    let requests = || {
        vec![
            valued("p", 3),
            valued("q", 5),
            valued("r", 7),
            Request::linear("s", 1),
        ]
    };
    let unserved = |allocations| measured(Measure::Unserved, two(), requests(), allocations);
    let at = |start| legs(&[&[segment(0, start, 1)]]);
    assert_eq!(unserved(vec![None, at(2), None, at(3)]), 10);
    assert_eq!(unserved(vec![at(4), at(2), at(5), at(3)]), 0);
}

#[test]
fn shortfall_counts_logical_extents_over_all_stripes() {
    let request = |size| Request {
        size,
        ..pair(Cuts::Apart)
    };
    let shortfall = |size| {
        let plan = vec![legs(&[&[segment(0, 2, 2)], &[segment(1, 2, 2)]])];
        measured(Measure::Shortfall, two(), vec![request(size)], plan)
    };
    assert_eq!(shortfall(Size::AtMost(14)), 10);
    assert_eq!(shortfall(Size::AtMost(4)), 0);
    assert_eq!(shortfall(Size::Exactly(4)), 0);
}

#[test]
fn elsewhere_counts_extents_of_legs_on_other_sources_than_the_preferred() {
    let request = |preferred: &[usize]| Request {
        cling_sources: preferred.iter().copied().collect(),
        ..pair(Cuts::Apart)
    };
    let elsewhere = |preferred: &[usize]| {
        let split: &[Segment] = &[segment(0, 2, 1), segment(1, 4, 1)];
        let plan = vec![legs(&[split, &[segment(1, 2, 1), segment(0, 4, 1)]])];
        measured(Measure::Elsewhere, two(), vec![request(preferred)], plan)
    };
    assert_eq!(elsewhere(&[]), 0, "nothing is preferred");
    assert_eq!(elsewhere(&[0, 1]), 0);
    assert_eq!(elsewhere(&[0]), 2);
}

#[test]
fn an_area_ends_where_the_tags_of_free_extents_change() {
    let segments = |tagged: &[(u64, u64)]| {
        let areas = tagged.iter().map(|&(start, count)| area(start, count));
        let mut source = source("a", 10, &[(2, 8)]);
        source.area_tags = [("t".to_string(), areas.collect())].into();
        let leg: &[Segment] = &[segment(0, 2, 2), segment(0, 4, 3)];
        let request = Request::linear("r", 5);
        measured(
            Measure::Segments,
            vec![source],
            vec![request],
            vec![legs(&[leg])],
        )
    };
    assert_eq!(segments(&[]), 1);
    assert_eq!(segments(&[(2, 8)]), 1);
    assert_eq!(segments(&[(4, 6)]), 2);
    assert_eq!(segments(&[(2, 2)]), 2);
}

#[test]
fn segments_are_areas_of_all_legs_or_intervals_that_the_legs_share() {
    let crossing: [&[Segment]; 2] = [
        &[segment(0, 2, 1), segment(0, 5, 1)],
        &[segment(1, 2, 1), segment(1, 5, 1)],
    ];
    let touching: [&[Segment]; 2] = [&[segment(0, 2, 1), segment(0, 3, 1)], &[segment(1, 2, 2)]];
    let longer: [&[Segment]; 2] = [
        &[segment(0, 2, 1), segment(0, 4, 2)],
        &[segment(1, 2, 2), segment(1, 6, 1)],
    ];
    let segments = |cuts, list: &[&[Segment]; 2]| {
        let extents = list[0].iter().map(|segment| segment.area.count() * 2).sum();
        let request = Request {
            size: Size::Exactly(extents),
            ..pair(cuts)
        };
        measured(Measure::Segments, two(), vec![request], vec![legs(list)])
    };
    assert_eq!(segments(Cuts::Apart, &crossing), 4);
    assert_eq!(segments(Cuts::Together, &crossing), 2);
    assert_eq!(segments(Cuts::Apart, &touching), 2);
    assert_eq!(segments(Cuts::Together, &touching), 1);
    assert_eq!(segments(Cuts::Apart, &longer), 4);
    assert_eq!(segments(Cuts::Together, &longer), 3);
}

#[test]
fn what_goes_on_where_a_leg_ended_is_no_further_segment() {
    let segments = |cuts, first: Segment, second: Segment| {
        let request = Request {
            grows: Some(vec![vec![segment(0, 0, 2)], vec![segment(1, 0, 2)]]),
            ..pair(cuts)
        };
        let plan = vec![legs(&[&[first], &[second]])];
        measured(Measure::Segments, two(), vec![request], plan)
    };
    let (on, off) = (segment(0, 2, 2), segment(0, 3, 2));
    let (other_on, other_off) = (segment(1, 2, 2), segment(1, 3, 2));
    assert_eq!(segments(Cuts::Apart, on, other_on), 0);
    assert_eq!(segments(Cuts::Apart, on, other_off), 1);
    assert_eq!(segments(Cuts::Apart, off, other_off), 2);
    // An interval goes on only where all legs do.
    assert_eq!(segments(Cuts::Together, on, other_on), 0);
    assert_eq!(segments(Cuts::Together, on, other_off), 1);
    assert_eq!(segments(Cuts::Together, off, other_off), 1);
}

#[test]
fn a_source_counts_once_for_each_request_that_touches_it() {
    let requests = vec![Request::linear("p", 3), Request::linear("q", 1)];
    let plan = vec![
        legs(&[&[segment(0, 2, 1), segment(0, 4, 1), segment(1, 2, 1)]]),
        legs(&[&[segment(0, 6, 1)]]),
    ];
    assert_eq!(measured(Measure::Sources, two(), requests, plan), 3);
}

#[test]
fn balance_is_the_fill_of_the_fullest_source_rounded_down() {
    let sources = || {
        vec![
            source("a", 7, &[(1, 6)]),
            source("b", 10, &[(0, 10)]),
            source("none", 0, &[]),
        ]
    };
    let balance = |plan| {
        measured(
            Measure::Balance,
            sources(),
            vec![Request::linear("r", 3)],
            vec![plan],
        )
    };
    // One in use and two more of seven: 428571.4; one more of ten: less.
    assert_eq!(
        balance(legs(&[&[segment(0, 1, 2), segment(1, 0, 1)]])),
        428_571
    );
    assert_eq!(balance(legs(&[&[segment(1, 0, 3)]])), 300_000);
}

#[test]
fn fragments_and_the_largest_area_are_those_that_are_left() {
    let sources = || vec![source("a", 10, &[(0, 8)]), source("b", 10, &[(2, 5)])];
    let of = |measure, segment| {
        let requests = vec![Request::linear("r", 2)];
        measured(measure, sources(), requests, vec![legs(&[&[segment]])])
    };
    let (middle, front, other) = (segment(0, 4, 2), segment(0, 0, 2), segment(1, 2, 2));
    assert_eq!(of(Measure::Fragments, middle), 3);
    assert_eq!(of(Measure::Fragments, front), 2);
    // Of eight, five are left on the other source; six on the same; all eight.
    assert_eq!(of(Measure::LargestArea, middle), 3);
    assert_eq!(of(Measure::LargestArea, front), 2);
    assert_eq!(of(Measure::LargestArea, other), 0);
}

/// Names are read and written alike, and no two measures share one.
#[test]
fn a_measure_is_read_by_the_name_it_is_written_with() {
    for measure in Measure::ALL {
        assert_eq!(measure.to_string().parse(), Ok(measure));
    }
    let refused = "Segments".parse::<Measure>().expect_err("no such word");
    for measure in Measure::ALL {
        assert!(refused.contains(measure.name()), "{refused}");
    }
}

#[test]
fn the_measures_that_add_up_are_those_read_off_one_request() {
    let adding: Vec<Measure> = Measure::ALL.into_iter().filter(|m| m.adds_up()).collect();
    let apart = [
        Measure::Unserved,
        Measure::Shortfall,
        Measure::Elsewhere,
        Measure::Segments,
        Measure::Sources,
    ];
    assert_eq!(adding, apart);
}
