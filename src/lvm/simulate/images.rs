//! `lvconvert`, as far as it adds and removes images and logs.

use crate::greedy::{Parallel, Placement};
use crate::lvm::simulate::allowed::{AllowedVolume, Unusable, allowed};
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{
    append, append_leg, append_stripes, empty_volume, rename, segment_over, volume_mut,
};
use crate::lvm::simulate::lengths;
use crate::lvm::simulate::reduce::check_regions;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, images, place};
use crate::lvm::simulate::run::not_there;
use crate::lvm::simulate::step::Conversion;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{
    AllocationPolicy, LogicalVolume, LvSegment, MirrorLog, Part, SegmentType, Settings, Sign,
    VolumeGroup,
};

/// The parts of a conversion's context that every step of it needs.
struct Context<'a> {
    conversion: &'a Conversion,
    settings: &'a Settings,
    allowed: Vec<AllowedVolume>,
    name: &'a str,
    policy: AllocationPolicy,
    extents: u64,
    region_sectors: u64,
}

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
    if let Some((Sign::Minus, fewer)) = conversion.mirrors
        && fewer >= there_are
    {
        return Err(Refusal::new("Unable to reduce images by specified amount.").into());
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
            change_raid_images(&mut after, &context, count, wanted)?;
        }
        (SegmentType::Raid1, Some(SegmentType::Linear)) => {
            needs_active()?;
            change_raid_images(&mut after, &context, count, 1)?;
        }
        (SegmentType::Mirror, Some(SegmentType::Raid1)) if conversion.mirrors.is_none() => {
            needs_active()?;
            mirror_to_raid(&mut after, &context)?;
        }
        (SegmentType::Mirror, None | Some(SegmentType::Mirror | SegmentType::Raid1)) => {
            if to == Some(SegmentType::Mirror) && conversion.mirrors.is_none() {
                return Err(
                    Refusal::new("Conversions to --type mirror require -m/--mirrors").into(),
                );
            }
            let other_region = conversion
                .region_sectors
                .is_some_and(|given| Some(given) != region);
            if other_region && conversion.log.is_some() {
                return Err(Refusal::new(
                    "Mirror log region size cannot be changed on an existing mirror.",
                )
                .into());
            }
            let wanted = wanted_images(conversion, count, count);
            let has_log = segment.strings.contains_key("mirror_log");
            let frees = wanted < count || (conversion.log == Some(MirrorLog::Core) && has_log);
            let allocates = wanted > count || (conversion.log == Some(MirrorLog::Disk) && !has_log);
            if frees && allocates && !conversion.volumes.is_empty() {
                return Err(Refusal::lines([
                    "Cannot both allocate and free extents when specifying physical volumes to use."
                        .to_string(),
                    "Please specify the operation in two steps.".to_string(),
                ])
                .into());
            }
            change_mirrors(&mut after, &context, count, wanted, is_active)?;
        }
        (SegmentType::Raid1, Some(SegmentType::Mirror)) => {
            needs_active()?;
            raid_to_mirror(&mut after, &context)?;
        }
        _ => return Err(unsupported()),
    }
    check_regions(&after, name)?;
    check_metadata(&after, name)?;
    Ok(after)
}

