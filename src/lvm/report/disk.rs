//! One physical volume in a report: its pieces, who holds them, and whether that adds up.

use std::collections::BTreeMap;

use crate::core::{Area, Areas};
use crate::lvm::report::group::{Group, Members, contradiction, contradicts};
use crate::lvm::report::rows::Row;
use crate::lvm::report::segment::UNKNOWN_TYPE;
use crate::lvm::report::value::{is_true, tags, whole};
use crate::lvm::report::{MissingField, ReportError};
use crate::lvm::{ByKey, LogicalVolume, LvSegment, Part, PhysicalVolume};

/// What LVM2 writes for a device that it could not find.
const NO_DEVICE: &str = "[unknown]";

/// Who holds a piece of a physical volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    /// Index of the logical volume.
    Volume(usize),
    /// The report does not say.
    Unsaid,
}

/// Extents of a physical volume, and what a row says about them.
struct Piece<'g, 'r> {
    area: Area,
    holder: Holder,
    row: &'g Row<'r>,
}

/// Per physical volume its pieces by first extent.
type Pieces<'g, 'r> = BTreeMap<u64, Piece<'g, 'r>>;

/// The physical volumes of a group, each with its pieces.
pub(crate) fn disks<'g, 'r>(
    group: &'g Group<'r>,
    physical: &'g Members<'r>,
    logical: &Members<'r>,
) -> Result<Vec<Disk<'g, 'r>>, ReportError> {
    let pieces = pieces(group, physical, logical)?;
    let disk = |(index, pieces)| Disk {
        group,
        physical,
        index,
        pieces,
    };
    Ok(pieces.into_iter().enumerate().map(disk).collect())
}

fn pieces<'g, 'r>(
    group: &'g Group<'r>,
    physical: &Members<'_>,
    logical: &Members<'_>,
) -> Result<Vec<Pieces<'g, 'r>>, ReportError> {
    let mut pieces: Vec<Pieces<'_, '_>> = physical.rows.iter().map(|_| Pieces::new()).collect();
    for &row in &group.rows {
        let start = whole(row, "pvseg_start", &group.name)?;
        let size = whole(row, "pvseg_size", &group.name)?;
        let (Some(start), Some(size)) = (start, size) else {
            continue;
        };
        let Some(disk) = physical.find(row).or_else(|| physical.only()) else {
            return Err(ReportError::Missing {
                group: group.name.clone(),
                fields: vec![MissingField {
                    what: "the physical volume of each physical segment",
                    of: Vec::new(),
                    option: "-o +pv_name",
                }],
            });
        };
        let Some(area) = Area::new(start, size) else {
            continue;
        };
        let holder = match logical.find(row) {
            Some(volume) => Holder::Volume(volume),
            None if is_free(row) => Holder::Nobody,
            None => Holder::Unsaid,
        };
        check_type(group, row, area, holder)?;
        let known = pieces[disk].entry(start);
        let known = known.or_insert(Piece { area, holder, row });
        if known.area != area {
            let what = format!("physical segments {} and {area} of one disk", known.area);
            return Err(contradicts(
                group,
                row.filled("pvseg_size").unwrap_or(""),
                what,
            ));
        }
        if known.holder == Holder::Unsaid {
            (known.holder, known.row) = (holder, row);
        }
    }
    Ok(pieces)
}

/// Free extents have a type of their own, and no others have it.
fn check_type(
    group: &Group<'_>,
    row: &Row<'_>,
    area: Area,
    holder: Holder,
) -> Result<(), ReportError> {
    let (kind, ranges) = (row.filled("segtype"), row.filled("seg_pe_ranges"));
    let wrong = match holder {
        Holder::Nobody => kind.filter(|kind| *kind != "free").or(ranges),
        Holder::Volume(_) => kind.filter(|kind| *kind == "free"),
        Holder::Unsaid => None,
    };
    let Some(wrong) = wrong else { return Ok(()) };
    let holder = match row.filled("lv_name").or(row.filled("lv_uuid")) {
        Some(name) => format!("the volume `{name}`"),
        None => "no volume".to_string(),
    };
    let what = format!("extents {area} are `{wrong}`, and {holder} holds them");
    Err(contradicts(group, wrong, what))
}

/// Whether a row about a physical segment says that nobody holds it.
fn is_free(row: &Row<'_>) -> bool {
    ["lv_uuid", "lv_name", "seg_pe_ranges"]
        .iter()
        .any(|field| row.get(field) == Some(""))
        || row.get("segtype") == Some("free")
}

