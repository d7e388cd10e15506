//! A pool with the changes of a scenario made, in the order of the keys.

use std::collections::BTreeSet;

use crate::capacity::{Change, Edit, edited};
use crate::core::Problem;
use crate::json::locate::Path;
use crate::lvm::{
    self, Amount, Interlude, PercentOf, Settings, Sign, SizeArgument, VolumeGroup, disk_extents,
    find_volume, shell_quoted,
};
use crate::scenario::raw::RawSize;
use crate::scenario::{Scenario, ScenarioError};

impl Scenario {
    /// The volume group after the changes.
    ///
    /// Volumes that grow are placed where LVM2 itself would place them.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first change that cannot be made.
    pub fn applied_to_group(
        &self,
        group: &VolumeGroup,
        settings: &Settings,
    ) -> Result<VolumeGroup, ScenarioError> {
        let mut group = group.clone();
        let extent_bytes = Some(group.extent_bytes());
        self.each_name("drop", &self.raw.drop, |name| group.drop_volume(name))?;
        for (index, disk) in self.raw.add.iter().enumerate() {
            let extents = self.disk_size("add", index, &disk.size, extent_bytes)?;
            let added = group.add_disk(&disk.disk, extents, tags(&disk.tags));
            added.map_err(|error| self.fault(&item("add", index, "disk"), error))?;
        }
        for (index, disk) in self.raw.resize.iter().enumerate() {
            let extents = self.disk_size("resize", index, &disk.size, extent_bytes)?;
            let resized = group.resize_disk(&disk.disk, extents);
            resized.map_err(|error| self.fault(&item("resize", index, "disk"), error))?;
        }
        for (index, disk) in self.raw.retag.iter().enumerate() {
            let retagged = group.retag_disk(&disk.disk, tags(&disk.tags));
            retagged.map_err(|error| self.fault(&item("retag", index, "disk"), error))?;
        }
        self.each_name("open", &self.raw.open, |name| {
            group.set_allocatable(name, true)
        })?;
        self.each_name("remove", &self.raw.remove, |name| group.remove_disk(name))?;
        self.each_name("close", &self.raw.close, |name| {
            group.set_allocatable(name, false)
        })?;
        self.each_name("fail", &self.raw.fail, |name| group.fail_disk(name))?;
        for (index, volume) in self.raw.grow.iter().enumerate() {
            let by = self.growth_argument(index, &volume.by)?;
            let grown = group.grow_volume(&volume.volume, by, settings);
            grown.map_err(|error| self.fault(&item("grow", index, "volume"), error))?;
        }
        // Nobody asks for growth here, but what is wrong with it is wrong anyhow.
        self.growth(extent_bytes)?;
        Ok(group)
    }

    /// The problem after the changes: sources stand for disks, requests for volumes.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first change that cannot be made: `open`, say, since nothing says what
    /// was free on a source that is closed.
    pub fn applied_to_problem(
        &self,
        problem: &Problem,
        extent_bytes: Option<u64>,
    ) -> Result<Problem, ScenarioError> {
        let mut problem = problem.clone();
        let mut make = |path: &Path, edit: Edit| -> Result<(), ScenarioError> {
            let after = edited(&problem, &[edit]);
            problem = after.map_err(|error| self.fault(path, error))?;
            Ok(())
        };
        for (index, request) in self.raw.drop.iter().enumerate() {
            let request = request.clone();
            make(&name("drop", index), Edit::DropRequest { request })?;
        }
        for (index, disk) in self.raw.add.iter().enumerate() {
            let edit = Edit::AddSource {
                source: disk.disk.clone(),
                extents: self.disk_size("add", index, &disk.size, extent_bytes)?,
                tags: tags(&disk.tags),
            };
            make(&item("add", index, "disk"), edit)?;
        }
        for (index, disk) in self.raw.resize.iter().enumerate() {
            let edit = Edit::ResizeSource {
                source: disk.disk.clone(),
                extents: self.disk_size("resize", index, &disk.size, extent_bytes)?,
            };
            make(&item("resize", index, "disk"), edit)?;
        }
        for (index, disk) in self.raw.retag.iter().enumerate() {
            let edit = Edit::RetagSource {
                source: disk.disk.clone(),
                tags: tags(&disk.tags),
            };
            make(&item("retag", index, "disk"), edit)?;
        }
        if !self.raw.open.is_empty() {
            let message = "expected nothing here for a problem, whose sources say what is free; give it \
                           for a volume group";
            return Err(self.fault(&name("open", 0), message));
        }
        for (index, source) in self.raw.remove.iter().enumerate() {
            let source = source.clone();
            make(&name("remove", index), Edit::RemoveSource { source })?;
        }
        for (key, list) in [("close", &self.raw.close), ("fail", &self.raw.fail)] {
            for (index, source) in list.iter().enumerate() {
                let source = source.clone();
                make(&name(key, index), Edit::CloseSource { source })?;
            }
        }
        for (index, volume) in self.raw.grow.iter().enumerate() {
            let path = item("grow", index, "volume");
            let request = volume.volume.clone();
            let by = item("grow", index, "by");
            let rate = self.rate(&by, &volume.by, extent_bytes)?;
            let found = problem.requests().iter().find(|one| one.name == request);
            let extents = found.and_then(|one| {
                let wanted = one.size.wanted();
                let more = wanted.checked_add(rate.after(wanted, 1)?)?;
                more.checked_next_multiple_of(one.shape.stripes)
            });
            let change = Change::Extents(extents.unwrap_or(0));
            let after = edited(&problem, &[Edit::Request { request, change }]);
            problem = after.map_err(|error| self.fault(&path, error))?;
        }
        self.growth(extent_bytes)?;
        Ok(problem)
    }