/// LVM2 finds its own metadata corrupted where images have metadata of different lengths.
fn check_metadata(group: &VolumeGroup, name: &str) -> Result<(), Refusal> {
    let volume = group.logical_volume(name);
    let segment = volume.and_then(|volume| volume.segments.last());
    let parts = segment.into_iter().flat_map(|segment| &segment.parts);
    let lengths: Vec<u64> = parts
        .filter_map(|part| match part {
            Part::Logical { volume, .. } if volume.contains("_rmeta_") => {
                group.logical_volume(volume).map(LogicalVolume::extents)
            }
            Part::Logical { .. } | Part::Physical { .. } => None,
        })
        .collect();
    let first = lengths.first().copied().unwrap_or(0);
    let other = lengths.iter().filter(|length| **length != first);
    let mut lines: Vec<String> = other
        .map(|length| {
            format!(
                "LV {}/{name} invalid: MetaLV size variations (is {length}) for raid1 segment",
                group.name
            )
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    lines.push(format!("Internal error: LV segments corrupted in {name}."));
    Err(Refusal::lines(lines))
}

/// Images that there shall be; `default` without `-m`.
fn wanted_images(conversion: &Conversion, there_are: u64, default: u64) -> u64 {
    match conversion.mirrors {
        None => default,
        Some((Sign::Absolute, mirrors)) => mirrors.saturating_add(1),
        Some((Sign::Plus, more)) => there_are.saturating_add(more),
        Some((Sign::Minus, fewer)) => there_are.saturating_sub(fewer).max(1),
    }
}

/// The physical volumes of a volume in order of appearance, whole.
fn own_volumes(group: &VolumeGroup, volume: &LogicalVolume) -> Vec<AllowedVolume> {
    let mut own: Vec<AllowedVolume> = Vec::new();
    let pieces = volume.segments.iter().flat_map(LvSegment::physical);
    let all = crate::lvm::simulate::allowed::all(group);
    for (source, _) in pieces {
        if own.iter().all(|entry| entry.volume != source) {
            own.push(all[source].clone());
        }
    }
    own
}

fn wanted<'a>(context: &'a Context, allowed: &'a [AllowedVolume]) -> Wanted<'a> {
    Wanted {
        kind: SegmentType::Striped,
        stripes: 1,
        mirrors: 1,
        companions: Companions::None,
        region_sectors: context.region_sectors,
        extents: context.extents,
        grows: None,
        policy: context.policy,
        approximate: false,
        allowed,
        parallel: Vec::new(),
        name: "",
    }
}

/// Metadata for an image that has none, on the image's own physical volumes.
fn add_metadata(
    group: &mut VolumeGroup,
    context: &Context,
    image: &str,
    metadata: &str,
) -> Result<(), SimulationError> {
    let length = lengths::raid_metadata(
        context.extents,
        group.extent_size_sectors,
        context.region_sectors,
    );
    let Some(image) = group.logical_volume(image) else {
        return Err(SimulationError::unsupported("an image that is not there"));
    };
    let allowed = own_volumes(group, image);
    let placed = place(
        group,
        context.settings,
        &Wanted {
            extents: length,
            ..wanted(context, &allowed)
        },
    )?;
    let mut volume = empty_volume(metadata, false, AllocationPolicy::Inherit);
    append_leg(&mut volume, &placed.placement, 0);
    group.logical_volumes.push(volume);
    Ok(())
}

/// A linear volume becomes the first image of a RAID1 volume; `more` images are added.
fn linear_to_raid(
    group: &mut VolumeGroup,
    context: &Context,
    more: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    let parallel = parallel_areas(group, name, true)?;
    add_metadata(group, context, name, &format!("{name}_rmeta_0"))?;
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Raid1,
            mirrors: more,
            companions: Companions::RaidMetadata(more),
            parallel,
            ..wanted(context, &context.allowed)
        },
    )?;
    let mut names = vec![format!("{name}_rmeta_0"), format!("{name}_rimage_0")];
    push_images(group, name, 1, more, &placed, &mut names);
    let Some(volume) = volume_mut(group, name) else {
        return Ok(());
    };
    let segments = std::mem::take(&mut volume.segments);
    volume.segments.push(segment_over(
        "raid1",
        context.extents,
        names,
        &[
            ("device_count", more + 1),
            ("region_size", context.region_sectors),
        ],
    ));
    let mut first = empty_volume(
        &format!("{name}_rimage_0"),
        false,
        AllocationPolicy::Inherit,
    );
    first.segments = segments;
    group.logical_volumes.push(first);
    Ok(())
}

/// Builds images with their metadata, numbered from `first`.
fn push_images(
    group: &mut VolumeGroup,
    name: &str,
    first: u64,
    count: u64,
    placed: &Placed,
    names: &mut Vec<String>,
) {
    for (leg, number) in (first..first + count).enumerate() {
        let mut metadata = empty_volume(
            &format!("{name}_rmeta_{number}"),
            false,
            AllocationPolicy::Inherit,
        );
        append(&mut metadata, &placed.placement.metadata[leg..=leg], 0);
        let mut image = empty_volume(
            &format!("{name}_rimage_{number}"),
            false,
            AllocationPolicy::Inherit,
        );
        append_leg(&mut image, &placed.placement, leg);
        names.extend([metadata.name.clone(), image.name.clone()]);
        group.logical_volumes.extend([metadata, image]);
    }
}

