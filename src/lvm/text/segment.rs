//! Reads the segments of one logical volume, in order and merged where they continue each other.

use std::borrow::Cow;

use crate::core::Area;
use crate::lvm::text::error::{Fault, Span, TextProblem};
use crate::lvm::text::fields::Fields;
use crate::lvm::text::grammar::{ValueKind, shortened};
use crate::lvm::text::holdings::{HolderName, Holding};
use crate::lvm::text::parts::{Volumes, named_volume, parts};
use crate::lvm::volume_group::base_type;
use crate::lvm::{ByKey, LvSegment, Part};

/// The segments of one logical volume and what follows from them.
pub(crate) struct Segments {
    /// In order of logical extents; those that continue each other are merged.
    pub(crate) segments: Vec<LvSegment>,
    /// What they hold on physical volumes.
    pub(crate) holdings: Vec<Holding>,
    /// Indices of the logical volumes that it lies on.
    pub(crate) lies_on: Vec<usize>,
}

/// Keys whose number says how a segment is made.
const NUMBER_KEYS: [&str; 6] = [
    "stripe_count",
    "stripe_size",
    "device_count",
    "mirror_count",
    "region_size",
    "chunk_size",
];

/// Keys whose string names a logical volume that the segment lies on or belongs to.
const VOLUME_KEYS: [&str; 13] = [
    "cache_pool",
    "cow_store",
    "data",
    "external_origin",
    "meta_dev",
    "metadata",
    "mirror_log",
    "origin",
    "pool",
    "thin_pool",
    "vdo_pool",
    "writecache",
    "merging_store",
];

/// Segment types that name logical volumes by key.
const NAMING_TYPES: [&str; 10] = [
    "cache",
    "cache-pool",
    "integrity",
    "mirror",
    "snapshot",
    "thin",
    "thin-pool",
    "vdo",
    "vdo-pool",
    "writecache",
];

/// The segments of the logical volume of these fields, which is number `logical` of the group.
pub(crate) fn segments(
    fields: &Fields<'_>,
    logical: usize,
    volumes: &Volumes<'_>,
) -> Result<Segments, Fault> {
    let mut read = Vec::new();
    for (entry, segment_fields) in fields.sections() {
        let name = HolderName {
            logical,
            segment: entry.key_span.clone(),
        };
        read.push((entry, Segment::read(&segment_fields, &name, volumes)?));
    }
    let (stated, span) = fields.number("segment_count", 1)?;
    if usize::try_from(stated) != Ok(read.len()) {
        return Err(Fault::new(
            span,
            TextProblem::SegmentCount {
                section: fields.path.to_string(),
                found: read.len(),
                expected: stated,
            },
        ));
    }
    read.sort_by_key(|(_, segment)| segment.segment.start_extent);
    let mut all = Segments {
        segments: Vec::new(),
        holdings: Vec::new(),
        lies_on: Vec::new(),
    };
    let mut end = 0;
    for (entry, read) in read {
        let segment = read.segment;
        if segment.start_extent != end {
            return Err(Fault::new(
                read.start_span,
                TextProblem::Gap {
                    section: format!("{}/{}", fields.path, shortened(&entry.key)),
                    found: segment.start_extent,
                    expected: end,
                },
            ));
        }
        end += segment.extent_count;
        all.holdings.extend(read.holdings);
        all.lies_on.extend(read.lies_on);
        match all.segments.last_mut() {
            Some(last) if last.is_continued_by(&segment) => {
                last.extent_count += segment.extent_count
            }
            Some(_) | None => all.segments.push(segment),
        }
    }
    Ok(all)
}

/// One segment as read.
struct Segment {
    segment: LvSegment,
    start_span: Span,
    holdings: Vec<Holding>,
    lies_on: Vec<usize>,
}

impl Segment {
    fn read(
        fields: &Fields<'_>,
        name: &HolderName,
        volumes: &Volumes<'_>,
    ) -> Result<Segment, Fault> {
        let (start_extent, start_span) = fields.number("start_extent", 0)?;
        let (extent_count, count_span) = fields.number("extent_count", 1)?;
        let segment_type = fields.text("type")?.to_string();
        let base_type = base_type(&segment_type);
        let parts = parts(fields, base_type, (extent_count, &count_span), volumes)?;
        let (numbers, strings) = rest(fields);
        let mut lies_on = named(fields, base_type, volumes)?;
        let (mut parts, spans): (Vec<Part>, Vec<Span>) = parts.into_iter().unzip();
        parts.shrink_to_fit();
        let segment = LvSegment {
            start_extent,
            extent_count,
            segment_type,
            parts,
            numbers,
            strings,
        };
        let count = segment.part_extents();
        let mut holdings = Vec::new();
        for (part, span) in segment.parts.iter().zip(spans) {
            match part {
                Part::Physical { volume, start } => holdings.push(Holding {
                    volume: *volume,
                    // Both have 32 bits, and no segment is empty.
                    area: Area::new(*start, count).expect("neither empty nor near the last number"),
                    holder: name.clone(),
                    span,
                }),
                Part::Logical { volume, .. } => {
                    lies_on.extend(volumes.logical.get(volume.as_str()));
                }
            }
        }
        Ok(Segment {
            segment,
            start_span,
            holdings,
            lies_on,
        })
    }
}

/// The logical volumes that a segment names by key and lies on.
fn named(fields: &Fields<'_>, base_type: &str, volumes: &Volumes<'_>) -> Result<Vec<usize>, Fault> {
    let is_known = NAMING_TYPES.contains(&base_type);
    let mut lies_on = Vec::new();
    for (key, value) in fields.values().filter(|(key, _)| VOLUME_KEYS.contains(key)) {
        match named_volume(fields, key, value, volumes) {
            // The origin of a thin volume is another thin volume beside it.
            Ok(_) if key == "origin" && base_type == "thin" => {}
            Ok(index) => lies_on.push(index),
            Err(fault) if is_known => return Err(fault),
            // In a type that is not known the key may mean anything.
            Err(_) => {}
        }
    }
    Ok(lies_on)
}

/// A key that outlives the text; those that most segments have take no room of their own.
fn owned(key: &str) -> Cow<'static, str> {
    let mut known = NUMBER_KEYS.iter().chain(&VOLUME_KEYS);
    match known.find(|known| **known == key) {
        Some(known) => Cow::Borrowed(*known),
        None => Cow::Owned(key.to_string()),
    }
}

/// The other keys that hold a whole number or a string.
fn rest(fields: &Fields<'_>) -> (ByKey<u64>, ByKey<String>) {
    let (mut numbers, mut strings) = (ByKey::new(), ByKey::new());
    for (key, value) in fields.values() {
        if ["start_extent", "extent_count", "type"].contains(&key) {
            continue;
        }
        match &value.kind {
            ValueKind::Integer(number) => {
                if let Ok(number) = u64::try_from(*number) {
                    numbers.insert(owned(key), number);
                }
            }
            ValueKind::Text(text) => {
                strings.insert(owned(key), text.to_string());
            }
            ValueKind::Decimal(_) | ValueKind::List(_) => {}
        }
    }
    (numbers, strings)
}
