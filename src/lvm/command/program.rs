//! The commands of LVM2 that are read.

use std::fmt;

/// A command of LVM2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// `lvcreate`.
    LvCreate,
    /// `lvextend`.
    LvExtend,
    /// `lvresize`.
    LvResize,
    /// `lvreduce`.
    LvReduce,
    /// `lvremove`.
    LvRemove,
    /// `lvconvert`.
    LvConvert,
    /// `lvchange`.
    LvChange,
    /// `lvrename`.
    LvRename,
    /// `vgchange`.
    VgChange,
    /// `vgextend`.
    VgExtend,
    /// `vgreduce`.
    VgReduce,
    /// `pvchange`.
    PvChange,
    /// `pvresize`.
    PvResize,
    /// `vgck`.
    VgCk,
}

impl Program {
    /// Every command that is read.
    pub const ALL: [Program; 14] = [
        Program::LvCreate,
        Program::LvExtend,
        Program::LvResize,
        Program::LvReduce,
        Program::LvRemove,
        Program::LvConvert,
        Program::LvChange,
        Program::LvRename,
        Program::VgChange,
        Program::VgExtend,
        Program::VgReduce,
        Program::PvChange,
        Program::PvResize,
        Program::VgCk,
    ];

    /// The word that it is called by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Program::LvCreate => "lvcreate",
            Program::LvExtend => "lvextend",
            Program::LvResize => "lvresize",
            Program::LvReduce => "lvreduce",
            Program::LvRemove => "lvremove",
            Program::LvConvert => "lvconvert",
            Program::LvChange => "lvchange",
            Program::LvRename => "lvrename",
            Program::VgChange => "vgchange",
            Program::VgExtend => "vgextend",
            Program::VgReduce => "vgreduce",
            Program::PvChange => "pvchange",
            Program::PvResize => "pvresize",
            Program::VgCk => "vgck",
        }
    }

    /// The command of a word, with or without the folder that it lies in.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Program> {
        let word = word.rsplit('/').next().unwrap_or(word);
        Program::ALL
            .into_iter()
            .find(|program| program.name() == word)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
