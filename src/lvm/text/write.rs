//! A volume group as LVM2's text metadata, as it lies on disks: without comments.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::lvm::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup, disk_sectors,
};

/// Words that LVM2 keeps apart from `status`: an older LVM2 that does not know one leaves the volume alone.
const FLAGS: [&str; 5] = [
    "ACTIVATION_SKIP",
    "CACHE_VOL",
    "LV_NOSCAN",
    "MISSING",
    "NOAUTOACTIVATE",
];

/// The metadata of a volume group: [`read`](crate::lvm::read) makes the same group of it, which has an id wherever this one
/// has none. Such ids are made of the names, so that the same group gives the same text.
///
/// What a [`VolumeGroup`] does not hold, such as who made a volume and when, is left out.
#[must_use]
pub fn write(group: &VolumeGroup) -> String {
    let mut text = String::with_capacity(1024 + 512 * group.logical_volumes.len());
    put(
        &mut text,
        format_args!(
            "contents = \"Text Format Volume Group\"\nversion = 1\n\n{} {{\n",
            key(&group.name)
        ),
    );
    id(&mut text, &group.id, &[&group.name]);
    put(
        &mut text,
        format_args!("seqno = {}\nformat = \"lvm2\"\n", group.seqno),
    );
    words(&mut text, &group.status);
    tags(&mut text, &group.tags);
    if !group.system_id.is_empty() {
        put(
            &mut text,
            format_args!("system_id = {}\n", quoted(&group.system_id)),
        );
    }
    put(
        &mut text,
        format_args!(
            "extent_size = {}\nmax_lv = {}\nmax_pv = {}\n",
            group.extent_size_sectors, group.max_volumes, group.max_disks
        ),
    );
    policy(&mut text, group.policy, AllocationPolicy::Normal);
    text.push_str("metadata_copies = 0\n\nphysical_volumes {\n");
    for disk in &group.physical_volumes {
        physical_volume(&mut text, group, disk);
    }
    text.push_str("}\n");
    if !group.logical_volumes.is_empty() {
        text.push_str("\nlogical_volumes {\n");
        for volume in &group.logical_volumes {
            logical_volume(&mut text, group, volume);
        }
        text.push_str("}\n");
    }
    if !group.historical_volumes.is_empty() {
        text.push_str("\nhistorical_logical_volumes {\n");
        for name in &group.historical_volumes {
            put(&mut text, format_args!("\n{} {{\n", key(name)));
            id(&mut text, "", &[&group.name, name]);
            text.push_str("}\n");
        }
        text.push_str("}\n");
    }
    text.push_str("}\n");
    text
}

fn physical_volume(text: &mut String, group: &VolumeGroup, disk: &PhysicalVolume) {
    put(text, format_args!("\n{} {{\n", key(&disk.key)));
    id(text, &disk.id, &[&group.name, &disk.key]);
    put(text, format_args!("device = {}\n", quoted(&disk.device)));
    let status = if disk.allocatable {
        "\"ALLOCATABLE\""
    } else {
        ""
    };
    let flags = if disk.missing { "\"MISSING\"" } else { "" };
    put(
        text,
        format_args!("status = [{status}]\nflags = [{flags}]\n"),
    );
    tags(text, &disk.tags);
    let sectors = disk_sectors(disk.extents, group.extent_bytes());
    put(
        text,
        format_args!(
            "dev_size = {sectors}\npe_start = {}\npe_count = {}\n}}\n",
            disk_sectors(0, group.extent_bytes()),
            disk.extents
        ),
    );
}

fn logical_volume(text: &mut String, group: &VolumeGroup, volume: &LogicalVolume) {
    put(text, format_args!("\n{} {{\n", key(&volume.name)));
    id(text, &volume.id, &[&group.name, "", &volume.name]);
    words(text, &volume.status);
    tags(text, &volume.tags);
    policy(text, volume.policy, AllocationPolicy::Inherit);
    put(
        text,
        format_args!("segment_count = {}\n", volume.segments.len()),
    );
    for (index, one) in volume.segments.iter().enumerate() {
        segment(text, group, index, one);
    }
    text.push_str("}\n");
}

