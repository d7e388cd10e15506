//! Ruin and recreate: some units that lie close to each other are taken out and placed again, in another
//! order and with other choices, as long as that is not much worse.
//!
//! # Source
//! Schrimpf, Schneider, Stamm-Wilbrandt, Dueck, "Record breaking optimization results using the ruin and
//! recreate principle", Journal of Computational Physics 159 (2000); what is accepted: threshold accepting,
//! Dueck and Scheuer, Journal of Computational Physics 90 (1990).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{Limits, Plan};
use crate::search::random::Random;
use crate::search::ruin_and_recreate::layout;
use crate::search::ruin_and_recreate::model::{Kind, Model};
use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::place::place;
use crate::search::ruin_and_recreate::state::{Placed, Price, State};

/// By how much a round may make the measures worse at first and at the end, in their weights.
const FIRST_THRESHOLD: u64 = 900;
const LAST_THRESHOLD: u64 = 4;
/// By how many hundredths choices are wrong at most.
const NOISE: u64 = 30;
/// How many of a hundred cells are overlooked, in every other round.
const BLINKS: u64 = 5;
/// Units taken out at most in a round, and units that have no place and are tried.
const MOST_RUINED: u64 = 12;
const MOST_OPEN: usize = 64;

/// One walk from partial plan to partial plan.
pub(crate) struct Walk<'a> {
    model: &'a Model<'a>,
    current: State<'a>,
    /// What the best partial plan so far costs, and where its units lie.
    best: (Price, Vec<Option<Placed>>),
    noise: Noise,
    /// By request how often it found no place.
    failures: Vec<u64>,
}

