//! Every command that a recording may hold, read from its words.

use crate::core::Area;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::moves::pvmove::PvMove;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{
    AllocationPolicy, CommandError, LvCommand, MirrorLog, PvArgument, Sign, SizeArgument, Verb,
};

/// Sectors in a mebibyte, the unit of region sizes.
const MEBIBYTE_SECTORS: u64 = 2048;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `lvcreate` or `lvextend`.
    Place(LvCommand),
    /// `lvreduce`, or `lvresize`, which may go either way.
    Resize {
        /// What is wanted, in the words of `lvextend`; the size may be less, or negative.
        command: LvCommand,
        /// Whether it may grow.
        may_grow: bool,
    },
    /// `lvremove`.
    Remove {
        /// The volumes.
        names: Vec<String>,
    },
    /// `lvconvert`.
    Convert(Conversion),
    /// `lvchange`.
    Change {
        /// The volume.
        name: String,
        /// Its new policy.
        policy: Option<AllocationPolicy>,
    },
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
    /// `pvchange`.
    ChangeVolumes {
        /// The physical volumes.
        volumes: Vec<PvArgument>,
        /// Whether they may be allocated from.
        allocatable: Option<bool>,
        /// Tags that they get.
        add_tags: Vec<String>,
        /// Tags that they lose.
        remove_tags: Vec<String>,
    },
    /// `pvmove` of one piece to one place.
    Move(PvMove),
    /// `vgck`: looks, and changes nothing.
    Look,
}

/// What `lvconvert` is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// The volume.
    pub(crate) name: String,
    /// `--type`.
    pub(crate) kind: Option<String>,
    /// `-m`: copies beside the first, or how many more or fewer.
    pub(crate) mirrors: Option<(Sign, u64)>,
    /// `-i`.
    pub(crate) stripes: Option<u64>,
    /// `--mirrorlog`.
    pub(crate) log: Option<MirrorLog>,
    /// `-R`.
    pub(crate) region_sectors: Option<u64>,
    /// `--alloc`.
    pub(crate) policy: Option<AllocationPolicy>,
    /// The physical volumes, in order.
    pub(crate) volumes: Vec<PvArgument>,
}

/// One option of a command: its long and short name, and whether it takes a value.
type Row = (&'static str, Option<char>, bool);

/// Options that every command takes, and that have nothing to do with where extents lie.
const COMMON: [Row; 9] = [
    ("yes", Some('y'), false),
    ("force", Some('f'), false),
    ("test", Some('t'), false),
    ("verbose", Some('v'), false),
    ("quiet", Some('q'), false),
    ("autobackup", Some('A'), true),
    ("nolocking", None, false),
    ("activate", Some('a'), true),
    ("noudevsync", None, false),
];

/// Reads a command from its words, the program first.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn read_step(words: &[String]) -> Result<Step, SimulationError> {
    let Some((program, rest)) = words.split_first() else {
        return Err(SimulationError::unsupported("an empty command"));
    };
    match program.as_str() {
        "lvcreate" | "lvextend" => {
            let command = read_as_typed(words).map_err(unread)?;
            for count in [command.stripes, command.mirrors].into_iter().flatten() {
                self::count(&count.to_string())?;
            }
            Ok(Step::Place(command))
        }
        "lvresize" | "lvreduce" => read_resize(program, rest),
        "lvremove" => {
            let (_, names) = scan(program, rest, &[])?;
            Ok(Step::Remove {
                names: names.iter().map(|name| plain(name)).collect(),
            })
        }
        "lvconvert" => read_conversion(program, rest).map(Step::Convert),
        "lvchange" => {
            let (options, arguments) = scan(program, rest, &[("alloc", None, true)])?;
            Ok(Step::Change {
                name: argument(program, &arguments)?,
                policy: policy(&options)?,
            })
        }
        "lvrename" => read_rename(program, rest),
        "vgchange" => {
            let (options, _) = scan(program, rest, &[("alloc", None, true)])?;
            Ok(Step::ChangeGroup {
                policy: policy(&options)?,
            })
        }
        "pvchange" => read_volume_change(program, rest),
        "pvmove" => read_move(program, rest).map(Step::Move),
        "vgck" => Ok(Step::Look),
        other => Err(SimulationError::unsupported(format!("command {other}"))),
    }
}

