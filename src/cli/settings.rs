//! Options that say how LVM2 would behave, and what the pool itself says about that.

use std::path::PathBuf;

use clap::Args;

use crate::ask::SettingsQuestion;
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
    /// The LVM2 that is asked for, or the newest.
    pub(crate) fn version(&self) -> lvm::Version {
        self.version.unwrap_or(lvm::Version::NEWEST)
    }

    /// The settings of LVM2 that the options describe, for a pool with this text.
    ///
    /// # Errors
    /// If the file cannot be read, a key is unknown or a value is not one that it takes.
    pub(crate) fn read(&self, pool: &str) -> anyhow::Result<lvm::Settings> {
        let conf = match &self.conf {
            None => None,
            Some(path) => Some((input::name(path), input::read_text(path)?)),
        };
        let question = SettingsQuestion {
            version: self.version,
            conf: conf
                .as_ref()
                .map(|(name, text)| (name.as_str(), text.as_str())),
            config: &self.config,
        };
        let (settings, note) = question.settings(pool)?;
        if let Some(note) = note {
            output::remark(&format!("note: {note}"));
        }
        Ok(settings)
    }
}
