//! What a command leaves of the images that it replaces where it does not get to the end.

use crate::lvm::VolumeGroup;
use crate::lvm::parts::{images, with_parts};
use crate::lvm::simulate::build::{rename, volume_mut};

/// Images that are replaced, as LVM2 leaves them where it does not get to the end: the new ones are numbered after
/// those that are there, and the old ones are volumes of their own.
pub(crate) fn halfway(
    before: &VolumeGroup,
    after: &VolumeGroup,
    name: &str,
    gone: &[String],
) -> VolumeGroup {
    let mut left = after.clone();
    let segments = before.logical_volume(name).map(|volume| &volume.segments);
    let there_are = segments.into_iter().flatten().flat_map(images).count();
    let mut gone = gone.to_vec();
    gone.sort();
    for (number, image) in (there_are..).zip(&gone) {
        let metadata = image.replace("_rimage_", "_rmeta_");
        rename(&mut left, &metadata, &format!("{name}_rmeta_{number}"));
        rename(&mut left, image, &format!("{name}_rimage_{number}"));
        for new in ["rmeta", "rimage"] {
            if let Some(volume) = volume_mut(&mut left, &format!("{name}_{new}_{number}")) {
                volume.status.insert("REBUILD".to_string());
            }
        }
        for old in with_parts(before, image).iter().chain([&metadata]) {
            let Some(volume) = before.logical_volume(old) else {
                continue;
            };
            let mut volume = volume.clone();
            if old == image || *old == metadata {
                volume.name = format!("{old}_extracted");
                volume.status.insert("VISIBLE".to_string());
            }
            left.logical_volumes.push(volume);
        }
    }
    left
}
