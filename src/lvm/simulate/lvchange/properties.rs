//! How volumes behave: permissions, tags, policies, and what pools, caches and RAID have of their own.

use crate::lvm::simulate::activity::{ACTIVATION_SKIP, Activity};
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::cache::{check_settings, check_write_settings};
use crate::lvm::simulate::change::change_policy;
use crate::lvm::simulate::device_number::FIXED_MINOR;
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::refusal::partly;
use crate::lvm::simulate::roles::{Role, Roles, image_on};
use crate::lvm::simulate::rules::{Property, is_hidden_refusal, not_permitted};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, VolumeGroup};

/// Sectors in a kibibyte, the unit of rates.
const KIBIBYTE_SECTORS: u64 = 2;

/// Options that change a property, with the types that they need, if they need one; in the order in which they are
/// looked at.
const PROPERTIES: [(&str, &[&str]); 21] = [
    ("alloc", &[]),
    ("contiguous", &[]),
    ("permission", &[]),
    ("readahead", &[]),
    ("persistent", &[]),
    ("addtag", &[]),
    ("deltag", &[]),
    ("setactivationskip", &[]),
    ("setautoactivation", &[]),
    ("detachprofile", &[]),
    ("profile", &[]),
    ("minrecoveryrate", &["raid"]),
    ("maxrecoveryrate", &["raid"]),
    ("writemostly", &["raid1"]),
    ("writebehind", &["raid1"]),
    ("cachemode", &["cache", "cachepool", "writecache"]),
    ("cachepolicy", &["cache", "cachepool", "writecache"]),
    ("cachesettings", &["cache", "cachepool", "writecache"]),
    ("discards", &["thinpool"]),
    ("zero", &["thinpool"]),
    ("errorwhenfull", &["thinpool"]),
];

/// Options that are looked at together, once for each of them that is given.
const FAMILIES: [&[&str]; 4] = [
    &["minrecoveryrate", "maxrecoveryrate"],
    &["writemostly", "writebehind"],
    &["cachemode", "cachepolicy", "cachesettings"],
    &["discards", "zero"],
];

/// Options that are looked at when all others were taken.
const LATE: [&str; 5] = [
    "cachemode",
    "cachepolicy",
    "cachesettings",
    "discards",
    "zero",
];

pub(crate) fn is_property(option: &str) -> bool {
    PROPERTIES.iter().any(|(name, _)| *name == option)
}

/// Changes what is said of a volume: all that can be changed, also where something else cannot.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn change_properties(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    for is_late in [false, true] {
        let mut lines = Vec::new();
        let options = PROPERTIES.iter().map(|(option, _)| *option);
        for option in options.filter(|option| given.has(option) && LATE.contains(option) == is_late)
        {
            let family = FAMILIES.iter().find(|family| family.contains(&option));
            for option in family.copied().unwrap_or(&[option]) {
                for value in given.all(option) {
                    let changed = change_property(
                        &after,
                        (option, value),
                        &volume.name,
                        given,
                        roles,
                        activity,
                    );
                    match changed {
                        Ok(changed) => after = changed,
                        Err(SimulationError::Refused(refusal)) => lines.extend(refusal.messages),
                        Err(other @ SimulationError::Unsupported { .. }) => return Err(other),
                    }
                }
            }
        }
        if !lines.is_empty() {
            return partly(group, after, lines);
        }
    }
    Ok(after)
}

/// Refuses options that do not fit the type of a volume, or any of a hidden one.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_properties(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    check_rules(group, given, volume, roles)?;
    let is_pool_data = roles.is(&volume.name, Role::ThinPoolData);
    if roles.is_hidden(volume) && !is_pool_data {
        return Err(is_hidden_refusal(group, &volume.name));
    }
    Ok(())
}

