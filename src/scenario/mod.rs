//! What if: a file that changes a pool before anything is asked of it, and says how its volumes grow.
//!
//! The same file serves a volume group, whose disks and volumes it names, and a problem of our own, whose
//! sources and requests stand for them. TOML and JSON say the same with the same keys.

mod apply;
mod error;
mod growth;
mod locate;
mod raw;
mod read;

pub use error::ScenarioError;
pub use growth::{Growing, Growth, Rate};
pub use read::{Scenario, read, schema};
