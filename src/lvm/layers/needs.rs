//! What the data of a logical volume depends on directly.

use std::collections::{BTreeSet, HashMap};

use crate::lvm::layers::legs::{Legs, has_legs};
use crate::lvm::{LogicalVolume, LvSegment, Part, VolumeGroup};

/// What a volume cannot be read without.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs<'g> {
    /// Physical volumes that hold extents of its own.
    pub(crate) disks: BTreeSet<usize>,
    /// Volumes that it is lost with.
    pub(crate) all: Vec<usize>,
    /// Volumes that it can be read without: a log, a cache that holds nothing alone.
    pub(crate) spared: Vec<usize>,
    /// Its legs, with the volumes of each.
    pub(crate) legs: Option<(Legs<'g>, Vec<Vec<usize>>)>,
    /// Whether the source of the data leaves out something of this.
    pub(crate) is_incomplete: bool,
}

/// Volumes of a group by name.
pub(crate) type ByName<'g> = HashMap<&'g str, usize>;

impl<'g> Needs<'g> {
    pub(crate) fn of(
        group: &'g VolumeGroup,
        by_name: &ByName<'g>,
        volume: &'g LogicalVolume,
    ) -> Needs<'g> {
        let legs = volume.segments.first().and_then(Legs::of).map(|legs| {
            let found = legs.names.iter().map(|(image, metadata)| {
                let names = metadata.iter().chain([image]);
                names
                    .filter_map(|name| by_name.get(name).copied())
                    .collect()
            });
            let found: Vec<Vec<usize>> = found.collect();
            (legs, found)
        });
        let mut needs = Needs {
            legs,
            is_incomplete: volume.segments.is_empty(),
            ..Needs::default()
        };
        for segment in &volume.segments {
            needs.take(group, by_name, segment);
        }
        needs
    }

    fn take(&mut self, group: &VolumeGroup, by_name: &ByName<'_>, segment: &LvSegment) {
        let kind = segment.base_type();
        let is_legged = Legs::of(segment).is_some();
        for part in &segment.parts {
            match part {
                Part::Physical { volume, .. } => {
                    self.disks.insert(*volume);
                }
                Part::Logical { volume, .. } => match by_name.get(volume.as_str()) {
                    Some(_) if is_legged => {}
                    Some(&index) => self.all.push(index),
                    None => self.is_incomplete = true,
                },
            }
        }
        let needed = keys(kind);
        for key in needed.required.iter().chain(needed.optional) {
            let Some(name) = segment.strings.get(key) else {
                self.is_incomplete |= needed.required.contains(key);
                continue;
            };
            match by_name.get(name.as_str()) {
                // The origin of a thin volume lies beside it, unless it is no thin volume.
                Some(&index) if kind == "thin" && *key == "origin" => {
                    if !is_thin(&group.logical_volumes[index]) {
                        self.all.push(index);
                    }
                }
                // One that is gone, with all that was shared kept.
                None if kind == "thin" && *key == "origin" => {}
                Some(&index) if is_spared(group, by_name, segment, key) => self.spared.push(index),
                Some(&index) => self.all.push(index),
                None => self.is_incomplete = true,
            }
        }
        let is_empty = segment.parts.is_empty() && needed.required.is_empty();
        self.is_incomplete |= is_empty && (has_legs(segment) || !holds_nothing(kind));
    }

    /// Everything that the volume depends on.
    pub(crate) fn lower(&self) -> impl Iterator<Item = usize> + '_ {
        let legs = self.legs.iter().flat_map(|(_, legs)| legs.iter().flatten());
        legs.chain(&self.all).chain(&self.spared).copied()
    }
}

struct Keys {
    /// Keys that every segment of the type has.
    required: &'static [&'static str],
    /// Keys that it may have.
    optional: &'static [&'static str],
}

/// The keys under which a segment of a type names volumes that its data depends on.
fn keys(kind: &str) -> Keys {
    let required: &[&str] = match kind {
        "thin-pool" => &["pool", "metadata"],
        "cache-pool" => &["data", "metadata"],
        "thin" => &["thin_pool"],
        "cache" => &["origin", "cache_pool"],
        "writecache" => &["origin", "writecache"],
        "integrity" => &["origin", "meta_dev"],
        "vdo-pool" => &["data"],
        "vdo" => &["vdo_pool"],
        "snapshot" => &["origin"],
        _ => &[],
    };
    let optional: &[&str] = match kind {
        "thin" => &["origin", "external_origin"],
        "snapshot" => &["cow_store", "merging_store"],
        "thin-pool" | "cache-pool" | "cache" | "writecache" | "integrity" | "vdo-pool" | "vdo" => {
            &[]
        }
        _ => &["mirror_log"],
    };
    Keys { required, optional }
}

fn is_thin(volume: &LogicalVolume) -> bool {
    let mut segments = volume.segments.iter();
    segments.any(|segment| segment.base_type() == "thin")
}

/// Types whose segments hold no data that could be lost.
fn holds_nothing(kind: &str) -> bool {
    matches!(kind, "zero" | "error")
}

/// Whether a volume can be read without what it names under a key: a mirror without its log, and a cached
/// volume without a cache that writes everything through.
fn is_spared(group: &VolumeGroup, by_name: &ByName<'_>, segment: &LvSegment, key: &str) -> bool {
    if key == "mirror_log" {
        return true;
    }
    if segment.base_type() != "cache" || key != "cache_pool" {
        return false;
    }
    let pool = segment.strings.get("cache_pool");
    let pool = pool.and_then(|name| by_name.get(name.as_str()));
    let pool = pool.map(|&index| &group.logical_volumes[index]);
    let of_pool = pool.into_iter().flat_map(|pool| &pool.segments);
    let mut modes = of_pool
        .chain([segment])
        .filter_map(|one| one.strings.get("cache_mode"));
    modes
        .next()
        .is_some_and(|mode| matches!(mode.as_str(), "writethrough" | "passthrough"))
}
