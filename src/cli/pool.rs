//! Where the extents are: an LVM2 volume group or a problem of our own, recognised by its content.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use crate::cli::output::{self, Lines, Rendered};
use crate::cli::settings::SettingsOptions;
use crate::cli::{input, local};
use crate::core::{Area, Source};
use crate::json;
use crate::lvm;
use crate::scenario::{self, Scenario, ScenarioError};
use crate::show::Holding;

/// The pool on the command line.
#[derive(Clone, Debug, Args)]
pub(crate) struct PoolArguments {
    /// LVM2 metadata text (vgcfgbackup), an LVM2 JSON report, or a problem; `-` is standard input; the name
    /// of a volume group of this machine, where there is no file of that name
    #[arg(value_name = "POOL")]
    pool: PathBuf,
    /// The volume group to take from a report that holds several
    #[arg(long, value_name = "NAME")]
    vg: Option<String>,
    /// What if: a TOML or JSON file of changes to the pool, made before anything is asked; `extentplan
    /// schema scenario` says what it may hold
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

/// What a pool turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    /// A problem of our own, perhaps without requests.
    Native(json::Document),
    /// A volume group.
    Group(lvm::VolumeGroup),
}

/// A pool as LVM2 itself would go through it.
#[derive(Debug)]
pub(crate) struct InOrder {
    /// The pool, after the changes of a scenario.
    pub(crate) pool: Pool,
    /// The commands that make these in a volume group, where there is a scenario.
    pub(crate) before: Option<Vec<lvm::Interlude>>,
    /// What a volume group is known by before them.
    pub(crate) start: Option<lvm::Start>,
    /// The disks that they add or resize.
    pub(crate) sized: BTreeSet<String>,
    /// How LVM2 behaves.
    pub(crate) settings: lvm::Settings,
}

impl PoolArguments {
    /// Reads the pool to show what there is, whatever it is called, and makes the changes of the
    /// scenario; `settings` say how LVM2 would grow volumes.
    ///
    /// # Errors
    /// If a file cannot be read, is nothing that is known, is malformed, or holds several volume
    /// groups of which none is named; if a change cannot be made.
    pub(crate) fn read(&self, settings: &lvm::Settings) -> anyhow::Result<Pool> {
        let (pool, _) = read(&self.pool, self.vg.as_deref())?;
        self.changed(pool, settings)
    }

    /// Reads the pool to plan with it.
    ///
    /// # Errors
    /// As [`PoolArguments::read`], and if anything in it has a name that LVM2 would not give.
    pub(crate) fn read_to_plan(
        &self,
        options: &SettingsOptions,
    ) -> anyhow::Result<(Pool, lvm::Settings)> {
        let (pool, text) = read(&self.pool, self.vg.as_deref())?;
        check_names(&pool, &text, &self.name())?;
        let settings = options.read(&text)?;
        Ok((self.changed(pool, &settings)?, settings))
    }

    /// Reads the pool to plan where something is to be said about what LVM2 itself would do: notes if
    /// the order of the physical volumes may be lost.
    ///
    /// # Errors
    /// As [`PoolArguments::read_to_plan`].
    pub(crate) fn read_in_order(&self, options: &SettingsOptions) -> anyhow::Result<InOrder> {
        let (pool, text) = read(&self.pool, self.vg.as_deref())?;
        let settings = options.read(&text)?;
        check_names(&pool, &text, &self.name())?;
        if let Pool::Group(group) = &pool
            && lvm::looks_like_report(&text)
            && let Some(note) = order_note(group, &self.name())
        {
            output::remark(&format!("note: {note}"));
        }
        let scenario = self.scenario()?;
        let (before, start) = match (&scenario, &pool) {
            (Some(scenario), Pool::Group(group)) => {
                let commands = scenario.commands(group);
                let commands = commands.map_err(|error| self.scenario_error(&error))?;
                (Some(commands), Some(lvm::Start::of(group)))
            }
            (None, Pool::Group(group)) => (None, Some(lvm::Start::of(group))),
            (_, Pool::Native(_)) => (None, None),
        };
        Ok(InOrder {
            pool: self.changed(pool, &settings)?,
            before,
            start,
            sized: scenario.map(|one| one.sized_disks()).unwrap_or_default(),
            settings,
        })
    }

    fn changed(&self, pool: Pool, settings: &lvm::Settings) -> anyhow::Result<Pool> {
        match self.scenario()? {
            None => Ok(pool),
            Some(scenario) => {
                let changed = pool.changed(&scenario, settings);
                changed.map_err(|error| self.scenario_error(&error))
            }
        }
    }

    /// The scenario, where one is given.
    ///
    /// # Errors
    /// If the file cannot be read or is malformed.
    pub(crate) fn scenario(&self) -> anyhow::Result<Option<Scenario>> {
        let Some(path) = &self.scenario else {
            return Ok(None);
        };
        if path == Path::new("-") {
            bail!("--scenario -: expected a file; standard input is for the pool");
        }
        let text = input::read_text(path)?;
        let scenario = scenario::read(&text).map_err(|error| self.scenario_error(&error))?;
        Ok(Some(scenario))
    }

    /// An error of the scenario with the name of its file in front of each line.
    pub(crate) fn scenario_error(&self, error: &ScenarioError) -> anyhow::Error {
        let name = self
            .scenario
            .as_deref()
            .map(input::name)
            .unwrap_or_default();
        let lines = error.faults.iter().map(|fault| format!("{name}: {fault}"));
        Lines(lines.collect()).into()
    }

