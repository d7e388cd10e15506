//! Volumes in more segments than needed, and volumes that cannot grow where they end.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas};
use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::Array;
use crate::lvm::audit::space::is_open;
use crate::lvm::audit::{Blocked, Blocker, Finding};
use crate::lvm::{LogicalVolume, LvSegment, existing};

/// What is to say about how volumes lie on their disks.
pub(crate) fn findings(below: &Below<'_>) -> Vec<Finding> {
    let taken = taken_by_siblings(below);
    let volumes = || below.group.logical_volumes.iter();
    let mut findings: Vec<Finding> = volumes()
        .filter_map(|volume| fragmented(below, volume, taken.get(volume.name.as_str())))
        .collect();
    let holders = holders(below);
    findings.extend(volumes().filter_map(|volume| cannot_grow(below, volume, &holders)));
    findings
}

/// Per image of a redundant volume the disks of the other images, where it must not go.
fn taken_by_siblings<'g>(below: &Below<'g>) -> BTreeMap<&'g str, BTreeSet<usize>> {
    let mut taken = BTreeMap::new();
    for volume in &below.group.logical_volumes {
        let Some(array) = Array::of(below, volume) else {
            continue;
        };
        let legs: Vec<(&str, BTreeSet<usize>)> = array.disks_by_image().collect();
        for (leg, (image, _)) in legs.iter().enumerate() {
            let others = legs.iter().enumerate().filter(|(other, _)| *other != leg);
            let disks: BTreeSet<usize> = others.flat_map(|(_, (_, disks))| disks.clone()).collect();
            taken.insert(*image, disks);
        }
    }
    taken
}

/// A volume that lies on disks in more segments than needed.
fn fragmented(
    below: &Below<'_>,
    volume: &LogicalVolume,
    taken: Option<&BTreeSet<usize>>,
) -> Option<Finding> {
    let segments = volume.segments.len() as u64;
    let stripes = volume.segments.first()?.parts.len();
    let is_plain = |segment: &LvSegment| {
        matches!(segment.base_type(), "striped" | "linear")
            && segment.parts.len() == stripes
            && segment.physical().count() == stripes
    };
    if segments < 2 || stripes == 0 || !volume.segments.iter().all(is_plain) {
        return None;
    }
    let mut own: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
    for (disk, area) in volume.segments.iter().flat_map(LvSegment::physical) {
        own.entry(disk).or_default().push(area);
    }
    let places = (0..below.group.physical_volumes.len()).map(|disk| {
        let own: Areas = own.remove(&disk).into_iter().flatten().collect();
        let may_take = is_open(below, disk) && taken.is_none_or(|taken| !taken.contains(&disk));
        if may_take {
            own.union(&below.free[disk])
        } else {
            own
        }
    });
    let needed = if stripes == 1 {
        fewest_areas(places, volume.extents())
    } else {
        // With stripes only this is said, that one segment is enough: as many disks as stripes have an
        // area for a whole stripe. Anything between depends on where the cuts fall together.
        let length = volume.extents() / stripes as u64;
        let is_enough = places.filter(|areas| areas.longest() >= length).count() >= stripes;
        if is_enough { 1 } else { segments }
    };
    (needed < segments).then(|| Finding::Fragmented {
        volume: volume.name.clone(),
        segments,
        needed,
    })
}

/// The fewest areas that hold so many extents: the longest first.
fn fewest_areas(places: impl Iterator<Item = Areas>, extents: u64) -> u64 {
    let areas = places.flat_map(|areas| areas.iter().map(Area::count).collect::<Vec<_>>());
    let mut lengths: Vec<u64> = areas.collect();
    lengths.sort_unstable_by(|left, right| right.cmp(left));
    let mut missing = extents;
    let mut count = 0;
    for length in lengths {
        if missing == 0 {
            break;
        }
        missing = missing.saturating_sub(length);
        count += 1;
    }
    count
}

/// Per physical volume and first extent the area that a segment holds, and the volume it belongs to.
type Holders<'g> = BTreeMap<(usize, u64), (Area, &'g str)>;

fn holders<'g>(below: &Below<'g>) -> Holders<'g> {
    let mut holders = Holders::new();
    for volume in &below.group.logical_volumes {
        for (disk, area) in volume.segments.iter().flat_map(LvSegment::physical) {
            holders.insert((disk, area.start()), (area, &volume.name));
        }
    }
    holders
}

/// A visible volume that has no room behind one of its legs.
fn cannot_grow(
    below: &Below<'_>,
    volume: &LogicalVolume,
    holders: &Holders<'_>,
) -> Option<Finding> {
    if !volume.is_visible() {
        return None;
    }
    // Types that cannot grow by extents of their own are not judged.
    let legs = existing(below.group, &volume.name).ok()?.legs;
    let blocked: Vec<Blocked> = legs
        .iter()
        .enumerate()
        .filter_map(|(leg, stretches)| {
            let (disk, area) = stretches.last()?;
            let by = blocker(below, *disk, area.end(), holders)?;
            Some(Blocked {
                leg,
                disk: below.disk(*disk),
                extent: area.end(),
                by,
            })
        })
        .collect();
    (!blocked.is_empty()).then(|| Finding::CannotGrow {
        volume: volume.name.clone(),
        blocked,
    })
}

/// What keeps an extent from being allocated, if anything does.
fn blocker(below: &Below<'_>, disk: usize, extent: u64, holders: &Holders<'_>) -> Option<Blocker> {
    if extent >= below.group.physical_volumes[disk].extents {
        return Some(Blocker::EndOfDisk);
    }
    let before = holders.range(..=(disk, extent)).next_back();
    match before {
        Some(((other, _), (area, name))) if *other == disk && area.end() > extent => {
            Some(Blocker::Volume((*name).to_string()))
        }
        Some(_) | None => (!is_open(below, disk)).then_some(Blocker::NotAllocatable),
    }
}
