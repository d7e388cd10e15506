//! Every command that a recording may hold, read from its words.

use crate::lvm::command::options;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::layer::is_layer;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{
    AllocationPolicy, CommandError, LvCommand, MirrorLog, PvArgument, Sign, SizeArgument,
    TypeArgument, Verb,
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
    /// `lvcreate` of what lies on something that is there.
    Layer(Given),
    /// `lvchange`.
    Change(Given),
    /// `lvrename`.
    Rename {
        /// Its arguments.
        names: Vec<String>,
    },
    /// `vgchange`.
    ChangeGroup {
        /// The new policy of the group.
        policy: Option<AllocationPolicy>,
        /// Whether all volumes become active, or inactive.
        activate: Option<bool>,
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
    /// All options and arguments as they were typed.
    pub(crate) given: Given,
}

/// One option of a command: its long and short name, and whether it takes a value.
type Row = (&'static str, Option<char>, bool);

/// Options that every command takes, and that have nothing to do with where extents lie.
const COMMON: [Row; 20] = [
    ("yes", Some('y'), false),
    ("force", Some('f'), false),
    ("test", Some('t'), false),
    ("verbose", Some('v'), false),
    ("quiet", Some('q'), false),
    ("autobackup", Some('A'), true),
    ("nolocking", None, false),
    ("noudevsync", None, false),
    ("reportformat", None, true),
    ("commandprofile", None, true),
    ("debug", Some('d'), false),
    ("devices", None, true),
    ("devicesfile", None, true),
    ("driverloaded", None, true),
    ("journal", None, true),
    ("lockopt", None, true),
    ("metadataprofile", None, true),
    ("nohints", None, false),
    ("partial", Some('P'), false),
    ("select", Some('S'), true),
];

/// Options that may come several times.
const REPEATABLE: [&str; 8] = [
    "force",
    "verbose",
    "quiet",
    "addtag",
    "deltag",
    "replace",
    "rebuild",
    "writemostly",
];

/// What `lvchange` takes beside that.
const CHANGE: [Row; 33] = [
    ("activate", Some('a'), true),
    ("addtag", None, true),
    ("alloc", None, true),
    ("cachemode", None, true),
    ("cachepolicy", None, true),
    ("cachesettings", None, true),
    ("contiguous", Some('C'), true),
    ("deltag", None, true),
    ("detachprofile", None, false),
    ("discards", None, true),
    ("errorwhenfull", None, true),
    ("ignoreactivationskip", Some('K'), false),
    ("ignoremonitoring", None, false),
    ("major", None, true),
    ("maxrecoveryrate", None, true),
    ("minor", None, true),
    ("minrecoveryrate", None, true),
    ("monitor", None, true),
    ("profile", None, true),
    ("permission", Some('p'), true),
    ("persistent", Some('M'), true),
    ("poll", None, true),
    ("readahead", Some('r'), true),
    ("rebuild", None, true),
    ("refresh", None, false),
    ("resync", None, false),
    ("setactivationskip", Some('k'), true),
    ("setautoactivation", None, true),
    ("syncaction", None, true),
    ("sysinit", None, false),
    ("writebehind", None, true),
    ("writemostly", None, true),
    ("zero", Some('Z'), true),
];

/// What `lvconvert` takes beside that.
const CONVERT: [Row; 44] = [
    ("alloc", None, true),
    ("background", Some('b'), false),
    ("cache", Some('H'), false),
    ("cachemetadataformat", None, true),
    ("cachemode", None, true),
    ("cachepolicy", None, true),
    ("cachepool", None, true),
    ("cachesettings", None, true),
    ("cachevol", None, true),
    ("chunksize", Some('c'), true),
    ("corelog", None, false),
    ("discards", None, true),
    ("errorwhenfull", None, true),
    ("interval", Some('i'), true),
    ("merge", None, false),
    ("mergemirrors", None, false),
    ("mergesnapshot", None, false),
    ("mergethin", None, false),
    ("mirrorlog", None, true),
    ("mirrors", Some('m'), true),
    ("name", Some('n'), true),
    ("originname", None, true),
    ("poolmetadata", None, true),
    ("poolmetadatasize", None, true),
    ("poolmetadataspare", None, true),
    ("raidintegrity", None, true),
    ("raidintegritymode", None, true),
    ("readahead", Some('r'), true),
    ("regionsize", Some('R'), true),
    ("repair", None, false),
    ("replace", None, true),
    ("snapshot", Some('s'), false),
    ("splitcache", None, false),
    ("splitmirrors", None, true),
    ("splitsnapshot", None, false),
    ("stripes", None, true),
    ("stripesize", Some('I'), true),
    ("swapmetadata", None, false),
    ("thin", Some('T'), false),
    ("thinpool", None, true),
    ("trackchanges", None, false),
    ("type", None, true),
    ("uncache", None, false),
    ("zero", Some('Z'), true),
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
        "lvcreate" => {
            let given = scan(program, rest, &rows_of(Verb::Create))?;
            if is_layer(&given) {
                return Ok(Step::Layer(given));
            }
            if given.has("type") && given.has("errorwhenfull") {
                return Err(Refusal::lines([
                    "Option --errorwhenfull is unsupported with thin pools.".to_string(),
                    "Run `lvcreate --help' for more information.".to_string(),
                ])
                .into());
            }
            read_as_typed(words).map(Step::Place).map_err(unread)
        }
        "lvextend" => {
            let command = read_as_typed(words).map_err(unread)?;
            for count in [command.stripes, command.mirrors].into_iter().flatten() {
                self::count(&count.to_string())?;
            }
            Ok(Step::Place(command))
        }
        "lvresize" if can_only_grow(rest) => read_as_typed(words).map(Step::Place).map_err(unread),
        "lvresize" | "lvreduce" => read_resize(program, rest),
        "lvremove" => {
            let names = scan_for_good(program, rest)?;
            Ok(Step::Remove { names })
        }
        "lvconvert" => read_conversion(program, rest).map(Step::Convert),
        "lvchange" => scan(program, rest, &CHANGE).map(Step::Change),
        "lvrename" => {
            let names = scan_for_good(program, rest)?;
            Ok(Step::Rename { names })
        }
        "vgchange" => {
            let own = [
                ("alloc", None, true),
                ("activate", Some('a'), true),
                ("refresh", None, false),
            ];
            let given = scan(program, rest, &own)?;
            Ok(Step::ChangeGroup {
                policy: policy(&given)?,
                activate: given.get("activate").map(|how| !how.ends_with('n')),
            })
        }
        "pvchange" => read_volume_change(program, rest),
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

/// The options of a command as rows.
fn rows_of(verb: Verb) -> Vec<Row> {
    let rows = options::rows(verb);
    rows.map(|row| (row.long, row.short, row.takes_value))
        .collect()
}

/// Splits words into options with their values, and arguments.
fn scan(program: &str, words: &[String], own: &[Row]) -> Result<Given, SimulationError> {
    let unknown = |word: &str| match (program, word.strip_prefix("--"), word.chars().nth(1)) {
        // Of these all options are known.
        ("lvchange" | "lvconvert", Some(_), _) => {
            unknown_option(format!("{program}: unrecognized option '{word}'"))
        }
        ("lvchange" | "lvconvert" | "lvresize", None, Some(letter)) => {
            unknown_option(format!("{program}: invalid option -- '{letter}'"))
        }
        _ => SimulationError::unsupported(format!("option {word} of {program}")),
    };
    let rows: Vec<Row> = own.iter().chain(&COMMON).copied().collect();
    let mut given = Given::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut found: Vec<(Row, Option<String>)> = Vec::new();
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (long, None),
            };
            let row = find_long(&rows, name).ok_or_else(|| unknown(word))?;
            found.push((row, value));
        } else if let Some(short) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let mut letters = short.chars();
            while let Some(letter) = letters.next() {
                let row = rows.iter().find(|row| row.1 == Some(letter));
                let row = *row.ok_or_else(|| unknown(word))?;
                let rest = letters.as_str();
                if row.2 {
                    found.push((row, (!rest.is_empty()).then(|| rest.to_string())));
                    break;
                }
                found.push((row, None));
            }
        } else {
            given.arguments.push(word.clone());
        }
        for ((name, _, takes_value), joined) in found {
            let value = match (takes_value, joined) {
                (false, _) => String::new(),
                (true, Some(value)) => value,
                (true, None) => words.next().cloned().ok_or_else(|| unknown(word))?,
            };
            given.options.push((name, value));
        }
    }
    if given.has("select") || given.has("partial") {
        return Err(SimulationError::unsupported("--select and --partial"));
    }
    check_repeated(&given, &rows)?;
    Ok(given)
}

