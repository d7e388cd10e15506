//! What `-m` with `--type` comes to: no copies are none, whatever the type that is named.

use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::syntax::not_taken;
use crate::lvm::{LvSegment, SegmentType, Settings, Sign, VolumeGroup};

/// The conversion that LVM2 makes of one with both: without copies images and parity go, and a mirror gets images
/// of its own kind alone.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn as_meant(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Settings,
) -> Result<Conversion, Refusal> {
    let mut meant = conversion.clone();
    let volume = group.logical_volume(&conversion.name);
    let first = volume.and_then(|volume| volume.segments.first());
    let has = first.map_or("", LvSegment::base_type);
    let is_plain = matches!(has, "striped" | "linear");
    if conversion.kind.is_none() && is_plain && settings.mirror_type == SegmentType::Mirror {
        meant.kind = conversion.mirrors.map(|_| "mirror".to_string());
    }
    let (Some(kind), Some(mirrors)) = (meant.kind.as_deref(), conversion.mirrors) else {
        return Ok(meant);
    };
    if matches!(kind, "linear" | "striped") {
        let value = conversion.given.get("mirrors").unwrap_or_default();
        return Err(Refusal::new(not_taken("mirrors", value)));
    }
    let is_none = mirrors == (Sign::Absolute, 0);
    match has {
        "raid1" if is_none => meant.kind = None,
        "mirror" if is_none || !matches!(kind, "mirror" | "raid1") => meant.kind = None,
        "striped" | "linear" if is_none && first.is_some_and(|first| first.parts.len() == 1) => {
            meant.kind = None;
        }
        _ if is_none => (meant.kind, meant.mirrors) = (Some("striped".to_string()), None),
        _ => {}
    }
    Ok(meant)
}
