//! The history of a volume group: what was created, extended, removed and added to it.

use std::collections::BTreeSet;

use crate::generate::random::Random;
use crate::lvm::simulate::simulate;
use crate::lvm::{Settings, VolumeGroup, read_command};

/// Extents of 4 MiB on disks as they are sold, from 240 GB to 7.68 TB.
const DISKS: [u64; 6] = [57_220, 114_440, 228_881, 457_763, 915_527, 1_831_054];

/// Shapes of new volumes with how many of a hundred have each.
const SHAPES: [(u64, &[&str]); 8] = [
    (38, &["--type", "linear"]),
    (28, &["--type", "raid1", "-m", "1"]),
    (8, &["--type", "striped", "-i", "2"]),
    (8, &["--type", "raid5", "-i", "3"]),
    (5, &["--type", "raid6", "-i", "3"]),
    (6, &["--type", "raid10", "-i", "2", "-m", "1"]),
    (3, &["--type", "thin-pool"]),
    (4, &["--type", "raid1", "-m", "2"]),
];

/// A group after its history.
pub(crate) fn group(disks: u64, is_ssd: bool, random: &mut Random) -> VolumeGroup {
    /// More refusals in a row mean that nothing that is drawn fits any more.
    const REFUSALS: u64 = 4;
    let settings = Settings::default();
    let mut group = VolumeGroup::empty("vg0", 8192);
    let mut history = History {
        disks,
        usual: random.between(0, 4),
        is_mixed: random.between(0, 3) == 0,
        is_ssd,
    };
    // Two thirds at first; the others come in one or two steps.
    let first = (2 * disks).div_ceil(3);
    history.add_disks(&mut group, first, random);
    let target = match random.between(0, 2) {
        0 => random.between(450, 550),
        1 => random.between(200, 800),
        _ => random.between(700, 950),
    };
    let steps = random.between(20, 45);
    let (mut created, mut refused) = (0, 0);
    for step in 0..steps {
        if (step == steps / 3 || step == steps / 2) && history.missing(&group) > 0 {
            let count = history
                .missing(&group)
                .div_ceil(if step == steps / 3 { 2 } else { 1 });
            history.add_disks(&mut group, count, random);
        }
        let total = group.extent_count();
        let free = group.free_count();
        let is_full = 1_000 - 1_000 * free / total >= target;
        let roll = random.between(0, 99);
        let visible: Vec<&str> = seen(&group).collect();
        let chosen = |random: &mut Random| {
            let last = (visible.len() as u64).checked_sub(1)?;
            let at = usize::try_from(random.between(0, last)).expect("an index");
            Some(visible[at].to_string())
        };
        if is_full || roll < 15 {
            if let Some(name) = chosen(random) {
                group
                    .drop_volume(&name)
                    .expect("a volume that nothing stands on");
            }
            continue;
        }
        let command: Vec<String> = match chosen(random).filter(|_| roll < 40) {
            Some(name) => {
                let extents = size(history.disk(), free / 3, random);
                [
                    "lvextend",
                    "-l",
                    &format!("+{extents}"),
                    &format!("{}/{name}", group.name),
                ]
                .map(str::to_string)
                .into()
            }
            None => {
                created += 1;
                let name = format!("lv{created}");
                let mut words: Vec<String> =
                    ["lvcreate", "-n", &name, "-l"].map(str::to_string).into();
                words.push(size(history.disk(), free / 3, random).to_string());
                words.extend(shape(random).iter().map(|word| (*word).to_string()));
                words.push(group.name.clone());
                words
            }
        };
        let command = read_command(&command).expect("a command that LVM2 takes");
        match simulate(&group, &command, &settings) {
            Ok(after) => (group, refused) = (after, 0),
            Err(_) => refused += 1,
        }
        if refused >= REFUSALS {
            break;
        }
        group.seqno += 1;
    }
    // What was to come does, whatever became of the rest.
    let count = history.missing(&group);
    history.add_disks(&mut group, count, random);
    let volumes = group.logical_volumes.iter_mut();
    for segment in volumes.flat_map(|volume| &mut volume.segments) {
        // What LVM2 counts changes of a pool by: it reads no pool without.
        if segment.base_type() == "thin-pool" {
            segment.numbers.insert("transaction_id", 0);
            segment.numbers.insert("zero_new_blocks", 1);
        }
    }
    group
}

/// What the disks of a group are like.
struct History {
    /// How many it gets in all.
    disks: u64,
    /// The size that most have, by its place in [`DISKS`].
    usual: u64,
    /// Whether some have another size.
    is_mixed: bool,
    is_ssd: bool,
}

impl History {
    fn missing(&self, group: &VolumeGroup) -> u64 {
        self.disks - group.physical_volumes.len() as u64
    }

    /// Extents of most disks.
    fn disk(&self) -> u64 {
        DISKS[usize::try_from(self.usual).expect("a kind of disk")]
    }

    fn add_disks(&mut self, group: &mut VolumeGroup, count: u64, random: &mut Random) {
        for _ in 0..count {
            let is_other = self.is_mixed && random.between(0, 1) == 0;
            let kind = self.usual + u64::from(is_other);
            let extents = DISKS[usize::try_from(kind).expect("a kind of disk")];
            let device = device(group.physical_volumes.len(), self.is_ssd);
            let added = group.add_disk(&device, extents, BTreeSet::new());
            added.expect("a name that no disk has");
        }
    }
}

/// `/dev/nvme0n1`, or `/dev/sda` to `/dev/sdz` and `/dev/sdaa` behind it.
fn device(index: usize, is_ssd: bool) -> String {
    if is_ssd {
        return format!("/dev/nvme{index}n1");
    }
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    let letter = |at: usize| char::from(LETTERS[at % LETTERS.len()]);
    match index.checked_sub(LETTERS.len()) {
        None => format!("/dev/sd{}", letter(index)),
        Some(behind) => format!(
            "/dev/sd{}{}",
            letter(behind / LETTERS.len()),
            letter(behind)
        ),
    }
}

/// The volumes that can be extended or removed: those that users see.
fn seen(group: &VolumeGroup) -> impl Iterator<Item = &str> {
    let volumes = group
        .logical_volumes
        .iter()
        .filter(|volume| volume.is_visible());
    volumes.map(|volume| volume.name.as_str())
}

/// A size with a heavy tail: half of all have less than a tenth of a disk, and few several disks.
fn size(disk: u64, most: u64, random: &mut Random) -> u64 {
    let doublings = random.between(0, 8).min(random.between(0, 10));
    let extents = (disk * random.between(8, 31) / 1_000) << doublings;
    // Whole stripes of 2 and 3, so that nothing is rounded.
    (extents.min(most).max(6) / 6) * 6
}

fn shape(random: &mut Random) -> &'static [&'static str] {
    let mut roll = random.between(0, 99);
    for (share, words) in SHAPES {
        if roll < share {
            return words;
        }
        roll -= share;
    }
    unreachable!("the shares add up to a hundred")
}