    /// A problem as a volume group, for LVM2 commands to be planned on.
    ///
    /// # Errors
    /// If it does not say how large an extent is, or no command could say its names.
    pub(crate) fn as_group(&self, document: &json::Document) -> anyhow::Result<lvm::VolumeGroup> {
        let name = self.name();
        let Some(extent_bytes) = document.extent_bytes else {
            bail!(
                "{name}: `extent_bytes` is missing; LVM2 commands need to know how large an extent is"
            );
        };
        let group = lvm::VolumeGroup::of_sources(document.problem.sources(), extent_bytes);
        let group = group.map_err(|error| anyhow!("{name}: {error}"))?;
        lvm::check_names(&group).map_err(|error| anyhow!("{name}: {error}"))?;
        Ok(group)
    }

    /// The words of the command line that name the pool.
    pub(crate) fn words(&self) -> Vec<String> {
        let path = |path: &Path| path.display().to_string();
        let vg = self
            .vg
            .iter()
            .flat_map(|vg| ["--vg".to_string(), vg.clone()]);
        let scenario = self.scenario.iter();
        let scenario = scenario.flat_map(|one| ["--scenario".to_string(), path(one)]);
        let pool = std::iter::once(path(&self.pool));
        pool.chain(vg).chain(scenario).collect()
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

/// The pool of a file, and its text.
pub(crate) fn read(path: &Path, wanted: Option<&str>) -> anyhow::Result<(Pool, String)> {
    let text = local::pool_text(path)?;
    let name = input::name(path);
    if text.trim().is_empty() {
        bail!("{name} is empty; expected LVM2 metadata, an LVM2 JSON report or a problem");
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_report = lvm::looks_like_report(&text);
    if start.starts_with('{') && !is_report {
        let document = json::read_document(&text).map_err(|error| input::wrong(path, &error))?;
        return Ok((Pool::Native(document), text));
    }
    let groups = if is_report {
        lvm::read_reports(&text).map_err(|error| anyhow!("{name}: {error}"))?
    } else {
        let group = lvm::read(&text);
        vec![group.map_err(|error| anyhow!(Rendered(not_metadata(&text, &name, &error))))?]
    };
    Ok((Pool::Group(pick(groups, wanted, &name)?), text))
}

/// Refuses what has a name that LVM2 would not give, with its place where the text has it.
fn check_names(pool: &Pool, text: &str, name: &str) -> anyhow::Result<()> {
    let Pool::Group(group) = pool else {
        // Problems are checked as they are read.
        return Ok(());
    };
    let Err(error) = lvm::check_names(group) else {
        return Ok(());
    };
    if lvm::looks_like_report(text) {
        let place = json::position_of_string(text, &error.name);
        let place = place.map_or(String::new(), |place| format!("{place}: "));
        bail!("{name}: {place}{error}");
    }
    match lvm::misnamed(text, &error) {
        Some(placed) => Err(anyhow!(Rendered(placed.render(name)))),
        None => bail!("{name}: {error}"),
    }
}

/// Why a text is no metadata; where it does not even set out like some, that is said first.
fn not_metadata(text: &str, name: &str, error: &lvm::TextError) -> String {
    let shown = error.render(name);
    if text.trim_start().starts_with("--- ") {
        return format!(
            "error: {name} is what LVM2's `display` commands print, which leaves out volumes; take the report as \
             `lvm fullreport --all --reportformat json`, the table of `pvs -v --segments`, or the metadata (vgcfgbackup)"
        );
    }
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

/// What is to be said about a report that may have its physical volumes in another order than the
/// group: LVM2's own allocator goes by that, and what is said about it may be wrong.
fn order_note(group: &lvm::VolumeGroup, name: &str) -> Option<String> {
    let devices: Vec<&String> = group.physical_volumes.iter().map(|v| &v.device).collect();
    let is_by_name = devices.len() > 1 && devices.is_sorted();
    is_by_name.then(|| {
        format!(
            "{name}: the report lists the physical volumes of `{}` by name, and LVM2 allocates in the \
             order of the metadata; for what LVM2 itself would do take the report with `--configreport \
             pv -O ''`, or metadata (vgcfgbackup)",
            group.name
        )
    })
}

impl Pool {
    /// The pool after the changes of a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`].
    fn changed(
        &self,
        scenario: &Scenario,
        settings: &lvm::Settings,
    ) -> Result<Pool, ScenarioError> {
        Ok(match self {
            Pool::Group(group) => Pool::Group(scenario.applied_to_group(group, settings)?),
            Pool::Native(document) => Pool::Native(json::Document {
                problem: scenario.applied_to_problem(&document.problem, document.extent_bytes)?,
                extent_bytes: document.extent_bytes,
            }),
        })
    }

    /// The pool with every name as it can be shown. Problems have no other names.
    pub(crate) fn printable(self) -> Pool {
        match self {
            Pool::Native(document) => Pool::Native(document),
            Pool::Group(group) => Pool::Group(group.printable()),
        }
    }

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

    /// Who holds what already: one mark per logical volume that users know, with the marks' meanings.
    pub(crate) fn holdings(&self) -> (Vec<Holding>, Vec<(char, String)>) {
        let Pool::Group(group) = self else {
            return (Vec::new(), Vec::new());
        };
        let mut holdings = Vec::new();
        let mut legend: Vec<(char, String)> = Vec::new();
        for (volume, owners) in group.logical_volumes.iter().zip(lvm::owners(group)) {
            let held: Vec<(usize, Area)> = volume
                .segments
                .iter()
                .flat_map(lvm::LvSegment::physical)
                .collect();
            if held.is_empty() {
                continue;
            }
            let owner = owners.join(" and ");
            let known = legend.iter().find(|(_, name)| *name == owner);
            let mark = known.map_or_else(|| mark(legend.len()), |(mark, _)| *mark);
            if known.is_none() {
                legend.push((mark, owner));
            }
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
