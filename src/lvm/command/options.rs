//! The options of LVM2's commands, and how a command line is taken apart into them.

use crate::lvm::{CommandError, Verb};

/// What an option is to a planner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It bears on where extents go.
    Plans(Planned),
    /// It does not; it is kept.
    Kept,
    /// It would, and nobody can plan it.
    Unsupported,
}

/// The options that bear on where extents go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    Extents,
    Size,
    Stripes,
    StripeSize,
    Mirrors,
    MirrorLog,
    CoreLog,
    RegionSize,
    ChunkSize,
    Name,
    Alloc,
    Contiguous,
    Type,
    NoSync,
    Thin,
    ThinPool,
    PoolMetadataSize,
    PoolMetadataSpare,
    PoolMetadata,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionRow {
    pub(crate) long: &'static str,
    /// Its short form, where this command has one.
    pub(crate) short: Option<char>,
    pub(crate) takes_value: bool,
    pub(crate) meaning: Meaning,
}

impl OptionRow {
    /// The option as messages name it.
    pub(crate) fn name(&self) -> String {
        match self.short {
            Some(short) => format!("-{short}/--{}", self.long),
            None => format!("--{}", self.long),
        }
    }
}

const fn row(long: &'static str, short: char, takes_value: bool, meaning: Meaning) -> OptionRow {
    OptionRow {
        long,
        short: if short == ' ' { None } else { Some(short) },
        takes_value,
        meaning,
    }
}

const fn planned(long: &'static str, short: char, takes_value: bool, is: Planned) -> OptionRow {
    row(long, short, takes_value, Meaning::Plans(is))
}

/// An option that is kept and takes a value.
const fn value(long: &'static str, short: char) -> OptionRow {
    row(long, short, true, Meaning::Kept)
}

/// An option that is kept and takes none.
const fn flag(long: &'static str, short: char) -> OptionRow {
    row(long, short, false, Meaning::Kept)
}

const fn refused(long: &'static str, short: char, takes_value: bool) -> OptionRow {
    row(long, short, takes_value, Meaning::Unsupported)
}

/// What every command of LVM2 takes.
const COMMON: &[OptionRow] = &[
    flag("debug", 'd'),
    flag("quiet", 'q'),
    flag("verbose", 'v'),
    flag("yes", 'y'),
    flag("test", 't'),
    value("commandprofile", ' '),
    value("driverloaded", ' '),
    flag("nolocking", ' '),
    value("lockopt", ' '),
    value("profile", ' '),
    value("devicesfile", ' '),
    value("devices", ' '),
    flag("nohints", ' '),
    value("journal", ' '),
    value("autobackup", 'A'),
    value("reportformat", ' '),
    flag("noudevsync", ' '),
    // Settings may change every rule of the allocation.
    refused("config", ' ', true),
    refused("help", 'h', false),
    refused("longhelp", ' ', false),
    refused("version", ' ', false),
];

/// What commands that allocate take.
const ALLOCATING: &[OptionRow] = &[
    planned("extents", 'l', true, Planned::Extents),
    planned("size", 'L', true, Planned::Size),
    planned("stripes", 'i', true, Planned::Stripes),
    planned("stripesize", 'I', true, Planned::StripeSize),
    planned("mirrors", 'm', true, Planned::Mirrors),
    planned("alloc", ' ', true, Planned::Alloc),
    planned("type", ' ', true, Planned::Type),
    planned("nosync", ' ', false, Planned::NoSync),
    planned("poolmetadatasize", ' ', true, Planned::PoolMetadataSize),
];

