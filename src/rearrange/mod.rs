//! Moving what exists: the least copying that empties sources, shrinks them or puts legs apart, in steps of which
//! none needs another.

mod answer;
mod conflict;
mod counting;
mod direct;
mod forced;
mod plan;
mod request;
mod smallest;

pub use answer::{MoveAnswer, MoveProof, Open, RearrangeError};
pub use conflict::MoveConflict;
pub use plan::plan;
pub use smallest::{Smallest, smallest};