/// One physical volume and what the rows say about it.
pub(crate) struct Disk<'g, 'r> {
    group: &'g Group<'r>,
    physical: &'g Members<'r>,
    index: usize,
    pieces: Pieces<'g, 'r>,
}

impl Disk<'_, '_> {
    fn field(&self, field: &str) -> Option<&str> {
        self.physical.field(self.index, field)
    }

    fn name(&self) -> &str {
        self.field("pv_name")
            .or_else(|| self.field("pv_uuid"))
            .unwrap_or("")
    }

    fn number(&self, field: &'static str) -> Result<Option<u64>, ReportError> {
        let row = self.physical.rows[self.index]
            .iter()
            .find(|row| row.filled(field).is_some());
        row.map_or(Ok(None), |row| whole(row, field, self.name()))
    }

    /// Its size as the report prints it and its extents, where its pieces lie from one end to the other.
    pub(crate) fn size_and_extents(&self) -> Option<(&str, u64)> {
        let mut end = 0;
        for Piece { area, .. } in self.pieces.values() {
            if area.start() != end {
                return None;
            }
            end = area.end();
        }
        self.field("pv_size").map(|size| (size, end))
    }

    /// The volume itself, or nothing where its size is missing.
    pub(crate) fn physical_volume(
        &self,
        extents_of: impl Fn(&str) -> Option<u64>,
        missing: &mut Vec<MissingField>,
    ) -> Result<Option<PhysicalVolume>, ReportError> {
        let last = self.pieces.values().next_back();
        let extents = self
            .number("pv_pe_count")?
            .or(last.map(|piece| piece.area.end()))
            .or_else(|| self.field("pv_size").and_then(extents_of));
        let Some(extents) = extents else {
            MissingField::note(
                missing,
                "the number of extents",
                self.name(),
                "-o +pv_pe_count",
            );
            return Ok(None);
        };
        let letter = |at: usize| {
            self.field("pv_attr")
                .and_then(|attributes| attributes.chars().nth(at))
        };
        let says = |field: &str| {
            let is_there = self.physical.has(self.index, field);
            is_there.then(|| self.field(field).is_some_and(is_true))
        };
        let allocatable = says("pv_allocatable").or(letter(0).map(|letter| letter == 'a'));
        if allocatable.is_none() {
            MissingField::note(missing, "the state", self.name(), "-o +pv_attr");
        }
        let missing_disk = says("pv_missing").or(letter(2).map(|letter| letter == 'm'));
        let key = format!("pv{}", self.index);
        let device = self.field("pv_name").filter(|name| *name != NO_DEVICE);
        Ok(Some(PhysicalVolume {
            device: device.unwrap_or(&key).to_string(),
            key,
            id: self.field("pv_uuid").unwrap_or("").to_string(),
            extents,
            allocatable: allocatable.unwrap_or(false),
            missing: missing_disk.unwrap_or(false),
            tags: tags(self.field("pv_tags")),
        }))
    }

    /// Compares what the volumes' segments hold with what the physical segments say, and gives what
    /// no segment explains to the volume that holds it; `held` is what [`held`] says of this disk, and
    /// `extents_of` how many extents a size is, if that is certain.
    pub(crate) fn settle(
        &self,
        disk: &PhysicalVolume,
        volumes: &mut [LogicalVolume],
        held: &mut Vec<(Area, usize)>,
        extents_of: impl Fn(&str) -> Option<u64>,
        missing: &mut Vec<MissingField>,
    ) -> Result<(), ReportError> {
        let held = self.held(disk, volumes, held)?;
        let explained: Areas = held.iter().map(|(area, _)| *area).collect();
        let mut taken = explained.total();
        let mut unsaid = Areas::none();
        let mut end = 0;
        for Piece { area, holder, row } in self.pieces.values() {
            if area.start() != end {
                break;
            }
            end = area.end();
            let differs = |what: String| {
                let place = row.filled("pvseg_start").unwrap_or("");
                let what = format!("extents {area} of `{}` are {what}", disk.device);
                Err(contradicts(self.group, place, what))
            };
            let unexplained = Areas::from(*area).difference(&explained);
            match holder {
                Holder::Nobody if unexplained.total() < area.count() => {
                    return differs("free and held".to_string());
                }
                Holder::Nobody => {}
                Holder::Volume(volume) => {
                    let own = &volumes[*volume];
                    if let Some((part, other)) = other_holder(&held, *area, *volume) {
                        let other = &volumes[other].name;
                        return differs(format!("held by `{}`, and {part} by `{other}`", own.name));
                    }
                    if !unexplained.is_empty() && all_described(own) {
                        return differs(format!(
                            "held by `{0}`, and no segment of `{0}` has them",
                            own.name
                        ));
                    }
                    taken += unexplained.total();
                    for area in unexplained.iter() {
                        hold(&mut volumes[*volume], self.index, area);
                    }
                }
                Holder::Unsaid => unsaid = unsaid.union(&unexplained),
            }
        }
        if !self.pieces.is_empty() && end != disk.extents {
            let option = "pvs --segments";
            MissingField::note(missing, "all physical segments", &disk.device, option);
        }
        let holders = "who holds which extents";
        let option = "pvs --segments -o +lv_name";
        let stated = self.number("pv_pe_alloc_count")?;
        let free = || {
            disk.extents
                .checked_sub(extents_of(self.field("pv_free")?)?)
        };
        match stated.or_else(free) {
            // What nobody is said to hold is free if the count says that nothing else is held.
            Some(stated) if stated == taken => {}
            Some(stated) if !self.pieces.is_empty() && unsaid.is_empty() => {
                if end == disk.extents {
                    let what = format!(
                        "`{}` has {stated} allocated extents, and segments that hold {taken}",
                        disk.device
                    );
                    let counted = self.field("pv_pe_alloc_count").or(self.field("pv_free"));
                    return Err(contradicts(self.group, counted.unwrap_or(""), what));
                }
            }
            None if !self.pieces.is_empty() && unsaid.is_empty() => {}
            Some(_) | None => MissingField::note(missing, holders, &disk.device, option),
        }
        Ok(())
    }