/// More or fewer images of a RAID1 volume.
fn change_raid_images(
    group: &mut VolumeGroup,
    context: &Context,
    count: u64,
    wanted_count: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    if wanted_count > count {
        let more = wanted_count - count;
        let placed = place(
            group,
            context.settings,
            &Wanted {
                kind: SegmentType::Raid0Meta,
                stripes: 0,
                mirrors: more,
                companions: Companions::RaidMetadata(more),
                extents: context.extents * more,
                parallel: parallel_areas(group, name, true)?,
                ..wanted(context, &context.allowed)
            },
        )?;
        let mut names = Vec::new();
        push_images(group, name, count, more, &placed, &mut names);
        if let Some(segment) = last_segment(group, name) {
            let parts = names
                .into_iter()
                .map(|volume| Part::Logical { volume, start: 0 });
            segment.parts.extend(parts);
            segment
                .numbers
                .insert("device_count".to_string(), wanted_count);
        }
    } else if wanted_count < count {
        let fewer = usize::try_from(count - wanted_count).unwrap_or(usize::MAX);
        remove_images(group, context, fewer, true)?;
    }
    if wanted_count > 1
        && let Some(segment) = last_segment(group, name)
        && context.conversion.region_sectors.is_some()
    {
        segment
            .numbers
            .insert("region_size".to_string(), context.region_sectors);
    }
    Ok(())
}

fn last_segment<'a>(group: &'a mut VolumeGroup, name: &str) -> Option<&'a mut LvSegment> {
    volume_mut(group, name).and_then(|volume| volume.segments.last_mut())
}

/// Takes images away: the last ones, or the last of those that lie on the physical volumes given.
fn remove_images(
    group: &mut VolumeGroup,
    context: &Context,
    fewer: usize,
    is_raid: bool,
) -> Result<(), SimulationError> {
    let name = context.name;
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let Some(segment) = volume.segments.last() else {
        return Ok(());
    };
    let mut kept: Vec<String> = images(segment)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    let lies_there = |image: &String| {
        let image = group.logical_volume(image);
        let pieces = image.into_iter().flat_map(|image| &image.segments);
        let mut pieces = pieces.flat_map(LvSegment::physical);
        pieces.any(|(source, _)| context.allowed.iter().any(|entry| entry.volume == source))
    };
    let is_free_choice = context.conversion.volumes.is_empty();
    let mut gone = Vec::new();
    for index in (0..kept.len()).rev() {
        if gone.len() < fewer && (is_free_choice || lies_there(&kept[index])) {
            gone.push(kept.remove(index));
        }
    }
    if gone.len() < fewer {
        return Err(Refusal::lines([
            "Unable to extract enough images to satisfy request.".to_string(),
            format!("Failed to extract images from {}/{name}.", group.name),
        ])
        .into());
    }
    let log = segment.strings.get("mirror_log").cloned();
    let policy = context.policy;
    let metadata_of = |image: &str| image.replace("_rimage_", "_rmeta_");
    group.logical_volumes.retain(|volume| {
        let is_gone = |image: &String| {
            volume.name == *image || (is_raid && volume.name == metadata_of(image))
        };
        !gone.iter().any(is_gone)
    });
    if let [only] = kept.as_slice() {
        // What is left is no longer a mirror: the last image's extents are the volume's own.
        let metadata = metadata_of(only);
        let image = group.logical_volume(only).cloned();
        group.logical_volumes.retain(|volume| {
            volume.name != *only
                && (!is_raid || volume.name != metadata)
                && Some(&volume.name) != log.as_ref()
        });
        if let (Some(volume), Some(image)) = (volume_mut(group, name), image) {
            volume.segments = image.segments;
            volume.status.remove("NOTSYNCED");
            volume.policy = policy;
        }
        return Ok(());
    }
    let mut names = Vec::new();
    for (index, image) in kept.iter().enumerate() {
        if !is_raid {
            names.push(image.clone());
            continue;
        }
        // RAID images are numbered anew, without gaps.
        let (new_metadata, new_image) = (
            format!("{name}_rmeta_{index}"),
            format!("{name}_rimage_{index}"),
        );
        rename(group, &metadata_of(image), &new_metadata);
        rename(group, image, &new_image);
        names.extend([new_metadata, new_image]);
    }
    let key = if is_raid {
        "device_count"
    } else {
        "mirror_count"
    };
    if let Some(segment) = last_segment(group, name) {
        segment.parts = names
            .into_iter()
            .map(|volume| Part::Logical { volume, start: 0 })
            .collect();
        segment.numbers.insert(key.to_string(), kept.len() as u64);
    }
    Ok(())
}

/// The policy that new parts of a mirror are placed by, and keep: the command's.
fn command_policy(context: &Context) -> AllocationPolicy {
    context
        .conversion
        .policy
        .unwrap_or(AllocationPolicy::Inherit)
}

