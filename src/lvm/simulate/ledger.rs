//! A volume group while commands run on it: what is free is kept in step, and the last commands can be
//! taken back. A command costs what it touches, not what the group holds.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::core::{Area, Areas};
use crate::lvm::{LogicalVolume, LvSegment, VolumeGroup};

/// A volume group that can be asked what is free on its physical volumes.
pub(crate) trait FreeExtents {
    /// The group itself.
    fn group(&self) -> &VolumeGroup;

    /// Per physical volume what no logical volume holds.
    fn free_areas(&self) -> Cow<'_, [Areas]>;

    /// How many extents that is in all.
    fn free_total(&self) -> u64 {
        let areas = self.free_areas();
        areas.iter().map(Areas::total).fold(0, u64::saturating_add)
    }

    /// The first physical volume of a name: its device, or that without the folder that it is in.
    fn device(&self, name: &str) -> Option<usize> {
        let mut volumes = self.group().physical_volumes.iter();
        volumes.position(|volume| names_of(&volume.device).any(|own| own == name))
    }
}

/// The names by which commands know a device.
pub(crate) fn names_of(device: &str) -> impl Iterator<Item = &str> {
    std::iter::once(device).chain(device.strip_prefix("/dev/"))
}

impl FreeExtents for VolumeGroup {
    fn group(&self) -> &VolumeGroup {
        self
    }

    fn free_areas(&self) -> Cow<'_, [Areas]> {
        Cow::Owned(self.free())
    }
}

impl FreeExtents for Ledger {
    fn group(&self) -> &VolumeGroup {
        &self.group
    }

    fn free_areas(&self) -> Cow<'_, [Areas]> {
        Cow::Borrowed(&self.free)
    }

    fn device(&self, name: &str) -> Option<usize> {
        self.by_device.get(name).copied()
    }

    fn free_total(&self) -> u64 {
        self.free_total
    }
}

/// A volume group, what is free in it, and how to take back what was done to it.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    group: VolumeGroup,
    free: Vec<Areas>,
    free_total: u64,
    by_device: HashMap<String, usize>,
    undo: Vec<Undo>,
}

/// A place in the history of a ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// How one change is taken back.
#[derive(Clone, Debug)]
enum Undo {
    /// A volume was added behind the others.
    Added,
    /// Segments were added to a volume, or its first or last one grew.
    Grown {
        volume: usize,
        segments: usize,
        /// The first and the last one as they were, if there were any.
        ends: Option<Box<(LvSegment, LvSegment)>>,
    },
    /// Extents of a physical volume were taken, of which this much was free.
    Held { source: usize, before: Areas },
    /// The whole group was put in place of another.
    Replaced(Box<(VolumeGroup, Vec<Areas>)>),
}

impl Ledger {
    pub(crate) fn new(group: VolumeGroup) -> Ledger {
        let free = group.free();
        let mut by_device = HashMap::new();
        for (index, volume) in group.physical_volumes.iter().enumerate() {
            for name in names_of(&volume.device) {
                by_device.entry(name.to_string()).or_insert(index);
            }
        }
        let mut ledger = Ledger {
            group,
            free,
            free_total: 0,
            by_device,
            undo: Vec::new(),
        };
        ledger.count();
        ledger
    }

    fn count(&mut self) {
        let totals = self.free.iter().map(Areas::total);
        self.free_total = totals.fold(0, u64::saturating_add);
    }

    pub(crate) fn into_group(self) -> VolumeGroup {
        self.group
    }

