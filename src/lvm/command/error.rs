//! What can be wrong with a command before any volume group is looked at.

use thiserror::Error;

use crate::core::printable;
use crate::lvm::{NameError, Program, SegmentType};

/// A command that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Nothing there.
    #[error("there is no command; expected lvcreate or lvextend with its arguments")]
    Empty,
    /// Another program.
    #[error(
        "found the command `{found}`; expected lvcreate or lvextend, or another that `extentplan help options` lists"
    )]
    UnknownCommand {
        /// The word.
        found: String,
    },
    /// An option that LVM2 does not have.
    #[error("{command} has no option `{option}`")]
    UnknownOption {
        /// The command.
        command: Program,
        /// The option as typed.
        option: String,
    },
    /// Something that LVM2 knows, and that is not planned.
    #[error("{command}: {what} is not planned here: {reason}")]
    NotPlanned {
        /// The command.
        command: Program,
        /// The option, or what else it is.
        what: String,
        /// Why not.
        reason: &'static str,
    },
    /// A command that LVM2 knows, and that is not planned.
    #[error("`{found}` is not planned here: {reason}")]
    CommandNotPlanned {
        /// The word.
        found: String,
        /// Why not.
        reason: &'static str,
    },
    /// What LVM2 itself refuses, in its words.
    #[error("{}", .message.lines().collect::<Vec<_>>().join(" "))]
    Lvm2 {
        /// The words, in lines.
        message: String,
    },
    /// A size of nothing, in LVM2's words.
    #[error("--{option} may not be zero.")]
    Zero {
        /// The option.
        option: &'static str,
    },
    /// A segment type that LVM2 has, and that cannot be planned.
    #[error(
        "segment type `{found}` is not planned here; expected linear, striped, mirror, raid0, \
         raid0_meta, raid1, raid4, raid5, raid6, raid10 (or one of their variants), thin-pool or \
         cache-pool"
    )]
    UnsupportedType {
        /// The word.
        found: String,
    },
    /// A conversion that LVM2 knows, and that cannot be planned.
    #[error("conversion to `{found}` is not planned here; expected thin-pool or cache-pool")]
    UnsupportedConversion {
        /// The word.
        found: String,
    },
    /// The beginning of several options.
    #[error("option `{option}` is ambiguous; it may be {}", candidates.join(", "))]
    AmbiguousOption {
        /// The option as typed.
        option: String,
        /// What it may be.
        candidates: Vec<String>,
    },
    /// An option twice.
    #[error("option {option} is given twice")]
    Repeated {
        /// The option.
        option: String,
    },
    /// An option without its value.
    #[error("option {option} needs a value, and the command ends there")]
    MissingValue {
        /// The option.
        option: String,
    },
    /// An option with a value that it does not take.
    #[error("option {option} takes no value; found `{value}`")]
    UnexpectedValue {
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// A value that is none for its option.
    #[error("option {option}: found `{found}`, expected {expected}")]
    BadValue {
        /// The option.
        option: String,
        /// The value.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A positional argument that makes no sense.
    #[error("argument `{found}`: expected {expected}")]
    BadArgument {
        /// The argument.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Two names for a pool, in LVM2's words.
    #[error("Ambiguous {} name specified, {name} and {other}.", kind.name())]
    AmbiguousName {
        /// The type of the pool.
        kind: SegmentType,
        /// One.
        name: String,
        /// The other.
        other: String,
    },
    /// Two options of which only one can be.
    #[error("options {first} and {second} contradict each other")]
    Contradiction {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Something that has to be given is not.
    #[error("{what} is missing")]
    Missing {
        /// The command.
        command: Program,
        /// What.
        what: &'static str,
    },
    /// An option that does not go with the segment type.
    #[error("option {option} does not go with segment type {kind}")]
    NotForType {
        /// The option.
        option: &'static str,
        /// The type.
        kind: SegmentType,
    },
    /// A count outside what the segment type allows.
    #[error("segment type {kind} takes {}; found {found}", between(*.least, *.most, .what))]
    CountOutOfRange {
        /// The type.
        kind: SegmentType,
        /// `stripes (-i)` or `mirrors (-m)`.
        what: &'static str,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
        /// What was given.
        found: u64,
    },
    /// A name that LVM2 would not give.
    #[error(transparent)]
    BadName(#[from] NameError),
    /// A word with something in it that does not show as itself.
    #[error("`{}` has control characters, or letters that do not show", printable(.found))]
    Unprintable {
        /// The word.
        found: String,
    },
    /// Something in a script that only a running shell understands.
    #[error("found {found}, which only a shell can make sense of; expected plain commands")]
    Shell {
        /// What.
        found: String,
    },
}

fn between(least: u64, most: u64, what: &str) -> String {
    match (least, most) {
        (1, 1) => format!("1 {}", what.replacen("s (", " (", 1)),
        _ if least == most => format!("{least} {what}"),
        _ => format!("{least} to {most} {what}"),
    }
}

/// A script that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// Not a single command.
    #[error("there is no command; expected lines with lvcreate or lvextend")]
    Empty,
    /// A line that cannot be read.
    #[error("line {line}: {error}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        error: CommandError,
    },
}
