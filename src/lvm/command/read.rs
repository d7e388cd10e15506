//! Commands from words and from scripts.

use crate::core::is_printable;
use crate::lvm::command::check;
use crate::lvm::command::options::{Meaning, Planned, Used, split};
use crate::lvm::names::Named;
use crate::lvm::size::{read_count, read_sectors};
use crate::lvm::{
    AllocationPolicy, CommandError, LvCommand, MirrorLog, OtherOption, PvArgument, SegmentType,
    Sign, SizeArgument, TypeArgument, Verb,
};

/// Sectors in a kibibyte, the unit of stripe and chunk sizes.
const KIBIBYTE_SECTORS: u64 = 2;
/// Sectors in a mebibyte, the unit of region sizes.
const MEBIBYTE_SECTORS: u64 = 2048;

/// Reads one command from its words, the program first; `sudo`, `lvm` and a path in front of it are
/// passed over.
///
/// Where `lvcreate` names no volume group, the first argument may still be a physical volume:
/// [`LvCommand::volume_group`] then holds it until the volume group is known, unless it has ranges
/// or is a tag.
///
/// # Errors
/// [`CommandError`].
pub fn read_command(words: &[String]) -> Result<LvCommand, CommandError> {
    let command = read_as_typed(words)?;
    check::check(&command)?;
    Ok(command)
}

/// Reads a command, and does not yet ask whether LVM2 would take it.
///
/// # Errors
/// [`CommandError`], if it cannot be read at all.
pub(crate) fn read_as_typed(words: &[String]) -> Result<LvCommand, CommandError> {
    if let Some(word) = words.iter().find(|word| !word.chars().all(is_printable)) {
        let found = word.clone();
        return Err(CommandError::Unprintable { found });
    }
    let mut rest = words;
    let verb = loop {
        let Some((first, behind)) = rest.split_first() else {
            return Err(CommandError::Empty);
        };
        rest = behind;
        let program = first.rsplit('/').next().unwrap_or(first);
        if let Some(verb) = Verb::ALL.into_iter().find(|verb| verb.name() == program) {
            break verb;
        }
        // To a size that is not smaller, which is checked, both do the same.
        if program == "lvresize" {
            break Verb::Extend;
        }
        if !matches!(program, "sudo" | "lvm") {
            let found = first.clone();
            return Err(CommandError::UnknownCommand { found });
        }
    };
    let (options, arguments) = split(verb, rest)?;
    let mut command = LvCommand::new(verb);
    let mut pool_name = None;
    for used in &options {
        match used.row.meaning {
            Meaning::Plans(planned) => take(&mut command, planned, used, &mut pool_name)?,
            Meaning::Kept => {
                if matches!(used.row.long, "addtag" | "deltag") {
                    let tag = used.value.strip_prefix('@').unwrap_or(&used.value);
                    Named::Tag.check(tag)?;
                }
                command.other.push(OtherOption {
                    name: used.row.long,
                    words: used.words.clone(),
                });
            }
            Meaning::Unsupported => {
                return Err(CommandError::UnsupportedOption {
                    command: verb,
                    option: used.row.name(),
                });
            }
        }
    }
    match verb {
        Verb::Create => create_arguments(&mut command, pool_name, &arguments)?,
        Verb::Extend | Verb::Convert | Verb::Change => volume_arguments(&mut command, &arguments)?,
    }
    Ok(command)
}

