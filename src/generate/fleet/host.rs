//! One host of a fleet.

use std::collections::BTreeSet;

use crate::core::Area;
use crate::generate::GenerateError;
use crate::generate::fleet::stream;
use crate::generate::random::Random;
use crate::lvm::{Part, VolumeGroup};

/// What a generated fleet is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FleetSettings {
    /// How many hosts.
    pub hosts: u64,
    /// Different seeds give different fleets.
    pub seed: u64,
    /// Disks of most hosts; one in twenty has three times as many.
    pub disks: u64,
    /// In thousandths, how many hosts are unsafe by construction: half of them with two images of a RAID volume on one disk,
    /// as `pvmove` can leave them, half with a disk that is missing.
    pub unsafe_hosts: u64,
}

/// A host with its volume group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetHost {
    /// Its name.
    pub name: String,
    /// Its rack, its zone, and what its disks are.
    pub tags: BTreeSet<String>,
    /// What it has.
    pub group: VolumeGroup,
}

/// Hosts in a rack.
const RACK: u64 = 20;
/// Racks in a zone.
const ZONE: u64 = 10;

impl FleetSettings {
    /// A fleet of hosts with 8 disks, 30 of a thousand unsafe.
    #[must_use]
    pub fn new(hosts: u64, seed: u64) -> FleetSettings {
        FleetSettings {
            hosts,
            seed,
            disks: 8,
            unsafe_hosts: 30,
        }
    }

    /// Looks the numbers over.
    ///
    /// # Errors
    /// [`GenerateError::OutOfRange`].
    pub fn check(&self) -> Result<(), GenerateError> {
        for (what, found, least, most) in [
            ("the number of hosts", self.hosts, 1, 100_000_000),
            ("the number of disks", self.disks, 2, 300),
            ("the number of unsafe hosts", self.unsafe_hosts, 0, 1_000),
        ] {
            if found < least || found > most {
                return Err(GenerateError::OutOfRange {
                    what,
                    found,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }
}

/// The host of an index, from 0.
#[must_use]
pub fn host(settings: &FleetSettings, index: u64) -> FleetHost {
    // Far from the stream of every other host, and of other seeds.
    let seed = settings.seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut random = Random::new(seed ^ index.wrapping_mul(0xa076_1d64_78bd_642f));
    let is_ssd = random.between(0, 2) > 0;
    let disks = if random.between(0, 19) == 0 {
        3 * settings.disks
    } else {
        settings.disks
    };
    let mut group = stream::group(disks, is_ssd, &mut random);
    if random.between(0, 999) < settings.unsafe_hosts {
        let is_shared = random.between(0, 1) == 0 && share_a_disk(&mut group);
        if !is_shared {
            let last = group.physical_volumes.len() as u64 - 1;
            let gone = usize::try_from(random.between(0, last)).expect("an index");
            group.physical_volumes[gone].missing = true;
        }
    }
    let rack = index / RACK;
    let zone = ["zone-a", "zone-b", "zone-c"][usize::try_from(rack / ZONE % 3).expect("below 3")];
    let kind = if is_ssd { "ssd" } else { "hdd" };
    let tags = [format!("rack{rack:05}"), zone.to_string(), kind.to_string()];
    FleetHost {
        name: format!("host{index:07}"),
        tags: tags.into(),
        group,
    }
}

/// Moves the second image of a RAID volume, with its metadata, to the disk of the first, as `pvmove` does when it is told;
/// whether there is one with room for that.
fn share_a_disk(group: &mut VolumeGroup) -> bool {
    let volumes = group.logical_volumes.iter();
    let bases = volumes.filter_map(|volume| volume.name.strip_suffix("_rimage_0"));
    let bases: Vec<String> = bases.map(str::to_string).collect();
    bases.iter().any(|base| moved(group, base).is_some())
}

fn moved(group: &mut VolumeGroup, base: &str) -> Option<()> {
    let first = group.logical_volume(&format!("{base}_rimage_0"))?;
    let (disk, _) = first.segments.first()?.physical().next()?;
    let mut after = group.clone();
    for part in ["rmeta_1", "rimage_1"] {
        let name = format!("{base}_{part}");
        let mut volumes = after.logical_volumes.iter();
        let at = volumes.position(|volume| volume.name == name)?;
        let length = after.logical_volumes[at].extents();
        let free = after.free().swap_remove(disk);
        let room = free.iter().find(|area: &Area| area.count() >= length)?;
        let image = &mut after.logical_volumes[at];
        // All of it in one piece.
        image.segments.truncate(1);
        image.segments[0].extent_count = length;
        image.segments[0].parts = vec![Part::Physical {
            volume: disk,
            start: room.start(),
        }];
    }
    *group = after;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm;

    #[test]
    fn hosts_are_the_same_again_and_their_metadata_is_read_as_it_was_meant() {
        let settings = FleetSettings::new(200, 3);
        for index in 0..200 {
            let one = host(&settings, index);
            assert_eq!(one, host(&settings, index));
            let text = lvm::write(&one.group);
            let mut read = lvm::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            lvm::check_names(&read).expect("names as LVM2 gives them");
            read.id.clear();
            read.physical_volumes
                .iter_mut()
                .for_each(|one| one.id.clear());
            read.logical_volumes
                .iter_mut()
                .for_each(|one| one.id.clear());
            assert!(read == one.group, "host {index} is read otherwise");
        }
    }

    #[test]
    fn hosts_are_of_many_kinds() {
        let settings = FleetSettings {
            unsafe_hosts: 200,
            ..FleetSettings::new(300, 1)
        };
        let hosts: Vec<FleetHost> = (0..300).map(|index| host(&settings, index)).collect();
        let groups = || hosts.iter().map(|one| &one.group);
        let is_unsafe = |group: &&VolumeGroup| lvm::audit(group, &[]).is_unsafe();
        let count = groups().filter(is_unsafe).count();
        assert!((30..120).contains(&count), "{count} unsafe");
        let is_missing =
            |group: &&VolumeGroup| group.physical_volumes.iter().any(|one| one.missing);
        let missing = groups().filter(is_missing).count();
        assert!(
            (10..count - 5).contains(&missing),
            "{missing} of {count} missing"
        );
        assert!(groups().any(|group| group.physical_volumes.len() >= 20));
        let fill = |group: &VolumeGroup| 1_000 - 1_000 * group.free_count() / group.extent_count();
        let between = |least, most| {
            let within = groups()
                .map(fill)
                .filter(|fill| (least..most).contains(fill));
            within.count()
        };
        assert!(between(0, 400) > 10 && between(400, 600) > 50 && between(800, 1_001) > 10);
        let areas = groups().map(|group| {
            group
                .free()
                .iter()
                .map(|free| free.iter().count())
                .sum::<usize>()
        });
        assert!(areas.max() > Some(20), "no holes");
        for kind in [
            "linear",
            "striped",
            "raid1",
            "raid5",
            "raid6",
            "raid10",
            "thin-pool",
        ] {
            let word = if kind == "linear" { "striped" } else { kind };
            let has = |group: &VolumeGroup| {
                let mut segments = group.logical_volumes.iter().flat_map(|one| &one.segments);
                segments.any(|one| one.base_type().starts_with(word))
            };
            assert!(groups().any(has), "no {kind}");
        }
    }
}
