//! What a conversion does to the volumes that users know: which it makes and takes, and what is lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Areas, counted};
use crate::lvm::command::paths::plain;
use crate::lvm::owners::seen_by_users;
use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::images::reshape::space;
use crate::lvm::simulate::images::reshape::stripes::is_marked;
use crate::lvm::{
    Effect, Interlude, Layers, LogicalVolume, Part, Program, State, TypedStep, VolumeGroup,
};

/// The command as what is done in a script, with what it loses.
#[must_use]
pub fn conversion_done(before: &VolumeGroup, after: &VolumeGroup, typed: &TypedStep) -> Interlude {
    let path = |name: &String| format!("{}/{name}", before.name);
    let (had, has) = (seen(before), seen(after));
    let free = before.free();
    let is_new = |name: &&String| stands_on_what_was_free(after, name, &free);
    let made: Vec<String> = has.difference(&had).filter(is_new).map(path).collect();
    let gone: Vec<String> = had.difference(&has).map(path).collect();
    let converted = typed.given.arguments.first();
    let converted = converted.filter(|_| typed.program == Program::LvConvert);
    let converted = converted.map(|name| plain(name));
    Interlude {
        line: typed.unattended_line(),
        loses: loses(before, after, typed, &gone),
        effect: Effect::Converts {
            volume: converted.as_ref().map(path),
            made,
            gone,
        },
    }
}

/// Whether all extents that go with the volume if it is removed were free before: what is removed then holds nothing of the
/// user's.
fn stands_on_what_was_free(group: &VolumeGroup, name: &str, free: &[Areas]) -> bool {
    let mut open = vec![name.to_string()];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let volume = group.logical_volume(&name);
        for segment in volume.into_iter().flat_map(|volume| &volume.segments) {
            if segment
                .physical()
                .any(|(disk, area)| !free[disk].contains(area))
            {
                return false;
            }
            for part in &segment.parts {
                if let Part::Logical { volume, .. } = part {
                    open.push(volume.clone());
                }
            }
            // Thin volumes leave their pool and what they were made from; a snapshot its origin.
            if !matches!(segment.base_type(), "thin" | "snapshot") {
                open.extend(segment.strings.iter().map(|(_, word)| word.clone()));
            }
        }
    }
    true
}

/// The names that users see.
fn seen(group: &VolumeGroup) -> std::collections::BTreeSet<String> {
    let pairs = group.logical_volumes.iter().zip(seen_by_users(group));
    let seen = pairs.filter(|(_, is_seen)| *is_seen);
    seen.map(|(volume, _)| volume.name.clone()).collect()
}

