//! What volumes are to each other that reports say otherwise than the metadata: snapshots, origins and caches.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::parts::{image_multiple, images};
use crate::lvm::report::group::{Members, without_brackets};
use crate::lvm::report::segment::Names;
use crate::lvm::{AllocationPolicy, ByKey, LogicalVolume, LvSegment, Part, SegmentType};

/// Says of `volumes`, those of `names` in the same order, what the metadata says of them.
pub(crate) fn relate(names: &Names<'_, '_>, volumes: &mut Vec<LogicalVolume>) {
    external_origins(names.logical, volumes);
    checksums(names.logical, volumes);
    caches(volumes);
    reshaped(names, volumes);
    snapshots(names, volumes);
}

/// The origin of a thin volume is another thin volume of its pool, or one outside of it.
fn external_origins(logical: &Members<'_>, volumes: &mut [LogicalVolume]) {
    let kinds = volumes.iter().map(|volume| volume.segments.first());
    let is_thin = |segment: &LvSegment| segment.segment_type == "thin";
    let kinds: Vec<Option<bool>> = kinds.map(|first| first.map(is_thin)).collect();
    for (index, volume) in volumes.iter_mut().enumerate() {
        let pool = logical.field(index, "pool_lv");
        for segment in &mut volume.segments {
            let origin = segment.strings.get("origin");
            let origin = origin.and_then(|name| logical.named(name));
            let is_outside = origin.is_some_and(|one| {
                kinds[one] == Some(false) || logical.field(one, "pool_lv") != pool
            });
            if segment.segment_type == "thin"
                && is_outside
                && let Some(name) = segment.strings.remove("origin")
            {
                segment.strings.insert("external_origin", name);
            }
        }
    }
}

/// Where the checksums of an image lie: no column says it, but the names that LVM2 gives do.
fn checksums(logical: &Members<'_>, volumes: &mut [LogicalVolume]) {
    for segment in volumes.iter_mut().flat_map(|one| &mut one.segments) {
        let origin = segment.strings.get("origin");
        let image = origin.and_then(|name| name.strip_suffix("_iorig"));
        let checksums = image.map(|image| format!("{image}_imeta"));
        let checksums = checksums.filter(|name| logical.named(name).is_some());
        if segment.segment_type == "integrity"
            && !segment.strings.contains_key("meta_dev")
            && let Some(name) = checksums
        {
            segment.strings.insert("meta_dev", name);
        }
    }
}

/// A cache lies in a pool, which then knows its mode and its chunks, or in one volume.
fn caches(volumes: &mut [LogicalVolume]) {
    let first_type = |volume: &LogicalVolume| {
        let first = volume.segments.first()?;
        Some((volume.name.clone(), first.segment_type == "cache-pool"))
    };
    let known: BTreeMap<String, bool> = volumes.iter().filter_map(first_type).collect();
    let of = |name: &String| known.get_key_value(name);
    let mut used = BTreeSet::new();
    for segment in volumes.iter_mut().flat_map(|one| &mut one.segments) {
        let cache = segment.strings.get("cache_pool");
        let cache = cache.or(segment.strings.get("writecache"));
        let Some((name, is_pool)) = cache.and_then(of) else {
            continue;
        };
        if *is_pool {
            segment.numbers.remove("chunk_size");
            segment.strings.remove("cache_mode");
            continue;
        }
        used.insert(name.clone());
        if segment.segment_type == "cache" {
            segment.segment_type = "cache+CACHE_USES_CACHEVOL".to_string();
        }
    }
    for volume in volumes.iter_mut().filter(|one| used.contains(&one.name)) {
        volume.status.insert("CACHE_VOL".to_string());
    }
}

/// What a volume is to its origin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copies {
    /// They hold what the origin was.
    Kept,
    /// They go back into the origin.
    Merging,
}

