//! Volumes in few segments: each leg in one piece where it can be, for little copying.

mod anchors;
mod ask;
mod grounds;
mod join;
mod pack;
mod placing;
mod point;

pub use ask::{Defragmented, defragment};
pub use point::Point;
