//! Changes to a volume group that nobody has made yet: disks that come, go, grow or fail, volumes that go or
//! grow.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::core::{Area, Areas, counted};
use crate::lvm::command::options::Purpose;
use crate::lvm::command::paths::group_and_name;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::existing::LEFT_OUT;
use crate::lvm::names::Named;
use crate::lvm::owners::{owners, seen_by_users};
use crate::lvm::placing::run::after_step;
use crate::lvm::simulate::{SimulationError, without};
use crate::lvm::whole::left_out;
use crate::lvm::{
    LARGEST, NameError, Part, PhysicalVolume, Settings, SizeArgument, VolumeGroup, find_volume,
};

/// Sectors that LVM2 keeps for its metadata at the start of a disk.
const DISK_OVERHEAD_SECTORS: u64 = 2048;

/// Why a volume group cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WhatIfError {
    /// There is no such disk.
    #[error("there is no physical volume `{name}`; there are {there}")]
    NoDisk {
        /// The name found.
        name: String,
        /// The devices that there are.
        there: String,
    },
    /// There is such a disk already.
    #[error("there is a physical volume `{name}` already")]
    DiskThere {
        /// The name found.
        name: String,
    },
    /// A name or a tag that no command could say.
    #[error(transparent)]
    BadName(#[from] NameError),
    /// More extents than a disk can have.
    #[error("{name} would have {extents} extents; LVM2 counts those of a disk up to {LARGEST}")]
    DiskTooLarge {
        /// The disk.
        name: String,
        /// Extents that it would have.
        extents: u64,
    },
    /// There is no such logical volume.
    #[error("there is no logical volume `{name}`; there are {there}")]
    NoVolume {
        /// The name found.
        name: String,
        /// The visible volumes that there are.
        there: String,
    },
    /// The logical volume is a part of another.
    #[error("logical volume `{name}` is a part of another; name that")]
    HiddenVolume {
        /// The name found.
        name: String,
    },
    /// LVM2 would not take one more into the group.
    #[error("No space for '{name}' - volume group '{group}' holds max {most} physical volume(s).")]
    TooManyDisks {
        /// The disk.
        name: String,
        /// The group.
        group: String,
        /// As many as it may have.
        most: u64,
    },
    /// LVM2 lets no disk come or go.
    #[error(
        "Volume group {group} is not resizeable. (`vgchange -x y {group}` lets disks come and go.)"
    )]
    NotResizeable {
        /// The group.
        group: String,
    },
    /// Volumes have extents on a disk that is to be taken away.
    #[error("{name} holds extents of {holders}; expected an empty physical volume")]
    DiskInUse {
        /// The disk.
        name: String,
        /// The visible volumes on it.
        holders: String,
    },
    /// The end that would be cut off is in use.
    #[error(
        "{name} cannot be cut to {}: it is in use up to {least}, by {holders} (`extentplan \
             rearrange POOL --shrink {name}` says what to move, and how small it can get)", counted(*.extents, "extent")
    )]
    EndInUse {
        /// The disk.
        name: String,
        /// Extents that it would have.
        extents: u64,
        /// The least that it can have: one past its last extent in use.
        least: u64,
        /// The visible volumes behind the cut.
        holders: String,
    },
    /// LVM2 would not remove the volume.
    #[error("LVM2 does not remove `{name}`: {refusal}")]
    NotRemoved {
        /// The volume.
        name: String,
        /// Its words.
        refusal: SimulationError,
    },
    /// LVM2 would not make the volume larger.
    #[error("LVM2 does not grow `{name}`: {refusal}")]
    NotGrown {
        /// The volume.
        name: String,
        /// Its words.
        refusal: SimulationError,
    },
}

/// The extents of a disk of so many sectors: LVM2 keeps 1 MiB at its start for itself.
#[must_use]
pub fn disk_extents(sectors: u64, extent_bytes: u64) -> u64 {
    sectors.saturating_sub(DISK_OVERHEAD_SECTORS) / (extent_bytes / 512).max(1)
}

/// The sectors of a disk of so many extents.
#[must_use]
pub fn disk_sectors(extents: u64, extent_bytes: u64) -> u64 {
    let data = extents.saturating_mul((extent_bytes / 512).max(1));
    data.saturating_add(DISK_OVERHEAD_SECTORS)
}

/// The command that makes a disk, named as a shell takes it, so many extents large: its size is what lies in front of
/// its first extent, and its extents.
#[must_use]
pub fn pvresize(group: &VolumeGroup, device: &str, extents: u64) -> String {
    let sectors = extents.saturating_mul(group.extent_size_sectors);
    format!(
        "pvresize -y --setphysicalvolumesize \"$(($(pvs --noheadings --nosuffix --units s -o pe_start {device}) + \
         {sectors}))s\" {device}"
    )
}