/// What the rules of the options say.
fn check_rules(
    group: &VolumeGroup,
    given: &Given,
    volume: &LogicalVolume,
    roles: &Roles,
) -> Result<(), Refusal> {
    let path = format!("{}/{}", group.name, volume.name);
    let has = |property: &&Property| property.holds(group, roles, volume);
    let words = |properties: &[Property]| {
        let words: Vec<&str> = properties
            .iter()
            .filter(has)
            .map(|one| one.word())
            .collect();
        words.join(" ")
    };
    let mut lines = Vec::new();
    let never = words(&[Property::MirrorImage, Property::MirrorLog]);
    if !never.is_empty() {
        lines.push(format!(
            "Command on LV {path} is invalid on LV with properties: {never} ."
        ));
    }
    let any = |names: &[&str]| names.iter().any(|name| given.has(name));
    let invalid = |words: String| {
        format!("Command on LV {path} uses options that are invalid with LV properties: {words} .")
    };
    if any(&[
        "alloc",
        "contiguous",
        "readahead",
        "persistent",
        "profile",
        "detachprofile",
    ]) {
        let words = words(&[Property::ThickOrigin]);
        if !words.is_empty() && any(&["alloc", "contiguous", "readahead", "persistent"]) {
            lines.push(invalid(words));
        }
    }
    let partial = words(&[Property::Partial]);
    if !partial.is_empty() && given.has("alloc") {
        lines.push(invalid(partial));
    }
    let word = roles.type_word(volume);
    if any(&["permission"]) {
        let words = words(&[
            Property::ExternalOrigin,
            Property::RaidMetadata,
            Property::RaidImage,
        ]);
        if !words.is_empty() {
            lines.push(invalid(words));
        }
        if word == "thinpool" {
            lines.push(format!(
                "Command on LV {path} uses options invalid with LV type {word}."
            ));
        }
    }
    let is_raid1 = volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "raid1");
    let mut said: Vec<&[&str]> = Vec::new();
    for (option, needs) in PROPERTIES {
        let fits = needs.is_empty() || needs.contains(&word) || (needs == ["raid1"] && is_raid1);
        if given.has(option) && !fits && !said.contains(&needs) {
            lines.push(format!(
                "Command on LV {path} uses options that require LV types {} .",
                needs.join(" ")
            ));
            said.push(needs);
        }
    }
    not_permitted(&path, lines)
}

fn change_property(
    group: &VolumeGroup,
    (option, value): (&str, &str),
    name: &str,
    given: &Given,
    roles: &Roles,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let path = format!("{}/{name}", group.name);
    let refused = |text: String| Err(Refusal::new(text).into());
    let mut after = group.clone();
    let Some(volume) = volume_mut(&mut after, name) else {
        return Ok(after);
    };
    match option {
        "alloc" => {
            let policy = AllocationPolicy::from_name(value);
            let policy =
                policy.ok_or_else(|| SimulationError::unsupported(format!("--alloc {value}")))?;
            return change_policy(group, name, Some(policy));
        }
        "contiguous" => {
            let policy = if value == "y" {
                AllocationPolicy::Contiguous
            } else {
                AllocationPolicy::Inherit
            };
            return change_policy(group, name, Some(policy));
        }
        "readahead" if value == "auto" => {
            return refused(format!("Read ahead is already auto for {path}."));
        }
        "permission" => {
            let writable = volume.status.contains("WRITE");
            match (value, writable) {
                ("r", true) => {
                    volume.status.remove("WRITE");
                }
                ("r", false) => {
                    return refused(format!("Logical volume \"{path}\" is already read only."));
                }
                (_, true) => return refused(format!("Logical volume {path} is already writable.")),
                (_, false) => {
                    volume.status.insert("WRITE".to_string());
                }
            }
        }
        "persistent" if !volume.status.remove(FIXED_MINOR) => {
            return refused(format!(
                "Minor number is already not persistent for {path}."
            ));
        }
        "addtag" => {
            volume
                .tags
                .insert(value.trim_start_matches('@').to_string());
        }
        "deltag" => {
            volume.tags.remove(value.trim_start_matches('@'));
        }
        "setactivationskip" => set(volume, ACTIVATION_SKIP, value == "y"),
        "setautoactivation" => set(volume, "NOAUTOACTIVATE", value == "n"),
        "errorwhenfull" => {
            let is_set = volume.status.contains("ERROR_WHEN_FULL");
            match (value, is_set) {
                ("y", true) => {
                    return refused(format!("Error when full is already set for {path}."));
                }
                ("n", false) => {
                    return refused(format!("Error when full is already unset for {path}."));
                }
                _ => set(volume, "ERROR_WHEN_FULL", value == "y"),
            }
        }
        "zero" => {
            let Some(pool) = volume.segments.first_mut() else {
                return Ok(after);
            };
            let is_zeroing = pool
                .numbers
                .get("zero_new_blocks")
                .is_some_and(|number| *number > 0);
            match (value, is_zeroing) {
                ("y", true) => {
                    return refused(format!("Logical volume {path} already zero new blocks."));
                }
                ("n", false) => {
                    return refused(format!("Logical volume {path} already zero new blocks."));
                }
                ("y", false) => {
                    pool.numbers.insert("zero_new_blocks", 1);
                }
                _ => {
                    pool.numbers.remove("zero_new_blocks");
                }
            }
        }
        "discards" => {
            let Some(pool) = volume.segments.first_mut() else {
                return Ok(after);
            };
            let now = pool
                .strings
                .get("discards")
                .map_or("passdown", String::as_str);
            if now == value {
                return refused(format!(
                    "Logical volume {path} already uses --discards {value}."
                ));
            }
            if (now == "ignore" || value == "ignore") && activity.is_active(name) {
                return refused(format!(
                    "Cannot change support for discards while pool volume {path} is active."
                ));
            }
            pool.strings.insert("discards", value.to_string());
        }
        "cachemode" | "cachepolicy" | "cachesettings" => match roles.type_word(volume) {
            "cache" if !activity.is_active(name) && option == "cachemode" => {
                // What is the same already is not written to the cache.
                return Err(SimulationError::unsupported(
                    "settings of a cache that is not active",
                ));
            }
            "writecache" if option == "cachesettings" => {
                check_write_settings(given)?;
            }
            _ if option == "cachesettings" => check_settings(given)?,
            _ => {}
        },
        "minrecoveryrate" | "maxrecoveryrate" => {
            let which = &option[..3];
            let key = if which == "min" {
                "min_recovery_rate"
            } else {
                "max_recovery_rate"
            };
            let raid0 = |segment: &&LvSegment| segment.base_type().starts_with("raid0");
            if let Some(segment) = volume.segments.iter().find(raid0) {
                return Err(Refusal::lines([
                    format!(
                        "LV {path} invalid: non-zero {which} recovery rate (is {value}) for {} segment",
                        segment.base_type()
                    ),
                    format!("Internal error: LV segments corrupted in {name}."),
                ])
                .into());
            }
            if let Some(segment) = volume.segments.first_mut() {
                let checked = check_rates(segment, given);
                // Of both it is said once.
                if checked.is_err() && which == "max" && given.has("minrecoveryrate") {
                    return Ok(group.clone());
                }
                checked?;
                segment.numbers.insert(key, rate(value).unwrap_or_default());
            }
        }
        "profile" => return Err(SimulationError::unsupported("--profile, which reads files")),
        "writebehind" if !activity.is_active(name) => return Err(not_in_sync(&path, option).into()),
        "writemostly" => return write_mostly(group, value, name, activity),
        _ => {}
    }
    Ok(after)
}

