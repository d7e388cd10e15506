//! Volumes in more segments than needed, and volumes that cannot grow where they end.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas};
use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::Array;
use crate::lvm::audit::space::is_open;
use crate::lvm::audit::{Blocked, Blocker, Finding};
use crate::lvm::{Existing, LogicalVolume, LvSegment, all_existing};

/// What is to say about how volumes lie on their disks.
pub(crate) fn findings(below: &Below<'_>) -> Vec<Finding> {
    let taken = taken_by_siblings(below);
    let gaps = gaps(below);
    let volumes = || below.group.logical_volumes.iter();
    let mut findings: Vec<Finding> = volumes()
        .filter_map(|volume| fragmented(below, volume, taken.get(volume.name.as_str()), &gaps))
        .collect();
    let holders = holders(below);
    findings.extend(all_existing(below.group).filter_map(|(volume, existing)| {
        // Types that cannot grow by extents of their own are not judged.
        cannot_grow(below, volume, &existing.ok()?, &holders)
    }));
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
    gaps: &Gaps,
) -> Option<Finding> {
    let segments = volume.segments.len() as u64;
    let stripes = volume.segments.first()?.parts.len();
    let is_plain = |segment: &LvSegment| {
        !segment.is_reshape_space()
            && matches!(segment.base_type(), "striped" | "linear")
            && segment.parts.len() == stripes
            && segment.physical().count() == stripes
    };
    if segments < 2 || stripes == 0 || !volume.segments.iter().all(is_plain) {
        return None;
    }
    let may_take =
        |disk: usize| is_open(below, disk) && taken.is_none_or(|taken| !taken.contains(&disk));
    // On its own disks what it has counts as free too.
    let mut own: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
    for (disk, area) in volume.segments.iter().flat_map(LvSegment::physical) {
        own.entry(disk).or_default().push(area);
    }
    let own: BTreeMap<usize, Areas> = own
        .into_iter()
        .map(|(disk, areas)| {
            let areas: Areas = areas.into_iter().collect();
            let free = may_take(disk).then(|| &below.free[disk]);
            (disk, free.map_or(areas.clone(), |free| areas.union(free)))
        })
        .collect();
    let others = gaps
        .iter()
        .filter(|gap| !own.contains_key(&gap.disk) && may_take(gap.disk));
    let needed = if stripes == 1 {
        fewest_areas(&own, others, volume.extents())
    } else {
        // With stripes only this is said, that one segment is enough: as many disks as stripes have an
        // area for a whole stripe. Anything between depends on where the cuts fall together.
        let length = volume.extents() / stripes as u64;
        let own = own.iter().filter(|(_, areas)| areas.longest() >= length);
        let others = others.take_while(|gap| gap.length >= length);
        let mut disks: BTreeSet<usize> = own.map(|(disk, _)| *disk).collect();
        disks.extend(others.map(|gap| gap.disk));
        if disks.len() >= stripes { 1 } else { segments }
    };
    (needed < segments).then(|| Finding::Fragmented {
        volume: volume.name.clone(),
        segments,
        needed,
    })
}

/// The free areas of a group, the longest first.
type Gaps = Vec<Gap>;

struct Gap {
    length: u64,
    disk: usize,
}

fn gaps(below: &Below<'_>) -> Gaps {
    let disks = below.free.iter().enumerate();
    let mut gaps: Gaps = disks
        .flat_map(|(disk, areas)| {
            areas.iter().map(move |area| Gap {
                length: area.count(),
                disk,
            })
        })
        .collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.length));
    gaps
}

/// The fewest areas that hold so many extents, on its own disks and on others: the longest first.
fn fewest_areas<'p>(
    own: &BTreeMap<usize, Areas>,
    others: impl Iterator<Item = &'p Gap>,
    extents: u64,
) -> u64 {
    let mut own: Vec<u64> = own
        .values()
        .flat_map(|areas| areas.iter().map(Area::count))
        .collect();
    own.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
    let mut own = own.into_iter().peekable();
    let mut others = others.map(|gap| gap.length).peekable();
    let (mut missing, mut count) = (extents, 0);
    while missing > 0 {
        let next = if own.peek() >= others.peek() {
            own.next()
        } else {
            others.next()
        };
        // What it has is among its own areas, so they cannot run out before all is found.
        missing -= next.map_or(missing, |length| length.min(missing));
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
    existing: &Existing,
    holders: &Holders<'_>,
) -> Option<Finding> {
    if !volume.is_visible() {
        return None;
    }
    let blocked: Vec<Blocked> = existing
        .legs
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
