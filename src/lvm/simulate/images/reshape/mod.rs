//! Reshapes: another number of stripes, another stripe size or another layout of parity. Data moves within
//! the images, which get the space for that.

pub(crate) mod space;
pub(crate) mod stripes;

use crate::lvm::parts::with_parts;
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::images::context::Context;
use crate::lvm::simulate::images::levels::level::{Level, Parity};
use crate::lvm::simulate::images::levels::ways::alias;
use crate::lvm::simulate::images::reshape::space::image_names;
use crate::lvm::simulate::images::reshape::stripes::{add_stripes, mark_for_removal};
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{LogicalVolume, LvSegment, VolumeGroup};

/// Sectors in a kibibyte, the unit of stripe sizes.
const KIBIBYTE_SECTORS: u64 = 2;

/// Moves the data of a volume within its images, to the layout `to`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn reshape(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    from: &Level,
    to: &str,
) -> Result<(), SimulationError> {
    let name = context.name;
    let before = group.clone();
    let path = format!("{}/{name}", group.name);
    let given = &context.conversion.given;
    let refused = |lines: &[String]| Err(Refusal::lines(lines.iter().cloned()).into());
    let failed = || format!("Reshape request failed on LV {path}.");
    let invalid = || format!("Invalid conversion request on {path}.");
    let roles = Roles::of(group);
    if roles.is(name, Role::Origin) {
        return refused(&[under_snapshot(&path)]);
    }
    let wanted = context.conversion.stripes.unwrap_or(from.stripes);
    let has_size = segment.numbers.get("stripe_size").copied().unwrap_or(0);
    let size = given
        .get("stripesize")
        .map(|text| read_sectors(text, KIBIBYTE_SECTORS))
        .transpose()
        .map_err(|expected| Refusal::new(format!("--stripesize: expected {expected}")))?
        .unwrap_or(has_size);
    let region = segment.numbers.get("region_size").copied();
    if region.is_some_and(|region| region < size) {
        let line = format!("Region size may not be smaller than stripe size on LV {path}.");
        return refused(&[line, invalid()]);
    }
    if wanted < from.stripes && from.parity == Parity::Copies {
        return refused(&["Can't remove stripes from raid10.".to_string(), invalid()]);
    }
    let is_other_layout = from.word != to && alias(&from.word) != Some(to);
    let is_other_count = wanted != from.stripes;
    let is_asked = context.conversion.kind.as_deref() == Some(to);
    if from.word != to && is_asked && is_other_count {
        return refused(&[invalid()]);
    }
    if is_other_layout && is_other_count {
        return Err(SimulationError::unsupported(
            "another number of stripes with another level",
        ));
    }
    let volume = group.logical_volume(name);
    let images = volume.map(image_names).unwrap_or_default();
    let mut has_space = volume.is_some_and(|volume| space::length(volume) > 0);
    let sectors = context.extents.saturating_mul(group.extent_size_sectors);
    if region.is_some_and(|region| region > sectors) {
        let line = format!("Region size is too large for {to} LV {path}.");
        return refused(&[line, failed()]);
    }
    let regions = context.conversion.region_sectors.or(region);
    if from.word == to && !is_other_count && size == has_size && regions == region {
        if !has_space {
            let line = format!("LV {path} does not have reshape space allocated.");
            return refused(&[line, failed()]);
        }
        space::free(group, name);
        rebuilt(group, name);
        return Ok(());
    }
    if wanted < from.stripes {
        let is_six = !matches!(from.parity, Parity::First | Parity::Last | Parity::Rotating);
        if is_six && wanted < 3 {
            let few = "Too few stripes requested.".to_string();
            let least = format!("Minimum 3 stripes required for {} LV {path}.", from.word);
            return refused(&[if wanted < 2 { few } else { least }, failed()]);
        }
        if !given.has("force") {
            let line = "Can't remove stripes without --force option.".to_string();
            return refused(&[line, failed()]);
        }
    } else if is_other_count {
        if volume.is_some_and(|volume| roles.is_hidden(volume)) {
            let line = format!("Unable to convert stacked volume {path}.");
            return refused(&[line, failed()]);
        }
        let is_unsynced = volume.is_some_and(|volume| volume.status.contains("NOTSYNCED"));
        if is_unsynced {
            let line = "Can't add image to out-of-sync RAID LV: use 'lvchange --resync' first.";
            return refused(&[line.to_string(), failed()]);
        }
        // What is stored in pairs gives back what an earlier reshape worked in.
        if has_space && from.parity == Parity::Copies {
            space::free(group, name);
            has_space = false;
        }
        add_stripes(group, context, segment, from, wanted).map_err(|error| match error {
            SimulationError::Refused(refusal) => refusal.and(failed()).into(),
            SimulationError::Unsupported { what } => SimulationError::unsupported(what),
        })?;
    }
    let is_other_word = from.word != to && !is_other_layout && !is_other_count && size == has_size;
    if is_other_word || from.stripes.max(wanted) < 2 {
        // Another word for the same layout, or stripes of one: nothing moves.
        if has_space {
            return Err(SimulationError::unsupported("another word for a layout"));
        }
        set(group, name, |segment| {
            segment.segment_type = format!("{to}+RESHAPE");
            segment.numbers.insert("stripe_size", size);
            if let Some(regions) = regions {
                segment.numbers.insert("region_size", regions);
            }
        });
        return Ok(());
    }
    if !has_space {
        give_space(group, context, (wanted > from.stripes).then(failed))?;
    }
    if let Some(offset) = space::unusable_offset(group, name) {
        // The space, and new images, are written before LVM2 looks where data would begin, and a stripe size with them.
        set(group, name, |segment| {
            segment.segment_type.clone_from(&from.word);
            if !is_other_count {
                segment.numbers.insert("stripe_size", size);
            }
        });
        let lines = [
            format!("LV {path} invalid: data_offset (is {offset}) for {to} segment"),
            format!("Internal error: LV segments corrupted in {name}."),
            failed(),
        ];
        let mut left = group.clone();
        if has_space {
            let is_new = |one: &LogicalVolume| before.logical_volume(&one.name).is_none();
            left.logical_volumes.retain(is_new);
            for one in &mut left.logical_volumes {
                one.status.insert("VISIBLE".to_string());
            }
            left.logical_volumes.splice(..0, before.logical_volumes);
        }
        return Err(Refusal {
            left: Some(Box::new(left)),
            ..Refusal::lines(lines)
        }
        .into());
    }
    if wanted > from.stripes {
        space::to_front(group, name);
    } else if wanted < from.stripes {
        mark_for_removal(group, name, wanted + images.len() as u64 - from.stripes);
    }
    rebuilt(group, name);
    set(group, name, |segment| {
        segment.segment_type = format!("{to}+RESHAPE+RESHAPE_DATA_OFFSET");
        segment.numbers.insert("stripe_size", size);
        if let Some(regions) = regions {
            segment.numbers.insert("region_size", regions);
        }
        if has_space && from.parity == Parity::Copies {
            let copies = if wanted > from.stripes { 1 } else { 2 };
            segment.numbers.insert("data_copies", copies);
        }
    });
    Ok(())
}

