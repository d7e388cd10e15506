//! What LVM2 does not move, and why.

use crate::lvm::VolumeGroup;
use crate::lvm::moves::holders::{Holders, LegPart};

/// Per volume why it cannot be moved, if it cannot.
pub(crate) fn locks(group: &VolumeGroup, holders: &Holders) -> Vec<Option<String>> {
    let mut locks: Vec<Option<String>> = vec![None; group.logical_volumes.len()];
    let mut lock = |volume: usize, why: &str| {
        locks[volume].get_or_insert_with(|| why.to_string());
    };
    for (index, volume) in group.logical_volumes.iter().enumerate() {
        for segment in &volume.segments {
            let named = |key: &str| {
                let name = segment.strings.get(key);
                name.and_then(|name| holders.index(name))
            };
            match segment.base_type() {
                "integrity" => {
                    let array = holders.leg_of(index).map_or(index, |(array, _)| array);
                    let name = format!("{}/{}", group.name, group.logical_volumes[array].name);
                    let why = format!(
                        "LVM2 moves no RAID volume with integrity; take that off (lvconvert --raidintegrity n {name}), \
                         move, and add it again (lvconvert --raidintegrity y {name})"
                    );
                    let all = holders.all_below(array);
                    all.into_iter().for_each(|lower| lock(lower, &why));
                }
                "writecache" => {
                    let cache = named("writecache").into_iter();
                    let all = cache.flat_map(|cache| holders.all_below(cache));
                    let why = "LVM2 does not move the cache of a writecache";
                    all.for_each(|lower| lock(lower, why));
                }
                "snapshot" if segment.strings.contains_key("merging_store") => {
                    let origin = named("origin").into_iter().chain(named("merging_store"));
                    let all = origin.flat_map(|origin| holders.all_below(origin));
                    all.for_each(|lower| lock(lower, "a snapshot is being merged"));
                }
                "striped" | "linear" => {}
                _ if segment.physical().next().is_some() => {
                    lock(index, "its segment type is not known");
                }
                _ => {}
            }
        }
    }
    locks
}

/// The name by which `pvmove` is told of a volume's extents: LVM2 does not find metadata of RAID by its own.
pub(crate) fn told_name(group: &VolumeGroup, holders: &Holders, volume: usize) -> String {
    let told = match holders.leg_of(volume) {
        Some((array, LegPart::Metadata(_))) => array,
        Some((_, LegPart::Image(_) | LegPart::Log)) | None => volume,
    };
    group.logical_volumes[told].name.clone()
}
