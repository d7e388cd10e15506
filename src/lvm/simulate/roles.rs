//! What logical volumes are to each other, and what LVM2's rules call them.

use std::collections::HashMap;

use crate::lvm::parts::{images, with_parts};
use crate::lvm::{LogicalVolume, LvSegment, Part, PvArgument, VolumeGroup, find_volume};

/// What a volume is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    RaidImage,
    RaidMetadata,
    MirrorImage,
    MirrorLog,
    ThinPoolData,
    ThinPoolMetadata,
    CachePoolPart,
    CachePool,
    CacheVolume,
    WriteCache,
    CacheOrigin,
    IntegrityPart,
    /// It holds the copies of a snapshot.
    Copies,
    /// It has snapshots.
    Origin,
    ThinPool,
    ThinOrigin,
    ExternalOrigin,
}

/// Who uses whom, and as what.
#[derive(Debug, Default)]
pub(crate) struct Roles<'g> {
    users: HashMap<&'g str, Vec<(Role, &'g str)>>,
}

impl<'g> Roles<'g> {
    pub(crate) fn of(group: &'g VolumeGroup) -> Roles<'g> {
        let mut roles = Roles::default();
        for volume in &group.logical_volumes {
            roles.take(volume);
        }
        roles
    }

    fn take(&mut self, volume: &'g LogicalVolume) {
        let user = volume.name.as_str();
        for segment in &volume.segments {
            let kind = segment.base_type();
            let mut add =
                |used: &'g str, role| self.users.entry(used).or_default().push((role, user));
            let image = if kind == "mirror" {
                Role::MirrorImage
            } else {
                Role::RaidImage
            };
            let data = images(segment);
            for part in &segment.parts {
                if let Part::Logical { volume, .. } = part {
                    let is_image = data.iter().any(|image| std::ptr::eq(*image, part));
                    add(volume, if is_image { image } else { Role::RaidMetadata });
                }
            }
            for (key, used) in segment.strings.iter() {
                let role = match (kind, key) {
                    (_, "mirror_log") => Role::MirrorLog,
                    ("thin-pool", "pool") => Role::ThinPoolData,
                    ("thin-pool", "metadata") => Role::ThinPoolMetadata,
                    ("cache-pool", "data" | "metadata") => Role::CachePoolPart,
                    ("cache", "cache_pool") if segment.segment_type.contains("CACHEVOL") => {
                        Role::CacheVolume
                    }
                    ("cache", "cache_pool") => Role::CachePool,
                    ("cache" | "writecache", "origin") => Role::CacheOrigin,
                    ("writecache", "writecache") => Role::WriteCache,
                    ("integrity", "origin" | "meta_dev") => Role::IntegrityPart,
                    ("snapshot", "cow_store" | "merging_store") => Role::Copies,
                    ("snapshot", "origin") => Role::Origin,
                    ("thin", "thin_pool") => Role::ThinPool,
                    ("thin", "origin") => Role::ThinOrigin,
                    ("thin", "external_origin") => Role::ExternalOrigin,
                    _ => continue,
                };
                add(used, role);
            }
        }
    }

    /// The users of a volume in a role.
    pub(crate) fn users(&self, name: &str, role: Role) -> impl Iterator<Item = &'g str> {
        let users = self.users.get(name).into_iter().flatten();
        users
            .filter(move |(as_what, _)| *as_what == role)
            .map(|(_, user)| *user)
    }

    pub(crate) fn user(&self, name: &str, role: Role) -> Option<&'g str> {
        self.users(name, role).next()
    }

    pub(crate) fn is(&self, name: &str, role: Role) -> bool {
        self.user(name, role).is_some()
    }

    /// What a volume is first of all.
    pub(crate) fn first(&self, name: &str) -> Option<(Role, &'g str)> {
        self.users
            .get(name)
            .and_then(|users| users.first())
            .copied()
    }

    /// The word for a volume's type in LVM2's rules.
    pub(crate) fn type_word(&self, volume: &LogicalVolume) -> &'static str {
        if self.is(&volume.name, Role::Copies) {
            return "snapshot";
        }
        let Some(first) = volume.segments.first() else {
            return "error";
        };
        match first.base_type() {
            "striped" | "linear" if first.parts.len() > 1 => "striped",
            "striped" | "linear" => "linear",
            "thin-pool" => "thinpool",
            "thin" => "thin",
            "cache-pool" => "cachepool",
            "cache" => "cache",
            "writecache" => "writecache",
            "mirror" => "mirror",
            "vdo" => "vdo",
            "vdo-pool" => "vdopool",
            "integrity" => "integrity",
            "error" => "error",
            "zero" => "zero",
            "snapshot" => "snapshot",
            kind if kind.starts_with("raid") => "raid",
            _ => "unknown",
        }
    }

    /// Whether a volume holds the data or the metadata of a pool: hidden, and yet converted by itself.
    pub(crate) fn is_pool_part(&self, name: &str) -> bool {
        [
            Role::ThinPoolData,
            Role::ThinPoolMetadata,
            Role::CachePoolPart,
        ]
        .into_iter()
        .any(|role| self.is(name, role))
    }

    /// Whether it is a volume that users do not see.
    pub(crate) fn is_hidden(&self, volume: &LogicalVolume) -> bool {
        !volume.is_visible() && !self.is(&volume.name, Role::Copies)
    }
}

/// Whether images of a RAID volume have checksums.
pub(crate) fn has_integrity(group: &VolumeGroup, volume: &LogicalVolume) -> bool {
    let segments = volume.segments.iter().flat_map(images);
    let mut below = segments.filter_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    below.any(|image| {
        image
            .segments
            .first()
            .is_some_and(|segment| segment.base_type() == "integrity")
    })
}

/// The image of a volume that lies on a physical volume.
pub(crate) fn image_on<'g>(
    group: &'g VolumeGroup,
    volume: &'g LogicalVolume,
    wanted: &str,
) -> Option<&'g LogicalVolume> {
    let PvArgument::Device { name, .. } = PvArgument::read(wanted).ok()? else {
        return None;
    };
    let wanted = find_volume(group, &name)?;
    let parts = volume.segments.iter().flat_map(images);
    let mut below = parts.filter_map(|part| match part {
        Part::Logical { volume, .. } => group.logical_volume(volume),
        Part::Physical { .. } => None,
    });
    below.find(|image| lies_on(group, image, wanted))
}

fn lies_on(group: &VolumeGroup, volume: &LogicalVolume, wanted: usize) -> bool {
    let names = with_parts(group, &volume.name);
    let volumes = names.iter().filter_map(|name| group.logical_volume(name));
    let segments = volumes.flat_map(|volume| &volume.segments);
    let mut pieces = segments.flat_map(LvSegment::physical);
    pieces.any(|(source, _)| source == wanted)
}

/// Whether an image of a RAID1 volume is followed: it can be seen, and read by itself.
pub(crate) fn is_tracking(group: &VolumeGroup, volume: &LogicalVolume) -> bool {
    let is_raid1 = |segment: &&LvSegment| segment.base_type() == "raid1";
    let segments = volume.segments.iter().filter(is_raid1);
    let mut parts = segments.flat_map(images);
    parts.any(|part| match part {
        Part::Logical { volume, .. } => group
            .logical_volume(volume)
            .is_some_and(LogicalVolume::is_visible),
        Part::Physical { .. } => false,
    })
}
