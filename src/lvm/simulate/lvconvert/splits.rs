//! Images split off from a volume, and images replaced by others elsewhere.

use std::collections::BTreeSet;

use crate::lvm::parts::{images, metadata_of, with_parts};
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{Unusable, allowed};
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{append, append_leg, empty_volume, volume_mut};
use crate::lvm::simulate::given::plain;
use crate::lvm::simulate::images::refusals::check_left_over;
use crate::lvm::simulate::images::reshape::all_rebuilt;
use crate::lvm::simulate::images::split_off;

use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::lvconvert::halfway::halfway;
use crate::lvm::simulate::refusal::{check_free_name, not_there, tracking};
use crate::lvm::simulate::request::{Companions, Wanted, place};
use crate::lvm::simulate::roles::{Roles, has_integrity, is_tracking};
use crate::lvm::simulate::rules::{Property, Rules, no_match, permit};
use crate::lvm::simulate::{Refusal, SimulationError, integrity};
use crate::lvm::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PvArgument, SegmentType, VolumeGroup,
    find_volume,
};

/// `--splitmirrors`, with a name for what is split off, or `--trackchanges`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn split_images(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let given = &conversion.given;
    let name = &conversion.name;
    let tracks = given.has("trackchanges");
    let new = given.get("name").map(plain);
    if new.is_none() && !tracks {
        return Err(no_match(true).into());
    }
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let is_raid1 = volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "raid1");
    let accepts: &[&str] = match (is_raid1, tracks) {
        (true, true) => &["raid", "cache"],
        (true, false) => &["raid", "cache", "mirror"],
        (false, true) => &["cache"],
        (false, false) => &["cache", "mirror"],
    };
    permit(
        group,
        &roles,
        volume,
        Rules {
            accepts,
            visible: false,
            refuses: &[Property::Integrity],
        },
    )?;
    let Some(count) = given
        .get("splitmirrors")
        .and_then(|text| text.parse::<usize>().ok())
    else {
        return Err(SimulationError::unsupported("this --splitmirrors"));
    };
    if roles.type_word(volume) == "cache" || count == 0 {
        return Err(SimulationError::unsupported(
            "images split off from a cached volume",
        ));
    }
    if is_tracking(group, volume) {
        return Err(tracking(&group.name, name).into());
    }
    if tracks {
        return track(group, conversion, volume, count, activity);
    }
    let new = new.unwrap_or_default();
    check_free_name(group, &new)?;
    let segment = volume.segments.first();
    let there_are = segment.map_or(0, |segment| images(segment).len());
    if count >= there_are {
        let line = match is_raid1 {
            true => "Unable to split images by specified amount.".to_string(),
            false => {
                format!("Unable to reduce images by specified amount - only {there_are} in {name}")
            }
        };
        return Err(Refusal::new(line).into());
    }
    if count > 1 {
        if is_raid1 {
            return Err(Refusal::new(format!(
                "Unable to split more than one image from {}/{name}.",
                group.name
            ))
            .into());
        }
        return Err(SimulationError::unsupported(
            "several images split off from a mirror",
        ));
    }
    if !activity.runs(group, &roles, name) {
        let path = format!("{}/{name}", group.name);
        return Err(Refusal::lines(match is_raid1 {
            true => [
                format!("Unable to determine sync status of {path}."),
                format!("Unable to split {path} while it is not in-sync."),
            ],
            false => [
                format!("Unable to determine mirror sync status of {path}."),
                format!("Unable to split mirror {path} that is not in-sync."),
            ],
        })
        .into());
    }
    if !is_raid1 && !conversion.volumes.is_empty() {
        let allowed = allowed(group, &conversion.volumes, Unusable::Keep)?;
        let lies_there = |source| allowed.iter().any(|entry| entry.volume == source);
        if images_on(group, volume, lies_there).len() < count {
            let line = "Insufficient removable PVs given to satisfy request.";
            return Err(Refusal::new(line).into());
        }
    }
    split_off(group, conversion, settings, &new, is_raid1)
}

/// The last image can be read by itself, and is followed.
fn track(
    group: &VolumeGroup,
    conversion: &Conversion,
    volume: &LogicalVolume,
    count: usize,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let path = format!("{}/{}", group.name, volume.name);
    if count != 1 {
        let line =
            format!("Exactly one image must be split off from {path} when tracking changes.");
        return Err(Refusal::new(line).into());
    }
    if !activity.is_active(&volume.name) {
        return Err(Refusal::lines([
            format!("Unable to determine sync status of {path}."),
            format!("Unable to split image from {path} while not in-sync."),
        ])
        .into());
    }
    let allowed = allowed(group, &conversion.volumes, Unusable::Keep)?;
    let is_free_choice = conversion.volumes.is_empty();
    let lies_there = |source| is_free_choice || allowed.iter().any(|entry| entry.volume == source);
    let names = images_on(group, volume, lies_there);
    let Some(last) = names.last() else {
        return Err(Refusal::new("Unable to find image to satisfy request.").into());
    };
    let mut after = group.clone();
    if let Some(image) = volume_mut(&mut after, last) {
        image.status.remove("WRITE");
        image.status.insert("VISIBLE".to_string());
    }
    Ok(after)
}

