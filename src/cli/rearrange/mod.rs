//! `extentplan rearrange`: the moves that empty disks, shrink them, put legs apart or make room, and the commands.

mod arguments;
mod run;

pub(crate) use arguments::Arguments;
pub(crate) use run::run;
