//! Answers for people: quantities, maps and lists as text, reports as pages and drawings; knows no file format.

mod chart;
mod layout;
mod map;
mod quantity;
mod report;
mod wrap;

pub use chart::{Bar, bars};
pub use layout::{layout, log_name};
pub use map::{Holding, MapStyle, map, style_at};
pub use quantity::{bytes, costs, extents, time};
pub use report::{
    BarRow, Bars, Figure, Finding, Held, Holder, Month, Months, Pictures, Report, Section, State,
    Table, Tone, drawing, page,
};
pub use wrap::{WIDTH, fit, leaves_room, width, wrapped};