impl<'a> Walk<'a> {
    /// Everything placed in turn, on top of a plan if there is one; only the first walk does so whatever it
    /// takes. From then on it looks at cells no more than `most_looks` times.
    pub(crate) fn start(
        model: &'a Model<'a>,
        plan: Option<&Plan>,
        candidate: u64,
        most_looks: u64,
        limits: &Limits<'_>,
    ) -> Walk<'a> {
        let mut current = State::of(model);
        current.most_looks = if candidate == 0 { u64::MAX } else { most_looks };
        if let Some(plan) = plan {
            layout::start_from(&mut current, plan);
        }
        let noise = Noise {
            random: Random::of(limits, candidate),
            hundredths: if candidate == 0 { 0 } else { NOISE },
            blinks: 0,
        };
        let mut walk = Walk {
            model,
            best: (current.price(), Vec::new()),
            current,
            noise,
            failures: vec![0; model.wishes.len()],
        };
        let open = walk.open_units();
        walk.recreate(open, limits);
        walk.best = (walk.current.price(), walk.current.placed.clone());
        walk.current.looks = 0;
        walk.current.most_looks = most_looks;
        walk
    }

    pub(crate) fn best(&self) -> Price {
        self.best.0
    }

    /// The best plan so far; requests that are not placed whole are left out.
    pub(crate) fn plan(&self) -> Plan {
        layout::plan(self.model, &self.best.1)
    }

    /// Goes on from where another walk is best.
    pub(crate) fn follow(&mut self, other: &Walk<'a>) {
        self.best.clone_from(&other.best);
        let (looks, most_looks) = (self.current.looks, self.current.most_looks);
        self.current = State::of(self.model);
        (self.current.looks, self.current.most_looks) = (looks, most_looks);
        for (unit, placed) in other.best.1.iter().enumerate() {
            if let Some(placed) = placed {
                self.current.put_back(unit, placed.clone());
            }
        }
    }

    /// Whether it has looked at cells as often as it may.
    pub(crate) fn is_spent(&self) -> bool {
        self.current.looks > self.current.most_looks
    }

    /// So many rounds, of which the walk has `done` of `all` behind it, or fewer if its looks are spent; whether
    /// the best became better.
    pub(crate) fn run(
        &mut self,
        rounds: u64,
        (done, all): (u64, u64),
        limits: &Limits<'_>,
    ) -> bool {
        let before = self.best.0;
        for round in 0..rounds {
            if self.is_spent() || round.is_multiple_of(16) && limits.is_over() {
                break;
            }
            // The threshold falls with what is spent of the rounds, or of the looks.
            let of_rounds = (FIRST_THRESHOLD - LAST_THRESHOLD) * (done + round) / all.max(1);
            let (looks, most_looks) = (self.current.looks, self.current.most_looks);
            let of_looks = looks / (most_looks / (FIRST_THRESHOLD - LAST_THRESHOLD)).max(1);
            let threshold = FIRST_THRESHOLD.saturating_sub(of_rounds.max(of_looks));
            self.round(threshold.max(LAST_THRESHOLD), limits);
        }
        self.best.0 < before
    }

    fn round(&mut self, threshold: u64, limits: &Limits<'_>) {
        self.noise.hundredths = NOISE;
        self.noise.blinks = BLINKS * self.noise.random.below(2);
        let before = self.current.price();
        let ruined = self.ruin();
        let mut units = self.some_open();
        let mut undo: Vec<(usize, Option<Placed>)> =
            units.iter().map(|&unit| (unit, None)).collect();
        for unit in ruined {
            units.push(unit);
            undo.push((unit, self.current.remove(unit)));
        }
        self.recreate(units, limits);
        let after = self.current.price();
        if after < self.best.0 {
            self.best = (after, self.current.placed.clone());
        }
        if !is_accepted(before, after, threshold, &mut self.noise.random) {
            for (unit, _) in &undo {
                self.current.remove(*unit);
            }
            for (unit, placed) in undo {
                if let Some(placed) = placed {
                    self.current.put_back(unit, placed);
                }
            }
        }
    }

    fn open_units(&self) -> Vec<usize> {
        let placed = self.current.placed.iter().enumerate();
        let open = placed.filter(|(_, placed)| placed.is_none());
        open.map(|(unit, _)| unit).collect()
    }

    /// Units without a place that look for one in a round: all, or where they are many some of them.
    fn some_open(&mut self) -> Vec<usize> {
        let mut open = self.open_units();
        if open.len() <= MOST_OPEN {
            return open;
        }
        for at in 0..MOST_OPEN {
            let other = at + self.noise.random.position(open.len() - at);
            open.swap(at, other);
        }
        open.truncate(MOST_OPEN);
        // Who may be left out is in or out as a whole.
        let requests: BTreeSet<usize> = open
            .iter()
            .map(|&unit| self.model.units[unit].request)
            .collect();
        for request in requests
            .into_iter()
            .filter(|&request| self.current.is_optional(request))
        {
            let units = self.model.wishes[request].units.clone();
            open.extend(units.filter(|&unit| self.current.placed[unit].is_none()));
        }
        open.sort_unstable();
        open.dedup();
        open
    }

    /// Units that lie close to each other; an optional request comes out as a whole.
    fn ruin(&mut self) -> Vec<usize> {
        let random = &mut self.noise.random;
        let state = &self.current;
        let units = self.model.units.len();
        let most = 1 + random.below(MOST_RUINED.min(units as u64));
        let mut seed = random.position(units);
        // A leg of several areas has most to gain.
        for _ in 0..8 {
            let pieces = state.placed[seed]
                .as_ref()
                .map_or(0, |placed| placed.iter().flatten().count());
            if pieces > 1 || random.below(100) < 30 {
                break;
            }
            seed = random.position(units);
        }
        let mut ruined = vec![seed];
        // Where nobody lies yet: around the cells that it could use.
        for _ in 0..4 * most {
            if ruined.len() as u64 >= most {
                break;
            }
            let of = ruined[random.position(ruined.len())];
            let cells: Vec<usize> = match &state.placed[of] {
                Some(placed) => placed.iter().flatten().map(|piece| piece.cell).collect(),
                None => Vec::new(),
            };
            let cell = match cells.get(random.position(cells.len())) {
                Some(&cell) if random.below(4) < 3 => cell,
                Some(&cell) => {
                    // Another cell of the source.
                    let source = state.source(cell);
                    let near = cell.saturating_sub(random.position(4)) + random.position(4);
                    let near = near.min(self.model.cells.len() - 1);
                    if state.source(near) == source {
                        near
                    } else {
                        cell
                    }
                }
                None => {
                    let all = self.model.cells.len();
                    let mut own = self.model.cells_of(self.model.units[of].request);
                    match own.nth(random.position(all)) {
                        Some(cell) => cell,
                        None => random.position(all),
                    }
                }
            };
            let users = &state.users[cell];
            let next = match users.is_empty() {
                true => random.position(units),
                false => users[random.position(users.len())],
            };
            if !ruined.contains(&next) {
                ruined.push(next);
            }
        }
        let mut all = Vec::new();
        for unit in ruined {
            let request = self.model.units[unit].request;
            let wish = &self.model.wishes[request];
            // Companions follow their legs, and who may be left out is in or out as a whole.
            let has_companions = wish.units.len() > wish.request.legs();
            match state.is_optional(request) || has_companions && random.below(2) == 0 {
                true => all.extend(wish.units.clone()),
                false => all.push(unit),
            }
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|&unit| state.placed[unit].is_some());
        all
    }

    /// Places units, the hardest first; an optional request goes in as a whole or not at all.
    fn recreate(&mut self, units: Vec<usize>, limits: &Limits<'_>) {
        let shuffles = self.noise.happens(15);
        let by_value = self.noise.random.below(3);
        let keyed = units.into_iter();
        let keyed = keyed.map(|unit| (self.key(unit, shuffles, by_value), unit));
        let mut keyed: Vec<_> = keyed.collect();
        keyed.sort_unstable();
        let mut units: Vec<usize> = keyed.into_iter().map(|(_, unit)| unit).collect();
        if units.len() > 1 && self.noise.happens(20) {
            units.swap(0, 1);
        }
        for (count, &unit) in units.iter().enumerate() {
            // A first plan of very many takes long by itself.
            if count.is_multiple_of(64) && limits.is_over() {
                return;
            }
            let request = self.model.units[unit].request;
            if self.current.placed[unit].is_some() {
                continue;
            }
            if !self.current.is_optional(request) {
                if !place(&mut self.current, unit, &mut self.noise) {
                    self.failures[request] += 1;
                }
                continue;
            }
            let own = self.model.wishes[request].units.clone();
            let open: Vec<usize> = own
                .filter(|&own| self.current.placed[own].is_none())
                .collect();
            let all_placed = open
                .iter()
                .all(|&own| place(&mut self.current, own, &mut self.noise));
            if !all_placed {
                for unit in open {
                    self.current.remove(unit);
                }
                self.failures[request] += 1;
            }
        }
    }

    /// Where a unit comes in the order: who has least choice first, then the longest.
    fn key(&mut self, unit: usize, shuffles: bool, by_value: u64) -> (u32, u32, Reverse<u128>) {
        let of = self.model.units[unit];
        let wish = &self.model.wishes[of.request];
        let legs = match of.kind {
            Kind::Legs => wish.request.legs() as u128,
            Kind::Leg(_) | Kind::Metadata(_) | Kind::Log => 1,
        };
        let random = &mut self.noise.random;
        let spread = self.noise.hundredths;
        let companion = u32::from(matches!(of.kind, Kind::Metadata(_) | Kind::Log));
        if shuffles {
            return (0, companion, Reverse(u128::from(random.below(1 << 20))));
        }
        if let Some(value) = wish.request.value {
            let extents = u128::from(wish.request.total_extents().unwrap_or(u64::MAX)).max(1);
            let part = u128::from(30 + random.below(140));
            let worth = match by_value {
                0 => (u128::from(value) << 32) * part / extents,
                1 => u128::from(value) * part,
                _ => u128::from(random.below(1 << 20)),
            };
            return (8, companion, Reverse(worth));
        }
        let rank = match spread > 0 && random.below(4) == 0 {
            true => wish.rank / 2,
            false => wish.rank,
        };
        let more =
            u128::from(100 + random.below(1 + spread) + 10 * self.failures[of.request].min(50));
        (
            rank,
            companion,
            Reverse(u128::from(of.extents) * legs * more),
        )
    }
}

/// Whether to go on from there: not if less is placed, now and then if it costs a little more.
fn is_accepted(before: Price, after: Price, threshold: u64, random: &mut Random) -> bool {
    if after <= before {
        return true;
    }
    if after.missing > before.missing {
        // What lacks a place has to find new ways.
        return before.missing > 0
            && after.missing <= before.missing + 1 + before.missing / 8
            && random.below(40) == 0;
    }
    after.missing == before.missing
        && after.unserved == before.unserved
        && after.rest <= before.rest + random.below(threshold + 1)
}