/// `--replace PV`: images there are placed anew, away from all that the volume lies on.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn replace(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let name = &conversion.name;
    let path = format!("{}/{name}", group.name);
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
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
    let Some(segment) = volume.segments.first() else {
        return Err(SimulationError::unsupported("a volume without segments"));
    };
    if segment.base_type().starts_with("raid0") {
        return Err(Refusal::new(format!(
            "Can't replace any devices in {} LV {path}.",
            segment.base_type()
        ))
        .into());
    }
    if !activity.runs(group, &roles, name) {
        return Err(
            Refusal::new(format!("{path} must be active to perform this operation.")).into(),
        );
    }
    let mut devices: BTreeSet<usize> = BTreeSet::new();
    for wanted in conversion.given.all("replace") {
        let Ok(PvArgument::Device { name: device, .. }) = PvArgument::read(wanted) else {
            return Err(SimulationError::unsupported("--replace of a tag"));
        };
        if find_volume(group, &device).is_none() {
            return Err(SimulationError::unsupported(
                "--replace of what is not in the group",
            ));
        }
        devices.extend(find_volume(group, &device));
    }
    check_left_over(group, name)?;
    let gone = images_on(group, volume, |source| devices.contains(&source));
    if gone.is_empty() {
        return Err(Refusal::new(format!(
            "Logical volume {path} does not contain devices specified to replace."
        ))
        .into());
    }
    check_gone(&path, segment, &gone)?;
    let count = gone.len();
    let after = renewed(group, conversion, settings, segment, gone.clone())?;
    let after = match has_integrity(group, volume) {
        true => {
            let left = halfway(group, &after, name, &gone);
            integrity::added_to_images(after, name, settings, || left)?
        }
        false => after,
    };
    if count <= devices.len() {
        return Ok(after);
    }
    // It finds out once it has placed them.
    if devices.len() > 1 {
        return Err(SimulationError::unsupported(
            "more images replaced than devices given",
        ));
    }
    Err(Refusal::lines([
        format!("Unable to remove {count} images:  Only 1 device given."),
        format!("Failed to remove the specified images from {path}."),
    ])
    .into())
}

fn has_parity(segment: &LvSegment) -> bool {
    let kind = segment.base_type();
    ["raid4", "raid5", "raid6"]
        .iter()
        .any(|word| kind.starts_with(word))
}

/// Refuses to replace more images than the others can make up for.
fn check_gone(path: &str, segment: &LvSegment, gone: &[String]) -> Result<(), Refusal> {
    let kind = segment.base_type();
    let most = if kind.starts_with("raid6") { 2 } else { 1 };
    if has_parity(segment) {
        return match gone.len() > most {
            true => Err(Refusal::new(format!(
                "Unable to replace more than {most} PVs from ({kind}) {path}."
            ))),
            false => Ok(()),
        };
    }
    let names = images(segment).into_iter().map(|part| match part {
        Part::Logical { volume, .. } => gone.contains(volume),
        Part::Physical { .. } => false,
    });
    let goes: Vec<bool> = names.collect();
    if goes.iter().all(|goes| *goes) {
        return Err(Refusal::new(format!(
            "Unable to replace all PVs from {path} at once."
        )));
    }
    if kind.starts_with("raid10")
        && goes.chunks(2).any(|pair| pair.iter().all(|goes| *goes))
        && gone.len() > 1
    {
        let line = "Unable to replace all the devices in a RAID10 mirror group.";
        return Err(Refusal::new(line));
    }
    Ok(())
}

