//! Conversions that take LVM2 several commands: what the first of them makes.

use crate::lvm::command::paths::plain;
use crate::lvm::simulate::images::levels::alias;
use crate::lvm::{LvSegment, Program, TypedStep, VolumeGroup};

/// That a volume does not have the type that was asked for yet, as a sentence.
pub(crate) fn interim(after: &VolumeGroup, typed: &TypedStep) -> Option<String> {
    let wanted = typed.given.get("type")?;
    let name = plain(typed.given.arguments.first()?);
    let volume = after.logical_volume(&name)?;
    let has = volume.segments.last().map(LvSegment::base_type)?;
    let is_level = |word: &str| word.starts_with("raid");
    let is_plain = |word: &str| matches!(word, "linear" | "striped");
    let is_there = wanted == has || alias(wanted) == Some(has) || is_plain(wanted) && is_plain(has);
    // No copies are none, whatever the type.
    let ends = typed.given.get("mirrors") == Some("0");
    let is_one =
        !ends && typed.program == Program::LvConvert && (is_level(wanted) || is_level(has));
    (is_one && !is_there && !matches!(wanted, "thin-pool" | "cache-pool" | "cache" | "thin")).then(|| {
        format!(
            "`{}` makes {}/{name} {has} first: repeat it once that conversion has finished, to get to {wanted}",
            typed.line(),
            after.name
        )
    })
}
