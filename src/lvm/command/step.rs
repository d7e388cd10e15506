//! What a command of LVM2 asks for, whichever it is.

use crate::lvm::{AllocationPolicy, Given, LvCommand, Program, PvArgument, shell_quoted};

/// A command as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedStep {
    /// Its words, the program first, without what may stand in front of that.
    pub words: Vec<String>,
    /// Which command it is.
    pub program: Program,
    /// The volume group, where the command names it.
    pub volume_group: Option<String>,
    /// Its options and arguments.
    pub given: Given,
    /// What it asks for.
    pub step: Step,
}

impl TypedStep {
    /// Whether LVM2 runs it while physical volumes of the group are missing.
    #[must_use]
    pub fn runs_while_missing(&self) -> bool {
        let has = |option: &&str| self.given.has(option);
        match self.program {
            Program::LvRemove | Program::VgCk => true,
            Program::LvConvert => self.given.has("repair"),
            Program::LvChange => !["resync", "rebuild", "syncaction"].iter().any(has),
            Program::VgChange => {
                let tags = ["addtag", "deltag"].iter().any(has);
                let resizes = ["resizeable", "resizable"].iter().any(has);
                tags && !resizes && matches!(self.step, Step::ChangeGroup { policy: None })
            }
            Program::LvCreate
            | Program::LvExtend
            | Program::LvResize
            | Program::LvReduce
            | Program::LvRename
            | Program::VgExtend
            | Program::VgReduce
            | Program::PvChange
            | Program::PvResize => false,
        }
    }

    /// The command as a line for a shell.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.words.iter().map(|word| shell_quoted(word));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The same as a script has it: where LVM2 would stop and ask, `-y` answers. What is lost is said where the line is
    /// printed.
    #[must_use]
    pub fn unattended_line(&self) -> String {
        let mut words: Vec<String> = self.words.iter().map(|word| shell_quoted(word)).collect();
        if self.may_ask() {
            words.insert(1, "-y".to_string());
        }
        words.join(" ")
    }

    /// Whether LVM2 may want an answer before it does this.
    fn may_ask(&self) -> bool {
        if self.given.has("yes") {
            return false;
        }
        match self.program {
            Program::LvConvert => true,
            Program::LvRemove | Program::LvReduce | Program::LvResize => !self.given.has("force"),
            Program::LvCreate => self.given.has("cachevol") || self.given.has("cachepool"),
            Program::LvChange => ["persistent", "resync", "rebuild"]
                .iter()
                .any(|option| self.given.has(option)),
            Program::LvExtend
            | Program::LvRename
            | Program::VgChange
            | Program::VgExtend
            | Program::VgReduce
            | Program::PvChange
            | Program::PvResize
            | Program::VgCk => false,
        }
    }
}

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `lvcreate`, `lvextend`, `lvresize` by more, `lvchange`, and `lvconvert` of two volumes into a pool.
    Volume(LvCommand),
    /// `lvreduce`, or `lvresize` where it may go either way.
    Resize {
        /// What is wanted, in the words of `lvextend`; the size may be less, or negative.
        command: LvCommand,
        /// Whether it may grow.
        may_grow: bool,
    },
    /// `lvremove`.
    Remove {
        /// The volumes, without their group.
        names: Vec<String>,
    },
    /// What stands in the options and arguments, and is only simulated.
    AsGiven,
    /// `lvrename`.
    Rename {
        /// The name that it has.
        old: String,
        /// The name that it gets.
        new: String,
    },
    /// `vgchange`.
    ChangeGroup {
        /// The new policy of the group.
        policy: Option<AllocationPolicy>,
    },
    /// `vgextend`.
    ExtendGroup {
        /// The devices that become physical volumes of the group.
        devices: Vec<String>,
    },
    /// `vgreduce`.
    ReduceGroup {
        /// The physical volumes that leave the group; none: all that hold nothing.
        volumes: Vec<PvArgument>,
    },
    /// `pvchange`.
    ChangeVolumes {
        /// The physical volumes; none: all.
        volumes: Vec<PvArgument>,
        /// Whether they may be allocated from.
        allocatable: Option<bool>,
        /// Tags that they get.
        add_tags: Vec<String>,
        /// Tags that they lose.
        remove_tags: Vec<String>,
    },
    /// `pvresize`.
    ResizeVolumes {
        /// The physical volumes, each of which gets as large as its device.
        devices: Vec<String>,
    },
    /// `vgck`: looks, and changes nothing.
    Look,
}