/// What is lost, and what can be lost more easily from then on, as a sentence.
pub(crate) fn loses(
    before: &VolumeGroup,
    after: &VolumeGroup,
    typed: &TypedStep,
    gone: &[String],
) -> Option<String> {
    let lost = lost(before, after, typed, gone).into_iter();
    let all: Vec<String> = lost.chain(weaker(before, after, typed)).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// What is lost, as a sentence.
fn lost(
    before: &VolumeGroup,
    after: &VolumeGroup,
    typed: &TypedStep,
    gone: &[String],
) -> Option<String> {
    let given = &typed.given;
    let path = |name: &str| format!("{}/{}", before.name, plain(name));
    let name = given
        .arguments
        .first()
        .map_or(String::new(), |name| path(name));
    let kind_of = |path: &str| {
        let volume = before.logical_volume(path.rsplit('/').next()?)?;
        Some(volume.segments.first()?.base_type().to_string())
    };
    let becomes = given.get("type").unwrap_or_default();
    let mut emptied: Vec<String> = Vec::new();
    let is_pool = |path: &str, word: &str| kind_of(path).is_some_and(|kind| kind == word);
    if typed.program == Program::LvConvert && matches!(becomes, "thin-pool" | "cache-pool") {
        emptied.push(name.clone());
    }
    for (option, word) in [("thinpool", "thin-pool"), ("cachepool", "cache-pool")] {
        if let Some(pool) = given.get(option).map(path)
            && kind_of(&pool).is_some()
            && !is_pool(&pool, word)
        {
            emptied.push(pool);
        }
    }
    for option in ["poolmetadata", "cachevol"] {
        emptied.extend(given.get(option).map(path));
    }
    if becomes == "snapshot" || typed.program == Program::LvConvert && given.has("snapshot") {
        emptied.extend(given.arguments.get(1).map(|name| path(name)));
    }
    if given.has("swapmetadata") || is_pool(&name, "thin-pool") && given.has("poolmetadata") {
        return Some(format!(
            "what {name} holds is read by other metadata from then on"
        ));
    }
    emptied.dedup();
    if !emptied.is_empty() {
        let holds = if emptied.len() == 1 { "holds" } else { "hold" };
        return Some(format!(
            "all that {} {holds} is lost",
            emptied.join(" and ")
        ));
    }
    if given.has("mergemirrors") {
        return Some(format!(
            "what was written to {name} since it was split off is lost"
        ));
    }
    if ["merge", "mergesnapshot", "mergethin"]
        .iter()
        .any(|option| given.has(option))
    {
        return Some(format!(
            "the origin of {name} goes back to what it was when that was made; what was written since is lost"
        ));
    }
    if given.has("splitsnapshot") {
        return Some(format!(
            "{name} is a snapshot no longer, and holds nothing that can be read"
        ));
    }
    let shorter = after.logical_volumes.iter().find_map(|volume| {
        let data = data_after_reshape(after, volume)?;
        let path = path(&volume.name);
        Some(format!(
            "what {path} holds behind its first {} is lost",
            counted(data, "extent")
        ))
    });
    if shorter.is_some() && typed.program == Program::LvConvert {
        return shorter;
    }
    (typed.program == Program::LvConvert && !gone.is_empty() && given.has("uncache"))
        .then(|| format!("the cache of {name} is removed once all of it is written back"))
}

/// The volumes that survive fewer failures from then on, a sentence each.
fn weaker(before: &VolumeGroup, after: &VolumeGroup, typed: &TypedStep) -> Vec<String> {
    let (had_lost, has_lost) = (lost_with_one(before), lost_with_one(after));
    let weaker = before.logical_volumes.iter().filter_map(|volume| {
        let now = after.logical_volume(&volume.name)?;
        let path = format!("{}/{}", before.name, volume.name);
        if let (None, Some(disks)) = (had_lost.get(&volume.name), has_lost.get(&volume.name)) {
            let disks = disks.join(" or ");
            return Some(format!(
                "{path} is lost with {disks} from then on, and survived the loss of any one disk"
            ));
        }
        let had = safe_by(before, volume, false);
        let has = safe_by(
            after,
            now,
            typed.given.get("cachemode") == Some("writeback"),
        );
        (has < had && volume.is_visible()).then(|| {
            let images = counted(has as u64, "image");
            format!(
                "{path} has {images} beside its data where it had {had}: it survives fewer failures"
            )
        })
    });
    weaker.collect()
}

/// The volumes that users know and that the loss of one disk more takes, with the disks that do.
fn lost_with_one(group: &VolumeGroup) -> BTreeMap<String, Vec<String>> {
    let layers = Layers::new(group);
    let is_missing = |disk: usize| group.physical_volumes[disk].missing;
    let states = layers.without(is_missing);
    let mut lost: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (disk, volume) in group.physical_volumes.iter().enumerate() {
        let after = layers.also_without(&states, is_missing, &BTreeSet::from([disk]));
        let hit = after.changed().filter(|(_, state)| *state == State::Lost);
        for &shown in hit.flat_map(|(volume, _)| layers.shown(volume)) {
            let name = group.logical_volumes[shown].name.clone();
            lost.entry(name).or_default().push(volume.device.clone());
        }
    }
    lost
}

/// The extents that a volume keeps where images go after a reshape.
fn data_after_reshape(group: &VolumeGroup, volume: &LogicalVolume) -> Option<u64> {
    let names = space::image_names(volume);
    let stay = names
        .iter()
        .filter(|image| !is_marked(group, image))
        .count();
    if stay == names.len() {
        return None;
    }
    let stripes = volume.segments.last().map_or(1, image_multiple);
    let kept = stripes.saturating_sub((names.len() - stay) as u64);
    let data = space::shown_extents(volume);
    Some(data / stripes * kept)
}

/// How many images more than its data needs a volume has, down through its layers; `writes_back` is whether a cache
/// may hold what its origin does not.
fn safe_by(group: &VolumeGroup, volume: &LogicalVolume, writes_back: bool) -> usize {
    let Some(last) = volume.segments.last() else {
        return 0;
    };
    let below = |key: &str| {
        let name = last.strings.get(key);
        let volume = name.and_then(|name| group.logical_volume(name));
        volume.map_or(0, |volume| safe_by(group, volume, writes_back))
    };
    let count = images(last).len();
    match last.base_type() {
        "mirror" | "raid1" => count.saturating_sub(1),
        "raid10" | "raid10_near" => count / 2,
        kind if kind.starts_with("raid4") || kind.starts_with("raid5") => 1,
        kind if kind.starts_with("raid6") => 2,
        "cache" if writes_back => below("origin").min(below("cache_pool")),
        "cache" => below("origin"),
        "writecache" => below("origin").min(below("writecache")),
        "cache-pool" => below("data").min(below("metadata")),
        "thin-pool" => below("pool").min(below("metadata")),
        _ => 0,
    }
}
