//! What LVM2 refuses of another size before anything is placed: types, stripes and mirrors that a volume does not have.

use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::cache::data_of;
use crate::lvm::simulate::roles::{Role, Roles, is_tracking};
use crate::lvm::{
    Amount, LogicalVolume, LvCommand, LvSegment, Part, SegmentType, Sign, VolumeGroup,
};

/// What LVM2 says of volumes that only others know, and of those that wait for an image to come back.
pub(crate) fn internal(
    group: &VolumeGroup,
    roles: &Roles,
    volume: &LogicalVolume,
    path: &str,
) -> Option<Refusal> {
    let refusal = match roles.first(&volume.name) {
        Some((Role::RaidImage, _)) => "Cannot resize a RAID image directly".to_string(),
        Some((Role::RaidMetadata, _)) => "Cannot resize a RAID metadata area directly".to_string(),
        _ if is_tracking(group, volume) => {
            format!("Cannot resize logical volume {path} while it is tracking a split image.")
        }
        _ if is_being_converted(volume) => {
            format!("Can't resize logical volume {path} while lvconvert in progress.")
        }
        Some((Role::ThinPoolData | Role::ThinPoolMetadata | Role::CacheOrigin, _)) => return None,
        _ if roles.is_hidden(volume) => format!("Can't resize internal logical volume {path}."),
        _ => return None,
    };
    Some(Refusal::new(refusal))
}

/// Whether new images of a mirror are still being filled: it stands on them, and on a mirror of those that it had.
fn is_being_converted(volume: &LogicalVolume) -> bool {
    let images = volume.segments.iter().flat_map(images);
    let mut names = images.filter_map(|part| match part {
        Part::Logical { volume, .. } => Some(volume),
        Part::Physical { .. } => None,
    });
    names.any(|name| name.contains("_mimagetmp_"))
}

/// Parity over a single stripe cannot get another size.
pub(crate) fn too_few_stripes(volume: &LogicalVolume, path: &str) -> Option<Refusal> {
    let segment = volume.segments.last()?;
    let kind = SegmentType::from_word(segment.base_type())?;
    let is_one = kind.parity() > 0 && image_multiple(segment) < 2;
    let word = segment.base_type();
    let line = format!("Cannot resize {word} LV {path}. Convert to more stripes first.");
    is_one.then(|| Refusal::new(line))
}

/// Metadata of its own is what pools have.
pub(crate) fn check_metadata_size(command: &LvCommand, word: &str) -> Result<(), Refusal> {
    if command.pool_metadata.is_none() || matches!(word, "thinpool" | "cachepool") {
        return Ok(());
    }
    let line = "--poolmetadatasize can be used only with thin pools.";
    Err(Refusal::new(line))
}

/// Refuses what does not fit the type of a volume that gets another size.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_fit(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    let path = format!("{}/{}", group.name, volume.name);
    if !roles.is(&volume.name, Role::ThinPoolMetadata) {
        check_metadata_size(command, roles.type_word(volume))?;
    }
    internal(group, roles, volume, &path).map_or(Ok(()), Err)?;
    check_type(group, command, volume, roles)?;
    check_mirrors(group, command, volume)?;
    too_few_stripes(volume, &path).map_or(Ok(()), Err)
}

/// A whole size that is no larger, where stripes are given: it is looked at as it was typed.
pub(crate) fn no_larger(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
) -> Option<Refusal> {
    let size = command.size.filter(|size| size.sign == Sign::Absolute)?;
    let stripes = command.stripes?;
    let extents = match size.amount {
        Amount::Extents(extents) => extents,
        Amount::Sectors(sectors) => sectors.div_ceil(group.extent_size_sectors),
        Amount::Percent { .. } => return None,
    };
    let last = volume.segments.last()?;
    let rounds = match SegmentType::from_word(last.base_type())? {
        SegmentType::Raid1 => false,
        kind => kind.is_raid(),
    };
    let row = if rounds { image_multiple(last) } else { 1 };
    let extents = extents.checked_next_multiple_of(row)?;
    let has = volume.extents();
    if extents == has && stripes == 1 {
        return Some(Refusal::new(format!(
            "New size ({has} extents) matches existing size ({has} extents)."
        )));
    }
    (extents < has).then(|| {
        Refusal::new(format!(
            "New size given ({extents} extents) not larger than existing size ({has} extents)"
        ))
    })
}

