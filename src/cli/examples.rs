//! `extentplan examples`: volume groups to try things on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::ask::Outcome;
use crate::cli::output;

/// Writes volume groups to try things on into a folder
///
/// A README there says what each shows. A file that is there already and says something else is left alone, and then
/// nothing is written.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to; it is made if it is not there
    #[arg(value_name = "FOLDER", default_value = "examples")]
    folder: PathBuf,
}

/// The files with these names in `models/lvm2`.
macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../models/lvm2/", $name)))),*]
    };
}

/// The files, by name, with their texts.
const FILES: [(&str, &str); 30] = files![
    "README.md"
    "cache-volume.vg"
    "cache.vg"
    "exported.vg"
    "integrity.vg"
    "linear.vg"
    "mirror-on-two.vg"
    "mirror.vg"
    "missing-disk.vg"
    "moving.vg"
    "raid0-meta.vg"
    "raid0.vg"
    "raid1-shared-disk.json"
    "raid1-shared-disk.vg"
    "raid1.vg"
    "raid10.vg"
    "raid4.vg"
    "raid5.txt"
    "raid5.vg"
    "raid6.vg"
    "recording.jsonl"
    "segments.json"
    "segments.vg"
    "snapshot.vg"
    "striped.vg"
    "tags-and-policies.json"
    "tags-and-policies.vg"
    "thin-pool.vg"
    "three-disks.vg"
    "writecache.vg"
];

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let folder = &arguments.folder;
    for (name, text) in FILES {
        refuse_other(&folder.join(name), text)?;
    }
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, text) in FILES {
        output::save(&folder.join(name), text)?;
    }
    let shown = folder.display();
    output::print(&format!(
        "{} files are in {shown}; {shown}/README.md says what each shows. Next:\n\
         \x20 extentplan show {shown}/segments.vg\n\
         \x20 extentplan plan {shown}/three-disks.vg -- lvcreate -i 2 -l 240 -n data\n\
         \x20 extentplan help start\n",
        FILES.len()
    ))?;
    Ok(Outcome::Yes)
}

/// Refuses where a file is there that says something else.
fn refuse_other(path: &Path, text: &str) -> anyhow::Result<()> {
    match fs::read(path) {
        Ok(found) if found != text.as_bytes() => bail!(
            "{} is there already and says something else; give a folder that is empty or new",
            path.display()
        ),
        _ => Ok(()),
    }
}
