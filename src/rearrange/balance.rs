//! How low the highest fill can be: of every source the same share is held at most.

use crate::core::{Areas, Goal, Limits, Rearrangement};
use crate::rearrange::{MoveAnswer, RearrangeError, plan};
use crate::solve::Strategy;

/// Steps between nothing and all that is looked at; between two of them each source has at most one share of its own.
const STEPS: u64 = 1 << 40;

/// Extents of so many, as a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// So many ..
    pub held: u64,
    /// .. of so many; not 0.
    pub of: u64,
}

/// How low the highest fill can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balanced {
    /// The highest fill as it is.
    pub before: Level,
    /// That to which there are moves.
    pub level: Level,
    /// No moves lead below this one.
    pub bound: Level,
    /// Whether that can be counted: all that is held has to find room below it.
    pub is_counted: bool,
}

impl Balanced {
    /// Whether a lower level may be reached.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.level != self.bound
    }
}

/// The lowest level to which moves were found, beside the other goals.
///
/// What is held fits below a level only if the shares of all sources come to as much; the lowest above that for which moves
/// were found is looked for by halving. A level that is impossible bounds all that are lower.
///
/// # Errors
/// As [`plan`].
pub fn balance(
    state: &Rearrangement,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Balanced, RearrangeError> {
    let grounds = grounds(state);
    let before = highest(&grounds);
    let counted = counted(&grounds);
    let (mut level, mut bound) = (None, counted);
    // Steps at which it is too low, and at which it does.
    let (mut low, mut high) = (counted.step(), STEPS);
    let mut next = counted;
    while !limits.is_over() {
        let mut state = state.clone();
        state.goals.push(Goal::Level {
            held: next.held,
            of: next.of,
        });
        match plan(&state, strategy, limits)? {
            MoveAnswer::Best { .. } | MoveAnswer::Found { .. } => {
                level = Some(next);
                high = next.step();
            }
            MoveAnswer::Impossible { .. } => {
                low = next.step() + 1;
                bound = above(&grounds, next);
            }
            MoveAnswer::Unknown { .. } => low = next.step() + 1,
        }
        if low >= high {
            break;
        }
        let middle = below(&grounds, low.midpoint(high));
        next = match middle.step() < low || Some(middle) == level {
            true => below(&grounds, low),
            false => middle,
        };
        if next.step() < low || Some(next) == level {
            break;
        }
    }
    // Beside other goals even what is there may be too low: then nothing is asked for.
    let open = match state.goals.is_empty() {
        true => before,
        false => Level { held: 1, of: 1 },
    };
    let level = level.unwrap_or(open);
    Ok(Balanced {
        before,
        level,
        bound: if level < bound { level } else { bound },
        is_counted: bound == counted,
    })
}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Level) -> Option<std::cmp::Ordering> {
        let one = u128::from(self.held) * u128::from(other.of);
        one.partial_cmp(&(u128::from(other.held) * u128::from(self.of)))
    }
}

impl Level {
    /// The first step that is not below it.
    fn step(self) -> u64 {
        let step = (u128::from(self.held) * u128::from(STEPS)).div_ceil(u128::from(self.of.max(1)));
        u64::try_from(step).unwrap_or(STEPS)
    }

    /// That share of some extents, rounded down.
    fn share(self, all: u64) -> u64 {
        let share = u128::from(all) * u128::from(self.held) / u128::from(self.of.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

/// What a source can hold.
struct Ground {
    /// Its extents, free or held.
    all: u64,
    held: u64,
    /// Of these what cannot move.
    locked: u64,
    /// What it may hold in the end, whatever the level.
    most: u64,
}

fn grounds(state: &Rearrangement) -> Vec<Ground> {
    let barred = state.barred();
    let mut held: Vec<Vec<_>> = vec![Vec::new(); state.sources.len()];
    let mut locked = vec![0; state.sources.len()];
    for leg in state.volumes.iter().flat_map(|volume| &volume.legs) {
        for piece in &leg.pieces {
            held[piece.place.source].push(piece.place.area);
            if leg.locked.is_some() {
                locked[piece.place.source] += piece.place.area.count();
            }
        }
    }
    let sources = state.sources.iter().zip(held).zip(barred).enumerate();
    let grounds = sources.map(|(index, ((source, held), barred))| {
        let held: Areas = held.into_iter().collect();
        let room = source.free.union(&held);
        let open = room.difference(&barred).total();
        Ground {
            all: room.total(),
            held: held.total(),
            locked: locked[index],
            most: match state.closed.contains(&index) {
                true => open.min(held.difference(&barred).total()),
                false => open,
            },
        }
    });
    grounds.filter(|ground| ground.all > 0).collect()
}

fn highest(grounds: &[Ground]) -> Level {
    let levels = grounds.iter().map(|ground| Level {
        held: ground.held,
        of: ground.all,
    });
    levels.fold(Level { held: 0, of: 1 }, |most, level| {
        if level > most { level } else { most }
    })
}

/// The lowest level at which all that is held has room, rules left out.
fn counted(grounds: &[Ground]) -> Level {
    let total: u64 = grounds.iter().map(|ground| ground.held).sum();
    let fits = |level: Level| {
        let shares = grounds
            .iter()
            .map(|ground| level.share(ground.all).min(ground.most));
        let locked = grounds
            .iter()
            .all(|ground| ground.locked <= level.share(ground.all));
        locked && shares.fold(0, u64::saturating_add) >= total
    };
    let (mut low, mut high) = (0, STEPS);
    while low < high {
        let middle = low.midpoint(high);
        let level = Level {
            held: middle,
            of: STEPS,
        };
        match fits(level) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    // The lowest share of a source between the last step that is too low and this one.
    let mut shares: Vec<Level> = grounds
        .iter()
        .map(|ground| Level {
            held: Level {
                held: high,
                of: STEPS,
            }
            .share(ground.all),
            of: ground.all,
        })
        .collect();
    shares.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    let first = shares.partition_point(|level| !fits(*level));
    let highest = Level { held: 1, of: 1 };
    shares.get(first).copied().unwrap_or(highest)
}

/// The highest share of a source that is not above a step.
fn below(grounds: &[Ground], step: u64) -> Level {
    let level = Level {
        held: step,
        of: STEPS,
    };
    let shares = grounds.iter().map(|ground| Level {
        held: level.share(ground.all),
        of: ground.all,
    });
    shares.fold(Level { held: 0, of: 1 }, |most, level| {
        if level > most { level } else { most }
    })
}

/// The lowest share of a source that is above another.
fn above(grounds: &[Ground], level: Level) -> Level {
    let shares = grounds.iter().map(|ground| Level {
        held: level.share(ground.all) + 1,
        of: ground.all,
    });
    shares.fold(Level { held: 1, of: 1 }, |least, level| {
        if level < least { level } else { least }
    })
}
