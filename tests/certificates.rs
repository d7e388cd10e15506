//! What a stated reason counts, counted once more extent by extent: reasons that add up are accepted if
//! they are reasons, and no others.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;

use extentplan::core::{
    Area, Areas, Companion, Conflict, Log, Place, Policy, Problem, Request, Separation, Shape,
    Size, Source, verify,
};
use random::{Random, cases};

/// A problem of a few small requests with companions of all kinds, contiguous where that is asked for.
fn problem(random: &mut Random, is_contiguous: bool) -> Problem {
    let mut areas = |extents: u64| -> Areas {
        let free = (0..extents).filter(|_| random.below(4) > 0);
        let one = |extent| Area::new(extent, 1).expect("one extent");
        free.map(one).collect()
    };
    let sources: Vec<Source> = ["a", "b", "c"]
        .iter()
        .map(|name| Source {
            name: (*name).to_string(),
            extents: 14,
            free: areas(14),
            tags: BTreeSet::new(),
            ..Source::default()
        })
        .collect();
    let count = random.between(1, 3);
    let requests = (0..count).map(|number| request(random, number, is_contiguous));
    let requests = requests.collect();
    Problem::new(sources, requests, Vec::new()).expect("no defects")
}

fn request(random: &mut Random, number: u64, is_contiguous: bool) -> Request {
    let shape = Shape {
        stripes: random.between(1, 3),
        copies: random.between(1, 2),
        parity: random.below(2),
    };
    let place = |random: &mut Random| match random.below(2) {
        0 => Place::OwnSource,
        _ => Place::AnySource,
    };
    let metadata = (random.below(2) == 0).then(|| Companion {
        extents: random.between(1, 2),
        place: match random.below(2) {
            0 => Place::Front,
            _ => place(random),
        },
    });
    let log = (random.below(3) == 0).then(|| Log {
        extents: random.between(1, 2),
        count: random.between(1, 2),
        place: place(random),
    });
    let extents = shape.stripes * random.between(1, 6);
    let range = Area::new(random.below(5), random.between(3, 9)).expect("not empty");
    Request {
        size: match random.below(5) {
            0 => Size::AtMost(extents),
            _ => Size::Exactly(extents),
        },
        shape,
        metadata,
        log,
        policy: if is_contiguous {
            Policy::Contiguous
        } else {
            *[Policy::Normal, Policy::Cling, Policy::Anywhere]
                .get(usize::try_from(random.below(3)).expect("an index"))
                .expect("one of three")
        },
        separation: match random.below(3) {
            0 => Separation::Segment,
            1 => Separation::Leg,
            _ => Separation::None,
        },
        allowed: (random.below(3) == 0).then(|| vec![(0, None), (2, Some(vec![range]))]),
        ..Request::linear(&format!("r{number}"), extents)
    }
}

/// Which extents of a source a request may take, one by one.
fn offered(problem: &Problem, request: &Request, source: usize) -> Vec<bool> {
    let is_allowed = |extent: u64| match &request.allowed {
        None => true,
        Some(allowed) => allowed.iter().any(|(of, ranges)| {
            let holds = |range: &Area| range.start() <= extent && extent < range.end();
            *of == source
                && ranges
                    .as_ref()
                    .is_none_or(|ranges| ranges.iter().any(holds))
        }),
    };
    let source = &problem.sources()[source];
    let is_free = |extent: u64| {
        source
            .free
            .iter()
            .any(|a| a.start() <= extent && extent < a.end())
    };
    (0..source.extents)
        .map(|extent| is_free(extent) && is_allowed(extent))
        .collect()
}

/// What any of the requests may take.
fn united(problem: &Problem, requests: &[usize], source: usize) -> Vec<bool> {
    let all = requests
        .iter()
        .map(|&index| offered(problem, &problem.requests()[index], source));
    all.reduce(|one, other| one.iter().zip(&other).map(|(a, b)| a | b).collect())
        .expect("some request")
}

