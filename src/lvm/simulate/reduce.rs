//! Taking extents away from the end of volumes.

use crate::lvm::LogicalVolume;

/// Takes `extents` off the end of a volume that lies on physical volumes.
pub(crate) fn cut_off(volume: &mut LogicalVolume, extents: u64) {
    let mut left = extents;
    while left > 0 {
        let Some(last) = volume.segments.last_mut() else {
            return;
        };
        if last.extent_count > left {
            last.extent_count -= left;
            return;
        }
        left -= last.extent_count;
        volume.segments.pop();
    }
}
