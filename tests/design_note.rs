//! The situations that a standalone allocation library was first tested with: each comes out at least
//! as good here.

use std::time::{Duration, Instant};

use extentplan::core::{
    Allocation, Answer, Area, Areas, Conflict, Limits, Policy, Problem, Request, Segment,
    Separation, Shape, Size, Source, check,
};
use extentplan::solve::{Strategy, solve};

/// A source with these free areas.
fn source(name: &str, free: &[(u64, u64)]) -> Source {
    let areas = free
        .iter()
        .filter_map(|&(start, count)| Area::new(start, count));
    let free: Areas = areas.collect();
    let extents = free.iter().map(Area::end).max().unwrap_or(0);
    Source {
        name: name.to_string(),
        extents,
        free,
        tags: Default::default(),
        ..Source::default()
    }
}

/// Sources that are free from 0 on, named by their place.
fn disks(extents: &[u64]) -> Vec<Source> {
    let named = extents.iter().enumerate();
    named
        .map(|(index, &count)| source(&format!("disk {index}"), &[(0, count)]))
        .collect()
}

fn shaped(extents: u64, stripes: u64, copies: u64, parity: u64) -> Request {
    Request {
        shape: Shape {
            stripes,
            copies,
            parity,
        },
        ..Request::linear("data", extents)
    }
}

fn problem(sources: Vec<Source>, request: Request) -> Problem {
    Problem::new(sources, vec![request], Vec::new()).expect("no defects")
}

fn answer(problem: &Problem) -> Answer {
    solve(problem, &Strategy::default(), &Limits::none()).expect("no contradictions")
}

/// The allocation of the one request, proven best.
fn best(problem: &Problem) -> Allocation {
    match answer(problem) {
        Answer::Best { plan, .. } => {
            assert_eq!(check(problem, &plan), []);
            plan.allocations[0].clone().expect("required")
        }
        other => panic!("not proven best: {other:?}"),
    }
}

fn why_not(problem: &Problem) -> Conflict {
    match answer(problem) {
        Answer::Impossible { why } => why,
        other => panic!("not impossible: {other:?}"),
    }
}

fn segment(source: usize, start: u64, count: u64) -> Segment {
    let area = Area::new(start, count).expect("not empty");
    Segment { source, area }
}

#[test]
fn a_problem_without_requests_has_the_empty_plan() {
    let empty = Problem::new(disks(&[100]), Vec::new(), Vec::new()).expect("no defects");
    assert_eq!(
        answer(&empty).plan().map(|plan| plan.allocations.len()),
        Some(0)
    );
}

#[test]
fn a_source_knows_its_areas_its_extents_and_its_tags() {
    let disk = Source {
        tags: ["fast".to_string()].into(),
        ..source("disk", &[(200, 50), (0, 100)])
    };
    assert_eq!(
        (disk.free.len(), disk.free.total(), disk.extents),
        (2, 150, 250)
    );
    assert!(disk.tags.contains("fast"));
}

#[test]
fn an_area_has_a_start_and_a_length_and_is_never_empty() {
    assert_eq!(
        Area::new(10, 5).map(|area| (area.start(), area.count(), area.end())),
        Some((10, 5, 15))
    );
    assert_eq!(Area::new(10, 0), None);
}

#[test]
fn areas_that_touch_or_overlap_are_one() {
    assert_eq!(source("disk", &[(0, 10), (10, 5), (12, 8)]).free.len(), 1);
}

#[test]
fn anywhere_takes_thirty_extents_from_one_area() {
    let request = Request {
        policy: Policy::Anywhere,
        ..Request::linear("data", 30)
    };
    let allocation = best(&problem(
        vec![source("disk", &[(0, 100), (200, 50)])],
        request,
    ));
    let leg = &allocation.legs[0];
    assert_eq!((leg.len(), leg[0].area.count()), (1, 30));
}

