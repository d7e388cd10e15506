//! Where the extents are: an LVM2 volume group or a problem of our own, recognised by its content.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use crate::cli::input;
use crate::cli::output::Rendered;
use crate::core::{Area, Source};
use crate::json;
use crate::lvm;
use crate::show::Holding;

/// The pool on the command line.
#[derive(Clone, Debug, Args)]
pub(crate) struct PoolArguments {
    /// LVM2 metadata text (vgcfgbackup), an LVM2 JSON report, or a problem; `-` is standard input
    #[arg(value_name = "POOL")]
    pool: PathBuf,
    /// The volume group to take from a report that holds several
    #[arg(long, value_name = "NAME")]
    vg: Option<String>,
}

/// What a pool turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    /// A problem of our own, perhaps without requests.
    Native(json::Document),
    /// A volume group.
    Group(lvm::VolumeGroup),
}

impl PoolArguments {
    /// Reads the pool.
    ///
    /// # Errors
    /// If the file cannot be read, is nothing that is known, is malformed, or holds several volume
    /// groups of which none is named.
    pub(crate) fn read(&self) -> anyhow::Result<Pool> {
        read(&self.pool, self.vg.as_deref())
    }

    /// The file; `-` is standard input.
    pub(crate) fn path(&self) -> &Path {
        &self.pool
    }

    /// The file as messages name it.
    pub(crate) fn name(&self) -> String {
        input::name(&self.pool)
    }
}

fn read(path: &Path, wanted: Option<&str>) -> anyhow::Result<Pool> {
    let text = input::read_lenient(path, lvm::looks_like_metadata)?;
    let name = input::name(path);
    if text.trim().is_empty() {
        bail!("{name} is empty; expected LVM2 metadata, an LVM2 JSON report or a problem");
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_report = lvm::looks_like_report(&text);
    if start.starts_with('{') && !is_report {
        let document = json::read_document(&text);
        return Ok(Pool::Native(
            document.map_err(|error| anyhow!("{name}: {error}"))?,
        ));
    }
    let groups = if is_report {
        lvm::read_reports(&text).map_err(|error| anyhow!("{name}: {error}"))?
    } else {
        let group = lvm::read(&text);
        vec![group.map_err(|error| anyhow!(Rendered(not_metadata(&text, &name, &error))))?]
    };
    pick(groups, wanted, &name).map(Pool::Group)
}

/// Why a text is no metadata; where it does not even set out like some, that is said first.
fn not_metadata(text: &str, name: &str, error: &lvm::TextError) -> String {
    let shown = error.render(name);
    if lvm::looks_like_metadata(text) {
        shown
    } else {
        format!(
            "error: {name} is neither LVM2 metadata nor an LVM2 JSON report nor a problem\n{shown}"
        )
    }
}

/// The one volume group that is meant.
fn pick(
    groups: Vec<lvm::VolumeGroup>,
    wanted: Option<&str>,
    name: &str,
) -> anyhow::Result<lvm::VolumeGroup> {
    let names: Vec<String> = groups.iter().map(|g| format!("`{}`", g.name)).collect();
    let names = names.join(", ");
    match wanted {
        Some(wanted) => groups
            .into_iter()
            .find(|group| group.name == wanted)
            .ok_or_else(|| anyhow!("{name}: no volume group `{wanted}`; found {names}")),
        None if groups.len() > 1 => {
            bail!("{name}: several volume groups, {names}; say with --vg which is meant")
        }
        None => groups
            .into_iter()
            .next()
            .ok_or_else(|| anyhow!("{name}: no volume group")),
    }
}

impl Pool {
    /// The sources alone.
    pub(crate) fn sources(&self) -> Vec<Source> {
        match self {
            Pool::Native(document) => document.problem.sources().to_vec(),
            Pool::Group(group) => lvm::sources(group),
        }
    }

    /// Bytes of an extent, if the pool says so.
    pub(crate) fn extent_bytes(&self) -> Option<u64> {
        match self {
            Pool::Native(document) => document.extent_bytes,
            Pool::Group(group) => Some(group.extent_bytes()),
        }
    }

    /// Who holds what already: one mark per logical volume, with the marks' meanings.
    pub(crate) fn holdings(&self) -> (Vec<Holding>, Vec<(char, String)>) {
        let Pool::Group(group) = self else {
            return (Vec::new(), Vec::new());
        };
        let mut holdings = Vec::new();
        let mut legend = Vec::new();
        for (index, volume) in group.logical_volumes.iter().enumerate() {
            let held: Vec<(usize, Area)> = volume
                .segments
                .iter()
                .flat_map(lvm::LvSegment::physical)
                .collect();
            if held.is_empty() {
                continue;
            }
            let mark = mark(legend.len());
            legend.push((mark, group.logical_volumes[index].name.clone()));
            holdings.extend(
                held.into_iter()
                    .map(|(source, area)| Holding { source, area, mark }),
            );
        }
        (holdings, legend)
    }
}

/// The mark of the `index`-th holder: letters, then letters again where there are more.
pub(crate) fn mark(index: usize) -> char {
    const MARKS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char::from(MARKS[index % MARKS.len()])
}
