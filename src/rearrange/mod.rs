//! Moving what exists: the least copying that reaches goals, in an order in which each step can be made.

mod answer;
mod balance;
mod conflict;
mod counting;
mod defragment;
mod direct;
mod exact;
mod fields;
mod forced;
mod freely;
mod measures;
mod moved;
mod plan;
mod request;
mod right;
mod room;
mod smallest;
mod torn;
mod way;

pub use answer::{MoveAnswer, MoveBasis, MoveProof, Open, RearrangeError};
pub use balance::{Balanced, Level, balance};
pub use conflict::MoveConflict;
pub use defragment::{Defragmented, Point, defragment};
pub use measures::{Measures, measures};
pub use moved::moved;
pub use plan::plan;
pub use room::{Room, room};
pub use smallest::{Smallest, smallest};
pub use torn::torn;
