//! Why a report cannot be read as volume groups.

use std::fmt;

use thiserror::Error;

/// Why a report cannot be read as volume groups.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The text is not JSON.
    #[error("line {line}, column {column}: not JSON: {message}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON reader expected.
        message: String,
    },
    /// JSON, but no report of LVM2.
    #[error("found {found}, expected an object with a list `report`, as LVM2 prints it")]
    NotAReport {
        /// What is there.
        found: String,
    },
    /// A line of a table whose words do not stand below its headings.
    #[error(
        "line {line}: found `{found}`, expected words below the headings of a table of `pvs`, `lvs` or `vgs`, at the \
         places where LVM2 prints them; or take `lvm fullreport -a --reportformat json`"
    )]
    NotInColumns {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// No row names a volume group.
    #[error("the report names no volume group; add `-o +vg_name`, or take `lvm fullreport -a`")]
    NoVolumeGroup,
    /// What is needed and not there.
    #[error("the report of volume group `{group}` does not hold {}", list(.fields))]
    Missing {
        /// The volume group.
        group: String,
        /// All that is missing.
        fields: Vec<MissingField>,
    },
    /// A field that should be a number.
    #[error("found `{found}` for `{field}` of {what}, expected a whole number below 2^32")]
    NotANumber {
        /// The field.
        field: String,
        /// What it belongs to.
        what: String,
        /// What it is.
        found: String,
    },
    /// A size that is rounded or in a unit that cannot be told.
    #[error(
        "found `{found}` for `{field}` of `{group}`, expected the exact size; {why}: add `--units b`"
    )]
    InexactSize {
        /// The volume group.
        group: String,
        /// The field.
        field: String,
        /// What it is.
        found: String,
        /// Why it is not exact.
        why: &'static str,
    },
    /// Rows that cannot both be right.
    #[error("{}the report of volume group `{group}` contradicts itself: {what}", at(*.place))]
    Contradiction {
        /// The volume group.
        group: String,
        /// The line and the column, from 1, of one of the two, where the report has it as it stands.
        place: Option<(usize, usize)>,
        /// What does not fit, with names and numbers.
        what: String,
    },
}

/// Something that a report does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingField {
    /// What is missing.
    pub what: &'static str,
    /// The volumes that it is missing of; empty where it is the group itself.
    pub of: Vec<String>,
    /// The option that adds it.
    pub option: &'static str,
}

impl MissingField {
    /// Adds that something is missing of a volume to what is missing already.
    pub(crate) fn note(
        missing: &mut Vec<MissingField>,
        what: &'static str,
        of: &str,
        option: &'static str,
    ) {
        match missing
            .iter_mut()
            .find(|field| field.what == what && field.option == option)
        {
            Some(field) => field.of.push(of.to_string()),
            None => missing.push(MissingField {
                what,
                of: vec![of.to_string()],
                option,
            }),
        }
    }
}

impl fmt::Display for MissingField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if !self.of.is_empty() {
            write!(f, " of `{}`", self.of.join("`, `"))?;
        }
        write!(f, " (add it with `{}`)", self.option)
    }
}

fn at(place: Option<(usize, usize)>) -> String {
    place.map_or_else(String::new, |(line, column)| {
        format!("line {line}, column {column}: ")
    })
}

fn list(fields: &[MissingField]) -> String {
    let fields: Vec<String> = fields.iter().map(MissingField::to_string).collect();
    fields.join(", ")
}
