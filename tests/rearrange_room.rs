//! Room for requests: small claims, and random groups on which a request does not fit as it stands.
//!
//! `EXTENTPLAN_ROOM_CASES` says how many random ones (12 if it is not set), `EXTENTPLAN_ROOM_SOURCES` how many sources each
//! has (12).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use extentplan::core::{
    Area, Areas, Companion, Cuts, Goal, HeldLeg, HeldPiece, HeldVolume, Limits, Measure, Move,
    MoveCost, Place, Policy, Problem, Rearrangement, Request, Segment, Separation, Shape, Source,
    check, check_moves,
};
use extentplan::rearrange::{MoveAnswer, Room, room};
use extentplan::solve::Strategy;

fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

fn leg(name: &str, column: usize, places: &[(usize, u64, u64)]) -> HeldLeg {
    let mut offset = 0;
    let pieces = places.iter().map(|&(source, start, count)| {
        let place = Segment {
            source,
            area: area(start, count),
        };
        offset += count;
        HeldPiece {
            offset: offset - count,
            place,
        }
    });
    HeldLeg {
        name: name.to_string(),
        column,
        pieces: pieces.collect(),
        locked: None,
    }
}

fn volume(name: &str, separation: Separation, legs: Vec<HeldLeg>) -> HeldVolume {
    HeldVolume {
        name: name.to_string(),
        separation,
        policy: Policy::Normal,
        legs,
    }
}

fn state(sizes: &[u64], volumes: Vec<HeldVolume>, goals: Vec<Goal>) -> Rearrangement {
    let mut held: Vec<Vec<Area>> = vec![Vec::new(); sizes.len()];
    for piece in volumes.iter().flat_map(|v| &v.legs).flat_map(|l| &l.pieces) {
        held[piece.place.source].push(piece.place.area);
    }
    let sources = sizes.iter().zip(held).enumerate();
    let sources = sources.map(|(index, (&extents, held))| Source {
        name: format!("s{index}"),
        extents,
        free: Areas::from(area(0, extents)).difference(&held.into_iter().collect()),
        tags: BTreeSet::new(),
        ..Source::default()
    });
    Rearrangement {
        sources: sources.collect(),
        closed: BTreeSet::new(),
        domains: BTreeSet::new(),
        volumes,
        goals,
        most_moves: None,
    }
}

/// The problem of placing a request once moves are made.
fn problem(state: &Rearrangement, request: &Request, moves: &[Move]) -> Problem {
    let mut sources = state.sources.clone();
    for step in moves {
        let (from, to) = (step.from, step.to);
        sources[to.source].free = sources[to.source].free.difference(&to.area.into());
        sources[from.source].free = sources[from.source].free.union(&from.area.into());
    }
    Problem::new(sources, vec![request.clone()], vec![Measure::Segments]).expect("a problem")
}

/// The room for a request, its moves and its plan checked.
fn asked(state: &Rearrangement, request: &Request) -> Room {
    let after = |moves: &[Move]| Ok(problem(state, request, moves));
    let found = room(state, &after, &Strategy::default(), &Limits::none()).expect("an answer");
    if let Some(moves) = found.answer.moves() {
        let with = Rearrangement {
            goals: found.goals.clone(),
            ..state.clone()
        };
        assert_eq!(check_moves(&with, moves), []);
        let (problem, answer) = found.placed.as_ref().expect("it is placed");
        assert_eq!(check(problem, answer.plan().expect("a plan")), []);
    }
    found
}

fn cost(room: &Room) -> MoveCost {
    match &room.answer {
        MoveAnswer::Best { cost, .. } => *cost,
        MoveAnswer::Found { cost, bound, .. } if cost.copied == bound.copied => *cost,
        other => panic!("{other:?}"),
    }
}

fn contiguous(extents: u64) -> Request {
    Request {
        policy: Policy::Contiguous,
        ..Request::linear("new", extents)
    }
}

#[test]
fn a_run_is_made_where_least_lies_in_it() {
    let places = [(0, 3, 1), (0, 8, 4)];
    let data = volume("data", Separation::None, vec![leg("data", 0, &places)]);
    let state = state(&[14, 3], vec![data], Vec::new());
    assert_eq!(cost(&asked(&state, &contiguous(8))).copied, 1);
    assert_eq!(cost(&asked(&state, &contiguous(3))).copied, 0);
}

