//! Commands that place extents for what is there, or on it: conversions, repairs, snapshots, caches. What
//! each asks of LVM2's allocator is asked of ours.

mod cache_mode;
pub(crate) mod demand;
pub(crate) mod interim;
pub(crate) mod loses;
pub(crate) mod problem;
mod request;
pub(crate) mod reshaped;
pub(crate) mod run;
pub(crate) mod steer;