    /// What the segments of the volumes hold on this disk, by extents.
    fn held(
        &self,
        disk: &PhysicalVolume,
        volumes: &[LogicalVolume],
        held: &mut Vec<(Area, usize)>,
    ) -> Result<Vec<(Area, usize)>, ReportError> {
        let mut held = std::mem::take(held);
        held.sort_unstable();
        let name = |volume: usize| &volumes[volume].name;
        for (first, second) in held.iter().zip(held.iter().skip(1)) {
            if first.0.intersection(second.0).is_some() {
                return Err(contradiction(
                    self.group,
                    format!(
                        "extents of `{}` are held by `{}` ({}) and by `{}` ({})",
                        disk.device,
                        name(first.1),
                        first.0,
                        name(second.1),
                        second.0
                    ),
                ));
            }
        }
        if let Some((area, volume)) = held.last().filter(|(area, _)| area.end() > disk.extents) {
            return Err(contradiction(
                self.group,
                format!(
                    "`{}` holds extents {area} of `{}`, which has {}",
                    name(*volume),
                    disk.device,
                    disk.extents
                ),
            ));
        }
        Ok(held)
    }
}

/// Another volume than this one that has segments among these extents, and the first of those.
fn other_holder(held: &[(Area, usize)], area: Area, volume: usize) -> Option<(Area, usize)> {
    let from = held.partition_point(|(one, _)| one.end() <= area.start());
    let mut here = held[from..]
        .iter()
        .take_while(|(one, _)| one.start() < area.end());
    here.find(|(_, holder)| *holder != volume).copied()
}

/// Whether the report says of all segments of a volume which extents they hold.
fn all_described(volume: &LogicalVolume) -> bool {
    let is_described = |segment: &LvSegment| {
        let is_physical = |part: &Part| matches!(part, Part::Physical { .. });
        segment.segment_type != UNKNOWN_TYPE
            && !segment.parts.is_empty()
            && segment.parts.iter().all(is_physical)
    };
    !volume.segments.is_empty() && volume.segments.iter().all(is_described)
}

/// Per disk what the segments of the volumes hold on it, and which volume does.
pub(crate) fn held(volumes: &[LogicalVolume], disks: usize) -> Vec<Vec<(Area, usize)>> {
    let mut held = vec![Vec::new(); disks];
    for (index, volume) in volumes.iter().enumerate() {
        for (disk, area) in volume.segments.iter().flat_map(LvSegment::physical) {
            held[disk].push((area, index));
        }
    }
    held
}

/// Notes that a volume holds extents that none of its segments explains.
fn hold(volume: &mut LogicalVolume, disk: usize, area: Area) {
    // Segments lie one behind the other, also those that were added here.
    let last = volume.segments.last();
    let end = last.map_or(0, |last| last.start_extent + last.extent_count);
    volume.segments.push(LvSegment {
        start_extent: end,
        extent_count: area.count(),
        segment_type: UNKNOWN_TYPE.to_string(),
        parts: vec![Part::Physical {
            volume: disk,
            start: area.start(),
        }],
        numbers: ByKey::new(),
        strings: ByKey::new(),
    });
}
