//! What is done between the commands of a plan, and what it does to volumes.

use std::fmt::Write;

use crate::lvm::owners::seen_by_users;
use crate::lvm::{LogicalVolume, VolumeGroup};

/// A command between those of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interlude {
    /// The command, as a line for a shell.
    pub line: String,
    /// What it loses, as a sentence.
    pub loses: Option<String>,
    /// What it does to the names of volumes.
    pub effect: Effect,
}

impl Interlude {
    /// A command that takes nothing away from any volume.
    #[must_use]
    pub fn plain(line: String) -> Interlude {
        Interlude {
            line,
            loses: None,
            effect: Effect::None,
        }
    }

    /// A command behind which a disk has so many extents.
    #[must_use]
    pub fn sizing(line: String, disk: &str, extents: u64) -> Interlude {
        Interlude {
            line,
            loses: None,
            effect: Effect::Sizes {
                disk: disk.to_string(),
                extents,
            },
        }
    }

    /// Whether removing what it makes takes it back.
    pub(crate) fn is_undone(&self) -> bool {
        match &self.effect {
            Effect::Converts {
                volume: None,
                made,
                gone,
            } => self.loses.is_none() && gone.is_empty() && !made.is_empty(),
            Effect::Converts { .. }
            | Effect::None
            | Effect::Removes(_)
            | Effect::Cuts(_)
            | Effect::Sizes { .. }
            | Effect::Renames { .. } => false,
        }
    }

    /// `lvremove`, a line of which removes volumes: those that were asked for, and what stands on them.
    #[must_use]
    pub fn removal(
        line: String,
        before: &VolumeGroup,
        after: &VolumeGroup,
        asked: &[String],
    ) -> Interlude {
        let is_gone = |volume: &&LogicalVolume| after.logical_volume(&volume.name).is_none();
        let pairs = before.logical_volumes.iter().zip(seen_by_users(before));
        let seen = pairs.filter(|(_, is_seen)| *is_seen);
        let gone = seen.map(|(volume, _)| volume).filter(is_gone);
        let others = gone.map(|volume| volume.name.clone());
        let others: Vec<String> = others.filter(|name| !asked.contains(name)).collect();
        let paths = |names: &[String]| -> Vec<String> {
            let path = |name: &String| format!("{}/{name}", before.name);
            names.iter().map(path).collect()
        };
        let (asked, others) = (paths(asked), paths(&others));
        let holds = if asked.len() == 1 { "holds" } else { "hold" };
        let mut loses = format!("all that {} {holds} is lost", asked.join(" and "));
        if !others.is_empty() {
            let stands = if others.len() == 1 { "stands" } else { "stand" };
            let _ = write!(
                loses,
                ", and with it {}, which {stands} on it",
                others.join(" and ")
            );
        }
        Interlude {
            line,
            loses: Some(loses),
            effect: Effect::Removes([asked, others].concat()),
        }
    }
}

/// What a command does to volumes that earlier ones made or made larger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// They are gone.
    Removes(Vec<String>),
    /// It is smaller.
    Cuts(String),
    /// A disk has so many extents by then, unless it is not as large as was said.
    Sizes {
        /// The device.
        disk: String,
        /// The extents.
        extents: u64,
    },
    /// One becomes something else, some are there now, and some are part of it, or gone.
    Converts {
        /// The one that is converted, where there is one.
        volume: Option<String>,
        /// Those that are new.
        made: Vec<String>,
        /// Those that are no more.
        gone: Vec<String>,
    },
    /// It is called otherwise.
    Renames {
        /// The name that it has.
        old: String,
        /// The name that it gets.
        new: String,
    },
}
