//! Where the extents are: an LVM2 volume group or a problem of our own, recognised by its content.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use crate::ask::{Fault, InOrder, Pool};
use crate::cli::output;
use crate::cli::settings::SettingsOptions;
use crate::cli::{input, local};
use crate::lvm;
use crate::scenario::{self, Scenario, ScenarioError};

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
        let (pool, _, settings) = self.checked(options)?;
        Ok((self.changed(pool, &settings)?, settings))
    }

    /// The same where commands are printed: notes if nothing says for which LVM2.
    ///
    /// # Errors
    /// As [`PoolArguments::read_to_plan`].
    pub(crate) fn read_to_command(
        &self,
        options: &SettingsOptions,
    ) -> anyhow::Result<(Pool, lvm::Settings)> {
        let (pool, text, settings) = self.checked(options)?;
        options.note_assumed(&pool, &text);
        Ok((self.changed(pool, &settings)?, settings))
    }

    /// The pool, its text and its settings.
    fn checked(&self, options: &SettingsOptions) -> anyhow::Result<(Pool, String, lvm::Settings)> {
        let (pool, text) = read(&self.pool, self.vg.as_deref())?;
        pool.check_names(&text, &self.name())?;
        if let Some(note) = pool.unsaid_note(&self.name()) {
            output::note(&note);
        }
        let settings = options.read(&text)?;
        Ok((pool, text, settings))
    }

    /// Reads the pool to plan where something is to be said about what LVM2 itself would do: notes if
    /// the order of the physical volumes may be lost.
    ///
    /// # Errors
    /// As [`PoolArguments::read_to_plan`].
    pub(crate) fn read_in_order(&self, options: &SettingsOptions) -> anyhow::Result<InOrder> {
        let (pool, text, settings) = self.checked(options)?;
        options.note_assumed(&pool, &text);
        if let Some(note) = pool.order_note(&text, &self.name()) {
            output::note(&note);
        }
        let scenario = self.scenario()?;
        InOrder::of(pool, scenario.as_ref(), settings).map_err(|error| self.scenario_error(&error))
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
    fn scenario_error(&self, error: &ScenarioError) -> anyhow::Error {
        Fault::scenario(&self.scenario_name(), error).into()
    }

    /// The file of the scenario as messages name it.
    pub(crate) fn scenario_name(&self) -> String {
        self.scenario
            .as_deref()
            .map(input::name)
            .unwrap_or_default()
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
    Ok((Pool::read(&text, &input::name(path), wanted)?, text))
}