/// Images, and perhaps a log, for what is not yet a mirror.
fn add_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    more: u64,
    with_log: bool,
) -> Result<(), SimulationError> {
    let name = context.name;
    let region = lengths::region_size(
        SegmentType::Mirror,
        context.region_sectors,
        context.extents,
        group.extent_size_sectors,
        0,
    );
    let placed = place_mirrors(group, context, more, region, u64::from(with_log))?;
    let mut names = vec![format!("{name}_mimage_0")];
    names.extend(push_mirrors(group, context, 1, more, &placed.placement));
    let mut segment = segment_over(
        "mirror",
        context.extents,
        names,
        &[("mirror_count", more + 1), ("region_size", region)],
    );
    if with_log {
        let log = format!("{name}_mlog");
        let mut volume = empty_volume(&log, false, command_policy(context));
        append(&mut volume, &placed.placement.logs, 0);
        group.logical_volumes.push(volume);
        segment.strings.insert("mirror_log".to_string(), log);
    }
    let mut first = empty_volume(
        &format!("{name}_mimage_0"),
        false,
        AllocationPolicy::Inherit,
    );
    if let Some(volume) = volume_mut(group, name) {
        first.segments = std::mem::replace(&mut volume.segments, vec![segment]);
    }
    group.logical_volumes.push(first);
    Ok(())
}

fn place_mirrors(
    group: &VolumeGroup,
    context: &Context,
    more: u64,
    region_sectors: u64,
    logs: u64,
) -> Result<Placed, SimulationError> {
    let companions = if logs > 0 {
        Companions::MirrorLogs(logs)
    } else {
        Companions::None
    };
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: context.conversion.stripes.unwrap_or(1),
            mirrors: more,
            companions,
            region_sectors,
            policy: command_policy(context),
            parallel: parallel_areas(group, context.name, false)?,
            ..wanted(context, &context.allowed)
        },
    );
    match placed {
        Err(SimulationError::Refused(refusal)) => Err(refusal
            .and("Unable to allocate extents for mirror(s).")
            .into()),
        other => other,
    }
}

/// Builds images, numbered from `first`; returns their names.
fn push_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    first: u64,
    count: u64,
    placement: &Placement,
) -> Vec<String> {
    let stripes = context.conversion.stripes.unwrap_or(1);
    let stripes = usize::try_from(stripes).unwrap_or(usize::MAX);
    let stripe_sectors = context
        .settings
        .stripe_size_sectors
        .min(group.extent_size_sectors);
    let mut names = Vec::new();
    for (index, number) in (first..first + count).enumerate() {
        let name = format!("{}_mimage_{number}", context.name);
        let mut image = empty_volume(&name, false, AllocationPolicy::Inherit);
        let legs = index * stripes..(index + 1) * stripes;
        append_stripes(&mut image, placement, legs, stripe_sectors);
        names.push(name);
        group.logical_volumes.push(image);
    }
    names
}

/// More or fewer images of a mirror, and another kind of log.
fn change_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    count: u64,
    wanted_count: u64,
    is_active: bool,
) -> Result<(), SimulationError> {
    let name = context.name;
    if wanted_count < count {
        let fewer = usize::try_from(count - wanted_count).unwrap_or(usize::MAX);
        remove_images(group, context, fewer, false)?;
        if wanted_count == 1 {
            return Ok(());
        }
    } else if wanted_count > count {
        if !is_active {
            return Err(SimulationError::unsupported(
                "adding images to a mirror that is not active",
            ));
        }
        let more = wanted_count - count;
        let placed = place_mirrors(group, context, more, context.region_sectors, 0)?;
        let prefix = format!("{name}_mimage_");
        let numbers = group.logical_volumes.iter();
        let numbers = numbers.filter_map(|volume| volume.name.strip_prefix(&prefix));
        let highest = numbers
            .filter_map(|number| number.parse::<u64>().ok())
            .max();
        let first = highest.map_or(0, |highest| highest + 1);
        let names = push_mirrors(group, context, first, more, &placed.placement);
        if let Some(segment) = last_segment(group, name) {
            let parts = names
                .into_iter()
                .map(|volume| Part::Logical { volume, start: 0 });
            segment.parts.extend(parts);
            segment
                .numbers
                .insert("mirror_count".to_string(), wanted_count);
        }
    }
    let log = format!("{name}_mlog");
    let has_log = group.logical_volume(&log).is_some();
    match context.conversion.log {
        Some(MirrorLog::Core) if has_log => {
            group.logical_volumes.retain(|volume| volume.name != log);
            if let Some(segment) = last_segment(group, name) {
                segment.strings.remove("mirror_log");
            }
        }
        Some(MirrorLog::Disk) if !has_log => {
            add_log(group, context, &log, command_policy(context))?;
        }
        Some(MirrorLog::Core | MirrorLog::Disk) | None => {}
    }
    Ok(())
}

