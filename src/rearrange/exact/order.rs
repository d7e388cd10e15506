//! In which order runs go to their places, and what has to step aside for a while.
//!
//! What has its place free goes there, else as much of it as has. Where nothing has, a closed cycle is opened: one extent of
//! each of several cycles, side by side, steps aside. Where columns wait for each other, one leaves the source that others
//! wait for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use crate::core::{Area, HeldPiece, Limits, Move, Policy, Rearrangement, Segment, Separation};
use crate::rearrange::exact::cycles::Cycles;
use crate::rearrange::exact::tasks::Task;
use crate::rearrange::fields::Field;

/// Sources that are looked at for a run that steps aside, and runs for one that does.
const MOST_TRIES: usize = 64;

/// How far an order may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// Moves.
    pub(crate) moves: usize,
    /// Extents of one run that may step aside at once, also where fewer would do.
    pub(crate) aside: u64,
    /// Whether what is contiguous moves in one go, so that it is whole at each step.
    pub(crate) whole: bool,
}

/// The moves that bring all runs to their places; none where it is stuck, which says nothing about whether there are some,
/// or takes more moves than it may.
pub(crate) fn order(
    state: &Rearrangement,
    tasks: &[Task],
    cycles: &Cycles,
    reach: Reach,
    limits: &Limits<'_>,
) -> Option<Vec<Move>> {
    let mut order = Order {
        state,
        cycles,
        reach,
        field: Field::of(state),
        tasks: Vec::new(),
        by_target: BTreeMap::new(),
        by_place: BTreeMap::new(),
        by_entry: BTreeMap::new(),
        ready: VecDeque::new(),
        parts: BTreeSet::new(),
        part_of: Vec::new(),
        apart: BTreeSet::new(),
        spaces: BTreeSet::new(),
        longest: Vec::new(),
        opened: vec![false; cycles.count as usize + 1],
        closed: BinaryHeap::new(),
        met: vec![0; cycles.count as usize + 1],
    };
    for source in 0..state.sources.len() {
        let longest = order.field.free(source).longest();
        order.longest.push(longest);
        if longest > 0 {
            order.spaces.insert((longest, source));
        }
    }
    for task in tasks {
        order.add(*task);
    }
    for number in 0..order.tasks.len() {
        let length = order.stretch(number).map_or(0, |(_, length)| length);
        if length > 0 {
            order.closed.push((length, Reverse(number)));
        }
    }
    order.run(limits)
}

struct Order<'s> {
    state: &'s Rearrangement,
    cycles: &'s Cycles,
    reach: Reach,
    field: Field<'s>,
    tasks: Vec<Option<Task>>,
    /// By source and first extent who is to lie there.
    by_target: BTreeMap<(usize, u64), usize>,
    /// By source and first extent who lies there, and is to leave.
    by_place: BTreeMap<(usize, u64), usize>,
    /// By volume and source who is to come there.
    by_entry: BTreeMap<(usize, usize), BTreeSet<usize>>,
    /// Those around whom something has changed.
    ready: VecDeque<usize>,
    /// Those of whose places a part is free, by its length.
    parts: BTreeSet<(u64, Reverse<usize>)>,
    part_of: Vec<Option<u64>>,
    /// Those whom siblings keep away.
    apart: BTreeSet<usize>,
    /// Sources by their longest free run.
    spaces: BTreeSet<(u64, usize)>,
    longest: Vec<u64>,
    /// Cycles of which an extent has stepped aside.
    opened: Vec<bool>,
    /// Those with extents in closed cycles, by how many may step aside at once when it was last looked.
    closed: BinaryHeap<(u64, Reverse<usize>)>,
    /// By cycle where it was met last.
    met: Vec<u64>,
}