/// Refuses more extents than LVM2 counts on a disk.
fn countable(name: &str, extents: u64) -> Result<(), WhatIfError> {
    if extents > LARGEST {
        let name = name.to_string();
        return Err(WhatIfError::DiskTooLarge { name, extents });
    }
    Ok(())
}

impl VolumeGroup {
    /// As `vgextend`: a new, empty physical volume at the end of the list.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is one already, it is too large, or its name or a tag is none.
    pub fn add_disk(
        &mut self,
        device: &str,
        extents: u64,
        tags: BTreeSet<String>,
    ) -> Result<(), WhatIfError> {
        Named::PhysicalVolume.check(device)?;
        tags.iter().try_for_each(|tag| Named::Tag.check(tag))?;
        if find_volume(self, device).is_some() {
            let name = device.to_string();
            return Err(WhatIfError::DiskThere { name });
        }
        countable(device, extents)?;
        self.takes_disk(device)?;
        let is_taken = |key: &String| self.physical_volumes.iter().any(|one| one.key == *key);
        let mut keys = (self.physical_volumes.len()..).map(|number| format!("pv{number}"));
        let key = keys.find(|key| !is_taken(key));
        self.physical_volumes.push(PhysicalVolume {
            key: key.expect("there are more numbers than physical volumes"),
            device: device.to_string(),
            id: String::new(),
            extents,
            allocatable: true,
            missing: false,
            tags,
        });
        Ok(())
    }

    /// As `vgreduce`: the physical volume is gone; those behind it move up.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is none, or something is on it.
    pub fn remove_disk(&mut self, name: &str) -> Result<(), WhatIfError> {
        let index = self.disk(name)?;
        self.check_resizeable()?;
        let holders = self.holders(index, 0);
        if !holders.is_empty() {
            return Err(WhatIfError::DiskInUse {
                name: self.physical_volumes[index].device.clone(),
                holders: listed(&holders),
            });
        }
        self.physical_volumes.remove(index);
        let segments = self.logical_volumes.iter_mut();
        for segment in segments.flat_map(|volume| &mut volume.segments) {
            for part in &mut segment.parts {
                match part {
                    Part::Physical { volume, .. } if *volume > index => *volume -= 1,
                    Part::Physical { .. } | Part::Logical { .. } => {}
                }
            }
        }
        Ok(())
    }

    /// Whether LVM2 would take a disk of this name into the group.
    ///
    /// # Errors
    /// [`WhatIfError`] if not.
    pub fn takes_disk(&self, device: &str) -> Result<(), WhatIfError> {
        self.check_resizeable()?;
        let most = self.max_disks;
        if most > 0 && self.physical_volumes.len() as u64 >= most {
            let (name, group) = (device.to_string(), self.name.clone());
            return Err(WhatIfError::TooManyDisks { name, group, most });
        }
        Ok(())
    }

    /// Refuses disks that come or go where LVM2 lets none.
    fn check_resizeable(&self) -> Result<(), WhatIfError> {
        if self.is_resizeable() {
            return Ok(());
        }
        let group = self.name.clone();
        Err(WhatIfError::NotResizeable { group })
    }

    /// As `pvresize`: extents come or go at the end.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is none, its end is in use, or it would be too large.
    pub fn resize_disk(&mut self, name: &str, extents: u64) -> Result<(), WhatIfError> {
        let index = self.disk(name)?;
        countable(name, extents)?;
        let disk = &self.physical_volumes[index];
        let all: Areas = Area::new(0, disk.extents).into_iter().collect();
        let held = all.difference(&self.free()[index]);
        let least = held.iter().last().map_or(0, Area::end);
        if extents < least {
            return Err(WhatIfError::EndInUse {
                name: disk.device.clone(),
                extents,
                least,
                holders: listed(&self.holders(index, extents)),
            });
        }
        self.physical_volumes[index].extents = extents;
        Ok(())
    }

    /// As `pvchange --addtag` and `--deltag`: these tags and no others.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is none, or a tag is none.
    pub fn retag_disk(&mut self, name: &str, tags: BTreeSet<String>) -> Result<(), WhatIfError> {
        tags.iter().try_for_each(|tag| Named::Tag.check(tag))?;
        let index = self.disk(name)?;
        self.physical_volumes[index].tags = tags;
        Ok(())
    }

