//! The commands that are understood.

use std::fmt;

/// Which command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `lvcreate`.
    Create,
    /// `lvextend`.
    Extend,
    /// `lvconvert`, of volumes into a pool.
    Convert,
    /// `lvchange`, of nothing that bears on where extents go.
    Change,
}

impl Verb {
    /// Every command that is understood.
    pub const ALL: [Verb; 4] = [Verb::Create, Verb::Extend, Verb::Convert, Verb::Change];

    /// The name of the program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verb::Create => "lvcreate",
            Verb::Extend => "lvextend",
            Verb::Convert => "lvconvert",
            Verb::Change => "lvchange",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
