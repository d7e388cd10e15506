//! Recorded runs of the real LVM2, replayed by simulation and compared step by step.

mod layout;
mod recording;
mod report;

pub use recording::{Record, RecordingError, read_recording};
pub use report::{Difference, Report, Tally, replay};
