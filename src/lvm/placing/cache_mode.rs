//! How caches are written to: that decides whether one holds what nothing else does.

use crate::lvm::command::paths::plain;
use crate::lvm::{LvSegment, Program, TypedStep, VolumeGroup};

/// What LVM2 uses where nothing says otherwise.
const DEFAULT: &str = "writethrough";

/// The group that a command leaves, with the mode of the caches that it makes or changes.
pub(crate) fn with_cache_mode(
    before: &VolumeGroup,
    mut after: VolumeGroup,
    typed: &TypedStep,
) -> VolumeGroup {
    let given = typed.given.get("cachemode");
    let changed = typed.given.arguments.first().map(|name| plain(name));
    let changed = changed.filter(|_| typed.program == Program::LvChange && given.is_some());
    let is_changed = |name: &str| {
        changed.as_deref().is_some_and(|changed| {
            // The data of a pool is cached in place of the pool.
            name == changed || name.strip_suffix("_tdata") == Some(changed)
        })
    };
    let caches = after.logical_volumes.iter().filter_map(|volume| {
        let is_new = cache_below(before, &volume.name).is_none();
        let pool = cache_below(&after, &volume.name)?;
        (is_new || is_changed(&volume.name)).then(|| (volume.name.clone(), pool.to_string()))
    });
    let caches: Vec<(String, String)> = caches.collect();
    for (cached, pool) in caches {
        let is_one = |name: &str| name == cached || name == pool;
        let volumes = after.logical_volumes.iter_mut();
        let volumes = volumes.filter(|volume| is_one(&volume.name));
        let segments = volumes.flat_map(|volume| &mut volume.segments);
        let mut segments: Vec<&mut LvSegment> = segments
            .filter(|segment| segment.base_type().starts_with("cache"))
            .collect();
        let own = segments
            .iter()
            .find_map(|segment| segment.strings.get("cache_mode").cloned());
        let mode = given.map_or_else(|| own.unwrap_or_else(|| DEFAULT.to_string()), String::from);
        for segment in &mut segments {
            segment
                .strings
                .insert("cache_mode".to_string(), mode.clone());
        }
    }
    after
}

/// What a cached volume is cached by.
fn cache_below<'g>(group: &'g VolumeGroup, name: &str) -> Option<&'g str> {
    let segment = group.logical_volume(name)?.segments.first()?;
    let cache = segment.strings.get("cache_pool");
    cache
        .filter(|_| segment.base_type() == "cache")
        .map(String::as_str)
}
