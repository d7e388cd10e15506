//! Every command of LVM2 that is understood, from its words.

use crate::core::is_printable;
use crate::lvm::command::check;
use crate::lvm::command::default_type::name_type;
use crate::lvm::command::group::{
    change_devices, change_group, change_volumes, resize_volumes, whole_group,
};
use crate::lvm::command::options::{CommandLine, Purpose, split};
use crate::lvm::command::paths::{bare, group_and_name, set_group};
use crate::lvm::command::segment_type::is_segment_type;
use crate::lvm::command::step::{Step, TypedStep};
use crate::lvm::command::volume::{remove, rename, resize, volume_command};
use crate::lvm::{CommandError, Given, LvCommand, Program, Settings, Verb};

/// What LVM2 says behind an error about options.
pub(crate) const PARSING: &str = "Error during parsing of command line.";

/// Reads one command about a logical volume from its words, the program first; `sudo`, `lvm` and a path in
/// front of it are passed over.
///
/// Where `lvcreate` names no volume group, the first argument may still be a physical volume:
/// [`LvCommand::volume_group`] then holds it until the volume group is known, unless it has ranges
/// or is a tag.
///
/// # Errors
/// [`CommandError`]; also for a command of LVM2 that is none of `lvcreate`, `lvextend` and what is printed
/// beside these.
pub fn read_command(words: &[String]) -> Result<LvCommand, CommandError> {
    let typed = read_step(words)?;
    match typed.step {
        Step::Volume(command) => Ok(command),
        Step::AsGiven => Err(CommandError::CommandNotPlanned {
            found: typed.line(),
            reason: "only `extentplan plan` goes that far",
        }),
        Step::Resize { .. }
        | Step::Remove { .. }
        | Step::Rename { .. }
        | Step::ChangeGroup { .. }
        | Step::ExtendGroup { .. }
        | Step::ReduceGroup { .. }
        | Step::ChangeVolumes { .. }
        | Step::ResizeVolumes { .. }
        | Step::Look => Err(CommandError::CommandNotPlanned {
            found: typed.program.name().to_string(),
            reason: "it places no extents; expected lvcreate or lvextend",
        }),
    }
}

/// Reads any command that a plan may have in it.
///
/// # Errors
/// [`CommandError`].
pub fn read_step(words: &[String]) -> Result<TypedStep, CommandError> {
    read_step_by(words, &Settings::default())
}

/// As [`read_step`], where settings say what type a volume has whose command names none.
///
/// # Errors
/// [`CommandError`].
pub fn read_step_by(words: &[String], settings: &Settings) -> Result<TypedStep, CommandError> {
    let mut typed = read_as_typed(words, Purpose::Plan)?;
    if let Step::Volume(command) | Step::Resize { command, .. } = &mut typed.step {
        name_type(command, settings);
        check::check(command)?;
    }
    Ok(typed)
}

/// Reads a command, and does not yet ask whether LVM2 would take it.
///
/// # Errors
/// [`CommandError`], if it cannot be read at all.
pub(crate) fn read_as_typed(words: &[String], purpose: Purpose) -> Result<TypedStep, CommandError> {
    if let Some(word) = words.iter().find(|word| !word.chars().all(is_printable)) {
        let found = word.clone();
        return Err(CommandError::Unprintable { found });
    }
    let is_before = |word: &&String| matches!(word.rsplit('/').next(), Some("sudo" | "lvm"));
    let before = words.iter().take_while(is_before).count();
    let Some((first, rest)) = words[before..].split_first() else {
        return Err(CommandError::Empty);
    };
    let program = Program::from_word(first).ok_or_else(|| not_read(first))?;
    let line = split(program, rest)?;
    let given = line.given();
    if let Some(word) = given.get("type").filter(|word| !is_segment_type(word)) {
        let message = format!(
            "WARNING: Unrecognised segment type {word}\nInvalid argument for --type: {word}\n{PARSING}"
        );
        return Err(CommandError::Lvm2 { message });
    }
    let mut words = vec![program.name().to_string()];
    words.extend_from_slice(rest);
    let mut typed = TypedStep {
        words,
        program,
        volume_group: None,
        given,
        step: Step::AsGiven,
    };
    let is_as_given = is_only_simulated(program, &typed.given);
    if purpose == Purpose::Plan {
        line.check_planned()?;
    }
    match purpose {
        Purpose::Plan if is_as_given && is_conversion(program, &typed.given) => {
            spell_out(program, &mut typed.given, &mut typed.volume_group)?;
        }
        Purpose::Replay if is_as_given => {}
        Purpose::Plan | Purpose::Replay => typed.step = step(&line, &mut typed.volume_group)?,
    }
    Ok(typed)
}

