//! The volume group and the goals.

use std::collections::BTreeSet;

use crate::ask::fault::{Result, fault};
use crate::ask::pool::{Pool, Settled};
use crate::ask::rearrange::to;
use crate::ask::sizes::sectors;
use crate::ask::task::{Requests, Typed};
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
    /// Bytes that are copied in a second.
    pub(crate) rate: Option<u64>,
    /// What is to be noted, a sentence each.
    pub(crate) notes: Vec<String>,
}

/// What is wanted of a volume group, as its user puts it.
#[derive(Clone, Debug, Default)]
pub struct RearrangeQuestion {
    /// Physical volumes to be emptied.
    pub drain: Vec<String>,
    /// Physical volumes to be shrunk, as `PV=SIZE`, or as far as can be.
    pub shrink: Vec<String>,
    /// Whether the legs of each volume are to be on disks of their own.
    pub heal: bool,
    /// What messages call a layout, and its text: metadata, a report or a plan.
    pub to: Option<(String, String)>,
    /// Volumes to be brought into few segments; all if none are named.
    pub defragment: Option<Vec<String>>,
    /// How much may be copied for that: a size, or so many extents.
    pub budget: Option<String>,
    /// Whether the fullest disk is to be as little full as can be.
    pub balance: bool,
    /// Requests that are to have room.
    pub room: Option<Requests>,
    /// Tags of disks that fail together.
    pub domains: Vec<String>,
    /// Volumes that stay where they are.
    pub keep: Vec<String>,
    /// Whether volumes may be placed otherwise than their policies have it.
    pub ignore_policy: bool,
    /// How many moves there may be.
    pub most_moves: Option<u64>,
    /// Bytes that are copied in a second.
    pub rate: Option<u64>,
    /// Whether a scenario has changed the group.
    pub is_changed: bool,
}

impl RearrangeQuestion {
    /// A volume group, and what is wanted of it.
    ///
    /// # Errors
    /// If the pool is none, nothing can be moved in it, or the goals name what is not there or contradict each other.
    pub(crate) fn subject(self, asked: Settled<'_>) -> Result<Subject> {
        let (name, settings) = (asked.name, asked.settings);
        let Pool::Group(group) = asked.pool else {
            return Err(fault!("rearrange needs a volume group; {name} is none"));
        };
        if let Some(message) = lvm::foreign(&group, &settings) {
            return Err(fault!("{message}"));
        }
        if self.most_moves.is_some() && self.to.is_none() && self.defragment.is_none() {
            return Err(fault!(
                "--most-moves is for --to and --defragment, where fewer moves may copy more; for what else is asked for the \
                 least is copied, in as few moves as are found"
            ));
        }
        let (goals, open_sizes) = self.goals(&group)?;
        let options = MoveOptions {
            keep: self.keep.iter().map(|name| plain(&group, name)).collect(),
            keep_policy: !self.ignore_policy,
            domains: self.domains(&group)?,
            most_moves: self.most_moves,
        };
        let mut moves = lvm::move_state(&group, goals, &options)?;
        if let Some((name, text)) = &self.to {
            let drawn = to::goals(name, text, &group, &moves)?;
            self.agree(&moves.state, &drawn)?;
            moves.state.goals.extend(drawn);
        }
        let mut notes = Vec::new();
        if !self.drain.is_empty() && !group.is_resizeable() {
            let name = &group.name;
            notes.push(format!(
                "{name} is not resizeable: LVM2 refuses the vgreduce before `vgchange -x y {name}`"
            ));
        }
        Ok(Subject {
            is_changed: self.is_changed,
            notes,
            rate: self.rate,
            open_sizes,
            balances: self.balance,
            defragments: self.defragments(&group, &moves)?,
            budget: self.budget(&group)?,
            room: self.requests()?,
            group,
            settings,
            moves,
        })
    }

    fn defragments(&self, group: &VolumeGroup, state: &MoveState) -> Result<Option<Vec<bool>>> {
        let Some(names) = &self.defragment else {
            return Ok(None);
        };
        if self.to.is_some() {
            return Err(fault!(
                "--to and --defragment contradict each other: a layout says how many segments there are"
            ));
        }
        if self.room.is_some() {
            return Err(fault!(
                "--defragment and --room: ask for one, and for the other in the metadata behind that"
            ));
        }
        let mut is_meant = vec![names.is_empty(); state.state.volumes.len()];
        for name in names {
            let volumes = lvm::volumes_of(group, state, &plain(group, name))
                .map_err(|error| fault!("--defragment {name}: {error}"))?;
            if volumes.is_empty() {
                return Err(fault!("--defragment {name}: it holds no extents"));
            }
            volumes
                .into_iter()
                .for_each(|volume| is_meant[volume] = true);
        }
        Ok(Some(is_meant))
    }

