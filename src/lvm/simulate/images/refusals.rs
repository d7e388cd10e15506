//! What LVM2 refuses about images, and what it says a volume could become instead.

use crate::lvm::limits::{MOST_STRIPES, most_copies};
use crate::lvm::simulate::images::context::{Context, wanted_images};
use crate::lvm::simulate::images::levels::alias;
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::roles::{Role, Roles, has_integrity};
use crate::lvm::simulate::rules::{Property, not_permitted};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LogicalVolume, SegmentType, VolumeGroup};

/// The counts that LVM2 has room for.
pub(crate) fn check_limits(
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

/// Stripes, their size or regions without another type or other images: only what has them takes that.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_stripes_alone(
    conversion: &Conversion,
    word: &str,
    type_word: &str,
    (path, has_checksums): (&str, bool),
) -> Result<(), Refusal> {
    let has = |option| conversion.given.has(option);
    let stripes = has("stripes") || has("stripesize");
    let is_more = has("type") || has("mirrors") || conversion.log.is_some();
    if is_more || !stripes && !has("regionsize") {
        return Ok(());
    }
    let why = match word {
        "raid0" | "raid0_meta" => Some(("with invalid", "striped")),
        "raid1" if stripes => Some(("with invalid", type_word)),
        _ if type_word == "raid" => None,
        _ => Some(("does not accept", type_word)),
    };
    let why = why.map(|(why, word)| format!("Command on LV {path} {why} LV type {word}."));
    let properties = (has_checksums && stripes).then(|| {
        let word = Property::Integrity.word();
        format!("Command on LV {path} is invalid on LV with properties: {word} .")
    });
    not_permitted(path, properties.into_iter().chain(why).collect())
}

/// What has checksums is converted to no other type, nor are other options taken with one.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_checksums(
    conversion: &Conversion,
    from: SegmentType,
    to: Option<SegmentType>,
    path: &str,
) -> Result<(), Refusal> {
    let options = ["stripes", "stripesize", "regionsize", "interval"];
    if to.is_some_and(SegmentType::is_raid)
        && options.iter().any(|option| conversion.given.has(option))
    {
        let options = options.map(|option| format!("--{option}")).join(" ");
        let line = format!("Command on LV {path} has invalid use of option {options} .");
        return not_permitted(path, vec![line]);
    }
    let stays = match to {
        None | Some(SegmentType::Linear) => true,
        Some(to) => to == SegmentType::Raid1 && conversion.mirrors.is_some(),
    };
    // That a mirror needs to know how many copies is said before.
    let lacks_mirrors = to == Some(SegmentType::Mirror) && conversion.mirrors.is_none();
    let is_mirrored = from == SegmentType::Raid1;
    match is_mirrored && stays || !is_mirrored && lacks_mirrors {
        true => Ok(()),
        false => Err(Refusal::new(
            "This conversion is not supported for raid with integrity.",
        )),
    }
}

/// That images of a volume, which a command that failed took out, are volumes of their own is not covered.
///
/// # Errors
/// That.
pub(crate) fn check_left_over(group: &VolumeGroup, name: &str) -> Result<(), SimulationError> {
    let is_left_over = |volume: &LogicalVolume| {
        volume.name.starts_with(name) && volume.name.ends_with("_extracted")
    };
    match group.logical_volumes.iter().any(is_left_over) {
        true => Err(SimulationError::unsupported(
            "a volume that an earlier conversion left behind",
        )),
        false => Ok(()),
    }
}

/// More or fewer images of a RAID1 volume, or none of both.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn check_raid1_change(
    group: &VolumeGroup,
    context: &Context,
    roles: &Roles,
    count: u64,
    wanted: u64,
) -> Result<(), SimulationError> {
    let (name, conversion) = (context.name, context.conversion);
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    let has_checksums = has_integrity(group, volume);
    let refused = |line: &str| Err(Refusal::new(line).into());
    let is_plain = conversion.mirrors.is_none() && conversion.region_sectors.is_none();
    if conversion.kind.is_some() && is_plain {
        if roles.is(name, Role::Origin) {
            return refused(&format!(
                "Can't convert RAID LV {}/{name} while under snapshot.",
                group.name
            ));
        }
        return Err(already_raid1(group, name, count).into());
    }
    if has_checksums && wanted == 1 && count > 1 {
        return refused("Integrity must be removed before converting raid to linear.");
    }
    if wanted > count && volume.status.contains("NOTSYNCED") {
        return refused("Can't add image to out-of-sync RAID LV: use 'lvchange --resync' first.");
    }
    Ok(())
}

/// More or fewer images of a mirror.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn check_mirror_change(
    group: &VolumeGroup,
    context: &Context,
    roles: &Roles,
    (count, wanted): (u64, u64),
    region: Option<u64>,
    is_active: bool,
) -> Result<(), SimulationError> {
    let (name, conversion) = (context.name, context.conversion);
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    if wanted < count && !is_active && !conversion.volumes.is_empty() {
        let what = "which images of a mirror are in step while it is inactive";
        return Err(SimulationError::unsupported(what));
    }
    if wanted <= count {
        return Ok(());
    }
    let refused = |line: &str| Err(Refusal::new(line).into());
    if roles.is(name, Role::Origin) {
        return refused(&format!(
            "Can't add additional mirror images to mirror {}/{name} which is under snapshots.",
            group.name
        ));
    }
    if conversion
        .region_sectors
        .is_some_and(|given| Some(given) != region)
    {
        return Err(SimulationError::unsupported("other regions for a mirror"));
    }
    if volume.status.contains("NOTSYNCED") {
        return refused(
            "Can't add mirror to out-of-sync mirrored LV: use lvchange --resync first.",
        );
    }
    Ok(())
}

/// That a volume can become RAID1 and nothing else.
pub(crate) fn only_to_raid1(line: String, path: &str, from: &str) -> Refusal {
    Refusal::new(line)
        .and(format!(
            "Converting {path} from {from} is directly possible to the following layout:"
        ))
        .and("raid1")
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

/// A linear volume gets a second image first, whatever else it shall become.
pub(crate) fn instead_of(
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