/// An option by its name, by another name of it, or by the beginning of it.
fn find_long(rows: &[Row], name: &str) -> Option<Row> {
    let plain: String = name.chars().filter(|letter| *letter != '-').collect();
    let exact = |wanted: &str| rows.iter().find(|row| row.0 == wanted).copied();
    let other = match plain.as_str() {
        "available" => exact("activate"),
        "allocation" => exact("allocatable"),
        _ => plain.strip_prefix("raid").and_then(exact),
    };
    let mut begun = rows.iter().filter(|row| row.0.starts_with(&plain));
    let first = begun.next().copied().filter(|_| begun.next().is_none());
    exact(&plain).or(other).or(first)
}

/// The arguments of a command that is not only tried.
fn scan_for_good(program: &str, words: &[String]) -> Result<Vec<String>, SimulationError> {
    let given = scan(program, words, &[])?;
    if given.has("test") {
        return Err(SimulationError::unsupported(format!("{program} --test")));
    }
    Ok(given.arguments)
}

fn unknown_option(line: String) -> SimulationError {
    Refusal::lines([line, "Error during parsing of command line.".to_string()]).into()
}

/// LVM2 takes most options once.
fn check_repeated(given: &Given, rows: &[Row]) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for (name, _) in &given.options {
        if seen.contains(name) && !REPEATABLE.contains(name) {
            let short = rows.iter().find(|row| row.0 == *name).and_then(|row| row.1);
            let short = short.map_or_else(String::new, |letter| format!("-{letter}/"));
            return Err(Refusal::lines([
                format!("Option {short}--{name} may not be repeated."),
                "Error during parsing of command line.".to_string(),
            ]));
        }
        seen.push(*name);
    }
    Ok(())
}

