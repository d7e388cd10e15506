//! Volumes that get another RAID level: images stay where they are, parity and copies come or go.

mod build;
pub(crate) mod level;
pub(crate) mod ways;

use crate::lvm::simulate::images::context::Context;
use crate::lvm::simulate::images::levels::build::{rebuild, wanted_images as kept_count};
use crate::lvm::simulate::images::levels::level::{Level, Parity};
use crate::lvm::simulate::images::levels::ways::{Way, way};
use crate::lvm::simulate::images::reshape::stripes::is_marked;
use crate::lvm::simulate::images::reshape::{reshape, space, under_snapshot};
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LvSegment, VolumeGroup};

pub(crate) use crate::lvm::simulate::images::levels::ways::alias;

/// Gives a volume another level.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn change_level(
    group: &mut VolumeGroup,
    context: &Context,
    segment: &LvSegment,
    to: &str,
) -> Result<(), SimulationError> {
    let name = context.name;
    let path = format!("{}/{name}", group.name);
    let from = Level::of(segment).ok_or_else(|| SimulationError::unsupported("this level"))?;
    let given = &context.conversion.given;
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let word = segment.base_type();
    let refused = |text: String| Err(Refusal::new(text).into());
    let (target, mut lines) = match way(&from, to) {
        Way::Same if matches!(word, "striped" | "raid0" | "raid0_meta") => {
            let stripes = format!("--stripes not allowed when converting {word} LV {path}.");
            let is_one = given.get("stripes") == Some("1");
            let size = format!("-I/--stripesize not allowed when converting {word} LV {path}.");
            let lines = [
                format!("-R/--regionsize not allowed when converting {word} LV {path}."),
                format!("Logical volume {path} is already of requested type {word}."),
            ];
            let stripes = Some(stripes).filter(|_| !is_one);
            let size = Some(size).filter(|_| given.has("stripesize"));
            let lines = stripes.into_iter().chain(size).chain(lines);
            return Err(Refusal::lines(lines).into());
        }
        Way::TwoStripesFirst if !given.has("stripes") => {
            let line = format!("Converting {word} LV {path} to 2 stripes first.");
            if Roles::of(group).is(name, Role::Origin) {
                return Err(Refusal::lines([line, under_snapshot(&path)]).into());
            }
            if given.has("force") {
                // Of which one is for parity.
                let conversion = Conversion {
                    kind: None,
                    mirrors: None,
                    stripes: Some(1),
                    ..context.conversion.clone()
                };
                let context = Context {
                    conversion: &conversion,
                    allowed: context.allowed.clone(),
                    ..*context
                };
                return reshape(group, &context, segment, &from, word);
            }
            return Err(Refusal::lines([
                line,
                "Can't remove stripes without --force option.".to_string(),
                format!("Reshape request failed on LV {path}."),
            ])
            .into());
        }
        Way::TwoImagesFirst => {
            return Err(Refusal::lines([
                format!("Convert {word} LV {path} to 2 images first."),
                format!(
                    "Converting {path} from {word} is directly possible to the following layout:"
                ),
                "mirror".to_string(),
            ])
            .into());
        }
        Way::StripesFirst => {
            return Err(Refusal::lines([
                format!("Convert {word} LV {path} to raid4/raid5 first."),
                format!("Converting {path} from raid10 (same as raid10_near) is directly possible to the following layouts:"),
                "raid0".to_string(),
                "raid0_meta".to_string(),
                "striped".to_string(),
            ])
            .into());
        }
        Way::Same => return reshape(group, context, segment, &from, word),
        Way::Reshape => return reshape(group, context, segment, &from, to),
        Way::ReshapeInstead(interim) => {
            let lines = instead(to, interim);
            return reshape(group, context, segment, &from, interim)
                .map_err(|error| behind(lines, error));
        }
        Way::ThreeStripesFirst => {
            let line = format!("Converting {word} LV {path} to 4 stripes first.");
            let mut conversion = context.conversion.clone();
            conversion.stripes = Some(3);
            let context = Context {
                conversion: &conversion,
                allowed: context.allowed.clone(),
                ..*context
            };
            return reshape(group, &context, segment, &from, word)
                .map_err(|error| behind(vec![line], error));
        }
        Way::TwoStripesFirst | Way::Unknown => {
            return Err(SimulationError::unsupported(
                "another level for what has one stripe or is to have one, or to a mirror",
            ));
        }
        Way::Direct => (to.to_string(), Vec::new()),
        Way::Instead(interim) => (interim.to_string(), instead(to, interim)),
    };
    lines.extend(not_allowed(context, word, &target, &path));
    let with = |error: SimulationError| behind(lines.clone(), error);
    let roles = Roles::of(group);
    if roles.is(name, Role::Origin) {
        return Err(with(Refusal::new(under_snapshot(&path)).into()));
    }
    let goes = kept_count(&from, &target) < from.images && from.parity != Parity::None;
    if goes && !context.conversion.volumes.is_empty() {
        let fewer = from.images - kept_count(&from, &target);
        check_given(group, context, &from, fewer).map_err(with)?;
    }
    let is_restriped = context
        .conversion
        .stripes
        .is_some_and(|stripes| stripes != from.stripes);
    if is_restriped && !matches!(from.parity, Parity::None | Parity::Mirror) {
        return Err(SimulationError::unsupported(
            "another number of stripes with another level",
        ));
    }
    if roles.first(name).is_some() {
        return Err(SimulationError::unsupported(
            "another level for a volume that others stand on",
        ));
    }
    let size = context.extents.saturating_mul(group.extent_size_sectors);
    let has_regions = !matches!(target.as_str(), "striped" | "raid0" | "raid0_meta");
    if has_regions && context.region_sectors > size {
        return Err(with(
            Refusal::new(format!("Region size is too large for {target} LV {path}.")).into(),
        ));
    }
    let has_rates = ["min_recovery_rate", "max_recovery_rate"];
    let has_rates = has_rates
        .iter()
        .any(|key| segment.numbers.contains_key(key));
    if has_rates && target.starts_with("raid0") {
        return Err(SimulationError::unsupported(
            "rates of recovery where there is none",
        ));
    }
    let stays: Vec<bool> = space::image_names(volume)
        .iter()
        .map(|image| !is_marked(group, image))
        .collect();
    if stays.contains(&false) {
        let kept = stays.iter().filter(|stays| **stays).count() as u64;
        let stripes = kept + from.stripes - from.images;
        return Err(with(
            Refusal::lines([
                format!(
                    "Can't convert {word} LV {path} to {target} containing sub LVs to remove after a reshape."
                ),
                format!("Run \"lvconvert --stripes {stripes} {path}\" first."),
            ])
            .into(),
        ));
    }
    if target == word {
        return refused(format!(
            "Logical volume {path} is already of requested type {word}."
        ));
    }
    if !segment.is_reshape_space() {
        if segment.segment_type.contains('+') {
            return Err(SimulationError::unsupported(
                "another level after a reshape that had no room",
            ));
        }
        return rebuild(group, context, segment, &from, &target).map_err(with);
    }
    // What a reshape worked in is given back first.
    space::free(group, name);
    let freed = group.logical_volume(name);
    let (extents, segment) = freed.map_or((0, None), |volume| {
        (volume.extents(), volume.segments.last().cloned())
    });
    let context = Context {
        extents,
        allowed: context.allowed.clone(),
        ..*context
    };
    match segment {
        Some(segment) => rebuild(group, &context, &segment, &from, &target).map_err(with),
        None => Ok(()),
    }
}