    /// The changes as commands, in the order in which they are made; growth is planned by LVM2 itself, and no
    /// command makes a disk fail.
    ///
    /// # Errors
    /// [`ScenarioError`] for a size that is none.
    pub fn commands(&self, group: &VolumeGroup) -> Result<Vec<Interlude>, ScenarioError> {
        let raw = &self.raw;
        let extent_bytes = Some(group.extent_bytes());
        let quoted = |word: &str| shell_quoted(word);
        let path = |name: &str| format!("{}/{}", group.name, lvm::plain(name));
        let device = |name: &str| {
            let found =
                find_volume(group, name).map(|at| group.physical_volumes[at].device.as_str());
            quoted(found.unwrap_or(name))
        };
        let tagged = |option: &str, tags: &BTreeSet<String>| -> String {
            tags.iter()
                .map(|tag| format!("{option} {} ", quoted(tag)))
                .collect()
        };
        let mut sized: Vec<Interlude> = Vec::new();
        for (index, disk) in raw.add.iter().enumerate() {
            let extents = self.disk_size("add", index, &disk.size, extent_bytes)?;
            let line = format!("vgextend {} {}", quoted(&group.name), quoted(&disk.disk));
            sized.push(Interlude::sizing(line, &disk.disk, extents));
            if !disk.tags.is_empty() {
                let added = tagged("--addtag", &tags(&disk.tags));
                let line = format!("pvchange {added}{}", quoted(&disk.disk));
                sized.push(Interlude::plain(line));
            }
        }
        for (index, disk) in raw.resize.iter().enumerate() {
            let extents = self.disk_size("resize", index, &disk.size, extent_bytes)?;
            let found = find_volume(group, &disk.disk).map(|at| &group.physical_volumes[at]);
            let device = found.map_or(disk.disk.as_str(), |found| &found.device);
            let quoted = quoted(device);
            // What gets larger is as large as its device is, and no larger.
            let line = match &disk.size {
                _ if found.is_some_and(|found| extents >= found.extents) => {
                    format!("pvresize {quoted}")
                }
                RawSize::Words(words) => {
                    let sectors = self.sectors(&item("resize", index, "size"), words)?;
                    format!("pvresize -y --setphysicalvolumesize {sectors}s {quoted}")
                }
                RawSize::Extents(_) => lvm::pvresize(group, &quoted, extents),
            };
            sized.push(Interlude::sizing(line, device, extents));
        }
        let mut lines: Vec<String> = Vec::new();
        for disk in &raw.retag {
            let (before, after) = (find_volume(group, &disk.disk), tags(&disk.tags));
            let before = before
                .map(|at| group.physical_volumes[at].tags.clone())
                .unwrap_or_default();
            let gone = tagged("--deltag", &before.difference(&after).cloned().collect());
            let new = tagged("--addtag", &after.difference(&before).cloned().collect());
            if !gone.is_empty() || !new.is_empty() {
                lines.push(format!("pvchange {gone}{new}{}", device(&disk.disk)));
            }
        }
        let change =
            |allocatable: &str, name: &str| format!("pvchange -x {allocatable} {}", device(name));
        lines.extend(raw.open.iter().map(|name| change("y", name)));
        let group_name = quoted(&group.name);
        lines.extend(
            raw.remove
                .iter()
                .map(|name| format!("vgreduce {group_name} {}", device(name))),
        );
        lines.extend(raw.close.iter().map(|name| change("n", name)));
        for (index, grown) in raw.grow.iter().enumerate() {
            let by = self.growth_argument(index, &grown.by)?;
            let option = match by.amount {
                Amount::Sectors(_) => "-L",
                Amount::Extents(_) | Amount::Percent { .. } => "-l",
            };
            lines.push(format!(
                "lvextend {option} {by} {}",
                quoted(&path(&grown.volume))
            ));
        }
        let mut made = Vec::with_capacity(raw.drop.len() + lines.len());
        let mut before = group.clone();
        self.each_name("drop", &raw.drop, |name| {
            let mut after = before.clone();
            after.drop_volume(name)?;
            let line = format!("lvremove -y {}", quoted(&path(name)));
            made.push(Interlude::removal(
                line,
                &before,
                &after,
                &[lvm::plain(name)],
            ));
            before = after;
            Ok::<(), lvm::WhatIfError>(())
        })?;
        made.extend(sized);
        made.extend(lines.into_iter().map(Interlude::plain));
        Ok(made)
    }

