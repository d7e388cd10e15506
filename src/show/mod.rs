//! A plan for people: quantities, maps and lists as text; knows no file format.

mod chart;
mod layout;
mod map;
mod quantity;
mod svg;
mod wrap;

pub use chart::{Bar, bars, bars_svg};
pub use layout::{layout, log_name};
pub use map::{Holding, MapStyle, map, style_at};
pub use quantity::{bytes, costs, extents, time};
pub use svg::{Drawing, drawn, html, stacked, svg};
pub use wrap::{WIDTH, wrapped};