/// The command with its group in front of the volume that it is about, where it was typed without: LVM2 wants it
/// there.
#[must_use]
pub fn with_group_named(typed: &TypedStep, group: &str) -> TypedStep {
    let is_about_a_volume = matches!(
        typed.program,
        Program::LvConvert
            | Program::LvChange
            | Program::LvExtend
            | Program::LvResize
            | Program::LvReduce
    );
    let name = typed.given.arguments.first();
    let Some(name) = name.filter(|name| is_about_a_volume && !name.contains('/')) else {
        return typed.clone();
    };
    let path = format!("{group}/{name}");
    // The word may be the value of an option, too: only one of them is the argument.
    let places = (1..typed.words.len()).filter(|place| typed.words[*place] == *name);
    let named = places.map(|place| {
        let mut words = typed.words.clone();
        words[place].clone_from(&path);
        words
    });
    let is_argument = |words: &Vec<String>| {
        let line = split(typed.program, &words[1..]);
        line.is_ok_and(|line| line.given().arguments.first() == Some(&path))
    };
    let words = named.into_iter().find(is_argument);
    TypedStep {
        words: words.unwrap_or_else(|| typed.words.clone()),
        ..typed.clone()
    }
}

/// Whether all that a command is to a replay stands in its options and arguments.
fn is_only_simulated(program: Program, given: &Given) -> bool {
    match program {
        Program::LvChange | Program::LvConvert | Program::LvRemove | Program::LvRename => true,
        Program::LvCreate => given.is_layer(),
        Program::LvExtend
        | Program::LvResize
        | Program::LvReduce
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => false,
    }
}

/// Whether a command makes something else of what is there, or lays something on it; that two volumes become a
/// pool is printed here, too, and read as what is printed.
fn is_conversion(program: Program, given: &Given) -> bool {
    let joins =
        given.has("poolmetadata") && matches!(given.get("type"), Some("thin-pool" | "cache-pool"));
    program == Program::LvCreate || program == Program::LvConvert && !joins
}

/// The volumes of a conversion with their group, however they are spelled; the group goes to `group`.
fn spell_out(
    program: Program,
    given: &mut Given,
    group: &mut Option<String>,
) -> Result<(), CommandError> {
    const NAMING: [&str; 6] = [
        "cachepool",
        "cachevol",
        "name",
        "originname",
        "poolmetadata",
        "thinpool",
    ];
    let is_naming = |option: &&mut (&'static str, String)| NAMING.contains(&option.0);
    let options = given.options.iter_mut().filter(is_naming);
    let mut names: Vec<&mut String> = options.map(|(_, value)| value).collect();
    if let Some(first) = given.arguments.first_mut() {
        let plain = bare(first);
        if program == Program::LvCreate && !plain.contains('/') {
            set_group(group, Some(plain.clone()))?;
            *first = plain;
        } else {
            names.push(first);
        }
    }
    for text in names {
        let (named, name) = group_and_name(text)?;
        if let Some(named) = named {
            *text = format!("{named}/{name}");
            set_group(group, Some(named))?;
        }
    }
    Ok(())
}

/// A word that is none of the commands.
fn not_read(word: &str) -> CommandError {
    let found = word.to_string();
    let reason = match word.rsplit('/').next().unwrap_or(word) {
        "pvmove" => "it moves what is there",
        "vgsplit" | "vgmerge" => "it is about two volume groups",
        "vgexport" | "vgimport" | "vgimportclone" | "vgremove" | "vgrename" | "vgcfgrestore" => {
            "the group behind it is another one"
        }
        "pvremove" | "pvck" | "vgconvert" | "vgmknodes" | "lvmdevices" | "lvmconfig" => {
            "it is not about extents"
        }
        _ => return CommandError::UnknownCommand { found },
    };
    CommandError::CommandNotPlanned { found, reason }
}

/// What the command asks for; the group that it names goes to `group`.
fn step(given: &CommandLine, group: &mut Option<String>) -> Result<Step, CommandError> {
    match given.program {
        Program::LvCreate => volume_command(given, Verb::Create),
        Program::LvExtend => volume_command(given, Verb::Extend),
        Program::LvChange => volume_command(given, Verb::Change),
        Program::LvResize | Program::LvReduce => resize(given),
        Program::LvConvert => volume_command(given, Verb::Convert),
        Program::LvRemove => remove(given, group),
        Program::LvRename => rename(given, group),
        Program::VgChange => change_group(given, group),
        Program::VgExtend | Program::VgReduce => change_devices(given, group),
        Program::PvChange => change_volumes(given),
        Program::PvResize => resize_volumes(given),
        Program::VgCk => {
            whole_group(given, group)?;
            Ok(Step::Look)
        }
    }
}
