//! Moves of what exists: against an exhaustive search over tiny states, and spoiled ones before the judge.

mod tiny;

use std::collections::{BTreeMap, BTreeSet};

use extentplan::core::{
    Area, Goal, Limits, Move, MoveCost, MoveFault, Policy, Rearrangement, Segment, Separation,
    bound_of_leaving, check_moves,
};
use extentplan::rearrange::{MoveAnswer, MoveConflict, plan, smallest};
use extentplan::solve::Strategy;
use tiny::{Random, area, least_cost, leg, place, state, volume};

fn answer(state: &Rearrangement) -> MoveAnswer {
    plan(state, &Strategy::default(), &Limits::none()).expect("an answer")
}

/// The cost of moves, checked; panics where there are none.
fn cost(state: &Rearrangement) -> (u64, u64) {
    match answer(state) {
        MoveAnswer::Best { moves, cost, .. } => {
            assert_eq!(check_moves(state, &moves), []);
            (cost.copied, cost.moves)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_lies_on_a_drained_source_is_all_that_is_copied() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 2, 6), place(1, 0, 3)])],
    );
    let state = state(
        &[(10, &[]), (10, &[]), (10, &[])],
        vec![data],
        vec![Goal::Drain { source: 0 }],
    );
    assert_eq!(cost(&state), (6, 1));
}

#[test]
fn the_end_of_a_shrunk_source_may_move_to_its_front() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 4, 6)])],
    );
    let goals = vec![Goal::Shrink {
        source: 0,
        extents: 8,
    }];
    let state = state(&[(10, &[])], vec![data], goals);
    assert_eq!(cost(&state), (2, 1));
}

#[test]
fn of_a_contiguous_run_all_moves_or_nothing() {
    let mut data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 4, 6)])],
    );
    data.policy = Policy::Contiguous;
    let goals = vec![Goal::Shrink {
        source: 0,
        extents: 8,
    }];
    let state = state(&[(10, &[]), (20, &[])], vec![data], goals);
    assert_eq!(cost(&state), (6, 1));
}

#[test]
fn a_leg_that_clings_goes_to_sources_that_it_is_on() {
    let mut data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 0, 3), place(2, 0, 3)])],
    );
    data.policy = Policy::Cling;
    let state = state(
        &[(5, &[]), (9, &[]), (9, &[])],
        vec![data],
        vec![Goal::Drain { source: 0 }],
    );
    let found = answer(&state);
    let moves = found.moves().expect("moves");
    assert!(moves.iter().all(|step| step.to.source == 2), "{moves:?}");
}

#[test]
fn a_leg_keeps_away_from_its_siblings_also_where_both_move() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 4)]),
        leg("b", 1, &[place(1, 0, 4)]),
    ];
    let goals = vec![Goal::Drain { source: 0 }, Goal::Drain { source: 1 }];
    let sizes: &[(u64, &[&str])] = &[(4, &[]), (4, &[]), (8, &[]), (4, &[])];
    let state = state(sizes, vec![volume("r", Separation::Leg, legs)], goals);
    assert_eq!(cost(&state), (8, 2));
}

#[test]
fn legs_that_share_a_source_are_put_apart_by_moving_the_shorter() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 4)]),
        leg("b", 1, &[place(0, 4, 1), place(1, 0, 3)]),
    ];
    let state = state(
        &[(9, &[]), (9, &[])],
        vec![volume("r", Separation::Leg, legs)],
        vec![Goal::Heal],
    );
    assert_eq!(cost(&state), (1, 1));
}

/// Each leg half on either source: they meet once more where they are together already, and are apart then.
#[test]
fn legs_that_cross_are_put_apart_by_way_of_where_they_are_together() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 2), place(1, 4, 2)]),
        leg("b", 1, &[place(0, 4, 2), place(1, 0, 2)]),
    ];
    let crossed = vec![volume("m", Separation::Leg, legs)];
    let state = state(&[(9, &[]), (9, &[])], crossed, vec![Goal::Heal]);
    assert_eq!(cost(&state), (4, 2));
}

