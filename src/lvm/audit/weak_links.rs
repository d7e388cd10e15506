//! Volumes that stand on copies or parity, and are lost with something beside these that is held once.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::pieces;
use crate::lvm::audit::{Finding, Role};
use crate::lvm::layers::After;
use crate::lvm::{Layers, State};

/// A volume, and what of it is held once.
type Link = (usize, Vec<usize>);

/// Where a link breaks, and which volumes that people use are lost with it.
#[derive(Default)]
struct Breaks<'g> {
    places: Vec<(String, BTreeSet<usize>)>,
    lost: BTreeSet<&'g str>,
}

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
    let mut breaks: BTreeMap<Link, Breaks<'_>> = BTreeMap::new();
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
            if weak.iter().all(|lower| links.contains_key(lower)) {
                continue;
            }
            // What stands on it may do without it: a cache that writes everything through.
            let mut above = layers.upwards(volume);
            above.retain(|&upper| after.of(upper) == State::Lost);
            let lost = layers.seen_among(&above);
            if !lost.is_empty() {
                let found = breaks.entry((volume, weak.clone())).or_default();
                found.places.push((place.clone(), disks.clone()));
                found.lost.extend(lost);
            }
        }
    }
    let links = breaks.into_iter();
    links
        .map(|((volume, weak), breaks)| finding(below, layers, volume, &weak, &breaks))
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
    breaks: &Breaks<'_>,
) -> Finding {
    let name = |volume: &usize| below.group.logical_volumes[*volume].name.clone();
    let is_here = |disk: usize| breaks.places.iter().any(|(_, disks)| disks.contains(&disk));
    let pieces = weak.iter().flat_map(|weak| {
        let extents = below.volume(&name(weak));
        pieces(below, Role::Single, &name(weak), &extents, is_here)
    });
    let pieces = pieces.collect();
    let segment = below.group.logical_volumes[volume].segments.first();
    Finding::WeakLink {
        volume: layers.name(volume).to_string(),
        segment_type: segment.map_or_else(String::new, |one| one.base_type().to_string()),
        weak: weak.iter().map(name).collect(),
        places: breaks
            .places
            .iter()
            .map(|(place, _)| place.clone())
            .collect(),
        pieces,
        lost: breaks.lost.iter().copied().map(String::from).collect(),
    }
}
