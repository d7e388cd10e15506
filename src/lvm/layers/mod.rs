//! Which logical volumes can be read after the loss of disks, down through every volume that they stand on.

pub(crate) mod legs;
mod needs;

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::VolumeGroup;
use crate::lvm::layers::needs::{ByName, Needs};
use crate::lvm::owners::seen_by_users;

/// What becomes of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Nothing.
    Whole,
    /// It can be read, with less to lose than before.
    Degraded,
    /// That cannot be told: the source of the data leaves out something that it stands on.
    Unknown,
    /// It cannot be read.
    Lost,
}

/// The volumes of a group as they stand on each other.
#[derive(Clone, Debug)]
pub(crate) struct Layers<'g> {
    pub(crate) group: &'g VolumeGroup,
    needs: Vec<Needs<'g>>,
    /// Every volume behind those that it stands on, but where they stand on each other in a circle.
    order: Vec<usize>,
    is_redundant: Vec<bool>,
    is_seen: Vec<bool>,
    /// Per volume that users see the one that joins it with another: the copies of a snapshot with their origin, an
    /// origin with what merges into it.
    joint: Vec<Option<usize>>,
    /// Per volume those that stand on it directly.
    upper: Vec<Vec<usize>>,
    /// Per disk the volumes that hold extents of it themselves.
    on_disk: Vec<Vec<usize>>,
    /// Per volume where it comes in the order.
    position: Vec<usize>,
    /// Per volume those that users know whose state is its own.
    shown: Vec<Vec<usize>>,
}

/// What becomes of volumes without some more disks.
#[derive(Clone, Debug)]
pub(crate) struct After<'l> {
    before: &'l [State],
    changed: BTreeMap<usize, State>,
}

impl After<'_> {
    /// The state of a volume.
    pub(crate) fn of(&self, volume: usize) -> State {
        self.changed
            .get(&volume)
            .copied()
            .unwrap_or(self.before[volume])
    }

    /// The volumes that are not as before, with what they are now.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (usize, State)> + '_ {
        self.changed.iter().map(|(&volume, &state)| (volume, state))
    }
}

