//! Plans storage layouts.

pub mod core;
pub mod greedy;
pub mod json;
pub mod lvm;
pub mod search;
pub mod show;
