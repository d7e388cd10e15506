//! Volumes that stand on copies or parity, and are lost with something beside these that is held once.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::pieces;
use crate::lvm::audit::{Finding, Role};
use crate::lvm::layers::After;
use crate::lvm::{Layers, State};

/// A volume, and what of it is held once.
type Link = (usize, Vec<usize>);

/// What one disk, or the disks of one tag, take with them although copies or parity of it are left; `before`
/// is what becomes of volumes without the disks that are missing.
pub(crate) fn findings(
    below: &Below<'_>,
    layers: &Layers<'_>,
    before: &[State],
    tags: &[String],
) -> Vec<Finding> {
    let group = below.group;
    let is_missing = |disk: usize| group.physical_volumes[disk].missing;
    // Where a single disk does it, it does it with its tag, too.
    let mut places: BTreeMap<Link, Vec<(String, BTreeSet<usize>)>> = BTreeMap::new();
    let disks = (0..group.physical_volumes.len()).filter(|&disk| !is_missing(disk));
    let by_disk = disks.map(|disk| (below.disk(disk), BTreeSet::from([disk])));
    let by_tag = tags.iter().map(|tag| {
        let disks = 0..group.physical_volumes.len();
        let has_tag = |disk: &usize| group.physical_volumes[*disk].tags.contains(tag);
        (format!("@{tag}"), disks.filter(has_tag).collect())
    });
    for (place, disks) in by_disk.chain(by_tag) {
        let after = layers.also_without(before, is_missing, &disks);
        let changed = after.changed().map(|(volume, _)| volume);
        let changed = changed.filter(|&volume| before[volume] != State::Lost);
        let links = changed.filter_map(|volume| Some((volume, weak(layers, volume, &after)?)));
        let links: BTreeMap<usize, Vec<usize>> = links.collect();
        for (&volume, weak) in &links {
            // What is lost because something below it is lost so is no cause of its own.
            if !weak.iter().all(|lower| links.contains_key(lower)) {
                let weak = weak.clone();
                let link = (volume, weak);
                places
                    .entry(link)
                    .or_default()
                    .push((place.clone(), disks.clone()));
            }
        }
    }
    let links = places.into_iter();
    links
        .map(|((volume, weak), places)| finding(below, layers, volume, &weak, &places))
        .collect()
}

/// What a volume is lost with, where copies or parity of something else that it needs are left.
fn weak(layers: &Layers<'_>, volume: usize, after: &After<'_>) -> Option<Vec<usize>> {
    let needed = layers.needed_by(volume);
    if after.of(volume) != State::Lost || layers.has_legs(volume) {
        return None;
    }
    let mut strong = needed.iter().filter(|&&lower| layers.is_redundant(lower));
    if !strong.any(|&lower| after.of(lower) < State::Unknown) {
        return None;
    }
    let lost = needed
        .iter()
        .filter(|&&lower| after.of(lower) == State::Lost);
    Some(lost.copied().collect())
}

fn finding(
    below: &Below<'_>,
    layers: &Layers<'_>,
    volume: usize,
    weak: &[usize],
    places: &[(String, BTreeSet<usize>)],
) -> Finding {
    let name = |volume: &usize| below.group.logical_volumes[*volume].name.clone();
    let is_here = |disk: usize| places.iter().any(|(_, disks)| disks.contains(&disk));
    let pieces = weak.iter().flat_map(|weak| {
        let extents = below.volume(&name(weak));
        pieces(below, Role::Single, &name(weak), &extents, is_here)
    });
    let pieces = pieces.collect();
    let lost = layers.seen_among(&layers.upwards(volume));
    let segment = below.group.logical_volumes[volume].segments.first();
    Finding::WeakLink {
        volume: layers.name(volume).to_string(),
        segment_type: segment.map_or_else(String::new, |one| one.base_type().to_string()),
        weak: weak.iter().map(name).collect(),
        places: places.iter().map(|(place, _)| place.clone()).collect(),
        pieces,
        lost: lost.into_iter().map(String::from).collect(),
    }
}
