//! The volume group and the goals, as the command line has them.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow, bail};

use crate::cli::output;
use crate::cli::pool::Pool;
use crate::cli::rearrange::arguments::Arguments;
use crate::cli::rearrange::to;
use crate::cli::sizes::sectors;
use crate::cli::task::{Requests, Typed, read_requests, typed};
use crate::core::{Goal, HeldPiece, MoveFault, Rearrangement, check_end};
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
    /// Whether the highest fill is to be as low as can be.
    pub(crate) balances: bool,
    /// By volume whether it is to be in few segments.
    pub(crate) defragments: Option<Vec<bool>>,
    /// How many extents may be copied for that.
    pub(crate) budget: Option<u64>,
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
        if let Some(message) = lvm::foreign(&group, &settings) {
            bail!("{message}");
        }
        if self.most_moves.is_some() && self.to.is_none() && self.defragment.is_none() {
            bail!(
                "--most-moves is for --to and --defragment, where fewer moves may copy more; for what else is asked for the \
                 least is copied, in as few moves as are found"
            );
        }
        let (goals, open_sizes) = self.goals(&group)?;
        let options = MoveOptions {
            keep: self.keep.iter().map(|name| plain(&group, name)).collect(),
            keep_policy: !self.ignore_policy,
            domains: self.domains(&group)?,
            most_moves: self.most_moves,
        };
        let mut moves = lvm::move_state(&group, goals, &options)?;
        if let Some(path) = &self.to {
            let drawn = to::goals(path, &group, &moves)?;
            self.agree(&moves.state, &drawn)?;
            moves.state.goals.extend(drawn);
        }
        if !self.drain.is_empty() && !group.status.contains("RESIZEABLE") {
            let name = &group.name;
            output::remark(&format!(
                "note: {name} is not resizeable: LVM2 refuses the vgreduce before `vgchange -x y {name}`"
            ));
        }
        Ok(Subject {
            is_changed: self.pool.scenario()?.is_some(),
            room: self.requests(&settings)?,
            open_sizes,
            balances: self.balance,
            defragments: self.defragments(&group, &moves)?,
            budget: self.budget(&group)?,
            group,
            settings,
            moves,
        })
    }

    fn defragments(
        &self,
        group: &VolumeGroup,
        state: &MoveState,
    ) -> anyhow::Result<Option<Vec<bool>>> {
        let Some(names) = &self.defragment else {
            return Ok(None);
        };
        if self.to.is_some() {
            bail!(
                "--to and --defragment contradict each other: a layout says how many segments there are"
            );
        }
        if self.room.is_some() {
            bail!(
                "--defragment and --room: ask for one, and for the other in the metadata behind that"
            );
        }
        let mut is_meant = vec![names.is_empty(); state.state.volumes.len()];
        for name in names {
            let volumes = lvm::volumes_of(group, state, &plain(group, name))
                .with_context(|| format!("--defragment {name}"))?;
            if volumes.is_empty() {
                bail!("--defragment {name}: it holds no extents");
            }
            volumes
                .into_iter()
                .for_each(|volume| is_meant[volume] = true);
        }
        Ok(Some(is_meant))
    }

    /// Extents that may be copied; a number is a number of extents.
    fn budget(&self, group: &VolumeGroup) -> anyhow::Result<Option<u64>> {
        let Some(word) = &self.budget else {
            return Ok(None);
        };
        extents_of(group, word)
            .with_context(|| format!("--budget {word}"))
            .map(Some)
    }

    /// Whether what is drawn can be together with each other goal.
    ///
    /// # Errors
    /// Which two contradict each other.
    fn agree(&self, state: &Rearrangement, drawn: &[Goal]) -> anyhow::Result<()> {
        if self.balance {
            bail!("--to and --balance contradict each other: a layout says how full each disk is");
        }
        if self.room.is_some() {
            bail!("--to and --room: lay out first, and ask for room in the metadata behind that");
        }
        let mut end: Vec<Vec<Vec<HeldPiece>>> = state
            .volumes
            .iter()
            .map(|volume| vec![Vec::new(); volume.legs.len()])
            .collect();
        for goal in drawn {
            if let Goal::Lie { volume, leg, piece } = *goal {
                end[volume][leg].push(piece);
            }
        }
        for goal in &state.goals {
            let alone = Rearrangement {
                goals: vec![*goal],
                ..state.clone()
            };
            let word = match *goal {
                Goal::Drain { source } => format!("--drain {}", state.sources[source].name),
                Goal::Shrink { source, .. } => format!("--shrink {}", state.sources[source].name),
                Goal::Heal => "--heal".to_string(),
                Goal::Clear { .. }
                | Goal::Spare { .. }
                | Goal::Lie { .. }
                | Goal::Runs { .. }
                | Goal::Level { .. } => continue,
            };
            let is_of_goal = |fault: &MoveFault| {
                matches!(fault, MoveFault::Left { .. } | MoveFault::NotHealed { .. })
            };
            if let Some(fault) = check_end(&alone, &end).into_iter().find(is_of_goal) {
                bail!("--to and {word} contradict each other: as it is drawn {fault}");
            }
        }
        Ok(())
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
        let asks_more =
            self.room.is_some() || self.to.is_some() || self.balance || self.defragment.is_some();
        if goals.is_empty() && open_sizes.is_empty() && !asks_more {
            bail!(
                "nothing is asked for; give --drain PV, --shrink PV[=SIZE], --heal, --to LAYOUT, --defragment, --balance or --room -- \
                 lvcreate ARGS"
            );
        }
        Ok((goals, open_sizes))
    }

    /// The requests that are to have room.
    fn requests(&self, settings: &lvm::Settings) -> anyhow::Result<Vec<Typed>> {
        let Some(script) = &self.room else {
            return Ok(Vec::new());
        };
        let mut all = match script {
            None => Vec::new(),
            Some(path) => match read_requests(path, settings)? {
                Requests::Commands(lines) => lines,
                Requests::None | Requests::Native(_) => bail!(
                    "--room {}: expected a script with lvcreate, lvextend or lvresize lines",
                    path.display()
                ),
            },
        };
        all.extend(typed(&self.commands, settings)?);
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

/// So many extents, or those that fit into a size.
fn extents_of(group: &VolumeGroup, size: &str) -> anyhow::Result<u64> {
    let is_count = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match is_count {
        true => size.parse().context("more than 2^64 - 1 extents")?,
        false => sectors(size)? / group.extent_size_sectors,
    })
}

/// A disk, and the extents that are to remain of it, where a size is given.
fn shrink(group: &VolumeGroup, word: &str) -> anyhow::Result<(usize, Option<u64>)> {
    let Some((name, size)) = word.rsplit_once('=') else {
        return Ok((disk(group, word)?, None));
    };
    let source = disk(group, name)?;
    let extents = extents_of(group, size)?;
    let has = group.physical_volumes[source].extents;
    if extents == 0 {
        bail!("one extent has to remain; --drain empties a disk");
    }
    if extents > has {
        bail!("it has {has} extents, and cannot be shrunk to {extents}");
    }
    Ok((source, Some(extents)))
}
