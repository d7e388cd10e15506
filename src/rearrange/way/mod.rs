//! Making way: where what has to move does not fit into what is free now, others move, too.

mod answer;
mod decode;
mod model;
mod program;
mod strands;
mod tokens;
mod wanted;

pub(crate) use answer::{Way, Ways, plan};
pub(crate) use wanted::{Amounts, amounts};