/// Source 0 has room for all, and the other leg: what leaves source 1 comes to the one that is made smaller.
#[test]
fn a_source_is_as_small_as_the_other_goals_let_it_be() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 4)]),
        leg("b", 1, &[place(1, 0, 4)]),
    ];
    let mirror = vec![volume("m", Separation::Leg, legs)];
    let goals = vec![Goal::Drain { source: 1 }];
    let state = state(&[(12, &[]), (4, &[]), (10, &[])], mirror, goals);
    let found = smallest(&state, 2, &Strategy::default(), &Limits::none()).expect("a size");
    assert_eq!((found.extents, found.bound), (4, 4));
}

#[test]
fn legs_that_are_together_may_meet_where_they_are_and_nowhere_else() {
    let legs = [
        (0, place(0, 0, 1), place(1, 0, 1)),
        (1, place(0, 1, 1), place(2, 0, 1)),
    ];
    let legs = legs.map(|(column, one, other)| leg(&format!("r_{column}"), column, &[one, other]));
    let r = volume("r", Separation::Leg, legs.to_vec());
    let sizes: [(u64, &[&str]); 3] = [(4, &[]), (2, &[]), (2, &[])];
    let mut state = state(&sizes, vec![r], vec![Goal::Drain { source: 1 }]);
    assert_eq!(cost(&state), (1, 1));
    let to = |to| {
        let step = Move {
            volume: 0,
            leg: 0,
            from: place(1, 0, 1),
            to,
        };
        check_moves(&state, &[step])
    };
    assert_eq!(to(place(0, 3, 1)), []);
    let together = MoveFault::Together {
        volume: "r".to_string(),
        source: "s2".to_string(),
    };
    assert_eq!(to(place(2, 1, 1))[0].fault, together);
    // Where that is full the other leg leaves it for where it is alone.
    state.goals.push(Goal::Shrink {
        source: 0,
        extents: 2,
    });
    let found = answer(&state);
    let moves = found.moves().expect("moves");
    assert_eq!(MoveCost::of(moves).copied, 2);
}

#[test]
fn stripes_that_are_apart_need_a_source_each() {
    let legs = (0..3).map(|column| leg(&format!("s_{column}"), column, &[place(column, 0, 2)]));
    let striped = volume("s", Separation::Segment, legs.collect());
    let sizes: [(u64, &[&str]); 3] = [(9, &[]), (9, &[]), (9, &[])];
    let state = state(&sizes, vec![striped], vec![Goal::Drain { source: 2 }]);
    let MoveAnswer::Impossible { why } = answer(&state) else {
        panic!("three stripes on two sources");
    };
    assert!(
        why.to_string()
            .contains("3 legs that keep apart; 2 sources"),
        "{why}"
    );
}

#[test]
fn what_a_source_may_not_hold_bounds_the_copying() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 0, 8)])],
    );
    let goals = vec![Goal::Level { held: 1, of: 2 }];
    assert_eq!(
        cost(&state(&[(10, &[]), (10, &[])], vec![data], goals)),
        (3, 1)
    );
}

#[test]
fn legs_in_one_rack_are_put_apart_by_racks() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 4)]),
        leg("b", 1, &[place(1, 0, 4)]),
    ];
    let sizes: &[(u64, &[&str])] = &[(9, &["x"]), (9, &["x"]), (9, &["y"])];
    let mut state = state(
        sizes,
        vec![volume("r", Separation::Leg, legs)],
        vec![Goal::Heal],
    );
    assert_eq!(cost(&state), (0, 0));
    state.domains = BTreeSet::from(["x".to_string(), "y".to_string()]);
    assert_eq!(cost(&state), (4, 1));
}

#[test]
fn more_than_is_free_elsewhere_is_impossible_in_numbers() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 0, 6)])],
    );
    let other = volume(
        "other",
        Separation::None,
        vec![leg("other", 0, &[place(1, 0, 5)])],
    );
    let state = state(
        &[(6, &[]), (10, &[])],
        vec![data, other],
        vec![Goal::Drain { source: 0 }],
    );
    let MoveAnswer::Impossible { why } = answer(&state) else {
        panic!("{:?}", answer(&state));
    };
    assert_eq!(
        why.to_string(),
        "6 extents leave s0; 5 are free where they may go: 1 short"
    );
}