pub(crate) fn is_of_direction(refusal: &Refusal) -> bool {
    let first = refusal.messages.first();
    first
        .is_some_and(|line| line.starts_with("New size given") || line.starts_with("Cannot resize"))
}

pub(crate) fn is_of_size(refusal: &Refusal) -> bool {
    let first = refusal.messages.first();
    let of_size = ["New size", "Cannot resize", "Unable to reduce"];
    first.is_some_and(|line| of_size.iter().any(|word| line.starts_with(word)))
}

/// A type that the volume does not have. Stripes are one to LVM2 here, with RAID or without.
pub(crate) fn check_type(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    // Of a thin pool it is its data that grows, and of what is cached what it stands on.
    let first = volume.segments.first();
    let origin = first
        .filter(|segment| segment.base_type() == "cache")
        .and_then(|segment| segment.strings.get("origin"));
    let data = origin.map_or_else(|| data_of(group, &volume.name), String::clone);
    let volume = group.logical_volume(&data).unwrap_or(volume);
    let Some(given) = &command.segment_type else {
        return Ok(());
    };
    let is_striped = |kind| {
        use SegmentType::{Linear, Raid0, Raid0Meta, Striped};
        matches!(kind, Linear | Striped | Raid0 | Raid0Meta)
    };
    let is_plain = matches!(roles.type_word(volume), "linear" | "striped" | "snapshot");
    let has = volume.segments.last().map_or("", LvSegment::base_type);
    let has = SegmentType::from_word(has);
    let fits = match has {
        Some(SegmentType::ThinPool) => true,
        Some(has) => has == given.kind || is_striped(has) && is_striped(given.kind),
        None => is_plain || !is_striped(given.kind),
    };
    if fits {
        return Ok(());
    }
    let word = match given.kind {
        SegmentType::Linear | SegmentType::Striped => "striped",
        _ => &given.word,
    };
    Err(Refusal::new(format!("VolumeType does not match ({word}).")))
}

/// What LVM2 says where stripes are to grow by those of another type: `check_type` lets them pass.
pub(crate) fn other_stripes(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
) -> Option<Vec<String>> {
    let data = data_of(group, &volume.name);
    let is_data = data != volume.name;
    let last = group.logical_volume(&data)?.segments.last()?;
    let has = SegmentType::from_word(last.base_type())?;
    let given = command.segment_type.as_ref()?.kind;
    let is_plain = |kind| matches!(kind, SegmentType::Linear | SegmentType::Striped);
    if has == given || is_plain(has) && is_plain(given) || has.is_pool() {
        return None;
    }
    Some(match (is_plain(given), is_data) {
        (true, _) => vec![
            format!("LV {data} must have exactly one segment."),
            format!("Internal error: LV segments corrupted in {data}."),
        ],
        (false, false) => Vec::new(),
        (false, true) => vec!["Log segments can only be added to an empty LV".to_string()],
    })
}

/// Images that the volume does not have.
pub(crate) fn check_mirrors(
    group: &VolumeGroup,
    command: &LvCommand,
    volume: &LogicalVolume,
) -> Result<(), Refusal> {
    let data = group.logical_volume(&data_of(group, &volume.name));
    let volume = data.unwrap_or(volume);
    let last = volume.segments.last();
    let has = match last.map_or("", LvSegment::base_type) {
        "raid10" | "raid10_near" => 2,
        _ if has_copies(volume) => last.map_or(0, |segment| images(segment).len() as u64),
        _ => 1,
    };
    if command
        .mirrors
        .is_some_and(|mirrors| mirrors > 0 && mirrors + 1 != has)
    {
        return Err(Refusal::new("Cannot vary number of mirrors in LV yet."));
    }
    Ok(())
}

pub(crate) fn has_copies(volume: &LogicalVolume) -> bool {
    let is_copied = |segment: &LvSegment| {
        matches!(
            segment.base_type(),
            "raid1" | "raid10" | "raid10_near" | "mirror"
        )
    };
    volume.segments.iter().any(is_copied)
}
