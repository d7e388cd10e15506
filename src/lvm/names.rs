//! Which names LVM2 gives, and which devices a command line can say: the one rule for both.
//!
//! The letters are those of lvm(8), "Valid names"; lengths, reserved words and the letters of tags were
//! found by asking LVM2 2.03.16 for volumes of all such names.

use thiserror::Error;

use crate::core::{is_printable, printable};

/// The longest name of a group or a volume.
const LONGEST: usize = 127;
/// The longest that the names of a group and of a new volume in it are together.
const LONGEST_PAIR: usize = 124;

/// What the names of new volumes do not begin with: LVM2 keeps these for its own.
const RESERVED_BEGINNINGS: [&str; 2] = ["pvmove", "snapshot"];
/// What the names of new volumes do not have in them: the names of hidden volumes do.
const RESERVED_PARTS: [&str; 17] = [
    "_cdata", "_cmeta", "_corig", "_cpool", "_cvol", "_imeta", "_iorig", "_mimage", "_mlog",
    "_pmspare", "_rimage", "_rmeta", "_tdata", "_tmeta", "_vdata", "_vorigin", "_wcorig",
];

/// Something with a name that LVM2 would not give it, or that no command line could say.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{}` cannot be the name of a {what}: {reason}", shown(.name))]
pub struct NameError {
    /// What it should name, such as `volume group`.
    pub what: &'static str,
    /// The name found.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// What a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    VolumeGroup,
    /// One that is there, hidden ones included.
    LogicalVolume,
    NewLogicalVolume,
    PhysicalVolume,
    Tag,
    /// A word of metadata that answers quote, such as a segment type.
    Word,
}

impl Named {
    /// Checks a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub(crate) fn check(self, name: &str) -> Result<(), NameError> {
        let what = match self {
            Named::VolumeGroup => "volume group",
            Named::LogicalVolume => "logical volume",
            Named::NewLogicalVolume => "new logical volume",
            Named::PhysicalVolume => "physical volume",
            Named::Tag => "tag",
            Named::Word => "type, state or part",
        };
        let checked = match self {
            Named::VolumeGroup | Named::LogicalVolume => plain(name),
            Named::NewLogicalVolume => plain(name).and_then(|()| unreserved(name)),
            Named::PhysicalVolume => device(name),
            Named::Tag => letters(name, "+_.-/=!:#&"),
            Named::Word => shows(name),
        };
        checked.map_err(|reason| NameError {
            what,
            name: name.to_string(),
            reason,
        })
    }
}

/// Checks a tag, with or without its `@`, as LVM2 does.
///
/// # Errors
/// What is wrong with it.
pub fn check_tag(word: &str) -> Result<(), NameError> {
    Named::Tag.check(word.strip_prefix('@').unwrap_or(word))
}

/// Whether a word could be the name of a volume group.
#[must_use]
pub fn is_group_name(word: &str) -> bool {
    Named::VolumeGroup.check(word).is_ok()
}

/// Checks that the names of a group and of a new volume in it are not too long together.
///
/// # Errors
/// [`NameError`].
pub(crate) fn check_pair(group: &str, name: &str) -> Result<(), NameError> {
    let length = group.len() + name.len();
    if length <= LONGEST_PAIR {
        return Ok(());
    }
    Err(NameError {
        what: "new logical volume",
        name: name.to_string(),
        reason: format!(
            "with that of its volume group it is {length} letters long; expected at most \
             {LONGEST_PAIR}"
        ),
    })
}

/// A name for a message: on one line, and not all of a long one.
fn shown(name: &str) -> String {
    const MOST: usize = 60;
    let front: String = name.chars().take(MOST).collect();
    let rest = if front.len() < name.len() { "..." } else { "" };
    format!("{}{rest}", printable(&front))
}

/// Letters, digits and a few signs; nothing that a path or a command line takes for something else.
fn plain(name: &str) -> Result<(), String> {
    letters(name, "+_.-")?;
    if name == "." || name == ".." || name.starts_with('-') {
        return Err("it is a dot, two dots, or begins with a dash".to_string());
    }
    let length = name.len();
    if length > LONGEST {
        return Err(format!(
            "it is {length} letters long; expected at most {LONGEST}"
        ));
    }
    Ok(())
}

