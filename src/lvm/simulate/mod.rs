//! What LVM2 would make of a command: the volume group afterwards, or the refusal.

mod allowed;
mod avoid;
mod build;
mod change;
mod command;
mod convert;
mod create;
mod extend;
mod images;
pub(crate) mod ledger;
mod recorded;
mod reduce;
mod redundancy;
mod refusal;
mod relocate;
mod remove;
mod request;
mod run;
mod spare;
mod step;

pub(crate) use command::run_on;
pub use command::{simulate, simulate_all};
pub(crate) use recorded::simulate_recorded;
pub use refusal::{Refusal, SimulationError};
pub(crate) use relocate::Relocation;
pub(crate) use run::simulate_step;
pub(crate) use step::read_recorded;
