//! The volume group and the goals, as the command line has them.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow, bail};

use crate::cli::output;
use crate::cli::pool::Pool;
use crate::cli::rearrange::arguments::{Arguments, sectors};
use crate::cli::task::{Requests, Typed, read_requests, typed};
use crate::core::Goal;
use crate::lvm::{self, MoveOptions, MoveState, VolumeGroup};

/// What is asked.
pub(crate) struct Subject {
    pub(crate) group: VolumeGroup,
    pub(crate) settings: lvm::Settings,
    pub(crate) moves: MoveState,
    /// The requests that are to have room.
    pub(crate) room: Vec<Typed>,
    /// Sources that are to be made as small as can be.
    pub(crate) open_sizes: Vec<usize>,
    /// Whether a scenario has changed the group.
    pub(crate) is_changed: bool,
}

impl Arguments {
    /// Reads the group, and what is wanted of it.
    ///
    /// # Errors
    /// If it cannot be read, nothing can be moved in it, or the goals name what is not there or contradict each other.
    pub(crate) fn subject(&self) -> anyhow::Result<Subject> {
        let (pool, settings) = self.pool.read_to_plan(&self.settings)?;
        let Pool::Group(group) = pool else {
            bail!(
                "rearrange needs a volume group; {} is none",
                self.pool.name()
            );
        };
        let (goals, open_sizes) = self.goals(&group)?;
        let options = MoveOptions {
            keep: self.keep.iter().map(|name| plain(&group, name)).collect(),
            keep_policy: !self.ignore_policy,
            domains: self.domains(&group)?,
            most_moves: self.most_moves,
        };
        let moves = lvm::move_state(&group, goals, &options)?;
        if !self.drain.is_empty() && !group.status.contains("RESIZEABLE") {
            let name = &group.name;
            output::remark(&format!(
                "note: {name} is not resizeable: LVM2 refuses the vgreduce before `vgchange -x y {name}`"
            ));
        }
        Ok(Subject {
            is_changed: self.pool.scenario()?.is_some(),
            room: self.requests()?,
            group,
            settings,
            moves,
            open_sizes,
        })
    }

    fn goals(&self, group: &VolumeGroup) -> anyhow::Result<(Vec<Goal>, Vec<usize>)> {
        let mut drained = BTreeSet::new();
        for name in &self.drain {
            drained.insert(disk(group, name).with_context(|| format!("--drain {name}"))?);
        }
        let mut goals: Vec<Goal> = drained
            .iter()
            .map(|&source| Goal::Drain { source })
            .collect();
        if drained.len() == group.physical_volumes.len() && !drained.is_empty() {
            bail!(
                "--drain: every physical volume of {} is to be emptied; one has to stay",
                group.name
            );
        }
        let mut shrunk = BTreeSet::new();
        let mut open_sizes = Vec::new();
        for word in &self.shrink {
            let (source, extents) =
                shrink(group, word).with_context(|| format!("--shrink {word}"))?;
            if drained.contains(&source) {
                bail!("--shrink {word}: it is to be emptied (--drain), too");
            }
            if !shrunk.insert(source) {
                bail!("--shrink {word}: it has a size already");
            }
            match extents {
                Some(extents) => goals.push(Goal::Shrink { source, extents }),
                None => open_sizes.push(source),
            }
        }
        if self.heal {
            goals.push(Goal::Heal);
        }
        if goals.is_empty() && open_sizes.is_empty() && self.room.is_none() {
            bail!(
                "nothing is asked for; give --drain PV, --shrink PV[=SIZE], --heal or --room -- lvcreate ARGS"
            );
        }
        Ok((goals, open_sizes))
    }

    /// The requests that are to have room.
    fn requests(&self) -> anyhow::Result<Vec<Typed>> {
        let Some(script) = &self.room else {
            return Ok(Vec::new());
        };
        let mut all = match script {
            None => Vec::new(),
            Some(path) => match read_requests(path)? {
                Requests::Commands(lines) => lines,
                Requests::None | Requests::Native(_) => bail!(
                    "--room {}: expected a script with lvcreate, lvextend or lvresize lines",
                    path.display()
                ),
            },
        };
        all.extend(typed(&self.commands)?);
        if all.is_empty() {
            bail!("--room: for what? give a script, or `-- lvcreate ARGS`");
        }
        Ok(all)
    }

    /// The tags by which disks fail together; a disk has one of them at most.
    fn domains(&self, group: &VolumeGroup) -> anyhow::Result<BTreeSet<String>> {
        let plain = self
            .domain
            .iter()
            .map(|tag| tag.trim_start_matches('@').to_string());
        let domains: BTreeSet<String> = plain.collect();
        for tag in &domains {
            if !group
                .physical_volumes
                .iter()
                .any(|volume| volume.tags.contains(tag))
            {
                bail!(
                    "--domain {tag}: no physical volume of {} has this tag",
                    group.name
                );
            }
        }
        for volume in &group.physical_volumes {
            let tags: Vec<&str> = volume
                .tags
                .intersection(&domains)
                .map(String::as_str)
                .collect();
            if tags.len() > 1 {
                bail!(
                    "--domain: {} is in {}; expected tags of one kind, such as racks, of which a disk has one",
                    volume.device,
                    tags.join(" and ")
                );
            }
        }
        Ok(domains)
    }
}

/// A logical volume without its group.
fn plain(group: &VolumeGroup, name: &str) -> String {
    let name = name.strip_prefix("/dev/").unwrap_or(name);
    let own = name.strip_prefix(group.name.as_str());
    own.and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name)
        .to_string()
}

fn disk(group: &VolumeGroup, name: &str) -> anyhow::Result<usize> {
    lvm::find_volume(group, name).ok_or_else(|| {
        let devices: Vec<&str> = group
            .physical_volumes
            .iter()
            .map(|v| v.device.as_str())
            .collect();
        let some: Vec<&str> = devices.iter().take(8).copied().collect();
        let more = if devices.len() > some.len() {
            ", .."
        } else {
            ""
        };
        anyhow!(
            "no physical volume `{name}` in volume group {}; it has {}{more}",
            group.name,
            some.join(", ")
        )
    })
}

/// A disk, and the extents that are to remain of it, where a size is given.
fn shrink(group: &VolumeGroup, word: &str) -> anyhow::Result<(usize, Option<u64>)> {
    let Some((name, size)) = word.rsplit_once('=') else {
        return Ok((disk(group, word)?, None));
    };
    let source = disk(group, name)?;
    let is_count = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    let extents = if is_count {
        size.parse().context("more than 2^64 - 1 extents")?
    } else {
        sectors(size)? / group.extent_size_sectors
    };
    let has = group.physical_volumes[source].extents;
    if extents == 0 {
        bail!("one extent has to remain; --drain empties a disk");
    }
    if extents > has {
        bail!("it has {has} extents, and cannot be shrunk to {extents}");
    }
    Ok((source, Some(extents)))
}
