//! `lvconvert`, as far as it adds and removes images and logs: what goes to what, and what does not.

mod context;
mod copies;
pub(crate) mod levels;
mod mirror;
mod raid;
pub(crate) mod refusals;
mod remove;
pub(crate) mod reshape;
mod takeover;

use crate::lvm::parts::images;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::given::{plain, shown_size};
use crate::lvm::simulate::images::context::{Context, wanted_images};
use crate::lvm::simulate::images::copies::as_meant;
use crate::lvm::simulate::images::levels::{change_level, not_allowed};
use crate::lvm::simulate::images::mirror::{add_mirrors, change_mirrors, check_change};
use crate::lvm::simulate::images::raid::{change_raid_images, check_metadata, linear_to_raid};
use crate::lvm::simulate::images::refusals::{
    check_checksums, check_left_over, check_limits, check_mirror_change, check_raid1_change,
    check_stripes_alone, instead_of, only_to_raid1,
};
use crate::lvm::simulate::images::remove::remove_images;
use crate::lvm::simulate::images::takeover::{mirror_to_raid, raid_to_mirror};
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::reduce::check_regions;
use crate::lvm::simulate::refusal::{not_there, tracking};
use crate::lvm::simulate::roles::{Role, Roles, has_integrity, is_tracking};
use crate::lvm::simulate::rules::{COMMON, Rules, is_hidden_refusal, no_match, permit};
use crate::lvm::simulate::syntax::not_taken;
use crate::lvm::simulate::{Refusal, SimulationError, integrity};
use crate::lvm::{MirrorLog, SegmentType, Sign, VolumeGroup};