fn unread(error: CommandError) -> SimulationError {
    match error {
        CommandError::UnknownCommand { .. }
        | CommandError::ChangesPool { .. }
        | CommandError::Unprintable { .. }
        | CommandError::UnsupportedOption { .. }
        | CommandError::UnsupportedType { .. } => SimulationError::unsupported(error.to_string()),
        other => Refusal::new(other.to_string()).into(),
    }
}

/// The options given, by long name, with their values.
type Options = Vec<(&'static str, String)>;

/// Splits words into options with their values, and arguments.
fn scan(
    program: &str,
    words: &[String],
    own: &[Row],
) -> Result<(Options, Vec<String>), SimulationError> {
    let unknown = |word: &str| SimulationError::unsupported(format!("option {word} of {program}"));
    let rows: Vec<Row> = own.iter().chain(&COMMON).copied().collect();
    let mut options = Vec::new();
    let mut arguments = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (row, joined) = if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (long, None),
            };
            (rows.iter().find(|row| row.0 == name), value)
        } else if let Some(short) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let mut letters = short.chars();
            let letter = letters.next();
            let row = rows.iter().find(|row| row.1 == letter);
            let rest = letters.as_str();
            if !rest.is_empty() && row.is_some_and(|row| !row.2) {
                return Err(unknown(word));
            }
            (row, (!rest.is_empty()).then(|| rest.to_string()))
        } else {
            arguments.push(word.clone());
            continue;
        };
        let (name, _, takes_value) = row.ok_or_else(|| unknown(word))?;
        let value = match (takes_value, joined) {
            (false, _) => String::new(),
            (true, Some(value)) => value,
            (true, None) => words.next().cloned().ok_or_else(|| unknown(word))?,
        };
        options.push((*name, value));
    }
    Ok((options, arguments))
}

/// A volume's name without its group.
fn plain(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_string()
}

fn argument(program: &str, arguments: &[String]) -> Result<String, SimulationError> {
    let first = arguments.first().map(|name| plain(name));
    first.ok_or_else(|| SimulationError::unsupported(format!("{program} without a volume")))
}

fn option<'a>(options: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    let found = options.iter().find(|(option, _)| *option == name);
    found.map(|(_, value)| value.as_str())
}

fn policy(options: &[(&'static str, String)]) -> Result<Option<AllocationPolicy>, SimulationError> {
    let Some(word) = option(options, "alloc") else {
        return Ok(None);
    };
    let policy = AllocationPolicy::from_name(word);
    let policy =
        policy.ok_or_else(|| Refusal::new(format!("Invalid argument for --alloc: {word}")))?;
    Ok(Some(policy))
}

fn volumes(arguments: &[String]) -> Result<Vec<PvArgument>, SimulationError> {
    let read = |text: &String| {
        PvArgument::read(text)
            .map_err(|expected| Refusal::new(format!("{text}: expected {expected}")).into())
    };
    arguments.iter().map(read).collect()
}

/// A count of stripes or images. Of more than 31 bits LVM2 makes numbers of its own.
fn count(text: &str) -> Result<u64, SimulationError> {
    let wrong = || SimulationError::unsupported(format!("the number {text}"));
    let count: Option<i32> = text.parse().ok();
    count
        .and_then(|count| u64::try_from(count).ok())
        .ok_or_else(wrong)
}

fn read_resize(program: &str, words: &[String]) -> Result<Step, SimulationError> {
    let (options, arguments) = scan(
        program,
        words,
        &[
            ("extents", Some('l'), true),
            ("size", Some('L'), true),
            ("stripes", Some('i'), true),
            ("alloc", None, true),
            ("resizefs", Some('r'), false),
            ("nofsck", Some('n'), false),
        ],
    )?;
    let extents = option(&options, "extents").map(SizeArgument::read_extents);
    let size = extents.or_else(|| option(&options, "size").map(SizeArgument::read_size));
    let size = size
        .transpose()
        .map_err(|expected| Refusal::new(format!("size: expected {expected}")))?;
    let mut command = LvCommand::new(Verb::Extend);
    command.name = Some(argument(program, &arguments)?);
    command.size = size;
    command.stripes = option(&options, "stripes").map(count).transpose()?;
    command.policy = policy(&options)?;
    command.physical_volumes = volumes(&arguments[1..])?;
    Ok(Step::Resize {
        command,
        may_grow: program == "lvresize",
    })
}

fn read_conversion(program: &str, words: &[String]) -> Result<Conversion, SimulationError> {
    let (options, arguments) = scan(
        program,
        words,
        &[
            ("type", None, true),
            ("mirrors", Some('m'), true),
            ("stripes", None, true),
            ("mirrorlog", None, true),
            ("corelog", None, false),
            ("regionsize", Some('R'), true),
            ("alloc", None, true),
            ("background", Some('b'), false),
            ("interval", Some('i'), true),
        ],
    )?;
    let mirrors = match option(&options, "mirrors") {
        None => None,
        Some(text) => Some(match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(more), _) => (Sign::Plus, count(more)?),
            (None, Some(fewer)) => (Sign::Minus, count(fewer)?),
            (None, None) => (Sign::Absolute, count(text)?),
        }),
    };
    let log = match (option(&options, "mirrorlog"), option(&options, "corelog")) {
        (None, None) => None,
        (Some("core"), _) | (None, Some(_)) => Some(MirrorLog::Core),
        (Some("disk"), _) => Some(MirrorLog::Disk),
        (Some(other), _) => {
            return Err(SimulationError::unsupported(format!("--mirrorlog {other}")));
        }
    };
    let region = option(&options, "regionsize").map(|text| read_sectors(text, MEBIBYTE_SECTORS));
    let region = region
        .transpose()
        .map_err(|expected| Refusal::new(format!("--regionsize: expected {expected}")))?;
    Ok(Conversion {
        name: argument(program, &arguments)?,
        kind: option(&options, "type").map(str::to_string),
        mirrors,
        stripes: option(&options, "stripes").map(count).transpose()?,
        log,
        region_sectors: region,
        policy: policy(&options)?,
        volumes: volumes(&arguments[1..])?,
    })
}