/// Images of a volume placed anew, away from all that it lies on.
fn renewed(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    segment: &LvSegment,
    mut gone: Vec<String>,
) -> Result<VolumeGroup, SimulationError> {
    let name = &conversion.name;
    let path = format!("{}/{name}", group.name);
    // What is new is named after its place among the images; after some conversions these are named otherwise.
    for (place, part) in images(segment).into_iter().enumerate() {
        let own = format!("{name}_rimage_{place}");
        if let Part::Logical { volume, .. } = part
            && gone.contains(volume)
            && *volume != own
        {
            return Err(Refusal::new(format!(
                "Logical Volume {name}_rmeta_{place} already exists in volume group {}.",
                group.name
            ))
            .into());
        }
    }
    let mut allowed = allowed(group, &conversion.volumes, Unusable::Keep)?;
    let count = gone.len() as u64;
    let length = group
        .logical_volume(&gone[0])
        .map_or(0, LogicalVolume::extents);
    let used: BTreeSet<usize> = with_parts(group, name)
        .iter()
        .filter_map(|name| group.logical_volume(name))
        .flat_map(|volume| &volume.segments)
        .flat_map(LvSegment::physical)
        .map(|(source, _)| source)
        .collect();
    allowed.retain(|entry| !used.contains(&entry.volume));
    let placed = place(
        group,
        settings,
        &Wanted {
            kind: SegmentType::Raid0Meta,
            stripes: 0,
            mirrors: count,
            companions: Companions::RaidMetadata(count),
            region_sectors: segment
                .numbers
                .get("region_size")
                .copied()
                .unwrap_or(settings.region_size_sectors),
            extents: length.saturating_mul(count),
            grows: None,
            apart: false,
            in_one_piece: false,
            policy: group
                .logical_volume(name)
                .map_or(AllocationPolicy::Inherit, |one| one.policy),
            approximate: false,
            allowed: &allowed,
            parallel: parallel_areas(group, name, true)?,
            name: "",
        },
    );
    let placed = match placed {
        Err(SimulationError::Refused(refusal)) => {
            return Err(refusal.and(format!("LV {path} in not partial.")).into());
        }
        other => other?,
    };
    let mut after = group.clone();
    gone.sort();
    for (leg, image) in gone.iter().enumerate() {
        let metadata = image.replace("_rimage_", "_rmeta_");
        let policy = AllocationPolicy::Inherit;
        let mut new_metadata = empty_volume(&metadata, false, policy);
        append(&mut new_metadata, &placed.placement.metadata[leg..=leg], 0);
        let mut new_image = empty_volume(image, false, policy);
        append_leg(&mut new_image, &placed.placement, leg);
        let below = with_parts(&after, image);
        after
            .logical_volumes
            .retain(|volume| volume.name != metadata && !below.contains(&volume.name));
        after.logical_volumes.extend([new_metadata, new_image]);
    }
    all_rebuilt(&mut after, name);
    Ok(after)
}

/// `--repair`: images on physical volumes that are missing are placed anew.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn repair(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let name = conversion.name.as_str();
    let path = format!("{}/{name}", group.name);
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    let rules = Rules {
        accepts: &["raid", "mirror", "thinpool", "cache", "cachepool"],
        visible: false,
        refuses: &[],
    };
    permit(group, &roles, volume, rules)?;
    allowed(group, &conversion.volumes, Unusable::Keep)?;
    let is_active = activity.runs(group, &roles, name);
    let is_lost = |source: usize| {
        group
            .physical_volumes
            .get(source)
            .is_some_and(|one| one.missing)
    };
    let lost = images_on(group, volume, is_lost);
    let names = with_parts(group, name);
    let volumes = names.iter().filter_map(|name| group.logical_volume(name));
    let is_hit = volumes
        .flat_map(|volume| &volume.segments)
        .flat_map(LvSegment::physical)
        .any(|(source, _)| is_lost(source));
    let kind = volume
        .segments
        .first()
        .map_or("", |segment| segment.base_type());
    match roles.type_word(volume) {
        "raid" if kind.starts_with("raid0") && is_active => Err(Refusal::lines([
            format!("Can't replace any devices in {kind} LV {path}."),
            format!("Failed to replace faulty devices in {path}."),
        ])
        .into()),
        "raid" if !is_active => {
            Err(Refusal::new(format!("{path} must be active to perform this operation.")).into())
        }
        "raid" if has_integrity(group, volume) && is_hit => Err(SimulationError::unsupported(
            "the repair of images with checksums",
        )),
        "raid" if !lost.is_empty() => match volume.segments.first() {
            Some(segment) => {
                check_gone(&path, segment, &lost)?;
                renewed(group, conversion, settings, segment, lost)
            }
            None => Ok(group.clone()),
        },
        _ if is_hit => Err(SimulationError::unsupported(
            "this repair: lvm.conf says what becomes of a mirror that has lost an image",
        )),
        "raid" | "mirror" => Ok(group.clone()),
        "thinpool" if is_active => {
            Err(Refusal::new("Active pools cannot be repaired.  Use lvchange -an first.").into())
        }
        "cache" if is_active => Err(Refusal::new("Only inactive cache can be repaired.").into()),
        _ => Err(SimulationError::unsupported(
            "the repair of metadata, which another program does",
        )),
    }
}

/// The images of a volume of which a part, or of whose metadata, lies on some physical volumes.
fn images_on(
    group: &VolumeGroup,
    volume: &LogicalVolume,
    is_one: impl Fn(usize) -> bool,
) -> Vec<String> {
    let lies_there = |name: &&String| {
        let names = with_parts(group, name);
        let segments = volume.segments.iter();
        let metadata: Vec<String> = segments.map(|one| metadata_of(one, name)).collect();
        let names = names.iter().chain(&metadata);
        let volumes = names.filter_map(|name| group.logical_volume(name));
        let segments = volumes.flat_map(|volume| &volume.segments);
        let mut pieces = segments.flat_map(LvSegment::physical);
        pieces.any(|(source, _)| is_one(source))
    };
    let parts = volume.segments.iter().flat_map(images);
    let names = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => Some(volume),
        Part::Physical { .. } => None,
    });
    names.filter(lies_there).cloned().collect()
}