impl<'g> Layers<'g> {
    pub(crate) fn new(group: &'g VolumeGroup) -> Layers<'g> {
        let volumes = &group.logical_volumes;
        let names = volumes.iter().enumerate();
        let by_name: ByName<'g> = names
            .map(|(index, one)| (one.name.as_str(), index))
            .collect();
        let needs = volumes.iter().map(|one| Needs::of(group, &by_name, one));
        let needs: Vec<Needs<'g>> = needs.collect();
        let order = order(&needs);
        let mut is_redundant = vec![false; volumes.len()];
        for &volume in &order {
            let one = &needs[volume];
            let legs = one.legs.as_ref();
            is_redundant[volume] = legs.is_some_and(|(legs, _)| legs.is_redundant())
                || one.all.iter().any(|&lower| is_redundant[lower]);
        }
        let mut joint = vec![None; volumes.len()];
        for (index, volume) in volumes.iter().enumerate() {
            for segment in &volume.segments {
                // What merges is a part of its origin already.
                let key = match segment.strings.contains_key("merging_store") {
                    true => "origin",
                    false => "cow_store",
                };
                let seen = segment
                    .strings
                    .get(key)
                    .filter(|_| segment.base_type() == "snapshot");
                if let Some(&seen) = seen.and_then(|name| by_name.get(name.as_str())) {
                    joint[seen] = Some(index);
                }
            }
        }
        let is_seen = seen_by_users(group);
        let mut upper = vec![Vec::new(); volumes.len()];
        let mut on_disk = vec![Vec::new(); group.physical_volumes.len()];
        let mut position = vec![0; volumes.len()];
        let mut shown = vec![Vec::new(); volumes.len()];
        for (at, &volume) in order.iter().enumerate() {
            position[volume] = at;
            needs[volume]
                .lower()
                .for_each(|lower| upper[lower].push(volume));
            needs[volume]
                .disks
                .iter()
                .for_each(|&disk| on_disk[disk].push(volume));
        }
        for volume in (0..volumes.len()).filter(|&volume| is_seen[volume]) {
            shown[joint[volume].unwrap_or(volume)].push(volume);
        }
        Layers {
            group,
            needs,
            order,
            is_redundant,
            is_seen,
            joint,
            upper,
            on_disk,
            position,
            shown,
        }
    }

    /// Per volume what becomes of it without some disks.
    pub(crate) fn without(&self, is_gone: impl Fn(usize) -> bool) -> Vec<State> {
        let mut states = vec![State::Unknown; self.needs.len()];
        for &volume in &self.order {
            let state = state(&self.needs[volume], |lower| states[lower], &is_gone);
            states[volume] = state;
        }
        states
    }

    /// What becomes of the volumes if `disks` are gone, too; only what stands on these is looked at.
    pub(crate) fn also_without<'l>(
        &'l self,
        before: &'l [State],
        is_gone: impl Fn(usize) -> bool,
        disks: &BTreeSet<usize>,
    ) -> After<'l> {
        let is_gone = |disk: usize| disks.contains(&disk) || is_gone(disk);
        let place = |volume: usize| (self.position[volume], volume);
        let hit = disks.iter().flat_map(|&disk| &self.on_disk[disk]);
        let mut open: BTreeSet<(usize, usize)> = hit.map(|&volume| place(volume)).collect();
        let changed = BTreeMap::new();
        let mut after = After { before, changed };
        while let Some((at, volume)) = open.pop_first() {
            let state = state(&self.needs[volume], |lower| after.of(lower), is_gone);
            if state != before[volume] {
                after.changed.insert(volume, state);
                let upper = self.upper[volume].iter().map(|&upper| place(upper));
                open.extend(upper.filter(|(behind, _)| *behind > at));
            }
        }
        after
    }

    /// The volumes that users know whose state is that of a volume: a snapshot needs its origin, too.
    pub(crate) fn shown(&self, volume: usize) -> &[usize] {
        &self.shown[volume]
    }

    /// The state of a volume as its users see it: a snapshot needs its origin, too.
    pub(crate) fn seen_state(&self, volume: usize, states: &[State]) -> State {
        states[self.joint[volume].unwrap_or(volume)]
    }

    /// Whether a volume stands on copies or parity, be it in part.
    pub(crate) fn is_redundant(&self, volume: usize) -> bool {
        self.is_redundant[self.joint[volume].unwrap_or(volume)]
    }

    /// Whether a volume is of legs that have copies or parity.
    pub(crate) fn is_array(&self, volume: usize) -> bool {
        let legs = self.needs[volume].legs.as_ref();
        legs.is_some_and(|(legs, _)| legs.is_redundant())
    }

    /// The volumes of legs that have copies or parity.
    pub(crate) fn arrays(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.needs.len()).filter(|&volume| self.is_array(volume))
    }

    /// Whether a volume has legs, of whatever type.
    pub(crate) fn has_legs(&self, volume: usize) -> bool {
        self.needs[volume].legs.is_some()
    }

    /// The volumes that a volume is lost with.
    pub(crate) fn needed_by(&self, volume: usize) -> &[usize] {
        &self.needs[volume].all
    }

    /// The volumes that users know and that are lost with one of a set.
    pub(crate) fn seen_among(&self, volumes: &BTreeSet<usize>) -> Vec<&'g str> {
        let is_among = |volume: &usize| volumes.contains(&self.joint[*volume].unwrap_or(*volume));
        let seen = self.seen().filter(is_among);
        seen.map(|volume| self.group.logical_volumes[volume].name.as_str())
            .collect()
    }

    /// The volumes that a volume stands on directly, each once.
    pub(crate) fn directly_below(&self, volume: usize) -> Vec<usize> {
        let mut below: Vec<usize> = Vec::new();
        for lower in self.needs[volume].lower() {
            if !below.contains(&lower) {
                below.push(lower);
            }
        }
        below
    }

    /// A volume and all that it stands on.
    pub(crate) fn all_below(&self, volume: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![volume];
        while let Some(volume) = open.pop() {
            if found.insert(volume) {
                open.extend(self.needs[volume].lower());
            }
        }
        found
    }

    /// Whether users know a volume by its name.
    pub(crate) fn is_seen(&self, volume: usize) -> bool {
        self.is_seen[volume]
    }

    /// The volumes that users know by name.
    pub(crate) fn seen(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.needs.len()).filter(|&volume| self.is_seen[volume])
    }

    /// The name of all that a volume needs: for the copies of a snapshot, of what joins them with their origin.
    pub(crate) fn joined_name(&self, volume: usize) -> &'g str {
        &self.group.logical_volumes[self.joint[volume].unwrap_or(volume)].name
    }

    /// The name under which users know a volume: for what joins a snapshot with its origin, the snapshot.
    pub(crate) fn name(&self, volume: usize) -> &'g str {
        let joined = self.joint.iter().position(|joint| *joint == Some(volume));
        &self.group.logical_volumes[joined.unwrap_or(volume)].name
    }

    /// A volume that stands on itself, which reports and damaged metadata may say.
    pub(crate) fn circle(&self) -> Option<&'g str> {
        let is_behind = |volume: &usize| {
            let mut lower = self.needs[*volume].lower();
            lower.any(|lower| self.position[lower] >= self.position[*volume])
        };
        let found = (0..self.needs.len()).find(is_behind)?;
        Some(&self.group.logical_volumes[found].name)
    }

    /// Every volume that stands on one, itself included.
    pub(crate) fn upwards(&self, volume: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([volume]);
        // Those above come behind those below.
        for &upper in &self.order {
            if self.needs[upper]
                .lower()
                .any(|lower| found.contains(&lower))
            {
                found.insert(upper);
            }
        }
        found
    }

    /// The volumes that cannot be judged, as the source of the data leaves out what they stand on; where it
    /// leaves out none of that, parts of which it leaves out the whole.
    pub(crate) fn not_judged(&self) -> Vec<usize> {
        let incomplete: Vec<usize> = (0..self.needs.len())
            .filter(|&volume| self.needs[volume].is_incomplete)
            .collect();
        if !incomplete.is_empty() {
            return incomplete;
        }
        let used: BTreeSet<usize> = self.needs.iter().flat_map(Needs::lower).collect();
        let is_orphan = |volume: &usize| {
            let one = &self.group.logical_volumes[*volume];
            !used.contains(volume) && !one.is_visible() && is_part(&one.name, &one.id)
        };
        (0..self.needs.len()).filter(is_orphan).collect()
    }
}

