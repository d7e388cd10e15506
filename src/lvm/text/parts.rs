//! Reads what a segment lies on: the lists of stripes, mirrors and images, by segment type.

use std::collections::HashMap;

use crate::lvm::text::error::{Fault, Span, TextProblem};
use crate::lvm::text::fields::Fields;
use crate::lvm::text::grammar::{Value, ValueKind, shortened};
use crate::lvm::{LARGEST, Part};

/// The volumes that segments can refer to, by the name they use.
pub(crate) struct Volumes<'s> {
    pub(crate) physical: HashMap<&'s str, usize>,
    pub(crate) logical: HashMap<&'s str, usize>,
}

/// What a segment lies on, in leg order, each with its place in the text.
pub(crate) type Parts = Vec<(Part, Span)>;

/// The parts of a segment of a type with that many logical extents.
pub(crate) fn parts(
    fields: &Fields<'_>,
    base_type: &str,
    (extents, span): (u64, &Span),
    volumes: &Volumes<'_>,
) -> Result<Parts, Fault> {
    match layout(base_type) {
        Layout::Striped => striped(fields, volumes, extents, span),
        Layout::Mirrored => pairs(fields, "mirrors", "mirror_count", volumes),
        Layout::Images { key } => images(fields, key, volumes),
        Layout::Other => Ok(whatever(fields, volumes)),
    }
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
                section: fields.path.to_string(),
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
    let mut parts = Vec::with_capacity(items.len() / 2);
    for pair in items.chunks_exact(2) {
        let (name, start) = (&pair[0], &pair[1]);
        let at = fields.whole(key, start, 0, LARGEST)?;
        let part = part_of(fields, key, name, at, volumes)?;
        parts.push((part, name.span.start..start.span.end));
    }
    Ok(parts)
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
            let physical = volumes.physical.get(name.as_ref());
            if let (Some(&volume), Some(start)) = (physical, start.filter(|&at| at <= LARGEST)) {
                parts.push((Part::Physical { volume, start }, item.span.clone()));
            } else if volumes.logical.contains_key(name.as_ref()) {
                let part = Part::Logical {
                    volume: name.to_string(),
                    start: start.unwrap_or(0),
                };
                parts.push((part, item.span.clone()));
            }
        }
    }
    parts
}

/// The index of the logical volume that a value names.
pub(crate) fn named_volume(
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
            section: fields.path.to_string(),
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
            section: fields.path.to_string(),
            found,
            expected,
        },
    )
}