/// Images go that lie on the physical volumes that are given. Where these are others than those that LVM2 would take
/// by itself it leaves devices behind that it cannot rename, which is not followed.
fn check_given(
    group: &VolumeGroup,
    context: &Context,
    from: &Level,
    fewer: u64,
) -> Result<(), SimulationError> {
    let Some(volume) = group.logical_volume(context.name) else {
        return Ok(());
    };
    let names = space::image_names(volume);
    let lies_there = |name: &String| {
        let image = group.logical_volume(name).into_iter();
        let mut pieces = image
            .flat_map(|image| &image.segments)
            .flat_map(LvSegment::physical);
        pieces.any(|(source, _)| context.allowed.iter().any(|entry| entry.volume == source))
    };
    let fewer = usize::try_from(fewer).unwrap_or(usize::MAX);
    let usual: Vec<&String> = match from.parity {
        Parity::First => names.iter().take(fewer).collect(),
        Parity::Copies => names.iter().skip(1).step_by(2).collect(),
        Parity::None
        | Parity::Mirror
        | Parity::Last
        | Parity::Rotating
        | Parity::LastTwo
        | Parity::RotatingAndLast
        | Parity::RotatingTwice => names.iter().rev().take(fewer).collect(),
    };
    if usual.into_iter().all(lies_there) {
        return Ok(());
    }
    if from.parity != Parity::Copies && !names.iter().any(lies_there) {
        let path = format!("{}/{}", group.name, context.name);
        return Err(Refusal::lines([
            "Unable to extract enough images to satisfy request.".to_string(),
            format!("Failed to extract images from {path}."),
        ])
        .into());
    }
    Err(SimulationError::unsupported(
        "images taken from given volumes",
    ))
}

/// What LVM2 says where another level has to come first.
fn instead(to: &str, interim: &str) -> Vec<String> {
    let alias = alias(to).map_or(String::new(), |alias| format!(" (same as {alias})"));
    vec![
        format!("Replaced LV type {to}{alias} with possible type {interim}."),
        format!("Repeat this command to convert to {to} after an interim conversion has finished."),
    ]
}

/// A refusal behind what was said before.
fn behind(lines: Vec<String>, error: SimulationError) -> SimulationError {
    match error {
        SimulationError::Refused(mut refusal) => {
            refusal.messages.splice(0..0, lines);
            refusal.into()
        }
        SimulationError::Unsupported { what } => SimulationError::unsupported(what),
    }
}

/// What LVM2 says of options that play no part.
pub(crate) fn not_allowed(context: &Context, from: &str, to: &str, path: &str) -> Vec<String> {
    let given = &context.conversion.given;
    let keeps_stripes = matches!(from, "striped" | "raid0" | "raid0_meta");
    let no_regions = matches!(to, "striped" | "raid0" | "raid0_meta");
    let never = keeps_stripes && no_regions;
    let of_mirror = from == "raid1";
    let mut lines = Vec::new();
    let behind = format!("not allowed for LV {path} when converting from {from} to {to}.");
    let is_one = given.get("stripes") == Some("1");
    if !is_one && (never || of_mirror || (given.has("stripes") && !keeps_stripes)) {
        lines.push(format!("--stripes {behind}"));
    }
    if never && given.has("stripesize") {
        lines.push(format!("-I/--stripesize {behind}"));
    }
    if never || (no_regions && given.has("regionsize")) {
        lines.push(format!("-R/--regionsize {behind}"));
    }
    if given.has("stripesize") && !keeps_stripes {
        lines.push(format!("-I/--stripesize {behind}"));
    }
    lines
}