#[test]
fn two_legs_do_not_fit_on_the_one_source_that_is_left() {
    let legs = vec![
        leg("a", 0, &[place(0, 0, 2)]),
        leg("b", 1, &[place(1, 0, 2)]),
    ];
    let goals = vec![Goal::Drain { source: 0 }];
    let state = state(
        &[(9, &[]), (9, &[])],
        vec![volume("r", Separation::Leg, legs)],
        goals,
    );
    let MoveAnswer::Impossible { why } = answer(&state) else {
        panic!("{:?}", answer(&state));
    };
    assert!(
        matches!(
            why,
            MoveConflict::Apart {
                columns: 2,
                left: 1,
                ..
            }
        ),
        "{why:?}"
    );
}

#[test]
fn what_is_locked_and_has_to_move_is_impossible_by_name() {
    let mut data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 0, 2)])],
    );
    data.legs[0].locked = Some("it is to be kept".to_string());
    let state = state(
        &[(9, &[]), (9, &[])],
        vec![data],
        vec![Goal::Drain { source: 0 }],
    );
    let MoveAnswer::Impossible { why } = answer(&state) else {
        panic!("{:?}", answer(&state));
    };
    assert_eq!(
        why.to_string(),
        "2 extents of `data` on s0 may not move: it is to be kept"
    );
}

#[test]
fn others_make_way_where_what_has_to_move_has_no_place() {
    // The leg of `r` may only go where `x` is, and that goes to where the other leg is.
    let legs = vec![
        leg("a", 0, &[place(0, 0, 3)]),
        leg("b", 1, &[place(1, 0, 3)]),
    ];
    let other = volume("x", Separation::None, vec![leg("x", 0, &[place(2, 0, 2)])]);
    let sizes: &[(u64, &[&str])] = &[(3, &[]), (9, &[]), (4, &[])];
    let goals = vec![Goal::Drain { source: 0 }];
    let state = state(
        sizes,
        vec![volume("r", Separation::Leg, legs), other],
        goals,
    );
    let found = answer(&state);
    let MoveAnswer::Found { cost, bound, .. } = &found else {
        panic!("{found:?}");
    };
    assert_eq!((cost.copied, bound.copied), (4, 4));
}

#[test]
fn the_smallest_size_is_what_there_is_no_room_for_elsewhere() {
    let data = volume(
        "data",
        Separation::None,
        vec![leg("data", 0, &[place(0, 5, 5)])],
    );
    let state = state(&[(20, &[]), (3, &[])], vec![data], Vec::new());
    let found = smallest(&state, 0, &Strategy::default(), &Limits::none()).expect("an answer");
    assert_eq!((found.extents, found.bound), (2, 2));
}

/// A state of a RAID volume with two legs, a contiguous and a clinging one, and moves that are right.
fn right() -> (Rearrangement, Vec<Move>) {
    let raid = volume(
        "r",
        Separation::Leg,
        vec![
            leg("a", 0, &[place(0, 0, 4)]),
            leg("b", 1, &[place(1, 0, 4)]),
        ],
    );
    let mut whole = volume("c", Separation::None, vec![leg("c", 0, &[place(0, 4, 4)])]);
    whole.policy = Policy::Contiguous;
    let mut near = volume("n", Separation::None, vec![leg("n", 0, &[place(0, 8, 4)])]);
    near.policy = Policy::Cling;
    let sizes: &[(u64, &[&str])] = &[(12, &[]), (12, &[]), (20, &[])];
    let state = state(
        sizes,
        vec![raid, whole, near],
        vec![Goal::Drain { source: 0 }, Goal::Heal],
    );
    let step = |volume, from, to| Move {
        volume,
        leg: 0,
        from,
        to,
    };
    let moves = vec![
        step(0, place(0, 0, 4), place(2, 0, 4)),
        step(1, place(0, 4, 4), place(1, 4, 4)),
        step(2, place(0, 8, 4), place(2, 4, 4)),
    ];
    (state, moves)
}

