//! Making room for requests: what moves so that they fit, with the least copying.

mod answer;
mod ask;
mod plan;
mod tries;
mod wanted;
mod windows;

pub use answer::Room;
pub use plan::room;
