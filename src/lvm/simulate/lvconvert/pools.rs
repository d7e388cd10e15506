//! A volume becomes a pool: its data stays where it is; metadata and a spare for it are placed.

use crate::lvm::command::segment_type::TypeArgument;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::cache::{check_settings, rename_with_parts, set_format};
use crate::lvm::simulate::convert::convert_into_pool;
use crate::lvm::simulate::given::plain;
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::refusal::{not_there, tracking};
use crate::lvm::simulate::roles::{Role, Roles, is_tracking};
use crate::lvm::simulate::rules::{Property, Rules, no_match, permit};
use crate::lvm::simulate::syntax::check_chunk;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{LvCommand, SegmentType, SizeArgument, Verb, VolumeGroup};

/// What can become a thin pool.
const THIN: Rules = Rules {
    accepts: &["linear", "striped", "raid", "cache", "writecache"],
    visible: true,
    refuses: &[
        Property::Origin,
        Property::ExternalOrigin,
        Property::Integrity,
    ],
};
/// What can become a cache pool.
const CACHE: Rules = Rules {
    accepts: &["linear", "striped", "raid"],
    visible: false,
    refuses: &[Property::Integrity],
};

/// `--type thin-pool`, `--type cache-pool`, `--thinpool LV` and `--cachepool LV`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn into_pool(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let given = &conversion.given;
    let named = [
        Some(conversion.name.as_str()),
        given.get("thinpool"),
        given.get("cachepool"),
    ];
    let mut named = named.into_iter().flatten();
    let tracks = |name: &&str| {
        let volume = group.logical_volume(&plain(name));
        volume.is_some_and(|volume| is_tracking(group, volume))
    };
    if let Some(name) = named.find(tracks) {
        return Err(tracking(&group.name, &plain(name)).into());
    }
    let kind = match conversion.kind.as_deref() {
        Some("cache-pool") => SegmentType::CachePool,
        Some(_) => SegmentType::ThinPool,
        None if given.has("cachepool") => SegmentType::CachePool,
        None => SegmentType::ThinPool,
    };
    if conversion.kind.is_none() {
        let name = given
            .get("thinpool")
            .or_else(|| given.get("cachepool"))
            .map(plain)
            .unwrap_or_default();
        return make_pool(group, conversion, &name, kind, settings, activity);
    }
    let name = &conversion.name;
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    permit(
        group,
        &roles,
        volume,
        if kind == SegmentType::ThinPool {
            THIN
        } else {
            CACHE
        },
    )?;
    if roles
        .first(name)
        .is_some_and(|(role, _)| role != Role::Origin)
    {
        return Err(SimulationError::unsupported(
            "a pool out of a volume that others stand on",
        ));
    }
    if kind == SegmentType::ThinPool && given.has("thinpool") {
        return Err(SimulationError::unsupported(
            "--thinpool with --type thin-pool",
        ));
    }
    check_chunk(given, kind)?;
    if kind == SegmentType::CachePool {
        check_settings(given)?;
    }
    let command = command(conversion, name, kind)?;
    let after = convert_into_pool(group, &command, settings)?;
    Ok(behaving(after, conversion, name))
}

/// How a new pool is to behave.
fn behaving(mut group: VolumeGroup, conversion: &Conversion, name: &str) -> VolumeGroup {
    let given = &conversion.given;
    set_format(&mut group, name, given);
    let Some(pool) = volume_mut(&mut group, name) else {
        return group;
    };
    if given.get("errorwhenfull") == Some("y") {
        pool.status.insert("ERROR_WHEN_FULL".to_string());
    }
    let segments = pool.segments.iter_mut();
    for segment in segments.filter(|segment| segment.base_type() == "thin-pool") {
        if given.get("zero") == Some("n") {
            segment.numbers.remove("zero_new_blocks");
        }
        if let Some(discards) = given.get("discards") {
            segment.strings.insert("discards", discards.to_string());
        }
    }
    group
}

/// A pool out of what another command names as one.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn make_pool(
    group: &VolumeGroup,
    conversion: &Conversion,
    name: &str,
    kind: SegmentType,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let word = roles.type_word(volume);
    let path = format!("{}/{name}", group.name);
    let (rules, what) = if kind == SegmentType::ThinPool {
        (THIN, "thin")
    } else {
        (CACHE, "cache")
    };
    let is_same = (kind == SegmentType::ThinPool && word == "thinpool")
        || (kind == SegmentType::CachePool && word == "cachepool");
    let any = Rules {
        accepts: &[],
        visible: true,
        refuses: &[],
    };
    if roles.is_hidden(volume) {
        let lines = Rules {
            accepts: &[
                "linear",
                "striped",
                "raid",
                "cachepool",
                "thinpool",
                "mirror",
                "cache",
            ],
            ..any
        };
        permit(group, &roles, volume, lines)?;
    }
    if is_same {
        if conversion.given.has("poolmetadata") {
            return swap_metadata(group, conversion, name, activity);
        }
        return Err(Refusal::new("The --poolmetadata option is required to swap metadata.").into());
    }
    if !rules.accepts.contains(&word) {
        let becomes = if conversion.kind.is_some() || conversion.given.has("cache") {
            format!("converted to a {what} pool.")
        } else {
            format!("used as a {what} pool LV.")
        };
        return Err(Refusal::new(format!("LV {path} with type {word} cannot be {becomes}")).into());
    }
    // What is made a pool on the way to something else is looked at less.
    let is_on_the_way = !conversion.name.is_empty() && conversion.name != name;
    if kind == SegmentType::ThinPool && roles.is(name, Role::Origin) && !is_on_the_way {
        return Err(Refusal::new(format!(
            "Cannot convert logical volume {path} under snapshot."
        ))
        .into());
    }
    if roles.is(name, Role::ExternalOrigin) {
        return Err(SimulationError::unsupported(
            "a pool out of an external origin",
        ));
    }
    let refuses: &[Property] = match is_on_the_way {
        true => &[],
        false => &[Property::Integrity],
    };
    let rules = Rules {
        visible: true,
        refuses,
        ..rules
    };
    permit(group, &roles, volume, rules)?;
    let command = command(conversion, name, kind)?;
    let after = convert_into_pool(group, &command, settings)?;
    Ok(behaving(after, conversion, name))
}

