//! `lvconvert`, as far as it adds and removes images and logs: what goes to what, and what does not.

mod context;
mod levels;
mod mirror;
mod raid;
mod remove;
mod takeover;

use crate::lvm::limits::{MOST_STRIPES, most_copies};
use crate::lvm::parts::images;
use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::images::context::{Context, wanted_images};
use crate::lvm::simulate::images::levels::{alias, change_level, not_allowed};
use crate::lvm::simulate::images::mirror::{add_mirrors, change_mirrors, check_change};
use crate::lvm::simulate::images::raid::{change_raid_images, check_metadata, linear_to_raid};
use crate::lvm::simulate::images::remove::remove_images;
use crate::lvm::simulate::images::takeover::{mirror_to_raid, raid_to_mirror};
use crate::lvm::simulate::reduce::check_regions;
use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles, has_integrity};
use crate::lvm::simulate::rules::{Rules, permit};
use crate::lvm::simulate::step::Conversion;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{MirrorLog, SegmentType, Settings, Sign, VolumeGroup};

/// Simulates `lvconvert`.
///
/// # Errors
/// LVM2's refusal, or that the conversion is not covered.
pub(crate) fn convert(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Settings,
    is_active: bool,
) -> Result<VolumeGroup, SimulationError> {
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
    let name = conversion.name.as_str();
    let volume = group
        .logical_volume(name)
        .ok_or_else(|| not_there(group, name))?;
    let Some(segment) = volume.segments.last() else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    let word = segment.segment_type.split('+').next().unwrap_or_default();
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
    let there_are = if from == SegmentType::Striped {
        1
    } else {
        count
    };
    check_limits(group, conversion, to.unwrap_or(from), there_are)?;
    if let Some((Sign::Minus, fewer)) = conversion.mirrors
        && fewer >= there_are
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
    let mut after = group.clone();
    let is_linear = from == SegmentType::Striped
        && volume
            .segments
            .iter()
            .all(|segment| segment.parts.len() == 1);
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
            if has_integrity(group, volume) && to.is_some() {
                return Err(Refusal::new(
                    "This conversion is not supported for raid with integrity.",
                )
                .into());
            }
            if to.is_some() && conversion.mirrors.is_none() && conversion.region_sectors.is_none() {
                if roles.is(name, Role::Origin) {
                    return Err(Refusal::new(format!(
                        "Can't convert RAID LV {}/{name} while under snapshot.",
                        group.name
                    ))
                    .into());
                }
                return Err(already_raid1(group, name, count).into());
            }
            if has_integrity(group, volume) && wanted < count {
                return Err(unsupported());
            }
            if wanted > count && volume.status.contains("NOTSYNCED") {
                return Err(Refusal::new(
                    "Can't add image to out-of-sync RAID LV: use 'lvchange --resync' first.",
                )
                .into());
            }
            change_raid_images(&mut after, &context, count, wanted)?;
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
            if wanted > count && roles.is(name, Role::Origin) {
                return Err(Refusal::new(format!(
                    "Can't add additional mirror images to mirror {}/{name} which is under snapshots.",
                    group.name
                ))
                .into());
            }
            if wanted > count
                && conversion
                    .region_sectors
                    .is_some_and(|given| Some(given) != region)
            {
                return Err(SimulationError::unsupported("other regions for a mirror"));
            }
            if wanted < count && !is_active && !conversion.volumes.is_empty() {
                return Err(SimulationError::unsupported(
                    "which images of a mirror are in step while it is inactive",
                ));
            }
            if wanted > count && volume.status.contains("NOTSYNCED") {
                return Err(Refusal::new(
                    "Can't add mirror to out-of-sync mirrored LV: use lvchange --resync first.",
                )
                .into());
            }
            change_mirrors(&mut after, &context, count, wanted, is_active)?;
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
        (SegmentType::Striped, Some(SegmentType::Linear)) if is_linear => {}
        (
            SegmentType::Striped,
            Some(SegmentType::Striped | SegmentType::Raid0 | SegmentType::Raid0Meta),
        ) if is_linear && conversion.stripes.is_none_or(|stripes| stripes < 2) => {
            needs_active()?;
            return Err(Refusal::lines([
                format!("Logical volume {}/{name} is already of requested type linear.", group.name),
                format!("Converting {}/{name} from linear is directly possible to the following layout:", group.name),
                "raid1".to_string(),
            ])
            .into());
        }
        (SegmentType::Striped, Some(_)) if is_linear => {
            needs_active()?;
            let lines = not_allowed(
                &context,
                "linear",
                "raid1",
                &format!("{}/{name}", group.name),
            );
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
            // Which physical volumes are given plays no part.
            let any = Conversion {
                volumes: Vec::new(),
                ..conversion.clone()
            };
            let context = Context {
                conversion: &any,
                ..context
            };
            change_mirrors(&mut after, &context, count, 1, is_active)?;
        }
        (SegmentType::Mirror, Some(_)) => {
            needs_active()?;
            let to = conversion.kind.as_deref().unwrap_or_default();
            return Err(Refusal::lines([
                format!("Unable to convert LV {}/{name} from mirror to {to}.", group.name),
                format!("Converting {}/{name} from mirror is directly possible to the following layout:", group.name),
                "raid1".to_string(),
            ])
            .into());
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
                (None, None) => return Err(unsupported()),
            };
            change_level(&mut after, &context, segment, to)?;
        }
    }
    check_regions(&after, name)?;
    check_metadata(&after, name)?;
    Ok(after)
}

