//! What volumes are to each other that reports say otherwise than the metadata: snapshots, origins and caches.

use std::collections::BTreeSet;

use crate::lvm::report::MissingField;
use crate::lvm::report::group::{Members, without_brackets};
use crate::lvm::report::segment::Names;
use crate::lvm::{AllocationPolicy, ByKey, LogicalVolume, LvSegment};

/// Says of `volumes`, those of `names` in the same order, what the metadata says of them; `missing` is told of
/// snapshots and origins of which the report does not say whose they are.
pub(crate) fn relate(
    names: &Names<'_, '_>,
    volumes: &mut Vec<LogicalVolume>,
    missing: &mut Vec<MissingField>,
) {
    external_origins(names.logical, volumes);
    checksums(names.logical, volumes);
    caches(volumes);
    snapshots(names, volumes, missing);
}

/// The origin of a thin volume is another thin volume of its pool, or one outside of it.
fn external_origins(logical: &Members<'_>, volumes: &mut [LogicalVolume]) {
    for (index, volume) in volumes.iter_mut().enumerate() {
        let pool = logical.field(index, "pool_lv");
        for segment in &mut volume.segments {
            let origin = segment.strings.get("origin");
            let origin = origin.and_then(|name| logical.named(name));
            let is_outside = origin.is_some_and(|one| logical.field(one, "pool_lv") != pool);
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
    let known: Vec<(String, bool)> = volumes.iter().filter_map(first_type).collect();
    let of = |name: &String| known.iter().find(|(known, _)| known == name);
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

/// The metadata has one volume more for each snapshot, which joins the volume of the copies with their origin.
fn snapshots(
    names: &Names<'_, '_>,
    volumes: &mut Vec<LogicalVolume>,
    missing: &mut Vec<MissingField>,
) {
    let logical = names.logical;
    let origin_of = |volume: usize| {
        let by_id = || {
            let origin = logical.with_id(logical.field(volume, "origin_uuid")?)?;
            logical.field(origin, "lv_name")
        };
        let name = logical.field(volume, "origin").or_else(by_id);
        name.map(without_brackets)
    };
    let all = 0..volumes.len();
    let origins: BTreeSet<&str> = all.clone().filter_map(origin_of).collect();
    let mut joining = Vec::new();
    let (mut without_snapshots, mut without_origin) = (Vec::new(), Vec::new());
    for index in all {
        let volume = &mut volumes[index];
        let letter = first_letter(logical, index);
        let is_origin = matches!(letter, Some('o' | 'O')) && volume.is_visible();
        if is_origin && !origins.contains(volume.name.as_str()) {
            without_snapshots.push(volume.name.clone());
        }
        let Some(copies) = copies(volume, letter, origin_of(index)) else {
            continue;
        };
        volume.status.remove("VISIBLE");
        match origin_of(index) {
            Some(origin) => joining.push((index, origin.to_string(), copies)),
            None => without_origin.push(volume.name.clone()),
        }
    }
    for name in &without_origin {
        MissingField::note(missing, "the origin", name, "-o +origin");
    }
    // Without their origins no snapshot is known for one.
    for name in without_snapshots
        .iter()
        .filter(|_| without_origin.is_empty())
    {
        MissingField::note(missing, "the snapshots", name, "lvs -a -o +origin");
    }
    for (number, (index, origin, copies)) in joining.into_iter().enumerate() {
        let found = volumes.iter().find(|volume| volume.name == origin);
        let extents = found.map_or(0, LogicalVolume::extents);
        let stated = || names.volume_extents(logical.named(&origin)?);
        let extents = Some(extents).filter(|extents| *extents > 0).or_else(stated);
        let chunk = names.sectors(logical.field(index, "chunk_size"));
        let numbers = chunk.map(|sectors| ("chunk_size", sectors));
        let (key, words): (_, &[&str]) = match copies {
            Copies::Kept => ("cow_store", &["READ", "WRITE", "VISIBLE"]),
            Copies::Merging => ("merging_store", &["READ", "WRITE"]),
        };
        let mut strings = ByKey::from([("origin", origin)]);
        strings.insert(key, volumes[index].name.clone());
        volumes.push(LogicalVolume {
            name: format!("snapshot{number}"),
            id: String::new(),
            status: words.iter().copied().map(String::from).collect(),
            policy: AllocationPolicy::Inherit,
            tags: BTreeSet::new(),
            segments: vec![LvSegment {
                start_extent: 0,
                extent_count: extents.unwrap_or(0),
                segment_type: "snapshot".to_string(),
                parts: Vec::new(),
                numbers: numbers.into_iter().collect(),
                strings,
            }],
        });
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