fn segment(text: &mut String, group: &VolumeGroup, index: usize, segment: &LvSegment) {
    put(
        text,
        format_args!(
            "\nsegment{} {{\nstart_extent = {}\nextent_count = {}\ntype = {}\n",
            index + 1,
            segment.start_extent,
            segment.extent_count,
            quoted(&segment.segment_type)
        ),
    );
    for (name, number) in &segment.numbers {
        put(text, format_args!("{} = {number}\n", key(name)));
    }
    for (name, string) in &segment.strings {
        put(text, format_args!("{} = {}\n", key(name), quoted(string)));
    }
    // Of images the whole volume is a part, and no list says where it begins.
    let (list, are_images) = match segment.base_type() {
        "mirror" => ("mirrors", false),
        "raid0" => ("raid0_lvs", true),
        raid if raid.starts_with("raid") => ("raids", true),
        _ => ("stripes", false),
    };
    if !segment.parts.is_empty() {
        put(text, format_args!("\n{list} = [\n"));
        for (at, part) in segment.parts.iter().enumerate() {
            let end = if at + 1 < segment.parts.len() {
                ",\n"
            } else {
                "\n]\n"
            };
            match part {
                Part::Physical { volume, start } => {
                    let disk = quoted(&group.physical_volumes[*volume].key);
                    put(text, format_args!("{disk}, {start}{end}"));
                }
                Part::Logical { volume, .. } if are_images => {
                    put(text, format_args!("{}{end}", quoted(volume)));
                }
                Part::Logical { volume, start } => {
                    put(text, format_args!("{}, {start}{end}", quoted(volume)));
                }
            }
        }
    }
    text.push_str("}\n");
}

fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("strings take everything");
}

/// The words of `status`, and those that LVM2 keeps apart from them.
fn words(text: &mut String, all: &BTreeSet<String>) {
    let is_flag = |word: &&String| FLAGS.contains(&word.as_str());
    let status = list(all.iter().filter(|word| !is_flag(word)));
    let flags = list(all.iter().filter(is_flag));
    put(text, format_args!("status = {status}\nflags = {flags}\n"));
}

fn tags(text: &mut String, tags: &BTreeSet<String>) {
    if !tags.is_empty() {
        put(text, format_args!("tags = {}\n", list(tags.iter())));
    }
}

fn policy(text: &mut String, policy: AllocationPolicy, default: AllocationPolicy) {
    if policy != default {
        put(
            text,
            format_args!("allocation_policy = \"{}\"\n", policy.name()),
        );
    }
}

fn list<'w>(words: impl Iterator<Item = &'w String>) -> String {
    let words: Vec<String> = words.map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

fn quoted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown.push('"');
    shown
}

/// The name of a section or a value: in quotes where it is no plain word.
fn key(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_.+-/".contains(letter);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_string()
    } else {
        quoted(name)
    }
}

/// The id, or one that is made of the names.
fn id(text: &mut String, id: &str, names: &[&str]) {
    if !id.is_empty() {
        return put(text, format_args!("id = {}\n", quoted(id)));
    }
    const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    /// Letters between the dashes, as LVM2 shows its ids.
    const GROUPS: [usize; 7] = [6, 4, 4, 4, 4, 4, 6];
    // FNV-1a, which is the same on every machine and in every release; steps of SplitMix64 make letters of it.
    let bytes = names.iter().flat_map(|name| name.bytes().chain([0]));
    let mut state = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    text.push_str("id = \"");
    for (index, length) in GROUPS.into_iter().enumerate() {
        if index > 0 {
            text.push('-');
        }
        for _ in 0..length {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let letter = (mixed ^ (mixed >> 27)) % LETTERS.len() as u64;
            text.push(char::from(
                LETTERS[usize::try_from(letter).expect("below 62")],
            ));
        }
    }
    text.push_str("\"\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm;

    #[test]
    fn what_is_written_is_the_same_group_again() {
        let folder = std::fs::read_dir("models/lvm2").expect("the folder is there");
        let mut count = 0;
        for entry in folder {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|ending| ending != "vg") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let group = lvm::read(&text).expect("metadata");
            let written = write(&group);
            let again = lvm::read(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again, group, "{}", path.display());
            count += 1;
        }
        assert!(count > 20, "{count} groups");
    }

    #[test]
    fn ids_are_made_where_there_are_none_and_are_the_same_every_time() {
        let text = std::fs::read_to_string("models/lvm2/raid1.vg").expect("text");
        let mut group = lvm::read(&text).expect("metadata");
        group.id.clear();
        for volume in &mut group.logical_volumes {
            volume.id.clear();
        }
        let written = write(&group);
        assert_eq!(written, write(&group));
        let again = lvm::read(&written).expect("metadata");
        let mut ids: Vec<&String> = again.logical_volumes.iter().map(|one| &one.id).collect();
        ids.push(&again.id);
        assert!(ids.iter().all(|id| id.len() == 38), "{ids:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), group.logical_volumes.len() + 1);
    }
}