/// The lengths of the runs in what is offered.
fn runs(offered: &[bool]) -> Vec<u64> {
    let runs = offered.split(|is_offered| !is_offered);
    runs.map(|run| run.len() as u64)
        .filter(|&length| length > 0)
        .collect()
}

/// The extents of one leg, at the least.
fn leg(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(extents) => extents / request.shape.stripes,
        Size::AtMost(_) => 1,
    }
}

/// A leg with the metadata in front of it.
fn piece(request: &Request) -> u64 {
    let front = request
        .metadata
        .filter(|metadata| metadata.place == Place::Front);
    leg(request) + front.map_or(0, |metadata| metadata.extents)
}

fn legs(request: &Request) -> u64 {
    request.shape.stripes * request.shape.copies + request.shape.parity
}

fn separation(request: &Request) -> Separation {
    match request.policy {
        Policy::Anywhere => Separation::None,
        _ => request.separation,
    }
}

/// Needed and reachable extents across a cut.
fn cut(problem: &Problem, requests: &[usize], whole: &[usize]) -> (u64, u64) {
    let (mut needed, mut reachable) = (0, 0);
    for &index in requests {
        let request = &problem.requests()[index];
        let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
        let (log, logs) = request
            .log
            .map_or((0, 0), |log| (log.extents, log.extents * log.count));
        let all_metadata = metadata * legs(request);
        needed += leg(request) * legs(request) + all_metadata + logs;
        for source in 0..problem.sources().len() {
            let offered = offered(problem, request, source)
                .iter()
                .filter(|one| **one)
                .count() as u64;
            reachable += match separation(request) {
                _ if whole.contains(&source) => 0,
                Separation::None => offered,
                Separation::Segment => offered.min(leg(request) + all_metadata + logs),
                Separation::Leg => offered.min(leg(request) + metadata + log),
            };
        }
    }
    for &source in whole {
        reachable += united(problem, requests, source)
            .iter()
            .filter(|one| **one)
            .count() as u64;
    }
    (needed, reachable)
}

/// Pieces of at least a length, and places for them.
fn room(problem: &Problem, requests: &[usize], length: u64) -> (u64, u64) {
    let (mut pieces, mut places) = (0, 0);
    for &index in requests {
        pieces += legs(&problem.requests()[index]);
    }
    for source in 0..problem.sources().len() {
        let fit = runs(&united(problem, requests, source));
        let fit: u64 = fit.iter().map(|run| run / length).sum();
        let mut most = 0;
        for &index in requests {
            let request = &problem.requests()[index];
            let longest = runs(&offered(problem, request, source)).into_iter().max();
            most += match separation(request) {
                _ if longest.is_none_or(|longest| longest < length) => 0,
                Separation::None => legs(request),
                Separation::Segment | Separation::Leg => 1,
            };
        }
        places += fit.min(most);
    }
    (pieces, places)
}

/// Needed and reachable units across a cut.
fn units(problem: &Problem, requests: &[usize], unit: u64, whole: &[usize]) -> (u64, u64) {
    let all = || requests.iter().map(|&index| &problem.requests()[index]);
    let shortest = all().map(piece).min().expect("some request");
    let fit = |offered: &[bool]| -> u64 {
        let runs = runs(offered).into_iter();
        runs.filter(|&run| run >= shortest)
            .map(|run| run / unit)
            .sum()
    };
    let (mut needed, mut reachable) = (0, 0);
    for request in all() {
        needed += piece(request) / unit * legs(request);
        for source in 0..problem.sources().len() {
            let offered = offered(problem, request, source);
            let longest = runs(&offered).into_iter().max().unwrap_or(0);
            reachable += match separation(request) {
                _ if whole.contains(&source) => 0,
                Separation::None => fit(&offered),
                Separation::Segment | Separation::Leg if longest < piece(request) => 0,
                Separation::Segment | Separation::Leg => piece(request) / unit,
            };
        }
    }
    for &source in whole {
        reachable += fit(&united(problem, requests, source));
    }
    (needed, reachable)
}

