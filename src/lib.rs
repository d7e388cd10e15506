//! Plans storage layouts.

pub mod core;
pub mod greedy;
pub mod ip;
pub mod json;
pub mod lvm;
pub mod search;
pub mod show;
