//! What LVM2 would make of a command: the volume group afterwards, or the refusal.

mod activity;
mod allowed;
mod avoid;
mod build;
mod cache;
mod change;
mod command;
mod convert;
mod create;
mod extend;
mod given;
mod images;
mod integrity;
mod joining;
mod layer;
pub(crate) mod ledger;
mod lvchange;
mod lvconvert;
mod reduce;
mod redundancy;
mod refusal;
mod remove;
mod rename;
mod request;
mod resizing;
mod roles;
mod rules;
mod run;
mod spare;
mod step;

pub(crate) use activity::Activity;
pub(crate) use command::run_on;
pub use command::{simulate, simulate_all};
pub use refusal::{Refusal, SimulationError};
pub(crate) use run::simulate_step;
pub(crate) use step::read_recorded;