/// The reason with these two sums is accepted if it is one, and with other sums never.
fn judged(problem: &Problem, sums: (u64, u64), conflict: impl Fn(u64, u64) -> Conflict) -> bool {
    let (left, right) = sums;
    let is_reason = left > right;
    let verdict = verify(problem, &conflict(left, right));
    assert_eq!(
        verdict.is_ok(),
        is_reason,
        "{:?}: {verdict:?}\n{problem:?}",
        conflict(left, right)
    );
    for other in [
        conflict(left + 1, right),
        conflict(left, right + 1),
        conflict(left.saturating_sub(1), right),
        conflict(left, right.saturating_sub(1)),
    ] {
        if other != conflict(left, right) {
            assert!(
                verify(problem, &other).is_err(),
                "accepted: {other:?}\n{problem:?}"
            );
        }
    }
    is_reason
}

/// Some of so many, each with even chances; at least one where `least` says so.
fn some(random: &mut Random, count: usize, least: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..count).filter(|_| random.below(2) == 0).collect();
    if chosen.len() < least {
        chosen = vec![usize::try_from(random.below(count as u64)).expect("an index")];
    }
    chosen
}

/// Judges reasons of problems at random (`judged` says whether one holds): many hold and many do not.
fn judge_many(is_contiguous: bool, judged: impl Fn(&mut Random, &Problem) -> bool) {
    let holds = |seed: &u64| {
        let mut random = Random(*seed);
        let problem = problem(&mut random, is_contiguous);
        judged(&mut random, &problem)
    };
    let reasons = (0..cases(2_000)).filter(holds).count() as u64;
    assert!(
        (cases(300)..cases(1_700)).contains(&reasons),
        "{reasons} reasons"
    );
}

#[test]
fn cuts_are_counted_as_the_rules_say() {
    judge_many(false, |random, problem| {
        let requests = some(random, problem.requests().len(), 1);
        let whole = some(random, 3, 0);
        let sums = cut(problem, &requests, &whole);
        judged(problem, sums, |needed, reachable| Conflict::Cut {
            requests: requests.clone(),
            whole: whole.clone(),
            needed,
            reachable,
        })
    });
}

#[test]
fn pieces_and_places_are_counted_as_the_rules_say() {
    let (mut reasons, mut too_short) = (0, 0);
    for seed in 0..cases(2_000) {
        let mut random = Random(seed);
        let problem = problem(&mut random, true);
        let requests = some(&mut random, problem.requests().len(), 1);
        let length = random.between(1, 7);
        let conflict = |pieces, places| Conflict::Room {
            requests: requests.clone(),
            length,
            pieces,
            places,
        };
        let sums = room(&problem, &requests, length);
        let pieces = requests
            .iter()
            .map(|&index| piece(&problem.requests()[index]));
        if pieces.min().is_some_and(|shortest| shortest < length) {
            assert!(verify(&problem, &conflict(sums.0, sums.1)).is_err());
            too_short += 1;
        } else {
            reasons += u64::from(judged(&problem, sums, conflict));
        }
    }
    assert!(
        reasons > cases(150) && too_short > cases(150),
        "{reasons} reasons, {too_short} too short"
    );
}

#[test]
fn units_are_counted_as_the_rules_say() {
    judge_many(true, |random, problem| {
        let requests = some(random, problem.requests().len(), 1);
        let (unit, whole) = (random.between(1, 5), some(random, 3, 0));
        let sums = units(problem, &requests, unit, &whole);
        judged(problem, sums, |needed, reachable| Conflict::Units {
            requests: requests.clone(),
            unit,
            whole: whole.clone(),
            needed,
            reachable,
        })
    });
}

