//! Caches put on volumes and taken off again: a volume's data moves below it, under another name.

use crate::lvm::parts::with_parts;
use crate::lvm::simulate::build::{self, empty_volume, segment_over, volume_mut};
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LvSegment, VolumeGroup};

/// What a volume is cached by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheKind {
    Pool,
    Volume,
    WriteCache,
}

/// Metadata word of a volume that holds a cache.
const CACHE_VOLUME: &str = "CACHE_VOL";

/// Gives the volume and all volumes that are named after it another name.
pub(crate) fn rename_with_parts(group: &mut VolumeGroup, old: &str, new: &str) {
    for name in with_parts(group, old) {
        match name.strip_prefix(old) {
            Some(ending) if ending.is_empty() || ending.starts_with('_') => {
                build::rename(group, &name, &format!("{new}{ending}"));
            }
            Some(_) | None => {}
        }
    }
}

/// Moves the segments of a volume into a hidden one below it, and puts one segment in their place.
pub(crate) fn push_below(group: &mut VolumeGroup, name: &str, ending: &str, segment: LvSegment) {
    push_below_as(group, name, &format!("{name}{ending}"), segment);
}

/// The same, below under any name.
pub(crate) fn push_below_as(group: &mut VolumeGroup, name: &str, below: &str, segment: LvSegment) {
    for part in with_parts(group, name) {
        if let Some(rest) = part.strip_prefix(name).filter(|rest| rest.starts_with('_')) {
            build::rename(group, &part, &format!("{below}{rest}"));
        }
    }
    let mut hidden = empty_volume(below, false, AllocationPolicy::Inherit);
    if let Some(volume) = volume_mut(group, name) {
        if !volume.status.contains("WRITE") {
            hidden.status.remove("WRITE");
        }
        hidden.segments = std::mem::replace(&mut volume.segments, vec![segment]);
    }
    group.logical_volumes.push(hidden);
}

/// Undoes [`push_below`].
pub(crate) fn pull_up(group: &mut VolumeGroup, name: &str, below: &str) {
    let Some(at) = group.index_of(below) else {
        return;
    };
    let hidden = group.logical_volumes.remove(at);
    if let Some(volume) = volume_mut(group, name) {
        volume.segments = hidden.segments;
    }
    for part in with_parts(group, name) {
        if let Some(rest) = part.strip_prefix(below) {
            build::rename(group, &part, &format!("{name}{rest}"));
        }
    }
}

/// The volume below a name that holds the data: of a thin pool its hidden data volume.
pub(crate) fn data_of(group: &VolumeGroup, name: &str) -> String {
    let segment = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.first());
    let data = segment.filter(|segment| segment.base_type() == "thin-pool");
    let data = data.and_then(|segment| segment.strings.get("pool"));
    data.map_or_else(|| name.to_string(), Clone::clone)
}

/// Sectors of a chunk of a cache volume where none is given, 64 KiB.
const VOLUME_CHUNK_SECTORS: u64 = 128;

/// Puts a cache on a volume; the chunks are given, or those that the pool has.
pub(crate) fn attach(
    group: &mut VolumeGroup,
    name: &str,
    cache: &str,
    kind: CacheKind,
    chunk_sectors: Option<u64>,
) {
    let ending = if kind == CacheKind::Pool {
        "_cpool"
    } else {
        "_cvol"
    };
    let below = format!("{cache}{ending}");
    rename_with_parts(group, cache, &below);
    if let Some(volume) = volume_mut(group, &below) {
        volume.status.remove("VISIBLE");
        if kind == CacheKind::Pool {
            for segment in &mut volume.segments {
                if let Some(chunk) = chunk_sectors {
                    segment.numbers.insert("chunk_size", chunk);
                }
                // Format 2 unless the pool was made with another one.
                if segment.numbers.get("metadata_format") != Some(&1) {
                    segment.segment_type = "cache-pool+METADATA_FORMAT".to_string();
                }
            }
        } else {
            volume.status.insert(CACHE_VOLUME.to_string());
        }
    }
    let extents = group
        .logical_volume(name)
        .map_or(0, |volume| volume.extents());
    let (word, numbers, origin, key): (_, Vec<(&str, u64)>, _, _) = match kind {
        CacheKind::Pool => ("cache", vec![], "_corig", "cache_pool"),
        CacheKind::Volume => (
            "cache+CACHE_USES_CACHEVOL",
            vec![("chunk_size", chunk_sectors.unwrap_or(VOLUME_CHUNK_SECTORS))],
            "_corig",
            "cache_pool",
        ),
        CacheKind::WriteCache => ("writecache", vec![], "_wcorig", "writecache"),
    };
    let mut segment = segment_over(word, extents, [], &numbers);
    segment.strings.insert("origin", format!("{name}{origin}"));
    segment.strings.insert(key, below);
    push_below(group, name, origin, segment);
}