fn read_rename(program: &str, words: &[String]) -> Result<Step, SimulationError> {
    let (_, arguments) = scan(program, words, &[])?;
    match arguments.as_slice() {
        [old, new] if old.contains('/') => Ok(Step::Rename {
            old: plain(old),
            new: plain(new),
        }),
        [_, old, new] => Ok(Step::Rename {
            old: plain(old),
            new: plain(new),
        }),
        [old, ..] => Err(Refusal::lines([
            format!("Path required for Logical Volume \"{old}\"."),
            "Please provide a valid volume group name".to_string(),
            "Run `lvrename --help' for more information.".to_string(),
        ])
        .into()),
        [] => Err(SimulationError::unsupported("lvrename without names")),
    }
}

/// `pvmove` with one range of one device, and one as long of another; all other forms are not covered.
fn read_move(program: &str, words: &[String]) -> Result<PvMove, SimulationError> {
    let (options, arguments) = scan(
        program,
        words,
        &[("name", Some('n'), true), ("alloc", None, true)],
    )?;
    let mut ends = Vec::new();
    for volume in volumes(&arguments)? {
        if let PvArgument::Device { name, ranges } = volume
            && let [range] = ranges.as_slice()
            && let Some(last) = range.last
        {
            ends.extend(Area::between(range.first, last + 1).map(|area| (name, area)));
        }
    }
    let count = arguments.len();
    match <[(String, Area); 2]>::try_from(ends) {
        Ok([from, to]) if count == 2 && from.1.count() == to.1.count() => Ok(PvMove {
            name: option(&options, "name").map(plain),
            policy: policy(&options)?,
            from,
            to,
        }),
        _ => Err(SimulationError::unsupported(
            "pvmove of anything but one range to one as long",
        )),
    }
}

fn read_volume_change(program: &str, words: &[String]) -> Result<Step, SimulationError> {
    let (options, arguments) = scan(
        program,
        words,
        &[
            ("allocatable", Some('x'), true),
            ("addtag", None, true),
            ("deltag", None, true),
        ],
    )?;
    let tags = |name: &str| {
        let found = options.iter().filter(|(option, _)| *option == name);
        let plain = |tag: &String| tag.trim_start_matches('@').to_string();
        found.map(|(_, tag)| plain(tag)).collect()
    };
    let allocatable = match option(&options, "allocatable") {
        None => None,
        Some("y") => Some(true),
        Some("n") => Some(false),
        Some(other) => {
            return Err(
                Refusal::new(format!("Invalid argument for --allocatable: {other}")).into(),
            );
        }
    };
    Ok(Step::ChangeVolumes {
        volumes: volumes(&arguments)?,
        allocatable,
        add_tags: tags("addtag"),
        remove_tags: tags("deltag"),
    })
}