/// No image is one that has yet to be filled.
fn rebuilt(group: &mut VolumeGroup, name: &str) {
    let images = group.logical_volume(name).map(image_names);
    for image in images.unwrap_or_default() {
        if let Some(image) = volume_mut(group, &image) {
            image.status.remove("REBUILD");
        }
    }
}

/// Neither an image nor its metadata is one that has yet to be filled.
pub(crate) fn all_rebuilt(group: &mut VolumeGroup, name: &str) {
    for part in with_parts(group, name) {
        if let Some(part) = volume_mut(group, &part) {
            part.status.remove("REBUILD");
        }
    }
}

/// What LVM2 says where images would change under a snapshot.
pub(crate) fn under_snapshot(path: &str) -> String {
    format!("Can't convert RAID LV {path} while under snapshot.")
}

fn set(group: &mut VolumeGroup, name: &str, change: impl FnOnce(&mut LvSegment)) {
    let volume = volume_mut(group, name);
    if let Some(segment) = volume.and_then(|volume| volume.segments.last_mut()) {
        change(segment);
    }
}

/// Reshape space for all images. Where there is no room for it LVM2 goes on without it, unless there are new
/// images: for these it tries twice, and leaves them behind.
fn give_space(
    group: &mut VolumeGroup,
    context: &Context,
    failed: Option<String>,
) -> Result<(), SimulationError> {
    let left = group.clone();
    let last = group
        .logical_volume(context.name)
        .and_then(|volume| volume.segments.last());
    let is_paired = last.is_some_and(|segment| segment.base_type().starts_with("raid10"));
    let space = space::provide(group, context.name, context.settings, &context.allowed);
    match (space, failed) {
        (Err(SimulationError::Refused(_)), Some(_)) if is_paired => Err(
            SimulationError::unsupported("new images of a raid10 without reshape space"),
        ),
        (Err(SimulationError::Refused(mut refusal)), Some(failed)) => {
            let again = refusal.messages.clone();
            refusal.messages.extend(again);
            refusal.messages.push(failed);
            refusal.left = Some(Box::new(left));
            Err(refusal.into())
        }
        (Err(SimulationError::Refused(_)), None) => {
            *group = left;
            Ok(())
        }
        (other, _) => other,
    }
}
