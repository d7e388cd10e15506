//! Recorded runs of the real LVM2, replayed by simulation and compared step by step.

mod layout;
mod placements;
mod recording;
mod report;

pub use placements::{RecordedPlacement, placements};
pub use recording::{Record, RecordingError, read_recording};
pub use report::{Difference, Report, Tally, replay};