#[test]
fn the_judge_passes_what_is_right_and_names_what_is_spoiled() {
    let (state, moves) = right();
    assert_eq!(check_moves(&state, &moves), []);
    type Spoil = fn(&mut Rearrangement, &mut Vec<Move>);
    let spoiled: [(&str, Spoil); 11] = [
        ("not there", |_, moves| moves[0].leg = 7),
        ("length", |_, moves| {
            moves[0].to.area = Area::new(0, 3).expect("3")
        }),
        ("not held", |_, moves| {
            moves[0].from.area = Area::new(1, 4).expect("4")
        }),
        ("locked", |state, _| {
            state.volumes[1].legs[0].locked = Some("kept".to_string())
        }),
        ("not free", |_, moves| {
            moves[2].to.area = Area::new(3, 4).expect("4")
        }),
        ("closed", |state, _| {
            state.closed.insert(2);
        }),
        ("past the end", |_, moves| {
            moves[2].to.area = Area::new(17, 4).expect("4")
        }),
        ("together", |_, moves| {
            moves[0].to = Segment {
                source: 1,
                area: Area::new(8, 4).expect("4"),
            }
        }),
        ("torn", |_, moves| {
            let front = Move {
                from: place(0, 4, 2),
                to: place(1, 4, 2),
                ..moves[1]
            };
            let back = Move {
                from: place(0, 6, 2),
                to: place(1, 8, 2),
                ..moves[1]
            };
            moves.splice(1..2, [front, back]);
        }),
        ("spread", |_, moves| {
            let front = Move {
                from: place(0, 8, 2),
                to: place(2, 4, 2),
                ..moves[2]
            };
            let back = Move {
                from: place(0, 10, 2),
                to: place(1, 8, 2),
                ..moves[2]
            };
            moves.splice(2..3, [front, back]);
        }),
        ("left", |_, moves| {
            moves.pop();
        }),
    ];
    let mut faults = BTreeMap::new();
    for (name, spoil) in spoiled {
        let (mut state, mut moves) = right();
        spoil(&mut state, &mut moves);
        let violations = check_moves(&state, &moves);
        let first = violations
            .first()
            .unwrap_or_else(|| panic!("{name} passes"));
        assert!(!first.to_string().is_empty());
        faults.insert(name, first.fault.clone());
    }
    assert!(matches!(faults["not there"], MoveFault::NotThere { .. }));
    assert!(matches!(
        faults["length"],
        MoveFault::OtherLength { from: 4, to: 3 }
    ));
    assert!(matches!(faults["not held"], MoveFault::NotHeld { .. }));
    assert!(matches!(faults["locked"], MoveFault::Locked { .. }));
    for name in ["not free", "closed", "past the end"] {
        assert!(
            matches!(faults[name], MoveFault::NotFree { .. }),
            "{name}: {:?}",
            faults[name]
        );
    }
    assert!(matches!(faults["together"], MoveFault::Together { .. }));
    assert!(matches!(faults["torn"], MoveFault::Torn { offset: 2, .. }));
    assert!(matches!(
        faults["spread"],
        MoveFault::Spread {
            before: 1,
            after: 2,
            ..
        }
    ));
    assert!(matches!(faults["left"], MoveFault::Left { .. }));

    let (mut state, moves) = right();
    state.volumes[0].legs[1].pieces[0].place = place(0, 0, 4);
    state.volumes[0].legs[0].pieces[0].place = place(1, 0, 4);
    state.volumes[2].legs[0].column = 1;
    state.volumes[2].separation = Separation::Leg;
    assert!(!check_moves(&state, &moves).is_empty());
}

#[test]
fn a_run_may_be_moved_again_once_it_has_arrived_and_its_old_place_taken() {
    let (mut state, _) = right();
    state.goals.clear();
    let step = |volume, from, to| Move {
        volume,
        leg: 0,
        from,
        to,
    };
    let moves = [
        step(1, place(0, 4, 4), place(2, 0, 4)),
        step(2, place(0, 8, 4), place(0, 4, 4)),
        step(1, place(2, 0, 4), place(0, 8, 4)),
    ];
    assert_eq!(check_moves(&state, &moves), []);
    let healed = Rearrangement {
        goals: vec![Goal::Heal],
        ..state
    };
    assert_eq!(check_moves(&healed, &[]), []);
}

