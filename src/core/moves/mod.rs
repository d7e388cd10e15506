//! Moving what exists: what is held and by whom, what is wanted of it, and the steps that lead there.

mod bound;
mod check;
mod ends;
mod fault;
mod goal;
mod ground;
mod held;
mod leaving;
mod state;
mod steps;
mod together;

pub use bound::{PRICE_UNIT, bound_of_places, bound_of_runs};
pub use check::{check_end, check_moves};
pub use fault::{MoveFault, MoveViolation};
pub use goal::Goal;
pub use held::{HeldLeg, HeldPiece, HeldVolume};
pub use leaving::bound_of_leaving;
pub use state::{Failing, Rearrangement};
pub use steps::{Move, MoveCost};
pub use together::Together;