/// A log for a mirror that has none.
fn add_log(
    group: &mut VolumeGroup,
    context: &Context,
    log: &str,
    policy: AllocationPolicy,
) -> Result<(), SimulationError> {
    let parallel: Vec<Parallel> = parallel_areas(group, context.name, false)?;
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: 0,
            mirrors: 0,
            companions: Companions::MirrorLogs(1),
            policy,
            parallel,
            ..wanted(context, &context.allowed)
        },
    );
    let placed = match placed {
        Err(SimulationError::Refused(refusal)) => {
            return Err(refusal
                .and("Unable to allocate extents for mirror log.")
                .into());
        }
        other => other?,
    };
    let mut volume = empty_volume(log, false, policy);
    append(&mut volume, &placed.placement.logs, 0);
    group.logical_volumes.push(volume);
    if let Some(segment) = last_segment(group, context.name) {
        segment
            .strings
            .insert("mirror_log".to_string(), log.to_string());
    }
    Ok(())
}

/// A mirror becomes RAID1: its images stay, each gets metadata behind it, the log goes.
fn mirror_to_raid(group: &mut VolumeGroup, context: &Context) -> Result<(), SimulationError> {
    let name = context.name;
    let Some(segment) = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.last())
        .cloned()
    else {
        return Ok(());
    };
    let mut names = Vec::new();
    for (index, part) in images(&segment).into_iter().enumerate() {
        let Part::Logical { volume, .. } = part else {
            continue;
        };
        let metadata = format!("{name}_rmeta_{index}");
        add_metadata(group, context, volume, &metadata)?;
        names.extend([metadata, volume.clone()]);
    }
    let count = names.len() as u64 / 2;
    if let Some(log) = segment.strings.get("mirror_log") {
        group.logical_volumes.retain(|volume| volume.name != *log);
    }
    if let Some(last) = last_segment(group, name) {
        *last = segment_over(
            "raid1",
            context.extents,
            names.clone(),
            &[
                ("device_count", count),
                ("region_size", context.region_sectors),
            ],
        );
    }
    for (index, image) in names.iter().skip(1).step_by(2).enumerate() {
        rename(group, image, &format!("{name}_rimage_{index}"));
    }
    Ok(())
}

/// RAID1 becomes a mirror: the metadata goes, a log comes.
fn raid_to_mirror(group: &mut VolumeGroup, context: &Context) -> Result<(), SimulationError> {
    let name = context.name;
    let Some(segment) = group
        .logical_volume(name)
        .and_then(|volume| volume.segments.last())
        .cloned()
    else {
        return Ok(());
    };
    let names: Vec<String> = images(&segment)
        .into_iter()
        .filter_map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.clone()),
            Part::Physical { .. } => None,
        })
        .collect();
    let count = names.len() as u64;
    let mut log = None;
    if context.conversion.log != Some(MirrorLog::Core) {
        // The log is placed while the metadata is still there, by the policy in force.
        let mut with_log = group.clone();
        let policy = match (context.policy, group.policy) {
            (AllocationPolicy::Inherit, inherited) => inherited,
            (own, _) => own,
        };
        let policy = policy.max(AllocationPolicy::Normal);
        add_log(&mut with_log, context, &format!("{name}_mlog"), policy)?;
        log = with_log.logical_volumes.pop();
    }
    group.logical_volumes.retain(|volume| {
        !names.contains(&volume.name.replace("_rmeta_", "_rimage_")) || names.contains(&volume.name)
    });
    if let Some(last) = last_segment(group, name) {
        *last = segment_over(
            "mirror",
            context.extents,
            names.clone(),
            &[
                ("mirror_count", count),
                ("region_size", context.region_sectors),
            ],
        );
    }
    for (index, image) in names.iter().enumerate() {
        rename(group, image, &format!("{name}_mimage_{index}"));
    }
    if let Some(log) = log {
        if let Some(segment) = last_segment(group, name) {
            segment
                .strings
                .insert("mirror_log".to_string(), log.name.clone());
        }
        group.logical_volumes.push(log);
    }
    Ok(())
}