/// The counts that LVM2 has room for.
fn check_limits(
    group: &VolumeGroup,
    conversion: &Conversion,
    to: SegmentType,
    there_are: u64,
) -> Result<(), SimulationError> {
    if let Some(stripes) = conversion.stripes.filter(|&stripes| stripes > MOST_STRIPES) {
        return Err(Refusal::new(format!(
            "Number of stripes ({stripes}) must be between 1 and {MOST_STRIPES}."
        ))
        .into());
    }
    // What is linear becomes raid1 where nothing else is said.
    let is_mirror = to == SegmentType::Mirror;
    let most = most_copies(if is_mirror { to } else { SegmentType::Raid1 });
    if wanted_images(conversion, there_are, there_are) <= most {
        return Ok(());
    }
    let message = if is_mirror {
        format!("Only up to {most} images in mirror supported currently.")
    } else {
        format!(
            "Only up to {most} mirrors in raid1 LV {}/{} supported currently.",
            group.name, conversion.name
        )
    };
    Err(Refusal::new(message).into())
}

/// Takes one image off a RAID1 volume or a mirror and makes it a volume of its own.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn split_off(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Settings,
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

/// A linear volume gets a second image first, whatever else it shall become.
fn instead_of(
    error: SimulationError,
    conversion: &Conversion,
    behind: Vec<String>,
) -> SimulationError {
    let to = conversion.kind.as_deref().unwrap_or_default();
    match error {
        SimulationError::Refused(mut refusal) => {
            let alias = alias(to).map_or(String::new(), |alias| format!(" (same as {alias})"));
            let lines = [
                format!("Replaced LV type {to}{alias} with possible type raid1."),
                format!(
                    "Repeat this command to convert to {to} after an interim conversion has finished."
                ),
            ];
            refusal
                .messages
                .splice(0..0, lines.into_iter().chain(behind));
            refusal.into()
        }
        SimulationError::Unsupported { what } => SimulationError::unsupported(what),
    }
}

/// What a RAID1 volume that is one says it could become.
fn already_raid1(group: &VolumeGroup, name: &str, count: u64) -> Refusal {
    let path = format!("{}/{name}", group.name);
    let others = [
        "mirror", "raid4", "raid5_n", "raid5_la", "raid5_ls", "raid5_ra", "raid5_rs",
    ];
    let (plural, others) = if count == 2 {
        ("s", &others[..])
    } else {
        ("", &others[..1])
    };
    let mut refusal =
        Refusal::new(format!("Logical volume {path} already is type raid1.")).and(format!(
            "Converting {path} from raid1 is directly possible to the following layout{plural}:"
        ));
    for other in others {
        refusal = refusal.and(*other);
    }
    refusal
}