    /// The disks that are added or resized.
    #[must_use]
    pub fn sized_disks(&self) -> BTreeSet<String> {
        let added = self.raw.add.iter().map(|disk| &disk.disk);
        let resized = self.raw.resize.iter().map(|disk| &disk.disk);
        added.chain(resized).cloned().collect()
    }

    fn each_name<E: std::error::Error>(
        &self,
        key: &str,
        names: &[String],
        mut make: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), ScenarioError> {
        for (index, found) in names.iter().enumerate() {
            make(found).map_err(|error| self.fault(&name(key, index), error))?;
        }
        Ok(())
    }

    /// Extents of a disk.
    fn disk_size(
        &self,
        key: &str,
        index: usize,
        size: &RawSize,
        extent_bytes: Option<u64>,
    ) -> Result<u64, ScenarioError> {
        let path = item(key, index, "size");
        match size {
            RawSize::Extents(extents) => Ok(*extents),
            RawSize::Words(words) => {
                let sectors = self.sectors(&path, words)?;
                let extent_bytes = extent_bytes.ok_or_else(|| {
                    let message = format!(
                        "found \"{words}\"; expected extents, as the pool says no size of one"
                    );
                    self.fault(&path, message)
                })?;
                match disk_extents(sectors, extent_bytes) {
                    0 => {
                        let message = format!("found \"{words}\"; expected at least one extent");
                        Err(self.fault(&path, message))
                    }
                    extents => Ok(extents),
                }
            }
        }
    }

    /// Sectors of a size in words.
    pub(crate) fn sectors(&self, path: &Path, words: &str) -> Result<u64, ScenarioError> {
        let wrong =
            |expected: String| self.fault(path, format!("found \"{words}\"; expected {expected}"));
        let size = SizeArgument::read_size(words).map_err(wrong)?;
        match (size.sign, size.amount) {
            (Sign::Absolute | Sign::Plus, Amount::Sectors(sectors)) => Ok(sectors),
            (Sign::Minus, _) | (_, Amount::Extents(_) | Amount::Percent { .. }) => {
                Err(wrong("a size of more than nothing".to_string()))
            }
        }
    }

    /// What `lvextend` is told.
    fn growth_argument(&self, index: usize, by: &RawSize) -> Result<SizeArgument, ScenarioError> {
        let path = item("grow", index, "by");
        let amount = match by {
            RawSize::Extents(extents) => Amount::Extents(*extents),
            RawSize::Words(words) => match words.strip_suffix('%') {
                Some(percent) => Amount::Percent {
                    percent: percent.trim().parse().map_err(|_| {
                        let expected = "a whole percentage of the volume";
                        self.fault(&path, format!("found \"{words}\"; expected {expected}"))
                    })?,
                    of: PercentOf::LogicalVolume,
                },
                None => Amount::Sectors(self.sectors(&path, words)?),
            },
        };
        let sign = lvm::Sign::Plus;
        Ok(SizeArgument { sign, amount })
    }
}

/// Tags with or without the `@` of command lines.
fn tags(tags: &BTreeSet<String>) -> BTreeSet<String> {
    let bare = |tag: &String| tag.strip_prefix('@').unwrap_or(tag).to_string();
    tags.iter().map(bare).collect()
}

fn name(key: &str, index: usize) -> Path {
    Path::key(key).then_index(index)
}

fn item(key: &str, index: usize, inner: &str) -> Path {
    name(key, index).then_key(inner)
}