fn argument(program: &str, given: &Given) -> Result<String, SimulationError> {
    let first = given.arguments.first().map(|name| plain(name));
    first.ok_or_else(|| SimulationError::unsupported(format!("{program} without a volume")))
}

fn policy(given: &Given) -> Result<Option<AllocationPolicy>, SimulationError> {
    let Some(word) = given.get("alloc") else {
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

/// Whether an `lvresize` says what `lvextend` would say, too.
fn can_only_grow(words: &[String]) -> bool {
    let grows = |word: &String| word.starts_with('+') || word.starts_with("--poolmetadatasize");
    words.iter().any(grows) && !words.iter().any(|word| word.starts_with("-m"))
}

fn read_resize(program: &str, words: &[String]) -> Result<Step, SimulationError> {
    let given = scan(
        program,
        words,
        &[
            ("extents", Some('l'), true),
            ("size", Some('L'), true),
            ("stripes", Some('i'), true),
            ("type", None, true),
            ("alloc", None, true),
            ("resizefs", Some('r'), false),
            ("nofsck", Some('n'), false),
        ],
    )?;
    let extents = given.get("extents").map(SizeArgument::read_extents);
    let size = extents.or_else(|| given.get("size").map(SizeArgument::read_size));
    let size = size
        .transpose()
        .map_err(|expected| Refusal::new(format!("size: expected {expected}")))?;
    let mut command = LvCommand::new(Verb::Extend);
    command.name = Some(argument(program, &given)?);
    command.size = size;
    command.stripes = given.get("stripes").map(count).transpose()?;
    if let Some(word) = given.get("type") {
        let kind = TypeArgument::from_word(word);
        command.segment_type =
            Some(kind.ok_or_else(|| SimulationError::unsupported(format!("--type {word}")))?);
    }
    command.policy = policy(&given)?;
    command.physical_volumes = volumes(&given.arguments[1..])?;
    Ok(Step::Resize {
        command,
        may_grow: program == "lvresize",
    })
}

fn read_conversion(program: &str, words: &[String]) -> Result<Conversion, SimulationError> {
    let given = scan(program, words, &CONVERT)?;
    let mirrors = match given.get("mirrors") {
        None => None,
        Some(text) => Some(match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(more), _) => (Sign::Plus, count(more)?),
            (None, Some(fewer)) => (Sign::Minus, count(fewer)?),
            (None, None) => (Sign::Absolute, count(text)?),
        }),
    };
    let log = match (given.get("mirrorlog"), given.get("corelog")) {
        (None, None) => None,
        (Some("core"), _) | (None, Some(_)) => Some(MirrorLog::Core),
        (Some("disk"), _) => Some(MirrorLog::Disk),
        (Some(other), _) => {
            return Err(SimulationError::unsupported(format!("--mirrorlog {other}")));
        }
    };
    let region = given
        .get("regionsize")
        .map(|text| read_sectors(text, MEBIBYTE_SECTORS));
    let region = region
        .transpose()
        .map_err(|expected| Refusal::new(format!("--regionsize: expected {expected}")))?;
    Ok(Conversion {
        name: argument(program, &given).or_else(|error| named_by_option(&given).ok_or(error))?,
        kind: given.get("type").map(str::to_string),
        mirrors,
        stripes: given.get("stripes").map(count).transpose()?,
        log,
        region_sectors: region,
        policy: policy(&given)?,
        volumes: volumes(given.arguments.get(1..).unwrap_or_default())?,
        given,
    })
}

/// `--thinpool` and `--cachepool` name what they are about.
fn named_by_option(given: &Given) -> Option<String> {
    let name = given.get("thinpool").or_else(|| given.get("cachepool"));
    name.map(plain)
}

fn read_volume_change(program: &str, words: &[String]) -> Result<Step, SimulationError> {
    let given = scan(
        program,
        words,
        &[
            ("allocatable", Some('x'), true),
            ("addtag", None, true),
            ("deltag", None, true),
        ],
    )?;
    let tags = |name: &str| {
        let plain = |tag: &str| tag.trim_start_matches('@').to_string();
        given.all(name).map(plain).collect()
    };
    let allocatable = match given.get("allocatable") {
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
        volumes: volumes(&given.arguments)?,
        allocatable,
        add_tags: tags("addtag"),
        remove_tags: tags("deltag"),
    })
}