/// Another volume becomes the metadata of a pool, which becomes that volume.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn swap_metadata(
    group: &VolumeGroup,
    conversion: &Conversion,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    if !conversion.given.has("poolmetadata") {
        return Err(no_match(true).into());
    }
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let rules = Rules {
        accepts: &["thinpool", "cachepool"],
        visible: false,
        refuses: &[],
    };
    permit(group, &roles, volume, rules)?;
    let wanted = conversion
        .given
        .get("poolmetadata")
        .map(plain)
        .unwrap_or_default();
    let Some(metadata) = group.logical_volume(&wanted) else {
        return Err(Refusal::new(format!("Metadata LV {wanted} not found.")).into());
    };
    let path = |name: &str| format!("{}/{name}", group.name);
    if wanted == name {
        let line = format!(
            "Can't use same LV for pool data and metadata LV {}.",
            path(name)
        );
        return Err(Refusal::new(line).into());
    }
    if roles.is_hidden(metadata) {
        let line = format!("Can't convert internal LV {}.", path(&wanted));
        return Err(Refusal::new(line).into());
    }
    let word = roles.type_word(metadata);
    if !matches!(word, "linear" | "striped" | "raid") {
        return Err(Refusal::new(format!(
            "LV {} with type {word} cannot be used as a metadata LV.",
            path(&wanted)
        ))
        .into());
    }
    if roles.is(&wanted, Role::Origin) {
        let line = format!(
            "Pool metadata LV {} is of an unsupported type.",
            path(&wanted)
        );
        return Err(Refusal::new(line).into());
    }
    // Who looks for users of a cache pool looks at the pool, which is no device.
    if roles.type_word(volume) == "thinpool" && activity.runs(group, &roles, name) {
        let line = format!("Cannot convert pool {} with active volumes.", path(name));
        return Err(Refusal::new(line).into());
    }
    let pool = volume.segments.first();
    let old = pool.and_then(|segment| segment.strings.get("metadata"));
    let Some(old) = old.filter(|_| roles.first(&wanted).is_none()) else {
        return Err(SimulationError::unsupported("this metadata for a pool"));
    };
    let mut after = group.clone();
    const BETWEEN: &str = "pvmove_tmeta";
    rename_with_parts(&mut after, &wanted, BETWEEN);
    rename_with_parts(&mut after, old, &wanted);
    rename_with_parts(&mut after, BETWEEN, old);
    // The pool has what the other volume was, in its own place.
    let [Some(one), Some(other)] = [old, &wanted].map(|name| after.index_of(name)) else {
        return Err(SimulationError::unsupported("this metadata for a pool"));
    };
    after.logical_volumes.swap(one, other);
    for segment in after
        .logical_volumes
        .iter_mut()
        .filter(|one| one.name == name)
        .flat_map(|one| &mut one.segments)
    {
        segment.strings.insert("metadata", old.clone());
    }
    let statuses =
        [old, &wanted].map(|name| group.logical_volume(name).map(|one| one.status.clone()));
    for (name, status) in [old, &wanted].into_iter().zip(statuses) {
        if let (Some(volume), Some(status)) = (volume_mut(&mut after, name), status) {
            volume.status = status;
        }
    }
    Ok(after)
}

/// The conversion as a command to make a pool.
fn command(
    conversion: &Conversion,
    name: &str,
    kind: SegmentType,
) -> Result<LvCommand, SimulationError> {
    let given = &conversion.given;
    let mut command = LvCommand::new(Verb::Convert);
    command.name = Some(name.to_string());
    command.segment_type = Some(TypeArgument::plain(kind));
    command.policy = conversion.policy;
    command.physical_volumes.clone_from(&conversion.volumes);
    command.pool_metadata_volume = given.get("poolmetadata").map(plain);
    command.pool_metadata_spare = given.get("poolmetadataspare").map(|word| word == "y");
    let bad = |expected: String| SimulationError::unsupported(expected);
    if let Some(text) = given.get("poolmetadatasize") {
        command.pool_metadata = Some(SizeArgument::read_size(text).map_err(bad)?);
    }
    if let Some(text) = given.get("chunksize") {
        command.chunk_size_sectors = Some(read_sectors(text, 2).map_err(bad)?);
    }
    Ok(command)
}