/// What becomes of a volume, given what becomes of those that it stands on.
fn state(
    needs: &Needs<'_>,
    state_of: impl Fn(usize) -> State,
    is_gone: impl Fn(usize) -> bool,
) -> State {
    let mut own = State::Whole;
    if needs.is_incomplete {
        own = State::Unknown;
    }
    if needs.disks.iter().any(|&disk| is_gone(disk)) {
        own = State::Lost;
    }
    for &lower in &needs.all {
        own = own.max(state_of(lower));
    }
    for &lower in &needs.spared {
        own = own.max(state_of(lower).min(State::Degraded));
    }
    if let Some((legs, volumes)) = &needs.legs {
        let worst = volumes.iter().map(|leg| {
            let states = leg.iter().map(|&lower| state_of(lower));
            states.max().unwrap_or(State::Unknown)
        });
        let worst: Vec<State> = worst.collect();
        let at_least = |least: State| -> BTreeSet<usize> {
            let legs = worst.iter().enumerate();
            let hit = legs.filter(|(_, state)| **state >= least);
            hit.map(|(leg, _)| leg).collect()
        };
        own = own.max(if !legs.survives(&at_least(State::Lost)) {
            State::Lost
        } else if !legs.survives(&at_least(State::Unknown)) {
            State::Unknown
        } else if worst.iter().all(|state| *state == State::Whole) {
            State::Whole
        } else {
            State::Degraded
        });
    }
    own
}

/// Whether a hidden volume is a part of another by its name, or has none.
fn is_part(name: &str, id: &str) -> bool {
    const PARTS: [&str; 14] = [
        "_rimage_", "_rmeta_", "_mimage_", "_mlog", "_tdata", "_tmeta", "_cdata", "_cmeta",
        "_corig", "_cvol", "_wcorig", "_vdata", "_iorig", "_imeta",
    ];
    name == id || PARTS.iter().any(|part| name.contains(part))
}

/// Volumes behind what they stand on. Reports may name volumes in a circle, so each is visited once.
fn order(needs: &[Needs<'_>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(needs.len());
    let mut is_visited = vec![false; needs.len()];
    for start in 0..needs.len() {
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        if !std::mem::replace(&mut is_visited[start], true) {
            path.push((start, needs[start].lower().collect()));
        }
        while let Some((volume, open)) = path.last_mut() {
            if let Some(next) = open.pop() {
                if !std::mem::replace(&mut is_visited[next], true) {
                    path.push((next, needs[next].lower().collect()));
                }
            } else {
                order.push(*volume);
                path.pop();
            }
        }
    }
    order
}