/// Takes one option into the command.
fn take(
    command: &mut LvCommand,
    planned: Planned,
    used: &Used,
    pool_name: &mut Option<String>,
) -> Result<(), CommandError> {
    let value = used.value.as_str();
    let bad = |expected: &str| CommandError::BadValue {
        option: used.row.name(),
        found: value.to_string(),
        expected: expected.to_string(),
    };
    let yes_or_no = || match value {
        "y" => Ok(true),
        "n" => Ok(false),
        _ => Err(bad("y or n")),
    };
    let sectors = |unit| match read_sectors(value, unit) {
        Ok(0) => Err(bad("more than 0")),
        Ok(sectors) => Ok(sectors),
        Err(expected) => Err(bad(&expected)),
    };
    let count = || read_count(value).map_err(|expected| bad(&expected));
    let thin_pool = || Some(TypeArgument::plain(SegmentType::ThinPool));
    match planned {
        Planned::Extents | Planned::Size => {
            let read = match planned {
                Planned::Extents => SizeArgument::read_extents(value),
                _ => SizeArgument::read_size(value),
            };
            let mut size =
                read.map_err(|expected| bad(&(expected + other_option(planned, value))))?;
            if size.sign == Sign::Minus {
                return Err(bad("a size that is not negative"));
            }
            if command.verb == Verb::Create {
                // There is nothing to add to.
                size.sign = Sign::Absolute;
            }
            if command.size.replace(size).is_some() {
                let (first, second) = ("-l/--extents", "-L/--size");
                return Err(CommandError::Contradiction { first, second });
            }
        }
        Planned::Stripes => {
            let stripes = count()?;
            if stripes == 0 {
                return Err(bad("at least 1"));
            }
            command.stripes = Some(stripes);
        }
        Planned::Mirrors => command.mirrors = Some(count()?),
        Planned::StripeSize => {
            let size = sectors(KIBIBYTE_SECTORS)?;
            // Half a page, 8 sectors, is the least that LVM2 stripes by.
            if size < 8 || !size.is_power_of_two() {
                return Err(bad("a power of two of at least 4 KiB"));
            }
            command.stripe_size_sectors = Some(size);
        }
        Planned::RegionSize => {
            let size = sectors(MEBIBYTE_SECTORS)?;
            if size < 8 || !size.is_power_of_two() {
                return Err(bad("a power of two of at least 4 KiB"));
            }
            command.region_size_sectors = Some(size);
        }
        Planned::ChunkSize => command.chunk_size_sectors = Some(sectors(KIBIBYTE_SECTORS)?),
        Planned::Alloc | Planned::Contiguous => {
            let policy = if planned == Planned::Alloc {
                let names = "contiguous, cling, cling_by_tags, normal, anywhere or inherit";
                AllocationPolicy::from_name(value).ok_or_else(|| bad(names))?
            } else if yes_or_no()? {
                AllocationPolicy::Contiguous
            } else {
                AllocationPolicy::Inherit
            };
            if command
                .policy
                .replace(policy)
                .is_some_and(|other| other != policy)
            {
                let (first, second) = ("--alloc", "-C/--contiguous");
                return Err(CommandError::Contradiction { first, second });
            }
        }
        Planned::MirrorLog | Planned::CoreLog => {
            let log = match (planned, value) {
                (Planned::CoreLog, _) | (_, "core") => MirrorLog::Core,
                (_, "disk") => MirrorLog::Disk,
                // LVM2 2.03 refuses to make mirrored logs.
                _ => return Err(bad("core or disk")),
            };
            if command
                .mirror_log
                .replace(log)
                .is_some_and(|other| other != log)
            {
                let (first, second) = ("--mirrorlog", "--corelog");
                return Err(CommandError::Contradiction { first, second });
            }
        }
        Planned::Name => command.name = Some(value.to_string()),
        Planned::Type => {
            let found = value.to_string();
            let kind = TypeArgument::from_word(value);
            let kind = kind.ok_or(CommandError::UnsupportedType { found })?;
            if command
                .segment_type
                .replace(kind.clone())
                .is_some_and(|other| other != kind)
            {
                let (first, second) = ("--type", "-T/--thin");
                return Err(CommandError::Contradiction { first, second });
            }
        }
        Planned::Thin | Planned::ThinPool => {
            if planned == Planned::ThinPool {
                *pool_name = Some(value.to_string());
            }
            let given = command
                .segment_type
                .get_or_insert_with(|| TypeArgument::plain(SegmentType::ThinPool));
            if Some(&*given) != thin_pool().as_ref() {
                let (first, second) = ("--type", "-T/--thin");
                return Err(CommandError::Contradiction { first, second });
            }
        }
        Planned::NoSync => command.nosync = true,
        Planned::PoolMetadataSize => {
            let size = SizeArgument::read_size(value).map_err(|expected| bad(&expected))?;
            if size.sign == Sign::Minus || size.sign == Sign::Plus && command.verb == Verb::Create {
                return Err(bad("a size without a sign"));
            }
            command.pool_metadata = Some(size);
        }
        Planned::PoolMetadata => {
            let (group, name) = group_and_name(value)?;
            set_group(command, group)?;
            command.pool_metadata_volume = Some(name);
        }
        Planned::PoolMetadataSpare => command.pool_metadata_spare = Some(yes_or_no()?),
    }
    Ok(())
}

/// Where a size would have been one to the other option, which that is.
fn other_option(planned: Planned, value: &str) -> &'static str {
    if planned == Planned::Size && SizeArgument::read_extents(value).is_ok() {
        "; a percentage goes with -l/--extents"
    } else if planned == Planned::Extents && SizeArgument::read_size(value).is_ok() {
        "; a size with its unit goes with -L/--size"
    } else {
        ""
    }
}

