//! A volume group by the names that its volumes get later.

use crate::lvm::simulate::rename_with_parts;
use crate::lvm::{Effect, Interlude, VolumeGroup};

/// The group as it is, but for the names that volumes have once `done` is done.
#[must_use]
pub fn with_new_names<'i>(
    group: &VolumeGroup,
    done: impl IntoIterator<Item = &'i Interlude>,
) -> VolumeGroup {
    let mut renamed = group.clone();
    for one in done {
        let Effect::Renames { old, new } = &one.effect else {
            continue;
        };
        let plain = |path: &str| path.rsplit('/').next().unwrap_or(path).to_string();
        let (old, new) = (plain(old), plain(new));
        // A name that another one has is free by then, but not here.
        if renamed.logical_volume(&new).is_none() {
            rename_with_parts(&mut renamed, &old, &new);
        }
    }
    renamed
}
