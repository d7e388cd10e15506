//! Reads the segments of one logical volume: what each lies on, by segment type.

use std::collections::{BTreeMap, HashMap};

use crate::core::Area;
use crate::lvm::text::error::{Fault, TextProblem};
use crate::lvm::text::fields::{Fields, LARGEST};
use crate::lvm::text::grammar::{Span, Value, ValueKind, shortened};
use crate::lvm::text::holdings::Holding;
use crate::lvm::{LvSegment, Part};

/// The volumes that segments can refer to, by the name they use.
pub(crate) struct Volumes<'s> {
    pub(crate) physical: HashMap<&'s str, usize>,
    pub(crate) logical: HashMap<&'s str, usize>,
}

/// The segments of one logical volume and what follows from them.
pub(crate) struct Segments {
    /// In order of logical extents; those that continue each other are merged.
    pub(crate) segments: Vec<LvSegment>,
    /// What they hold on physical volumes.
    pub(crate) holdings: Vec<Holding>,
    /// Indices of the logical volumes that it lies on.
    pub(crate) lies_on: Vec<usize>,
}

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

/// The segments of the logical volume of these fields.
pub(crate) fn segments(fields: &Fields<'_>, volumes: &Volumes<'_>) -> Result<Segments, Fault> {
    let mut read = Vec::new();
    for (entry, segment_fields) in fields.sections() {
        read.push((entry, Segment::read(&segment_fields, volumes)?));
    }
    let (stated, span) = fields.number("segment_count", 1)?;
    if usize::try_from(stated) != Ok(read.len()) {
        return Err(Fault::new(
            span,
            TextProblem::SegmentCount {
                section: fields.path.clone(),
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
            Some(last) if continues(last, &segment) => last.extent_count += segment.extent_count,
            Some(_) | None => all.segments.push(segment),
        }
    }
    Ok(all)
}

/// Whether the second segment goes on where the first ends, on the same physical volumes. LVM2 merges
/// such segments when it reads them.
fn continues(first: &LvSegment, second: &LvSegment) -> bool {
    let goes_on = |(before, behind): (&Part, &Part)| match (before, behind) {
        (
            Part::Physical { volume, start },
            Part::Physical {
                volume: next,
                start: next_start,
            },
        ) => volume == next && start + first.part_extents() == *next_start,
        (Part::Physical { .. } | Part::Logical { .. }, _) => false,
    };
    matches!(first.base_type(), "striped" | "linear")
        && first.segment_type == second.segment_type
        && first.numbers.get("stripe_size") == second.numbers.get("stripe_size")
        && first.parts.len() == second.parts.len()
        && first.parts.iter().zip(&second.parts).all(goes_on)
}

/// How the list of a segment type is written.
enum Layout {
    /// `["pv0", 0, "pv1", 0]`, one pair per leg, each as long as the segment divided by the stripes.
    Striped,
    /// The same, each as long as the segment.
    Mirrored,
    /// `["lv_rmeta_0", "lv_rimage_0", ...]`, with or without the metadata.
    Images {
        /// The key of the list.
        key: &'static str,
    },
    /// Whatever lists are there; a type this reader does not know, or one without lists.
    Other,
}

fn layout(base_type: &str) -> Layout {
    match base_type {
        "striped" | "linear" => Layout::Striped,
        "mirror" => Layout::Mirrored,
        "raid0" => Layout::Images { key: "raid0_lvs" },
        raid if raid.starts_with("raid") => Layout::Images { key: "raids" },
        _ => Layout::Other,
    }
}

/// One segment as read.
struct Segment {
    segment: LvSegment,
    start_span: Span,
    holdings: Vec<Holding>,
    lies_on: Vec<usize>,
}

impl Segment {
    fn read(fields: &Fields<'_>, volumes: &Volumes<'_>) -> Result<Segment, Fault> {
        let (start_extent, start_span) = fields.number("start_extent", 0)?;
        let (extent_count, count_span) = fields.number("extent_count", 1)?;
        let segment_type = fields.text("type")?.to_string();
        let base_type = segment_type.split('+').next().unwrap_or(&segment_type);
        let parts = match layout(base_type) {
            Layout::Striped => striped(fields, volumes, extent_count, &count_span)?,
            Layout::Mirrored => pairs(fields, "mirrors", "mirror_count", volumes)?,
            Layout::Images { key } => images(fields, key, volumes)?,
            Layout::Other => whatever(fields, volumes),
        };
        let (numbers, strings) = rest(fields);
        let mut lies_on = Vec::new();
        for (key, value) in fields.values() {
            if VOLUME_KEYS.contains(&key) {
                let index = named_volume(fields, key, value, volumes)?;
                // The origin of a thin volume is another thin volume beside it.
                if key != "origin" || base_type != "thin" {
                    lies_on.push(index);
                }
            }
        }
        let (parts, spans): (Vec<Part>, Vec<Span>) = parts.into_iter().unzip();
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
                    section: fields.path.clone(),
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

type Parts = Vec<(Part, Span)>;

fn striped(
    fields: &Fields<'_>,
    volumes: &Volumes<'_>,
    extents: u64,
    span: &Span,
) -> Result<Parts, Fault> {
    let parts = pairs(fields, "stripes", "stripe_count", volumes)?;
    let stripes = parts.len() as u64;
    if stripes > 1 {
        fields.number("stripe_size", 1)?;
    }
    if !extents.is_multiple_of(stripes) {
        return Err(Fault::new(
            span.clone(),
            TextProblem::Uneven {
                section: fields.path.clone(),
                extents,
                stripes,
            },
        ));
    }
    Ok(parts)
}

/// A list of names with start extents, as many as `count_key` says.
fn pairs(
    fields: &Fields<'_>,
    key: &'static str,
    count_key: &'static str,
    volumes: &Volumes<'_>,
) -> Result<Parts, Fault> {
    let (count, _) = fields.number(count_key, 1)?;
    let (items, span) = fields.list(key)?;
    if items.len() as u64 != 2 * count {
        return Err(wrong_length(
            fields,
            key,
            items,
            span,
            format!("a name and a start extent for each of {count_key} = {count}"),
        ));
    }
    items
        .chunks_exact(2)
        .map(|pair| {
            let (name, start) = (&pair[0], &pair[1]);
            let part = |start| part_of(fields, key, name, start, volumes);
            Ok((
                part(fields.whole(key, start, 0, LARGEST)?)?,
                name.span.start..start.span.end,
            ))
        })
        .collect()
}

fn part_of(
    fields: &Fields<'_>,
    key: &str,
    name: &Value,
    start: u64,
    volumes: &Volumes<'_>,
) -> Result<Part, Fault> {
    let text = fields.string(key, name)?;
    if let Some(&volume) = volumes.physical.get(text) {
        Ok(Part::Physical { volume, start })
    } else if volumes.logical.contains_key(text) {
        Ok(Part::Logical {
            volume: text.to_string(),
            start,
        })
    } else {
        Err(unknown(
            fields,
            key,
            name,
            text,
            "a physical volume or of a logical volume of the group",
        ))
    }
}

/// A list of logical volumes: the images, or metadata and image in turn.
fn images(fields: &Fields<'_>, key: &'static str, volumes: &Volumes<'_>) -> Result<Parts, Fault> {
    let count_key = if fields.has("device_count") {
        "device_count"
    } else {
        "stripe_count"
    };
    let (count, _) = fields.number(count_key, 1)?;
    let (items, span) = fields.list(key)?;
    let found = items.len() as u64;
    if found != count && found != 2 * count {
        return Err(wrong_length(
            fields,
            key,
            items,
            span,
            format!("an image, with or without its metadata, for each of {count_key} = {count}"),
        ));
    }
    items
        .iter()
        .map(|item| {
            named_volume(fields, key, item, volumes)?;
            let volume = fields.string(key, item)?.to_string();
            Ok((Part::Logical { volume, start: 0 }, item.span.clone()))
        })
        .collect()
}

/// The volumes in the lists of a segment of another type: a name, or a name and a start extent.
///
/// Nothing can be refused where nothing is known; what is not a volume's name is no part.
fn whatever(fields: &Fields<'_>, volumes: &Volumes<'_>) -> Parts {
    let mut parts = Parts::new();
    for (_, value) in fields.values() {
        let ValueKind::List(items) = &value.kind else {
            continue;
        };
        for (index, item) in items.iter().enumerate() {
            let ValueKind::Text(name) = &item.kind else {
                continue;
            };
            let start = match items.get(index + 1).map(|next| &next.kind) {
                Some(ValueKind::Integer(start)) => u64::try_from(*start).ok(),
                Some(ValueKind::Text(_) | ValueKind::Decimal(_) | ValueKind::List(_)) | None => {
                    None
                }
            };
            let physical = volumes.physical.get(name.as_str());
            if let (Some(&volume), Some(start)) = (physical, start.filter(|&at| at <= LARGEST)) {
                parts.push((Part::Physical { volume, start }, item.span.clone()));
            } else if volumes.logical.contains_key(name.as_str()) {
                let part = Part::Logical {
                    volume: name.clone(),
                    start: start.unwrap_or(0),
                };
                parts.push((part, item.span.clone()));
            }
        }
    }
    parts
}

fn named_volume(
    fields: &Fields<'_>,
    key: &str,
    value: &Value,
    volumes: &Volumes<'_>,
) -> Result<usize, Fault> {
    let name = fields.string(key, value)?;
    volumes
        .logical
        .get(name)
        .copied()
        .ok_or_else(|| unknown(fields, key, value, name, "a logical volume of the group"))
}

/// The other keys that hold a whole number or a string.
fn rest(fields: &Fields<'_>) -> (BTreeMap<String, u64>, BTreeMap<String, String>) {
    let (mut numbers, mut strings) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in fields.values() {
        if ["start_extent", "extent_count", "type"].contains(&key) {
            continue;
        }
        match &value.kind {
            ValueKind::Integer(number) => {
                numbers.extend(u64::try_from(*number).map(|number| (key.to_string(), number)));
            }
            ValueKind::Text(text) => {
                strings.insert(key.to_string(), text.clone());
            }
            ValueKind::Decimal(_) | ValueKind::List(_) => {}
        }
    }
    (numbers, strings)
}

fn unknown(
    fields: &Fields<'_>,
    key: &str,
    value: &Value,
    name: &str,
    expected: &'static str,
) -> Fault {
    Fault::new(
        value.span.clone(),
        TextProblem::UnknownVolume {
            name: shortened(name),
            key: key.to_string(),
            section: fields.path.clone(),
            expected,
        },
    )
}

fn wrong_length(
    fields: &Fields<'_>,
    key: &str,
    items: &[Value],
    span: Span,
    expected: String,
) -> Fault {
    let found = match items.len() {
        1 => "1 entry".to_string(),
        count => format!("{count} entries"),
    };
    Fault::new(
        span,
        TextProblem::WrongLength {
            key: key.to_string(),
            section: fields.path.clone(),
            found,
            expected,
        },
    )
}
