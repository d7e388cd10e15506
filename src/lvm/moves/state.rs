//! A volume group as legs that may move, and who they are to LVM2.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Goal, HeldLeg, HeldPiece, HeldVolume, Policy, Rearrangement, Segment, Separation,
};
use crate::lvm::closed::{locked as locked_words, missing};
use crate::lvm::import::sources;
use crate::lvm::moves::error::MoveError;
use crate::lvm::moves::holders::{Holders, LegPart, parts as parts_of};
use crate::lvm::moves::locks::{locks, told_name};
use crate::lvm::volume_group::SHARED;
use crate::lvm::{AllocationPolicy, Layers, VolumeGroup, check_names};

/// What the user says about moves in general.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveOptions {
    /// Volumes of which nothing moves.
    pub keep: Vec<String>,
    /// Whether `contiguous` and `cling` are kept, which `pvmove` does not.
    pub keep_policy: bool,
    /// Tags of physical volumes that fail together.
    pub domains: BTreeSet<String>,
    /// How many moves there may be where fewer copy more.
    pub most_moves: Option<u64>,
}

/// The legs of a volume group, and who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveState {
    /// What is held.
    pub state: Rearrangement,
    /// Per volume and leg the logical volume that holds the extents, and the name that `pvmove` is given.
    pub names: Vec<Vec<(String, String)>>,
}

/// Reads a group as what may be moved in it.
///
/// * A RAID volume or a mirror is a volume whose columns are its legs: an image with its metadata, and all that these
///   lie on. The log of a mirror is a column of its own.
/// * Any other logical volume with extents is a volume whose legs are its stripes, which keep apart at each offset.
/// * What LVM2 does not move, and what the user keeps, is locked.
///
/// # Errors
/// [`MoveError`] where nothing can be moved, or what there is is not known.
pub fn move_state(
    group: &VolumeGroup,
    goals: Vec<Goal>,
    options: &MoveOptions,
) -> Result<MoveState, MoveError> {
    refuse(group)?;
    let holders = Holders::of(group);
    let mut locked = locks(group, &holders);
    for name in &options.keep {
        let index = holders.index(name).ok_or_else(|| MoveError::NoSuchVolume {
            name: name.clone(),
            group: group.name.clone(),
        })?;
        for lower in holders.all_below(index) {
            locked[lower].get_or_insert_with(|| format!("`{name}` is to be kept"));
        }
    }
    let mut import = Import {
        group,
        holders: &holders,
        locked: &locked,
        options,
        volumes: Vec::new(),
        names: Vec::new(),
    };
    import.all()?;
    let closed = group.physical_volumes.iter().enumerate();
    let closed = closed.filter(|(_, volume)| !volume.allocatable);
    Ok(MoveState {
        state: Rearrangement {
            sources: sources(group),
            closed: closed.map(|(index, _)| index).collect(),
            domains: options.domains.clone(),
            volumes: import.volumes,
            goals,
            most_moves: options.most_moves,
        },
        names: import.names,
    })
}

/// Refuses groups in which nothing can be moved.
fn refuse(group: &VolumeGroup) -> Result<(), MoveError> {
    check_names(group)?;
    if let Some(message) = locked_words(group) {
        return Err(MoveError::GroupLocked { message });
    }
    if group.status.contains(SHARED) {
        return Err(MoveError::GroupLocked {
            message: format!(
                "Volume group {name} is shared by hosts (its lock_type is that of lvmlockd): a pvmove in it needs each volume \
                 active on one host alone. Deactivate its volumes on all of them, make it local (`vgchange \
                 --lock-type none {name}`), and take the metadata again",
                name = group.name
            ),
        });
    }
    if let Some(message) = missing(group) {
        return Err(MoveError::GroupLocked { message });
    }
    let mut volumes = group.logical_volumes.iter();
    let is_moving = |word: &str| matches!(word, "PVMOVE" | "LOCKED");
    let moving = volumes.find(|volume| volume.status.iter().any(|word| is_moving(word)));
    if let Some(volume) = moving {
        return Err(MoveError::Interrupted {
            group: group.name.clone(),
            volume: volume.name.clone(),
        });
    }
    match Layers::new(group).not_judged().first() {
        Some(&volume) => Err(MoveError::LeftOut {
            volume: group.logical_volumes[volume].name.clone(),
        }),
        None => Ok(()),
    }
}

/// The volumes that a logical volume lies on, itself among them.
///
/// # Errors
/// [`MoveError::NoSuchVolume`], or that it holds nothing.
pub fn volumes_of(
    group: &VolumeGroup,
    state: &MoveState,
    name: &str,
) -> Result<Vec<usize>, MoveError> {
    let holders = Holders::of(group);
    let index = holders.index(name).ok_or_else(|| MoveError::NoSuchVolume {
        name: name.to_string(),
        group: group.name.clone(),
    })?;
    let below: BTreeSet<&str> = holders
        .all_below(index)
        .into_iter()
        .map(|lower| group.logical_volumes[lower].name.as_str())
        .collect();
    let legs = state.names.iter().enumerate();
    let own = legs.filter(|(_, legs)| legs.iter().any(|(name, _)| below.contains(name.as_str())));
    Ok(own.map(|(volume, _)| volume).collect())
}

