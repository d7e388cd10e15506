//! A plan for people: quantities, maps and lists as text; knows no file format.

mod layout;
mod map;
mod quantity;

pub use layout::layout;
pub use map::{Holding, MapStyle, map};
pub use quantity::{bytes, extents};