#[test]
fn stripes_get_the_free_extents_evened_out() {
    let places = [(0, 0, 6), (1, 0, 2)];
    let data = volume("data", Separation::None, vec![leg("data", 0, &places)]);
    let state = state(&[8, 12], vec![data], Vec::new());
    let striped = Request {
        shape: Shape {
            stripes: 2,
            copies: 1,
            parity: 0,
        },
        cuts: Cuts::Together,
        ..Request::linear("new", 12)
    };
    // Two of 6: the second has 10 free, the first 2.
    assert_eq!(cost(&asked(&state, &striped)).copied, 4);
}

#[test]
fn a_volume_grows_in_one_piece_when_what_lies_behind_it_moves() {
    let data = leg("data", 0, &[(0, 0, 9)]);
    let mut data = volume("data", Separation::None, vec![data]);
    data.policy = Policy::Contiguous;
    let other = volume(
        "other",
        Separation::None,
        vec![leg("other", 0, &[(0, 9, 2)])],
    );
    let state = state(&[20, 5], vec![data, other], Vec::new());
    let grows = Segment {
        source: 0,
        area: area(0, 9),
    };
    let request = Request {
        grows: Some(vec![vec![grows]]),
        ..contiguous(6)
    };
    assert_eq!(cost(&asked(&state, &request)).copied, 2);
}

#[test]
fn room_is_made_beside_other_goals() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[(0, 0, 4), (1, 3, 2)])],
    );
    let goals = vec![Goal::Drain { source: 0 }];
    let state = state(&[8, 10, 4], vec![data], goals);
    let found = asked(&state, &contiguous(8));
    assert_eq!(cost(&found).copied, 6, "{found:?}");
}

#[test]
fn what_there_is_too_little_of_is_impossible_whatever_moves() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[(0, 0, 4), (1, 3, 2)])],
    );
    let state = state(&[8, 10], vec![data], Vec::new());
    let found = asked(&state, &Request::linear("new", 13));
    let MoveAnswer::Impossible { why } = &found.answer else {
        panic!("{found:?}");
    };
    assert!(why.to_string().contains("1 short"), "{why}");
    let found = asked(&state, &contiguous(11));
    assert!(
        matches!(found.answer, MoveAnswer::Impossible { .. }),
        "{found:?}"
    );
}

struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("an index")
    }
}

/// Volumes of several types, each leg in some pieces, on sources that are so full.
fn random_state(random: &mut Random, count: usize, percent: u64) -> Rearrangement {
    let sizes: Vec<u64> = (0..count).map(|_| 200 + random.below(1_800)).collect();
    let total: u64 = sizes.iter().sum();
    let mut free: Vec<Areas> = sizes.iter().map(|&n| Areas::from(area(0, n))).collect();
    let (mut used, mut volumes) = (0, Vec::new());
    let mut misses = 0;
    while used < total * percent / 100 && misses < 50 {
        let columns = [1, 1, 1, 2, 2, 3, 4][random.index(7)].min(count / 2);
        let length = 20 + random.below(400);
        let mut sources: Vec<usize> = (0..count).collect();
        (1..count)
            .rev()
            .for_each(|at| sources.swap(at, random.index(at + 1)));
        let name = format!("v{}", volumes.len());
        let mut legs = Vec::new();
        let mut sources = sources.into_iter();
        for column in 0..columns {
            let mut left = length;
            let mut places = Vec::new();
            for source in sources.by_ref().take(if columns == 1 {
                3
            } else {
                1 + count / 2 / columns
            }) {
                for _ in 0..3 {
                    let wanted = left.min(1 + random.below(length));
                    let areas: Vec<Area> = free[source].iter().collect();
                    if areas.is_empty() || left == 0 {
                        break;
                    }
                    let within = areas[random.index(areas.len())];
                    let wanted = wanted.min(within.count());
                    let start =
                        within.start() + [0, (within.count() - wanted) / 2][random.index(2)];
                    free[source] = free[source].difference(&area(start, wanted).into());
                    places.push((source, start, wanted));
                    left -= wanted;
                }
                if left == 0 {
                    break;
                }
            }
            used += length - left;
            if !places.is_empty() {
                legs.push(leg(&format!("{name}_{column}"), column, &places));
            }
        }
        if legs.is_empty() {
            misses += 1;
            continue;
        }
        let separation = if columns == 1 {
            Separation::None
        } else {
            Separation::Leg
        };
        volumes.push(volume(&name, separation, legs));
    }
    state(&sizes, volumes, Vec::new())
}

