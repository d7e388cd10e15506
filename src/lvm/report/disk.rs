//! One physical volume in a report: its pieces, who holds them, and whether that adds up.

use std::collections::BTreeMap;

use crate::core::{Area, Areas};
use crate::lvm::report::group::{Group, Members, contradiction};
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

/// Per physical volume its pieces by first extent.
type Pieces = BTreeMap<u64, (Area, Holder)>;

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

fn pieces(
    group: &Group<'_>,
    physical: &Members<'_>,
    logical: &Members<'_>,
) -> Result<Vec<Pieces>, ReportError> {
    let mut pieces = vec![Pieces::new(); physical.rows.len()];
    for row in &group.rows {
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
        let known = pieces[disk].entry(start).or_insert((area, holder));
        if known.0 != area {
            return Err(contradiction(
                group,
                format!("physical segments {} and {area} of one disk", known.0),
            ));
        }
        if known.1 == Holder::Unsaid {
            known.1 = holder;
        }
    }
    Ok(pieces)
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
    pieces: Pieces,
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
        for (area, _) in self.pieces.values() {
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
        missing: &mut Vec<MissingField>,
    ) -> Result<Option<PhysicalVolume>, ReportError> {
        let last = self.pieces.values().next_back();
        let extents = self
            .number("pv_pe_count")?
            .or(last.map(|(area, _)| area.end()));
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
    /// no segment explains to the volume that holds it; `held` is what [`held`] says of this disk.
    pub(crate) fn settle(
        &self,
        disk: &PhysicalVolume,
        volumes: &mut [LogicalVolume],
        held: &mut Vec<(Area, usize)>,
        missing: &mut Vec<MissingField>,
    ) -> Result<(), ReportError> {
        let explained = self.explained(disk, volumes, held)?;
        let mut taken = explained.total();
        let mut unsaid = Areas::none();
        let mut end = 0;
        for (area, holder) in self.pieces.values() {
            if area.start() != end {
                break;
            }
            end = area.end();
            let unexplained = Areas::from(*area).difference(&explained);
            match holder {
                Holder::Nobody if unexplained.total() < area.count() => {
                    return Err(contradiction(
                        self.group,
                        format!("extents {area} of `{}` are free and held", disk.device),
                    ));
                }
                Holder::Nobody => {}
                Holder::Volume(volume) => {
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
        match self.number("pv_pe_alloc_count")? {
            // What nobody is said to hold is free if the count says that nothing else is held.
            Some(stated) if stated == taken => {}
            Some(stated) if !self.pieces.is_empty() && unsaid.is_empty() => {
                if end == disk.extents {
                    let what = format!(
                        "`{}` has {stated} allocated extents, and segments that hold {taken}",
                        disk.device
                    );
                    return Err(contradiction(self.group, what));
                }
            }
            None if !self.pieces.is_empty() && unsaid.is_empty() => {}
            Some(_) | None => MissingField::note(missing, holders, &disk.device, option),
        }
        Ok(())
    }

    /// What the segments of the volumes hold on this disk.
    fn explained(
        &self,
        disk: &PhysicalVolume,
        volumes: &[LogicalVolume],
        held: &mut Vec<(Area, usize)>,
    ) -> Result<Areas, ReportError> {
        let held = std::mem::take(held).into_iter();
        let mut areas: Vec<(Area, &str)> = held
            .map(|(area, volume)| (area, volumes[volume].name.as_str()))
            .collect();
        areas.sort_unstable();
        for (first, second) in areas.iter().zip(areas.iter().skip(1)) {
            if first.0.intersection(second.0).is_some() {
                return Err(contradiction(
                    self.group,
                    format!(
                        "extents of `{}` are held by `{}` ({}) and by `{}` ({})",
                        disk.device, first.1, first.0, second.1, second.0
                    ),
                ));
            }
        }
        if let Some((area, name)) = areas.last().filter(|(area, _)| area.end() > disk.extents) {
            return Err(contradiction(
                self.group,
                format!(
                    "`{name}` holds extents {area} of `{}`, which has {}",
                    disk.device, disk.extents
                ),
            ));
        }
        Ok(areas.into_iter().map(|(area, _)| area).collect())
    }
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
