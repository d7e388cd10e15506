//! Ends in which each extent has its place: how little copying leads there, and in which order.

mod bound;
mod cycles;
mod drawn;
mod exchange;
mod ladder;
mod order;
mod plan;
mod tasks;

pub(crate) use ladder::ordered;
pub(crate) use plan::plan;
pub(crate) use tasks::{End, tasks};