/// The highest price of pieces (length, price, how many at most) that a run has room for: all ways tried.
fn dearest(pieces: &[(u64, u64, u64)], run: u64) -> u64 {
    let Some((&(length, price, most), rest)) = pieces.split_first() else {
        return 0;
    };
    let counts = (0..=most).take_while(|count| count * length <= run);
    counts
        .map(|count| count * price + dearest(rest, run - count * length))
        .max()
        .expect("none of them fit at the least")
}

#[test]
fn prices_of_pieces_are_counted_as_the_rules_say() {
    judge_many(true, |random, problem| {
        let requests = some(random, problem.requests().len(), 1);
        let prices: Vec<(usize, u64)> = requests
            .iter()
            .map(|&index| (index, random.between(1, 7)))
            .collect();
        let pieces = prices.iter().map(|&(index, price)| {
            let request = &problem.requests()[index];
            let most = match separation(request) {
                Separation::None => legs(request),
                Separation::Segment | Separation::Leg => 1,
            };
            (piece(request), price, most)
        });
        let pieces: Vec<(u64, u64, u64)> = pieces.collect();
        let worth = prices
            .iter()
            .map(|&(index, price)| price * legs(&problem.requests()[index]));
        let worth = worth.sum();
        let runs = (0..3).flat_map(|source| runs(&united(problem, &requests, source)));
        let holdable = runs.map(|run| dearest(&pieces, run)).sum();
        let conflict = |worth, holdable| Conflict::PiecePrices {
            prices: prices.clone(),
            worth,
            holdable,
        };
        judged(problem, (worth, holdable), conflict)
    });
}