/// Refuses settings of a cache that are none.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_settings(given: &Given) -> Result<(), Refusal> {
    if given.get("cachemode") == Some("writeback") && given.get("cachepolicy") == Some("cleaner") {
        let line = "Cache mode \"writeback\" is not compatible with cache policy \"cleaner\".";
        return Err(Refusal::new(line));
    }
    let Some(text) = given
        .get("cachesettings")
        .filter(|text| !text.contains('='))
    else {
        return Ok(());
    };
    let byte = text.len() + 1;
    Err(Refusal::new(format!(
        "Parse error at byte {byte} (line 1): unexpected token"
    )))
}

/// Refuses settings of a writecache that it does not have.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_write_settings(given: &Given) -> Result<(), Refusal> {
    const KEYS: [&str; 12] = [
        "low_watermark",
        "high_watermark",
        "writeback_jobs",
        "autocommit_blocks",
        "autocommit_time",
        "fua",
        "nofua",
        "cleaner",
        "max_age",
        "metadata_only",
        "pause_writeback",
        "block_size",
    ];
    let texts = given.all("cachesettings");
    for setting in texts.flat_map(str::split_whitespace) {
        let Some((key, value)) = setting.split_once('=') else {
            return Err(Refusal::new(format!("Invalid setting at: {setting}")));
        };
        if !KEYS.contains(&key) {
            return Err(Refusal::lines([
                format!("Unrecognized writecache setting \"{key}\" may cause activation failure."),
                "Use unrecognized writecache setting? [y/n]: [n]".to_string(),
                "Aborting writecache conversion.".to_string(),
            ]));
        }
        if value.parse::<u64>().is_err() {
            return Err(Refusal::new(format!("Invalid setting: {key}")));
        }
    }
    Ok(())
}

/// Notes the format of metadata that is asked for.
pub(crate) fn set_format(group: &mut VolumeGroup, pool: &str, given: &Given) {
    let format = given
        .get("cachemetadataformat")
        .and_then(|text| text.parse().ok());
    let Some(format) = format else {
        return;
    };
    let segments = volume_mut(group, pool)
        .into_iter()
        .flat_map(|pool| &mut pool.segments);
    for segment in segments.filter(|segment| segment.base_type() == "cache-pool") {
        segment.numbers.insert("metadata_format", format);
        segment.segment_type = match format {
            2 => "cache-pool+METADATA_FORMAT",
            _ => "cache-pool",
        }
        .to_string();
    }
}

/// The group with a volume no longer cached; the cache is there under the name that it had.
///
/// # Errors
/// That this is not covered.
pub(crate) fn detached(group: &VolumeGroup, name: &str) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    let segment = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.first());
    let names = segment.and_then(|segment| {
        let cache = segment
            .strings
            .get("cache_pool")
            .or_else(|| segment.strings.get("writecache"))?;
        Some((segment.strings.get("origin")?.clone(), cache.clone()))
    });
    let Some((origin, cache)) = names else {
        return Err(SimulationError::unsupported("a cache without its parts"));
    };
    pull_up(&mut after, name, &origin);
    let plain = cache
        .strip_suffix("_cpool")
        .or_else(|| cache.strip_suffix("_cvol"));
    let plain = plain.unwrap_or(&cache).to_string();
    if plain != cache && after.logical_volume(&plain).is_some() {
        return Err(SimulationError::unsupported(
            "a cache whose former name is taken",
        ));
    }
    rename_with_parts(&mut after, &cache, &plain);
    if let Some(volume) = volume_mut(&mut after, &plain) {
        volume.status.insert("VISIBLE".to_string());
        volume.status.remove(CACHE_VOLUME);
    }
    Ok(after)
}

/// The name of the cache of a volume, as it will be when it is taken off.
pub(crate) fn cache_name(group: &VolumeGroup, name: &str) -> Option<String> {
    let segment = group.logical_volume(name)?.segments.first()?;
    let cache = segment
        .strings
        .get("cache_pool")
        .or_else(|| segment.strings.get("writecache"))?;
    let plain = cache
        .strip_suffix("_cpool")
        .or_else(|| cache.strip_suffix("_cvol"));
    Some(plain.unwrap_or(cache).to_string())
}

/// That a type of volume cannot be cached.
pub(crate) fn unsupported_origin(group: &VolumeGroup, name: &str, word: &str) -> Refusal {
    Refusal::new(format!(
        "Cache is not supported with {word} segment type of the original logical volume {}/{name}.",
        group.name
    ))
}