fn random_request(random: &mut Random, state: &Rearrangement) -> Request {
    let free: u64 = state.sources.iter().map(|source| source.free.total()).sum();
    let longest = state
        .sources
        .iter()
        .map(|source| source.free.longest())
        .max()
        .unwrap_or(1);
    let largest = state
        .sources
        .iter()
        .map(|source| source.free.total())
        .max()
        .unwrap_or(1);
    match random.index(4) {
        0 => contiguous(longest + 1 + random.below(longest)),
        1 => Request {
            shape: Shape {
                stripes: 1,
                copies: 2,
                parity: 0,
            },
            metadata: Some(Companion {
                extents: 1,
                place: Place::Front,
            }),
            separation: Separation::Leg,
            ..contiguous((longest * 3 / 4).max(1))
        },
        2 => {
            let stripes = 2 + random.below(3);
            let length = (free / stripes).min(largest) * (60 + random.below(40)) / 100;
            Request {
                shape: Shape {
                    stripes,
                    copies: 1,
                    parity: 0,
                },
                cuts: Cuts::Together,
                ..Request::linear("new", stripes * length.max(1))
            }
        }
        _ => {
            let copies = 2 + random.below(2);
            Request {
                shape: Shape {
                    stripes: 1,
                    copies,
                    parity: 0,
                },
                metadata: Some(Companion {
                    extents: 1,
                    place: Place::Front,
                }),
                separation: Separation::Leg,
                ..Request::linear(
                    "new",
                    (free / copies * (70 + random.below(30)) / 100).max(1),
                )
            }
        }
    }
}

#[test]
fn most_random_requests_get_room_for_the_least_copying_there_is() {
    let number = |name: &str, default: u64| {
        let given = std::env::var(name).ok();
        given.map_or(default, |text| text.parse().expect("a whole number"))
    };
    let cases = number("EXTENTPLAN_ROOM_CASES", 12);
    let count = usize::try_from(number("EXTENTPLAN_ROOM_SOURCES", 12)).expect("an index");
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut gaps = Vec::new();
    let (mut slowest, mut pieces) = (Cell::new(0), 0);
    for seed in 0..cases {
        let mut random = Random((seed + 77).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let percent = 60 + random.below(35);
        let state = random_state(&mut random, count, percent);
        let request = random_request(&mut random, &state);
        pieces += state
            .volumes
            .iter()
            .flat_map(|v| &v.legs)
            .map(|l| l.pieces.len())
            .sum::<usize>();
        let started = Instant::now();
        let found = asked(&state, &request);
        let took = started.elapsed().as_millis();
        *slowest.get_mut() = slowest.get().max(took);
        let kind = match &found.answer {
            MoveAnswer::Impossible { .. } => "impossible",
            MoveAnswer::Unknown { .. } => "open",
            MoveAnswer::Best { cost, .. } if cost.copied == 0 => "fits as it stands",
            MoveAnswer::Best { .. } => "least copied",
            MoveAnswer::Found { cost, bound, .. } if cost.copied == bound.copied => "least copied",
            MoveAnswer::Found { cost, bound, .. } => {
                gaps.push((cost.copied - bound.copied) * 1000 / bound.copied.max(1));
                "more than the bound"
            }
        };
        if kind == "open" || took > 3_000 || kind == "more than the bound" {
            eprintln!(
                "seed {seed}: {kind}, {took} ms, {:?} {:?} {} x {}",
                request.policy,
                request.separation,
                request.legs(),
                request.leg_extents()
            );
        }
        *kinds.entry(kind).or_default() += 1;
    }
    gaps.sort_unstable();
    eprintln!(
        "{kinds:?}; gaps in thousandths {gaps:?}; slowest {slowest:?} ms; pieces {}",
        pieces as u64 / cases
    );
    let of = |kind: &str| kinds.get(kind).copied().unwrap_or(0);
    assert!(
        of("least copied") * 5 >= (of("more than the bound") + of("open")) * 4,
        "{kinds:?}"
    );
}
