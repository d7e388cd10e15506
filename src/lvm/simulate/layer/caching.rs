//! `lvcreate --type cache` and `writecache`: a new volume that is cached, or a new cache for an old one.

use crate::lvm::VolumeGroup;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::cache::{
    CacheKind, attach, check_settings, data_of, set_format, unsupported_origin,
};
use crate::lvm::simulate::cache_device;
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::layer::base::{base, new_name};
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::size::read_sectors;

/// Options that say how to cache.
const CACHING: [&str; 11] = [
    "type",
    "cache",
    "cachedevice",
    "cachepool",
    "cachesize",
    "cachevol",
    "cachemode",
    "cachepolicy",
    "cachesettings",
    "cachemetadataformat",
    "chunksize",
];

/// Simulates such an `lvcreate`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create_cached(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let is_write = given.get("type") == Some("writecache");
    let of_pools = ["cachemetadataformat", "cachemode"].into_iter();
    let mut of_pools = of_pools.filter(|option| given.has(option));
    if (given.has("cachevol") || given.has("cachedevice"))
        && let Some(option) = of_pools.next()
    {
        return Err(Refusal::lines([
            format!("--{option} is supported only with cache."),
            "Run `lvcreate --help' for more information.".to_string(),
        ])
        .into());
    }
    if !is_write {
        let usage = "Run `lvcreate --help' for more information.";
        check_settings(given).map_err(|refusal| refusal.and(usage))?;
    }
    if let Some(cache) = given.get("cachevol") {
        return with_volume(group, given, settings, &plain(cache), activity);
    }
    if given.has("cachedevice") {
        return with_device(group, given, settings);
    }
    if is_write {
        return Err(Refusal::lines([
            "No command with matching syntax recognised.  Run 'lvcreate --help' for more information."
                .to_string(),
            "Nearest similar command has syntax:".to_string(),
        ])
        .into());
    }
    let argument = given
        .arguments
        .first()
        .filter(|name| name.contains('/'))
        .map(|name| plain(name));
    let is_pool = |name: &String| {
        let volume = group.logical_volume(name);
        volume.is_some_and(|volume| {
            volume
                .segments
                .iter()
                .any(|segment| segment.base_type() == "cache-pool")
        })
    };
    let pool = given.get("cachepool").map(plain);
    match (pool, argument) {
        (Some(pool), Some(argument)) if argument != pool => Err(Refusal::lines([
            format!(
                "Unsupported syntax, cannot use cache origin {argument} and --cachepool {pool}."
            ),
            "Run `lvcreate --help' for more information.".to_string(),
        ])
        .into()),
        (Some(pool), _) => {
            if group.logical_volume(&pool).is_none() {
                return Err(Refusal::new(format!(
                    "Ambiguous syntax, please create --type cache-pool {pool} separately."
                ))
                .into());
            }
            if !is_pool(&pool) {
                return Err(Refusal::new(format!(
                    "Logical volume {}/{pool} is not a cache pool.",
                    group.name
                ))
                .into());
            }
            with_pool(group, given, settings, &pool)
        }
        (None, Some(pool)) if is_pool(&pool) => with_pool(group, given, settings, &pool),
        (None, Some(origin)) => for_origin(group, given, settings, &origin),
        (None, None) => Err(SimulationError::unsupported(
            "a cache without a pool or an origin",
        )),
    }
}

/// A new volume, cached by a pool that is there.
fn with_pool(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    pool: &str,
) -> Result<VolumeGroup, SimulationError> {
    let roles = Roles::of(group);
    if let Some(user) = roles.user(pool, Role::CachePool) {
        return Err(Refusal::new(format!(
            "Logical volume {0}/{pool} is already in use by {0}/{user}.",
            group.name
        ))
        .into());
    }
    if given.has("poolmetadatasize") {
        let line = "--poolmetadatasize is only available with pools.";
        return Err(Refusal::new(line).into());
    }
    let chunk = given
        .get("chunksize")
        .and_then(|text| read_sectors(text, 2).ok());
    let (mut after, name) = plain_volume(group, given, settings)?;
    set_format(&mut after, pool, given);
    attach(&mut after, &name, pool, CacheKind::Pool, chunk);
    Ok(after)
}

/// A new volume, cached by one that is made on disks of its own.
fn with_device(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let (after, name) = plain_volume(group, given, settings)?;
    let is_write = given.get("type") == Some("writecache");
    let (kind, what) = match is_write {
        true => (CacheKind::WriteCache, "writecache"),
        false => (CacheKind::Volume, "cache"),
    };
    let removing = |error| match error {
        SimulationError::Refused(refusal) => refusal
            .and(format!("Removing new LV after failing to add {what}."))
            .into(),
        other @ SimulationError::Unsupported { .. } => other,
    };
    let (mut after, cache) =
        cache_device::make(&after, given, &name, settings).map_err(removing)?;
    let chunk = given
        .get("chunksize")
        .and_then(|text| read_sectors(text, 2).ok());
    let chunk = chunk.or(settings.cache_pool_chunk_sectors);
    attach(&mut after, &name, &cache, kind, chunk);
    Ok(after)
}

