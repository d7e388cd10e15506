//! How LVM2 behaves: what the caller says of that, and what the pool itself does.

use crate::ask::fault::{Result, fault};
use crate::ask::pool::Pool;
use crate::lvm::{Settings, Version, written_by};

/// What the caller says of LVM2.
#[derive(Clone, Debug, Default)]
pub struct SettingsQuestion<'a> {
    /// The version; without one that which wrote the pool, or the newest.
    pub version: Option<Version>,
    /// What messages call an lvm.conf, and its text.
    pub conf: Option<(&'a str, &'a str)>,
    /// `KEY=VALUE`, counting more than that.
    pub config: &'a [String],
}

impl SettingsQuestion<'_> {
    /// The settings for a pool with this text, and what is to be noted.
    ///
    /// # Errors
    /// If a key is unknown or a value is not one that it takes.
    pub fn settings(&self, pool: &str) -> Result<(Settings, Option<String>)> {
        let settings = match self.conf {
            None => Settings::default(),
            Some((name, text)) => {
                Settings::of_conf(text).map_err(|error| fault!("{name}: {error}"))?
            }
        };
        let settings = settings
            .with(self.config)
            .map_err(|error| fault!("--config: {error}"))?;
        let words = written_by(pool);
        let written_by: Option<Version> = words.and_then(|words| words.parse().ok());
        let newest = Version::NEWEST;
        let note = match (self.version, written_by, words) {
            (None, None, Some(words)) => Some(format!(
                "LVM2 {words:?} wrote the pool, which is none of those known here (2.03.0 to {newest}): {newest} is taken, \
                 and that one may do otherwise; --lvm2 takes another"
            )),
            (_, _, _) => None,
        };
        let settings = Settings {
            version: self.version.or(written_by).unwrap_or(newest),
            ..settings
        };
        Ok((settings, note))
    }

    /// What is to be noted where commands are printed, or LVM2 is simulated, for a volume group that does not say which
    /// LVM2 wrote it, and neither does the caller.
    #[must_use]
    pub fn assumed(&self, pool: &Pool, text: &str) -> Option<String> {
        let is_open = self.version.is_none() && written_by(text).is_none();
        (is_open && pool.group_name().is_some()).then(|| {
            format!(
                "the pool does not say which LVM2 it belongs to: {} is assumed; --lvm2 VERSION sets another",
                Version::NEWEST
            )
        })
    }
}
