//! Options that say how LVM2 would behave, and what the pool itself says about that.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::ask::{Pool, SettingsQuestion};
use crate::cli::input;
use crate::cli::output;
use crate::lvm;

/// Options that say how LVM2 would behave.
#[derive(Clone, Debug, Args)]
pub(crate) struct SettingsOptions {
    /// The LVM2 whose allocator is compared with and whose commands are printed; that which wrote the pool if
    /// it says so and is known, else 2.03.42
    #[arg(long = "lvm2", value_name = "VERSION")]
    version: Option<lvm::Version>,
    /// An lvm.conf or a part of one, such as a list of tags that volumes cling by
    #[arg(long = "lvm-conf", value_name = "FILE")]
    conf: Option<PathBuf>,
    /// A setting of lvm.conf that bears on placement, such as `allocation/maximise_cling=0`; counts more than
    /// `--lvm-conf`
    #[arg(long = "config", value_name = "KEY=VALUE")]
    config: Vec<String>,
}

impl SettingsOptions {
    /// The LVM2 that is asked for.
    pub(crate) fn asked_version(&self) -> Option<lvm::Version> {
        self.version
    }

    /// Whether anything is said of lvm.conf.
    pub(crate) fn has_conf(&self) -> bool {
        self.conf.is_some() || !self.config.is_empty()
    }

    /// The options as they are typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let option = |name: &str, value: String| [name.to_string(), value];
        let version = self.version.iter();
        let version = version.map(|version| option("--lvm2", version.to_string()));
        let conf = self.conf.iter();
        let conf = conf.map(|path| option("--lvm-conf", path.display().to_string()));
        let config = self.config.iter();
        let config = config.map(|setting| option("--config", setting.clone()));
        version.chain(conf).chain(config).flatten().collect()
    }

    /// The lvm.conf, by its name in messages and its text, where one is given.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn conf(&self) -> anyhow::Result<Option<(String, String)>> {
        let read = |path: &PathBuf| {
            let (name, text) = (input::name(path), input::read_text(path)?);
            if lvm::read(&text).is_ok() {
                bail!(
                    "--lvm-conf {name} is metadata of a volume group; expected settings of lvm.conf"
                );
            }
            Ok((name, text))
        };
        self.conf.as_ref().map(read).transpose()
    }

    /// What the options say, with that lvm.conf.
    pub(crate) fn question<'a>(
        &'a self,
        conf: Option<&'a (String, String)>,
    ) -> SettingsQuestion<'a> {
        SettingsQuestion {
            version: self.version,
            conf: conf.map(|(name, text)| (name.as_str(), text.as_str())),
            config: &self.config,
        }
    }

    /// The settings of LVM2 that the options describe, for a pool with this text.
    ///
    /// # Errors
    /// If the file cannot be read, a key is unknown or a value is not one that it takes.
    pub(crate) fn read(&self, pool: &str) -> anyhow::Result<lvm::Settings> {
        let conf = self.conf()?;
        let (settings, note) = self.question(conf.as_ref()).settings(pool)?;
        if let Some(note) = note {
            output::note(&note);
        }
        Ok(settings)
    }

    /// Notes which LVM2 is assumed where neither the pool nor the options say it.
    pub(crate) fn note_assumed(&self, pool: &Pool, text: &str) {
        if let Some(note) = self.question(None).assumed(pool, text) {
            output::note(&note);
        }
    }
}
