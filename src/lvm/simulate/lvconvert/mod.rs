//! `lvconvert`: which of its many uses a command is.

pub(crate) mod asked;
mod caching;
mod halfway;
mod pools;
mod snapshots;
mod splits;
mod thin;

use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::volume_mut;

use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::refusal::partly;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::rules::{COMMON, Rules, no_match, permit};
use crate::lvm::simulate::syntax::not_taken;
use crate::lvm::simulate::{Refusal, SimulationError, images, integrity};
use crate::lvm::{LogicalVolume, VolumeGroup};

/// Simulates `lvconvert`.
///
/// # Errors
/// LVM2's refusal, or that the conversion is not covered.
pub(crate) fn lvconvert(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let given = &conversion.given;
    let has = |option: &str| given.has(option);
    let kind = conversion.kind.as_deref().unwrap_or_default();
    let others = ["name", "poolmetadata"].into_iter().any(has);
    if given.options.iter().all(|(name, _)| COMMON.contains(name)) {
        return Err(no_match(others).into());
    }
    let sizes_stripes = has("stripesize") && !["stripes", "type", "mirrors"].into_iter().any(has);
    let takes_volumes = !(sizes_stripes
        || has("startpoll")
        || matches!(kind, "cache" | "writecache" | "thin")
        || ["cache", "thin", "uncache", "splitcache"]
            .into_iter()
            .any(has));
    if let (Some(argument), false) = (given.arguments.get(1), takes_volumes) {
        let message = format!("Command does not accept argument: {argument}.");
        return Err(Refusal::new(message).into());
    }
    if has("startpoll") {
        return poll(group, &conversion.name);
    }
    if has("merge") || has("mergesnapshot") || has("mergethin") || has("mergemirrors") {
        let after = snapshots::merge(group, given, &conversion.name, activity);
        let is_device = |name: &&String| name.starts_with("/dev/") && !name[5..].contains('/');
        let others: Vec<&String> = given.arguments.iter().skip(1).filter(is_device).collect();
        return with_groups_sought(group, &others, after);
    }
    if has("splitsnapshot") {
        return snapshots::split(group, &conversion.name);
    }
    if has("uncache") || has("splitcache") {
        return caching::uncache(group, given, &conversion.name, activity);
    }
    if has("splitmirrors") {
        return splits::split_images(group, conversion, settings, activity);
    }
    if has("replace") {
        return splits::replace(group, conversion, settings, activity);
    }
    if has("repair") {
        return splits::repair(group, conversion, settings, activity);
    }
    if let Some(how) = given.get("raidintegrity") {
        let after = checksums(group, conversion, settings, how == "y", activity);
        let others: Vec<&String> = given.arguments.iter().skip(1).collect();
        // Where one is a tag they can be no volumes, and are disks.
        if others.iter().any(|name| name.starts_with('@')) {
            return after;
        }
        return with_groups_sought(group, &others, after);
    }
    if has("swapmetadata") {
        return pools::swap_metadata(group, conversion, &conversion.name, activity);
    }
    let is_of_images = ["stripes", "mirrors", "mirrorlog", "corelog"]
        .into_iter()
        .any(has);
    if kind.is_empty() && is_of_images {
        let pools = ["cachepool", "thinpool"].into_iter();
        let mut given = pools.filter_map(|option| Some((option, given.get(option)?)));
        if let Some((option, pool)) = given.next() {
            return Err(Refusal::new(not_taken(option, pool)).into());
        }
    }
    let pool = given.get("thinpool").or_else(|| given.get("cachepool"));
    let is_bare = kind.is_empty() && !has("cache") && !has("thin");
    if let Some(pool) = pool.filter(|pool| is_bare && !pool.contains('/'))
        && !given.arguments.is_empty()
    {
        return Err(Refusal::new(format!("Cannot find VG name for LV {pool}.")).into());
    }
    if kind == "thin" || has("thin") {
        return thin::into_thin(group, conversion, settings, activity);
    }
    if kind == "snapshot" || has("snapshot") {
        return snapshots::join(group, given);
    }
    if matches!(kind, "cache" | "writecache") || has("cache") {
        return caching::cache(group, conversion, settings, activity);
    }
    if matches!(kind, "thin-pool" | "cache-pool") || has("thinpool") || has("cachepool") {
        return pools::into_pool(group, conversion, settings, activity);
    }
    let roles = Roles::of(group);
    let below = below_cache(group, &roles, conversion)?;
    let conversion = below.as_ref().unwrap_or(conversion);
    let runs = activity.runs(group, &roles, &conversion.name);
    let mut after = images::convert(group, conversion, settings, runs)?;
    if let Some(cached) = roles.user(&conversion.name, Role::CacheOrigin) {
        // What is cached is as large as what it stands on.
        let extents = after
            .logical_volume(&conversion.name)
            .map_or(0, LogicalVolume::extents);
        let cached = volume_mut(&mut after, cached);
        if let Some(segment) = cached.and_then(|cached| cached.segments.first_mut()) {
            segment.extent_count = extents;
        }
    }
    Ok(after)
}

