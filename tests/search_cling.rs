//! Requests under policy cling: `search` against every layout there is, and on many sources.

use std::collections::BTreeSet;

use extentplan::core::{
    Answer, Area, Companion, Cuts, Limits, Place, Policy, Problem, Request, Segment, Separation,
    Shape, Source,
};
use extentplan::search;

mod common;

use common::judge::judge;
use common::oracle;

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

fn drawn(seed: u64) -> Option<Problem> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let sources: Vec<Source> = (0..2 + dice.roll(3))
        .map(|index| {
            let mut free = Vec::new();
            let mut at = 1 + dice.roll(2);
            for _ in 0..1 + dice.roll(2) {
                let count = 1 + dice.roll(3);
                free.extend(Area::new(at, count));
                at += count + 1;
            }
            Source {
                name: format!("s{index}"),
                extents: at,
                free: free.into_iter().collect(),
                tags: BTreeSet::new(),
                ..Source::default()
            }
        })
        .collect();
    let legs = 1 + dice.roll(2);
    let mut request = Request::linear("r", legs * (1 + dice.roll(4)));
    request.shape = Shape {
        stripes: legs,
        copies: 1,
        parity: 0,
    };
    request.policy = Policy::Cling;
    match dice.roll(4) {
        0 => {}
        1 => request.cuts = Cuts::Together,
        2 => {
            request.separation = Separation::Leg;
            request.metadata = Some(Companion {
                extents: 1 + dice.roll(2),
                place: Place::Front,
            });
        }
        _ => {
            // Each leg has the first extent of a source, which is taken.
            let leg = |source| {
                let area = Area::new(0, 1).expect("not empty");
                vec![Segment { source, area }]
            };
            request.grows = Some((0..usize::try_from(legs).expect("few")).map(leg).collect());
        }
    }
    Problem::new(sources, vec![request], Vec::new()).ok()
}

#[test]
fn what_search_says_of_cling_is_true() {
    let (mut best, mut impossible, mut open) = (0, 0, 0);
    for seed in 0..300 {
        let Some(problem) = drawn(seed) else {
            continue;
        };
        let answer = search::plan(&problem, None, &Limits::none());
        judge(
            &format!("seed {seed}"),
            &problem,
            &answer,
            oracle::best(&problem).as_ref(),
        );
        match answer {
            Answer::Best { .. } => best += 1,
            Answer::Impossible { .. } => impossible += 1,
            Answer::Found { .. } => open += 1,
            Answer::Unknown { .. } => panic!("seed {seed}: neither a plan nor a proof"),
        }
    }
    assert!(best > 40 && impossible > 20, "{best} {impossible} {open}");
}

/// The same under policy cling by tags: sources with none, one or both of two tags.
fn drawn_with_tags(seed: u64) -> Option<Problem> {
    let problem = drawn(seed)?;
    let mut dice = Dice(seed ^ 0x5DEE_CE66);
    let mut request = problem.requests()[0].clone();
    request.grows = None;
    request.policy = Policy::ClingByTags;
    request.cling_tags = ["a", "b"].map(String::from).into();
    let sources = problem.sources().iter().map(|source| {
        let mut tags = vec!["c"];
        tags.extend(["a", "b"].into_iter().filter(|_| dice.roll(2) == 0));
        Source {
            tags: tags.into_iter().map(String::from).collect(),
            ..source.clone()
        }
    });
    Problem::new(sources.collect(), vec![request], Vec::new()).ok()
}

/// Free extents up to which every layout can be looked at under policy cling by tags.
const MOST_FREE: u64 = 10;

#[test]
fn what_search_says_of_cling_by_tags_is_true() {
    let (mut with_plan, mut impossible, mut open) = (0, 0, 0);
    for seed in 0..300 {
        let Some(problem) = drawn_with_tags(seed) else {
            continue;
        };
        // The oracle looks at every layout, of which tags leave many.
        let free: u64 = problem.sources().iter().map(|s| s.free.total()).sum();
        if free > MOST_FREE {
            continue;
        }
        let answer = search::plan(&problem, None, &Limits::none());
        judge(
            &format!("seed {seed}"),
            &problem,
            &answer,
            oracle::best(&problem).as_ref(),
        );
        match answer {
            Answer::Best { .. } | Answer::Found { .. } => with_plan += 1,
            Answer::Impossible { .. } => impossible += 1,
            Answer::Unknown { .. } => open += 1,
        }
    }
    assert!(
        with_plan > 30 && impossible > 10 && open < 10,
        "{with_plan} {impossible} {open}"
    );
}

#[test]
fn of_ten_thousand_areas_the_source_with_most_room_is_found() {
    let source = |index: u64| Source {
        name: format!("s{index}"),
        extents: 1000,
        free: (0..20)
            .filter_map(|area| Area::new(area * 50, 1 + (index * 7 + area * 3) % 40))
            .collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    let sources: Vec<Source> = (0..500).map(source).collect();
    let most = sources.iter().map(|s| s.free.total()).max().expect("some");
    let ask = |extents: u64| {
        let mut request = Request::linear("r", extents);
        request.policy = Policy::Cling;
        let problem = Problem::new(sources.clone(), vec![request], Vec::new()).expect("fine");
        search::plan(&problem, None, &Limits::none())
    };
    assert!(matches!(ask(most), Answer::Best { .. }));
    assert!(matches!(ask(most + 1), Answer::Impossible { .. }));
}
