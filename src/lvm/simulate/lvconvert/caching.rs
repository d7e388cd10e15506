//! `lvconvert --type cache` and `writecache`, and back.

use crate::lvm::demand::pool::MAX_CHUNK_SECTORS;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::cache::{
    CacheKind, attach, cache_name, check_settings, check_write_settings, data_of, detached,
    set_format, unsupported_origin,
};
use crate::lvm::simulate::cache_device;
use crate::lvm::simulate::given::{Given, plain, shown_size};

use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::lvconvert::pools::make_pool;
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::remove;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::rules::{Property, Rules, no_match, permit};
use crate::lvm::simulate::syntax::not_taken;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{LvSegment, SegmentType, VolumeGroup};

/// What can be cached.
const CACHED: Rules = Rules {
    accepts: &["linear", "striped", "raid", "thinpool"],
    visible: true,
    refuses: &[Property::Integrity],
};

/// `--type cache --cachepool POOL`, `--cachevol VOLUME`, or `--type writecache`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn cache(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let given = &conversion.given;
    let name = &conversion.name;
    let is_write = conversion.kind.as_deref() == Some("writecache");
    let pool = given.get("cachepool").map(plain);
    let cache = given.get("cachevol").map(plain);
    let on_device = given.has("cachedevice");
    if pool.is_none() && cache.is_none() && !on_device {
        return Err(no_match(true).into());
    }
    if is_write {
        let of_pools = ["chunksize", "poolmetadatasize"].into_iter();
        let mut of_pools = of_pools.filter_map(|option| Some((option, given.get(option)?)));
        if let Some((option, value)) = of_pools.next() {
            return Err(Refusal::new(not_taken(option, value)).into());
        }
    }
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    permit(group, &roles, volume, CACHED)?;
    let chunk = chunk_sectors(given)?;
    let mut after = group.clone();
    let data = data_of(group, name);
    let check_data = || {
        let below = group
            .logical_volume(&data)
            .map_or("", |volume| roles.type_word(volume));
        if below == "cache" {
            Err(unsupported_origin(group, &data, below))
        } else {
            Ok(())
        }
    };
    let kind = if is_write {
        CacheKind::WriteCache
    } else {
        CacheKind::Volume
    };
    let of_volume = |after: &VolumeGroup, cache: &str| {
        if kind == CacheKind::WriteCache {
            let invalid = "Invalid writecache settings.";
            return check_write_settings(given).map_err(|refusal| refusal.and(invalid));
        }
        check_settings(given)?;
        check_data()?;
        if given.get("cachemetadataformat") == Some("1") {
            return Err(Refusal::new("Use cache metadata format 2."));
        }
        if after.logical_volume(cache).map_or(0, |one| one.extents()) < 2 {
            return Err(Refusal::new(format!(
                "The minimum cache size is two extents ({} bytes).",
                shown_size(2 * group.extent_size_sectors)
            )));
        }
        Ok(())
    };
    let volume_chunk = chunk.or(settings.cache_pool_chunk_sectors);
    if on_device && cache.is_none() {
        let (mut after, made) = cache_device::make(group, given, name, settings)?;
        of_volume(&after, &made).map_err(|refusal| Refusal {
            left: Some(Box::new(after.clone())),
            ..refusal
        })?;
        attach(&mut after, &data, &made, kind, volume_chunk);
        return Ok(after);
    }
    if let Some(cache) = cache {
        if cache == *name && !is_write {
            check_settings(given)?;
        }
        if cache == *name && roles.type_word(volume) == "thinpool" {
            return Err(SimulationError::unsupported(
                "a pool as the cache of its own data",
            ));
        }
        if cache == *name {
            if kind == CacheKind::Volume {
                // It is no longer active by then.
                activity.set(name, false);
            }
            let word = volume
                .segments
                .first()
                .map_or("", |segment| segment.base_type());
            let word = if word == "striped" {
                roles.type_word(volume)
            } else {
                word
            };
            return Err(match kind {
                CacheKind::WriteCache => Refusal::new("Invalid cachevol LV."),
                CacheKind::Pool | CacheKind::Volume => {
                    unsupported_origin(group, &format!("{name}_cvol"), word)
                }
            }
            .into());
        }
        check_volume(group, &cache, kind, &roles, activity)?;
        of_volume(group, &cache)?;
        let word = group.logical_volume(&cache).map(|one| roles.type_word(one));
        if !matches!(word, Some("linear" | "striped" | "raid" | "mirror"))
            || roles.first(&cache).is_some()
        {
            return Err(SimulationError::unsupported(
                "a cache on what is more than a plain volume",
            ));
        }
        if kind != CacheKind::WriteCache {
            check_reshaped(group, &after, &data)?;
        }
        attach(&mut after, &data, &cache, kind, volume_chunk);
        return Ok(after);
    }
    let pool = pool.unwrap_or_default();
    let Some(pool_volume) = group.logical_volume(&pool) else {
        return Err(Refusal::new(format!("Cache pool {pool} not found.")).into());
    };
    let word = roles.type_word(pool_volume);
    if word == "cachepool" {
        if let Some(user) = roles.user(&pool, Role::CachePool) {
            return Err(Refusal::new(format!(
                "Cache pool {pool} is already in use by cache {}/{user}.",
                group.name
            ))
            .into());
        }
    } else {
        if pool == *name && matches!(word, "linear" | "striped" | "raid") {
            return Err(Refusal::new(format!(
                "Use a different LV for cache pool LV and cache LV {}/{name}.",
                group.name
            ))
            .into());
        }
        check_settings(given).map_err(|refusal| {
            let path = format!("{}/{pool}", group.name);
            refusal.and(format!("LV {path} could not be converted to a cache pool."))
        })?;
        after = make_pool(
            &after,
            conversion,
            &pool,
            SegmentType::CachePool,
            settings,
            activity,
        )?;
    }
    check_settings(given)?;
    check_data()?;
    check_reshaped(group, &after, &data)?;
    set_format(&mut after, &pool, given);
    attach(&mut after, &data, &pool, CacheKind::Pool, chunk);
    Ok(after)
}