/// A rate of recovery, in KiB a second.
fn rate(text: &str) -> Option<u64> {
    read_sectors(text, KIBIBYTE_SECTORS)
        .ok()
        .map(|sectors| sectors / KIBIBYTE_SECTORS)
}

/// Refuses a least rate above the most, where there is one.
fn check_rates(segment: &LvSegment, given: &Given) -> Result<(), Refusal> {
    let rate = |option, key| {
        let asked = given.get(option).and_then(rate);
        asked
            .or_else(|| segment.numbers.get(key).copied())
            .unwrap_or(0)
    };
    let least = rate("minrecoveryrate", "min_recovery_rate");
    let most = rate("maxrecoveryrate", "max_recovery_rate");
    if most > 0 && least > most {
        let message = "Minimum recovery rate cannot be higher than maximum.";
        return Err(Refusal::new(message));
    }
    Ok(())
}

fn set(volume: &mut LogicalVolume, word: &str, is_set: bool) {
    if is_set {
        volume.status.insert(word.to_string());
    } else {
        volume.status.remove(word);
    }
}

fn not_in_sync(path: &str, option: &str) -> Refusal {
    Refusal::lines([
        format!("Unable to determine sync status of {path}."),
        format!("Unable to change {option} on {path} while it is not in-sync."),
    ])
}

/// `--writemostly PV`, with `:t`, `:y` or `:n` behind it.
fn write_mostly(
    group: &VolumeGroup,
    value: &str,
    name: &str,
    activity: &Activity,
) -> Result<VolumeGroup, SimulationError> {
    let path = format!("{}/{name}", group.name);
    if !activity.is_active(name) {
        return Err(not_in_sync(&path, "writemostly").into());
    }
    let (device, how) = match value.split_once(':') {
        Some((device, how)) => (device, how),
        None => (value, "y"),
    };
    if crate::lvm::find_volume(group, device).is_none() {
        return Err(Refusal::new(format!(
            "{device} not found in volume group, {}",
            group.name
        ))
        .into());
    }
    let mut after = group.clone();
    let Some(volume) = group.logical_volume(name) else {
        return Ok(after);
    };
    let image = image_on(group, volume, device).map(|image| image.name.clone());
    if let Some(image) = image
        && let Some(image) = volume_mut(&mut after, &image)
    {
        let is_set = image.status.contains("WRITEMOSTLY");
        set(image, "WRITEMOSTLY", how == "y" || (how == "t" && !is_set));
    }
    Ok(after)
}
