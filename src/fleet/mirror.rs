//! The largest mirror that could be created in any pool of a fleet: asked where sums leave room for a larger one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ask::{Capacity, CapacityQuestion, Settled};
use crate::core::Limits;
use crate::lvm::{self, Audit, VolumeGroup};
use crate::solve::Strategy;

/// The command that would create it, but for its size.
const COMMAND: [&str; 5] = ["lvcreate", "--type", "raid1", "-m", "1"];

/// Bytes of the largest that is known so far.
///
/// What is less than that is not asked for, which leaves the largest of all the same, whoever comes first.
#[derive(Debug, Default)]
pub struct LargestMirror(AtomicU64);

impl LargestMirror {
    /// Whether a group may have room for one at least as large: each of two legs takes other disks.
    pub(crate) fn may_grow(&self, group: &VolumeGroup, audit: &Audit) -> bool {
        let least = self.0.load(Ordering::Relaxed);
        let is_enough = |extents: u64| {
            // One extent more goes with each leg.
            let bytes = extents
                .saturating_sub(1)
                .saturating_mul(group.extent_bytes());
            bytes > 0 && bytes >= least
        };
        let half = (audit.free_extents - audit.unreachable_extents) / 2;
        if !is_enough(half) {
            return false;
        }
        let free = lvm::sources(group);
        let most = free.iter().map(|one| one.free.total()).max().unwrap_or(0);
        let all: u64 = free.iter().map(|one| one.free.total()).sum();
        is_enough((all - most).min(all / 2))
    }

    /// Bytes of the largest in a pool, if there is one.
    pub(crate) fn largest(
        &self,
        asked: Settled<'_>,
        strategy: &Strategy,
        limits: &Limits<'_>,
    ) -> Option<u64> {
        let question = CapacityQuestion {
            commands: vec![COMMAND.map(str::to_string).to_vec()],
            ..CapacityQuestion::default()
        };
        let answer = Capacity::new(question, asked).ok()?;
        let short = answer.answer(strategy, limits).ok()?.short();
        let bytes = *short.value.get("bytes")?;
        self.0.fetch_max(bytes, Ordering::Relaxed);
        Some(bytes)
    }
}