struct Import<'g> {
    group: &'g VolumeGroup,
    holders: &'g Holders,
    locked: &'g [Option<String>],
    options: &'g MoveOptions,
    volumes: Vec<HeldVolume>,
    names: Vec<Vec<(String, String)>>,
}

impl Import<'_> {
    fn all(&mut self) -> Result<(), MoveError> {
        let mut taken = vec![false; self.group.logical_volumes.len()];
        for (index, volume) in self.group.logical_volumes.iter().enumerate() {
            // Inner ones first: the log of a mirror may be one itself, and keeps its own copies apart.
            let parts = parts_of(volume);
            if parts.is_empty() {
                continue;
            }
            let mut legs = Vec::new();
            let log_column = 1 + parts
                .iter()
                .map(|(_, part)| column(*part))
                .max()
                .unwrap_or(0);
            for (name, part) in parts {
                let Some(part_index) = self.holders.index(name) else {
                    continue;
                };
                let all = self.holders.all_below(part_index);
                let has_legs =
                    |&lower: &usize| !parts_of(&self.group.logical_volumes[lower]).is_empty();
                if all.iter().any(has_legs) {
                    if part == LegPart::Log {
                        continue;
                    }
                    return Err(MoveError::Nested {
                        volume: volume.name.clone(),
                    });
                }
                let column = match part {
                    LegPart::Log => log_column,
                    LegPart::Image(_) | LegPart::Metadata(_) => column(part),
                };
                for lower in all {
                    if !std::mem::replace(&mut taken[lower], true) {
                        legs.extend(
                            self.legs(lower)
                                .into_iter()
                                .map(|(leg, name)| (HeldLeg { column, ..leg }, name)),
                        );
                    }
                }
            }
            self.add(index, Separation::Leg, legs);
        }
        for (index, _) in self.group.logical_volumes.iter().enumerate() {
            if !taken[index] {
                let legs = self.legs(index);
                let separation = match legs.len() {
                    0 | 1 => Separation::None,
                    _ => Separation::Segment,
                };
                self.add(index, separation, legs);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        volume: usize,
        separation: Separation,
        legs: Vec<(HeldLeg, (String, String))>,
    ) {
        if legs.is_empty() {
            return;
        }
        let (legs, names) = legs.into_iter().unzip();
        self.volumes.push(HeldVolume {
            name: self.group.logical_volumes[volume].name.clone(),
            separation,
            policy: self.policy(volume),
            legs,
        });
        self.names.push(names);
    }

    /// The extents that a volume holds itself, stripe by stripe, each a column of its own.
    fn legs(&self, volume: usize) -> Vec<(HeldLeg, (String, String))> {
        let logical = &self.group.logical_volumes[volume];
        let mut stripes: BTreeMap<usize, Vec<HeldPiece>> = BTreeMap::new();
        let mut offset = 0;
        for segment in &logical.segments {
            for (stripe, (source, area)) in segment.physical().enumerate() {
                let pieces = stripes.entry(stripe).or_default();
                pieces.push(HeldPiece {
                    offset,
                    place: Segment { source, area },
                });
            }
            offset += segment.part_extents();
        }
        let told = told_name(self.group, self.holders, volume);
        let leg = |(column, pieces): (usize, Vec<HeldPiece>)| {
            let leg = HeldLeg {
                name: logical.name.clone(),
                column,
                pieces,
                locked: self.locked[volume].clone(),
            };
            (leg, (logical.name.clone(), told.clone()))
        };
        stripes.into_iter().map(leg).collect()
    }

    /// The policy that is kept: the volume's own, or of what lies on it alone, or the group's.
    fn policy(&self, volume: usize) -> Policy {
        if !self.options.keep_policy {
            return Policy::Normal;
        }
        let mut at = Some(volume);
        let mut found = self.group.policy;
        while let Some(volume) = at {
            let logical = &self.group.logical_volumes[volume];
            if logical.policy != AllocationPolicy::Inherit {
                found = logical.policy;
                break;
            }
            at = self
                .holders
                .only_user(volume)
                .filter(|_| !logical.is_visible());
        }
        match found {
            AllocationPolicy::Contiguous => Policy::Contiguous,
            AllocationPolicy::Cling | AllocationPolicy::ClingByTags => Policy::Cling,
            AllocationPolicy::Normal | AllocationPolicy::Anywhere | AllocationPolicy::Inherit => {
                Policy::Normal
            }
        }
    }
}

/// The column of a part; a log has its own behind all others.
fn column(part: LegPart) -> usize {
    match part {
        LegPart::Image(leg) | LegPart::Metadata(leg) => leg,
        LegPart::Log => 0,
    }
}
