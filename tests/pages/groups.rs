//! Volume groups by rule, as metadata: so many disks, volumes, tags, and names of a length.

use std::fmt::Write;

/// What a group is like.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) disks: u64,
    pub(crate) volumes: u64,
    pub(crate) tags: u64,
    pub(crate) has_long_names: bool,
    pub(crate) seed: u64,
}

/// Its metadata.
pub(crate) fn metadata(kind: Kind) -> String {
    let mut state = kind.seed;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let sizes: Vec<u64> = (0..kind.disks).map(|_| 2_560 << random(3)).collect();
    let total: u64 = sizes.iter().sum();
    let mut text = format!(
        "vg{} {{\nid = \"\"\nseqno = 7\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nextent_size = 8192\nphysical_volumes {{\n",
        kind.disks
    );
    for (disk, size) in sizes.iter().enumerate() {
        let name = match kind.has_long_names {
            true => format!(
                "/dev/mapper/a-path-with-a-rather-long-name-{disk:04}-wwn-0x5000c500a1b2c3d4e5f6"
            ),
            false => format!("/dev/sd{disk}"),
        };
        let tags = (0..kind.tags)
            .map(|tag| format!("\"tag{tag}_{}\"", (disk as u64 + tag) % (5 + 30 * tag)));
        let tags = tags.collect::<Vec<_>>().join(", ");
        let _ = write!(
            text,
            "pv{disk} {{\nid = \"\"\ndevice = \"{name}\"\nstatus = [\"ALLOCATABLE\"]\ntags = [{tags}]\npe_start = 2048\npe_count = {size}\n}}\n"
        );
    }
    text.push_str("}\nlogical_volumes {\n");
    let mut used = vec![0u64; sizes.len()];
    for volume in 0..kind.volumes {
        let mut segments = String::new();
        let (mut count, mut extents) = (0, 0);
        for _ in 0..1 + random(3) {
            let disk = usize::try_from(random(kind.disks)).expect("small");
            let length = 4 + random(1 + total / (kind.volumes * 3));
            let start = used[disk] + random(2) * 3;
            if start + length > sizes[disk] {
                continue;
            }
            count += 1;
            let _ = write!(
                segments,
                "segment{count} {{\nstart_extent = {extents}\nextent_count = {length}\ntype = \"striped\"\nstripe_count = 1\nstripes = [\"pv{disk}\", {start}]\n}}\n"
            );
            used[disk] = start + length;
            extents += length;
        }
        if count == 0 {
            continue;
        }
        let name = match kind.has_long_names {
            true => format!("a-volume-with-quite-a-long-name-for-one-of-the-customers-{volume:04}"),
            false => format!("lv{volume}"),
        };
        let _ = write!(
            text,
            "{name} {{\nid = \"\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nsegment_count = {count}\n{segments}}}\n"
        );
    }
    text.push_str("}\n}\ncontents = \"Text Format Volume Group\"\nversion = 1\n");
    text
}