/// Simulates `lvconvert`.
///
/// # Errors
/// LVM2's refusal, or that the conversion is not covered.
pub(crate) fn convert(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    is_active: bool,
) -> Result<VolumeGroup, SimulationError> {
    let conversion = &as_meant(group, conversion, settings)?;
    if conversion.kind.as_deref() == Some("linear") {
        let options = ["regionsize", "stripesize", "stripes"];
        let given = options
            .iter()
            .filter_map(|option| Some((option, conversion.given.get(option)?)));
        let lines: Vec<String> = given
            .map(|(option, value)| format!("Command does not accept option: --{option} {value}."))
            .collect();
        if !lines.is_empty() {
            return Err(Refusal::lines(lines).into());
        }
    }
    check_options(conversion)?;
    let name = conversion.name.as_str();
    let volume = group
        .logical_volume(name)
        .ok_or_else(|| not_there(group, name))?;
    let Some(segment) = volume.segments.first() else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    let word = segment.base_type();
    let unsupported = || {
        SimulationError::unsupported(format!(
            "lvconvert from {word} to {}",
            conversion.kind.as_deref().unwrap_or("what it is")
        ))
    };
    let roles = Roles::of(group);
    let type_word = roles.type_word(volume);
    if conversion.log.is_some() && conversion.kind.is_none() && conversion.mirrors.is_none() {
        let rules = Rules {
            accepts: &["mirror"],
            visible: false,
            refuses: &[],
        };
        permit(group, &roles, volume, rules)?;
    }
    let of_images = ["type", "mirrors", "stripes", "stripesize"];
    let is_of_images = of_images.iter().any(|option| conversion.given.has(option));
    if is_tracking(group, volume) && is_of_images {
        return Err(tracking(&group.name, name).into());
    }
    check_stripes_alone(
        conversion,
        word,
        type_word,
        (
            &format!("{}/{name}", group.name),
            has_integrity(group, volume),
        ),
    )?;
    if matches!(type_word, "thinpool" | "cachepool" | "thin" | "snapshot") {
        return Err(Refusal::new(format!(
            "Operation not permitted on LV {}/{name} type {type_word}.",
            group.name
        ))
        .into());
    }
    let from = SegmentType::from_word(word).ok_or_else(unsupported)?;
    let to = match &conversion.kind {
        None => None,
        Some(kind) => Some(SegmentType::from_word(kind).ok_or_else(unsupported)?),
    };
    let count = images(segment).len() as u64;
    let region = segment.numbers.get("region_size").copied();
    let context = Context {
        conversion,
        settings,
        allowed: allowed(group, &conversion.volumes, Unusable::Keep)?,
        name,
        policy: volume.policy,
        extents: volume.extents(),
        region_sectors: conversion
            .region_sectors
            .or(region)
            .unwrap_or(settings.region_size_sectors),
    };
    let needs_active = || -> Result<(), SimulationError> {
        if is_active {
            return Ok(());
        }
        Err(Refusal::new(format!(
            "{}/{name} must be active to perform this operation.",
            group.name
        ))
        .into())
    };
    let is_mirror = |kind: SegmentType| kind == SegmentType::Mirror;
    let is_linear = from == SegmentType::Striped;
    if roles.is(name, Role::CachePoolPart)
        && (is_mirror(from) || is_linear && to.is_some_and(is_mirror))
    {
        return Err(Refusal::new(format!(
            "Mirrors are not yet supported on cache LVs {}/{name}.",
            group.name
        ))
        .into());
    }
    let there_are = if from == SegmentType::Striped {
        1
    } else {
        count
    };
    check_limits(group, conversion, to.unwrap_or(from), there_are)?;
    // What a cached volume stands on is converted in its name; RAID volumes also in their own.
    let is_named = conversion
        .given
        .arguments
        .iter()
        .any(|word| plain(word) == name);
    let is_raid = from.is_raid() && is_of_images;
    let is_of_others = roles.is_hidden(volume) && !roles.is_pool_part(name) && is_named && !is_raid;
    if let Some((Sign::Minus, fewer)) = conversion.mirrors
        && fewer >= there_are
        && !is_of_others
    {
        return Err(Refusal::new("Unable to reduce images by specified amount.").into());
    }
    if conversion.log.is_some() && conversion.kind.is_none() && from != SegmentType::Mirror {
        let message = "--corelog and --mirrorlog are only compatible with mirror devices";
        return Err(Refusal::new(message).into());
    }
    let ends_linear =
        matches!(conversion.mirrors, Some((Sign::Absolute, 0))) || to == Some(SegmentType::Linear);
    if ends_linear && conversion.log.is_some() {
        return Err(Refusal::new(
            "--corelog and --mirrorlog are only compatible with mirror devices.",
        )
        .into());
    }
    let path = format!("{}/{name}", group.name);
    let given = &conversion.given;
    let has_stripes = given.has("stripes") || given.has("stripesize");
    if is_of_others {
        return Err(is_hidden_refusal(group, name).into());
    }
    let is_of_regions = given.has("regionsize")
        && ["type", "mirrors", "stripes", "stripesize"]
            .iter()
            .all(|option| !given.has(option));
    if let (true, Some(wanted)) = (is_of_regions, conversion.region_sectors) {
        if region == Some(wanted) {
            let size = shown_size(wanted);
            let line = format!("Region size is already {size} on {word} LV {path}.");
            return Err(Refusal::new(line).into());
        }
        if !is_active {
            let line = format!(
                "Unable to change region size on {word} LV {path} while it is not in-sync."
            );
            let unknown = format!("Unable to determine sync status of {path}.");
            return Err(Refusal::lines([unknown, line]).into());
        }
        if has_integrity(group, volume) {
            let line = format!(
                "Command on LV {path} is invalid on LV with properties: lv_is_raid_with_integrity ."
            );
            let last = format!("Command not permitted on LV {path}.");
            return Err(Refusal::lines([line, last]).into());
        }
        if wanted > context.extents.saturating_mul(group.extent_size_sectors) {
            let line = format!("Region size is too large for {word} LV {path}.");
            return Err(Refusal::new(line).into());
        }
        if !wanted.is_power_of_two() || segment.is_reshape_space() {
            return Err(unsupported());
        }
        let mut after = group.clone();
        let segments = volume_mut(&mut after, name).map(|volume| &mut volume.segments);
        for segment in segments.into_iter().flatten() {
            segment.numbers.insert("region_size", wanted);
        }
        check_regions(&after, name)?;
        return Ok(after);
    }
    if has_integrity(group, volume) {
        check_checksums(conversion, from, to, &path)?;
    }
    let mut after = group.clone();
    check_left_over(group, name)?;
    // It goes by its first segment.
    let is_linear = from == SegmentType::Striped && segment.parts.len() == 1;
    // Under a snapshot images may come and go, and the type stays.
    let becomes_raid1 = to == Some(SegmentType::Raid1) && conversion.mirrors.is_none();
    let leaves_raid1 = from == SegmentType::Raid1 && to == Some(SegmentType::Mirror);
    let is_of_one = is_linear || matches!(from, SegmentType::Mirror | SegmentType::Raid1);
    if roles.is(name, Role::Origin) && is_of_one && (becomes_raid1 || leaves_raid1) {
        needs_active()?;
        let line = format!("Can't convert RAID LV {path} while under snapshot.");
        return Err(Refusal::new(line).into());
    }
    match (from, to) {
        (SegmentType::Striped, None | Some(SegmentType::Raid1)) if is_linear => {
            if to.is_none() && conversion.mirrors.is_none() {
                return Err(unsupported());
            }
            needs_active()?;
            let wanted = wanted_images(conversion, 1, 2);
            if wanted > 1 {
                linear_to_raid(&mut after, &context, wanted - 1)?;
            }
        }
        (SegmentType::Striped, Some(SegmentType::Mirror)) => {
            if conversion.mirrors.is_none() {
                return Err(
                    Refusal::new("Conversions to --type mirror require -m/--mirrors").into(),
                );
            }
            let wanted = wanted_images(conversion, 1, 2);
            let log = conversion.log.unwrap_or(MirrorLog::Disk);
            if wanted == 1 {
                needs_active()?;
            } else {
                add_mirrors(&mut after, &context, wanted - 1, log == MirrorLog::Disk)?;
            }
        }
        (SegmentType::Raid1, None | Some(SegmentType::Raid1)) => {
            needs_active()?;
            let wanted = wanted_images(conversion, count, count);
            check_raid1_change(group, &context, &roles, count, wanted)?;
            change_raid_images(&mut after, &context, count, wanted)?;
            if wanted > count && has_integrity(group, volume) {
                let left = after.clone();
                after = integrity::added_to_images(after, name, settings, || left)?;
            }
        }
        (SegmentType::Raid1, Some(SegmentType::Linear)) => {
            needs_active()?;
            if has_integrity(group, volume) {
                return Err(Refusal::new(
                    "Integrity must be removed before converting raid to linear.",
                )
                .into());
            }
            change_raid_images(&mut after, &context, count, 1)?;
        }
        (SegmentType::Mirror, Some(SegmentType::Raid1)) if conversion.mirrors.is_none() => {
            needs_active()?;
            mirror_to_raid(&mut after, &context)?;
        }
        (SegmentType::Mirror, None | Some(SegmentType::Mirror | SegmentType::Raid1)) => {
            check_change(&context, segment, to)?;
            let wanted = wanted_images(conversion, count, count);
            check_mirror_change(group, &context, &roles, (count, wanted), region, is_active)?;
            change_mirrors(&mut after, &context, count, wanted)?;
        }
        (SegmentType::Raid1, Some(SegmentType::Mirror)) => {
            needs_active()?;
            if context.region_sectors > context.extents.saturating_mul(group.extent_size_sectors) {
                return Err(SimulationError::unsupported(
                    "a mirror smaller than a region",
                ));
            }
            raid_to_mirror(&mut after, &context)?;
        }
        (SegmentType::Striped, Some(SegmentType::Linear)) if is_linear => needs_active()?,
        (
            SegmentType::Striped,
            Some(SegmentType::Striped | SegmentType::Raid0 | SegmentType::Raid0Meta),
        ) if is_linear && conversion.stripes.is_none_or(|stripes| stripes < 2) => {
            needs_active()?;
            let line = format!("Logical volume {path} is already of requested type linear.");
            return Err(only_to_raid1(line, &path, "linear").into());
        }
        (SegmentType::Striped, Some(_)) if is_linear => {
            needs_active()?;
            let lines = not_allowed(&context, "linear", "raid1", &path);
            if roles.is(name, Role::Origin) {
                let line = format!("Can't convert RAID LV {path} while under snapshot.");
                return Err(instead_of(Refusal::new(line).into(), conversion, lines));
            }
            linear_to_raid(&mut after, &context, 1)
                .map_err(|error| instead_of(error, conversion, lines))?;
        }
        (SegmentType::Mirror, Some(SegmentType::Striped)) => {
            return Err(Refusal::new(format!(
                "Unknown operation on mirror LV {}/{name}.",
                group.name
            ))
            .into());
        }
        (SegmentType::Mirror, Some(SegmentType::Linear)) => {
            change_mirrors(&mut after, &context, count, 1)?;
        }
        (SegmentType::Mirror, Some(_)) => {
            needs_active()?;
            let to = conversion.kind.as_deref().unwrap_or_default();
            let line = format!("Unable to convert LV {path} from mirror to {to}.");
            return Err(only_to_raid1(line, &path, "mirror").into());
        }
        (_, Some(SegmentType::Mirror)) if conversion.mirrors.is_none() => {
            return Err(Refusal::new("Conversions to --type mirror require -m/--mirrors").into());
        }
        _ => {
            needs_active()?;
            // Copies are what raid1 has.
            let to = match (&conversion.kind, conversion.mirrors) {
                (Some(kind), _) => kind.as_str(),
                (None, Some((Sign::Absolute, 0))) => word,
                (None, Some(_)) => "raid1",
                (None, None) if has_stripes => word,
                (None, None) => return Err(unsupported()),
            };
            change_level(&mut after, &context, segment, to)?;
        }
    }
    check_regions(&after, name)?;
    check_metadata(&after, name)?;
    Ok(after)
}