    /// As `pvchange -x`: whether anything more may be placed there.
    ///
    /// # Errors
    /// [`WhatIfError::NoDisk`].
    pub fn set_allocatable(&mut self, name: &str, allocatable: bool) -> Result<(), WhatIfError> {
        let index = self.disk(name)?;
        self.physical_volumes[index].allocatable = allocatable;
        Ok(())
    }

    /// The disk is gone with what it holds; the group still counts it as missing.
    ///
    /// # Errors
    /// [`WhatIfError::NoDisk`].
    pub fn fail_disk(&mut self, name: &str) -> Result<(), WhatIfError> {
        let index = self.disk(name)?;
        self.physical_volumes[index].missing = true;
        Ok(())
    }

    /// As `lvremove`: a visible volume, all that it alone lies on, and all that lies on it. With the last
    /// pool its spare metadata goes, too.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is no such volume, it is part of another, or LVM2 would refuse.
    pub fn drop_volume(&mut self, name: &str) -> Result<(), WhatIfError> {
        let index = self.visible(name)?;
        let name = self.logical_volumes[index].name.clone();
        if left_out(self).contains(name.as_str()) {
            let refusal = SimulationError::unsupported(LEFT_OUT);
            return Err(WhatIfError::NotRemoved { name, refusal });
        }
        let after = without(self, &name);
        *self = after.map_err(|refusal| WhatIfError::NotRemoved { name, refusal })?;
        Ok(())
    }

    /// As `lvextend`: by so much, placed where LVM2 itself would.
    ///
    /// # Errors
    /// [`WhatIfError`] if there is no such volume, or LVM2 would refuse.
    pub fn grow_volume(
        &mut self,
        name: &str,
        by: SizeArgument,
        settings: &Settings,
    ) -> Result<(), WhatIfError> {
        let index = self.visible(name)?;
        let name = self.logical_volumes[index].name.clone();
        let path = format!("{}/{name}", self.name);
        let words = ["lvextend", by.option(), &by.to_string(), &path].map(String::from);
        // As somebody would type it: a thin volume takes no extents.
        let after = read_as_typed(&words, Purpose::Plan)
            .map_err(|error| SimulationError::unsupported(error.to_string()))
            .and_then(|typed| after_step(self, &typed, settings));
        *self = after.map_err(|refusal| WhatIfError::NotGrown { name, refusal })?;
        Ok(())
    }

    fn disk(&self, name: &str) -> Result<usize, WhatIfError> {
        find_volume(self, name).ok_or_else(|| WhatIfError::NoDisk {
            name: name.to_string(),
            there: listed(
                &self
                    .physical_volumes
                    .iter()
                    .map(|disk| disk.device.clone())
                    .collect::<Vec<_>>(),
            ),
        })
    }

    /// The index of a visible volume, by `NAME` or `GROUP/NAME`.
    fn visible(&self, name: &str) -> Result<usize, WhatIfError> {
        let plain = match group_and_name(name) {
            Ok((group, plain)) if group.as_ref().is_none_or(|group| *group == self.name) => plain,
            Ok(_) | Err(_) => name.to_string(),
        };
        let is_seen = seen_by_users(self);
        let mut volumes = self.logical_volumes.iter();
        match volumes.position(|volume| volume.name == plain) {
            Some(index) if is_seen[index] => Ok(index),
            Some(_) => Err(WhatIfError::HiddenVolume {
                name: name.to_string(),
            }),
            None => {
                let volumes = self.logical_volumes.iter().zip(is_seen);
                let names = volumes.filter(|(_, is_seen)| *is_seen);
                let names: Vec<String> = names.map(|(volume, _)| volume.name.clone()).collect();
                Err(WhatIfError::NoVolume {
                    name: name.to_string(),
                    there: listed(&names),
                })
            }
        }
    }

    /// The volumes with extents on a disk from some extent on, visible ones where there are.
    fn holders(&self, disk: usize, from: u64) -> Vec<String> {
        let owners = owners(self);
        let volumes = self.logical_volumes.iter().zip(owners);
        let holding = volumes.filter(|(volume, _)| {
            let mut held = volume.segments.iter().flat_map(|one| one.physical());
            held.any(|(on, area)| on == disk && area.end() > from)
        });
        let names: BTreeSet<String> = holding.flat_map(|(_, owners)| owners).collect();
        names.into_iter().collect()
    }
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    match names.len() {
        0 => "none".to_string(),
        count if count <= MOST => names.join(", "),
        count => format!("{}, and {} more", names[..MOST].join(", "), count - MOST),
    }
}
