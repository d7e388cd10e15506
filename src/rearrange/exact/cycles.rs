//! Extents that wait for each other in a circle: each is wanted where the next lies.
//!
//! One extent of each closed cycle is copied twice, whatever is done: the first of it that moves cannot go to its end.

use std::collections::BTreeMap;

use crate::core::{Limits, Segment};
use crate::rearrange::exact::tasks::Task;

/// Most extents that are looked at one by one.
const MOST_EXTENTS: u64 = 1 << 25;
/// Nobody waits behind it.
const NONE: u32 = u32::MAX;

/// The closed cycles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cycles {
    /// By the number of a misplaced extent its cycle, from 1 on; 0 is none. Empty where there are too many to look at.
    pub(crate) of: Vec<u32>,
    pub(crate) count: u32,
}

impl Cycles {
    /// The cycles of what is misplaced; none where that is too much to be looked at.
    pub(crate) fn of(tasks: &[Task], limits: &Limits<'_>) -> Cycles {
        let total = tasks.last().map_or(0, |task| task.number + task.count());
        if total > MOST_EXTENTS || !limits.allow_bytes(u128::from(total) * 9) {
            return Cycles::default();
        }
        let size = usize::try_from(total).unwrap_or(0);
        let mut next = vec![NONE; size];
        let mut is_wanted = vec![false; size];
        let by_place: BTreeMap<(usize, u64), &Task> = tasks
            .iter()
            .map(|task| ((task.from.source, task.from.area.start()), task))
            .collect();
        for task in tasks {
            for other in lying_on(&by_place, task.to) {
                let Some(shared) = task.to.area.intersection(other.from.area) else {
                    continue;
                };
                let mine = task.number + (shared.start() - task.to.area.start());
                let theirs = other.number + (shared.start() - other.from.area.start());
                for at in 0..shared.count() {
                    let (mine, theirs) = (index(mine + at), index(theirs + at));
                    next[mine] = u32::try_from(theirs).unwrap_or(NONE);
                    is_wanted[theirs] = true;
                }
            }
        }
        // Chains begin where nobody wants to be, and end in what is free; what is left are cycles.
        let mut of = vec![0u32; size];
        for first in (0..size).filter(|&first| !is_wanted[first]) {
            let mut at = first;
            while of[at] == 0 {
                of[at] = NONE;
                match next[at] {
                    NONE => break,
                    behind => at = behind as usize,
                }
            }
        }
        let mut count = 0;
        for first in 0..size {
            if of[first] == 0 {
                count += 1;
                let mut at = first;
                while of[at] == 0 {
                    of[at] = count;
                    at = next[at] as usize;
                }
            }
        }
        of.iter_mut()
            .filter(|cycle| **cycle == NONE)
            .for_each(|cycle| *cycle = 0);
        Cycles { of, count }
    }

    /// The cycle of an extent.
    pub(crate) fn cycle(&self, number: u64) -> u32 {
        self.of.get(index(number)).copied().unwrap_or(0)
    }

    /// How many cycles no extent of some volumes is in.
    pub(crate) fn untouched(&self, tasks: &[Task], volumes: impl Fn(usize) -> bool) -> u64 {
        let mut touched = vec![false; self.count as usize + 1];
        for task in tasks.iter().filter(|task| volumes(task.volume)) {
            for at in 0..task.count() {
                touched[self.cycle(task.number + at) as usize] = true;
            }
        }
        touched.iter().skip(1).filter(|touched| !**touched).count() as u64
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The runs that lie on some extents, in their order.
fn lying_on<'t>(
    by_place: &'t BTreeMap<(usize, u64), &'t Task>,
    place: Segment,
) -> impl Iterator<Item = &'t Task> {
    let Segment { source, area } = place;
    let before = by_place
        .range((source, 0)..(source, area.start()))
        .next_back();
    let within = by_place.range((source, area.start())..(source, area.end()));
    before.into_iter().chain(within).map(|(_, task)| *task)
}
