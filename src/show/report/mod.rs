//! What there is to say, as plain data: from one report come a page and a drawing.

mod bars;
mod clean;
mod grouped;
mod html;
mod ink;
mod months;
mod pictures;
mod rows;
mod svg;
mod ticks;
mod whole;
mod words;

pub use bars::{BarRow, Bars};
pub use html::page;
pub use months::{Month, Months};
pub use pictures::{Held, Holder, Pictures, State};
pub use svg::drawing;
pub use whole::{Figure, Report, Section};
pub use words::{Finding, Table, Tone};