/// What is asked of a cached volume is done to the one below it that holds its data, where that has images.
fn below_cache(
    group: &VolumeGroup,
    roles: &Roles,
    conversion: &Conversion,
) -> Result<Option<Conversion>, Refusal> {
    let Some(volume) = group.logical_volume(&conversion.name) else {
        return Ok(None);
    };
    let never = |name: &str| Refusal::new(format!("Cannot convert LV {}/{name}.", group.name));
    match roles.type_word(volume) {
        "writecache" => return Err(never(&conversion.name)),
        // Logs, stripes and regions are what those have that are named themselves.
        "cache" if conversion.kind.is_none() && conversion.mirrors.is_none() => return Ok(None),
        "cache" => {}
        _ => return Ok(None),
    }
    let origin = volume.segments.first();
    let origin = origin.and_then(|segment| segment.strings.get("origin"));
    let Some(origin) = origin.and_then(|name| group.logical_volume(name)) else {
        return Ok(None);
    };
    match roles.type_word(origin) {
        "raid" | "mirror" => Ok(Some(Conversion {
            name: origin.name.clone(),
            ..conversion.clone()
        })),
        _ => Err(never(&origin.name)),
    }
}

/// `--startpoll`, of what is being converted: nothing is, between commands.
fn poll(group: &VolumeGroup, name: &str) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(crate::lvm::simulate::refusal::not_there(group, name).into());
    };
    let rules = Rules {
        accepts: &["mirror", "raid"],
        visible: false,
        refuses: &[],
    };
    permit(group, &Roles::of(group), volume, rules)?;
    let path = format!("{}/{name}", group.name);
    Err(Refusal::lines([
        format!("Command on LV {path} requires LV with properties: lv_is_converting ."),
        format!("Command not permitted on LV {path}."),
    ])
    .into())
}

/// Of several arguments of such a command LVM2 takes each for what is to be changed.
fn with_groups_sought(
    group: &VolumeGroup,
    others: &[&String],
    after: Result<VolumeGroup, SimulationError>,
) -> Result<VolumeGroup, SimulationError> {
    let names = others
        .iter()
        .map(|name| name.strip_prefix("/dev/").unwrap_or(name));
    let lines: Vec<String> = names
        .flat_map(|name| {
            let is_odd = name.contains(':');
            [
                match is_odd {
                    true => format!("Volume group name \"{name}\" has invalid characters."),
                    false => format!("Volume group \"{name}\" not found"),
                },
                format!("Cannot process volume group {name}"),
            ]
        })
        .collect();
    match after {
        Ok(after) => partly(group, after, lines),
        Err(SimulationError::Refused(mut refusal)) => {
            refusal.messages.extend(lines);
            Err(refusal.into())
        }
        other => other,
    }
}

/// `--raidintegrity`.
fn checksums(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    wanted: bool,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let (name, given) = (&conversion.name, &conversion.given);
    let Some(volume) = group.logical_volume(name) else {
        return Err(crate::lvm::simulate::refusal::not_there(group, name).into());
    };
    let roles = Roles::of(group);
    permit(
        group,
        &roles,
        volume,
        Rules {
            accepts: &["raid"],
            visible: false,
            refuses: &[],
        },
    )?;
    if !activity.runs(group, &roles, name)
        && crate::lvm::simulate::roles::has_integrity(group, volume)
        && wanted
    {
        return Err(SimulationError::unsupported(
            "checksums of what has them, and is inactive",
        ));
    }
    if !wanted {
        return integrity::remove(group, name);
    }
    if roles.is_hidden(volume) {
        let line = "Integrity can only be added to top level raid LV.";
        return Err(Refusal::new(line).into());
    }
    if roles.is(name, Role::Origin) {
        return Err(Refusal::new("Integrity cannot be added to snapshot origins.").into());
    }
    if crate::lvm::simulate::roles::has_integrity(group, volume) {
        return Ok(group.clone());
    }
    integrity::check_blocks(given)?;
    if !matches!(given.get("raidintegrityblocksize"), None | Some("512")) {
        return Err(SimulationError::unsupported(
            "--raidintegrityblocksize of what may hold a file system, whose blocks decide",
        ));
    }
    integrity::add(group.clone(), name, settings).map_err(|error| match error {
        SimulationError::Refused(mut refusal) => {
            // The volume stays, and beside it the checksums that do not lie in one piece.
            if let Some(left) = &mut refusal.left {
                let is_new = |one: &&LogicalVolume| group.logical_volume(&one.name).is_none();
                let new = left.logical_volumes.iter().filter(is_new).cloned();
                let mut with = group.clone();
                with.logical_volumes.extend(new.collect::<Vec<_>>());
                **left = with;
            }
            refusal.into()
        }
        SimulationError::Unsupported { what } => SimulationError::unsupported(what),
    })
}