/// The metadata has one volume more for each snapshot, which joins the volume of the copies with their origin. Where the
/// report does not say whose copies they are, or which snapshots an origin has, what joins them lacks that, too: then
/// nothing is said of those that it joins.
fn snapshots(names: &Names<'_, '_>, volumes: &mut Vec<LogicalVolume>) {
    let logical = names.logical;
    let listed = volumes.len();
    for index in 0..listed {
        let origin = origin_of(logical, index);
        let letter = first_letter(logical, index);
        let Some(copies) = copies(&volumes[index], letter, origin) else {
            continue;
        };
        volumes[index].status.remove("VISIBLE");
        let origin_extents = origin.and_then(|origin| {
            let origin = logical.named(origin)?;
            let extents = Some(volumes[origin].extents());
            let stated = || names.volume_extents(origin);
            extents.filter(|extents| *extents > 0).or_else(stated)
        });
        let key = match copies {
            Copies::Kept => "cow_store",
            Copies::Merging => "merging_store",
        };
        let mut strings = ByKey::from([(key, volumes[index].name.clone())]);
        if let Some(origin) = origin {
            strings.insert("origin", origin.to_string());
        }
        let chunk = names.sectors(logical.field(index, "chunk_size"));
        let extents = origin_extents.unwrap_or_else(|| volumes[index].extents());
        let number = volumes.len() - listed;
        volumes.push(joining(number, copies, extents, chunk, strings));
    }
    let (mut used, mut merged) = (BTreeSet::new(), BTreeSet::new());
    for segment in volumes.iter().flat_map(|volume| &volume.segments) {
        let strings = &segment.strings;
        let origin = match segment.base_type() {
            "snapshot" => strings.get("origin"),
            _ => strings.get("external_origin"),
        };
        used.extend(origin.cloned());
        if strings.contains_key("merging_store") {
            merged.extend(origin.cloned());
        }
    }
    for index in 0..listed {
        let volume = &volumes[index];
        let lacks = match first_letter(logical, index) {
            Some('o') => !used.contains(&volume.name),
            Some('O') => !merged.contains(&volume.name),
            Some(_) | None => false,
        };
        if lacks && volume.is_visible() {
            let (name, extents) = (volume.name.clone(), volume.extents());
            // Of which nothing but that it is there is known.
            let left_out = String::new();
            let strings = ByKey::from([("origin", name), ("merging_store", left_out)]);
            let number = volumes.len() - listed;
            volumes.push(joining(number, Copies::Merging, extents, None, strings));
        }
    }
}

/// The volume that joins what `strings` name, counted from 0.
fn joining(
    number: usize,
    copies: Copies,
    extents: u64,
    chunk: Option<u64>,
    strings: ByKey<String>,
) -> LogicalVolume {
    let is_visible = (copies == Copies::Kept).then_some("VISIBLE");
    let words = ["READ", "WRITE"].into_iter().chain(is_visible);
    LogicalVolume {
        name: format!("snapshot{number}"),
        id: String::new(),
        status: words.map(String::from).collect(),
        policy: AllocationPolicy::Inherit,
        tags: BTreeSet::new(),
        segments: vec![LvSegment {
            start_extent: 0,
            extent_count: extents,
            segment_type: "snapshot".to_string(),
            parts: Vec::new(),
            numbers: chunk
                .map(|sectors| ("chunk_size", sectors))
                .into_iter()
                .collect(),
            strings,
        }],
    }
}

/// The name of a volume's origin, by that or by its UUID.
fn origin_of<'r>(logical: &Members<'r>, volume: usize) -> Option<&'r str> {
    let by_id = || {
        let origin = logical.with_id(logical.field(volume, "origin_uuid")?)?;
        logical.field(origin, "lv_name")
    };
    let name = logical.field(volume, "origin").or_else(by_id);
    name.map(without_brackets)
}

/// Where images hold more than their volume shows, a reshape works in the rest, and no column says where that is: then
/// nothing is said of what the volume lies on.
fn reshaped(names: &Names<'_, '_>, volumes: &mut [LogicalVolume]) {
    let lengths: BTreeMap<String, u64> = volumes
        .iter()
        .map(|volume| (volume.name.clone(), volume.extents()))
        .collect();
    for (index, volume) in volumes.iter_mut().enumerate() {
        let Some(shown) = names.volume_extents(index) else {
            continue;
        };
        let [segment] = volume.segments.as_mut_slice() else {
            continue;
        };
        let kind = SegmentType::from_word(segment.base_type());
        let is_striped = matches!(
            kind,
            Some(SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6)
        );
        let first = images(segment).first().and_then(|image| match image {
            Part::Logical { volume, .. } => lengths.get(volume),
            Part::Physical { .. } => None,
        });
        let is_said = segment.numbers.contains_key("reshape_count");
        if is_striped
            && !is_said
            && first.is_some_and(|length| length.saturating_mul(image_multiple(segment)) > shown)
        {
            segment.parts.clear();
        }
    }
}

/// The first letter of its attributes, or the one that its roles stand for.
fn first_letter(logical: &Members<'_>, volume: usize) -> Option<char> {
    let attributes = logical.field(volume, "lv_attr");
    attributes.map_or_else(
        || {
            let mut roles = logical.field(volume, "lv_role")?.split(',');
            roles.find_map(|role| match role {
                "thicksnapshot" => Some('s'),
                "thickorigin" => Some('o'),
                _ => None,
            })
        },
        |attributes| attributes.chars().next(),
    )
}

/// Whether a volume holds the copies of a snapshot, by the first letter of its attributes, else by its origin: a thin
/// volume, and what is in a layer above its origin, have one, too.
fn copies(volume: &LogicalVolume, letter: Option<char>, origin: Option<&str>) -> Option<Copies> {
    match letter {
        Some('s') => Some(Copies::Kept),
        Some('S') => Some(Copies::Merging),
        Some(_) => None,
        None => {
            let mut kinds = volume.segments.iter().map(LvSegment::base_type);
            let is_plain = kinds.all(|kind| matches!(kind, "striped" | "mirror" | "unknown"));
            let has_kind = !volume.segments.is_empty();
            (origin.is_some() && is_plain && has_kind).then_some(Copies::Kept)
        }
    }
}