#[test]
fn normal_takes_the_area_that_holds_all_of_it() {
    let sources = vec![source("disk", &[(0, 10), (20, 40), (70, 10)])];
    assert_eq!(
        best(&problem(sources, Request::linear("data", 35))).legs[0].len(),
        1
    );
}

#[test]
fn contiguous_is_one_area() {
    let request = Request {
        policy: Policy::Contiguous,
        ..Request::linear("data", 40)
    };
    let allocation = best(&problem(
        vec![source("disk", &[(0, 30), (50, 45)])],
        request,
    ));
    assert_eq!(allocation.legs[0].len(), 1);
    assert!(allocation.legs[0][0].area.start() >= 50);
}

#[test]
fn contiguous_is_refused_where_no_area_is_long_enough() {
    let request = Request {
        policy: Policy::Contiguous,
        ..Request::linear("data", 40)
    };
    let problem = problem(vec![source("disk", &[(0, 30), (50, 30)])], request);
    assert!(matches!(
        why_not(&problem),
        Conflict::Room { .. } | Conflict::Units { .. }
    ));
}

#[test]
fn growth_goes_on_where_it_was_and_falls_back_to_another_source() {
    let request = Request {
        grows: Some(vec![vec![segment(0, 0, 10)]]),
        ..Request::linear("data", 25)
    };
    let sources = vec![
        source("full soon", &[(10, 5)]),
        source("other", &[(0, 100)]),
    ];
    let allocation = best(&problem(sources.clone(), request.clone()));
    // One new segment: on the other source, whether or not the rest of the first one is used.
    assert!(allocation.legs[0].iter().any(|segment| segment.source == 1));
    let clinging = Request {
        policy: Policy::Cling,
        ..request
    };
    why_not(&problem(sources, clinging));
}

#[test]
fn stripes_are_on_different_sources_and_equally_long() {
    let allocation = best(&problem(disks(&[100, 100, 100]), shaped(150, 3, 1, 0)));
    let sources: Vec<usize> = allocation.legs.iter().map(|leg| leg[0].source).collect();
    assert_eq!(
        sources
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        3
    );
    assert!(
        allocation
            .legs
            .iter()
            .all(|leg| leg.len() == 1 && leg[0].area.count() == 50)
    );
}

#[test]
fn too_little_room_is_refused_with_the_sum() {
    let conflict = why_not(&problem(disks(&[60, 40]), Request::linear("data", 101)));
    assert!(
        matches!(
            conflict,
            Conflict::Cut {
                needed: 101,
                reachable: 100,
                ..
            }
        ),
        "{conflict:?}"
    );
}

#[test]
fn a_second_call_gets_what_the_first_left() {
    let mut sources = disks(&[100]);
    let mut taken = Areas::none();
    for _ in 0..4 {
        let allocation = best(&problem(sources.clone(), Request::linear("data", 25)));
        let area = Areas::from(allocation.legs[0][0].area);
        assert!(taken.intersection(&area).is_empty());
        taken = taken.union(&area);
        sources[0].free = sources[0].free.difference(&area);
    }
    assert_eq!(taken.total(), 100);
    why_not(&problem(sources, Request::linear("data", 1)));
}

#[test]
fn without_sources_or_without_room_on_them_nothing_is_placed() {
    why_not(&problem(Vec::new(), Request::linear("data", 1)));
    why_not(&problem(
        vec![source("full", &[])],
        Request::linear("data", 1),
    ));
}

#[test]
fn raid10_of_200_tebibytes_is_placed() {
    // In extents of 4 MiB.
    let request = Request {
        separation: Separation::Leg,
        ..shaped(52_428_800, 2, 2, 0)
    };
    let allocation = best(&problem(disks(&[30_000_000; 4]), request));
    assert_eq!(allocation.legs.len(), 4);
    assert!(
        allocation
            .legs
            .iter()
            .all(|leg| leg[0].area.count() == 26_214_400)
    );
}