/// A tiny state: up to five extents of a few volumes on three or four sources, some in a rack.
fn tiny(random: &mut Random) -> Rearrangement {
    let count = 3 + random.index(2);
    let racks: [&[&str]; 3] = [&[], &["x"], &["y"]];
    let sizes: Vec<(u64, &[&str])> = (0..count)
        .map(|_| (1 + random.below(4), racks[random.index(3)]))
        .collect();
    let mut slots: Vec<(usize, u64)> = Vec::new();
    for (source, (extents, _)) in sizes.iter().enumerate() {
        slots.extend((0..*extents).map(|extent| (source, extent)));
    }
    let mut left = 5;
    let mut volumes = Vec::new();
    while left > 0 && slots.len() > 1 && volumes.len() < 3 {
        let separation = [
            Separation::Leg,
            Separation::Leg,
            Separation::Segment,
            Separation::None,
        ][random.index(4)];
        let columns = if separation == Separation::None { 1 } else { 2 };
        let length = 1 + random.index(2);
        if columns * length > left || columns * length >= slots.len() {
            break;
        }
        left -= columns * length;
        let name = format!("v{}", volumes.len());
        let legs = (0..columns).map(|column| {
            let places: Vec<Segment> = (0..length)
                .map(|_| {
                    let (source, extent) = slots.swap_remove(random.index(slots.len()));
                    place(source, extent, 1)
                })
                .collect();
            leg(&format!("{name}_{column}"), column, &places)
        });
        let legs = legs.collect();
        let mut volume = volume(&name, separation, legs);
        if random.below(4) == 0 {
            volume.policy = [Policy::Contiguous, Policy::Cling][random.index(2)];
        }
        volumes.push(volume);
    }
    let mut goals = Vec::new();
    if random.below(3) > 0 {
        goals.push(Goal::Drain {
            source: random.index(count),
        });
    }
    if random.below(3) == 0 {
        let source = random.index(count);
        let extents = 1 + random.below(sizes[source].0);
        goals.push(Goal::Shrink { source, extents });
    }
    if random.below(4) == 0 {
        let source = random.index(count);
        let extents = random.below(sizes[source].0 + 1);
        goals.push(Goal::Spare { source, extents });
    }
    if random.below(4) == 0 {
        let source = random.index(count);
        let start = random.below(sizes[source].0);
        let area = area(start, 1 + random.below(sizes[source].0 - start));
        goals.push(Goal::Clear { source, area });
    }
    if goals.is_empty() || random.below(3) == 0 {
        goals.push(Goal::Heal);
    }
    let mut state = state(&sizes, volumes, goals);
    if random.below(3) == 0 {
        state.domains = BTreeSet::from(["x".to_string(), "y".to_string()]);
    }
    if random.below(8) == 0 {
        state.closed.insert(random.index(count));
    }
    state
}

#[test]
fn answers_agree_with_an_exhaustive_search_over_tiny_states() {
    let cases = std::env::var("EXTENTPLAN_TINY_CASES").ok();
    let cases: u64 = cases.map_or(120, |text| text.parse().expect("a whole number"));
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..cases {
        let state = tiny(&mut Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let least_cost = least_cost(&state);
        let least = least_cost.map(|(copied, _)| copied);
        let counted = bound_of_leaving(&state);
        assert!(
            least.is_none_or(|least| least >= counted),
            "seed {seed}: {state:#?}"
        );
        let kind = match answer(&state) {
            MoveAnswer::Best { cost, .. } => {
                let cost = Some((cost.copied, cost.moves));
                assert_eq!(cost, least_cost, "seed {seed}: {state:#?}");
                "best"
            }
            MoveAnswer::Found { cost, bound, .. } => {
                let is_bound = least.is_some_and(|least| least >= bound.copied);
                assert!(is_bound, "seed {seed}: {state:#?}");
                if cost.copied == bound.copied {
                    "found, copied the least"
                } else if Some(cost.copied) == least {
                    "found, copied the least, not proven"
                } else {
                    "found, copied more"
                }
            }
            MoveAnswer::Impossible { why } => {
                assert_eq!(least, None, "seed {seed}: {why}: {state:#?}");
                "impossible"
            }
            MoveAnswer::Unknown { bound, .. } => {
                assert!(
                    least.is_none_or(|least| least >= bound.copied),
                    "seed {seed}: {state:#?}"
                );
                if least.is_some() {
                    "open, with a way"
                } else {
                    "open, without"
                }
            }
        };
        *counts.entry(kind).or_default() += 1;
    }
    eprintln!("{counts:?}");
    assert!(
        counts.get("best").is_some_and(|count| *count > cases / 4),
        "{counts:?}"
    );
}