/// What `lvcreate` takes beside that.
const CREATE: &[OptionRow] = &[
    planned("name", 'n', true, Planned::Name),
    planned("mirrorlog", ' ', true, Planned::MirrorLog),
    planned("corelog", ' ', false, Planned::CoreLog),
    planned("regionsize", 'R', true, Planned::RegionSize),
    planned("chunksize", 'c', true, Planned::ChunkSize),
    planned("contiguous", 'C', true, Planned::Contiguous),
    planned("thin", 'T', false, Planned::Thin),
    planned("thinpool", ' ', true, Planned::ThinPool),
    planned("poolmetadataspare", ' ', true, Planned::PoolMetadataSpare),
    value("activate", 'a'),
    value("persistent", 'M'),
    value("major", 'j'),
    value("minor", ' '),
    value("setactivationskip", 'k'),
    flag("ignoreactivationskip", 'K'),
    value("permission", 'p'),
    value("readahead", 'r'),
    value("wipesignatures", 'W'),
    value("zero", 'Z'),
    value("addtag", ' '),
    value("setautoactivation", ' '),
    flag("ignoremonitoring", ' '),
    value("metadataprofile", ' '),
    value("monitor", ' '),
    value("discards", ' '),
    value("errorwhenfull", ' '),
    value("minrecoveryrate", ' '),
    value("maxrecoveryrate", ' '),
    value("cachemode", ' '),
    value("cachepolicy", ' '),
    value("cachesettings", ' '),
    value("cachemetadataformat", ' '),
    refused("virtualsize", 'V', true),
    refused("snapshot", 's', false),
    refused("cache", 'H', false),
    refused("cachepool", ' ', true),
    refused("cachevol", ' ', true),
    refused("cachedevice", ' ', true),
    refused("cachesize", ' ', true),
    refused("raidintegrity", ' ', true),
    refused("raidintegritymode", ' ', true),
    refused("raidintegrityblocksize", ' ', true),
    refused("vdo", ' ', false),
    refused("vdopool", ' ', true),
    refused("compression", ' ', true),
    refused("deduplication", ' ', true),
];

/// What `lvextend` takes beside that.
const EXTEND: &[OptionRow] = &[
    flag("force", 'f'),
    flag("nofsck", 'n'),
    flag("resizefs", 'r'),
    refused("usepolicies", ' ', false),
];

/// What `lvconvert` takes, as far as pools are made with it.
const CONVERT: &[OptionRow] = &[
    planned("chunksize", 'c', true, Planned::ChunkSize),
    planned("poolmetadataspare", ' ', true, Planned::PoolMetadataSpare),
    planned("poolmetadata", ' ', true, Planned::PoolMetadata),
    flag("force", 'f'),
    value("readahead", 'r'),
    value("zero", 'Z'),
    value("discards", ' '),
    value("errorwhenfull", ' '),
    value("metadataprofile", ' '),
    value("cachemode", ' '),
    value("cachepolicy", ' '),
    value("cachesettings", ' '),
    value("cachemetadataformat", ' '),
    planned("type", ' ', true, Planned::Type),
    planned("alloc", ' ', true, Planned::Alloc),
];

/// What `lvchange` takes, as far as it moves nothing.
const CHANGE: &[OptionRow] = &[
    value("addtag", ' '),
    value("deltag", ' '),
    planned("alloc", ' ', true, Planned::Alloc),
];

/// Whether a command takes an option, by its long name, that does not bear on where extents go.
pub(crate) fn is_kept_by(verb: Verb, long: &str) -> bool {
    rows(verb).any(|row| row.long == long && row.meaning == Meaning::Kept)
}

/// The options of a command.
pub(crate) fn rows(verb: Verb) -> impl Iterator<Item = &'static OptionRow> {
    let (shared, own): (&[OptionRow], &[OptionRow]) = match verb {
        Verb::Create => (ALLOCATING, CREATE),
        Verb::Extend => (ALLOCATING, EXTEND),
        Verb::Convert => (&[], CONVERT),
        Verb::Change => (&[], CHANGE),
    };
    COMMON.iter().chain(shared).chain(own)
}

/// An option as it was used.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) row: &'static OptionRow,
    /// Its value; empty where it takes none.
    pub(crate) value: String,
    /// The words that it was typed in.
    pub(crate) words: Vec<String>,
}