/// Two legs and a source for one of them; lengths and prices whose product with a third does not fit 128 bits.
#[test]
fn prices_of_the_largest_pieces_are_added_up() {
    let source = Source {
        name: "a".to_string(),
        extents: 1 << 63,
        free: Area::new(0, 1 << 63).into_iter().collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    let request = Request {
        shape: Shape {
            stripes: 1,
            copies: 2,
            parity: 0,
        },
        policy: Policy::Contiguous,
        separation: Separation::Leg,
        ..Request::linear("r", 1 << 62)
    };
    let problem = Problem::new(vec![source], vec![request], Vec::new()).expect("no defects");
    let conflict = Conflict::PiecePrices {
        prices: vec![(0, 1 << 62)],
        worth: 1 << 63,
        holdable: 1 << 62,
    };
    assert_eq!(verify(&problem, &conflict), Ok(()));
}

/// Sets of sources by enumeration: a reason holds if every set that holds a leg costs as much as is said,
/// and all sources together less than that for each leg. Sources with a tag that has a price cost that, once.
#[test]
fn prices_are_counted_as_the_rules_say() {
    let (mut reasons, mut of_tags, mut none) = (0, 0, 0);
    for seed in 0..cases(4_000) {
        let mut random = Random(seed);
        let sources: Vec<Source> = (0..random.between(2, 6))
            .map(|number| Source {
                name: format!("s{number}"),
                extents: 9,
                free: Area::new(0, random.between(1, 9)).into_iter().collect(),
                tags: (0..2)
                    .filter(|_| seed % 2 == 1 && random.below(2) == 0)
                    .map(|tag| format!("t{tag}"))
                    .collect(),
                ..Source::default()
            })
            .collect();
        let request = Request {
            separation: if random.below(4) == 0 {
                Separation::None
            } else {
                Separation::Leg
            },
            partition_by_tags: (0..seed % 2 * 2)
                .map(|tag| format!("t{tag}"))
                .filter(|tag| sources.iter().any(|source| source.tags.contains(tag)))
                .collect(),
            allowed: None,
            ..self::request(&mut random, 0, false)
        };
        let problem = Problem::new(sources, vec![request], Vec::new()).expect("no defects");
        let request = &problem.requests()[0];
        let prices: Vec<u64> = problem.sources().iter().map(|_| random.below(4)).collect();
        let mut tags: Vec<(String, u64)> = Vec::new();
        for tag in &request.partition_by_tags {
            if random.below(2) == 0 {
                tags.push((tag.clone(), random.below(4)));
            }
        }
        let tag_of = |source: usize| {
            let borne = &problem.sources()[source].tags;
            tags.iter().position(|(tag, _)| borne.contains(tag))
        };
        let metadata = request
            .metadata
            .filter(|metadata| metadata.place != Place::OwnSource);
        let needed = leg(request) + metadata.map_or(0, |metadata| metadata.extents);
        let members = |set: u32| (0..prices.len()).filter(move |source| set >> source & 1 == 1);
        let holds = |set: &u32| {
            let held = members(*set).map(|source| problem.sources()[source].free.total());
            held.sum::<u64>() >= needed
        };
        let price = |set: u32| {
            let alone = members(set).filter(|source| tag_of(*source).is_none());
            let paid: BTreeSet<usize> = members(set).filter_map(tag_of).collect();
            alone.map(|source| prices[source]).sum::<u64>()
                + paid.iter().map(|tag| tags[*tag].1).sum::<u64>()
        };
        let cheapest = (0..1 << prices.len()).filter(holds).map(price).min();
        // Often just what is right, or one more.
        let cover = match (random.below(3), cheapest) {
            (0, Some(cheapest)) => cheapest.max(1),
            (1, Some(cheapest)) => cheapest + 1,
            (_, _) => random.between(1, 8),
        };
        let is_cover = cheapest.is_none_or(|cheapest| cheapest >= cover);
        let is_reason = is_cover
            && price((1 << prices.len()) - 1)
                + tags
                    .iter()
                    .enumerate()
                    .filter(|(tag, _)| (0..prices.len()).all(|source| tag_of(source) != Some(*tag)))
                    .map(|(_, (_, price))| price)
                    .sum::<u64>()
                < cover * legs(request)
            && (0..prices.len()).all(|source| {
                let borne = &problem.sources()[source].tags;
                separation(request) == Separation::Leg
                    || !request.partition_by_tags.is_disjoint(borne)
            });
        let conflict = Conflict::Prices {
            request: 0,
            prices: prices.iter().copied().enumerate().collect(),
            tags: tags.clone(),
            cover,
        };
        assert_eq!(
            verify(&problem, &conflict).is_ok(),
            is_reason,
            "seed {seed}"
        );
        *(if is_reason { &mut reasons } else { &mut none }) += 1;
        of_tags += u64::from(is_reason && !tags.is_empty());
    }
    assert!(
        reasons > cases(120) && of_tags > cases(20) && none > cases(300),
        "{reasons} reasons, {of_tags} of tags, {none} none"
    );
}

/// Two legs on one source, whose price may be any; sources of which all sets differ are read as long as those are few.
#[test]
fn prices_are_read_as_long_as_they_allow_few_sets() {
    let verdict = |sources: usize, cover: u64| {
        let price = |number: usize| cover >> (number + 1).min(62);
        let all = (0..sources).map(|number| Source {
            name: format!("s{number}"),
            extents: 1 << 31,
            free: Area::new(0, 1 + (1 << 30 >> (number % 30)))
                .into_iter()
                .collect(),
            ..Source::default()
        });
        let request = Request {
            shape: Shape {
                stripes: 1,
                copies: 2,
                parity: 0,
            },
            separation: Separation::Leg,
            ..Request::linear("r", 1 << 40)
        };
        let problem = Problem::new(all.collect(), vec![request], Vec::new()).expect("no defects");
        let conflict = Conflict::Prices {
            request: 0,
            prices: (0..sources).map(|source| (source, price(source))).collect(),
            tags: Vec::new(),
            cover,
        };
        verify(&problem, &conflict)
    };
    for cover in [1, 1 << 24, 1 << 60] {
        assert_eq!(verdict(1, cover), Ok(()), "{cover}");
    }
    let refused = verdict(60, 1 << 62).expect_err("too many sets");
    assert!(refused.to_string().contains("too many sets"), "{refused}");
}