#[test]
fn a_striped_mirror_has_each_leg_on_its_own_source() {
    let allocation = best(&problem(disks(&[50, 60, 70, 80]), shaped(100, 2, 2, 0)));
    let mut sources: Vec<usize> = allocation.legs.iter().map(|leg| leg[0].source).collect();
    sources.sort_unstable();
    assert_eq!(sources, [0, 1, 2, 3]);
}

#[test]
fn redundancy_is_kept() {
    let request = Request {
        separation: Separation::Leg,
        ..shaped(50, 1, 2, 0)
    };
    let allocation = best(&problem(disks(&[200, 50]), request));
    assert_ne!(allocation.legs[0][0].source, allocation.legs[1][0].source);
}

#[test]
fn redundancy_is_not_given_up_for_room() {
    let request = Request {
        separation: Separation::Leg,
        ..shaped(50, 1, 2, 0)
    };
    why_not(&problem(disks(&[200, 49]), request.clone()));
    why_not(&problem(disks(&[200]), request));
}

#[test]
fn a_fragmented_linear_request_takes_as_few_areas_as_can_be() {
    let free = [(0, 20), (30, 25), (60, 10), (80, 30)];
    let allocation = best(&problem(
        vec![source("disk", &free)],
        Request::linear("data", 75),
    ));
    assert_eq!(allocation.legs[0].len(), 3);
}

#[test]
fn stripes_over_fragments_reach_105_extents_per_leg() {
    // Pairing the largest with the largest ends at 38 + 38 + 20 = 96.
    let request = Request {
        size: Size::AtMost(1000),
        ..shaped(1000, 2, 1, 0)
    };
    let problem = problem(disks(&[20, 38, 38, 38, 38, 38]), request);
    // How many intervals it takes is another question, and a harder one.
    let end = Instant::now() + Duration::from_secs(2);
    let limits = Limits {
        remaining: &|| Some(end.saturating_duration_since(Instant::now())),
        ..Limits::none()
    };
    let answer = solve(&problem, &Strategy::default(), &limits).expect("no contradictions");
    let plan = answer.plan().expect("there is room");
    assert_eq!(
        plan.allocations[0]
            .as_ref()
            .expect("required")
            .leg_extents(),
        105
    );
}

#[test]
fn six_stripes_reach_20_extents_each() {
    let request = Request {
        size: Size::AtMost(228),
        ..shaped(228, 6, 1, 0)
    };
    let allocation = best(&problem(disks(&[20, 38, 38, 38, 38, 38]), request));
    assert_eq!(allocation.leg_extents(), 20);
}

/// Disks of 50 extents, each with one tag.
fn tagged(tags: &[&str]) -> Vec<Source> {
    let disks = disks(&vec![50; tags.len()]).into_iter().zip(tags);
    let disks = disks.map(|(disk, tag)| Source {
        tags: [tag.to_string()].into(),
        ..disk
    });
    disks.collect()
}

#[test]
fn cling_by_tags_goes_on_where_the_tag_is() {
    let request = Request {
        policy: Policy::ClingByTags,
        cling_tags: ["rack".to_string()].into(),
        ..Request::linear("data", 80)
    };
    let allocation = best(&problem(
        tagged(&["rack", "shelf", "rack"]),
        request.clone(),
    ));
    assert!(allocation.segments().all(|segment| segment.source != 1));
    why_not(&problem(tagged(&["rack", "shelf", "shelf"]), request));
}

#[test]
fn a_tag_partition_keeps_legs_on_sources_without_a_common_tag() {
    let request = Request {
        separation: Separation::Leg,
        partition_by_tags: ["here".to_string(), "there".to_string()].into(),
        ..shaped(50, 1, 2, 0)
    };
    let allocation = best(&problem(
        tagged(&["here", "here", "there"]),
        request.clone(),
    ));
    let there = allocation.legs.iter().filter(|leg| leg[0].source == 2);
    assert_eq!(there.count(), 1);
    let one_tag = Request {
        partition_by_tags: ["here".to_string()].into(),
        ..request
    };
    why_not(&problem(tagged(&["here", "here", "here"]), one_tag));
}
