//! The table of options for people.

use crate::lvm::Program;
use crate::lvm::command::options::meaning::Meaning;
use crate::lvm::command::options::table::rows;

/// An option of a command of LVM2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOption {
    /// Its long name, without dashes.
    pub long: &'static str,
    /// Its short form, where it has one.
    pub short: Option<char>,
    /// Whether a value goes with it.
    pub takes_value: bool,
    /// What it is to a plan.
    pub purpose: OptionPurpose,
}

/// What an option is to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptionPurpose {
    /// It is planned for.
    Planned,
    /// It bears on no extents, and is passed through.
    PassedThrough,
    /// It would, and is refused, for this reason.
    NotPlanned(&'static str),
}

/// The options that a command of LVM2 takes, by name.
#[must_use]
pub fn options_of(program: Program) -> Vec<ListedOption> {
    let rows = rows(program).map(|row| ListedOption {
        long: row.long,
        short: row.short,
        takes_value: row.takes_value,
        purpose: match row.meaning {
            Meaning::Plans(_) | Meaning::Converts => OptionPurpose::Planned,
            Meaning::Kept => OptionPurpose::PassedThrough,
            Meaning::NotPlanned(reason) => OptionPurpose::NotPlanned(reason),
        },
    });
    rows.collect()
}