/// The arguments of `lvcreate`: the volume group (with the name of a pool, if it is one), then
/// physical volumes.
fn create_arguments(
    command: &mut LvCommand,
    pool_name: Option<String>,
    arguments: &[String],
) -> Result<(), CommandError> {
    let mut names: Vec<(Option<String>, String)> = Vec::new();
    for name in command.name.take().into_iter().chain(pool_name) {
        names.push(group_and_name(&name)?);
    }
    let mut volumes = arguments;
    if let Some((first, rest)) = arguments.split_first()
        && !first.starts_with('@')
        && !first.contains(':')
    {
        volumes = rest;
        let is_pool = command.created_type().is_pool();
        match first.strip_prefix("/dev/").unwrap_or(first).split_once('/') {
            Some((_, name)) if is_pool && !name.contains('/') => {
                names.push(group_and_name(first)?);
            }
            Some(_) if !first.starts_with("/dev/") => {
                return Err(CommandError::BadArgument {
                    found: first.clone(),
                    expected: "the name of a volume group; a new logical volume is named by -n"
                        .to_string(),
                });
            }
            Some(_) | None => command.volume_group = Some(first.clone()),
        }
    }
    for (group, name) in names {
        set_group(command, group)?;
        if let Some(other) = command.name.replace(name.clone())
            && other != name
        {
            return Err(CommandError::BadArgument {
                found: name,
                expected: format!("one name for the new logical volume; `{other}` is another"),
            });
        }
    }
    read_volumes(command, volumes)
}

/// The arguments of `lvextend` and `lvconvert`: the logical volume, then physical volumes.
fn volume_arguments(command: &mut LvCommand, arguments: &[String]) -> Result<(), CommandError> {
    let Some((first, volumes)) = arguments.split_first() else {
        return Err(CommandError::Missing {
            command: command.verb,
            what: "the logical volume",
        });
    };
    let (group, name) = group_and_name(first)?;
    set_group(command, group)?;
    command.name = Some(name);
    read_volumes(command, volumes)
}

/// `LV`, `VG/LV` or `/dev/VG/LV`.
fn group_and_name(text: &str) -> Result<(Option<String>, String), CommandError> {
    let bad = || CommandError::BadArgument {
        found: text.to_string(),
        expected: "a logical volume, as NAME or GROUP/NAME".to_string(),
    };
    if let Some(mapped) = text.strip_prefix("/dev/mapper/") {
        let (group, name) = mapped_names(mapped).ok_or_else(bad)?;
        return Ok((Some(group), name));
    }
    let path = text.strip_prefix("/dev/").unwrap_or(text);
    let (group, name) = match path.split_once('/') {
        Some((group, name)) => (Some(group), name),
        None => (None, path),
    };
    // Behind `:` stand ranges of a physical volume; no name has one.
    let is_odd = path.starts_with('@') || path.contains(':');
    if name.is_empty() || name.contains('/') || group == Some("") || is_odd {
        return Err(bad());
    }
    Ok((group.map(str::to_string), name.to_string()))
}

/// The group and the volume of a name below `/dev/mapper`: a dash stands between them, and for one in a name
/// stand two.
fn mapped_names(mapped: &str) -> Option<(String, String)> {
    let mut names = vec![String::new()];
    let mut letters = mapped.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '-' && letters.next_if_eq(&'-').is_none() {
            names.push(String::new());
        } else {
            names.last_mut()?.push(letter);
        }
    }
    match <[String; 2]>::try_from(names).ok()? {
        [group, name]
            if group.is_empty() || name.is_empty() || mapped.contains(['/', ':', '@']) =>
        {
            None
        }
        [group, name] => Some((group, name)),
    }
}

fn set_group(command: &mut LvCommand, group: Option<String>) -> Result<(), CommandError> {
    let Some(group) = group else { return Ok(()) };
    match command.volume_group.replace(group.clone()) {
        Some(other) if other != group => Err(CommandError::BadArgument {
            found: other,
            expected: format!("volume group `{group}`, which the name says"),
        }),
        Some(_) | None => Ok(()),
    }
}

fn read_volumes(command: &mut LvCommand, arguments: &[String]) -> Result<(), CommandError> {
    for argument in arguments {
        let volume = PvArgument::read(argument).map_err(|expected| CommandError::BadArgument {
            found: argument.clone(),
            expected,
        })?;
        command.physical_volumes.push(volume);
    }
    Ok(())
}