/// Refuses a cache on what has space that a reshape worked in; what was made for it by then is left.
fn check_reshaped(group: &VolumeGroup, after: &VolumeGroup, name: &str) -> Result<(), Refusal> {
    let volume = group.logical_volume(name);
    let mut segments = volume.iter().flat_map(|volume| &volume.segments);
    if !segments.any(LvSegment::is_reshape_space) {
        return Ok(());
    }
    let mut refusal = Refusal::lines([
        format!(
            "LV {}/{name}, segment 1 invalid: reshape for cache segment.",
            group.name
        ),
        format!("Internal error: LV segments corrupted in {name}."),
    ]);
    refusal.left = (after != group).then(|| Box::new(after.clone()));
    Err(refusal)
}

/// The chunks that are asked for.
fn chunk_sectors(given: &Given) -> Result<Option<u64>, SimulationError> {
    let Some(text) = given.get("chunksize") else {
        return Ok(None);
    };
    let sectors = read_sectors(text, 2).map_err(SimulationError::unsupported)?;
    if !sectors.is_multiple_of(64) || sectors > MAX_CHUNK_SECTORS {
        return Err(SimulationError::unsupported("such chunks of a cache"));
    }
    Ok(Some(sectors))
}

fn check_volume(
    group: &VolumeGroup,
    cache: &str,
    kind: CacheKind,
    roles: &Roles,
    activity: &Activity,
) -> Result<(), Refusal> {
    let Some(volume) = group.logical_volume(cache) else {
        return Err(Refusal::new(format!("LV {cache} not found.")));
    };
    let path = format!("{}/{cache}", group.name);
    if kind == CacheKind::WriteCache {
        if !matches!(roles.type_word(volume), "linear" | "snapshot") {
            return Err(Refusal::new(format!(
                "LV {path} must be linear to use as a writecache."
            )));
        }
        if activity.is_active(cache) {
            return Err(Refusal::new(format!(
                "LV {path} must be inactive to attach."
            )));
        }
    }
    Ok(())
}

/// `--uncache`, which removes the cache, and `--splitcache`, which keeps it.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn uncache(
    group: &VolumeGroup,
    given: &Given,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let keeps = given.has("splitcache");
    let accepts: &[&str] = if keeps {
        &["thinpool", "cache", "cachepool", "writecache"]
    } else {
        &["thinpool", "cache", "writecache"]
    };
    permit(
        group,
        &roles,
        volume,
        Rules {
            accepts,
            visible: false,
            refuses: &[],
        },
    )?;
    let path = format!("{}/{name}", group.name);
    let cached = match roles.type_word(volume) {
        "cachepool" => match roles.user(name, Role::CachePool) {
            Some(user) => user.to_string(),
            None => {
                return Err(Refusal::new(format!("Cannot find LV with cache from {path}.")).into());
            }
        },
        "thinpool" => data_of(group, name),
        _ => name.to_string(),
    };
    let Some(cache) = cache_name(group, &cached) else {
        return Err(Refusal::new(format!("Cannot find cache {path}.")).into());
    };
    if roles.type_word(volume) == "writecache" && activity.is_active(name) {
        return Err(SimulationError::unsupported(
            "a writecache in use taken off",
        ));
    }
    let after = detached(group, &cached)?;
    if keeps {
        return Ok(after);
    }
    remove::without(&after, &cache)
}