fn letters(name: &str, signs: &str) -> Result<(), String> {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || signs.contains(letter);
    if name.is_empty() {
        return Err("it is empty".to_string());
    }
    match name.chars().find(|&letter| !is_legal(letter)) {
        None => Ok(()),
        Some(letter) => {
            let spread: Vec<String> = signs.chars().map(String::from).collect();
            Err(format!(
                "it has `{}` in it; expected letters, digits and {}",
                printable(&letter.to_string()),
                spread.join(" ")
            ))
        }
    }
}

/// Why a name is one of LVM2's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// What it begins with.
    Beginning(&'static str),
    /// What it has in it.
    Part(&'static str),
}

/// Whether new volumes do not get a name because LVM2 keeps it for its own.
pub(crate) fn reserved(name: &str) -> Option<Reserved> {
    let mut beginnings = RESERVED_BEGINNINGS.into_iter();
    let beginning = beginnings.find(|word| name.starts_with(word));
    let part = || RESERVED_PARTS.into_iter().find(|word| name.contains(word));
    let beginning = beginning.map(Reserved::Beginning);
    beginning.or_else(|| part().map(Reserved::Part))
}

fn unreserved(name: &str) -> Result<(), String> {
    match reserved(name) {
        Some(Reserved::Beginning(word)) => {
            Err(format!("names that begin with `{word}` are LVM2's own"))
        }
        Some(Reserved::Part(word)) => Err(format!("names with `{word}` in them are LVM2's own")),
        None => Ok(()),
    }
}

/// A path may have nearly any letter. As an argument it must not look like an option, and LVM2 reads
/// `:` and `@` behind a backslash as part of the name, so that a name with those two cannot be said.
fn device(name: &str) -> Result<(), String> {
    shows(name)?;
    if name.is_empty() || name.starts_with('-') {
        return Err("it is empty, or begins with a dash".to_string());
    }
    if name.ends_with('\\') || name.contains("\\:") || name.contains("\\@") {
        return Err("it has a backslash in front of `:` or `@`, or at its end".to_string());
    }
    Ok(())
}

fn shows(name: &str) -> Result<(), String> {
    match name.chars().find(|&letter| !is_printable(letter)) {
        None => Ok(()),
        Some(letter) => Err(format!(
            "it has `{}` in it; expected letters that can be printed",
            printable(&letter.to_string())
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_lvm2_gives() {
        let new = Named::NewLogicalVolume;
        for name in [
            "a",
            "...",
            "+a",
            "_a",
            ".a",
            "a.",
            "lvol0",
            "xsnapshot",
            "a_tpool",
            "a_real",
        ] {
            assert_eq!(new.check(name), Ok(()), "{name}");
        }
        let long = "a".repeat(128);
        for name in [
            "",
            ".",
            "..",
            "-a",
            "a b",
            "a:b",
            "a@b",
            "a=b",
            "a/b",
            "é",
            "a\n",
            "snapshot0",
            "pvmove",
            "a_iorig",
            "_cpool_x",
            "a_cvolb",
            "a_rimage_0",
            &long,
        ] {
            assert!(new.check(name).is_err(), "{name}");
        }
        assert_eq!(Named::LogicalVolume.check("a_rimage_0"), Ok(()));
        assert_eq!(check_pair("vg0", &"a".repeat(121)), Ok(()));
        assert!(check_pair("vg0", &"a".repeat(122)).is_err());
    }

    #[test]
    fn tags_and_devices_have_rules_of_their_own() {
        for tag in ["a", "-a", "a+_.-/=!:#&9"] {
            assert_eq!(Named::Tag.check(tag), Ok(()), "{tag}");
        }
        for tag in [
            "", "a b", "a@", "a\\", "a\u{1b}", "é", "a~", "a%", "a,b", "$a", "'",
        ] {
            assert!(Named::Tag.check(tag).is_err(), "{tag}");
        }
        for name in [
            "/dev/sda",
            "/dev/disk/by-label/a\\x20b",
            "/dev/a b'$(x)",
            "/dev/Größe",
            "@a",
            "a:0",
        ] {
            assert_eq!(Named::PhysicalVolume.check(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "-a",
            "/dev/a\n",
            "/dev/\u{1b}[2J",
            "/dev/\u{202e}",
            "a\\",
            "a\\:0",
            "a\\@b",
        ] {
            assert!(Named::PhysicalVolume.check(name).is_err(), "{name}");
        }
    }
}
