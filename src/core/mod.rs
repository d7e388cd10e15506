//! What is asked, what is answered, what is right and what is good: extents, sources, requests, plans.
//!
//! This room uses the standard library alone. It knows no file format, no clock but one that a caller starts, no thread and no
//! volume manager: callers translate their world into sources and requests and translate plans back.

mod answer;
mod areas;
mod certificate;
mod check;
mod cost;
mod defect;
mod defects;
mod explain;
mod knapsack;
mod limits;
mod measure;
mod moves;
mod plan;
mod printable;
mod problem;
mod proof;
mod request;
mod source;
mod verify;
mod violation;

pub use answer::{Answer, Bound, Method, Proof, StopReason};
pub use areas::{Area, Areas};
pub use certificate::{
    BranchDecision, BranchReason, BranchStep, Branches, Certificate, Conflict, Prices, Refuted,
};
pub use check::check;
pub use cost::{Cost, cost};
pub use defect::{Defect, Defects};
pub(crate) use explain::counted;
pub use explain::explain;
pub use limits::{Clock, Limits, Spent};
pub use measure::Measure;
pub use moves::{
    Failing, Goal, HeldLeg, HeldPiece, HeldVolume, Move, MoveCost, MoveFault, MoveViolation,
    PRICE_UNIT, Rearrangement, Together, bound_of_leaving, bound_of_places, bound_of_runs,
    check_end, check_moves,
};
pub use plan::{Allocation, Plan, Segment, joined};
pub use printable::{is_printable, printable};
pub use problem::Problem;
pub use proof::{least_of_requests, verify_bound};
pub use request::{
    Allowance, Avoidance, Companion, Cuts, Log, MAX_LEGS, MAX_LOGS, Place, Policy, Request,
    Separation, Shape, Size,
};
pub use source::Source;
pub use verify::verify;
pub use violation::{Piece, Violation};
