//! Arguments as they were typed, and sizes as LVM2 shows them.

pub(crate) use crate::lvm::Given;
use crate::lvm::VolumeGroup;
pub(crate) use crate::lvm::command::paths::plain;

/// A size as LVM2 shows it, to hundredths of its unit.
pub(crate) fn shown_size(sectors: u64) -> String {
    let (unit, name) = match sectors {
        _ if sectors >= 1 << 31 => (1 << 31, "TiB"),
        _ if sectors >= 1 << 21 => (1 << 21, "GiB"),
        _ if sectors >= 1 << 11 => (1 << 11, "MiB"),
        _ => (2, "KiB"),
    };
    let hundredths = sectors.saturating_mul(100).saturating_add(unit / 2) / unit;
    format!("{}.{:02} {name}", hundredths / 100, hundredths % 100)
}

/// Arguments with the volumes that have a tag in place of `@TAG`.
pub(crate) fn with_tagged(group: &VolumeGroup, arguments: &[String]) -> Vec<String> {
    let tagged = |argument: &String| match argument.strip_prefix('@') {
        None => vec![argument.clone()],
        Some(tag) if group.tags.contains(tag) => vec![group.name.clone()],
        Some(tag) => {
            let volumes = group.logical_volumes.iter();
            let volumes = volumes.filter(|volume| volume.is_visible() && volume.tags.contains(tag));
            volumes.map(|volume| volume.name.clone()).collect()
        }
    };
    arguments.iter().flat_map(tagged).collect()
}
