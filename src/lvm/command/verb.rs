//! The commands that a plan is made of.

use std::fmt;

use crate::lvm::Program;

/// What a command about one logical volume does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `lvcreate`.
    Create,
    /// `lvextend`, or what of `lvresize` and `lvreduce` is the same.
    Extend,
    /// `lvconvert`, of volumes into a pool.
    Convert,
    /// `lvchange`, of nothing that bears on where extents go.
    Change,
}

impl Verb {
    /// The program that does it.
    #[must_use]
    pub fn program(self) -> Program {
        match self {
            Verb::Create => Program::LvCreate,
            Verb::Extend => Program::LvExtend,
            Verb::Convert => Program::LvConvert,
            Verb::Change => Program::LvChange,
        }
    }

    /// The name of the program.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.program().name()
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
