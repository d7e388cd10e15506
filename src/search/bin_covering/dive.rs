//! A plan from the relaxation of patterns: diving with column generation.
//!
//! What the relaxation chooses whole is taken, or else what it chooses most of, and the relaxation of
//! what is left is solved again, with the patterns that it then wants (Sadykov et al. 2019). Where it ends
//! badly another column comes first, and then columns are drawn. The last legs are
//! chosen exactly, except in the first dive, which mostly ends well.

use crate::core::Limits;
use crate::search::bin_covering::column_generation::{Master, Program};
use crate::search::bin_covering::enumeration::{self, Enumerated};
use crate::search::bin_covering::pattern::Pattern;
use crate::search::bin_covering::simplex::Amount;
use crate::search::random::Random;

/// Rounds of column generation per step.
const ROUNDS: usize = 60;
/// Dives that differ in the first column alone, and from how many columns the others draw.
const FIRST_DIVES: usize = 6;
const DRAWN: usize = 3;
/// Legs that are chosen exactly, the patterns that are listed for that, and the nodes of the search.
const LAST_LEGS: usize = 8;
const LISTED: (usize, u64) = (1_000, 1_000);

/// A pattern for each leg, together below `known`; each dive begins with another column.
pub(crate) fn below(
    program: &Program<'_>,
    root: &Master<'_>,
    dive: usize,
    known: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Pattern>> {
    let (mut room, mut legs) = (program.room(), program.ground.legs());
    let (mut taken, mut cost) = (Vec::new(), 0);
    let mut held: Option<Master<'_>> = None;
    let mut is_enumerated = false;
    let mut random = Random::of(limits, dive as u64);
    loop {
        let master = held.as_ref().unwrap_or(root);
        let chosen = master.chosen();
        let skipped = match (dive < FIRST_DIVES, taken.is_empty()) {
            (true, true) => dive,
            (true, false) => 0,
            (false, _) => random.position(DRAWN),
        };
        let mut whole: Vec<(usize, i64)> = chosen
            .iter()
            .map(|&(column, amount)| (column, amount.times()))
            .filter(|(_, times)| *times > 0)
            .collect();
        if skipped > 0 || whole.is_empty() {
            let is_broken =
                |&&(column, amount): &&(usize, Amount)| amount.is_broken() && master.fits(column);
            let mut broken = chosen.iter().filter(is_broken).cycle();
            let &(column, _) = broken.nth(skipped)?;
            whole.push((column, 1));
        }
        for (column, times) in whole {
            let pattern = &master.patterns[column];
            for _ in 0..times {
                for (row, takes) in program.takes(pattern) {
                    room[row] -= takes;
                }
                legs = legs.checked_sub(1)?;
                cost += program.cost(pattern);
                taken.push(pattern.clone());
            }
        }
        if room.iter().any(|left| *left < 0) || cost >= known || limits.is_over() {
            return None;
        }
        if legs == 0 {
            return Some(taken);
        }
        let patterns = master.patterns.iter().cloned();
        let mut next = Master::new(program, room.clone(), legs, known + 2, patterns);
        next.generate(ROUNDS, known - cost, limits)?;
        if let Some(best) = &next.best
            && cost + best.bound() >= known
        {
            return None;
        }
        if let Some(best) = &next.best
            && dive > 0
            && legs <= LAST_LEGS
            && !is_enumerated
        {
            is_enumerated = true;
            let (wanted, left) = ((known - cost).checked_sub(1)?, (&room[..], legs));
            match enumeration::within(program, best, left, wanted, LISTED, limits) {
                Enumerated::Found(last) => {
                    taken.extend(last);
                    return Some(taken);
                }
                Enumerated::None => return None,
                Enumerated::Open => {}
            }
        }
        held = Some(next);
    }
}