/// A new volume, cached by another volume.
fn with_volume(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    cache: &str,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let is_write = given.get("type") == Some("writecache");
    let (mut after, name) = plain_volume(group, given, settings)?;
    let what = if is_write { "writecache" } else { "cache" };
    let kind = if is_write {
        CacheKind::WriteCache
    } else {
        CacheKind::Volume
    };
    check_cache_volume(group, cache, kind, activity)
        .map_err(|refusal| refusal.and(format!("Removing new LV after failing to add {what}.")))?;
    let extents = group.logical_volume(cache).map_or(0, |one| one.extents());
    if kind == CacheKind::Volume && extents < 2 {
        return Err(SimulationError::unsupported("a cache of one extent"));
    }
    let roles = Roles::of(group);
    let word = group.logical_volume(cache).map(|one| roles.type_word(one));
    if !matches!(word, Some("linear" | "striped" | "raid")) || roles.first(cache).is_some() {
        return Err(SimulationError::unsupported(
            "a cache on what is more than a plain volume",
        ));
    }
    attach(
        &mut after,
        &name,
        cache,
        kind,
        settings.cache_pool_chunk_sectors,
    );
    Ok(after)
}

/// Refuses what cannot hold a cache.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_cache_volume(
    group: &VolumeGroup,
    cache: &str,
    kind: CacheKind,
    activity: &Activity,
) -> Result<(), Refusal> {
    let Some(volume) = group.logical_volume(cache) else {
        return Err(Refusal::new(format!("LV {cache} not found.")));
    };
    let path = format!("{}/{cache}", group.name);
    let roles = Roles::of(group);
    let is_linear = matches!(roles.type_word(volume), "linear" | "snapshot");
    if kind == CacheKind::WriteCache {
        if !is_linear {
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

/// A new pool for a volume that is there.
fn for_origin(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    origin: &str,
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(origin) else {
        return Err(Refusal::new(format!(
            "Ambiguous syntax, please create --type cache-pool {origin} separately."
        ))
        .into());
    };
    let roles = Roles::of(group);
    match roles.type_word(volume) {
        word @ ("mirror" | "thin" | "cache") => {
            return Err(unsupported_origin(group, origin, word).into());
        }
        "snapshot" => return Err(unsupported_origin(group, origin, "linear").into()),
        "writecache" => return Err(SimulationError::unsupported("a cache on a writecache")),
        _ if volume
            .segments
            .iter()
            .any(|segment| segment.segment_type.contains("RESHAPE")) =>
        {
            return Err(SimulationError::unsupported("a cache on what is reshaped"));
        }
        _ => {}
    }
    if roles.is_hidden(volume) {
        return Err(match roles.first(origin) {
            Some((Role::CachePool, user)) => Refusal::new(format!(
                "Logical volume {0}/{origin} is already in use by {0}/{user}.",
                group.name
            )),
            _ => Refusal::new(format!(
                "Can't convert internal LV {}/{origin}.",
                group.name
            )),
        }
        .into());
    }
    let data = data_of(group, origin);
    let data = group
        .logical_volume(&data)
        .map(|data| roles.type_word(data));
    if data == Some("cache") {
        return Err(SimulationError::unsupported("a second cache on a pool"));
    }
    let mut command = base(
        group,
        given,
        &["type", "cache", "name"],
        &[("type", "cache-pool")],
    )?;
    if given.has("name") {
        command.name = Some(new_name(group, given)?);
    }
    let mut after = simulate_by(group, &command, settings)?;
    let made = after.logical_volumes.iter().rev();
    let mut made = made.filter(|one| group.logical_volume(&one.name).is_none() && one.is_visible());
    let Some(pool) = made.next().map(|volume| volume.name.clone()) else {
        return Err(SimulationError::unsupported("a pool that is not there"));
    };
    let data = data_of(&after, origin);
    attach(&mut after, &data, &pool, CacheKind::Pool, None);
    Ok(after)
}

/// The volume itself, with nothing above it yet, and its name.
fn plain_volume(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
) -> Result<(VolumeGroup, String), SimulationError> {
    let mut command = base(group, given, &[&CACHING[..], &["name"]].concat(), &[])?;
    if given.has("name") {
        command.name = Some(new_name(group, given)?);
    }
    let after = simulate_by(group, &command, settings)?;
    let mut made = after.logical_volumes.iter();
    let made = made.find(|one| group.logical_volume(&one.name).is_none() && one.is_visible());
    let name = made.map(|volume| volume.name.clone());
    let name = name.ok_or_else(|| SimulationError::unsupported("a volume that is not there"))?;
    Ok((after, name))
}
