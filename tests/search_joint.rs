//! Batches whose legs keep apart by source: `search` against every choice of who uses which source.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;

use extentplan::core::{
    Answer, Area, Companion, Cost, Limits, Measure, Place, Problem, Request, Separation, Source,
    check, cost,
};
use extentplan::search;

use random::{Random, cases};

fn source(name: u64, extents: u64) -> Source {
    Source {
        name: format!("s{name}"),
        extents,
        free: Area::new(0, extents).into_iter().collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    }
}

/// One area on each of 2 or 3 sources, 2 or 3 requests with 4 legs at most together.
fn batch(random: &mut Random) -> Problem {
    let sources = 2 + random.below(2);
    let sources: Vec<Source> = (0..sources)
        .map(|name| source(name, 1 + random.below(9)))
        .collect();
    let mut requests = Vec::new();
    let mut legs_left = 4;
    for name in 0..2 + random.below(2) {
        let legs = (1 + random.below(2))
            .min(legs_left)
            .min(sources.len() as u64);
        if legs == 0 {
            break;
        }
        legs_left -= legs;
        let mut request = Request::linear(&format!("r{name}"), 1 + random.below(7));
        request.shape.copies = legs;
        request.separation = Separation::Leg;
        if random.below(4) == 0 {
            request.metadata = Some(Companion {
                extents: 1,
                place: Place::Front,
            });
        }
        if random.below(4) == 0 {
            let kept = (0..sources.len()).filter(|_| random.below(4) > 0);
            request.allowed = Some(kept.map(|source| (source, None)).collect());
        }
        requests.push(request);
    }
    Problem::new(sources, requests, vec![Measure::Sources]).expect("nothing is wrong with it")
}

/// The fewest pieces: every set of pairs of leg and source is tried. A set will do if no source has two
/// legs of a request and, whichever legs are taken, their sources hold what they need (Gale, "A theorem
/// on flows in networks", Pacific Journal of Mathematics 7 (1957)).
fn fewest(problem: &Problem) -> Option<u64> {
    let sources = problem.sources();
    let mut legs = Vec::new();
    for (index, request) in problem.requests().iter().enumerate() {
        legs.extend(vec![index; request.legs()]);
    }
    let needs = |leg: usize| {
        let request = &problem.requests()[legs[leg]];
        request.leg_extents() + request.front_extents()
    };
    let pairs = legs.len() * sources.len();
    let will_do = |set: u32| {
        let uses = |leg: usize, source: usize| set >> (leg * sources.len() + source) & 1 == 1;
        for source in 0..sources.len() {
            for leg in (0..legs.len()).filter(|&leg| uses(leg, source)) {
                let request = &problem.requests()[legs[leg]];
                let allowed = request.allowed.as_ref();
                let is_allowed =
                    allowed.is_none_or(|allowed| allowed.iter().any(|(may, _)| *may == source));
                let is_shared =
                    (0..leg).any(|other| legs[other] == legs[leg] && uses(other, source));
                if !is_allowed || is_shared {
                    return false;
                }
            }
        }
        (1u32..1 << legs.len()).all(|chosen| {
            let is_chosen = |leg: &usize| chosen >> leg & 1 == 1;
            let needed: u64 = (0..legs.len()).filter(is_chosen).map(needs).sum();
            let serves = |source: &usize| {
                let mut legs = (0..legs.len()).filter(is_chosen);
                legs.any(|leg| uses(leg, *source))
            };
            let held = (0..sources.len()).filter(serves);
            needed <= held.map(|source| sources[source].free.total()).sum()
        })
    };
    let sets = (0u32..1 << pairs).filter(|&set| will_do(set));
    sets.map(|set| u64::from(set.count_ones())).min()
}

#[test]
fn a_batch_is_on_the_fewest_sources_there_can_be() {
    let mut random = Random(11);
    let (mut proven, mut possible) = (0, 0);
    for case in 0..cases(60) {
        let problem = batch(&mut random);
        let fewest = fewest(&problem);
        let answer = search::plan(&problem, None, &Limits::none());
        let lower = answer.lower_bound().0.first().copied().unwrap_or(0);
        match fewest {
            None => assert!(answer.plan().is_none(), "{case}: {problem:?}"),
            Some(fewest) => {
                possible += 1;
                assert!(lower <= fewest, "{case}: {lower} {fewest} {problem:?}");
                let is_refused = matches!(answer, Answer::Impossible { .. });
                assert!(!is_refused, "{case}: {problem:?}");
                if let Some(plan) = answer.plan() {
                    assert_eq!(check(&problem, plan), [], "{case}");
                    assert!(cost(&problem, plan) >= Cost(vec![fewest]), "{case}");
                }
                if let Answer::Best { cost, .. } = &answer {
                    assert_eq!(*cost, Cost(vec![fewest]), "{case}: {problem:?}");
                    proven += 1;
                }
            }
        }
    }
    assert!(
        possible > 20 && proven * 10 >= possible * 8,
        "{proven} of {possible}"
    );
}

#[test]
fn many_legs_that_fit_whole_are_each_on_one_source() {
    let sources: Vec<Source> = (0..300).map(|name| source(name, 100)).collect();
    let requests = (0..100).map(|name| {
        let mut request = Request::linear(&format!("r{name}"), 30 + name % 3);
        request.shape.copies = 6;
        request.separation = Separation::Leg;
        request
    });
    let problem = Problem::new(sources, requests.collect(), vec![Measure::Sources]);
    let problem = problem.expect("nothing is wrong with it");
    let answer = search::plan(&problem, None, &Limits::none());
    assert!(matches!(answer, Answer::Best { .. }));
    assert_eq!(answer.cost(), Some(&Cost(vec![600])));
}