/// Splits the words behind a command's name into options and positional arguments.
///
/// As with LVM2, options and arguments may come in any order, short options may be joined
/// (`-an`, `-l100%FREE`, `-vy`), long ones shortened as far as they stay clear, and values given with
/// `=`; behind `--` every word is an argument.
///
/// # Errors
/// [`CommandError`] for an option that the command does not have, that has no value or one too many,
/// that is not supported, or that is ambiguous.
pub(crate) fn split(
    verb: Verb,
    words: &[String],
) -> Result<(Vec<Used>, Vec<String>), CommandError> {
    let mut used = Vec::new();
    let mut arguments = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            arguments.extend(words.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            used.push(long_option(verb, word, long, &mut words)?);
        } else if let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            short_options(verb, cluster, &mut words, &mut used)?;
        } else {
            arguments.push(word.clone());
        }
    }
    for (index, one) in used.iter().enumerate() {
        // LVM2 lets only -v, -d, -q and tags come twice.
        let may_repeat = matches!(
            one.row.long,
            "verbose" | "debug" | "quiet" | "addtag" | "deltag"
        );
        let is_again = used[..index]
            .iter()
            .any(|other| other.row.long == one.row.long);
        if is_again && !may_repeat {
            let option = one.row.name();
            return Err(CommandError::Repeated { option });
        }
    }
    Ok((used, arguments))
}

fn long_option<'a>(
    verb: Verb,
    word: &str,
    long: &str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<Used, CommandError> {
    let (name, given) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    let row = find_long(verb, name)?;
    supported(verb, row)?;
    let mut words = vec![word.to_string()];
    let value = match (row.takes_value, given) {
        (false, None) => String::new(),
        (false, Some(value)) => {
            let option = row.name();
            return Err(CommandError::UnexpectedValue { option, value });
        }
        (true, Some(value)) => value,
        (true, None) => {
            let value = next_value(row, rest)?;
            words.push(value.clone());
            value
        }
    };
    Ok(Used { row, value, words })
}

/// The option of a name or of the beginning of one.
fn find_long(verb: Verb, name: &str) -> Result<&'static OptionRow, CommandError> {
    // LVM2 spells many of its options with dashes, too: `--stripe-size` is `--stripesize`.
    let plain: String = name.chars().filter(|&letter| letter != '-').collect();
    if let Some(row) = rows(verb).find(|row| row.long == plain) {
        return Ok(row);
    }
    let begun: Vec<&OptionRow> = rows(verb)
        .filter(|row| !plain.is_empty() && row.long.starts_with(&plain))
        .collect();
    match begun.as_slice() {
        [row] => Ok(row),
        [] => Err(CommandError::UnknownOption {
            command: verb,
            option: format!("--{name}"),
        }),
        several => Err(CommandError::AmbiguousOption {
            option: format!("--{name}"),
            candidates: several.iter().map(|row| row.name()).collect(),
        }),
    }
}

fn short_options<'a>(
    verb: Verb,
    cluster: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    used: &mut Vec<Used>,
) -> Result<(), CommandError> {
    let mut letters = cluster.chars();
    while let Some(letter) = letters.next() {
        let row = rows(verb)
            .find(|row| row.short == Some(letter))
            .ok_or_else(|| CommandError::UnknownOption {
                command: verb,
                option: format!("-{letter}"),
            })?;
        supported(verb, row)?;
        let flag = format!("-{letter}");
        if !row.takes_value {
            let (value, words) = (String::new(), vec![flag]);
            used.push(Used { row, value, words });
            continue;
        }
        let joined = letters.as_str();
        let (value, words) = if joined.is_empty() {
            let value = next_value(row, rest)?;
            (value.clone(), vec![flag, value])
        } else {
            (joined.to_string(), vec![format!("{flag}{joined}")])
        };
        used.push(Used { row, value, words });
        return Ok(());
    }
    Ok(())
}

fn next_value<'a>(
    row: &OptionRow,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<String, CommandError> {
    let missing = || CommandError::MissingValue { option: row.name() };
    rest.next().cloned().ok_or_else(missing)
}

fn supported(verb: Verb, row: &OptionRow) -> Result<(), CommandError> {
    match row.meaning {
        Meaning::Plans(_) | Meaning::Kept => Ok(()),
        Meaning::Unsupported => Err(CommandError::UnsupportedOption {
            command: verb,
            option: row.name(),
        }),
    }
}
