//! Answers as reports: what is put on a page or into a drawing.

mod audited;
mod capacity;
mod compared;
mod facts;
mod forecast;
mod held;
mod layouts;
mod moves;
mod planned;
mod pool;
mod survival;

pub use audited::audit_report;
pub use compared::compare_report;
pub(crate) use facts::facts;
pub use facts::{Made, unanswered};
pub use pool::pool_report;
