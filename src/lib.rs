//! Plans storage layouts.

pub mod core;
pub mod lvm;
pub mod show;