impl Order<'_> {
    fn run(mut self, limits: &Limits<'_>) -> Option<Vec<Move>> {
        let mut left_aside = 4 * self.tasks.len() + 16;
        loop {
            if self.field.made() > self.reach.moves || limits.is_over() {
                return None;
            }
            if let Some(number) = self.ready.pop_front() {
                self.look(number);
            } else if let Some((_, Reverse(number))) = self.parts.last().copied() {
                self.go(number);
            } else if self.by_target.is_empty() {
                return Some(self.field.into_moves());
            } else if left_aside > 0 && (self.open() || self.make_way()) {
                left_aside -= 1;
            } else {
                return None;
            }
        }
    }

    fn add(&mut self, task: Task) {
        if task.from == task.to {
            return;
        }
        let number = self.tasks.len();
        let target = (task.to.source, task.to.area.start());
        self.by_target.insert(target, number);
        let place = (task.from.source, task.from.area.start());
        self.by_place.insert(place, number);
        let entry = self.by_entry.entry((task.volume, task.to.source));
        entry.or_default().insert(number);
        self.tasks.push(Some(task));
        self.part_of.push(None);
        self.ready.push_back(number);
    }

    fn take(&mut self, number: usize) -> Option<Task> {
        let task = self.tasks[number].take()?;
        let target = (task.to.source, task.to.area.start());
        self.by_target.remove(&target);
        let place = (task.from.source, task.from.area.start());
        self.by_place.remove(&place);
        let entry = (task.volume, task.to.source);
        if let Some(all) = self.by_entry.get_mut(&entry) {
            all.remove(&number);
            if all.is_empty() {
                self.by_entry.remove(&entry);
            }
        }
        self.forget(number);
        Some(task)
    }

    /// Takes back what was found out about a task.
    fn forget(&mut self, number: usize) {
        if let Some(length) = self.part_of[number].take() {
            self.parts.remove(&(length, Reverse(number)));
        }
        self.apart.remove(&number);
    }

    /// Looks whether a task can go; it goes at once where all of it can.
    fn look(&mut self, number: usize) {
        let Some(task) = self.tasks[number] else {
            return;
        };
        self.forget(number);
        if !self
            .field
            .may_enter(task.volume, task.leg, &task.run(), task.to.source)
        {
            self.apart.insert(number);
            return;
        }
        let Some((_, length)) = self.free_part(&task) else {
            return;
        };
        if length == task.count() {
            self.go(number);
            return;
        }
        if self.stays_whole(&task) {
            return;
        }
        self.part_of[number] = Some(length);
        self.parts.insert((length, Reverse(number)));
    }

    fn stays_whole(&self, task: &Task) -> bool {
        let policy = self.state.volumes[task.volume].policy;
        self.reach.whole && policy == Policy::Contiguous && task.count() > 1
    }

    /// The longest part of a task whose place is free.
    fn free_part(&self, task: &Task) -> Option<(u64, u64)> {
        let free = self.field.free(task.to.source).meeting(task.to.area);
        let parts = free.filter_map(|area| area.intersection(task.to.area));
        let longest = parts.max_by_key(|area| (area.count(), Reverse(area.start())))?;
        Some((longest.start() - task.to.area.start(), longest.count()))
    }

    /// Moves what of a task has its place free.
    fn go(&mut self, number: usize) {
        let part = self.tasks[number].and_then(|task| self.free_part(&task));
        let (Some((start, length)), Some(task)) = (part, self.take(number)) else {
            return;
        };
        task.around(start, length).for_each(|rest| self.add(rest));
        if let Some(part) = task.part(start, length) {
            self.carry(&part, part.to);
        }
    }

    /// Makes a move, and wakes those for whom that changes something.
    fn carry(&mut self, task: &Task, to: Segment) {
        let from = task.from;
        self.field.make(Move {
            volume: task.volume,
            leg: task.leg,
            from,
            to,
        });
        for source in [from.source, to.source] {
            let longest = self.field.free(source).longest();
            let before = std::mem::replace(&mut self.longest[source], longest);
            if before != longest {
                self.spaces.remove(&(before, source));
                self.spaces.insert((longest, source));
            }
        }
        self.spaces.remove(&(0, to.source));
        for place in [from, to] {
            let woken = waiting_for(&self.by_target, place);
            self.ready.extend(woken);
        }
        let has_left = from.source != to.source
            && match self.state.volumes[task.volume].separation {
                Separation::None => false,
                Separation::Segment => true,
                Separation::Leg => !self.field.is_on(task.volume, task.leg, from.source),
            };
        if has_left {
            let sources = match self.state.domains.is_empty() {
                true => from.source..=from.source,
                false => 0..=usize::MAX,
            };
            let keys = (task.volume, *sources.start())..=(task.volume, *sources.end());
            let woken = self.by_entry.range(keys).flat_map(|(_, all)| all);
            self.ready.extend(woken);
        }
    }

    /// The part of a task that may step aside at once: of closed cycles, each met once, or as long as it may be.
    fn stretch(&mut self, number: usize) -> Option<(u64, u64)> {
        let task = self.tasks[number].filter(|task| !self.stays_whole(task))?;
        let mut best: Option<(u64, u64)> = None;
        let (mut start, mut aside) = (0, 0);
        for at in 0..task.count() {
            let cycle = self.cycles.cycle(task.number + at) as usize;
            if cycle == 0 || self.opened[cycle] {
                (start, aside) = (at + 1, at + 1);
                continue;
            }
            // The number of the extent, from 1 on, tells this look from all others.
            let met = self.met[cycle].checked_sub(task.number + 1);
            self.met[cycle] = task.number + at + 1;
            start = met
                .filter(|met| *met < at)
                .map_or(start, |met| start.max(met + 1));
            aside = aside.max((at + 1).saturating_sub(self.reach.aside));
            let first = start.min(aside);
            let length = at + 1 - first;
            if best.is_none_or(|(_, most)| length > most) {
                best = Some((first, length));
            }
        }
        best
    }

    /// Opens closed cycles: extents of them step aside; says whether some did.
    fn open(&mut self) -> bool {
        let mut without_space = Vec::new();
        let mut is_opened = false;
        while let Some((known, Reverse(number))) = self.closed.pop() {
            let Some((start, length)) = self.stretch(number) else {
                continue;
            };
            if length < known {
                self.closed.push((length, Reverse(number)));
                continue;
            }
            let part = self.tasks[number].and_then(|task| task.part(start, length));
            let Some(part) = part else { continue };
            let Some(to) = self.space(&part, |_| true) else {
                without_space.push((known, Reverse(number)));
                if without_space.len() == MOST_TRIES {
                    break;
                }
                continue;
            };
            let moved = to.area.count();
            for at in 0..moved {
                let cycle = self.cycles.cycle(part.number + at) as usize;
                self.opened[cycle] = true;
            }
            let rests = self.step_aside(number, start, to);
            for rest in rests {
                let length = self.stretch(rest).map_or(0, |(_, length)| length);
                if length > 0 {
                    self.closed.push((length, Reverse(rest)));
                }
            }
            is_opened = true;
            break;
        }
        self.closed.extend(without_space);
        is_opened
    }

    /// Where a run, or as much of it as can, steps aside to: the shortest space that holds it.
    fn space(&self, task: &Task, is_meant: impl Fn(usize) -> bool) -> Option<Segment> {
        let wanted = task.count();
        let run = task.run();
        let larger = self.spaces.range((wanted, 0)..);
        let smaller = self.spaces.range(..(wanted, 0)).rev();
        let spaces = larger
            .take(MOST_TRIES)
            .chain(smaller.take(MOST_TRIES))
            .map(|(_, source)| *source);
        let may_go = |source: &usize| {
            is_meant(*source) && self.field.may_enter(task.volume, task.leg, &run, *source)
        };
        let is_wanted = |source: &usize| {
            *source != task.from.source && self.by_entry.contains_key(&(task.volume, *source))
        };
        let keeps_apart = self.state.volumes[task.volume].separation != Separation::None;
        let allowed: Vec<usize> = spaces.filter(may_go).collect();
        let calm = allowed
            .iter()
            .find(|source| !keeps_apart || !is_wanted(source));
        let source = *calm.or(allowed.first())?;
        let free = self.field.free(source);
        if self.stays_whole(task) && free.longest() < wanted {
            return None;
        }
        let holds = free.iter().filter(|area| area.count() >= wanted);
        let shortest = holds.min_by_key(|area| (area.count(), area.start()));
        let area = shortest.or_else(|| free.iter().max_by_key(|area| area.count()))?;
        let area = Area::new(area.start(), area.count().min(wanted))?;
        Some(Segment { source, area })
    }

    /// Moves some extents of a task aside; returns what is left of it.
    fn step_aside(&mut self, number: usize, start: u64, to: Segment) -> Vec<usize> {
        let Some(task) = self.take(number) else {
            return Vec::new();
        };
        let first = self.tasks.len();
        task.around(start, to.area.count())
            .for_each(|rest| self.add(rest));
        let rests = (first..self.tasks.len()).collect();
        if let Some(part) = task.part(start, to.area.count()) {
            self.carry(&part, to);
            self.add(Task { from: to, ..part });
        }
        rests
    }

    /// Lets a column leave a source that others wait for; says whether anything moved.
    fn make_way(&mut self) -> bool {
        let mut choices: Vec<(u64, usize)> = Vec::new();
        for &number in self.apart.iter().take(MOST_TRIES) {
            let Some(task) = self.tasks[number] else {
                continue;
            };
            let all = self
                .field
                .in_the_way(task.volume, task.leg, &task.run(), task.to.source);
            let extents: u64 = all.map(|(_, piece)| piece.place.area.count()).sum();
            choices.push((extents, number));
        }
        choices.sort_unstable();
        choices.into_iter().any(|(_, number)| self.leave(number))
    }

    /// Moves what keeps a task away somewhere else, where all of that can.
    fn leave(&mut self, number: usize) -> bool {
        let Some(waiting) = self.tasks[number] else {
            return false;
        };
        let (volume, to) = (waiting.volume, waiting.to.source);
        let pieces = self
            .field
            .in_the_way(volume, waiting.leg, &waiting.run(), to);
        let pieces: Vec<(usize, HeldPiece)> = pieces.collect();
        let mut going: BTreeSet<usize> = BTreeSet::new();
        for (_, piece) in &pieces {
            let mut covered = 0;
            for one in waiting_for(&self.by_place, piece.place) {
                let area = self.tasks[one].map(|task| task.from.area);
                let shared = area.and_then(|area| area.intersection(piece.place.area));
                covered += shared.map_or(0, Area::count);
                going.extend(shared.map(|_| one));
            }
            // What is at home stays there, and nobody comes.
            if covered < piece.place.area.count() {
                return false;
            }
        }
        let mut moved = false;
        for number in going {
            let Some(mut task) = self.tasks[number] else {
                continue;
            };
            let mut at = number;
            while let Some(to) = self.space(&task, |source| source != task.from.source) {
                let rests = self.step_aside(at, 0, to);
                moved = true;
                match rests
                    .first()
                    .and_then(|&rest| Some((rest, self.tasks[rest]?)))
                {
                    Some((rest, left)) => (at, task) = (rest, left),
                    None => break,
                }
            }
        }
        moved
    }
}

/// The runs that a map has on some extents.
fn waiting_for(
    by_place: &BTreeMap<(usize, u64), usize>,
    place: Segment,
) -> impl Iterator<Item = usize> {
    let Segment { source, area } = place;
    let before = by_place
        .range((source, 0)..(source, area.start()))
        .next_back();
    let within = by_place.range((source, area.start())..(source, area.end()));
    before.into_iter().chain(within).map(|(_, number)| *number)
}