    /// Extents that may be copied; a number is a number of extents.
    fn budget(&self, group: &VolumeGroup) -> Result<Option<u64>> {
        let Some(word) = &self.budget else {
            return Ok(None);
        };
        extents_of(group, word)
            .map_err(|error| fault!("--budget {word}: {error}"))
            .map(Some)
    }

    /// Whether what is drawn can be together with each other goal.
    ///
    /// # Errors
    /// Which two contradict each other.
    fn agree(&self, state: &Rearrangement, drawn: &[Goal]) -> Result<()> {
        if self.balance {
            return Err(fault!(
                "--to and --balance contradict each other: a layout says how full each disk is"
            ));
        }
        if self.room.is_some() {
            return Err(fault!(
                "--to and --room: lay out first, and ask for room in the metadata behind that"
            ));
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
                return Err(fault!(
                    "--to and {word} contradict each other: as it is drawn {fault}"
                ));
            }
        }
        Ok(())
    }

    fn goals(&self, group: &VolumeGroup) -> Result<(Vec<Goal>, Vec<usize>)> {
        let mut drained = BTreeSet::new();
        for name in &self.drain {
            drained.insert(disk(group, name).map_err(|error| fault!("--drain {name}: {error}"))?);
        }
        let mut goals: Vec<Goal> = drained
            .iter()
            .map(|&source| Goal::Drain { source })
            .collect();
        if drained.len() == group.physical_volumes.len() && !drained.is_empty() {
            return Err(fault!(
                "--drain: every physical volume of {} is to be emptied; one has to stay",
                group.name
            ));
        }
        let mut shrunk = BTreeSet::new();
        let mut open_sizes = Vec::new();
        for word in &self.shrink {
            let (source, extents) =
                shrink(group, word).map_err(|error| fault!("--shrink {word}: {error}"))?;
            if drained.contains(&source) {
                return Err(fault!(
                    "--shrink {word}: it is to be emptied (--drain), too"
                ));
            }
            if !shrunk.insert(source) {
                return Err(fault!("--shrink {word}: it has a size already"));
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
            return Err(fault!(
                "nothing is asked for; give --drain PV, --shrink PV[=SIZE], --heal, --to LAYOUT, --defragment, --balance or --room -- \
                 lvcreate ARGS"
            ));
        }
        Ok((goals, open_sizes))
    }

    /// The requests that are to have room.
    fn requests(self) -> Result<Vec<Typed>> {
        match self.room {
            None => Ok(Vec::new()),
            Some(Requests::Commands(steps)) => Ok(steps),
            Some(Requests::Native { name, .. }) => Err(fault!(
                "--room {name}: expected a script with lvcreate, lvextend or lvresize lines"
            )),
            Some(Requests::None) => Err(fault!(
                "--room: for what? give a script, or `-- lvcreate ARGS`"
            )),
        }
    }

    /// The tags by which disks fail together; a disk has one of them at most.
    fn domains(&self, group: &VolumeGroup) -> Result<BTreeSet<String>> {
        let plain = self
            .domains
            .iter()
            .map(|tag| tag.trim_start_matches('@').to_string());
        let domains: BTreeSet<String> = plain.collect();
        for tag in &domains {
            if !group
                .physical_volumes
                .iter()
                .any(|volume| volume.tags.contains(tag))
            {
                return Err(fault!(
                    "--domain {tag}: no physical volume of {} has this tag",
                    group.name
                ));
            }
        }
        for volume in &group.physical_volumes {
            let tags: Vec<&str> = volume
                .tags
                .intersection(&domains)
                .map(String::as_str)
                .collect();
            if tags.len() > 1 {
                return Err(fault!(
                    "--domain: {} is in {}; expected tags of one kind, such as racks, of which a disk has one",
                    volume.device,
                    tags.join(" and ")
                ));
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

fn disk(group: &VolumeGroup, name: &str) -> Result<usize> {
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
        fault!(
            "no physical volume `{name}` in volume group {}; it has {}{more}",
            group.name,
            some.join(", ")
        )
    })
}

/// So many extents, or those that fit into a size.
fn extents_of(group: &VolumeGroup, size: &str) -> Result<u64> {
    let is_count = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match is_count {
        true => size
            .parse()
            .map_err(|error| fault!("more than 2^64 - 1 extents: {error}"))?,
        false => sectors(size)? / group.extent_size_sectors,
    })
}

/// A disk, and the extents that are to remain of it, where a size is given.
fn shrink(group: &VolumeGroup, word: &str) -> Result<(usize, Option<u64>)> {
    let Some((name, size)) = word.rsplit_once('=') else {
        return Ok((disk(group, word)?, None));
    };
    let source = disk(group, name)?;
    let extents = extents_of(group, size)?;
    let has = group.physical_volumes[source].extents;
    if extents == 0 {
        return Err(fault!("one extent has to remain; --drain empties a disk"));
    }
    if extents > has {
        return Err(fault!(
            "it has {has} extents, and cannot be shrunk to {extents}"
        ));
    }
    Ok((source, Some(extents)))
}
