//! What is done between the commands of a plan, and what it does to volumes.

use crate::lvm::shell_quoted;

/// A command between those of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interlude {
    /// The command, as a line for a shell.
    pub line: String,
    /// What it loses, as a sentence.
    pub loses: Option<String>,
    /// What it does to the names of volumes.
    pub effect: Effect,
}

impl Interlude {
    /// A command that takes nothing away from any volume.
    #[must_use]
    pub fn plain(line: String) -> Interlude {
        Interlude {
            line,
            loses: None,
            effect: Effect::None,
        }
    }

    /// Whether removing what it makes takes it back.
    pub(crate) fn is_undone(&self) -> bool {
        match &self.effect {
            Effect::Converts {
                volume: None,
                made,
                gone,
            } => self.loses.is_none() && gone.is_empty() && !made.is_empty(),
            Effect::Converts { .. }
            | Effect::None
            | Effect::Removes(_)
            | Effect::Cuts(_)
            | Effect::Renames { .. } => false,
        }
    }

    /// `lvremove` of one volume.
    #[must_use]
    pub fn removal(path: String) -> Interlude {
        Interlude {
            line: format!("lvremove -y {}", shell_quoted(&path)),
            loses: Some(format!("all that {path} holds is lost")),
            effect: Effect::Removes(vec![path]),
        }
    }
}

/// What a command does to volumes that earlier ones made or made larger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// They are gone.
    Removes(Vec<String>),
    /// It is smaller.
    Cuts(String),
    /// One becomes something else, some are there now, and some are part of it, or gone.
    Converts {
        /// The one that is converted, where there is one.
        volume: Option<String>,
        /// Those that are new.
        made: Vec<String>,
        /// Those that are no more.
        gone: Vec<String>,
    },
    /// It is called otherwise.
    Renames {
        /// The name that it has.
        old: String,
        /// The name that it gets.
        new: String,
    },
}