    /// Where the history stands.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Takes back everything that was done since, the last first.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        while self.undo.len() > mark.0 {
            match self.undo.pop() {
                Some(Undo::Added) => {
                    self.group.logical_volumes.pop();
                }
                Some(Undo::Grown {
                    volume,
                    segments,
                    ends,
                }) => {
                    let list = &mut self.group.logical_volumes[volume].segments;
                    list.truncate(segments);
                    if let Some(ends) = ends {
                        (list[0], list[segments - 1]) = *ends;
                    }
                }
                Some(Undo::Held { source, before }) => {
                    self.free_total += before.total() - self.free[source].total();
                    self.free[source] = before;
                }
                Some(Undo::Replaced(before)) => {
                    (self.group, self.free) = *before;
                    self.count();
                }
                None => {}
            }
        }
    }

    /// Adds a volume behind the others, with all that it holds.
    pub(crate) fn add(&mut self, volume: LogicalVolume) {
        let held: Vec<(usize, Area)> = volume
            .segments
            .iter()
            .flat_map(LvSegment::physical)
            .collect();
        self.group.logical_volumes.push(volume);
        self.undo.push(Undo::Added);
        self.hold(held);
    }

    /// Lets the volume of a name grow: `grow` may add segments behind the others, and lengthen the
    /// first or the last. What it takes of physical volumes is said by [`Ledger::hold`].
    pub(crate) fn grow(&mut self, name: &str, grow: impl FnOnce(&mut LogicalVolume)) {
        let Some(index) = self.group.index_of(name) else {
            return;
        };
        let volume = &mut self.group.logical_volumes[index];
        self.undo.push(Undo::Grown {
            volume: index,
            segments: volume.segments.len(),
            ends: volume
                .segments
                .first()
                .zip(volume.segments.last())
                .map(|(first, last)| Box::new((first.clone(), last.clone()))),
        });
        grow(volume);
    }

    /// Takes extents that are free.
    pub(crate) fn hold(&mut self, pieces: impl IntoIterator<Item = (usize, Area)>) {
        let mut taken: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
        for (source, area) in pieces {
            taken.entry(source).or_default().push(area);
        }
        for (source, areas) in taken {
            let left = self.free[source].difference(&areas.into_iter().collect());
            self.free_total -= self.free[source].total() - left.total();
            let before = std::mem::replace(&mut self.free[source], left);
            self.undo.push(Undo::Held { source, before });
        }
    }

    /// Puts a whole group in place of this one, with the same physical volumes.
    pub(crate) fn replace(&mut self, group: VolumeGroup) {
        let free = group.free();
        let before = (
            std::mem::replace(&mut self.group, group),
            std::mem::replace(&mut self.free, free),
        );
        self.undo.push(Undo::Replaced(Box::new(before)));
        self.count();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::Source;
    use crate::lvm::simulate::{run_on, simulate};
    use crate::lvm::{LvCommand, Settings, read_command};

    fn command(line: &str) -> LvCommand {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        read_command(&words).expect("a command")
    }

    fn group() -> VolumeGroup {
        let source = |name: &str| Source {
            name: format!("/dev/{name}"),
            extents: 100,
            free: [(0, 30), (40, 20), (70, 25)]
                .iter()
                .filter_map(|&(start, count)| Area::new(start, count))
                .collect(),
            tags: BTreeSet::new(),
            ..Source::default()
        };
        VolumeGroup::of_sources(&["sda", "sdb", "sdc"].map(source), 4 << 20).expect("whole sectors")
    }

    #[test]
    fn a_ledger_goes_step_by_step_where_whole_groups_go_and_all_the_way_back() {
        let settings = Settings::default();
        let lines = [
            "lvcreate -l 40 -n plain pool",
            "lvcreate --type raid1 -m 1 -l 10 -n safe pool",
            "lvextend -l +30 pool/plain",
            "lvcreate --type mirror -m 1 -l 6 -n old pool",
            "lvcreate --type thin-pool -l 10 -n thin pool",
            "lvextend -l +5 pool/safe",
            "lvextend -l +500 pool/plain",
            "lvextend -l +3 pool/thin",
            "lvcreate -i 3 -l 9 -n striped pool",
            "lvextend -l +9 pool/striped",
        ];
        let mut ledger = Ledger::new(group());
        let mut stages = Vec::new();
        let mut refused = Vec::new();
        for line in lines {
            let before = ledger.group().clone();
            stages.push((ledger.mark(), before.clone()));
            match simulate(&before, &command(line), &settings) {
                Ok(after) => {
                    run_on(&mut ledger, &command(line), &settings).expect("as whole groups do");
                    assert_eq!(ledger.group(), &after, "{line}");
                }
                Err(_) => {
                    run_on(&mut ledger, &command(line), &settings).expect_err(line);
                    assert_eq!(ledger.group(), &before, "{line}");
                    refused.push(line);
                }
            }
            assert_eq!(*ledger.free_areas(), ledger.group().free(), "{line}");
            assert_eq!(ledger.free_total(), ledger.group().free_count(), "{line}");
        }
        assert!(
            refused.contains(&"lvextend -l +500 pool/plain") && refused.len() < 5,
            "{refused:?}"
        );
        for (mark, before) in stages.into_iter().rev() {
            ledger.back_to(mark);
            assert_eq!(ledger.group(), &before);
            assert_eq!(*ledger.free_areas(), before.free());
            assert_eq!(ledger.free_total(), before.free_count());
        }
    }
}