/// Options that say what images become.
const OF_IMAGES: [&str; 7] = [
    "type",
    "mirrors",
    "stripes",
    "stripesize",
    "regionsize",
    "mirrorlog",
    "corelog",
];

/// Refuses options that have no part in that.
fn check_options(conversion: &Conversion) -> Result<(), SimulationError> {
    let given = &conversion.given.options;
    let kind = conversion.kind.as_deref().unwrap_or_default();
    let becomes_raid = kind.starts_with("raid");
    let is_known = |name: &str| match name {
        "mirrorlog" | "corelog" => !becomes_raid,
        _ => OF_IMAGES.contains(&name) || COMMON.contains(&name),
    };
    let foreign = given.iter().filter(|(name, _)| !is_known(name));
    let lines: Vec<String> = foreign
        .map(|(name, value)| match *name {
            "corelog" => not_taken("mirrorlog", ""),
            name => not_taken(name, value),
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    if given.iter().all(|(name, _)| !OF_IMAGES.contains(name)) {
        let tracks = given.iter().any(|(name, _)| *name == "trackchanges");
        return Err(no_match(tracks).into());
    }
    Err(Refusal::lines(lines).into())
}

/// Takes one image off a RAID1 volume or a mirror and makes it a volume of its own.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn split_off(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    new: &str,
    is_raid: bool,
) -> Result<VolumeGroup, SimulationError> {
    let name = conversion.name.as_str();
    let volume = group
        .logical_volume(name)
        .ok_or_else(|| not_there(group, name))?;
    let context = Context {
        conversion,
        settings,
        allowed: allowed(group, &conversion.volumes, Unusable::Keep)?,
        name,
        policy: volume.policy,
        extents: volume.extents(),
        region_sectors: settings.region_size_sectors,
    };
    let mut after = group.clone();
    let gone = remove_images(&mut after, &context, 1, is_raid)?;
    if is_raid
        && volume.status.contains("NOTSYNCED")
        && let Some(volume) = volume_mut(&mut after, name)
    {
        volume.status.insert("NOTSYNCED".to_string());
    }
    for image in gone {
        if let Some(image) = group.logical_volume(&image) {
            let mut image = image.clone();
            image.name = new.to_string();
            image.status.insert("VISIBLE".to_string());
            after.logical_volumes.push(image);
        }
    }
    Ok(after)
}
