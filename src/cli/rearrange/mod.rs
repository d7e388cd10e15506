//! `extentplan rearrange`: the moves that empty disks, shrink them, put legs apart or make room, and the commands.

mod answer_json;
mod answer_pictures;
mod answer_text;
mod arguments;
mod offer;
mod room;
mod run;
mod subject;
mod to;
mod told;

pub(crate) use answer_json::RawMoves;
pub(crate) use arguments::Arguments;
pub(crate) use offer::offer;
pub(crate) use run::run;
