//! Tiny states, and an exhaustive search over all moves of them.

#![allow(dead_code, unreachable_pub, reason = "shared by several test files")]

use std::collections::{BTreeSet, HashSet};

use extentplan::core::{
    Area, Areas, Goal, HeldLeg, HeldPiece, HeldVolume, Policy, Rearrangement, Segment, Separation,
    Source,
};

pub fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

pub fn place(source: usize, start: u64, count: u64) -> Segment {
    Segment {
        source,
        area: area(start, count),
    }
}

/// A leg with pieces one behind the other.
pub fn leg(name: &str, column: usize, places: &[Segment]) -> HeldLeg {
    let mut offset = 0;
    let pieces = places.iter().map(|&place| {
        let piece = HeldPiece { offset, place };
        offset += place.area.count();
        piece
    });
    HeldLeg {
        name: name.to_string(),
        column,
        pieces: pieces.collect(),
        locked: None,
    }
}

pub fn volume(name: &str, separation: Separation, legs: Vec<HeldLeg>) -> HeldVolume {
    HeldVolume {
        name: name.to_string(),
        separation,
        policy: Policy::Normal,
        legs,
    }
}

/// Sources of these sizes with the tags of each; what no volume holds is free.
pub fn state(
    sizes: &[(u64, &[&str])],
    volumes: Vec<HeldVolume>,
    goals: Vec<Goal>,
) -> Rearrangement {
    let held = |source: usize| -> Areas {
        let pieces = volumes
            .iter()
            .flat_map(|v| &v.legs)
            .flat_map(|leg| &leg.pieces);
        let here = pieces.filter(|piece| piece.place.source == source);
        here.map(|piece| piece.place.area).collect()
    };
    let sources = sizes
        .iter()
        .enumerate()
        .map(|(index, (extents, tags))| Source {
            name: format!("s{index}"),
            extents: *extents,
            free: Areas::from(area(0, *extents)).difference(&held(index)),
            tags: tags.iter().map(|tag| (*tag).to_string()).collect(),
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

/// Numbers that look random; the same for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, count: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("an index")
    }
}

/// One extent: its volume, its column, its offset.
#[derive(Clone, Copy)]
pub struct Extent {
    volume: usize,
    leg: usize,
    column: usize,
    offset: u64,
}

/// The least that has to be copied, and the fewest moves that copy no more, found by trying all moves of all runs, the
/// cheapest first; nothing where no moves reach the goals.
pub fn least_cost(state: &Rearrangement) -> Option<(u64, u64)> {
    let mut extents = Vec::new();
    let mut start: Vec<(usize, u64)> = Vec::new();
    for (volume, one) in state.volumes.iter().enumerate() {
        for (index, leg) in one.legs.iter().enumerate() {
            for piece in &leg.pieces {
                for at in 0..piece.place.area.count() {
                    extents.push(Extent {
                        volume,
                        leg: index,
                        column: leg.column,
                        offset: piece.offset + at,
                    });
                    start.push((piece.place.source, piece.place.area.start() + at));
                }
            }
        }
    }
    let first = start.clone();
    let slots: Vec<(usize, u64)> = (0..state.sources.len())
        .flat_map(|source| (0..state.sources[source].extents).map(move |extent| (source, extent)))
        .collect();
    let domains = |source: usize| -> BTreeSet<&String> {
        state.sources[source]
            .tags
            .intersection(&state.domains)
            .collect()
    };
    let is_apart = |one: &Extent, other: &Extent| {
        one.volume == other.volume
            && one.column != other.column
            && match state.volumes[one.volume].separation {
                Separation::None => false,
                Separation::Leg => true,
                Separation::Segment => one.offset == other.offset,
            }
    };
    let is_barred = |(source, extent): (usize, u64)| {
        state.goals.iter().any(|goal| match *goal {
            Goal::Drain { source: other } => source == other,
            Goal::Shrink {
                source: other,
                extents,
            } => source == other && extent >= extents,
            Goal::Clear {
                source: other,
                area,
            } => source == other && area.start() <= extent && extent < area.end(),
            Goal::Spare { .. }
            | Goal::Heal
            | Goal::Lie { .. }
            | Goal::Runs { .. }
            | Goal::Level { .. } => false,
        })
    };
    let keeps_policy = |places: &[(usize, u64)]| {
        (0..extents.len()).all(|one| {
            let extent = &extents[one];
            let own = (0..extents.len()).filter(|&other| {
                extents[other].volume == extent.volume && extents[other].column == extent.column
            });
            let sources = |places: &[(usize, u64)]| {
                let sources: BTreeSet<usize> = own.clone().map(|other| places[other].0).collect();
                sources.len()
            };
            let next = own
                .clone()
                .find(|&other| extents[other].offset == extent.offset + 1);
            let is_joined = |places: &[(usize, u64)]| {
                next.is_some_and(|next| places[next] == (places[one].0, places[one].1 + 1))
            };
            match state.volumes[extent.volume].policy {
                Policy::Contiguous => !is_joined(&first) || is_joined(places),
                Policy::Cling => sources(places) <= sources(&first),
                _ => true,
            }
        })
    };
    let is_met = |places: &[(usize, u64)]| {
        keeps_policy(places)
            && state.goals.iter().all(|goal| match *goal {
                Goal::Clear { .. } => places.iter().all(|place| !is_barred(*place)),
                Goal::Spare { source, extents } => {
                    let free = slots.iter().filter(|slot| {
                        slot.0 == source && !is_barred(**slot) && !places.contains(slot)
                    });
                    free.count() as u64 >= extents
                }
                Goal::Lie { volume, leg, piece } => {
                    extents.iter().zip(places).all(|(one, place)| {
                        let at = one.offset.wrapping_sub(piece.offset);
                        let is_drawn =
                            (one.volume, one.leg) == (volume, leg) && at < piece.place.area.count();
                        !is_drawn || *place == (piece.place.source, piece.place.area.start() + at)
                    })
                }
                Goal::Runs { volume, most } => {
                    let own = (0..extents.len()).filter(|&one| extents[one].volume == volume);
                    let heads = own.filter(|&one| {
                        !(0..extents.len()).any(|other| {
                            let (one, other) = (
                                (&extents[one], places[one]),
                                (&extents[other], places[other]),
                            );
                            (one.0.volume, one.0.leg, one.0.offset)
                                == (other.0.volume, other.0.leg, other.0.offset + 1)
                                && one.1 == (other.1.0, other.1.1 + 1)
                        })
                    });
                    heads.count() as u64 <= most
                }
                Goal::Level { held, of } => (0..state.sources.len()).all(|source| {
                    let here = places.iter().filter(|place| place.0 == source).count() as u64;
                    here * of <= held * state.sources[source].extents
                }),
                Goal::Drain { source } => places.iter().all(|place| place.0 != source),
                Goal::Shrink { source, extents } => places
                    .iter()
                    .all(|place| place.0 != source || place.1 < extents),
                Goal::Heal => (0..places.len()).all(|one| {
                    (0..one).all(|other| {
                        let is_leg =
                            state.volumes[extents[one].volume].separation == Separation::Leg;
                        let (a, b) = (places[one].0, places[other].0);
                        let together =
                            a == b || domains(a).intersection(&domains(b)).next().is_some();
                        !(is_leg && is_apart(&extents[one], &extents[other]) && together)
                    })
                }),
            })
    };
    // How many extents from one on are a run of one leg.
    let run = |places: &[(usize, u64)], first: usize| -> Vec<usize> {
        let mut run = vec![first];
        while let Some(next) = (0..extents.len()).find(|&other| {
            let (last, at) = (&extents[run[run.len() - 1]], places[run[run.len() - 1]]);
            let other_extent = &extents[other];
            (
                other_extent.volume,
                other_extent.column,
                other_extent.offset,
            ) == (last.volume, last.column, last.offset + 1)
                && places[other] == (at.0, at.1 + 1)
        }) {
            run.push(next);
        }
        run
    };
    // What fails as one: a source, or the sources of a tag.
    let fails: Vec<Vec<usize>> = {
        let sources = 0..state.sources.len();
        let tags = state.domains.iter().map(|tag| {
            let tagged = sources.clone().filter(|&one| domains(one).contains(tag));
            tagged.collect()
        });
        sources.clone().map(|one| vec![one]).chain(tags).collect()
    };
    // Two columns, at an offset where only that counts, that were there before the first move.
    let met = |one: &Extent, other: &Extent, failing: &[usize]| {
        let is_there = |wanted: &Extent| {
            extents.iter().zip(&first).any(|(extent, place)| {
                (extent.volume, extent.column) == (wanted.volume, wanted.column)
                    && failing.contains(&place.0)
                    && (state.volumes[wanted.volume].separation == Separation::Leg
                        || extent.offset == wanted.offset)
            })
        };
        is_there(one) && is_there(other)
    };
    let worse = |places: &[(usize, u64)], index: usize, to: usize| {
        let own = &extents[index];
        fails.iter().any(|failing| {
            failing.contains(&to)
                && extents.iter().zip(places).any(|(other, place)| {
                    is_apart(own, other) && failing.contains(&place.0) && !met(own, other, failing)
                })
        })
    };
    let mut seen: HashSet<Vec<(usize, u64)>> = HashSet::new();
    let mut open = BTreeSet::from([((0, 0), start)]);
    while let Some((cost, places)) = open.pop_first() {
        if is_met(&places) {
            return Some(cost);
        }
        if !seen.insert(places.clone()) {
            continue;
        }
        for first in 0..extents.len() {
            let run = run(&places, first);
            for length in 1..=run.len() {
                for &to in &slots {
                    let target = |at: usize| (to.0, to.1 + at as u64);
                    let is_free = (0..length)
                        .all(|at| slots.contains(&target(at)) && !places.contains(&target(at)));
                    let parts = &run[..length];
                    if !is_free
                        || state.closed.contains(&to.0)
                        || parts.iter().any(|&index| worse(&places, index, to.0))
                    {
                        continue;
                    }
                    let mut moved = places.clone();
                    parts
                        .iter()
                        .enumerate()
                        .for_each(|(at, &index)| moved[index] = target(at));
                    if !seen.contains(&moved) {
                        open.insert(((cost.0 + length as u64, cost.1 + 1), moved));
                    }
                }
            }
        }
    }
    None
}
