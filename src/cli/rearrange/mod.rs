//! `extentplan rearrange`: the moves that empty disks, shrink them or put legs apart, and the commands for them.

mod answer_json;
mod answer_text;
mod arguments;
mod run;
mod subject;
mod told;

pub(crate) use answer_json::RawMoves;
pub(crate) use arguments::Arguments;
pub(crate) use run::run;
