//! Volumes in more segments than needed, and volumes that cannot grow where they end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::{Area, Areas};
use crate::lvm::audit::below::Below;
use crate::lvm::audit::redundancy::Array;
use crate::lvm::audit::space::is_open;
use crate::lvm::audit::{Blocked, Blocker, Finding};
use crate::lvm::{Existing, LogicalVolume, LvSegment, existing_in};

/// What is to say about how volumes lie on their disks.
pub(crate) fn findings(below: &Below<'_>, arrays: &[Array<'_>]) -> Vec<Finding> {
    let volumes = || below.group.logical_volumes.iter();
    let several: Vec<&LogicalVolume> = volumes()
        .filter(|volume| volume.segments.len() > 1)
        .collect();
    let mut findings = Vec::new();
    if !several.is_empty() {
        let images = arrays
            .iter()
            .flat_map(|array| array.images().map(move |image| (image, array)));
        let images: HashMap<&str, &Array<'_>> = images.collect();
        let gaps = gaps(below);
        findings.extend(several.into_iter().filter_map(|volume| {
            let array = images.get(volume.name.as_str());
            let taken = array.and_then(|array| array.taken_by_siblings(&volume.name));
            fragmented(below, volume, taken.as_ref(), &gaps)
        }));
    }
    let holders = Holders::of(below);
    let existing = existing_in(below.group);
    let visible = volumes().filter(|volume| volume.is_visible());
    findings.extend(visible.filter_map(|volume| {
        // Types that cannot grow by extents of their own are not judged.
        cannot_grow(below, volume, &existing(volume).ok()?, &holders)
    }));
    findings
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

/// The areas that segments hold, by physical volume and extents, and the volumes they belong to.
struct Holders<'g>(Vec<(usize, Area, &'g str)>);

impl<'g> Holders<'g> {
    fn of(below: &Below<'g>) -> Holders<'g> {
        let volumes = below.group.logical_volumes.iter();
        let mut holders: Vec<(usize, Area, &str)> = volumes
            .flat_map(|volume| {
                let held = volume.segments.iter().flat_map(LvSegment::physical);
                held.map(|(disk, area)| (disk, area, volume.name.as_str()))
            })
            .collect();
        holders.sort_unstable_by_key(|(disk, area, _)| (*disk, area.start()));
        Holders(holders)
    }

    /// The volume that holds an extent.
    fn holder(&self, disk: usize, extent: u64) -> Option<&'g str> {
        let starts_before =
            |(other, area, _): &(usize, Area, &str)| (*other, area.start()) <= (disk, extent);
        let before = self.0.partition_point(starts_before).checked_sub(1)?;
        let (other, area, name) = self.0[before];
        (other == disk && area.end() > extent).then_some(name)
    }
}

/// A visible volume that has no room behind one of its legs.
fn cannot_grow(
    below: &Below<'_>,
    volume: &LogicalVolume,
    existing: &Existing,
    holders: &Holders<'_>,
) -> Option<Finding> {
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
    match holders.holder(disk, extent) {
        Some(name) => Some(Blocker::Volume(name.to_string())),
        None => (!is_open(below, disk)).then_some(Blocker::NotAllocatable),
    }
}
